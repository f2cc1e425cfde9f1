/* The battery and the charger. */
#include "pcp_parts.h"

/* Shorter than the least undervoltage_ms that counts: a torn sense wire is not an empty battery. */
enum { UNTRUE_US = 40000, CHARGING_US = 50000 };

/* The first reading is believed at once. */
static void believe(pcp_belief_t *belief, bool now, bool first, uint32_t elapsed_us, uint32_t limit_us)
{
    if (first || pcp_lasts(&belief->against_us, now != belief->is, elapsed_us, limit_us)) {
        belief->is = now;
        belief->against_us = 0;
    }
}

void pcp_supply_watch(pcp_controller_t *ctl, const pcp_inputs_t *in, uint32_t elapsed_us)
{
    pcp_safety_t *safety = &ctl->safety;
    const pcp_config_t *config = &ctl->config;
    const bool first = !ctl->stepped;
    const bool is_untrue = in->battery_mv == 0 || in->battery_mv > config->overvoltage_mv;
    const bool is_low = is_untrue ? safety->battery_low.is : in->battery_mv < config->undervoltage_mv;
    believe(&safety->battery_untrue, is_untrue, first, elapsed_us, UNTRUE_US);
    believe(&safety->battery_low, is_low, first, elapsed_us, 1000u * config->undervoltage_ms);
    believe(&safety->charging, in->charger != 0, first, elapsed_us, CHARGING_US);
    pcp_note(ctl, PCP_CAUSE_BATTERY_SENSOR, safety->battery_untrue.is);
    pcp_note(ctl, PCP_CAUSE_UNDERVOLTAGE, safety->battery_low.is);
    pcp_note(ctl, PCP_CAUSE_CHARGING, safety->charging.is);
}
