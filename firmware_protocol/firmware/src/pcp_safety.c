/* What the motors may do: disarmed, armed, stopped, and every way from one to another.
 *
 * Leaving ARMED is always a controlled stop: the wheels are braked along the ramp, and the bridge is
 * switched off when they are at rest, or after PCP_BRAKE_LIMIT_US if they never are. */
#include "pcp_parts.h"

static bool is_over(uint32_t now_us, uint32_t since_us, uint32_t limit_us)
{
    return now_us - since_us >= limit_us;
}

bool pcp_motors_enabled(const pcp_controller_t *ctl)
{
    return ctl->safety.state == PCP_STATE_ARMED || ctl->safety.braking;
}

/* Old wishes end here: nothing that was sent before the next ARM moves the car. */
static void leave_armed(pcp_controller_t *ctl, pcp_state_t state, pcp_cause_t cause, uint32_t now_us)
{
    if (ctl->safety.state == PCP_STATE_ARMED) {
        ctl->safety.braking = true;
        ctl->safety.brake_from_us = now_us;
    }
    ctl->safety.state = (uint8_t)state;
    ctl->safety.cause = (uint8_t)cause;
    ctl->order.lease_valid = false;
    ctl->order.twist = (pcp_twist_t){0.0f, 0.0f, 0.0f};
}

uint16_t pcp_arm_checks(const pcp_controller_t *ctl)
{
    const pcp_safety_t *safety = &ctl->safety;
    unsigned failing = 0;
    failing |= safety->state == PCP_STATE_STOPPED ? PCP_ARM_CHECK_STOP_LATCHED : 0u;
    failing |= safety->bumpers != 0 ? PCP_ARM_CHECK_BUMPER_PRESSED : 0u;
    failing |= safety->battery_low ? PCP_ARM_CHECK_UNDERVOLTAGE : 0u;
    failing |= !ctl->motion.at_rest ? PCP_ARM_CHECK_WHEELS_MOVING : 0u;
    failing |= ctl->reflex.silent ? PCP_ARM_CHECK_RANGES_SILENT : 0u;
    failing |= ctl->owner.session == 0 ? PCP_ARM_CHECK_NO_SESSION : 0u;
    return (uint16_t)failing;
}

uint16_t pcp_arm(pcp_controller_t *ctl, uint32_t now_us)
{
    if (ctl->safety.state == PCP_STATE_ARMED) {
        return 0;
    }
    const uint16_t failing = pcp_arm_checks(ctl);
    if (failing != 0) {
        pcp_line_event(ctl, PCP_SEVERITY_CAUTION, PCP_EVENT_CODE_ARM_REFUSED, failing, now_us);
        return failing;
    }
    pcp_motion_reset(&ctl->motion);
    ctl->order.lease_valid = false;
    ctl->order.twist = (pcp_twist_t){0.0f, 0.0f, 0.0f};
    ctl->safety.state = PCP_STATE_ARMED;
    ctl->safety.cause = PCP_CAUSE_NONE;
    ctl->safety.braking = false;
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

void pcp_stop(pcp_controller_t *ctl, pcp_cause_t cause, uint32_t now_us)
{
    if (ctl->safety.state == PCP_STATE_STOPPED) {
        return;
    }
    leave_armed(ctl, PCP_STATE_STOPPED, cause, now_us);
    ctl->safety.stop_count++;
    pcp_line_event(ctl, PCP_SEVERITY_WARNING, PCP_EVENT_CODE_STOP_LATCHED, (int32_t)cause, now_us);
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
    if (safety->bumpers != 0 || safety->battery_low || safety->braking || !ctl->motion.at_rest) {
        return PCP_RESULT_DENIED;
    }
    leave_armed(ctl, PCP_STATE_DISARMED, PCP_CAUSE_NONE, now_us);
    pcp_line_event(ctl, PCP_SEVERITY_INFO, PCP_EVENT_CODE_STOP_CLEARED, 0, now_us);
    return PCP_RESULT_OK;
}

/* The battery is low, and good again, after it has been so for undervoltage_ms. The first reading counts at once. */
static void watch_battery(pcp_controller_t *ctl, const pcp_inputs_t *in)
{
    pcp_safety_t *safety = &ctl->safety;
    const bool is_low = in->battery_mv < ctl->config.undervoltage_mv;
    if (!ctl->stepped) {
        safety->battery_low = is_low;
    }
    if (is_low == safety->battery_low) {
        safety->battery_turning = false;
    } else if (!safety->battery_turning) {
        safety->battery_turning = true;
        safety->battery_from_us = in->now_us;
    } else if (is_over(in->now_us, safety->battery_from_us, 1000u * ctl->config.undervoltage_ms)) {
        safety->battery_turning = false;
        safety->battery_low = is_low;
    }
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

static void watch_causes(pcp_controller_t *ctl, uint32_t now_us, uint32_t elapsed_us)
{
    if (!pcp_motors_enabled(ctl)) {
        return;
    }
    if (ctl->safety.bumpers != 0) {
        pcp_stop(ctl, PCP_CAUSE_BUMPER, now_us);
    } else if (ctl->safety.battery_low) {
        pcp_stop(ctl, PCP_CAUSE_UNDERVOLTAGE, now_us);
    } else if (elapsed_us > PCP_OVERRUN_US) {
        pcp_stop(ctl, PCP_CAUSE_OVERRUN, now_us);
    }
}

void pcp_safety_watch(pcp_controller_t *ctl, const pcp_inputs_t *in, uint32_t elapsed_us)
{
    pcp_safety_t *safety = &ctl->safety;
    safety->bumpers = in->bumpers;
    watch_battery(ctl, in);
    watch_causes(ctl, in->now_us, elapsed_us);
    watch_lease(ctl, in->now_us);
    watch_host(ctl, in->now_us);
    if (safety->braking && (ctl->motion.at_rest || is_over(in->now_us, safety->brake_from_us, PCP_BRAKE_LIMIT_US))) {
        safety->braking = false;
    }
}

pcp_twist_t pcp_safety_wanted(const pcp_controller_t *ctl)
{
    const bool may_drive = ctl->safety.state == PCP_STATE_ARMED && ctl->order.lease_valid && !ctl->reflex.silent;
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
    if (!ctl->order.lease_valid) {
        return PCP_CAUSE_LEASE_EXPIRED;
    }
    return ctl->reflex.holding ? PCP_CAUSE_NEAR_RANGE : PCP_CAUSE_NONE;
}
