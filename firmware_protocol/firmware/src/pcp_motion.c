/* Wheels: how fast they turn, how fast they should, and the duty that makes it so.
 *
 * The wanted twist is approached along a ramp that is the same share of the way for every wheel, so
 * speeding up and braking keep the curvature. Each wheel has a PI loop on top of a feed-forward. */
#include "pcp_parts.h"

static const float MICRO = 1e-6f;
static const float REST_SPEED_MPS = 0.02f; /* two counts may be this slow and still are motion */
enum { REST_MIN_US = 100000, REST_MAX_US = 1000000 };

static float magnitude(float value)
{
    return value < 0.0f ? -value : value;
}

static float sign(float value)
{
    return value > 0.0f ? 1.0f : (value < 0.0f ? -1.0f : 0.0f);
}

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
    }
    motion->moved_us = in->now_us;
    motion->at_rest = false;
}

void pcp_motion_measure(pcp_controller_t *ctl, const pcp_inputs_t *in)
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
        if (magnitude(way_mps) * share > step_mps) {
            share = step_mps / magnitude(way_mps);
        }
    }
    return share;
}

/* Motion towards a near range ends faster than the ramp, whatever the other axes do meanwhile. */
static void brake_forbidden(pcp_twist_t *set, float step_mps)
{
    set->vx_mps = magnitude(set->vx_mps) <= step_mps ? 0.0f : set->vx_mps - sign(set->vx_mps) * step_mps;
}

static void follow_ramp(pcp_controller_t *ctl, pcp_twist_t wanted, float dt_s)
{
    pcp_twist_t *set = &ctl->motion.set;
    const float fast_mps2 = (float)PCP_REFLEX_BRAKE * ctl->config.decel_mps2;
    const float brake_mps2 = ctl->safety.bumpers != 0 ? fast_mps2 : ctl->config.decel_mps2;
    if (pcp_reflex_forbids(&ctl->reflex, set->vx_mps)) {
        brake_forbidden(set, fast_mps2 * dt_s);
        wanted.vx_mps = set->vx_mps;
    }
    const float share = ramp_share(&ctl->config, set, &wanted, brake_mps2, dt_s);
    if (share >= 1.0f) {
        *set = wanted;
        return;
    }
    set->vx_mps += share * (wanted.vx_mps - set->vx_mps);
    set->vy_mps += share * (wanted.vy_mps - set->vy_mps);
    set->wz_radps += share * (wanted.wz_radps - set->wz_radps);
}

/* One turn of a wheel's speed loop. The integrator stops where the motor can give no more, and never
 * keeps pushing a wheel that should stand still. */
static float wheel_duty(const pcp_config_t *config, pcp_wheel_t *wheel, float target_mps, float dt_s)
{
    const bool should_stand = target_mps == 0.0f;
    if (should_stand && wheel->integral * wheel->speed_mps >= 0.0f) {
        wheel->integral = 0.0f;
    }
    if (should_stand && wheel->speed_mps == 0.0f) {
        return 0.0f;
    }
    const float error_mps = target_mps - wheel->speed_mps;
    const float asked = config->kff * target_mps + config->deadband * sign(target_mps) + config->kp * error_mps +
                        wheel->integral;
    const float duty = pcp_clamped(asked, 1.0f);
    if (asked == duty || asked * error_mps < 0.0f) {
        wheel->integral = pcp_clamped(wheel->integral + config->ki * error_mps * dt_s, 1.0f);
    }
    return duty;
}

void pcp_motion_drive(pcp_controller_t *ctl, const pcp_twist_t *wanted, float dt_s)
{
    pcp_motion_t *motion = &ctl->motion;
    float targets_mps[PCP_WHEELS];
    follow_ramp(ctl, pcp_twist_within_limits(&ctl->config, wanted), dt_s);
    pcp_wheel_speeds(&ctl->config, &motion->set, targets_mps);
    for (unsigned i = 0; i < pcp_wheel_count(ctl->config.chassis); i++) {
        motion->wheels[i].duty = wheel_duty(&ctl->config, &motion->wheels[i], targets_mps[i], dt_s);
    }
}
