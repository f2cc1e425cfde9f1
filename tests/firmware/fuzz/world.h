/* A controller under fuzzing, and what must be true of it whatever is on the line.
 *
 * A broken promise prints one line on stderr and aborts, so that every fuzzer sees it as a crash. */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include "pcp_controller.h"

enum { WORLD_LONGEST_FEED = 1024, WORLD_LONGEST_STEP_US = 2000000 };

/* What happened so far; sums over all worlds that share one. */
typedef struct {
    uint64_t bytes, blocks, frames, rescued, bad_crc, bad_length, bad_cobs, unknown;
    uint64_t arms, enabled_steps, stops, sent_frames;
} world_totals_t;

typedef struct {
    pcp_controller_t car;
    pcp_decoder_t eavesdropper; /* hears what the car hears */
    pcp_decoder_t host;         /* hears what the car says */
    uint8_t overheard[PCP_MAX_BLOCK_IN], heard[PCP_MAX_BLOCK];
    pcp_inputs_t inputs;
    pcp_outputs_t outputs;
    uint32_t unarmed_us;  /* since the state was last ARMED */
    uint64_t blocks;      /* non-empty, counted here and not by the decoder */
    bool in_block;
    bool arm_heard;       /* an ARM since the start */
    world_totals_t *totals;
} world_t;

/* A new car that has just booted. `variant` chooses chassis and fitted sensors. */
void world_start(world_t *world, uint8_t variant, world_totals_t *totals);

/* Let the car receive n bytes (at most WORLD_LONGEST_FEED) and check its promises. */
void world_feed(world_t *world, const uint8_t *bytes, size_t n);

/* Let time pass (at most WORLD_LONGEST_STEP_US), step, take at most `capacity` bytes, check. */
void world_step(world_t *world, uint32_t elapsed_us, size_t capacity);

/* Break the line. */
void world_break(world_t *world);

/* Add the counters of this world to its totals. */
void world_finish(world_t *world);

#endif
