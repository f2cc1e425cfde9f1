/* Ray casting: from cell to cell, hopping over free blocks, with exact intersections inside the cells. */
#include "sim_plant.h"

#include <math.h>
#include <stddef.h>

enum { SOLID = 0, WALLED = 1 };

static uint8_t less(uint8_t a, uint8_t b) { return a < b ? a : b; }

static uint8_t grown(uint8_t v) { return v < 255 ? (uint8_t)(v + 1) : v; }

void sim_reach(int32_t rows, int32_t columns, const uint8_t *solid, const int32_t *first, uint8_t *reach) {
    const ptrdiff_t width = columns;
    for (ptrdiff_t r = 0; r < rows; r++) {
        for (ptrdiff_t c = 0; c < width; c++) {
            const ptrdiff_t i = r * width + c;
            uint8_t best = 254;
            if (solid[i] || (first != NULL && first[i + 1] > first[i])) {
                best = 0;
            } else {
                if (c > 0) best = less(best, reach[i - 1]);
                if (r > 0) best = less(best, reach[i - width]);
                if (r > 0 && c > 0) best = less(best, reach[i - width - 1]);
                if (r > 0 && c + 1 < width) best = less(best, reach[i - width + 1]);
                best = grown(best);
            }
            reach[i] = best;
        }
    }
    for (ptrdiff_t r = rows - 1; r >= 0; r--) {
        for (ptrdiff_t c = width - 1; c >= 0; c--) {
            const ptrdiff_t i = r * width + c;
            uint8_t best = 254;
            if (reach[i] == 0) continue;
            if (c + 1 < width) best = less(best, reach[i + 1]);
            if (r + 1 < rows) best = less(best, reach[i + width]);
            if (r + 1 < rows && c + 1 < width) best = less(best, reach[i + width + 1]);
            if (r + 1 < rows && c > 0) best = less(best, reach[i + width - 1]);
            reach[i] = less(reach[i], grown(best));
        }
    }
    for (ptrdiff_t i = 0; i < (ptrdiff_t)rows * width; i++) {
        reach[i] = reach[i] > 0 ? less(254, reach[i]) : 0;
        reach[i] = reach[i] > 0 ? (uint8_t)(reach[i] + 1) : (solid[i] ? SOLID : WALLED);
    }
}

/* The nearest crossing of the ray with the segments of one cell, if nearer than best. */
static double cast_walls(const sim_world_t *world, ptrdiff_t cell, const double ray[4], double best, double *cosine) {
    for (int32_t k = world->first[cell]; k < world->first[cell + 1]; k++) {
        const double *wall = world->segments + 4 * (ptrdiff_t)world->member[k];
        const double ex = wall[2] - wall[0], ey = wall[3] - wall[1];
        const double ax = wall[0] - ray[0], ay = wall[1] - ray[1];
        const double across = ray[2] * ey - ray[3] * ex;
        if (fabs(across) < 1e-15) continue; /* along the wall: seen edge-on */
        const double t = (ax * ey - ay * ex) / across;
        const double u = (ax * ray[3] - ay * ray[2]) / across;
        if (t < 0.0 || t >= best || u < -1e-12 || u > 1.0 + 1e-12) continue;
        best = t;
        *cosine = fabs(across) / sqrt(ex * ex + ey * ey);
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

/* The cell of an offset within the grid, where rounding must not leave low .. high. */
static int32_t cell_of(double offset_m, double per_cell, int32_t low, int32_t high) {
    const int32_t cell = (int32_t)(offset_m * per_cell);
    if (cell < low) return low;
    return cell > high ? high : cell;
}

static double cast_static(const sim_world_t *world, const double ray[4], double limit, double *cosine) {
    const double x = ray[0] - world->origin_x_m, y = ray[1] - world->origin_y_m, dx = ray[2], dy = ray[3];
    const double h = world->cell_m, per_cell = 1.0 / h, per_x = dx == 0.0 ? 0.0 : 1.0 / dx, per_y = dy == 0.0 ? 0.0 : 1.0 / dy;
    double t = 0.0, leave = limit, best = limit;
    clip(x, dx, 0.0, h * world->columns, &t, &leave);
    clip(y, dy, 0.0, h * world->rows, &t, &leave);
    if (t > leave) return limit;
    int32_t c = cell_of(x + t * dx, per_cell, 0, world->columns - 1), r = cell_of(y + t * dy, per_cell, 0, world->rows - 1);
    while (t < best) {
        const ptrdiff_t cell = (ptrdiff_t)r * world->columns + c;
        const int32_t code = world->reach[cell], hop = code > WALLED ? code - 1 : 1;
        if (code == SOLID) {
            *cosine = 1.0;
            return t;
        }
        if (code == WALLED) best = cast_walls(world, cell, ray, best, cosine);
        /* boundaries come from cell numbers, not from a running sum, so they stay exact */
        const double tx = dx == 0.0 ? INFINITY : ((dx > 0.0 ? c + hop : c - hop + 1) * h - x) * per_x;
        const double ty = dy == 0.0 ? INFINITY : ((dy > 0.0 ? r + hop : r - hop + 1) * h - y) * per_y;
        if (tx < ty) {
            t = tx;
            if (hop > 1) r = cell_of(y + t * dy, per_cell, dy > 0.0 ? r : r - hop + 1, dy > 0.0 ? r + hop - 1 : r);
            c += dx > 0.0 ? hop : -hop;
        } else {
            t = ty;
            if (hop > 1) c = cell_of(x + t * dx, per_cell, dx > 0.0 ? c : c - hop + 1, dx > 0.0 ? c + hop - 1 : c);
            r += dy > 0.0 ? hop : -hop;
        }
        if (c < 0 || r < 0 || c >= world->columns || r >= world->rows) break;
    }
    return best;
}

static double cast_disc(const double disc[3], const double ray[4], double best) {
    const double x = disc[0] - ray[0], y = disc[1] - ray[1], radius = disc[2];
    const double along = x * ray[2] + y * ray[3], off = x * ray[3] - y * ray[2];
    const double half = radius * radius - off * off;
    if (x * x + y * y < radius * radius) return 0.0;
    if (along <= 0.0 || half < 0.0) return best;
    const double t = along - sqrt(half);
    return t < best ? t : best;
}

double sim_cast_ray(const sim_world_t *world, int32_t n_discs, const double *discs, const double ray[4],
                    double limit_m, double *cosine) {
    double incidence = 1.0;
    double best = cast_static(world, ray, limit_m, &incidence);
    for (int32_t k = 0; k < n_discs; k++) {
        const double t = cast_disc(discs + 3 * (ptrdiff_t)k, ray, best);
        if (t < best) {
            best = t;
            incidence = 1.0;
        }
    }
    if (cosine != NULL) *cosine = incidence;
    return best < limit_m ? best : INFINITY;
}

void sim_cast(const sim_world_t *world, int32_t n_discs, const double *discs, int32_t n, const double *rays,
              double limit_m, double *distance_m, double *cosine) {
    for (ptrdiff_t k = 0; k < n; k++) {
        distance_m[k] = sim_cast_ray(world, n_discs, discs, rays + 4 * k, limit_m, cosine == NULL ? NULL : cosine + k);
    }
}
