/* What a noisy line does to bytes. */
#ifndef SIM_DAMAGE_H
#define SIM_DAMAGE_H

#include <stddef.h>
#include <stdint.h>

/* A generator of NumPy as it offers itself to C: `bitgen_t` of numpy/random/bitgen.h. */
typedef struct {
    void *state;
    uint64_t (*next_uint64)(void *state);
    uint32_t (*next_uint32)(void *state);
    double (*next_double)(void *state); /* even in 0 .. 1, 1 excluded */
    uint64_t (*next_raw)(void *state);
} sim_chance_t;

/* Invert a share of the bits: one draw for each, from the highest of a byte to its lowest. */
void sim_flip(const sim_chance_t *chance, double share, size_t n, uint8_t *bytes);

/* Leave out a share of the bytes: one draw for each. Returns how many are left, at the beginning. */
size_t sim_lose(const sim_chance_t *chance, double share, size_t n, uint8_t *bytes);

#endif
