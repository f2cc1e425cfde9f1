#include "program.h"

enum { RAW, FRAME, HURT, GLUE, HOST, STEP, SENSE, BREAK, KINDS };

enum { SESSION = 0x1234 };

static const uint8_t TO_CONTROLLER[] = {PCP_ID_HELLO_REQUEST, PCP_ID_HEARTBEAT, PCP_ID_DRIVE, PCP_ID_STOP, PCP_ID_CMD};
/* Of 64: mostly the control period, sometimes jitter, a late loop or a long silence. */
static const uint32_t STEPS_US[] = {[0] = WORLD_LONGEST_STEP_US, [1] = 300000, [2] = 60000, [3] = 1000, [4] = 12345};
enum { PERIODS_FROM = 5 };

typedef struct {
    const uint8_t *data;
    size_t n, at;
} tape_t;

static uint8_t next(tape_t *tape)
{
    return tape->at < tape->n ? tape->data[tape->at++] : 0;
}

/* Build a sound frame of any id; mostly one that a host sends, so that the sessions are reached. */
static size_t frame_from(world_t *world, tape_t *tape, uint8_t *out)
{
    uint8_t payload[PCP_MAX_PAYLOAD] = {0};
    uint8_t id = next(tape);
    const size_t given = next(tape) % 64u;
    if (id & 0x80u) {
        id = TO_CONTROLLER[id % sizeof TO_CONTROLLER];
    }
    for (size_t i = 0; i < given; i++) {
        payload[i] = next(tape);
    }
    const pcp_message_t *message = pcp_message(id);
    const size_t size = message != NULL ? message->size : given;
    const uint32_t seed = message != NULL ? message->seed : 0;
    return pcp_frame_encode(id, (uint8_t)world->eavesdropper.counts.frames, payload, size, seed, out);
}

static void say(world_t *world, uint8_t id, const uint8_t *payload)
{
    uint8_t frame[PCP_MAX_FRAME];
    const pcp_message_t *message = pcp_message(id);
    const uint8_t seq = (uint8_t)(world->eavesdropper.last_seq + 1);
    world_feed(world, frame, pcp_frame_encode(id, seq, payload, message->size, message->seed, frame));
}

static void command(world_t *world, uint8_t what, uint8_t transaction, int32_t argument)
{
    uint8_t payload[PCP_SIZE_CMD];
    const pcp_cmd_t cmd = {.session = SESSION, .transaction = transaction, .command = what, .argument = argument};
    (void)pcp_cmd_pack(&cmd, payload);
    say(world, PCP_ID_CMD, payload);
}

/* A host that mostly does what hosts do. The first call of a world finds no session and opens one. */
static void host(world_t *world, uint8_t what, uint8_t how)
{
    uint8_t payload[PCP_MAX_PAYLOAD_IN];
    const pcp_hello_request_t hello = {PCP_MAGIC, PCP_MAJOR, PCP_MINOR, PCP_SCHEMA, SESSION};
    const pcp_drive_t drive = {.session = SESSION, .count = (uint16_t)(world->car.order.count + 1 + how % 3), .lease_ms = 300,
                               .vx_mmps = (int16_t)(16 * (int8_t)how), .wz_mradps = (int16_t)(how * 97)};
    const pcp_heartbeat_t beat = {.session = SESSION, .loop_count = world->inputs.now_us};
    const pcp_stop_t stop = {.reason = how};
    if (world->car.owner.session != SESSION || what % 16 == 0) {
        (void)pcp_hello_request_pack(&hello, payload);
        say(world, PCP_ID_HELLO_REQUEST, payload);
    } else if (what % 16 <= 4 && world->car.safety.state == PCP_STATE_STOPPED) {
        command(world, PCP_COMMAND_CLEAR_STOP, how, world->car.safety.stop_count);
    } else if (what % 16 <= 4) {
        command(world, PCP_COMMAND_ARM, how, 0);
    } else if (what % 16 <= 9) {
        (void)pcp_drive_pack(&drive, payload);
        say(world, PCP_ID_DRIVE, payload);
    } else if (what % 16 <= 11) {
        (void)pcp_heartbeat_pack(&beat, payload);
        say(world, PCP_ID_HEARTBEAT, payload);
    } else if (what % 16 == 12) {
        (void)pcp_stop_pack(&stop, payload);
        say(world, PCP_ID_STOP, payload);
    } else {
        command(world, how % 8, (uint8_t)(how + 1), how & 1);
    }
}

static void sense(world_t *world, uint8_t which, uint8_t value)
{
    pcp_inputs_t *in = &world->inputs;
    switch (which % 8) {
    case 0:
        in->range_mm[value % PCP_RANGES] = (uint16_t)(value * 4);
        break;
    case 1:
        in->range_mm[value % PCP_RANGES] = (uint16_t)(0xFFFFu - value / PCP_RANGES % 4);
        break;
    case 2:
        in->bumpers = value < 240 ? 0 : value;
        break;
    case 3:
        in->battery_mv = value < 32 ? 6000 : 7400;
        break;
    case 4:
        in->range_fresh = value < 32 ? 0 : 0xFF;
        break;
    case 5:
        in->ticks[value % PCP_WHEELS] = (int32_t)((uint32_t)value << 24); /* a counter that leaps */
        break;
    case 6:
        in->ticks[value % PCP_WHEELS] = (int32_t)((uint32_t)in->ticks[value % PCP_WHEELS] + value / 8);
        break;
    default:
        break;
    }
}

static void feed_frame(world_t *world, tape_t *tape, uint8_t kind)
{
    uint8_t frame[PCP_MAX_FRAME];
    const uint8_t at = kind == HURT ? next(tape) : 0, mask = kind == HURT ? next(tape) : 0;
    const size_t n = frame_from(world, tape, frame);
    frame[at % n] ^= mask;
    world_feed(world, frame, kind == GLUE ? n - 1 : n);
}

static void feed_raw(world_t *world, tape_t *tape)
{
    const size_t asked = 4u * next(tape), left = tape->n - tape->at;
    const size_t n = asked < left ? asked : left;
    world_feed(world, tape->data + tape->at, n < WORLD_LONGEST_FEED ? n : WORLD_LONGEST_FEED);
    tape->at += n;
}

void program_run(world_t *world, const uint8_t *data, size_t n)
{
    tape_t tape = {data, n, 0};
    while (tape.at < n) {
        const uint8_t kind = next(&tape) % KINDS, a = kind >= HOST ? next(&tape) : 0;
        switch (kind) {
        case RAW:
            feed_raw(world, &tape);
            break;
        case HOST:
            host(world, a, next(&tape));
            break;
        case STEP:
            world_step(world, a % 64 < PERIODS_FROM ? STEPS_US[a % 64] : PCP_PERIOD_US, 32u * (a / 16u));
            break;
        case SENSE:
            sense(world, a, next(&tape));
            break;
        case BREAK:
            if (a < 4) {
                world_break(world);
            }
            break;
        default:
            feed_frame(world, &tape, kind);
            break;
        }
    }
}
