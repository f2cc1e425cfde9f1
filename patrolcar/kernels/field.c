/* Cost to go by first-order fast marching.
 *
 * Steps between 4 or 8 neighbours measure a wrong length in most directions (up to 8 % too long), which
 * bends every way that follows the field. Marching solves |grad F| = cost instead.
 * Source: Sethian (1996), "A fast marching level set method for monotonically advancing fronts".
 */
#include "kernels.h"

#include <math.h>

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

/* Value of a cell from the smaller settled neighbour in each axis. */
static double marched(double across, double down, double cost)
{
    double gap = across - down;
    if (!(fabs(gap) < cost)) {
        return smaller(across, down) + cost;
    }
    return 0.5 * (across + down + sqrt(2.0 * cost * cost - gap * gap));
}

static void offer(pk_heap_t *heap, int32_t cell, double value)
{
    pk_node_t *node = heap->nodes + cell;
    if (node->stamp != heap->epoch << 8) {
        *node = (pk_node_t){value, -1, heap->epoch << 8};
    } else if (value >= node->reached) {
        return;
    }
    node->reached = value;
    pk_heap_push(heap, cell, value, 0.0f);
}

void pk_cost_to_go(const float *cost, int32_t rows, int32_t columns, const int32_t *seeds,
                   const double *seed_values, int32_t seed_count, pk_node_t *nodes, pk_entry_t *entries,
                   uint32_t epoch, int32_t stop, double beyond, float *to_go)
{
    static const int32_t ROW[4] = {0, 0, 1, -1};
    static const int32_t COLUMN[4] = {1, -1, 0, 0};
    pk_heap_t heap = {nodes, entries, 0, epoch};
    for (int32_t cell = 0; cell < rows * columns; cell++) {
        to_go[cell] = INFINITY;
    }
    for (int32_t i = 0; i < seed_count; i++) {
        if (cost[seeds[i]] < PK_BLOCKED) {
            offer(&heap, seeds[i], seed_values[i]);
        }
    }
    double last = INFINITY;
    while (heap.count > 0) {
        pk_entry_t best = pk_heap_pop(&heap);
        if (best.key > last) {
            break;
        }
        last = best.cell == stop ? best.key + beyond : last;
        int32_t row = best.cell / columns;
        int32_t column = best.cell % columns;
        to_go[best.cell] = (float)best.key;
        for (int32_t d = 0; d < 4; d++) {
            int32_t y = row + ROW[d];
            int32_t x = column + COLUMN[d];
            if (y < 0 || y >= rows || x < 0 || x >= columns) {
                continue;
            }
            int32_t next = y * columns + x;
            if (!(cost[next] < PK_BLOCKED) || to_go[next] < INFINITY) {
                continue;
            }
            const float *at = to_go + next;
            double east = x + 1 < columns ? (double)at[1] : INFINITY;
            double west = x > 0 ? (double)at[-1] : INFINITY;
            double north = y + 1 < rows ? (double)at[columns] : INFINITY;
            double south = y > 0 ? (double)at[-columns] : INFINITY;
            offer(&heap, next, marched(smaller(east, west), smaller(north, south), (double)cost[next]));
        }
    }
}

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
