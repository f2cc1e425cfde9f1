/* What the motors may do: disarmed, armed, stopped, and every way from one to another.
 *
 * What a cause does is a column of protocol.yaml. RAMP and DISARM brake the wheels along the ramp; BRAKE
 * short-circuits the motors, because their measured speed is not to be trusted; CUT switches the bridge off
 * at once. The bridge is off when the wheels are at rest, or after PCP_BRAKE_LIMIT_US if they never are. */
#include "pcp_parts.h"

static const uint8_t EFFECTS[] = PCP_EFFECTS;

/* What stops a car whose motors may pull, the gravest first: of several the first one is told. */
static const uint8_t STOPPING[] = {
    PCP_CAUSE_TILT,           PCP_CAUSE_MEMORY,       PCP_CAUSE_RUNAWAY,        PCP_CAUSE_BUMPER,
    PCP_CAUSE_CLIFF,          PCP_CAUSE_ENCODER_SIGN, PCP_CAUSE_ENCODER_DEAD,   PCP_CAUSE_WHEEL_MISMATCH,
    PCP_CAUSE_STALL,          PCP_CAUSE_YAW_MISMATCH, PCP_CAUSE_BATTERY_SENSOR, PCP_CAUSE_UNDERVOLTAGE,
    PCP_CAUSE_CHARGING,       PCP_CAUSE_OVERRUN,
};

/* What refuses arming while it lasts. All but the silent sensors also keep a STOP from being released. */
static const struct {
    uint8_t cause;
    uint16_t check;
} REFUSING[] = {
    {PCP_CAUSE_BUMPER, PCP_ARM_CHECK_BUMPER_PRESSED},
    {PCP_CAUSE_UNDERVOLTAGE, PCP_ARM_CHECK_UNDERVOLTAGE},
    {PCP_CAUSE_TILT, PCP_ARM_CHECK_TILTED},
    {PCP_CAUSE_BATTERY_SENSOR, PCP_ARM_CHECK_BATTERY_SENSOR},
    {PCP_CAUSE_CHARGING, PCP_ARM_CHECK_CHARGING},
    {PCP_CAUSE_MEMORY, PCP_ARM_CHECK_MEMORY},
    {PCP_CAUSE_RANGE_SILENT, PCP_ARM_CHECK_RANGES_SILENT},
    {PCP_CAUSE_IMU_SILENT, PCP_ARM_CHECK_IMU_SILENT},
};

static bool is_over(uint32_t now_us, uint32_t since_us, uint32_t limit_us)
{
    return now_us - since_us >= limit_us;
}

bool pcp_motors_enabled(const pcp_controller_t *ctl)
{
    return ctl->safety.state == PCP_STATE_ARMED || ctl->safety.braking;
}

void pcp_note(pcp_controller_t *ctl, pcp_cause_t cause, bool is_there)
{
    const uint32_t bit = 1u << (unsigned)cause;
    ctl->safety.lasting = is_there ? ctl->safety.lasting | bit : ctl->safety.lasting & ~bit;
}

bool pcp_is_noted(const pcp_controller_t *ctl, pcp_cause_t cause)
{
    return (ctl->safety.lasting >> (unsigned)cause & 1u) != 0;
}

/* Old wishes end here: nothing that was sent before the next ARM moves the car. */
static void leave_armed(pcp_controller_t *ctl, pcp_state_t state, pcp_cause_t cause, uint32_t now_us)
{
    if (ctl->safety.state == PCP_STATE_ARMED) {
        ctl->safety.braking = true;
        ctl->safety.shorted = false;
        ctl->safety.brake_from_us = now_us;
    }
    ctl->safety.state = (uint8_t)state;
    ctl->safety.cause = (uint8_t)cause;
    ctl->order.lease_valid = false;
    ctl->order.twist = (pcp_twist_t){0.0f, 0.0f, 0.0f};
}

/* How the wheels of a car that is no longer armed come to rest. The time to brake is that of the first cause. */
static void take_effect(pcp_controller_t *ctl, pcp_cause_t cause)
{
    pcp_safety_t *safety = &ctl->safety;
    const uint8_t effect = EFFECTS[cause];
    if (!safety->braking || effect < PCP_EFFECT_BRAKE) {
        return;
    }
    safety->braking = effect == PCP_EFFECT_BRAKE;
    safety->shorted = safety->braking;
    pcp_motion_reset(&ctl->motion);
}

uint16_t pcp_arm_checks(const pcp_controller_t *ctl)
{
    unsigned failing = 0;
    failing |= ctl->safety.state == PCP_STATE_STOPPED ? PCP_ARM_CHECK_STOP_LATCHED : 0u;
    failing |= !ctl->motion.at_rest ? PCP_ARM_CHECK_WHEELS_MOVING : 0u;
    failing |= ctl->motion.at_rest && ctl->imu.implausible_left_us > 0 ? PCP_ARM_CHECK_IMU_IMPLAUSIBLE : 0u;
    failing |= ctl->owner.session == 0 ? PCP_ARM_CHECK_NO_SESSION : 0u;
    for (unsigned i = 0; i < sizeof REFUSING / sizeof REFUSING[0]; i++) {
        failing |= pcp_is_noted(ctl, (pcp_cause_t)REFUSING[i].cause) ? REFUSING[i].check : 0u;
    }
    return (uint16_t)failing;
}

uint16_t pcp_arm(pcp_controller_t *ctl, uint32_t now_us)
{
    if (ctl->safety.state == PCP_STATE_ARMED) {
        return 0;
    }
    (void)pcp_memory_is_sound(ctl);
    const uint16_t failing = pcp_arm_checks(ctl);
    if (failing != 0) {
        pcp_line_event(ctl, PCP_SEVERITY_CAUTION, PCP_EVENT_CODE_ARM_REFUSED, failing, now_us);
        return failing;
    }
    pcp_motion_reset(&ctl->motion);
    ctl->faults = (pcp_faults_t){0};
    ctl->order.lease_valid = false;
    ctl->order.twist = (pcp_twist_t){0.0f, 0.0f, 0.0f};
    ctl->safety.state = PCP_STATE_ARMED;
    ctl->safety.cause = PCP_CAUSE_NONE;
    ctl->safety.braking = false;
    ctl->safety.shorted = false;
    ctl->safety.owner_heard_us = now_us;
    pcp_line_event(ctl, PCP_SEVERITY_INFO, PCP_EVENT_CODE_ARMED, 0, now_us);
    return 0;
}

void pcp_disarm(pcp_controller_t *ctl, pcp_cause_t cause, uint32_t now_us)
{
    if (ctl->safety.state != PCP_STATE_ARMED) {
        return;
    }
    leave_armed(ctl, PCP_STATE_DISARMED, cause, now_us);
    pcp_line_event(ctl, cause == PCP_CAUSE_NONE ? PCP_SEVERITY_INFO : PCP_SEVERITY_WARNING,
                   PCP_EVENT_CODE_DISARMED, (int32_t)cause, now_us);
}

static bool is_graver(const pcp_safety_t *safety, pcp_cause_t cause)
{
    return safety->braking && EFFECTS[cause] >= PCP_EFFECT_BRAKE && EFFECTS[cause] > EFFECTS[safety->cause];
}

/* A STOP that is latched stays as it is, but for something graver while the wheels still turn. */
void pcp_stop(pcp_controller_t *ctl, pcp_cause_t cause, uint32_t now_us)
{
    pcp_safety_t *safety = &ctl->safety;
    const bool is_latched = safety->state == PCP_STATE_STOPPED;
    if (is_latched && !is_graver(safety, cause)) {
        return;
    }
    leave_armed(ctl, PCP_STATE_STOPPED, cause, now_us);
    take_effect(ctl, cause);
    safety->stop_count = (uint16_t)(safety->stop_count + (is_latched ? 0u : 1u));
    pcp_line_event(ctl, PCP_SEVERITY_WARNING, PCP_EVENT_CODE_STOP_LATCHED, (int32_t)cause, now_us);
}

static bool may_clear(const pcp_controller_t *ctl)
{
    const unsigned keeping = PCP_ARM_CHECK_BUMPER_PRESSED | PCP_ARM_CHECK_UNDERVOLTAGE | PCP_ARM_CHECK_TILTED |
                             PCP_ARM_CHECK_BATTERY_SENSOR | PCP_ARM_CHECK_CHARGING | PCP_ARM_CHECK_MEMORY |
                             PCP_ARM_CHECK_WHEELS_MOVING;
    return (pcp_arm_checks(ctl) & keeping) == 0 && !ctl->safety.braking;
}

pcp_result_t pcp_clear_stop(pcp_controller_t *ctl, int32_t stop_count, uint32_t now_us)
{
    const pcp_safety_t *safety = &ctl->safety;
    if (stop_count != safety->stop_count) {
        return PCP_RESULT_BAD_ARGUMENT;
    }
    if (safety->state != PCP_STATE_STOPPED) {
        return PCP_RESULT_OK;
    }
    if (!may_clear(ctl)) {
        return PCP_RESULT_DENIED;
    }
    leave_armed(ctl, PCP_STATE_DISARMED, PCP_CAUSE_NONE, now_us);
    pcp_line_event(ctl, PCP_SEVERITY_INFO, PCP_EVENT_CODE_STOP_CLEARED, 0, now_us);
    return PCP_RESULT_OK;
}

static void watch_lease(pcp_controller_t *ctl, uint32_t now_us)
{
    pcp_order_t *order = &ctl->order;
    if (order->lease_valid && is_over(now_us, order->lease_from_us, order->lease_us)) {
        order->lease_valid = false;
        pcp_line_event(ctl, PCP_SEVERITY_CAUTION, PCP_EVENT_CODE_LEASE_EXPIRED, 0, now_us);
    }
}

/* The lease has ended the motion before; disarming waits for the wheels, but not for ever. */
static void watch_host(pcp_controller_t *ctl, uint32_t now_us)
{
    const uint32_t silent_us = 1000u * ctl->config.host_silent_ms;
    const uint32_t heard_us = ctl->safety.owner_heard_us;
    if (ctl->safety.state != PCP_STATE_ARMED || !is_over(now_us, heard_us, silent_us)) {
        return;
    }
    if (ctl->motion.at_rest || is_over(now_us, heard_us, silent_us + PCP_BRAKE_LIMIT_US)) {
        pcp_disarm(ctl, PCP_CAUSE_HOST_SILENT, now_us);
    }
}

/* What is judged here, because it needs no memory of its own. */
static void note_present(pcp_controller_t *ctl, uint32_t elapsed_us)
{
    const bool is_late = elapsed_us > PCP_OVERRUN_US;
    pcp_note(ctl, PCP_CAUSE_BUMPER, ctl->safety.bumpers != 0);
    pcp_note(ctl, PCP_CAUSE_CLIFF, pcp_reflex_is_over_edge(&ctl->reflex, &ctl->motion.set));
    pcp_note(ctl, PCP_CAUSE_RANGE_SILENT, ctl->reflex.silent);
    pcp_note(ctl, PCP_CAUSE_OVERRUN, is_late);
}

static void stop_for_causes(pcp_controller_t *ctl, uint32_t now_us)
{
    for (unsigned i = 0; i < sizeof STOPPING && pcp_motors_enabled(ctl); i++) {
        if (pcp_is_noted(ctl, (pcp_cause_t)STOPPING[i])) {
            pcp_stop(ctl, (pcp_cause_t)STOPPING[i], now_us);
        }
    }
}

static void end_braking(pcp_controller_t *ctl, uint32_t now_us)
{
    pcp_safety_t *safety = &ctl->safety;
    const uint32_t least_us = safety->shorted ? PCP_SHORT_US : 0;
    const bool is_done = ctl->motion.at_rest && is_over(now_us, safety->brake_from_us, least_us);
    if (is_done || is_over(now_us, safety->brake_from_us, PCP_BRAKE_LIMIT_US)) {
        safety->braking = false;
        safety->shorted = false;
    }
}

void pcp_safety_watch(pcp_controller_t *ctl, const pcp_inputs_t *in, uint32_t elapsed_us)
{
    ctl->safety.bumpers = in->bumpers;
    pcp_supply_watch(ctl, in, elapsed_us);
    pcp_imu_watch(ctl, in, elapsed_us);
    pcp_memory_watch(ctl);
    pcp_faults_watch(ctl, elapsed_us);
    note_present(ctl, elapsed_us);
    stop_for_causes(ctl, in->now_us);
    watch_lease(ctl, in->now_us);
    watch_host(ctl, in->now_us);
    if (ctl->safety.braking) {
        end_braking(ctl, in->now_us);
    }
}

pcp_twist_t pcp_safety_wanted(const pcp_controller_t *ctl)
{
    const bool may_drive = ctl->safety.state == PCP_STATE_ARMED && ctl->order.lease_valid && !ctl->reflex.silent &&
                           !ctl->imu.silent;
    return may_drive ? ctl->order.twist : (pcp_twist_t){0.0f, 0.0f, 0.0f};
}

pcp_cause_t pcp_cause(const pcp_controller_t *ctl)
{
    if (ctl->safety.state != PCP_STATE_ARMED) {
        return (pcp_cause_t)ctl->safety.cause;
    }
    if (ctl->reflex.silent) {
        return PCP_CAUSE_RANGE_SILENT;
    }
    if (ctl->imu.silent) {
        return PCP_CAUSE_IMU_SILENT;
    }
    if (!ctl->order.lease_valid) {
        return PCP_CAUSE_LEASE_EXPIRED;
    }
    if (ctl->reflex.holding_at_cliff) {
        return PCP_CAUSE_CLIFF;
    }
    return ctl->reflex.holding ? PCP_CAUSE_NEAR_RANGE : PCP_CAUSE_NONE;
}
