/* A grid of floats, and its value between the cells; here, so that it is inlined where it is read thousands of times. */
#ifndef PATROLCAR_SAMPLE_H
#define PATROLCAR_SAMPLE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* A grid of floats laid over the plane; `x_m`, `y_m` is the lower left corner of cell (0, 0). */
typedef struct {
    const float *cells;
    int32_t rows;
    int32_t columns;
    double resolution_m;
    double x_m;
    double y_m;
} pk_grid_t;

/* Value between the four nearest cell centres; those that are not finite are left out. nan when all are,
 * or when the place lies outside. */
static inline double pk_sample(const pk_grid_t *grid, double x_m, double y_m)
{
    double u = (x_m - grid->x_m) / grid->resolution_m - 0.5;
    double v = (y_m - grid->y_m) / grid->resolution_m - 0.5;
    if (!(u >= -0.5 && v >= -0.5 && u <= grid->columns - 0.5 && v <= grid->rows - 0.5)) {
        return NAN;
    }
    int32_t column = (int32_t)(u + 1.0) - 1; /* floor, as u >= -0.5 */
    int32_t row = (int32_t)(v + 1.0) - 1;
    double right = u - column;
    double up = v - row;
    int32_t columns[2] = {column < 0 ? 0 : column, column + 1 < grid->columns ? column + 1 : column};
    int32_t rows[2] = {row < 0 ? 0 : row, row + 1 < grid->rows ? row + 1 : row};
    const float *low = grid->cells + (size_t)rows[0] * (size_t)grid->columns;
    const float *high = grid->cells + (size_t)rows[1] * (size_t)grid->columns;
    float a = low[columns[0]];
    float b = low[columns[1]];
    float c = high[columns[0]];
    float d = high[columns[1]];
    double wa = (1.0 - right) * (1.0 - up);
    double wb = right * (1.0 - up);
    double wc = (1.0 - right) * up;
    double wd = right * up;
    if (a < INFINITY && b < INFINITY && c < INFINITY && d < INFINITY) {
        return wa * (double)a + wb * (double)b + wc * (double)c + wd * (double)d;
    }
    double weight = 0.0;
    double sum = 0.0;
    const float values[4] = {a, b, c, d};
    const double weights[4] = {wa, wb, wc, wd};
    for (int i = 0; i < 4; i++) {
        if (values[i] < INFINITY) {
            weight += weights[i];
            sum += weights[i] * (double)values[i];
        }
    }
    return weight > 1e-9 ? sum / weight : NAN;
}

#endif
