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

/* A march. What waits to be settled, the cheapest first, is a 4-ary heap of numbers that hold the bits of a cost above
 * the cell. Costs are not below 0, so their bits are in the order of the costs. A cell whose cost is lowered waits
 * twice. The grids have a rim of blocked cells around them, so that every cell has four neighbours. */
typedef struct {
    uint64_t *entries;
    int32_t count, room, width;
    float *cost, *to_go;
} march_t;

static size_t cells_with_rim(int32_t rows, int32_t columns)
{
    return ((size_t)rows + 2) * ((size_t)columns + 2);
}

/* A cell waits at most once for each of its neighbours, and once as a seed. */
static size_t entries_for(int32_t rows, int32_t columns)
{
    return 5 * (size_t)rows * (size_t)columns;
}

size_t pk_march_room(int32_t rows, int32_t columns)
{
    return entries_for(rows, columns) * sizeof(uint64_t) + 2 * cells_with_rim(rows, columns) * sizeof(float);
}

static void push(march_t *march, float value, int32_t cell)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint64_t entry = (uint64_t)bits << 32 | (uint32_t)cell;
    int32_t slot = march->count < march->room ? march->count++ : -1;
    while (slot > 0 && entry < march->entries[(slot - 1) / 4]) {
        march->entries[slot] = march->entries[(slot - 1) / 4];
        slot = (slot - 1) / 4;
    }
    if (slot >= 0) {
        march->entries[slot] = entry;
    }
}

static int32_t least_of(const uint64_t *entries, int32_t first, int32_t end)
{
    int32_t least = first;
    for (int32_t other = first + 1; other < end; other++) {
        least = entries[other] < entries[least] ? other : least;
    }
    return least;
}

/* Without branches: which is the least is chance, and no processor foresees it. */
static int32_t least_of_four(const uint64_t *entries, int32_t first)
{
    const int32_t one = first + (entries[first + 1] < entries[first]);
    const int32_t other = first + 2 + (entries[first + 3] < entries[first + 2]);
    return one + (other - one) * (entries[other] < entries[one]);
}

static uint64_t pop(march_t *march)
{
    uint64_t *entries = march->entries;
    const int32_t count = --march->count;
    const uint64_t best = entries[0], moved = entries[count];
    int32_t slot = 0;
    for (int32_t child = 1; child < count; child = 4 * slot + 1) {
        const int32_t least = child + 4 <= count ? least_of_four(entries, child) : least_of(entries, child, count);
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
static inline void offer(march_t *march, int32_t cell, double value)
{
    if ((float)value < march->to_go[cell]) {
        march->to_go[cell] = (float)value;
        push(march, march->to_go[cell], cell);
    }
}

/* Work a cell out anew beside one that was settled for `value`. */
static inline void reach(march_t *march, int32_t cell, float value)
{
    const float *at = march->to_go + cell;
    const int32_t width = march->width;
    if (*at > value && march->cost[cell] < PK_BLOCKED) {
        const double across = smaller((double)at[1], (double)at[-1]);
        const double down = smaller((double)at[width], (double)at[-width]);
        offer(march, cell, marched(across, down, (double)march->cost[cell]));
    }
}

/* Settle one cell after the other; returns the cost that nothing above it was settled for. */
static double settle(march_t *march, int32_t stop, double beyond)
{
    double last = INFINITY;
    while (march->count > 0) {
        const uint64_t best = pop(march);
        const uint32_t bits = (uint32_t)(best >> 32);
        const int32_t cell = (int32_t)(uint32_t)best;
        float value;
        memcpy(&value, &bits, sizeof value);
        if ((double)value > last) {
            break;
        }
        if (value > march->to_go[cell]) {
            continue; /* it was settled for less */
        }
        last = cell == stop ? (double)value + beyond : last;
        reach(march, cell + 1, value);
        reach(march, cell - 1, value);
        reach(march, cell + march->width, value);
        reach(march, cell - march->width, value);
    }
    return last;
}

void pk_cost_to_go(const float *cost, int32_t rows, int32_t columns, const int32_t *seeds,
                   const double *seed_values, int32_t seed_count, void *room, int32_t stop, double beyond,
                   float *to_go)
{
    const size_t entries = entries_for(rows, columns), cells = cells_with_rim(rows, columns);
    const int32_t width = columns + 2;
    float *costs = (float *)((uint64_t *)room + entries);
    march_t march = {room, 0, (int32_t)entries, width, costs, costs + cells};
    for (size_t cell = 0; cell < 2 * cells; cell++) {
        costs[cell] = INFINITY;
    }
    for (int32_t row = 0; row < rows; row++) {
        memcpy(costs + (row + 1) * width + 1, cost + row * columns, (size_t)columns * sizeof(float));
    }
    for (int32_t i = 0; i < seed_count; i++) {
        if (cost[seeds[i]] < PK_BLOCKED) {
            offer(&march, (seeds[i] / columns + 1) * width + seeds[i] % columns + 1, seed_values[i]);
        }
    }
    const double last = settle(&march, stop < 0 ? -1 : (stop / columns + 1) * width + stop % columns + 1, beyond);
    for (int32_t row = 0; row < rows; row++) {
        const float *settled = march.to_go + (row + 1) * width + 1;
        for (int32_t column = 0; column < columns; column++) {
            to_go[row * columns + column] = (double)settled[column] > last ? INFINITY : settled[column];
        }
    }
}
