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

/* pk_sample at the rim of the grid and beside cells that are not finite; `u` and `v` are counted in cells from the
 * centre of cell (0, 0). */
double pk_sample_rim(const pk_grid_t *grid, double u, double v);

/* Value between the four nearest cell centres; those that are not finite are left out. nan when all are,
 * or when the place lies outside. */
static inline double pk_sample(const pk_grid_t *grid, double x_m, double y_m)
{
    const double most = 1e9; /* cells; fits a whole number */
    const double u = (x_m - grid->x_m) / grid->resolution_m - 0.5;
    const double v = (y_m - grid->y_m) / grid->resolution_m - 0.5;
    if (u > -1.0 && v > -1.0 && u < most && v < most) {
        const int32_t column = (int32_t)(u + 1.0) - 1, row = (int32_t)(v + 1.0) - 1; /* floor */
        if (column >= 0 && row >= 0 && column < grid->columns - 1 && row < grid->rows - 1) {
            const float *low = grid->cells + (size_t)row * (size_t)grid->columns + column;
            const float *high = low + grid->columns;
            const double right = u - column, up = v - row;
            const double value = (1.0 - right) * (1.0 - up) * (double)low[0] + right * (1.0 - up) * (double)low[1] +
                                 (1.0 - right) * up * (double)high[0] + right * up * (double)high[1];
            if (fabs(value) < (double)INFINITY) { /* so all four are */
                return value;
            }
        }
    }
    return pk_sample_rim(grid, u, v);
}

/* The least of the cells that pk_sample looks at anywhere in a box, and so no more than what it finds there; INFINITY
 * when none is finite. */
double pk_sample_least(const pk_grid_t *grid, double low_x_m, double low_y_m, double high_x_m, double high_y_m);

#endif
