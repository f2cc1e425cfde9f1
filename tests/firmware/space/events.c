/* What can happen to a controller: a frame of its owner, of somebody else, and a step of time. */
#include "space.h"

enum { LONG_US = 10000000 };
enum { OURS = 1, THEIRS = 0, OLD = 2, BARREN = 4, ONCE_MORE = 8 };
enum {
    BUMPER = 1, NEAR = 2, SILENT = 4, LOW = 8, TURNING = 16, LATE = 32, TILTED = 64, MUTE = 128, SHAKEN = 256,
    EDGE = 512, CHARGER = 1024, SENSELESS = 2048, DEAD = 4096, FLIPPED = 8192
};

void space_start(view_t *view, world_t world)
{
    pcp_config_t config = {
        .chassis = PCP_CHASSIS_DIFFERENTIAL, .line_bytes_per_s = 92160,
        .capabilities = world == WORLD_BODY ? PCP_CAPABILITY_IMU : 0u,
        .range_mask = world == WORLD_RANGES ? 1u << FRONT_SENSOR : 0u,
    };
    pcp_config_own_values(&config);
    config.track_m = 0.2f;
    config.accel_mps2 = config.decel_mps2 = 10.0f; /* the ramp is a few steps long */
    config.max_speed_mps = 0.4f;
    config.max_turn_radps = 4.0f;
    config.host_silent_ms = HOST_SILENT_MS;
    config.range_silent_ms = RANGE_SILENT_MS;
    config.undervoltage_ms = UNDERVOLTAGE_MS;
    config.tilt_ms = TILT_MS;
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

static uint16_t battery_mv(const view_t *view, int what)
{
    const uint16_t low_mv = view->car.config.undervoltage_mv;
    return (uint16_t)((what & SENSELESS) != 0 ? 0 : low_mv + ((what & LOW) != 0 ? -1 : 1000));
}

/* What is wrong inside. A step forgets how long a wheel misbehaved, or makes it long enough to count. */
static void prepare(view_t *view, int what)
{
    pcp_controller_t *car = &view->car;
    car->faults = (pcp_faults_t){0};
    if ((what & DEAD) != 0) {
        car->faults.wheels[0].dead_us = LONG_US;
        view->ticks[1] += 100;
    }
    if ((what & FLIPPED) != 0) { /* a bit of what it compares its configuration with; compared in this step */
        car->memory.crc ^= 1u;
        car->memory.at = sizeof car->config - 1u;
    }
}

/* Everything the sensors may say in one step. */
static void step(view_t *view, int what)
{
    const bool is_edge = (what & EDGE) != 0;
    pcp_inputs_t in = {
        .now_us = view->car.now_us + ((what & LATE) != 0 ? LATE_US : STEP_US),
        .accel_mmps2 = {(int16_t)((what & TILTED) != 0 ? 9810 : 0), 0, (int16_t)((what & TILTED) != 0 ? 0 : 9810)},
        .gyro_500urad = {(int16_t)((what & SHAKEN) != 0 ? 1000 : 0), 0, 0},
        .imu_fresh = (what & MUTE) != 0 ? 0 : 1,
        .battery_mv = battery_mv(view, what),
        .bumpers = (what & BUMPER) != 0 ? 1 : 0,
        .cliffs = is_edge ? 1 : 0,
        .charger = (what & CHARGER) != 0 ? 1 : 0,
        .range_fresh = (uint8_t)((what & SILENT) != 0 ? 0u : 1u << FRONT_SENSOR),
    };
    prepare(view, what);
    for (unsigned i = 0; i < PCP_WHEELS; i++) {
        view->ticks[i % 2] += (what & TURNING) != 0 && i < 2 ? 5 : 0;
        in.ticks[i] = view->ticks[i % 2];
    }
    in.range_mm[FRONT_SENSOR] = (what & NEAR) != 0 ? 1 : PCP_RANGE_NOTHING_SEEN;
    pcp_controller_step(&view->car, &in, &view->outputs);
}

static void let_last(uint32_t now_us, uint32_t *since_us, uint32_t early_us, uint32_t limit_us)
{
    const uint32_t age_us = now_us - *since_us;
    *since_us = age_us > early_us && age_us < limit_us ? now_us - (limit_us - STEP_US) : *since_us;
}

/* Silence and braking that go on and on while nothing else changes: to the step before their limit. */
static void on_and_on(view_t *view, int unused)
{
    const uint32_t silent_us = 1000u * HOST_SILENT_MS;
    (void)unused;
    let_last(view->car.now_us, &view->car.safety.owner_heard_us, silent_us, silent_us + BRAKE_LIMIT_US);
    let_last(view->car.now_us, &view->car.safety.brake_from_us, SHORT_US, BRAKE_LIMIT_US);
}

#define STEP(worlds, what, name) \
    {worlds, name, KIND_STEP, step, what}, {worlds, name ", wheels turn", KIND_STEP, step, (what) | TURNING}
#define RANGE_STEPS(what, name)                                            \
    STEP(WORLD_RANGES, what, name),                                        \
    STEP(WORLD_RANGES, (what) | BUMPER, name ", bumper"),                  \
    STEP(WORLD_RANGES, (what) | LOW, name ", battery low"),                \
    STEP(WORLD_RANGES, (what) | LOW | BUMPER, name ", battery low, bumper")

const event_t EVENTS[] = {
    {WORLD_ANY, "HELLO of the owner, or of the first host", KIND_HELLO, hello, OURS},
    {WORLD_ANY, "HELLO of another host", KIND_HELLO, hello, THEIRS},
    {WORLD_ANY, "HELLO without the magic", KIND_POWERLESS, hello, BARREN},
    {WORLD_ANY, "HEARTBEAT", 0, heartbeat, OURS},
    {WORLD_ANY, "HEARTBEAT of another host", KIND_POWERLESS, heartbeat, THEIRS},
    {WORLD_ANY, "DRIVE forward", 0, forward, OURS},
    {WORLD_ANY, "DRIVE backward", 0, backward, OURS},
    {WORLD_ANY, "DRIVE spin", 0, spin, OURS},
    {WORLD_ANY, "DRIVE zero", 0, rest, OURS},
    {WORLD_ANY, "DRIVE with an old count", KIND_OLD, forward, OURS | OLD},
    {WORLD_ANY, "DRIVE of another host", KIND_POWERLESS, forward, THEIRS},
    {WORLD_ANY, "DRIVE with a lease of 99 ms", KIND_POWERLESS, forward, OURS | BARREN},
    {WORLD_ANY, "STOP", KIND_STOP, stop, 0},
    {WORLD_ANY, "BREAK", KIND_STOP, line_break, 0},
    {WORLD_ANY, "ARM", KIND_ARM, arm, OURS},
    {WORLD_ANY, "ARM of another host", KIND_POWERLESS, arm, THEIRS},
    {WORLD_ANY, "ARM with an argument", 0, arm, OURS | BARREN},
    {WORLD_ANY, "ARM under the number of the last command", KIND_POWERLESS, arm, OURS | ONCE_MORE},
    {WORLD_ANY, "DISARM", KIND_DISARM, disarm, OURS},
    {WORLD_ANY, "DISARM of another host", KIND_POWERLESS, disarm, THEIRS},
    {WORLD_ANY, "CLEAR_STOP", KIND_CLEAR, clear, OURS},
    {WORLD_ANY, "CLEAR_STOP of an earlier STOP", 0, clear, OURS | OLD},
    {WORLD_ANY, "CLEAR_STOP of another host", KIND_POWERLESS, clear, THEIRS},
    RANGE_STEPS(0, "a step"),
    RANGE_STEPS(NEAR, "a step, something near"),
    RANGE_STEPS(SILENT, "a step, ranges silent"),
    STEP(WORLD_BODY, 0, "a step"),
    STEP(WORLD_BODY, TILTED, "a step, tilted"),
    STEP(WORLD_BODY, MUTE, "a step, IMU silent"),
    STEP(WORLD_BODY, SHAKEN, "a step, shaken"),
    STEP(WORLD_BODY, EDGE, "a step, an edge ahead"),
    STEP(WORLD_BODY, EDGE | TILTED, "a step, tilted over an edge"),
    STEP(WORLD_BODY, CHARGER, "a step, charger plugged in"),
    STEP(WORLD_BODY, SENSELESS, "a step, no battery reading"),
    STEP(WORLD_BODY, FLIPPED, "a step, a bit has flipped"),
    {WORLD_BODY, "a step, an encoder is dead", KIND_STEP, step, DEAD},
    {WORLD_ANY, "silence or braking goes on and on", 0, on_and_on, 0},
    {WORLD_ANY, "a late step", KIND_STEP | KIND_LATE, step, LATE},
    {WORLD_ANY, "a late step, wheels turn", KIND_STEP | KIND_LATE, step, LATE | TURNING},
};
const size_t EVENT_COUNT = sizeof EVENTS / sizeof EVENTS[0];
