/* What the floor is like in one place. */
#include "sim_plant.h"

#include <math.h>
#include <stddef.h>

/* Whether the point lies in the polygon: a ray to the right crosses its rim an odd number of times. */
static int holds(const sim_patch_t *patch, double x, double y) {
    int inside = 0;
    if (x < patch->low[0] || x > patch->high[0] || y < patch->low[1] || y > patch->high[1]) return 0;
    for (int32_t k = 0, before = patch->count - 1; k < patch->count; before = k++) {
        const double *a = patch->corners + 2 * (ptrdiff_t)before, *b = patch->corners + 2 * (ptrdiff_t)k;
        if ((a[1] > y) == (b[1] > y)) continue;
        if (x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0])) inside = !inside;
    }
    return inside;
}

sim_ground_t sim_floor_at(const sim_floor_t *floor, double x_m, double y_m, double friction) {
    sim_ground_t ground = {friction, 0.0, {0.0, 0.0}, 0};
    const int32_t patches = floor == NULL ? 0 : floor->n_patches;
    for (int32_t k = 0; k < patches; k++) {
        const sim_patch_t *patch = &floor->patches[k];
        if (!holds(patch, x_m, y_m)) continue;
        if (!isnan(patch->friction)) ground.friction = patch->friction;
        if (!isnan(patch->slip)) ground.slip = patch->slip;
        if (!isnan(patch->grade[0])) ground.grade[0] = patch->grade[0];
        if (!isnan(patch->grade[1])) ground.grade[1] = patch->grade[1];
        if (patch->hole >= 0) ground.hole = patch->hole;
    }
    return ground;
}
