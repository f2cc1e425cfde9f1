/* Ray casting: from cell to cell, hopping over free blocks, with exact intersections inside the cells. */
#include "sim_plant.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { SOLID = 0, WALLED = 1 };

static const double RIGHT_ANGLE_RAD = 1.5707963267948966;
static const double ROUNDING_M = 1e-6;

/* The widest free square that has cell (r, c) in one corner and lies towards the plane's quarter. Where the three
 * cells beyond it are the corners of wider ones, so is this one; what is outside the grid is free. */
static uint8_t square_at(const uint8_t *plane, int32_t rows, int32_t columns, int32_t r, int32_t c, int quarter) {
    const int32_t beyond_r = r + ((quarter & 2) != 0 ? 1 : -1), beyond_c = c + ((quarter & 1) != 0 ? 1 : -1);
    const ptrdiff_t width = columns;
    const int row = beyond_r >= 0 && beyond_r < rows, column = beyond_c >= 0 && beyond_c < columns;
    uint8_t least = 254;
    if (column && plane[r * width + beyond_c] < least) least = plane[r * width + beyond_c];
    if (row && plane[beyond_r * width + c] < least) least = plane[beyond_r * width + c];
    if (row && column && plane[beyond_r * width + beyond_c] < least) least = plane[beyond_r * width + beyond_c];
    return (uint8_t)((least > WALLED ? least : WALLED) + 1);
}

void sim_reach(int32_t rows, int32_t columns, const uint8_t *solid, const int32_t *first, uint8_t *reach) {
    for (int quarter = 0; quarter < 4; quarter++) {
        uint8_t *plane = reach + (ptrdiff_t)quarter * rows * columns;
        for (int32_t i = 0; i < rows; i++) {
            const int32_t r = (quarter & 2) != 0 ? rows - 1 - i : i;
            for (int32_t k = 0; k < columns; k++) {
                const int32_t c = (quarter & 1) != 0 ? columns - 1 - k : k;
                const ptrdiff_t cell = (ptrdiff_t)r * columns + c;
                const int walled = first != NULL && first[cell + 1] > first[cell];
                plane[cell] = solid[cell] ? SOLID : walled ? WALLED : square_at(plane, rows, columns, r, c, quarter);
            }
        }
    }
}

/* The nearest crossing of the ray with the segments of one cell, if nearer than best. With the ray o + t d and
 * the wall a + u e, t = (a - o) x e / (d x e) and u = (a - o) x d / (d x e); most walls are ruled out undivided. */
static double cast_walls(const sim_world_t *world, ptrdiff_t cell, const double ray[4], double best, sim_hit_t *hit) {
    for (int32_t k = world->first[cell]; k < world->first[cell + 1]; k++) {
        const double *wall = world->segments + 4 * (ptrdiff_t)world->member[k];
        const double ex = wall[2] - wall[0], ey = wall[3] - wall[1];
        const double ax = wall[0] - ray[0], ay = wall[1] - ray[1];
        const double across = ray[2] * ey - ray[3] * ex, sense = copysign(1.0, across);
        const double whole = fabs(across);
        const double u = (ax * ray[3] - ay * ray[2]) * sense, t = (ax * ey - ay * ex) * sense;
        if (u < -1e-12 * whole || u > (1.0 + 1e-12) * whole || t < 0.0 || t >= best * whole) continue;
        if (whole < 1e-15) continue; /* along the wall: seen edge-on */
        best = t / whole;
        if (hit == NULL) continue;
        hit->cosine = whole / sqrt(ex * ex + ey * ey);
        hit->wall = world->member[k];
    }
    return best;
}

/* Narrow [*enter, *leave] to the part of the ray between two parallel lines. */
static void clip(double from, double along, double low, double high, double *enter, double *leave) {
    if (along == 0.0) {
        if (from < low || from > high) *leave = -INFINITY;
        return;
    }
    const double a = (low - from) / along, b = (high - from) / along;
    *enter = fmax(*enter, fmin(a, b));
    *leave = fmin(*leave, fmax(a, b));
}

/* The cell before a place, where rounding must not leave low .. high: places come a cell too far, because a cast rounds
 * towards zero, and there -1 or less is what is before the grid. */
static int32_t cell_of(double beyond, int32_t low, int32_t high) {
    const int32_t cell = (int32_t)beyond - 1;
    if (cell < low) return low;
    return cell > high ? high : cell;
}

/* A ray seen from the grid, in units of cells. */
typedef struct {
    const sim_world_t *world;
    const uint8_t *plane;
    const double *ray;
    double beyond_x, beyond_y, dx, dy; /* where it begins, a cell too far for cell_of() */
    double from_x, from_y, per_x, per_y; /* t = (boundary - from) * per; never, for a ray along the boundary */
} course_t;

/* From cell to cell, from the first one at t on; a free square is left in one hop. east and north are constants where
 * this is called, so that each quarter has a loop of its own. */
static inline double cast_towards(const course_t *on, double t, double best, sim_hit_t *hit, int east, int north) {
    const sim_world_t *world = on->world;
    const int32_t columns = world->columns, rows = world->rows;
    int32_t c = cell_of(on->beyond_x + t * on->dx, 0, columns - 1), r = cell_of(on->beyond_y + t * on->dy, 0, rows - 1);
    while (t < best && (uint32_t)c < (uint32_t)columns && (uint32_t)r < (uint32_t)rows) {
        const ptrdiff_t cell = (ptrdiff_t)r * columns + c;
        int32_t hop = on->plane[cell] - 1;
        if (hop < WALLED) {
            if (hop < SOLID) {
                if (hit != NULL) hit->cosine = 1.0;
                if (hit != NULL) hit->wall = SIM_SOLID;
                return t;
            }
            best = cast_walls(world, cell, on->ray, best, hit);
            hop = 1;
        }
        /* boundaries come from cell numbers, not from a running sum, so they stay exact */
        const int32_t next_c = east ? c + hop : c - hop, next_r = north ? r + hop : r - hop;
        const double tx = ((east ? next_c : next_c + 1) - on->from_x) * on->per_x;
        const double ty = ((north ? next_r : next_r + 1) - on->from_y) * on->per_y;
        if (tx < ty) {
            t = tx;
            c = next_c;
            r = cell_of(on->beyond_y + t * on->dy, north ? r : next_r + 1, north ? next_r - 1 : r);
        } else {
            t = ty;
            r = next_r;
            c = cell_of(on->beyond_x + t * on->dx, east ? c : next_c + 1, east ? next_c - 1 : c);
        }
    }
    return best;
}

static double cast_static(const sim_world_t *world, const double ray[4], double limit, sim_hit_t *hit) {
    const double per_m = world->per_m, dx = ray[2] * per_m, dy = ray[3] * per_m;
    const double x = (ray[0] - world->origin_x_m) * per_m, y = (ray[1] - world->origin_y_m) * per_m;
    const int32_t columns = world->columns, rows = world->rows;
    const int east = dx > 0.0, north = dy > 0.0;
    const course_t on = {world,
                         world->reach + (ptrdiff_t)(2 * north + east) * rows * columns,
                         ray,
                         x + 1.0,
                         y + 1.0,
                         dx,
                         dy,
                         dx == 0.0 ? -INFINITY : x,
                         dy == 0.0 ? -INFINITY : y,
                         dx == 0.0 ? 1.0 : 1.0 / dx,
                         dy == 0.0 ? 1.0 : 1.0 / dy};
    double t = 0.0;
    if (!(x >= 0.0 && y >= 0.0 && x < columns && y < rows)) {
        double leave = limit;
        clip(x, dx, 0.0, columns, &t, &leave);
        clip(y, dy, 0.0, rows, &t, &leave);
        if (t > leave) return limit;
    }
    if (east) return north ? cast_towards(&on, t, limit, hit, 1, 1) : cast_towards(&on, t, limit, hit, 1, 0);
    return north ? cast_towards(&on, t, limit, hit, 0, 1) : cast_towards(&on, t, limit, hit, 0, 0);
}

static double cast_disc(const double disc[3], const double ray[4], double best) {
    const double x = disc[0] - ray[0], y = disc[1] - ray[1], radius = disc[2];
    const double along = x * ray[2] + y * ray[3], off = x * ray[3] - y * ray[2];
    const double half = radius * radius - off * off;
    if (half < 0.0 || (along <= 0.0 && x * x + y * y >= radius * radius)) return best;
    if (x * x + y * y < radius * radius) return 0.0;
    const double t = along - sqrt(half);
    return t < best ? t : best;
}

const double *sim_discs_ahead(const sim_fan_t *fan, int32_t *n_discs, const double *discs,
                              double kept[SIM_FAN_NUMBERS]) {
    const double half = fan->half_rad, cosine = 1.0 - 0.5 * half * half, sine = half; /* a little wider than the fan */
    int32_t ahead = 0;
    if (!(half < RIGHT_ANGLE_RAD)) return discs;
    for (int32_t k = 0; k < *n_discs; k++) {
        const double *disc = discs + 3 * (ptrdiff_t)k, x = disc[0] - fan->x, y = disc[1] - fan->y;
        const double along = x * fan->way_x + y * fan->way_y, off = fabs(x * fan->way_y - y * fan->way_x);
        const double reach_m = disc[2] + fan->stray_m + ROUNDING_M;
        if (along < -reach_m || off * cosine - fmax(along, 0.0) * sine > reach_m) continue; /* behind, or beside the rays */
        if (ahead == SIM_FAN_DISCS) return discs;
        memcpy(kept + 3 * (ptrdiff_t)ahead++, disc, 3 * sizeof *disc);
    }
    *n_discs = ahead;
    return kept;
}

double sim_cast_ray(const sim_world_t *world, int32_t n_discs, const double *discs, const double ray[4],
                    double limit_m, sim_hit_t *hit) {
    const sim_hit_t nothing = {1.0, SIM_SOLID, 0}, disc = {1.0, SIM_DISC, 0};
    if (hit != NULL) *hit = nothing;
    double best = cast_static(world, ray, limit_m, hit);
    for (int32_t k = 0; k < n_discs; k++) {
        const double t = cast_disc(discs + 3 * (ptrdiff_t)k, ray, best);
        if (t >= best) continue;
        best = t;
        if (hit != NULL) *hit = disc;
    }
    return best < limit_m ? best : INFINITY;
}

void sim_cast(const sim_world_t *world, int32_t n_discs, const double *discs, int32_t n, const double *rays,
              double limit_m, double *distance_m, double *cosine) {
    for (ptrdiff_t k = 0; k < n; k++) {
        sim_hit_t hit;
        distance_m[k] = sim_cast_ray(world, n_discs, discs, rays + 4 * k, limit_m, &hit);
        if (cosine != NULL) cosine[k] = hit.cosine;
    }
}

sim_material_t sim_material_at(const sim_world_t *world, int32_t wall) {
    const sim_material_t usual = {0.7, 0.0, 0.0, 1.0, 0, 0};
    return wall < 0 || world->materials == NULL ? usual : world->materials[world->material_of[wall]];
}
