/* What the controller tells by itself, and how often.
 *
 * Rates are those of protocol.yaml, counted in control periods. First steps differ, so that the
 * streams do not all leave at once. STATUS also leaves at once on every change. */
#include "pcp_parts.h"

enum { HELLO_COUNT = 3, HELLO_EVERY_STEPS = 10, HERTZ_TO_STEPS = 1000000 / PCP_PERIOD_US };

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
    };
    (void)in;
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
    pcp_wheels_t wheels = {.stamp_us = in->now_us};
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
    if ((ctl->config.capabilities & PCP_CAPABILITY_IMU) == 0 || in->imu_fresh == 0) {
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

/* A car without range sensors sends none; a place without a sensor is broken. */
static void send_ranges(pcp_controller_t *ctl, const pcp_inputs_t *in)
{
    uint8_t payload[PCP_SIZE_RANGES];
    pcp_ranges_t ranges = {.stamp_us = in->now_us, .fresh = ctl->line.range_fresh};
    if (ctl->config.range_mask == 0) {
        return;
    }
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
        .stop_count = ctl->safety.stop_count,
        .stop_source = ctl->safety.stop_source,
        .lease_left_ms = order->lease_valid ? (uint16_t)((order->lease_us - spent_us) / 1000u) : (uint16_t)0,
    };
}

/* The lease runs down all the time: that alone is no change. */
static bool is_change(const pcp_status_t *now, const pcp_status_t *sent)
{
    return now->state != sent->state || now->cause != sent->cause || now->flags != sent->flags ||
           now->arm_checks != sent->arm_checks || now->bumpers != sent->bumpers ||
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

typedef struct {
    uint16_t every_steps;
    uint16_t first_step;
    void (*send)(pcp_controller_t *ctl, const pcp_inputs_t *in);
} stream_t;

enum { STATUS_STREAM = 0 };

static const stream_t STREAMS[PCP_STREAMS] = {
    [STATUS_STREAM] = {HERTZ_TO_STEPS / 10, 0, send_status},
    {HERTZ_TO_STEPS / 50, 0, send_odom},
    {HERTZ_TO_STEPS / 50, 1, send_wheels},
    {HERTZ_TO_STEPS / 100, 0, send_imu},
    {HERTZ_TO_STEPS / 20, 2, send_ranges},
    {HERTZ_TO_STEPS / 5, 3, send_power},
    {HERTZ_TO_STEPS / 5, 13, send_alive},
    {HERTZ_TO_STEPS / 1, 9, send_link_stats},
};

void pcp_telemetry_init(pcp_outbox_t *line)
{
    line->hellos_left = HELLO_COUNT;
    for (unsigned i = 0; i < PCP_STREAMS; i++) {
        line->wait_steps[i] = STREAMS[i].first_step;
    }
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

void pcp_telemetry_step(pcp_controller_t *ctl, const pcp_inputs_t *in)
{
    pcp_outbox_t *line = &ctl->line;
    const pcp_status_t status = status_now(ctl);
    line->range_fresh |= in->range_fresh & ctl->config.range_mask;
    send_boot_hello(ctl);
    if (is_change(&status, &line->status)) {
        line->wait_steps[STATUS_STREAM] = 0;
    }
    for (unsigned i = 0; i < PCP_STREAMS; i++) {
        if (line->wait_steps[i] == 0) {
            line->wait_steps[i] = STREAMS[i].every_steps;
            STREAMS[i].send(ctl, in);
        }
        line->wait_steps[i]--;
    }
}
