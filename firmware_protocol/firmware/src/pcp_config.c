/* Which configurations are accepted.
 *
 * No protection can be switched off by a value: a reflex of 0 mm, a voltage of 0 V or an endless
 * silence are refused, as is everything that is not a number. */
#include "pcp_parts.h"

typedef struct {
    float low, high;
} span_t;

static const span_t TRACK_M = {0.05f, 1.0f};
static const span_t METRES_PER_TICK = {1e-6f, 0.05f};
static const span_t SPEED_MPS = {0.05f, 3.0f};
static const span_t TURN_RADPS = {0.1f, 10.0f};
static const span_t RAMP_MPS2 = {0.1f, 10.0f};
static const span_t GAIN = {0.0f, 100.0f};
static const span_t DEADBAND = {0.0f, 0.6f};

enum {
    REFLEX_MIN_MM = 30,
    REFLEX_MAX_MM = 2000,
    UNDERVOLTAGE_MIN_MV = 2500, /* below one lithium cell there is nothing to protect */
    UNDERVOLTAGE_MAX_MV = 60000,
    UNDERVOLTAGE_MIN_MS = 50,
    UNDERVOLTAGE_MAX_MS = 5000,
    HOST_SILENT_MIN_MS = PCP_LEASE_MAX_MS, /* a lease must be able to run out first */
    HOST_SILENT_MAX_MS = 5000,
    RANGE_SILENT_MIN_MS = 50,
    RANGE_SILENT_MAX_MS = 2000,
    HALF_TURN_MRAD = 3142
};

/* Also false for NaN. */
static bool is_in(span_t span, float value)
{
    return value >= span.low && value <= span.high;
}

static bool are_bearings_sound(const pcp_config_t *config)
{
    for (unsigned i = 0; i < PCP_RANGES; i++) {
        const int16_t bearing = config->range_bearing_mrad[i];
        if ((config->range_mask >> i & 1u) != 0 && (bearing < -HALF_TURN_MRAD || bearing > HALF_TURN_MRAD)) {
            return false;
        }
    }
    return true;
}

static bool are_limits_sound(const pcp_config_t *config)
{
    return is_in(SPEED_MPS, config->max_speed_mps) && is_in(TURN_RADPS, config->max_turn_radps) &&
           is_in(RAMP_MPS2, config->accel_mps2) && is_in(RAMP_MPS2, config->decel_mps2);
}

static bool are_gains_sound(const pcp_config_t *config)
{
    return is_in(GAIN, config->kff) && is_in(GAIN, config->kp) && is_in(GAIN, config->ki) &&
           is_in(DEADBAND, config->deadband);
}

static bool is_undervoltage_sound(const pcp_config_t *config)
{
    return config->undervoltage_mv >= UNDERVOLTAGE_MIN_MV && config->undervoltage_mv <= UNDERVOLTAGE_MAX_MV &&
           config->undervoltage_ms >= UNDERVOLTAGE_MIN_MS && config->undervoltage_ms <= UNDERVOLTAGE_MAX_MS &&
           config->undervoltage_mv < config->overvoltage_mv;
}

static pcp_config_result_t check_protections(const pcp_config_t *config)
{
    if (config->reflex_mm < REFLEX_MIN_MM || config->reflex_mm > REFLEX_MAX_MM) {
        return PCP_CONFIG_BAD_REFLEX;
    }
    if (!is_undervoltage_sound(config)) {
        return PCP_CONFIG_BAD_UNDERVOLTAGE;
    }
    if (config->host_silent_ms < HOST_SILENT_MIN_MS || config->host_silent_ms > HOST_SILENT_MAX_MS) {
        return PCP_CONFIG_BAD_HOST_SILENT;
    }
    if (config->range_silent_ms < RANGE_SILENT_MIN_MS || config->range_silent_ms > RANGE_SILENT_MAX_MS) {
        return PCP_CONFIG_BAD_RANGE_SILENT;
    }
    return are_bearings_sound(config) ? PCP_CONFIG_OK : PCP_CONFIG_BAD_BEARING;
}

void pcp_config_own_values(pcp_config_t *config)
{
#define OWN_VALUE(type, field, low, high, own) config->field = own;
    PCP_PARAMETER_ROWS(OWN_VALUE)
#undef OWN_VALUE
}

pcp_config_result_t pcp_config_check(const pcp_config_t *config)
{
    if (!pcp_kinematics_supports(config->chassis)) {
        return PCP_CONFIG_UNSUPPORTED_CHASSIS;
    }
    if (!is_in(TRACK_M, config->track_m) || !is_in(METRES_PER_TICK, config->metres_per_tick)) {
        return PCP_CONFIG_BAD_GEOMETRY;
    }
    if (!are_limits_sound(config)) {
        return PCP_CONFIG_BAD_LIMITS;
    }
    if (!are_gains_sound(config)) {
        return PCP_CONFIG_BAD_GAINS;
    }
    return check_protections(config);
}
