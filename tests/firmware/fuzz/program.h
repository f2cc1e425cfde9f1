/* One fuzz execution: a few bytes say what happens to a car.
 *
 * The same small language serves libFuzzer, AFL and our own campaign, so that a finding of one is a file for all. */
#ifndef FUZZ_PROGRAM_H
#define FUZZ_PROGRAM_H

#include "world.h"

/* Run the program in data[0..n) on a world that goes on. Any bytes are a program:
 *   RAW n, bytes             the car receives these bytes
 *   FRAME id n, bytes        the car receives a sound frame: this payload, filled with zeros
 *   HURT at mask id n, bytes the same, with one byte changed
 *   GLUE id n, bytes         a sound frame without its delimiter
 *   HOST what                a host that knows the session says HELLO_REQUEST, ARM, DRIVE, STOP, CLEAR_STOP, ...
 *   STEP ticks               time passes
 *   SENSE which value        another measurement
 *   BREAK                    the line breaks
 * A program that ends early is filled with zeros. */
void program_run(world_t *world, const uint8_t *data, size_t n);

#endif
