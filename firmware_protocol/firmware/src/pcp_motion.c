/* Wheels: how fast they turn, and how fast they should.
 *
 * The wanted twist is approached along a ramp that is the same share of the way for every wheel, so
 * speeding up and braking keep the curvature. */
#include "pcp_parts.h"

static const float MICRO = 1e-6f;
static const float REST_SPEED_MPS = 0.02f; /* two counts may be this slow and still are motion */
enum { REST_MIN_US = 100000, REST_MAX_US = 1000000 };

void pcp_motion_init(pcp_controller_t *ctl)
{
    const float two_counts_us = 2.0f * ctl->config.metres_per_tick / REST_SPEED_MPS / MICRO;
    ctl->motion.rest_us = REST_MIN_US;
    if (two_counts_us > (float)REST_MIN_US) {
        ctl->motion.rest_us = two_counts_us > (float)REST_MAX_US ? REST_MAX_US : (uint32_t)two_counts_us;
    }
}

void pcp_motion_reset(pcp_motion_t *motion)
{
    motion->set = (pcp_twist_t){0.0f, 0.0f, 0.0f};
    motion->slowing = false;
    for (unsigned i = 0; i < PCP_WHEELS; i++) {
        motion->wheels[i].integral = 0.0f;
        motion->wheels[i].target_mps = 0.0f;
        motion->wheels[i].duty = 0.0f;
    }
}

/* Rest is no count, or one count to and fro (a wheel that stands on an edge), for rest_us. */
static void watch_rest(pcp_motion_t *motion, unsigned wheels, const pcp_inputs_t *in)
{
    for (unsigned i = 0; i < wheels; i++) {
        const int32_t moved = pcp_ticks_since(in->ticks[i], motion->wheels[i].rest_ticks);
        if (moved > 1 || moved < -1) {
            motion->wheels[i].rest_ticks = in->ticks[i];
            motion->moved_us = in->now_us;
            motion->at_rest = false;
        }
    }
    if (in->now_us - motion->moved_us >= motion->rest_us) {
        motion->at_rest = true;
    }
}

/* There is no past at the first step: the car is taken to have stood still, but not yet to be at rest. */
static void start_measuring(pcp_motion_t *motion, const pcp_inputs_t *in)
{
    for (unsigned past = 0; past < PCP_SPEED_WINDOW; past++) {
        motion->past_us[past] = in->now_us;
        for (unsigned i = 0; i < PCP_WHEELS; i++) {
            motion->past_ticks[past][i] = in->ticks[i];
        }
    }
    for (unsigned i = 0; i < PCP_WHEELS; i++) {
        motion->wheels[i].rest_ticks = in->ticks[i];
        motion->wheels[i].last_ticks = in->ticks[i];
    }
    motion->moved_us = in->now_us;
    motion->at_rest = false;
}

/* For how long a wheel has not given a single count. */
static void wait_for_count(pcp_wheel_t *wheel, int32_t ticks, uint32_t elapsed_us)
{
    const uint32_t longer_us = wheel->uncounted_us + elapsed_us;
    wheel->uncounted_us = ticks != wheel->last_ticks ? 0 : (longer_us < elapsed_us ? UINT32_MAX : longer_us);
    wheel->last_ticks = ticks;
}

void pcp_motion_measure(pcp_controller_t *ctl, const pcp_inputs_t *in, uint32_t step_us)
{
    pcp_motion_t *motion = &ctl->motion;
    const unsigned wheels = pcp_wheel_count(ctl->config.chassis);
    if (!ctl->stepped) {
        start_measuring(motion, in);
    }
    int32_t *past_ticks = motion->past_ticks[motion->past_next];
    const uint32_t elapsed_us = in->now_us - motion->past_us[motion->past_next];
    const float metres_per_second = elapsed_us == 0 ? 0.0f : ctl->config.metres_per_tick / ((float)elapsed_us * MICRO);
    for (unsigned i = 0; i < wheels; i++) {
        motion->wheels[i].speed_mps = (float)pcp_ticks_since(in->ticks[i], past_ticks[i]) * metres_per_second;
        past_ticks[i] = in->ticks[i];
        wait_for_count(&motion->wheels[i], in->ticks[i], step_us);
    }
    motion->past_us[motion->past_next] = in->now_us;
    motion->past_next = (uint8_t)((motion->past_next + 1) % PCP_SPEED_WINDOW);
    watch_rest(motion, wheels, in);
}

/* The share of the way from `now` to `wanted` that this step may go: the least of all wheels. */
static float ramp_share(const pcp_config_t *config, const pcp_twist_t *now, const pcp_twist_t *wanted,
                        float brake_mps2, float dt_s)
{
    float now_mps[PCP_WHEELS];
    float wanted_mps[PCP_WHEELS];
    float share = 1.0f;
    pcp_wheel_speeds(config, now, now_mps);
    pcp_wheel_speeds(config, wanted, wanted_mps);
    for (unsigned i = 0; i < PCP_WHEELS; i++) {
        const float way_mps = wanted_mps[i] - now_mps[i];
        const bool is_braking = way_mps * now_mps[i] < 0.0f;
        const float step_mps = (is_braking ? brake_mps2 : config->accel_mps2) * dt_s;
        if (pcp_magnitude(way_mps) * share > step_mps) {
            share = step_mps / pcp_magnitude(way_mps);
        }
    }
    return share;
}

/* Motion towards a near range ends faster than the ramp, whatever the other axes do meanwhile. */
static void brake_forbidden(float *set_mps, float *wanted_mps, float step_mps)
{
    *set_mps = pcp_magnitude(*set_mps) <= step_mps ? 0.0f : *set_mps - pcp_sign(*set_mps) * step_mps;
    *wanted_mps = *set_mps;
}

static void follow_ramp(pcp_controller_t *ctl, pcp_twist_t wanted, float dt_s)
{
    pcp_twist_t *set = &ctl->motion.set;
    const float fast_mps2 = (float)PCP_REFLEX_BRAKE * ctl->config.decel_mps2;
    const bool is_urgent = ctl->safety.bumpers != 0 || pcp_reflex_is_over_edge(&ctl->reflex, set);
    const unsigned forbidden = pcp_reflex_forbids(&ctl->reflex, set);
    if ((forbidden & PCP_AXIS_FORWARD) != 0) {
        brake_forbidden(&set->vx_mps, &wanted.vx_mps, fast_mps2 * dt_s);
    }
    if ((forbidden & PCP_AXIS_SIDEWAYS) != 0) {
        brake_forbidden(&set->vy_mps, &wanted.vy_mps, fast_mps2 * dt_s);
    }
    const float share = ramp_share(&ctl->config, set, &wanted, is_urgent ? fast_mps2 : ctl->config.decel_mps2, dt_s);
    if (share >= 1.0f) {
        *set = wanted;
        return;
    }
    set->vx_mps += share * (wanted.vx_mps - set->vx_mps);
    set->vy_mps += share * (wanted.vy_mps - set->vy_mps);
    set->wz_radps += share * (wanted.wz_radps - set->wz_radps);
}

void pcp_motion_drive(pcp_controller_t *ctl, const pcp_twist_t *wanted, float dt_s)
{
    pcp_motion_t *motion = &ctl->motion;
    float targets_mps[PCP_WHEELS];
    const pcp_twist_t possible = pcp_steering_bound(ctl, *wanted);
    motion->set = pcp_steering_bound(ctl, motion->set);
    follow_ramp(ctl, pcp_twist_within_limits(&ctl->config, &possible), dt_s);
    motion->set = pcp_steering_bound(ctl, motion->set);
    pcp_wheel_speeds(&ctl->config, &motion->set, targets_mps);
    for (unsigned i = 0; i < pcp_wheel_count(ctl->config.chassis); i++) {
        motion->wheels[i].duty = pcp_wheel_duty(&ctl->config, &motion->wheels[i], targets_mps[i], dt_s);
        motion->wheels[i].target_mps = targets_mps[i];
    }
}
