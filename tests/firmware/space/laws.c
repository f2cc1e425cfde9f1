/* What must be true of every event in every state. */
#include "space.h"

static bool is_armed(const view_t *view)
{
    return view->car.safety.state == PCP_STATE_ARMED;
}

static bool is_stopped(const view_t *view)
{
    return view->car.safety.state == PCP_STATE_STOPPED;
}

static bool is_step(const event_t *event)
{
    return (event->kind & KIND_STEP) != 0;
}

static float size_of(float value)
{
    return value < 0.0f ? -value : value;
}

/* What the wheel is told that is told to turn fastest, as a rim speed. */
static float fastest(const view_t *view)
{
    const pcp_twist_t *set = &view->car.motion.set;
    return size_of(set->vx_mps) + size_of(set->wz_radps) * view->car.config.track_m / 2.0f;
}

static uint32_t age_us(const view_t *view, uint32_t since_us)
{
    return view->car.now_us - since_us;
}

/* By what protocol.yaml says of each cause: it takes the motion away, and not the host's word alone does. */
static bool has_cause(const view_t *view)
{
    static const uint8_t effects[] = PCP_EFFECTS;
    bool any = false;
    for (unsigned cause = 0; cause < sizeof effects; cause++) {
        any = any || (effects[cause] >= PCP_EFFECT_RAMP && (view->car.safety.lasting >> cause & 1u) != 0);
    }
    return any;
}

static bool is_noted(const view_t *view, pcp_cause_t cause)
{
    return (view->car.safety.lasting >> (unsigned)cause & 1u) != 0;
}

/* A car that stands at an edge, or whose wheels misbehaved while they had power, may be armed and driven away. */
static bool has_cause_at_rest(const view_t *view)
{
    return is_noted(view, PCP_CAUSE_BUMPER) || is_noted(view, PCP_CAUSE_UNDERVOLTAGE) || is_noted(view, PCP_CAUSE_TILT) ||
           is_noted(view, PCP_CAUSE_BATTERY_SENSOR) || is_noted(view, PCP_CAUSE_CHARGING) ||
           is_noted(view, PCP_CAUSE_MEMORY);
}

static bool power_needs_a_reason(const view_t *before, const view_t *after, const event_t *event)
{
    (void)before;
    (void)event;
    return after->outputs.enable == 0 || is_armed(after) || after->car.safety.braking || !is_step(event);
}

static bool no_power_no_duty(const view_t *before, const view_t *after, const event_t *event)
{
    (void)before;
    (void)event;
    bool is_zero = true;
    for (unsigned i = 0; i < PCP_WHEELS; i++) {
        is_zero = is_zero && after->outputs.duty_permille[i] == 0;
    }
    return after->outputs.enable != 0 || is_zero;
}

/* What is believed for long enough is noted, and only that. */
static bool what_is_believed_is_noted(const view_t *before, const view_t *after, const event_t *event)
{
    const pcp_safety_t *safety = &after->car.safety;
    (void)before;
    return !is_step(event) || (is_noted(after, PCP_CAUSE_CHARGING) == safety->charging.is &&
                               is_noted(after, PCP_CAUSE_UNDERVOLTAGE) == safety->battery_low.is &&
                               is_noted(after, PCP_CAUSE_BATTERY_SENSOR) == safety->battery_untrue.is &&
                               is_noted(after, PCP_CAUSE_BUMPER) == (safety->bumpers != 0) &&
                               is_noted(after, PCP_CAUSE_IMU_SILENT) == after->car.imu.silent &&
                               is_noted(after, PCP_CAUSE_RANGE_SILENT) == after->car.reflex.silent);
}

static bool only_a_driven_car_speeds_up(const view_t *before, const view_t *after, const event_t *event)
{
    (void)event;
    const bool is_driven = is_armed(after) && after->car.order.lease_valid && !after->car.reflex.silent &&
                           !after->car.imu.silent && !has_cause(after);
    return is_driven || fastest(after) <= fastest(before);
}

static bool never_towards_something_near(const view_t *before, const view_t *after, const event_t *event)
{
    (void)event;
    const float was_mps = before->car.motion.set.vx_mps;
    const bool is_near = (after->car.reflex.near & after->car.reflex.front) != 0;
    return !is_near || after->car.motion.set.vx_mps <= (was_mps > 0.0f ? was_mps : 0.0f);
}

static bool something_near_brakes(const view_t *before, const view_t *after, const event_t *event)
{
    const float was_mps = before->car.motion.set.vx_mps;
    const bool is_near = (after->car.reflex.near & after->car.reflex.front) != 0;
    return !is_step(event) || !is_near || was_mps <= 0.0f || after->car.motion.set.vx_mps < was_mps;
}

static bool only_arm_arms(const view_t *before, const view_t *after, const event_t *event)
{
    return is_armed(before) || !is_armed(after) || (event->kind & KIND_ARM) != 0;
}

static bool arming_has_conditions(const view_t *before, const view_t *after, const event_t *event)
{
    (void)event;
    const pcp_controller_t *car = &before->car;
    const bool may = car->safety.state == PCP_STATE_DISARMED && !has_cause_at_rest(before) && car->motion.at_rest &&
                     !car->reflex.silent && !car->imu.silent && car->imu.implausible_left_us == 0 &&
                     !after->car.memory.damaged && car->owner.session != 0;
    return is_armed(before) || !is_armed(after) || may;
}

static bool arming_alone_moves_nothing(const view_t *before, const view_t *after, const event_t *event)
{
    (void)event;
    return is_armed(before) || !is_armed(after) || (!after->car.order.lease_valid && fastest(after) == 0.0f);
}

static bool stop_is_always_heard(const view_t *before, const view_t *after, const event_t *event)
{
    (void)before;
    return (event->kind & KIND_STOP) == 0 || is_stopped(after);
}

static bool stop_is_latched(const view_t *before, const view_t *after, const event_t *event)
{
    const bool may = (event->kind & KIND_CLEAR) != 0 && !has_cause_at_rest(before) && before->car.motion.at_rest &&
                     !before->car.safety.braking && after->car.safety.state == PCP_STATE_DISARMED;
    return !is_stopped(before) || is_stopped(after) || may;
}

static bool nothing_latched_nothing_released(const view_t *before, const view_t *after, const event_t *event)
{
    const bool is_clear = (event->kind & KIND_CLEAR) != 0;
    return !is_clear || is_stopped(before) || before->car.safety.state == after->car.safety.state;
}

static bool every_stop_has_its_number(const view_t *before, const view_t *after, const event_t *event)
{
    (void)event;
    const uint16_t more = (uint16_t)(after->car.safety.stop_count - before->car.safety.stop_count);
    return more == (!is_stopped(before) && is_stopped(after) ? 1 : 0);
}

static bool causes_stop_a_powered_car(const view_t *before, const view_t *after, const event_t *event)
{
    const bool was_on = is_armed(before) || before->car.safety.braking;
    const bool must = has_cause(after) || (event->kind & KIND_LATE) != 0;
    return !is_step(event) || !was_on || !must || is_stopped(after);
}

static bool nothing_is_wanted_unless_armed(const view_t *before, const view_t *after, const event_t *event)
{
    (void)before;
    (void)event;
    return is_armed(after) || !after->car.order.lease_valid;
}

static bool a_lease_ends(const view_t *before, const view_t *after, const event_t *event)
{
    (void)before;
    return !is_step(event) || !after->car.order.lease_valid ||
           age_us(after, after->car.order.lease_from_us) < 1000u * LEASE_MS;
}

static bool braking_ends(const view_t *before, const view_t *after, const event_t *event)
{
    (void)before;
    const uint32_t for_us = age_us(after, after->car.safety.brake_from_us);
    const bool is_held = after->car.safety.shorted && for_us < SHORT_US;
    return !is_step(event) || !after->car.safety.braking ||
           (for_us < BRAKE_LIMIT_US && (is_held || !after->car.motion.at_rest));
}

static bool some_causes_cut_the_power(const view_t *before, const view_t *after, const event_t *event)
{
    (void)before;
    const bool must = is_noted(after, PCP_CAUSE_TILT) || is_noted(after, PCP_CAUSE_MEMORY);
    return !is_step(event) || !must || after->outputs.enable == 0;
}

static bool shorted_motors_get_no_duty(const view_t *before, const view_t *after, const event_t *event)
{
    (void)before;
    bool is_zero = true;
    for (unsigned i = 0; i < PCP_WHEELS; i++) {
        is_zero = is_zero && after->outputs.duty_permille[i] == 0;
    }
    return !is_step(event) || !after->car.safety.shorted || (is_zero && fastest(after) == 0.0f);
}

static bool shorted_motors_are_held(const view_t *before, const view_t *after, const event_t *event)
{
    const bool ends = before->car.safety.shorted && !after->car.safety.shorted;
    const bool is_cut = is_noted(after, PCP_CAUSE_TILT) || is_noted(after, PCP_CAUSE_MEMORY);
    return !is_step(event) || !ends || is_cut || age_us(after, before->car.safety.brake_from_us) >= SHORT_US;
}

static bool an_edge_is_not_driven_over(const view_t *before, const view_t *after, const event_t *event)
{
    (void)event;
    const float was_mps = before->car.motion.set.vx_mps;
    return after->car.reflex.cliffs == 0 || after->car.motion.set.vx_mps <= (was_mps > 0.0f ? was_mps : 0.0f);
}

static bool a_silent_host_is_disarmed(const view_t *before, const view_t *after, const event_t *event)
{
    (void)before;
    const uint32_t silent_us = age_us(after, after->car.safety.owner_heard_us);
    const uint32_t limit_us = 1000u * HOST_SILENT_MS + (after->car.motion.at_rest ? 0u : BRAKE_LIMIT_US);
    return !is_step(event) || !is_armed(after) || silent_us < limit_us;
}

static bool disarm_is_always_heard(const view_t *before, const view_t *after, const event_t *event)
{
    return (event->kind & KIND_DISARM) == 0 || before->car.owner.session == 0 || !is_armed(after);
}

static bool an_armed_car_is_not_given_away(const view_t *before, const view_t *after, const event_t *event)
{
    (void)event;
    const bool changes = before->car.owner.session != after->car.owner.session;
    const bool is_silent = age_us(before, before->car.safety.owner_heard_us) >= 1000u * HOST_SILENT_MS &&
                           !before->car.order.lease_valid;
    return !changes || ((event->kind & KIND_HELLO) != 0 && !is_armed(after) && (!is_armed(before) || is_silent));
}

static bool powerless_frames_change_nothing(const view_t *before, const view_t *after, const event_t *event)
{
    const size_t from = offsetof(pcp_controller_t, owner);
    return (event->kind & KIND_POWERLESS) == 0 || memcmp((const uint8_t *)&before->car + from,
                                                         (const uint8_t *)&after->car + from,
                                                         sizeof before->car - from) == 0;
}

static bool an_old_drive_changes_nothing(const view_t *before, const view_t *after, const event_t *event)
{
    const bool is_new = !before->car.order.any_count || before->car.owner.session == 0;
    return (event->kind & KIND_OLD) == 0 || is_new ||
           memcmp(&before->car.order, &after->car.order, sizeof before->car.order) == 0;
}

static bool frames_do_not_move_the_wheels(const view_t *before, const view_t *after, const event_t *event)
{
    return is_step(event) || fastest(after) == fastest(before) || fastest(after) == 0.0f;
}

static bool without_power_the_ramp_is_at_zero(const view_t *before, const view_t *after, const event_t *event)
{
    (void)before;
    return !is_step(event) || after->outputs.enable != 0 || fastest(after) == 0.0f;
}

const law_t LAWS[] = {
    {"the motors have power only while ARMED, or while braking", power_needs_a_reason},
    {"without power every duty is zero", no_power_no_duty},
    {"nothing that is wrong is without its cause", what_is_believed_is_noted},
    {"wheel targets grow only while ARMED, leased and seeing, with no cause to stop", only_a_driven_car_speeds_up},
    {"wheel targets never grow towards something near", never_towards_something_near},
    {"motion towards something near gets slower in every step", something_near_brakes},
    {"nothing but ARM of the owner leads to ARMED", only_arm_arms},
    {"ARM is refused with a latched STOP, a cause, turning wheels, silent ranges or no owner", arming_has_conditions},
    {"ARM alone moves nothing, whatever was sent before", arming_alone_moves_nothing},
    {"STOP and BREAK are obeyed in every state", stop_is_always_heard},
    {"STOPPED is left only by CLEAR_STOP with its number, cause gone, wheels at rest, and only to DISARMED", stop_is_latched},
    {"CLEAR_STOP changes no state where nothing is latched", nothing_latched_nothing_released},
    {"every latched STOP has a number of its own", every_stop_has_its_number},
    {"every cause that protocol.yaml lets stop a car, a bumper or a late step, stops one that has power", causes_stop_a_powered_car},
    {"no wish outlives ARMED", nothing_is_wanted_unless_armed},
    {"no lease outlives its time", a_lease_ends},
    {"braking ends with the wheels at rest, or after 1.5 s", braking_ends},
    {"a tilted car and a damaged memory take the power in the same step", some_causes_cut_the_power},
    {"short-circuited motors get no duty", shorted_motors_get_no_duty},
    {"short-circuited motors are held for half a second", shorted_motors_are_held},
    {"forward speed never grows at an edge ahead", an_edge_is_not_driven_over},
    {"a host that is silent too long does not keep a car armed", a_silent_host_is_disarmed},
    {"DISARM of the owner is obeyed in every state", disarm_is_always_heard},
    {"a car changes hands only by HELLO, disarmed, and never while its owner drives", an_armed_car_is_not_given_away},
    {"frames that are foreign, short of lease, repeated or malformed change nothing", powerless_frames_change_nothing},
    {"a DRIVE with an old count changes nothing", an_old_drive_changes_nothing},
    {"between steps wheel targets do not change but to zero", frames_do_not_move_the_wheels},
    {"without power the ramp stands at zero", without_power_the_ramp_is_at_zero},
};
const size_t LAW_COUNT = sizeof LAWS / sizeof LAWS[0];
