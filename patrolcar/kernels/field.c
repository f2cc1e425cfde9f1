/* Cost to go by first-order fast marching.
 *
 * Steps between 4 or 8 neighbours measure a wrong length in most directions (up to 8 % too long), which
 * bends every way that follows the field. Marching solves |grad F| = cost instead.
 * Source: Sethian (1996), "A fast marching level set method for monotonically advancing fronts".
 */
#include "kernels.h"

#include <math.h>
#include <string.h>

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

/* What waits to be settled, the cheapest first: a 4-ary heap of numbers that hold the bits of a cost above the cell.
 * Costs are not below 0, so their bits are in the order of the costs. A cell whose cost is lowered waits twice. */
typedef struct {
    uint64_t *entries;
    int32_t count, room;
} front_t;

static void push(front_t *front, float value, int32_t cell)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint64_t entry = (uint64_t)bits << 32 | (uint32_t)cell;
    int32_t slot = front->count < front->room ? front->count++ : -1;
    while (slot > 0 && entry < front->entries[(slot - 1) / 4]) {
        front->entries[slot] = front->entries[(slot - 1) / 4];
        slot = (slot - 1) / 4;
    }
    if (slot >= 0) {
        front->entries[slot] = entry;
    }
}

static uint64_t pop(front_t *front)
{
    uint64_t *entries = front->entries;
    const uint64_t best = entries[0], moved = entries[--front->count];
    int32_t slot = 0;
    for (int32_t child = 1; child < front->count; child = 4 * slot + 1) {
        const int32_t end = child + 4 < front->count ? child + 4 : front->count;
        int32_t least = child;
        for (int32_t other = child + 1; other < end; other++) {
            least = entries[other] < entries[least] ? other : least;
        }
        if (moved <= entries[least]) {
            break;
        }
        entries[slot] = entries[least];
        slot = least;
    }
    entries[slot] = moved;
    return best;
}

/* Let a cell's cost be `value` when that is less than it was; costs that still wait may be too high, never too low. */
static void offer(front_t *front, float *to_go, int32_t cell, double value)
{
    if ((float)value < to_go[cell]) {
        to_go[cell] = (float)value;
        push(front, to_go[cell], cell);
    }
}

void pk_cost_to_go(const float *cost, int32_t rows, int32_t columns, const int32_t *seeds,
                   const double *seed_values, int32_t seed_count, uint64_t *entries, int32_t stop, double beyond,
                   float *to_go)
{
    static const int32_t ROW[4] = {0, 0, 1, -1};
    static const int32_t COLUMN[4] = {1, -1, 0, 0};
    front_t front = {entries, 0, PK_FRONT * rows * columns};
    for (int32_t cell = 0; cell < rows * columns; cell++) {
        to_go[cell] = INFINITY;
    }
    for (int32_t i = 0; i < seed_count; i++) {
        if (cost[seeds[i]] < PK_BLOCKED) {
            offer(&front, to_go, seeds[i], seed_values[i]);
        }
    }
    double last = INFINITY;
    while (front.count > 0) {
        const uint64_t best = pop(&front);
        const uint32_t bits = (uint32_t)(best >> 32);
        const int32_t cell = (int32_t)(uint32_t)best;
        float value;
        memcpy(&value, &bits, sizeof value);
        if ((double)value > last) {
            break;
        }
        if (value > to_go[cell]) {
            continue; /* it was settled for less */
        }
        last = cell == stop ? (double)value + beyond : last;
        const int32_t row = cell / columns, column = cell % columns;
        for (int32_t d = 0; d < 4; d++) {
            const int32_t y = row + ROW[d], x = column + COLUMN[d], next = y * columns + x;
            if (y < 0 || y >= rows || x < 0 || x >= columns || to_go[next] <= value || !(cost[next] < PK_BLOCKED)) {
                continue;
            }
            const float *at = to_go + next;
            const double east = x + 1 < columns ? (double)at[1] : INFINITY;
            const double west = x > 0 ? (double)at[-1] : INFINITY;
            const double north = y + 1 < rows ? (double)at[columns] : INFINITY;
            const double south = y > 0 ? (double)at[-columns] : INFINITY;
            offer(&front, to_go, next, marched(smaller(east, west), smaller(north, south), (double)cost[next]));
        }
    }
    for (int32_t cell = 0; cell < rows * columns; cell++) {
        to_go[cell] = (double)to_go[cell] > last ? INFINITY : to_go[cell];
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
