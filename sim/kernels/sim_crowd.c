/* Who is near whom, without asking everybody: people are noted by the square of floor they stand on.
 *
 * Squares are as wide as anybody reaches, so all who matter stand on the nine around a person. They are handed out in
 * the order of their numbers, so that sums over them are the same to the last bit as sums over everybody. */
#include "sim_plant.h"

#include <math.h>

enum { NOBODY = -1 };

static int32_t square_of(const sim_crowd_t *crowd, double at_m) { return (int32_t)floor(at_m / crowd->square_m); }

static int32_t bucket_of(const sim_crowd_t *crowd, int32_t column, int32_t row) {
    const uint32_t mixed = (uint32_t)column * 0x9E3779B1u ^ (uint32_t)row * 0x85EBCA77u;
    return (int32_t)((mixed ^ mixed >> 15) & (uint32_t)(crowd->buckets - 1));
}

void sim_crowd_note(sim_crowd_t *crowd, const sim_person_t *people, int32_t n, double square_m) {
    crowd->square_m = square_m;
    for (int32_t k = 0; k < crowd->buckets; k++) crowd->head[k] = NOBODY;
    for (int32_t k = n - 1; k >= 0; k--) { /* backwards: each chain then rises */
        crowd->column[k] = square_of(crowd, people[k].x_m);
        crowd->row[k] = square_of(crowd, people[k].y_m);
        const int32_t bucket = bucket_of(crowd, crowd->column[k], crowd->row[k]);
        crowd->next[k] = crowd->head[bucket];
        crowd->head[bucket] = k;
    }
}

/* Put one more into a rising row. */
static void put(int32_t *near, int32_t count, int32_t number) {
    int32_t place = count;
    for (; place > 0 && near[place - 1] > number; place--) near[place] = near[place - 1];
    near[place] = number;
}

int32_t sim_crowd_near(const sim_crowd_t *crowd, int32_t self, int32_t most, int32_t *near) {
    int32_t count = 0;
    for (int32_t column = crowd->column[self] - 1; column <= crowd->column[self] + 1; column++) {
        for (int32_t row = crowd->row[self] - 1; row <= crowd->row[self] + 1; row++) {
            for (int32_t k = crowd->head[bucket_of(crowd, column, row)]; k != NOBODY; k = crowd->next[k]) {
                if (crowd->column[k] != column || crowd->row[k] != row) continue;
                if (count == most) return NOBODY;
                put(near, count++, k);
            }
        }
    }
    return count;
}
