/* Lamps, horns, relays and servos. Only the owner switches them, and nothing stays on behind a host that is gone. */
#include "pcp_parts.h"

enum { SERVO_LIMIT_MRAD = 1571 };

static void refuse(pcp_controller_t *ctl)
{
    ctl->line.refused++;
}

static bool may_switch(const pcp_controller_t *ctl, uint16_t session, uint32_t capability)
{
    return session != 0 && session == ctl->owner.session && (ctl->config.capabilities & capability) != 0;
}

static void all_off(pcp_switches_t *switches)
{
    for (unsigned i = 0; i < PCP_OUTS; i++) {
        switches->levels[i] = 0;
    }
}

/* A new owner finds everything off. */
static void follow_session(pcp_controller_t *ctl, uint32_t now_us)
{
    pcp_switches_t *switches = &ctl->switches;
    if (switches->session != ctl->owner.session) {
        switches->session = ctl->owner.session;
        switches->since_us = now_us;
        all_off(switches);
    }
}

void pcp_outputs_obey_out(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us)
{
    pcp_out_t order;
    pcp_switches_t *switches = &ctl->switches;
    pcp_out_unpack(&order, payload);
    if (!may_switch(ctl, order.session, PCP_CAPABILITY_OUTPUTS) || order.channel >= PCP_OUTS) {
        refuse(ctl);
        return;
    }
    follow_session(ctl, now_us);
    switches->levels[order.channel] = order.level;
    switches->for_ms[order.channel] = order.duration_ms;
    switches->from_us[order.channel] = now_us;
}

void pcp_outputs_obey_servo(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us)
{
    pcp_servo_t order;
    (void)now_us;
    pcp_servo_unpack(&order, payload);
    if (!may_switch(ctl, order.session, PCP_CAPABILITY_SERVOS) || order.channel >= PCP_SERVOS ||
        ctl->safety.state == PCP_STATE_STOPPED) {
        refuse(ctl);
        return;
    }
    const int16_t angle = order.angle_mrad;
    ctl->switches.servo_mrad[order.channel] =
        angle > SERVO_LIMIT_MRAD ? SERVO_LIMIT_MRAD : (angle < -SERVO_LIMIT_MRAD ? -SERVO_LIMIT_MRAD : angle);
}

/* A host that has just come has not been silent yet. */
static bool is_silent(const pcp_controller_t *ctl, uint32_t now_us)
{
    const uint32_t limit_us = 1000u * ctl->config.host_silent_ms;
    return now_us - ctl->safety.owner_heard_us >= limit_us && now_us - ctl->switches.since_us >= limit_us;
}

void pcp_outputs_step(pcp_controller_t *ctl, pcp_outputs_t *out)
{
    pcp_switches_t *switches = &ctl->switches;
    const uint32_t now_us = ctl->now_us;
    follow_session(ctl, now_us);
    if (is_silent(ctl, now_us)) {
        all_off(switches);
    }
    for (unsigned i = 0; i < PCP_OUTS; i++) {
        if (switches->for_ms[i] != 0 && now_us - switches->from_us[i] >= 1000u * switches->for_ms[i]) {
            switches->levels[i] = 0;
        }
        out->out_levels[i] = switches->levels[i];
    }
    for (unsigned i = 0; i < PCP_SERVOS; i++) {
        out->servo_mrad[i] = switches->servo_mrad[i];
    }
}
