/* What the controller tells by itself: the streams, one function each, and their table.
 *
 * The usual rates are those of protocol.yaml. STATUS and DIN also leave at once on a change. */
#include "pcp_parts.h"

enum { HELLO_COUNT = 3, HELLO_EVERY_STEPS = 10, DIN_GAP_STEPS = 2, LONGEST_MS = 10000 };

static void send_alive(pcp_controller_t *ctl, const pcp_inputs_t *in)
{
    uint8_t payload[PCP_SIZE_ALIVE];
    const pcp_alive_t alive = {
        .uptime_ms = ctl->uptime_ms,
        .boot_id = ctl->config.boot_id,
        .session = ctl->owner.session,
        .load_percent = in->load_percent,
    };
    (void)pcp_alive_pack(&alive, payload);
    (void)pcp_line_send(ctl, PCP_ID_ALIVE, payload, PCP_RANK_REPORT);
}

static void send_link_stats(pcp_controller_t *ctl, const pcp_inputs_t *in)
{
    uint8_t payload[PCP_SIZE_LINK_STATS];
    const pcp_frame_counts_t *counts = &ctl->decoder.counts;
    const pcp_link_stats_t stats = {
        .frames = counts->frames,
        .bad_crc = counts->bad_crc,
        .bad_length = counts->bad_length,
        .bad_cobs = counts->bad_cobs,
        .unknown = (uint16_t)(counts->unknown + ctl->line.misdirected),
        .lost = counts->lost,
        .rescued = counts->rescued,
        .refused = ctl->line.refused,
        .tx_dropped = ctl->line.dropped,
        .tx_most = ctl->line.most,
        .overruns = in->uart_overruns,
        .line_errors = in->uart_errors,
        .breaks = in->uart_breaks,
        .host_lost = ctl->owner.lost,
        .host_rejected = ctl->owner.rejected,
    };
    (void)pcp_link_stats_pack(&stats, payload);
    (void)pcp_line_send(ctl, PCP_ID_LINK_STATS, payload, PCP_RANK_REPORT);
}

/* Nanometres to millimetres, rounded to the nearest. */
static int32_t millimetres(int64_t length_nm)
{
    return (int32_t)((length_nm + (length_nm < 0 ? -500000 : 500000)) / 1000000);
}

static void send_odom(pcp_controller_t *ctl, const pcp_inputs_t *in)
{
    uint8_t payload[PCP_SIZE_ODOM];
    const pcp_twist_t twist = pcp_wheel_twist(&ctl->config, ctl->motion.wheels);
    const uint32_t yaw_turn32 = (uint32_t)(ctl->odometry.yaw_turn64 >> 32);
    const pcp_odom_t odom = {
        .stamp_us = in->now_us,
        .x_mm = millimetres(ctl->odometry.x_nm),
        .y_mm = millimetres(ctl->odometry.y_nm),
        .yaw_turn16 = (uint16_t)((yaw_turn32 + 0x8000u) >> 16),
        .vx_mmps = pcp_rounded16(twist.vx_mps * 1000.0f),
        .vy_mmps = pcp_rounded16(twist.vy_mps * 1000.0f),
        .wz_mradps = pcp_rounded16(twist.wz_radps * 1000.0f),
        .drive_count = ctl->order.obeyed_count,
    };
    (void)pcp_odom_pack(&odom, payload);
    (void)pcp_line_send(ctl, PCP_ID_ODOM, payload, PCP_RANK_TELEMETRY);
}

static void send_wheels(pcp_controller_t *ctl, const pcp_inputs_t *in)
{
    uint8_t payload[PCP_SIZE_WHEELS];
    pcp_wheels_t wheels = {.stamp_us = in->now_us, .steer_mrad = pcp_rounded16(ctl->motion.steer_rad * 1000.0f)};
    for (unsigned i = 0; i < PCP_WHEELS; i++) {
        wheels.ticks[i] = in->ticks[i];
        wheels.speed_mmps[i] = pcp_rounded16(ctl->motion.wheels[i].speed_mps * 1000.0f);
        wheels.pwm_permille[i] = pcp_rounded16(ctl->motion.wheels[i].duty * 1000.0f);
    }
    (void)pcp_wheels_pack(&wheels, payload);
    (void)pcp_line_send(ctl, PCP_ID_WHEELS, payload, PCP_RANK_TELEMETRY);
}

static void send_imu(pcp_controller_t *ctl, const pcp_inputs_t *in)
{
    if (in->imu_fresh == 0) {
        return;
    }
    uint8_t payload[PCP_SIZE_IMU];
    pcp_imu_t imu = {.stamp_us = in->now_us};
    for (unsigned i = 0; i < 3; i++) {
        imu.accel_mmps2[i] = in->accel_mmps2[i];
        imu.gyro_500urad[i] = in->gyro_500urad[i];
    }
    (void)pcp_imu_pack(&imu, payload);
    (void)pcp_line_send(ctl, PCP_ID_IMU, payload, PCP_RANK_TELEMETRY);
}

/* A place without a sensor is broken. */
static void send_ranges(pcp_controller_t *ctl, const pcp_inputs_t *in)
{
    uint8_t payload[PCP_SIZE_RANGES];
    pcp_ranges_t ranges = {.stamp_us = in->now_us, .fresh = ctl->line.range_fresh};
    for (unsigned i = 0; i < PCP_RANGES; i++) {
        ranges.ranges[i] = (ctl->config.range_mask >> i & 1u) != 0 ? in->range_mm[i] : PCP_RANGE_BROKEN;
    }
    (void)pcp_ranges_pack(&ranges, payload);
    if (pcp_line_send(ctl, PCP_ID_RANGES, payload, PCP_RANK_TELEMETRY)) {
        ctl->line.range_fresh = 0;
    }
}

static void send_power(pcp_controller_t *ctl, const pcp_inputs_t *in)
{
    uint8_t payload[PCP_SIZE_POWER];
    const pcp_power_t power = {
        .battery_mv = in->battery_mv,
        .current_ma = in->current_ma,
        .charge_percent = in->charge_percent,
        .charger = in->charger != 0 ? 1 : 0,
    };
    (void)pcp_power_pack(&power, payload);
    (void)pcp_line_send(ctl, PCP_ID_POWER, payload, PCP_RANK_TELEMETRY);
}

static uint16_t flags(const pcp_controller_t *ctl)
{
    const uint8_t near = ctl->reflex.near;
    unsigned held = 0;
    held |= ctl->order.lease_valid ? PCP_STATUS_FLAG_LEASE_VALID : 0u;
    held |= (near & ctl->reflex.front) != 0 ? PCP_STATUS_FLAG_REFLEX_FRONT : 0u;
    held |= (near & ctl->reflex.rear) != 0 ? PCP_STATUS_FLAG_REFLEX_REAR : 0u;
    held |= ctl->motion.at_rest ? 0u : PCP_STATUS_FLAG_MOVING;
    held |= ctl->motion.slowing ? PCP_STATUS_FLAG_SLOWING : 0u;
    return (uint16_t)held;
}

static pcp_status_t status_now(const pcp_controller_t *ctl)
{
    const pcp_order_t *order = &ctl->order;
    const uint32_t spent_us = ctl->now_us - order->lease_from_us;
    return (pcp_status_t){
        .state = ctl->safety.state,
        .cause = (uint8_t)pcp_cause(ctl),
        .flags = flags(ctl),
        .arm_checks = pcp_arm_checks(ctl),
        .bumpers = ctl->safety.bumpers,
        .cliffs = ctl->reflex.cliffs,
        .stop_count = ctl->safety.stop_count,
        .stop_source = ctl->safety.stop_source,
        .lease_left_ms = order->lease_valid ? (uint16_t)((order->lease_us - spent_us) / 1000u) : (uint16_t)0,
    };
}

/* The lease runs down all the time: that alone is no change. */
static bool is_change(const pcp_status_t *now, const pcp_status_t *sent)
{
    return now->state != sent->state || now->cause != sent->cause || now->flags != sent->flags ||
           now->arm_checks != sent->arm_checks || now->bumpers != sent->bumpers || now->cliffs != sent->cliffs ||
           now->stop_count != sent->stop_count || now->stop_source != sent->stop_source;
}

static void send_status(pcp_controller_t *ctl, const pcp_inputs_t *in)
{
    uint8_t payload[PCP_SIZE_STATUS];
    const pcp_status_t status = status_now(ctl);
    (void)in;
    (void)pcp_status_pack(&status, payload);
    if (pcp_line_send(ctl, PCP_ID_STATUS, payload, PCP_RANK_REPORT)) {
        ctl->line.status = status;
    }
}

/* The cells of the line sensor; those that do not exist read black. */
static void send_line(pcp_controller_t *ctl, const pcp_inputs_t *in)
{
    uint8_t payload[PCP_SIZE_LINE];
    pcp_line_t line = {.stamp_us = in->now_us, .fitted = ctl->config.line_mask};
    for (unsigned i = 0; i < PCP_LINE_CELLS; i++) {
        line.levels[i] = (ctl->config.line_mask >> i & 1u) != 0 ? in->line_levels[i] : (uint8_t)0;
    }
    (void)pcp_line_pack(&line, payload);
    (void)pcp_line_send(ctl, PCP_ID_LINE, payload, PCP_RANK_TELEMETRY);
}

static void send_din(pcp_controller_t *ctl, const pcp_inputs_t *in)
{
    uint8_t payload[PCP_SIZE_DIN];
    pcp_din_t din = {.stamp_us = in->now_us, .inputs = in->digital_inputs};
    for (unsigned i = 0; i < PCP_OUTS; i++) {
        din.levels[i] = ctl->switches.levels[i];
    }
    for (unsigned i = 0; i < PCP_SERVOS; i++) {
        din.angles_mrad[i] = ctl->switches.servo_mrad[i];
    }
    (void)pcp_din_pack(&din, payload);
    if (pcp_line_send(ctl, PCP_ID_DIN, payload, PCP_RANK_TELEMETRY)) {
        ctl->line.inputs = in->digital_inputs;
        ctl->line.din_wait_steps = DIN_GAP_STEPS;
    }
}

enum { SWITCHES = PCP_CAPABILITY_DIGITAL_INPUTS | PCP_CAPABILITY_OUTPUTS | PCP_CAPABILITY_SERVOS };

/* id, bytes, messages at once; usual, shortest, longest and thinned period in ms; first step; may be off; needs. */
const pcp_stream_t pcp_stream_table[PCP_STREAMS] = {
    [PCP_STATUS_STREAM] = {PCP_ID_STATUS, PCP_SIZE_STATUS, 1, 100, 20, 200, 0, 0, false, 0, send_status},
    [PCP_DIN_STREAM] = {PCP_ID_DIN, PCP_SIZE_DIN, 1, 200, 20, LONGEST_MS, 0, 5, true, SWITCHES, send_din},
    {PCP_ID_ODOM, PCP_SIZE_ODOM, 1, 20, 10, LONGEST_MS, 40, 0, true, 0, send_odom},
    {PCP_ID_WHEELS, PCP_SIZE_WHEELS, 1, 20, 10, LONGEST_MS, 80, 1, true, 0, send_wheels},
    {PCP_ID_IMU, PCP_SIZE_IMU, 1, 10, 10, LONGEST_MS, 40, 0, true, PCP_CAPABILITY_IMU, send_imu},
    {PCP_ID_RANGES, PCP_SIZE_RANGES, 1, 50, 20, LONGEST_MS, 100, 2, true, PCP_CAPABILITY_RANGES, send_ranges},
    {PCP_ID_POWER, PCP_SIZE_POWER, 1, 200, 50, LONGEST_MS, 0, 3, true, 0, send_power},
    {PCP_ID_ALIVE, PCP_SIZE_ALIVE, 1, 200, 50, 400, 0, 13, false, 0, send_alive},
    {PCP_ID_LINK_STATS, PCP_SIZE_LINK_STATS, 1, 1000, 100, LONGEST_MS, 0, 9, false, 0, send_link_stats},
    {PCP_ID_LINE, PCP_SIZE_LINE, 1, 20, 10, LONGEST_MS, 80, 1, true, PCP_CAPABILITY_LINE_SENSOR, send_line},
    {PCP_ID_ENV, PCP_SIZE_ENV, PCP_ENVS, 1000, 100, LONGEST_MS, 0, 7, true, PCP_CAPABILITY_ENVIRONMENT,
     pcp_readings_send_env},
    [PCP_SCAN_STREAM] = {PCP_ID_SCAN, PCP_SIZE_SCAN, 1, 25, 25, 25, 0, 0, true, PCP_CAPABILITY_LIDAR, NULL},
};

uint32_t pcp_capabilities(const pcp_controller_t *ctl)
{
    const pcp_config_t *config = &ctl->config;
    const uint32_t derived = PCP_CAPABILITY_RANGES | PCP_CAPABILITY_KEY_REQUIRED | PCP_CAPABILITY_LINE_SENSOR;
    uint32_t fitted = config->capabilities & ~derived;
    fitted |= config->range_mask != 0 ? (uint32_t)PCP_CAPABILITY_RANGES : 0u;
    fitted |= config->has_key != 0 ? (uint32_t)PCP_CAPABILITY_KEY_REQUIRED : 0u;
    fitted |= config->line_mask != 0 ? (uint32_t)PCP_CAPABILITY_LINE_SENSOR : 0u;
    return ctl->parameters.can_store ? fitted : fitted & ~(uint32_t)PCP_CAPABILITY_STORAGE;
}

void pcp_telemetry_init(pcp_controller_t *ctl)
{
    ctl->line.hellos_left = HELLO_COUNT;
    pcp_streams_init(ctl);
}

/* A host that was there before us learns that we started. */
static void send_boot_hello(pcp_controller_t *ctl)
{
    pcp_outbox_t *line = &ctl->line;
    if (line->hellos_left == 0) {
        return;
    }
    if (line->hello_wait_steps > 0) {
        line->hello_wait_steps--;
        return;
    }
    line->hellos_left--;
    line->hello_wait_steps = HELLO_EVERY_STEPS - 1;
    pcp_line_hello(ctl);
}

/* Once, when the hellos of the boot are out. */
static void introduce(pcp_controller_t *ctl)
{
    if (ctl->line.hellos_left == 0 && !ctl->line.introduced) {
        ctl->line.introduced = true;
        pcp_readings_introduce(ctl);
    }
}

static void tell_at_once(pcp_controller_t *ctl, const pcp_inputs_t *in)
{
    pcp_outbox_t *line = &ctl->line;
    const pcp_status_t status = status_now(ctl);
    if (is_change(&status, &line->status)) {
        line->wait_steps[PCP_STATUS_STREAM] = 0;
    }
    if (line->din_wait_steps > 0) {
        line->din_wait_steps--;
    } else if (in->digital_inputs != line->inputs) {
        line->wait_steps[PCP_DIN_STREAM] = 0;
    }
}

void pcp_telemetry_step(pcp_controller_t *ctl, const pcp_inputs_t *in)
{
    if (ctl->parameters.lost) {
        ctl->parameters.lost = false;
        pcp_line_event(ctl, PCP_SEVERITY_WARNING, PCP_EVENT_CODE_PARAMETERS_LOST, 0, in->now_us);
    }
    ctl->line.range_fresh |= in->range_fresh & ctl->config.range_mask;
    send_boot_hello(ctl);
    introduce(ctl);
    tell_at_once(ctl, in);
    pcp_streams_step(ctl, in);
    pcp_readings_send_tags(ctl);
}
