/* The value of a grid where one of the four nearest cells is missing, and the least value in a box. */
#include "sample.h"

double pk_sample_rim(const pk_grid_t *grid, double u, double v)
{
    if (!(u >= -0.5 && v >= -0.5 && u <= grid->columns - 0.5 && v <= grid->rows - 0.5)) {
        return NAN;
    }
    const int32_t column = (int32_t)(u + 1.0) - 1; /* floor, as u >= -0.5 */
    const int32_t row = (int32_t)(v + 1.0) - 1;
    const double right = u - column, up = v - row;
    const int32_t columns[2] = {column < 0 ? 0 : column, column + 1 < grid->columns ? column + 1 : column};
    const int32_t rows[2] = {row < 0 ? 0 : row, row + 1 < grid->rows ? row + 1 : row};
    const double weights[4] = {(1.0 - right) * (1.0 - up), right * (1.0 - up), (1.0 - right) * up, right * up};
    double weight = 0.0, sum = 0.0;
    int32_t missing = 0;
    for (int32_t i = 0; i < 4; i++) {
        const float value = grid->cells[(size_t)rows[i / 2] * (size_t)grid->columns + (size_t)columns[i % 2]];
        if (value < INFINITY) {
            weight += weights[i];
            sum += weights[i] * (double)value;
        } else {
            missing++;
        }
    }
    if (missing == 0) {
        return sum;
    }
    return weight > 1e-9 ? sum / weight : NAN;
}

/* The lower of the two cells that pk_sample looks at along one axis, on the grid. */
static int32_t cell_below(double low_m, double at_m, double resolution_m, int32_t cells)
{
    const pk_between_t place = pk_between(low_m, at_m, resolution_m, cells);
    if (place.before >= 0 || place.at < 0.5) {
        return place.before >= 0 ? place.before : 0;
    }
    return cells - 1;
}

double pk_sample_least(const pk_grid_t *grid, double low_x_m, double low_y_m, double high_x_m, double high_y_m)
{
    const double step_m = grid->resolution_m;
    const int32_t left = cell_below(grid->x_m, low_x_m, step_m, grid->columns);
    const int32_t right = cell_below(grid->x_m, high_x_m, step_m, grid->columns) + 1;
    const int32_t bottom = cell_below(grid->y_m, low_y_m, step_m, grid->rows);
    const int32_t top = cell_below(grid->y_m, high_y_m, step_m, grid->rows) + 1;
    float least = INFINITY;
    for (int32_t row = bottom; row <= top && row < grid->rows; row++) {
        const float *cells = grid->cells + (size_t)row * (size_t)grid->columns;
        for (int32_t column = left; column <= right && column < grid->columns; column++) {
            least = cells[column] < least ? cells[column] : least;
        }
    }
    return (double)least;
}
