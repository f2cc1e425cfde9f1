/* Fuzz without a fuzzer: campaign SEED EXECUTIONS [CORPUS FILE]...
 *
 * Runs every corpus file on a new car, then EXECUTIONS random programs; a car lives for CAR_LIFE of them.
 * Prints one JSON object with its counters. The same arguments do the same. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "program.h"

enum { LONGEST_PROGRAM = 300, CAR_LIFE = 256 };

/* xorshift64*; Vigna (2016), "An experimental exploration of Marsaglia's xorshift generators, scrambled". */
static uint32_t drawn(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)((*state * 0x2545F4914F6CDD1Du) >> 32);
}

/* Mostly short programs; one in 16 is a long run of noise without a zero in it. */
static size_t draw_program(uint64_t *state, uint8_t *out)
{
    const uint32_t shape = drawn(state);
    const size_t n = shape % 16 == 0 ? LONGEST_PROGRAM : 2 + (shape >> 8) % 24;
    for (size_t i = 0; i < n; i++) {
        out[i] = (uint8_t)drawn(state);
        if (shape % 16 == 0) {
            out[i] |= 1;
        }
    }
    if (shape % 16 == 0) {
        out[0] = 0;
        out[1] = 255;
    }
    return n;
}

static int run_file(const char *path, world_totals_t *totals)
{
    static uint8_t data[1 << 16];
    static world_t world;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        (void)fprintf(stderr, "%s: cannot be read\n", path);
        return 1;
    }
    const size_t n = fread(data, 1, sizeof data, file);
    (void)fclose(file);
    world_start(&world, n > 0 ? data[0] : 0, totals);
    program_run(&world, data + (n > 0), n - (n > 0));
    world_finish(&world);
    return 0;
}

static void print(uint64_t executions, int files, const world_totals_t *t)
{
    (void)printf("{\"executions\": %" PRIu64 ", \"corpus_files\": %d, \"bytes\": %" PRIu64 ", \"blocks\": %" PRIu64
                 ", \"frames\": %" PRIu64 ", \"rescued\": %" PRIu64 ", \"bad_crc\": %" PRIu64
                 ", \"bad_length\": %" PRIu64 ", \"bad_cobs\": %" PRIu64 ", \"unknown\": %" PRIu64
                 ", \"arms\": %" PRIu64 ", \"enabled_steps\": %" PRIu64 ", \"stops\": %" PRIu64
                 ", \"sent_frames\": %" PRIu64 "}\n",
                 executions, files, t->bytes, t->blocks, t->frames, t->rescued, t->bad_crc, t->bad_length,
                 t->bad_cobs, t->unknown, t->arms, t->enabled_steps, t->stops, t->sent_frames);
}

int main(int argc, char **argv)
{
    static world_t world;
    world_totals_t totals = {0};
    uint8_t program[LONGEST_PROGRAM];
    if (argc < 3) {
        (void)fprintf(stderr, "usage: campaign SEED EXECUTIONS [CORPUS FILE]...\n");
        return 2;
    }
    uint64_t state = strtoull(argv[1], NULL, 10) * 2u + 1u;
    const uint64_t executions = strtoull(argv[2], NULL, 10);
    for (int i = 3; i < argc; i++) {
        if (run_file(argv[i], &totals) != 0) {
            return 2;
        }
    }
    for (uint64_t done = 0; done < executions; done++) {
        if (done % CAR_LIFE == 0) {
            if (done > 0) {
                world_finish(&world);
            }
            world_start(&world, (uint8_t)drawn(&state), &totals);
        }
        program_run(&world, program, draw_program(&state, program));
    }
    if (executions > 0) {
        world_finish(&world);
    }
    print(executions, argc - 3, &totals);
    return 0;
}
