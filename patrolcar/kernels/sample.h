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

/* A place along one axis: the cell before it, and its share of the way to the centre of the next. */
typedef struct {
    double at;      /* in cells from the centre of the first */
    int32_t before; /* -1 when the place does not lie between the centres of two cells */
    double share;
} pk_between_t;

static inline pk_between_t pk_between(double low_m, double at_m, double resolution_m, int32_t cells)
{
    const double most = 1e9; /* cells; fits a whole number */
    const double at = (at_m - low_m) / resolution_m - 0.5;
    if (at > -1.0 && at < most) {
        const int32_t before = (int32_t)(at + 1.0) - 1; /* floor */
        return (pk_between_t){at, before < cells - 1 ? before : -1, at - before};
    }
    return (pk_between_t){at, -1, 0.0};
}

/* pk_sample_between at the rim of the grid and beside cells that are not finite. */
double pk_sample_rim(const pk_grid_t *grid, double u, double v);

/* Value between the four nearest cell centres; those that are not finite are left out. nan when all are, or when the
 * place lies outside. */
static inline double pk_sample_between(const pk_grid_t *grid, pk_between_t across, pk_between_t down)
{
    if (across.before >= 0 && down.before >= 0) {
        const float *low = grid->cells + (size_t)down.before * (size_t)grid->columns + across.before;
        const float *high = low + grid->columns;
        const double right = across.share, up = down.share;
        const double value = (1.0 - right) * (1.0 - up) * (double)low[0] + right * (1.0 - up) * (double)low[1] +
                             (1.0 - right) * up * (double)high[0] + right * up * (double)high[1];
        if (fabs(value) < (double)INFINITY) { /* so all four are */
            return value;
        }
    }
    return pk_sample_rim(grid, across.at, down.at);
}

/* The same for a place in metres. */
static inline double pk_sample(const pk_grid_t *grid, double x_m, double y_m)
{
    return pk_sample_between(grid, pk_between(grid->x_m, x_m, grid->resolution_m, grid->columns),
                             pk_between(grid->y_m, y_m, grid->resolution_m, grid->rows));
}

/* The least of the cells that pk_sample looks at anywhere in a box, and so no more than what it finds there; INFINITY
 * when none is finite. */
double pk_sample_least(const pk_grid_t *grid, double low_x_m, double low_y_m, double high_x_m, double high_y_m);

#endif
