/* Windows that move with the car: clearances from the map and from what the lidar sees. */
#include "kernels.h"

#include <math.h>
#include <string.h>

enum { SOME = 32 }; /* columns that are looked up at once */

void pk_window_clearance(const pk_grid_t *fixed, float *window, int32_t rows, int32_t columns,
                         double resolution_m, double x_m, double y_m)
{
    const double step_m = fixed->resolution_m;
    for (int32_t first = 0; first < columns; first += SOME) {
        const int32_t count = columns - first < SOME ? columns - first : SOME;
        pk_between_t across[SOME];
        for (int32_t i = 0; i < count; i++) {
            across[i] = pk_between(fixed->x_m, x_m + (first + i + 0.5) * resolution_m, step_m, fixed->columns);
        }
        for (int32_t row = 0; row < rows; row++) {
            const pk_between_t down = pk_between(fixed->y_m, y_m + (row + 0.5) * resolution_m, step_m, fixed->rows);
            for (int32_t i = 0; i < count; i++) {
                const double clearance = pk_sample_between(fixed, across[i], down);
                window[row * columns + first + i] = clearance > 0.0 ? (float)clearance : 0.0f;
            }
        }
    }
}

int32_t pk_window_mark(const double *points, int32_t count, int32_t stride, uint8_t *blocked, int32_t rows,
                       int32_t columns, double resolution_m, double x_m, double y_m)
{
    int32_t inside = 0;
    for (int32_t i = 0; i < count; i++) {
        double u = (points[(size_t)i * (size_t)stride] - x_m) / resolution_m;
        double v = (points[(size_t)i * (size_t)stride + 1] - y_m) / resolution_m;
        if (u >= 0.0 && v >= 0.0 && u < columns && v < rows) {
            blocked[(int32_t)v * columns + (int32_t)u] = 1;
            inside++;
        }
    }
    return inside;
}

void pk_clearance_cost(const float *clearance_m, int32_t count, double solid_m, double need_m,
                       double prefer_m, double weight, double tight, float *cost)
{
    for (int32_t i = 0; i < count; i++) {
        double clearance = (double)clearance_m[i];
        if (!(clearance > solid_m)) {
            cost[i] = INFINITY;
        } else if (clearance < need_m) {
            cost[i] = (float)tight;
        } else if (clearance < prefer_m) {
            double lack = (prefer_m - clearance) / prefer_m;
            cost[i] = (float)(1.0 + weight * lack * lack);
        } else {
            cost[i] = 1.0f;
        }
    }
}

/* Bins round the sensor, and those to each side that say something too. */
enum { BESIDE = 2, PROFILE_BINS = PK_PROFILE - 2 * BESIDE };

/* Bins of a diamond round the sensor instead of a circle: in order, nearly even, and no arc tangent. */
static int32_t bin_of(double across, double down)
{
    double around = fabs(across) + fabs(down);
    double turn = around > 0.0 ? down / around : 0.0; /* -1 .. 1 */
    turn = across < 0.0 ? 2.0 - turn : turn;          /* -1 .. 3 */
    int32_t bin = (int32_t)((turn + 1.0) * (PROFILE_BINS / 4));
    return bin < PROFILE_BINS ? bin : PROFILE_BINS - 1;
}

/* Nearest fresh range in each direction; before the first bin and after the last lie copies of those beside them. */
static void build_profile(const double *fresh, int32_t count, double x_m, double y_m, float *profile)
{
    float *bins = profile + BESIDE;
    for (int32_t i = 0; i < PROFILE_BINS; i++) {
        bins[i] = INFINITY;
    }
    for (int32_t i = 0; i < count; i++) {
        double across = fresh[2 * i] - x_m;
        double down = fresh[2 * i + 1] - y_m;
        int32_t bin = bin_of(across, down);
        float range = (float)sqrt(across * across + down * down);
        bins[bin] = range < bins[bin] ? range : bins[bin];
    }
    memcpy(profile, bins + PROFILE_BINS - BESIDE, BESIDE * sizeof(float));
    memcpy(bins + PROFILE_BINS, bins, BESIDE * sizeof(float));
}

/* How long a place stays remembered, by what the beams beside it say. */
static double lasting(const float *profile, double across, double down, double keep_s, double hidden_s)
{
    const float *beside = profile + bin_of(across, down);
    float range = (float)sqrt(across * across + down * down);
    float nearest = INFINITY;
    for (int32_t i = 0; i <= 2 * BESIDE; i++) {
        nearest = beside[i] < nearest ? beside[i] : nearest;
    }
    if (!(nearest < INFINITY)) {
        return keep_s;
    }
    if (nearest > range + 0.15f) {
        return -1.0;
    }
    return nearest < range - 0.15f ? hidden_s : keep_s;
}

int32_t pk_remember(double *memory, int32_t count, int32_t room, const double *fresh, int32_t fresh_count,
                    const pk_grid_t *fixed, double apart_m, double sensor_x_m, double sensor_y_m,
                    double now_s, double keep_s, double hidden_s, float *profile)
{
    int32_t kept = 0;
    build_profile(fresh, fresh_count, sensor_x_m, sensor_y_m, profile);
    for (int32_t i = 0; i < count; i++) {
        const double *old = memory + 3 * (size_t)i;
        double *slot = memory + 3 * (size_t)kept;
        double most_s = lasting(profile, old[0] - sensor_x_m, old[1] - sensor_y_m, keep_s, hidden_s);
        if (now_s - old[2] <= most_s) {
            slot[0] = old[0];
            slot[1] = old[1];
            slot[2] = old[2];
            kept++;
        }
    }
    for (int32_t i = 0; i < fresh_count && kept < room; i++) {
        double clearance = pk_sample(fixed, fresh[2 * i], fresh[2 * i + 1]);
        if (clearance > apart_m) {
            double *slot = memory + 3 * (size_t)kept++;
            slot[0] = fresh[2 * i];
            slot[1] = fresh[2 * i + 1];
            slot[2] = now_s;
        }
    }
    return kept;
}
