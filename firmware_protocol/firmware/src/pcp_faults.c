/* Wheels, encoders and motors that misbehave, told apart by what else is known.
 *
 * A wheel that stands although it is driven hard is stalled. One that does not count although the others or the
 * gyro say that it turns has a dead encoder. One that turns against its command is wired the wrong way round.
 * One that does not follow while another does has a weak point of its own. One that turns although the car
 * should stand has a motor driver that does not obey. And a car that turns other than its wheels say has left
 * and right swapped, or no grip.
 *
 * All of this is judged only while the motors may pull: a car without power may be pushed. */
#include "pcp_parts.h"

static const float MICRO = 1e-6f;
static const float STANDING_MPS = 0.02f;
static const float MOVING_MPS = 0.05f;
static const float DRIVEN = 0.15f;          /* duty on top of the dead band that must turn a free wheel */
static const float WRONG_WAY_M = 0.02f;     /* while not slowing down: a change of direction rolls on, but slows */
static const float FOLLOW_S = 0.15f;        /* time constant that a loaded motor may have */
static const float ASTRAY_MPS = 0.08f, ASTRAY_SHARE = 0.35f;
static const float SLOWING = 0.8f;          /* a wheel that lost a fifth of its speed is on its way to rest */
static const float YAW_RADPS = 0.35f;
static const float COARSE_MPS = 0.05f;      /* coarse encoders need time for two counts at this speed */
static const float SURE_COUNTS = 1.5f;      /* so many within the speed's window are more than an edge */
static const float WINDOW_S = (float)(PCP_SPEED_WINDOW * PCP_PERIOD_US) * 1e-6f;
enum { RUNAWAY_EXTRA_US = 50000, LONGEST_US = 50000 };

/* How much of the wheels' turn rate the gyro may miss: wheels that slide sideways when turning tell little. */
static const float YAW_SHARE[] = {
    [PCP_CHASSIS_DIFFERENTIAL] = 0.5f,
    [PCP_CHASSIS_SKID] = 1.2f,
    [PCP_CHASSIS_MECANUM] = 0.7f,
    [PCP_CHASSIS_ACKERMANN] = 0.5f,
};

static const uint8_t JUDGED_HERE[] = {
    PCP_CAUSE_RUNAWAY,        PCP_CAUSE_ENCODER_SIGN, PCP_CAUSE_ENCODER_DEAD,
    PCP_CAUSE_WHEEL_MISMATCH, PCP_CAUSE_STALL,        PCP_CAUSE_YAW_MISMATCH,
};

static void note_also(pcp_controller_t *ctl, pcp_cause_t cause, bool is_there)
{
    if (is_there) {
        pcp_note(ctl, cause, true);
    }
}

static bool has_gyro(const pcp_controller_t *ctl)
{
    return pcp_has_imu(&ctl->config) && !ctl->imu.silent;
}

/* The time for two counts of a slow wheel: nothing for a fine encoder. */
static uint32_t counting_us(const pcp_config_t *config)
{
    return (uint32_t)(2.0f * config->metres_per_tick / COARSE_MPS / MICRO);
}

/* Slower than this may be one count to and fro. */
static float moving_mps(const pcp_config_t *config)
{
    const float sure_mps = SURE_COUNTS * config->metres_per_tick / WINDOW_S;
    return sure_mps > MOVING_MPS ? sure_mps : MOVING_MPS;
}

/* The turn rate of a car with two driven wheels, from anything but these wheels' counts. */
static float turn_radps(const pcp_controller_t *ctl)
{
    const pcp_wheel_t *wheels = ctl->motion.wheels;
    const float commanded = (wheels[1].target_mps - wheels[0].target_mps) / ctl->config.track_m;
    return has_gyro(ctl) ? ctl->imu.gyro_radps : commanded;
}

/* How fast this wheel must turn, as the other wheels and the gyro have it. */
static float speed_by_others(const pcp_controller_t *ctl, unsigned wheel)
{
    const pcp_wheel_t *wheels = ctl->motion.wheels;
    if (ctl->config.chassis == PCP_CHASSIS_SKID) {
        return wheels[wheel ^ 2u].speed_mps; /* the other one of its side */
    }
    if (ctl->config.chassis == PCP_CHASSIS_MECANUM) { /* both axles go equally fast, whatever the motion */
        const float axle_mps = wheels[wheel ^ 2u].speed_mps + wheels[wheel ^ 3u].speed_mps;
        return axle_mps - wheels[wheel ^ 1u].speed_mps;
    }
    const float across_mps = turn_radps(ctl) * ctl->config.track_m;
    return wheel == 0 ? wheels[1].speed_mps - across_mps : wheels[0].speed_mps + across_mps;
}

static bool is_stalled(pcp_controller_t *ctl, unsigned i, uint32_t elapsed_us)
{
    const pcp_wheel_t *wheel = &ctl->motion.wheels[i];
    const bool now = pcp_magnitude(wheel->duty) >= pcp_stall_duty(&ctl->config) &&
                     pcp_magnitude(wheel->speed_mps) < STANDING_MPS;
    const uint32_t limit_us = 1000u * ctl->config.stall_ms + counting_us(&ctl->config);
    return pcp_lasts(&ctl->faults.wheels[i].stalled_us, now, elapsed_us, limit_us);
}

static bool is_dead(pcp_controller_t *ctl, unsigned i, uint32_t elapsed_us)
{
    const pcp_wheel_t *wheel = &ctl->motion.wheels[i];
    const bool is_driven = pcp_magnitude(wheel->duty) >= ctl->config.deadband + DRIVEN;
    const bool now = is_driven && wheel->uncounted_us > 0 && pcp_magnitude(speed_by_others(ctl, i)) >= moving_mps(&ctl->config);
    const uint32_t limit_us = 1000u * ctl->config.wheel_ms + counting_us(&ctl->config);
    return pcp_lasts(&ctl->faults.wheels[i].dead_us, now, elapsed_us, limit_us);
}

/* A wheel that still rolls the old way after a change of direction slows down; one that is wired the wrong way
 * round is driven faster and faster. */
static bool is_wrong_way(pcp_controller_t *ctl, unsigned i, float elapsed_s)
{
    const pcp_wheel_t *wheel = &ctl->motion.wheels[i];
    pcp_wheel_watch_t *watch = &ctl->faults.wheels[i];
    const float speed_mps = pcp_magnitude(wheel->speed_mps);
    const bool is_pulling = wheel->target_mps * wheel->duty > 0.0f && pcp_magnitude(wheel->duty) > ctl->config.deadband;
    const bool is_against = is_pulling && wheel->target_mps * wheel->speed_mps < 0.0f;
    const bool is_slowing = speed_mps < watch->wrong_way_mps;
    watch->wrong_way_mps = speed_mps;
    if (!is_against) {
        watch->wrong_way_m = 0.0f;
    } else if (!is_slowing) {
        watch->wrong_way_m += speed_mps * elapsed_s;
    }
    return watch->wrong_way_m >= WRONG_WAY_M + 2.0f * ctl->config.metres_per_tick;
}

/* How far a wheel's speed is from what it may be: between the target and the target as a motor follows it.
 * As a share of what is tolerated. */
static float astray(const pcp_controller_t *ctl, unsigned i)
{
    const pcp_wheel_t *wheel = &ctl->motion.wheels[i];
    const float expected_mps = ctl->faults.wheels[i].expected_mps;
    const float low_mps = wheel->target_mps < expected_mps ? wheel->target_mps : expected_mps;
    const float high_mps = wheel->target_mps < expected_mps ? expected_mps : wheel->target_mps;
    const float size_mps = pcp_magnitude(low_mps) > pcp_magnitude(high_mps) ? pcp_magnitude(low_mps)
                                                                            : pcp_magnitude(high_mps);
    const float below_mps = low_mps - wheel->speed_mps;
    const float above_mps = wheel->speed_mps - high_mps;
    const float error_mps = below_mps > above_mps ? below_mps : above_mps;
    return error_mps / (ASTRAY_MPS + ASTRAY_SHARE * size_mps);
}

/* When no wheel follows, the car is at its limits or stuck: that is not one wheel's fault. */
static bool does_another_follow(const pcp_controller_t *ctl, unsigned wheel)
{
    for (unsigned i = 0; i < pcp_wheel_count(ctl->config.chassis); i++) {
        const bool is_driven = pcp_magnitude(ctl->motion.wheels[i].target_mps) >= MOVING_MPS;
        if (i != wheel && is_driven && astray(ctl, i) < 0.5f) {
            return true;
        }
    }
    return false;
}

static bool is_astray(pcp_controller_t *ctl, unsigned i, uint32_t elapsed_us)
{
    const bool now = astray(ctl, i) > 1.0f && does_another_follow(ctl, i);
    const uint32_t limit_us = 1000u * ctl->config.wheel_ms + counting_us(&ctl->config);
    return pcp_lasts(&ctl->faults.wheels[i].astray_us, now, elapsed_us, limit_us);
}

static bool is_runaway(pcp_controller_t *ctl, unsigned i, uint32_t elapsed_us)
{
    pcp_wheel_watch_t *watch = &ctl->faults.wheels[i];
    const float speed_mps = pcp_magnitude(ctl->motion.wheels[i].speed_mps);
    const bool should_stand = pcp_is_standing(&ctl->motion.set);
    const bool is_slowing = speed_mps < SLOWING * watch->coasting_mps;
    if (!should_stand || is_slowing || watch->runaway_us == 0) {
        watch->coasting_mps = speed_mps;
    }
    const bool now = should_stand && !is_slowing && speed_mps >= moving_mps(&ctl->config);
    const uint32_t limit_us = 1000u * ctl->config.wheel_ms + RUNAWAY_EXTRA_US + counting_us(&ctl->config);
    return pcp_lasts(&watch->runaway_us, now, elapsed_us, limit_us);
}

static bool is_turning_otherwise(pcp_controller_t *ctl, uint32_t elapsed_us)
{
    const float told_radps = pcp_wheel_twist(&ctl->config, ctl->motion.wheels).wz_radps;
    const float missed_radps = pcp_magnitude(ctl->imu.gyro_radps - told_radps);
    const float tolerated_radps = YAW_RADPS + YAW_SHARE[ctl->config.chassis] * pcp_magnitude(told_radps);
    const bool now = has_gyro(ctl) && !pcp_is_standing(&ctl->motion.set) && missed_radps > tolerated_radps;
    return pcp_lasts(&ctl->faults.yaw_us, now, elapsed_us, 2000u * ctl->config.wheel_ms);
}

static void expect(pcp_controller_t *ctl, unsigned i, float elapsed_s)
{
    float *expected_mps = &ctl->faults.wheels[i].expected_mps;
    *expected_mps += (ctl->motion.wheels[i].target_mps - *expected_mps) * elapsed_s / (elapsed_s + FOLLOW_S);
}

static void watch_wheel(pcp_controller_t *ctl, unsigned i, uint32_t elapsed_us)
{
    const float elapsed_s = (float)elapsed_us * MICRO;
    note_also(ctl, PCP_CAUSE_RUNAWAY, is_runaway(ctl, i, elapsed_us));
    note_also(ctl, PCP_CAUSE_ENCODER_SIGN, is_wrong_way(ctl, i, elapsed_s));
    note_also(ctl, PCP_CAUSE_ENCODER_DEAD, is_dead(ctl, i, elapsed_us));
    note_also(ctl, PCP_CAUSE_WHEEL_MISMATCH, is_astray(ctl, i, elapsed_us));
    note_also(ctl, PCP_CAUSE_STALL, is_stalled(ctl, i, elapsed_us));
}

void pcp_faults_watch(pcp_controller_t *ctl, uint32_t elapsed_us)
{
    const uint8_t wheels = pcp_wheel_count(ctl->config.chassis);
    const uint32_t step_us = elapsed_us < LONGEST_US ? elapsed_us : LONGEST_US;
    for (unsigned i = 0; i < sizeof JUDGED_HERE; i++) {
        pcp_note(ctl, (pcp_cause_t)JUDGED_HERE[i], false);
    }
    if (!pcp_motors_enabled(ctl)) {
        ctl->faults = (pcp_faults_t){0};
        return;
    }
    for (unsigned i = 0; i < wheels; i++) {
        expect(ctl, i, (float)step_us * MICRO);
    }
    for (unsigned i = 0; i < wheels; i++) {
        watch_wheel(ctl, i, step_us);
    }
    note_also(ctl, PCP_CAUSE_YAW_MISMATCH, is_turning_otherwise(ctl, step_us));
}
