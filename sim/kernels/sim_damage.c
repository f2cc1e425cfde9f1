/* What a noisy line does to bytes: the draws are those of Generator.random((n, 8)) and Generator.random(n). */
#include "sim_damage.h"

void sim_flip(const sim_chance_t *chance, double share, size_t n, uint8_t *bytes) {
    for (size_t k = 0; k < n; k++) {
        unsigned flips = 0;
        for (int bit = 0; bit < 8; bit++) flips = flips << 1 | (chance->next_double(chance->state) < share);
        bytes[k] = (uint8_t)(bytes[k] ^ flips);
    }
}

size_t sim_lose(const sim_chance_t *chance, double share, size_t n, uint8_t *bytes) {
    size_t kept = 0;
    for (size_t k = 0; k < n; k++) {
        bytes[kept] = bytes[k];
        kept += chance->next_double(chance->state) >= share;
    }
    return kept;
}
