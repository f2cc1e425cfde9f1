#include "world.h"

#include <stdio.h>
#include <stdlib.h>

enum { BRAKE_LIMIT_US = 1500000 }; /* as in pcp_parts.h: so long a car that is no longer armed may brake */

static void must(bool is_true, const char *promise)
{
    if (!is_true) {
        (void)fprintf(stderr, "broken promise: %s\n", promise);
        abort();
    }
}

void world_start(world_t *world, uint8_t variant, world_totals_t *totals)
{
    pcp_config_t config = {
        .boot_id = 0xB007, .chassis = variant & 1u ? PCP_CHASSIS_SKID : PCP_CHASSIS_DIFFERENTIAL,
        .capabilities = PCP_CAPABILITY_IMU | PCP_CAPABILITY_BUMPERS, .line_bytes_per_s = 92160,
        .range_bearing_mrad = {600, 0, -600, 1570, -1570, 2840, 3140, -2840},
        .range_mask = variant & 2u ? 0xFF : 0,
    };
    pcp_config_own_values(&config);
    config.undervoltage_mv = 6400;
    config.overvoltage_mv = 9000;
    *world = (world_t){.totals = totals};
    must(pcp_controller_init(&world->car, &config) == PCP_CONFIG_OK, "a sound configuration is accepted");
    pcp_decoder_init(&world->eavesdropper, sizeof world->overheard);
    pcp_decoder_init(&world->host, sizeof world->heard);
    world->inputs.battery_mv = 7400;
    world->inputs.range_fresh = 0xFF;
    world->inputs.imu_fresh = 1;
    world->inputs.accel_mmps2[2] = 9810;
    for (unsigned i = 0; i < PCP_RANGES; i++) {
        world->inputs.range_mm[i] = PCP_RANGE_NOTHING_SEEN;
    }
}

/* What was said to the car in one feed. */
typedef struct {
    bool arm, clear_stop, stop_is_last;
} heard_t;

static void note(heard_t *heard, const pcp_frame_t *frame)
{
    if (frame->id == PCP_ID_STOP) {
        heard->stop_is_last = true;
    } else if (frame->id == PCP_ID_CMD) {
        pcp_cmd_t cmd;
        pcp_cmd_unpack(&cmd, frame->payload);
        heard->arm |= cmd.command == PCP_COMMAND_ARM && cmd.session != 0;
        heard->clear_stop |= cmd.command == PCP_COMMAND_CLEAR_STOP && cmd.session != 0;
        heard->stop_is_last &= cmd.command != PCP_COMMAND_CLEAR_STOP;
    }
}

static heard_t overhear(world_t *world, const uint8_t *bytes, size_t n)
{
    heard_t heard = {0};
    pcp_frame_t frame;
    for (size_t i = 0; i < n; i++) {
        world->blocks += bytes[i] == 0 && world->in_block;
        world->in_block = bytes[i] != 0;
        if (pcp_decoder_feed(&world->eavesdropper, world->overheard, bytes[i])) {
            while (pcp_decoder_next(&world->eavesdropper, world->overheard, &frame)) {
                note(&heard, &frame);
            }
        }
    }
    return heard;
}

/* Every block is a frame, or two, or counted once. Holds while the 16 bit counters have not wrapped. */
static void check_counters(const world_t *world)
{
    const pcp_frame_counts_t *counts = &world->car.decoder.counts;
    const pcp_frame_counts_t *twin = &world->eavesdropper.counts;
    const uint64_t rejects = (uint64_t)counts->bad_crc + counts->bad_length + counts->bad_cobs + counts->unknown;
    must(counts->rescued <= counts->frames, "a rescued frame is a frame");
    must(counts->frames - counts->rescued + rejects <= world->blocks, "no block is counted twice");
    must(counts->frames + rejects >= world->blocks, "every block is delivered or counted");
    must(counts->frames == twin->frames && counts->lost == twin->lost && counts->rescued == twin->rescued &&
             counts->bad_crc == twin->bad_crc && counts->bad_length == twin->bad_length &&
             counts->bad_cobs == twin->bad_cobs && counts->unknown == twin->unknown,
         "two receivers of the same bytes count the same");
}

void world_feed(world_t *world, const uint8_t *bytes, size_t n)
{
    const uint8_t before = world->car.safety.state;
    pcp_controller_receive(&world->car, bytes, n, world->inputs.now_us);
    const heard_t heard = overhear(world, bytes, n);
    const uint8_t after = world->car.safety.state;
    must(after <= PCP_STATE_STOPPED, "the state is one of the table");
    must(after != PCP_STATE_ARMED || before == PCP_STATE_ARMED || heard.arm, "only ARM arms");
    must(before != PCP_STATE_STOPPED || after == PCP_STATE_STOPPED || heard.clear_stop, "only CLEAR_STOP releases STOP");
    must(!heard.stop_is_last || after == PCP_STATE_STOPPED, "STOP latches whatever came before it");
    world->arm_heard |= heard.arm;
    world->unarmed_us = heard.arm ? 0 : world->unarmed_us;
    world->totals->bytes += n;
    world->totals->arms += after == PCP_STATE_ARMED && before != PCP_STATE_ARMED;
    world->totals->stops += after == PCP_STATE_STOPPED && before != PCP_STATE_STOPPED;
    check_counters(world);
}

static void check_outputs(world_t *world, uint8_t before, uint32_t elapsed_us)
{
    const pcp_outputs_t *out = &world->outputs;
    const uint8_t after = world->car.safety.state;
    must(out->enable <= 1, "enable is yes or no");
    must(out->enable == 0 || world->arm_heard, "the motors are never enabled without ARM");
    must(after != PCP_STATE_ARMED || before == PCP_STATE_ARMED, "time alone never arms");
    must(before != PCP_STATE_STOPPED || after == PCP_STATE_STOPPED, "time alone never releases STOP");
    world->unarmed_us = after == PCP_STATE_ARMED ? 0 : world->unarmed_us + elapsed_us;
    must(out->enable == 0 || world->unarmed_us <= BRAKE_LIMIT_US + WORLD_LONGEST_STEP_US,
         "an unarmed car is switched off when its time to brake is over");
    for (unsigned i = 0; i < PCP_WHEELS; i++) {
        const int duty = out->duty_permille[i];
        must(duty >= -1000 && duty <= 1000, "duty is at most 1000 permille");
        must(duty == 0 || out->enable != 0, "no duty without enable");
    }
}

static void listen(world_t *world, size_t capacity)
{
    uint8_t said[PCP_TX_RING];
    pcp_frame_t frame;
    const pcp_frame_counts_t *counts = &world->host.counts;
    const size_t n = pcp_controller_transmit(&world->car, said, capacity < sizeof said ? capacity : sizeof said);
    must(n <= capacity, "no more bytes are given than asked for");
    for (size_t i = 0; i < n; i++) {
        if (pcp_decoder_feed(&world->host, world->heard, said[i])) {
            while (pcp_decoder_next(&world->host, world->heard, &frame)) {
                must(!frame.to_controller, "the car sends only what is meant for a host");
            }
        }
    }
    must(counts->bad_crc + counts->bad_length + counts->bad_cobs + counts->unknown + counts->rescued == 0,
         "every frame the car sends is whole");
    must(counts->lost == 0, "the car sends without gaps in its numbers");
}

void world_step(world_t *world, uint32_t elapsed_us, size_t capacity)
{
    const uint8_t before = world->car.safety.state;
    world->inputs.now_us += elapsed_us;
    pcp_controller_step(&world->car, &world->inputs, &world->outputs);
    check_outputs(world, before, elapsed_us);
    world->totals->enabled_steps += world->outputs.enable;
    world->totals->stops += world->car.safety.state == PCP_STATE_STOPPED && before != PCP_STATE_STOPPED;
    listen(world, capacity);
}

void world_break(world_t *world)
{
    pcp_controller_line_break(&world->car, world->inputs.now_us);
    must(world->car.safety.state == PCP_STATE_STOPPED, "a break on the line is a STOP");
}

void world_finish(world_t *world)
{
    const pcp_frame_counts_t *counts = &world->car.decoder.counts;
    world_totals_t *totals = world->totals;
    totals->blocks += world->blocks;
    totals->frames += counts->frames;
    totals->rescued += counts->rescued;
    totals->bad_crc += counts->bad_crc;
    totals->bad_length += counts->bad_length;
    totals->bad_cobs += counts->bad_cobs;
    totals->unknown += counts->unknown;
    totals->sent_frames += world->host.counts.frames;
}
