/* Which configurations are accepted.
 *
 * The limits of the parameters are those of protocol.yaml: there is no second table here. No protection
 * can be switched off by a value: a reflex of 0 mm, a voltage of 0 V or an endless silence are refused,
 * as is everything that is not a number. */
#include "pcp_parts.h"

enum { HALF_TURN_MRAD = 3142 };

void pcp_config_own_values(pcp_config_t *config)
{
#define OWN_VALUE(type, field, low, high, own) config->field = own;
    PCP_PARAMETER_ROWS(OWN_VALUE)
#undef OWN_VALUE
}

/* The index of the first parameter outside its range, PCP_PARAMETERS when there is none. */
static int first_outside(const pcp_config_t *config)
{
    int index = 0;
    while (index < PCP_PARAMETERS && pcp_parameter_fits((unsigned)index, pcp_parameter_bits(config, (unsigned)index))) {
        index++;
    }
    return index;
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

/* A battery that is empty and overcharged at once, or a steering that cannot reach straight. */
static bool is_contradiction(const pcp_config_t *config)
{
    const int trim = config->steer_trim_mrad < 0 ? -config->steer_trim_mrad : config->steer_trim_mrad;
    const bool is_steered = config->chassis == PCP_CHASSIS_ACKERMANN;
    return config->undervoltage_mv >= config->overvoltage_mv || (is_steered && trim >= config->max_steer_mrad);
}

int pcp_config_check(const pcp_config_t *config)
{
    const int outside = first_outside(config);
    if (!pcp_kinematics_supports(config->chassis)) {
        return PCP_CONFIG_BAD_CHASSIS;
    }
    if (outside < PCP_PARAMETERS) {
        return -1 - outside;
    }
    if (!are_bearings_sound(config)) {
        return PCP_CONFIG_BAD_BEARING;
    }
    return is_contradiction(config) ? PCP_CONFIG_CONTRADICTION : PCP_CONFIG_OK;
}
