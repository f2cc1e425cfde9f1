/* The straight road of one control period: measure, watch, decide, drive, tell. */
#include "pcp_parts.h"

/* Longer gaps stop the car (pcp_safety.c); for the speed loops they are cut, so that nothing leaps. */
enum { LONGEST_STEP_US = 2 * PCP_PERIOD_US };

int pcp_controller_init(pcp_controller_t *ctl, const pcp_config_t *config)
{
    const int result = pcp_config_check(config);
    *ctl = (pcp_controller_t){0};
    if (result != PCP_CONFIG_OK) {
        return result;
    }
    ctl->config = *config;
    pcp_decoder_init(&ctl->decoder, sizeof ctl->received);
    pcp_reflex_init(&ctl->reflex, config);
    pcp_imu_init(ctl);
    pcp_motion_init(ctl);
    pcp_odometry_init(&ctl->odometry, config);
    pcp_parameters_init(ctl);
    pcp_telemetry_init(ctl);
    pcp_memory_seal(ctl);
    ctl->ready = true;
    return PCP_CONFIG_OK;
}

void pcp_controller_receive(pcp_controller_t *ctl, const uint8_t *bytes, size_t n, uint32_t now_us)
{
    pcp_frame_t frame;
    for (size_t i = 0; i < n && ctl->ready; i++) {
        if (!pcp_decoder_feed(&ctl->decoder, ctl->received, bytes[i])) {
            continue;
        }
        while (pcp_decoder_next(&ctl->decoder, ctl->received, &frame)) {
            pcp_session_obey(ctl, &frame, now_us);
        }
    }
}

void pcp_controller_line_break(pcp_controller_t *ctl, uint32_t now_us)
{
    if (ctl->ready) {
        pcp_stop(ctl, PCP_CAUSE_HOST_STOP, now_us);
    }
}

/* Advance the clocks. Returns the time since the step before, 0 at the first. */
static uint32_t elapsed_since_step(pcp_controller_t *ctl, uint32_t now_us)
{
    const uint32_t elapsed_us = ctl->stepped ? now_us - ctl->now_us : 0;
    ctl->now_us = now_us;
    ctl->uptime_rest_us += elapsed_us % 1000u;
    ctl->uptime_ms += elapsed_us / 1000u + ctl->uptime_rest_us / 1000u;
    ctl->uptime_rest_us %= 1000u;
    return elapsed_us;
}

static void drive(pcp_controller_t *ctl, uint32_t elapsed_us)
{
    pcp_motion_t *motion = &ctl->motion;
    const float dt_s = (float)(elapsed_us > LONGEST_STEP_US ? LONGEST_STEP_US : elapsed_us) * 1e-6f;
    const pcp_twist_t wanted = pcp_reflex_allowed(ctl, pcp_safety_wanted(ctl));
    pcp_steering_follow(ctl, &wanted, dt_s);
    if (!pcp_motors_enabled(ctl) || ctl->safety.shorted) {
        pcp_motion_reset(motion);
        return;
    }
    pcp_motion_drive(ctl, &wanted, dt_s);
    const bool is_held = ctl->safety.braking || pcp_cause(ctl) != PCP_CAUSE_NONE;
    motion->slowing = is_held && !pcp_is_standing(&motion->set);
}

static void write_outputs(const pcp_controller_t *ctl, pcp_outputs_t *out)
{
    out->enable = pcp_motors_enabled(ctl) ? 1 : 0;
    out->steer_mrad = pcp_steering_mrad(ctl);
    for (unsigned i = 0; i < PCP_WHEELS; i++) {
        out->duty_permille[i] = out->enable != 0 ? pcp_rounded16(ctl->motion.wheels[i].duty * 1000.0f) : (int16_t)0;
    }
}

void pcp_controller_step(pcp_controller_t *ctl, const pcp_inputs_t *in, pcp_outputs_t *out)
{
    *out = (pcp_outputs_t){0};
    if (!ctl->ready) {
        return;
    }
    const uint32_t elapsed_us = elapsed_since_step(ctl, in->now_us);
    if (!ctl->stepped) {
        pcp_line_event(ctl, PCP_SEVERITY_INFO, PCP_EVENT_CODE_BOOTED, ctl->config.reset_cause, in->now_us);
    }
    pcp_motion_measure(ctl, in, elapsed_us);
    pcp_odometry_step(&ctl->odometry, ctl->config.chassis, in->ticks, !ctl->stepped);
    pcp_reflex_watch(ctl, in);
    pcp_safety_watch(ctl, in, elapsed_us);
    drive(ctl, elapsed_us);
    write_outputs(ctl, out);
    pcp_outputs_step(ctl, out);
    pcp_events_step(ctl, in->now_us);
    pcp_telemetry_step(ctl, in);
    ctl->stepped = true;
}
