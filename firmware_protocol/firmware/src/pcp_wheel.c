/* The speed loop of one wheel: feed-forward for the motor as it should be, PI for what it is not.
 *
 * An encoder that does not count must never open the throttle: a wheel that should have counted and did not
 * is blind. Then the proportional part is cut, the integral creeps, and the duty ends just above the one at
 * which a standing wheel is stalled, so that it is found out and not driven harder. */
#include "pcp_parts.h"

static const float BLIND_COUNTS = 4.0f;         /* so many should have come */
static const float BLIND_PROPORTIONAL = 0.15f;  /* duty */
static const float BLIND_SLOPE_PER_S = 1.0f;    /* duty per second */
static const float ABOVE_STALL = 0.05f;         /* duty */
static const float HIGHEST_STALL = 0.95f;       /* a duty that every loop can reach */
static const float MICRO = 1e-6f;

float pcp_stall_duty(const pcp_config_t *config)
{
    const float duty = config->stall_duty + config->deadband;
    return duty < HIGHEST_STALL ? duty : HIGHEST_STALL;
}

static bool is_blind(const pcp_config_t *config, const pcp_wheel_t *wheel, float target_mps)
{
    const float way_m = pcp_magnitude(target_mps) * (float)wheel->uncounted_us * MICRO;
    return way_m >= BLIND_COUNTS * config->metres_per_tick;
}

/* The integrator stops where the motor can give no more, and where the duty is on its way. */
static void integrate(pcp_wheel_t *wheel, float step, float missing)
{
    if (missing * step <= 0.0f) {
        wheel->integral = pcp_clamped(wheel->integral + step, 1.0f);
    }
}

float pcp_wheel_duty(const pcp_config_t *config, pcp_wheel_t *wheel, float target_mps, float dt_s)
{
    const bool should_stand = target_mps == 0.0f;
    if (should_stand && wheel->integral * wheel->speed_mps >= 0.0f) {
        wheel->integral = 0.0f; /* it never keeps pushing a wheel that should stand */
    }
    if (should_stand && wheel->speed_mps == 0.0f) {
        return 0.0f;
    }
    const bool blind = is_blind(config, wheel, target_mps);
    const float error_mps = target_mps - wheel->speed_mps;
    const float proportional = pcp_clamped(config->kp * error_mps, blind ? BLIND_PROPORTIONAL : 100.0f);
    const float step = pcp_clamped(config->ki * error_mps * dt_s, blind ? BLIND_SLOPE_PER_S * dt_s : 1.0f);
    const float limit = blind ? pcp_stall_duty(config) + ABOVE_STALL : 1.0f;
    const float slew = config->duty_slew_per_s * dt_s;
    const float asked =
        config->kff * target_mps + config->deadband * pcp_sign(target_mps) + proportional + wheel->integral;
    const float duty = wheel->duty + pcp_clamped(pcp_clamped(asked, limit) - wheel->duty, slew);
    integrate(wheel, step, asked - duty);
    return duty;
}
