/* What can happen to a controller: a frame of its owner, of somebody else, and a step of time. */
#include "space.h"

enum { OURS = 1, THEIRS = 0, OLD = 2, BARREN = 4, ONCE_MORE = 8 };
enum { BUMPER = 1, NEAR = 2, SILENT = 4, LOW = 8, TURNING = 16, LATE = 32 };

void space_start(view_t *view)
{
    pcp_config_t config = {
        .chassis = PCP_CHASSIS_DIFFERENTIAL, .line_bytes_per_s = 92160, .range_mask = 1u << FRONT_SENSOR,
    };
    pcp_config_own_values(&config);
    config.track_m = 0.2f;
    config.accel_mps2 = config.decel_mps2 = 10.0f; /* the ramp is a few steps long */
    config.max_speed_mps = 0.4f;
    config.max_turn_radps = 4.0f;
    config.host_silent_ms = HOST_SILENT_MS;
    config.range_silent_ms = RANGE_SILENT_MS;
    config.undervoltage_ms = UNDERVOLTAGE_MS;
    *view = (view_t){0};
    (void)pcp_controller_init(&view->car, &config);
    view->car.now_us = 0u - 10u * STEP_US; /* the clock wraps while it is explored */
}

static void say(view_t *view, uint8_t id, const uint8_t *payload)
{
    uint8_t frame[PCP_MAX_FRAME];
    const pcp_message_t *message = pcp_message(id);
    const size_t n = pcp_frame_encode(id, 0, payload, message->size, message->seed, frame);
    pcp_controller_receive(&view->car, frame, n, view->car.now_us);
}

/* The number of the owner, or of somebody who is not. */
static uint16_t session_of(const view_t *view, int whose)
{
    const uint16_t owner = view->car.owner.session;
    return (uint16_t)((whose & OURS) != 0 && owner != 0 ? owner : owner + 1);
}

static void hello(view_t *view, int whose)
{
    uint8_t payload[PCP_SIZE_HELLO_REQUEST];
    const pcp_hello_request_t request = {
        .magic = (whose & BARREN) != 0 ? 0 : PCP_MAGIC,
        .major = PCP_MAJOR,
        .minor = PCP_MINOR,
        .schema = PCP_SCHEMA,
        .session = session_of(view, whose),
    };
    (void)pcp_hello_request_pack(&request, payload);
    say(view, PCP_ID_HELLO_REQUEST, payload);
}

static void heartbeat(view_t *view, int whose)
{
    uint8_t payload[PCP_SIZE_HEARTBEAT];
    const pcp_heartbeat_t beat = {
        .session = session_of(view, whose),
        .loop_count = view->car.owner.loop_count + 1u,
    };
    (void)pcp_heartbeat_pack(&beat, payload);
    say(view, PCP_ID_HEARTBEAT, payload);
}

static void drive(view_t *view, int whose, int16_t vx_mmps, int16_t wz_mradps)
{
    uint8_t payload[PCP_SIZE_DRIVE];
    const pcp_drive_t wish = {
        .session = session_of(view, whose),
        .count = (uint16_t)(view->car.order.count + ((whose & OLD) != 0 ? 0 : 1)),
        .lease_ms = (whose & BARREN) != 0 ? 99 : LEASE_MS,
        .vx_mmps = vx_mmps,
        .wz_mradps = wz_mradps,
    };
    (void)pcp_drive_pack(&wish, payload);
    say(view, PCP_ID_DRIVE, payload);
}

static void forward(view_t *view, int whose)
{
    drive(view, whose, 400, 0);
}

static void backward(view_t *view, int whose)
{
    drive(view, whose, -400, 0);
}

static void spin(view_t *view, int whose)
{
    drive(view, whose, 0, 2000);
}

static void rest(view_t *view, int whose)
{
    drive(view, whose, 0, 0);
}

static void stop(view_t *view, int reason)
{
    uint8_t payload[PCP_SIZE_STOP];
    const pcp_stop_t frame = {.reason = (uint8_t)reason};
    (void)pcp_stop_pack(&frame, payload);
    say(view, PCP_ID_STOP, payload);
}

static void line_break(view_t *view, int unused)
{
    (void)unused;
    pcp_controller_line_break(&view->car, view->car.now_us);
}

static uint8_t transaction_of(const view_t *view, int whose)
{
    const pcp_owner_t *owner = &view->car.owner;
    const uint8_t last = owner->answers[(owner->next_answer + PCP_TRANSACTIONS - 1u) % PCP_TRANSACTIONS].transaction;
    return (whose & ONCE_MORE) != 0 ? last : (uint8_t)(last % 255u + 1u);
}

static void command(view_t *view, int whose, pcp_command_t command, int32_t argument)
{
    uint8_t payload[PCP_SIZE_CMD];
    const pcp_cmd_t cmd = {
        .session = session_of(view, whose),
        .transaction = transaction_of(view, whose),
        .command = (uint8_t)command,
        .argument = argument,
    };
    (void)pcp_cmd_pack(&cmd, payload);
    say(view, PCP_ID_CMD, payload);
}

static void arm(view_t *view, int whose)
{
    command(view, whose, PCP_COMMAND_ARM, (whose & BARREN) != 0 ? 1 : 0);
}

static void disarm(view_t *view, int whose)
{
    command(view, whose, PCP_COMMAND_DISARM, 0);
}

static void clear(view_t *view, int whose)
{
    command(view, whose, PCP_COMMAND_CLEAR_STOP, view->car.safety.stop_count + ((whose & OLD) != 0 ? -1 : 0));
}

/* Everything the sensors may say in one step. */
static void step(view_t *view, int what)
{
    pcp_inputs_t in = {
        .now_us = view->car.now_us + ((what & LATE) != 0 ? LATE_US : STEP_US),
        .accel_mmps2 = {0, 0, 9810},
        .imu_fresh = 1,
        .battery_mv = (uint16_t)(view->car.config.undervoltage_mv + ((what & LOW) != 0 ? -1 : 1000)),
        .bumpers = (what & BUMPER) != 0 ? 1 : 0,
        .range_fresh = (uint8_t)((what & SILENT) != 0 ? 0u : 1u << FRONT_SENSOR),
    };
    view->ticks += (what & TURNING) != 0 ? 5 : 0;
    for (unsigned i = 0; i < PCP_WHEELS; i++) {
        in.ticks[i] = view->ticks;
    }
    in.range_mm[FRONT_SENSOR] = (what & NEAR) != 0 ? 1 : PCP_RANGE_NOTHING_SEEN;
    view->car.faults = (pcp_faults_t){0};
    pcp_controller_step(&view->car, &in, &view->outputs);
}

#define STEPS(ranges, name)                                                                   \
    {name, KIND_STEP, step, ranges}, {name ", wheels turn", KIND_STEP, step, ranges | TURNING}, \
    {name ", bumper", KIND_STEP, step, ranges | BUMPER},                                        \
    {name ", bumper, wheels turn", KIND_STEP, step, ranges | BUMPER | TURNING},                 \
    {name ", battery low", KIND_STEP, step, ranges | LOW},                                      \
    {name ", battery low, wheels turn", KIND_STEP, step, ranges | LOW | TURNING},               \
    {name ", battery low, bumper", KIND_STEP, step, ranges | LOW | BUMPER},                     \
    {name ", battery low, bumper, wheels turn", KIND_STEP, step, ranges | LOW | BUMPER | TURNING}

const event_t EVENTS[] = {
    {"HELLO of the owner, or of the first host", KIND_HELLO, hello, OURS},
    {"HELLO of another host", KIND_HELLO, hello, THEIRS},
    {"HELLO without the magic", KIND_POWERLESS, hello, BARREN},
    {"HEARTBEAT", 0, heartbeat, OURS},
    {"HEARTBEAT of another host", KIND_POWERLESS, heartbeat, THEIRS},
    {"DRIVE forward", 0, forward, OURS},
    {"DRIVE backward", 0, backward, OURS},
    {"DRIVE spin", 0, spin, OURS},
    {"DRIVE zero", 0, rest, OURS},
    {"DRIVE with an old count", KIND_OLD, forward, OURS | OLD},
    {"DRIVE of another host", KIND_POWERLESS, forward, THEIRS},
    {"DRIVE with a lease of 99 ms", KIND_POWERLESS, forward, OURS | BARREN},
    {"STOP", KIND_STOP, stop, 0},
    {"BREAK", KIND_STOP, line_break, 0},
    {"ARM", KIND_ARM, arm, OURS},
    {"ARM of another host", KIND_POWERLESS, arm, THEIRS},
    {"ARM with an argument", 0, arm, OURS | BARREN},
    {"ARM under the number of the last command", KIND_POWERLESS, arm, OURS | ONCE_MORE},
    {"DISARM", KIND_DISARM, disarm, OURS},
    {"DISARM of another host", KIND_POWERLESS, disarm, THEIRS},
    {"CLEAR_STOP", KIND_CLEAR, clear, OURS},
    {"CLEAR_STOP of an earlier STOP", 0, clear, OURS | OLD},
    {"CLEAR_STOP of another host", KIND_POWERLESS, clear, THEIRS},
    STEPS(0, "a step"),
    STEPS(NEAR, "a step, something near"),
    STEPS(SILENT, "a step, ranges silent"),
    {"a late step", KIND_STEP | KIND_LATE, step, LATE},
    {"a late step, wheels turn", KIND_STEP | KIND_LATE, step, LATE | TURNING},
};
const size_t EVENT_COUNT = sizeof EVENTS / sizeof EVENTS[0];
