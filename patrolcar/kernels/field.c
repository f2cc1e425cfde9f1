/* Following a path, and the falling cost to go. */
#include "kernels.h"

#include <math.h>

static int32_t clipped(int32_t cell, int32_t side)
{
    return cell < 0 ? 0 : (cell < side ? cell : side - 1);
}

int32_t pk_path_reached(const uint8_t *reached, int32_t side, double resolution_m, double x_m, double y_m, int32_t rim,
                        const double *path, int32_t first, int32_t end, int32_t *closed, int32_t *last)
{
    int32_t inside = 0;
    *closed = -1;
    *last = 0;
    for (int32_t at = first; at < end; at++) {
        const double u = (path[2 * at] - x_m) / resolution_m, v = (path[2 * at + 1] - y_m) / resolution_m;
        const int is_inside = u >= rim && v >= rim && u < side - rim && v < side - rim;
        if (!is_inside && at > first) {
            break; /* the first counts wherever it lies */
        }
        if (reached[clipped((int32_t)v, side) * side + clipped((int32_t)u, side)]) {
            *last = inside;
        } else if (*closed < 0) {
            *closed = inside;
        }
        inside++;
        if (!is_inside) {
            break;
        }
    }
    *closed = *closed < 0 ? inside : *closed;
    return inside;
}

double pk_descend(const pk_grid_t *to_go, double x_m, double y_m, double length_m, double step_m,
                  double *end_x_m, double *end_y_m)
{
    double half = 0.5 * to_go->resolution_m;
    double followed = 0.0;
    double here = pk_sample(to_go, x_m, y_m);
    while (followed < length_m) {
        double east = pk_sample(to_go, x_m + half, y_m);
        double west = pk_sample(to_go, x_m - half, y_m);
        double north = pk_sample(to_go, x_m, y_m + half);
        double south = pk_sample(to_go, x_m, y_m - half);
        double across = west - east;
        double down = south - north;
        double steep = sqrt(across * across + down * down);
        if (!(steep > 1e-9)) {
            break;
        }
        double next_x = x_m + step_m * across / steep;
        double next_y = y_m + step_m * down / steep;
        double next = pk_sample(to_go, next_x, next_y);
        if (!(next < here)) {
            break;
        }
        x_m = next_x;
        y_m = next_y;
        here = next;
        followed += step_m;
    }
    *end_x_m = x_m;
    *end_y_m = y_m;
    return followed;
}
