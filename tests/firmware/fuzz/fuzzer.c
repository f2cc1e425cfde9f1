/* Entry for libFuzzer and for AFL++ (which brings a driver for it). Each input is a program for a new car.
 *
 *   clang -fsanitize=fuzzer,address,undefined -g -O1 -std=c11 -I firmware_protocol/firmware/include \
 *       firmware_protocol/firmware/src/[a-z]*.c tests/firmware/fuzz/{world,program,fuzzer}.c -o fuzzer
 *   ./fuzzer tests/firmware/fuzz/corpus
 *   afl-clang-fast with the same arguments; afl-fuzz -i tests/firmware/fuzz/corpus -o findings ./fuzzer */
#include "program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static world_totals_t totals;
    world_t world;
    world_start(&world, n > 0 ? data[0] : 0, &totals);
    program_run(&world, data + (n > 0), n - (n > 0));
    return 0;
}
