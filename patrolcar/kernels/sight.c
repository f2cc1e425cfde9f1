/* Straight lines over a cost grid: what they touch, what they cost, and ways made of few of them. */
#include "kernels.h"

#include <math.h>

/* A walk over every cell that the line between two cell centres touches. Crossings are compared as
 * integers, so a line through a corner is noticed exactly. */
double pk_line_cost(const float *cost, int32_t rows, int32_t columns, int32_t from, int32_t to)
{
    (void)rows; /* a line between two cells of a grid never leaves it */
    int64_t across = to % columns - from % columns;
    int64_t down = to / columns - from / columns;
    int32_t step_x = across < 0 ? -1 : 1;
    int32_t step_y = down < 0 ? -columns : columns;
    int64_t wide = across < 0 ? -across : across;
    int64_t high = down < 0 ? -down : down;
    double length = sqrt((double)(wide * wide + high * high));
    double sum = 0.0;
    double left_at = 0.0;
    int32_t cell = from;
    int64_t i = 0;
    int64_t j = 0;
    while (cost[cell] < PK_BLOCKED) {
        if (i == wide && j == high) {
            return sum + (1.0 - left_at) * length * (double)cost[cell];
        }
        /* next crossing of a column line at (2i+1)/(2 wide), of a row line at (2j+1)/(2 high) */
        int64_t order = (2 * i + 1) * high - (2 * j + 1) * wide;
        double at = order <= 0 ? (double)(2 * i + 1) / (double)(2 * wide) : (double)(2 * j + 1) / (double)(2 * high);
        sum += (at - left_at) * length * (double)cost[cell];
        left_at = at;
        if (order == 0 && !(cost[cell + step_x] < PK_BLOCKED && cost[cell + step_y] < PK_BLOCKED)) {
            break;
        }
        if (order <= 0) {
            cell += step_x;
            i++;
        }
        if (order >= 0) {
            cell += step_y;
            j++;
        }
    }
    return INFINITY;
}

static double step_cost(const float *cost, int32_t columns, int32_t from, int32_t to)
{
    int32_t across = to % columns - from % columns;
    int32_t down = to / columns - from / columns;
    double mean = 0.5 * ((double)cost[from] + (double)cost[to]);
    return across != 0 && down != 0 ? 1.4142135623730951 * mean : mean;
}

int32_t pk_shorten(const float *cost, int32_t rows, int32_t columns, const int32_t *path, int32_t length,
                   double slack, int32_t *kept)
{
    int32_t count = 0;
    int32_t anchor = 0;
    kept[count++] = path[0];
    while (anchor < length - 1) {
        int32_t best = anchor + 1;
        double along = step_cost(cost, columns, path[anchor], path[best]);
        for (int32_t next = anchor + 2; next < length; next++) {
            along += step_cost(cost, columns, path[next - 1], path[next]);
            double straight = pk_line_cost(cost, rows, columns, path[anchor], path[next]);
            if (straight <= slack * along) {
                best = next;
            } else if (!(straight < (double)PK_BLOCKED) && next > best + 40) {
                break; /* out of sight for long: it seldom comes back, and trying costs time */
            }
        }
        anchor = best;
        kept[count++] = path[anchor];
    }
    return count;
}
