/* A closed loop that visits everything: a host that opens a session, arms, drives, falls silent, stops and
 * clears; a line that flips bits; wheels with lag in single precision; bumpers, near ranges, a sagging
 * battery. Chance is a linear congruence, so every processor sees the same. Compiled for the board and for
 * this machine it must return the same hash: then both compute the same bits. */
#include "golden.h"

#include "port.h"

enum {
    SESSION = 77,
    BATTERY_MV = 12000,
    GRAVITY_MMPS2 = 9810,
    SAG_MV = 3500,
    FAULT_STEPS = 150,
    LEASE_MS = 200,
    ALL_SONARS = 0x0F
};

static const float FULL_MPS = 1.1f, LAG = 0.3f, STEP_S = 0.01f, DEAD = 0.04f;

/* Numerical Recipes' constants; the upper bits are the good ones. */
static uint32_t chance(pcp_golden_t *run, uint32_t sides)
{
    run->chance = run->chance * 1664525u + 1013904223u;
    return (run->chance >> 8) % sides;
}

static void hash(pcp_golden_t *run, const uint8_t *bytes, size_t n)
{
    run->hash = pcp_crc32(bytes, n, run->hash);
}

/* To the controller; one frame in 40 arrives with a flipped bit, one in 200 loses its end. */
static void send(pcp_golden_t *run, uint8_t id, const uint8_t *payload)
{
    uint8_t frame[PCP_MAX_FRAME];
    const pcp_message_t *message = pcp_message(id);
    if (message == NULL) {
        return;
    }
    size_t n = pcp_frame_encode(id, run->seq++, payload, message->size, message->seed, frame);
    if (chance(run, 40) == 0) {
        frame[chance(run, (uint32_t)n)] ^= (uint8_t)(1u << chance(run, 8));
    }
    n -= chance(run, 200) == 0 ? 1 + chance(run, (uint32_t)n) : 0;
    pcp_controller_receive(&run->car, frame, n, run->in.now_us);
}

static void command(pcp_golden_t *run, uint8_t wanted, int32_t argument)
{
    uint8_t payload[PCP_SIZE_CMD];
    run->transaction = run->transaction == 255 ? 1 : (uint8_t)(run->transaction + 1u);
    const pcp_cmd_t cmd = {
        .session = SESSION, .transaction = run->transaction, .command = wanted, .argument = argument};
    (void)pcp_cmd_pack(&cmd, payload);
    send(run, PCP_ID_CMD, payload);
}

static void drive(pcp_golden_t *run)
{
    uint8_t payload[PCP_SIZE_DRIVE];
    const uint32_t leg = run->loop_count / 100u;
    const pcp_drive_t wish = {
        .session = SESSION,
        .count = ++run->drive_count,
        .lease_ms = LEASE_MS,
        .vx_mmps = (int16_t)(300 + 100 * (int32_t)(leg % 5u) - 800 * (int32_t)(leg % 7u == 0)),
        .wz_mradps = (int16_t)(400 * (int32_t)(leg % 9u) - 1600 + (int32_t)chance(run, 41) - 20),
    };
    (void)pcp_drive_pack(&wish, payload);
    send(run, PCP_ID_DRIVE, payload);
}

static void greet(pcp_golden_t *run)
{
    uint8_t payload[PCP_SIZE_HELLO_REQUEST];
    const pcp_hello_request_t hello = {
        .magic = PCP_MAGIC, .major = PCP_MAJOR, .minor = PCP_MINOR, .schema = PCP_SCHEMA, .session = SESSION};
    (void)pcp_hello_request_pack(&hello, payload);
    send(run, PCP_ID_HELLO_REQUEST, payload);
}

static void beat(pcp_golden_t *run)
{
    uint8_t payload[PCP_SIZE_HEARTBEAT];
    const pcp_heartbeat_t heartbeat = {.session = SESSION, .loop_count = run->loop_count};
    (void)pcp_heartbeat_pack(&heartbeat, payload);
    send(run, PCP_ID_HEARTBEAT, payload);
}

static void stop(pcp_golden_t *run)
{
    uint8_t payload[PCP_SIZE_STOP];
    const pcp_stop_t halt = {.reason = (uint8_t)chance(run, 3)};
    (void)pcp_stop_pack(&halt, payload);
    send(run, PCP_ID_STOP, payload);
}

/* The host's turn: it is away for 3 s of each 20. */
static void play_host(pcp_golden_t *run)
{
    const uint32_t turn = run->loop_count++;
    if (turn % 2000u >= 1700u) {
        return;
    }
    if (turn % 20u == 0) {
        greet(run);
    }
    if (turn % 10u == 0) {
        beat(run);
    }
    if (turn % 2u == 0) {
        drive(run);
    }
    if (turn % 25u == 3 && run->status.state == PCP_STATE_STOPPED) {
        command(run, PCP_COMMAND_CLEAR_STOP, run->status.stop_count);
    } else if (turn % 25u == 13 && run->status.state == PCP_STATE_DISARMED) {
        command(run, PCP_COMMAND_ARM, 0);
    } else if (chance(run, 1500) == 0) {
        command(run, PCP_COMMAND_DISARM, 0);
    } else if (chance(run, 2500) == 0) {
        command(run, PCP_COMMAND_RESET_ODOMETRY, 0);
    }
    if (chance(run, 900) == 0) {
        stop(run);
    }
}

static void turn_wheels(pcp_golden_t *run, const pcp_outputs_t *out)
{
    for (unsigned i = 0; i < PCP_WHEELS; i++) {
        const float duty = out->enable != 0 ? (float)out->duty_permille[i] * 0.001f : 0.0f;
        const float free = duty > DEAD ? duty - DEAD : (duty < -DEAD ? duty + DEAD : 0.0f);
        run->speed_mps[i] += (free * FULL_MPS - run->speed_mps[i]) * LAG;
        run->way_ticks[i] += run->speed_mps[i] * STEP_S / run->car.config.metres_per_tick;
        const int32_t whole = (int32_t)run->way_ticks[i];
        run->way_ticks[i] -= (float)whole;
        run->in.ticks[i] = (int32_t)((uint32_t)run->in.ticks[i] + (uint32_t)whole);
    }
}

static void play_world(pcp_golden_t *run)
{
    run->in.now_us += PCP_PERIOD_US + chance(run, 101) - 50u;
    run->in.load_percent = (uint8_t)chance(run, 30);
    run->bumper_left = run->bumper_left > 0 ? (uint8_t)(run->bumper_left - 1) : (uint8_t)(chance(run, 2000) == 0);
    run->in.bumpers = run->bumper_left > 0 ? (uint8_t)(1u << run->bumper_left % 8u) : (uint8_t)0;
    if (run->low_left > 0) {
        run->low_left--;
    } else if (chance(run, 3000) == 0) {
        run->low_left = FAULT_STEPS;
    }
    run->in.battery_mv = (uint16_t)(BATTERY_MV - chance(run, 300) - (run->low_left > 0 ? SAG_MV : 0));
    run->in.range_fresh = run->loop_count % 5u == 0 && run->loop_count % 4000u < 3940u ? ALL_SONARS : 0;
    for (unsigned i = 0; i < PCP_RANGES; i++) {
        const bool near = run->loop_count / 300u % 6u == 0;
        run->in.range_mm[i] = (uint16_t)(near ? 60u + chance(run, 90) : 400u + chance(run, 3000));
    }
    for (unsigned i = 0; i < 3; i++) {
        run->in.gyro_500urad[i] = (int16_t)((int32_t)chance(run, 201) - 100);
        run->in.accel_mmps2[i] = (int16_t)((int32_t)chance(run, 401) - 200);
    }
    run->in.accel_mmps2[2] = (int16_t)(GRAVITY_MMPS2 + run->in.accel_mmps2[2]);
    run->in.imu_fresh = 1;
}

/* What the controller sent goes into the hash, and its STATUS to the host. */
static void listen(pcp_golden_t *run)
{
    uint8_t piece[64];
    size_t n;
    pcp_frame_t frame;
    while ((n = pcp_controller_transmit(&run->car, piece, sizeof piece)) > 0) {
        hash(run, piece, n);
        for (size_t i = 0; i < n; i++) {
            if (!pcp_decoder_feed(&run->host, run->heard, piece[i])) {
                continue;
            }
            while (pcp_decoder_next(&run->host, run->heard, &frame)) {
                if (frame.id == PCP_ID_STATUS) {
                    pcp_status_unpack(&run->status, frame.payload);
                }
            }
        }
    }
}

static void hash_outputs(pcp_golden_t *run, const pcp_outputs_t *out)
{
    uint8_t bytes[2 * PCP_WHEELS + 1];
    for (unsigned i = 0; i < PCP_WHEELS; i++) {
        const uint16_t duty = (uint16_t)out->duty_permille[i];
        bytes[2u * i] = (uint8_t)(duty & 0xFFu);
        bytes[2u * i + 1u] = (uint8_t)(duty >> 8);
    }
    bytes[2 * PCP_WHEELS] = out->enable;
    hash(run, bytes, sizeof bytes);
}

uint32_t pcp_golden_size(void)
{
    return sizeof(pcp_golden_t);
}

uint32_t pcp_golden(pcp_golden_t *run, uint32_t steps)
{
    pcp_config_t config = {0};
    pcp_outputs_t out;
    *run = (pcp_golden_t){.chance = 1};
    pcp_car_config(&config);
    config.boot_id = 1;
    config.capabilities = PCP_CAPABILITY_IMU | PCP_CAPABILITY_BUMPERS;
    config.line_bytes_per_s = 46080;
    pcp_decoder_init(&run->host, sizeof run->heard);
    if (pcp_controller_init(&run->car, &config) != PCP_CONFIG_OK) {
        return 0;
    }
    for (uint32_t i = 0; i < steps; i++) {
        play_host(run);
        play_world(run);
        pcp_controller_step(&run->car, &run->in, &out);
        turn_wheels(run, &out);
        hash_outputs(run, &out);
        listen(run);
    }
    return run->hash;
}
