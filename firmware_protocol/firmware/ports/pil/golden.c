/* A closed loop that visits everything: a host that opens a session, arms, drives, falls silent, stops and
 * clears; a line that flips bits; wheels with lag in single precision, of every chassis in turn; bumpers, near
 * ranges, a sagging battery, and one fault after the other until every cause has stopped the car. Chance is a linear congruence, so every processor sees the same. Compiled for the board and for
 * this machine it must return the same hash: then both compute the same bits. */
#include "golden.h"

#include "port.h"

enum {
    SESSION = 77,
    BATTERY_MV = 12000,
    GRAVITY_MMPS2 = 9810,
    SAG_MV = 3500,
    FAULT_STEPS = 150,
    FAULT_EVERY = 240,
    AWAY_EVERY = 2000,
    QUIET_FROM = 1600,
    AWAY_FROM = 1700,
    LATE_US = 60000,
    GYRO_PER_RADPS = 2000,
    LEASE_MS = 200,
    ALL_SONARS = 0x0F,
    CHASSIS = 4
};

/* What is wrong for FAULT_STEPS of every FAULT_EVERY, in turn. */
typedef enum {
    NO_FAULT,
    ENCODER_DEAD,
    ENCODER_REVERSED,
    MOTOR_DEAD,
    MOTOR_STUCK_ON,
    BLOCKED,
    SLIPPING,
    TILTED,
    AT_EDGE,
    CHARGING,
    BATTERY_UNTRUE,
    IMU_AWAY,
    RANGES_AWAY,
    LATE,
    FAULTS
} fault_t;

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
        .vy_mmps = (int16_t)(150 * (int32_t)(leg % 3u) - 150),
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

static fault_t fault_of(const pcp_golden_t *run)
{
    const uint32_t turn = run->loop_count / FAULT_EVERY;
    const bool is_quiet = run->loop_count % AWAY_EVERY >= QUIET_FROM; /* a host that goes away leaves a sound car */
    return !is_quiet && run->loop_count % FAULT_EVERY < FAULT_STEPS ? (fault_t)(turn % FAULTS) : NO_FAULT;
}

/* The host's turn: it is away for 3 s of each 20. */
static void play_host(pcp_golden_t *run)
{
    const uint32_t turn = run->loop_count++;
    if (turn % AWAY_EVERY >= AWAY_FROM) {
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

static float duty_of(const pcp_golden_t *run, const pcp_outputs_t *out, unsigned wheel)
{
    const fault_t fault = fault_of(run);
    const float duty = out->enable != 0 ? (float)out->duty_permille[wheel] * 0.001f : 0.0f;
    if (wheel == 1 && fault == MOTOR_STUCK_ON) {
        return 0.8f;
    }
    return wheel == 1 && fault == MOTOR_DEAD ? 0.0f : duty;
}

static void turn_wheels(pcp_golden_t *run, const pcp_outputs_t *out)
{
    const fault_t fault = fault_of(run);
    for (unsigned i = 0; i < PCP_WHEELS; i++) {
        const float duty = duty_of(run, out, i);
        const float free = duty > DEAD ? duty - DEAD : (duty < -DEAD ? duty + DEAD : 0.0f);
        run->speed_mps[i] += (free * FULL_MPS - run->speed_mps[i]) * LAG;
        run->speed_mps[i] = fault == BLOCKED ? 0.0f : run->speed_mps[i];
        run->way_ticks[i] += run->speed_mps[i] * STEP_S / run->car.config.metres_per_tick;
        const int32_t whole = (int32_t)run->way_ticks[i];
        const int32_t told = i != 0 ? whole : (fault == ENCODER_DEAD ? 0 : (fault == ENCODER_REVERSED ? -whole : whole));
        run->way_ticks[i] -= (float)whole;
        run->in.ticks[i] = (int32_t)((uint32_t)run->in.ticks[i] + (uint32_t)told);
    }
}

/* How fast the body turns. */
static float turn_radps(const pcp_golden_t *run)
{
    const pcp_config_t *config = &run->car.config;
    const float *mps = run->speed_mps;
    const bool has_four = config->chassis == PCP_CHASSIS_SKID || config->chassis == PCP_CHASSIS_MECANUM;
    const float reach_m = config->track_m + (config->chassis == PCP_CHASSIS_MECANUM ? config->wheelbase_m : 0.0f);
    return (has_four ? (mps[1] - mps[0] + mps[3] - mps[2]) * 0.5f : mps[1] - mps[0]) / reach_m;
}

static void play_imu(pcp_golden_t *run)
{
    const fault_t fault = fault_of(run);
    for (unsigned i = 0; i < 3; i++) {
        run->in.gyro_500urad[i] = (int16_t)((int32_t)chance(run, 21) - 10);
        run->in.accel_mmps2[i] = (int16_t)((int32_t)chance(run, 401) - 200);
    }
    const float turn = turn_radps(run) * (fault == SLIPPING ? -1.0f : 1.0f);
    run->in.gyro_500urad[2] = (int16_t)(run->in.gyro_500urad[2] + (int16_t)(turn * (float)GYRO_PER_RADPS));
    run->in.accel_mmps2[fault == TILTED ? 0 : 2] =
        (int16_t)(GRAVITY_MMPS2 + run->in.accel_mmps2[fault == TILTED ? 0 : 2]);
    run->in.imu_fresh = fault == IMU_AWAY ? 0 : 1;
}

static void play_ranges(pcp_golden_t *run)
{
    run->in.range_fresh = run->loop_count % 5u == 0 && fault_of(run) != RANGES_AWAY ? ALL_SONARS : 0;
    for (unsigned i = 0; i < PCP_RANGES; i++) {
        const bool near = run->loop_count / 300u % 6u == 0;
        run->in.range_mm[i] = (uint16_t)(near ? 60u + chance(run, 90) : 400u + chance(run, 3000));
    }
}

static void play_battery(pcp_golden_t *run)
{
    if (run->low_left > 0) {
        run->low_left--;
    } else if (chance(run, 3000) == 0) {
        run->low_left = FAULT_STEPS;
    }
    run->in.battery_mv = (uint16_t)(BATTERY_MV - chance(run, 300) - (run->low_left > 0 ? SAG_MV : 0));
    run->in.battery_mv = fault_of(run) == BATTERY_UNTRUE ? 0 : run->in.battery_mv;
    run->in.charger = fault_of(run) == CHARGING ? 1 : 0;
}

static void play_world(pcp_golden_t *run)
{
    const bool is_late = fault_of(run) == LATE && run->loop_count % FAULT_EVERY == FAULT_STEPS - 1;
    run->in.now_us += PCP_PERIOD_US + chance(run, 101) - 50u + (is_late ? LATE_US : 0u);
    run->in.load_percent = (uint8_t)chance(run, 30);
    run->bumper_left = run->bumper_left > 0 ? (uint8_t)(run->bumper_left - 1) : (uint8_t)(chance(run, 2000) == 0);
    run->in.bumpers = run->bumper_left > 0 ? (uint8_t)(1u << run->bumper_left % 8u) : (uint8_t)0;
    run->in.cliffs = fault_of(run) == AT_EDGE ? (uint8_t)(1u << run->loop_count / FAULT_EVERY % 8u) : (uint8_t)0;
    play_battery(run);
    play_ranges(run);
    play_imu(run);
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
                    run->causes |= 1u << run->status.cause;
                }
            }
        }
    }
}

static void hash_outputs(pcp_golden_t *run, const pcp_outputs_t *out)
{
    uint8_t bytes[2 * PCP_WHEELS + 3];
    for (unsigned i = 0; i < PCP_WHEELS; i++) {
        const uint16_t duty = (uint16_t)out->duty_permille[i];
        bytes[2u * i] = (uint8_t)(duty & 0xFFu);
        bytes[2u * i + 1u] = (uint8_t)(duty >> 8);
    }
    bytes[2 * PCP_WHEELS] = out->enable;
    bytes[2 * PCP_WHEELS + 1] = (uint8_t)((uint16_t)out->steer_mrad & 0xFFu);
    bytes[2 * PCP_WHEELS + 2] = (uint8_t)((uint16_t)out->steer_mrad >> 8);
    hash(run, bytes, sizeof bytes);
}

uint32_t pcp_golden_size(void)
{
    return sizeof(pcp_golden_t);
}

uint32_t pcp_golden_causes(const pcp_golden_t *run)
{
    return run->causes;
}

/* A car of this chassis is switched on; the world, the host and chance go on. */
static bool switch_on(pcp_golden_t *run, uint8_t chassis)
{
    pcp_config_t config = {0};
    pcp_car_config(&config);
    config.chassis = chassis;
    config.boot_id = 1u + chassis;
    config.capabilities = PCP_CAPABILITY_IMU | PCP_CAPABILITY_BUMPERS | PCP_CAPABILITY_CLIFFS | PCP_CAPABILITY_CHARGER;
    config.line_bytes_per_s = 46080;
    pcp_decoder_init(&run->host, sizeof run->heard);
    return pcp_controller_init(&run->car, &config) == PCP_CONFIG_OK;
}

uint32_t pcp_golden(pcp_golden_t *run, uint32_t steps)
{
    const uint32_t each = steps / CHASSIS;
    pcp_outputs_t out;
    *run = (pcp_golden_t){.chance = 1};
    for (uint32_t i = 0; i < CHASSIS * each; i++) {
        if (i % each == 0 && !switch_on(run, (uint8_t)(i / each))) {
            return 0;
        }
        if (i % each == each - each / 20u) {
            run->car.config.accel_mps2 += 1.0f; /* a value that changes by itself, near the end of each drive */
        }
        play_host(run);
        play_world(run);
        pcp_controller_step(&run->car, &run->in, &out);
        turn_wheels(run, &out);
        hash_outputs(run, &out);
        listen(run);
    }
    return run->hash;
}
