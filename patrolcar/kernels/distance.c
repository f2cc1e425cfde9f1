/* Exact Euclidean distance transform in two passes.
 *
 * Source: Meijster, Roerdink, Hesselink (2000), "A general algorithm for computing distance transforms in
 * linear time". All comparisons are between integers, so the result is exact.
 */
#include "kernels.h"

#include <math.h>

/* Distance up or down to the nearest blocked cell of the same column, `far` when there is none. */
static void scan_columns(const uint8_t *blocked, int32_t rows, int32_t columns, int32_t far, int32_t *gap)
{
    for (int32_t x = 0; x < columns; x++) {
        gap[x] = blocked[x] ? 0 : far;
    }
    for (int32_t y = 1; y < rows; y++) {
        const uint8_t *cell = blocked + (size_t)y * (size_t)columns;
        int32_t *here = gap + (size_t)y * (size_t)columns;
        for (int32_t x = 0; x < columns; x++) {
            int32_t below = here[x - columns] + 1;
            here[x] = cell[x] ? 0 : (below < far ? below : far);
        }
    }
    for (int32_t y = rows - 2; y >= 0; y--) {
        int32_t *here = gap + (size_t)y * (size_t)columns;
        for (int32_t x = 0; x < columns; x++) {
            int32_t above = here[x + columns] + 1;
            here[x] = above < here[x] ? above : here[x];
        }
    }
}

/* Lower envelope of the parabolas (x - i)^2 + gap[i]^2 over one row. */
static void scan_row(const int32_t *gap, int32_t columns, int32_t far, double resolution_m, float *distance_m,
                     int32_t *apex, int32_t *first)
{
    int32_t top = 0;
    apex[0] = 0;
    first[0] = 0;
    for (int32_t x = 1; x < columns; x++) {
        int32_t high = gap[x] * gap[x];
        while (top >= 0) {
            int32_t left = first[top] - apex[top];
            int32_t right = first[top] - x;
            if (left * left + gap[apex[top]] * gap[apex[top]] <= right * right + high) {
                break;
            }
            top--;
        }
        if (top < 0) {
            top = 0;
            apex[0] = x;
            first[0] = 0;
        } else {
            int32_t old = apex[top];
            int32_t rise = x * x - old * old + high - gap[old] * gap[old];
            /* rise >= 0 here: the older parabola is not above the new one at first[top] >= 0 */
            int32_t from = 1 + rise / (2 * (x - old));
            if (from < columns) {
                top++;
                apex[top] = x;
                first[top] = from;
            }
        }
    }
    for (int32_t x = columns - 1; x >= 0; x--) {
        int32_t across = x - apex[top];
        int32_t square = across * across + gap[apex[top]] * gap[apex[top]];
        distance_m[x] = square >= far * far ? INFINITY : (float)(sqrt((double)square) * resolution_m);
        if (x == first[top]) {
            top--;
        }
    }
}

void pk_distance_transform(const uint8_t *blocked, int32_t rows, int32_t columns, double resolution_m,
                           float *distance_m, int32_t *scratch)
{
    int32_t far = rows + columns;
    int32_t *apex = scratch + (size_t)rows * (size_t)columns;
    scan_columns(blocked, rows, columns, far, scratch);
    for (int32_t y = 0; y < rows; y++) {
        size_t at = (size_t)y * (size_t)columns;
        scan_row(scratch + at, columns, far, resolution_m, distance_m + at, apex, apex + columns);
    }
}
