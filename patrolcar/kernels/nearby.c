/* Clearance in a window from what was seen: in each row, the distance to the nearest marked cell of each column that
 * has any, spread along the row.
 *
 * Few columns do, so this is quicker than the transform of whole maps (distance.c), and the same. Squares of whole
 * cells are kept in 16 bits, and the loops are of a fixed length, which a compiler turns into vectors.
 */
#include "kernels.h"

#include <math.h>

enum {
    FAR = 127, /* cells; the sum of two squares of it fits 16 bits */
    FAR_SQUARE = FAR * FAR,
    SOME = PK_WINDOW_SPARE / 2, /* cells of a row that are worked on at once */
};

/* Distance up or down to the nearest marked cell of the same column, FAR when none is nearer. */
static void measure_columns(const uint8_t *blocked, int32_t rows, int32_t columns, int16_t *gap)
{
    for (int32_t x = 0; x < columns; x++) {
        gap[x] = blocked[x] ? 0 : FAR;
    }
    for (int32_t y = 1; y < rows; y++) {
        const uint8_t *cell = blocked + (size_t)y * (size_t)columns;
        int16_t *here = gap + (size_t)y * (size_t)columns;
        for (int32_t x = 0; x < columns; x++) {
            const int16_t below = (int16_t)(here[x - columns] + 1), least = below < FAR ? below : FAR;
            here[x] = cell[x] ? 0 : least;
        }
    }
    for (int32_t y = rows - 2; y >= 0; y--) {
        int16_t *here = gap + (size_t)y * (size_t)columns;
        for (int32_t x = 0; x < columns; x++) {
            const int16_t above = (int16_t)(here[x + columns] + 1);
            here[x] = above < here[x] ? above : here[x];
        }
    }
}

/* List the columns with a marked cell; returns how many there are. */
static int32_t list_columns(const uint8_t *blocked, int32_t rows, int32_t columns, int16_t *list, uint8_t *is_marked)
{
    int32_t count = 0;
    for (int32_t x = 0; x < columns; x++) {
        is_marked[x] = blocked[x];
    }
    for (int32_t y = 1; y < rows; y++) {
        const uint8_t *cell = blocked + (size_t)y * (size_t)columns;
        for (int32_t x = 0; x < columns; x++) {
            is_marked[x] = is_marked[x] | cell[x];
        }
    }
    for (int32_t x = 0; x < columns; x++) {
        list[count] = (int16_t)x;
        count += is_marked[x] != 0;
    }
    return count;
}

/* Lower the squares of a row to those of a column that is `gap` away from it; `across` holds the squares along it. */
static void spread(int16_t *restrict square, int32_t columns, int32_t gap, const int16_t *restrict across)
{
    const int16_t up = (int16_t)(gap * gap);
    for (int32_t first = 0; first < columns; first += SOME) {
        for (int32_t x = first; x < first + SOME; x++) {
            const int16_t there = (int16_t)(across[x] + up);
            square[x] = there < square[x] ? there : square[x];
        }
    }
}

/* Write the smaller of what the map and what the squares of a row say. */
static void merge_row(const int16_t *restrict square, const float *restrict fixed, float *restrict window,
                      int32_t columns, double resolution_m)
{
    const float within = (float)(0.7 * resolution_m); /* a point may lie this far from the centre of its cell */
    const float far_m = (float)(sqrt((double)FAR_SQUARE) * resolution_m) - within;
    for (int32_t x = 0; x < columns; x++) {
        const int32_t cells = square[x];
        const float seen = (float)(sqrt((double)cells) * resolution_m) - within, known = fixed[x];
        window[x] = seen < far_m && seen < known ? seen : known;
    }
}

void pk_window_merge(const uint8_t *blocked, const float *fixed, float *window, int32_t rows, int32_t columns,
                     double resolution_m, int16_t *scratch)
{
    int16_t *gap = scratch, *list = gap + (size_t)rows * (size_t)columns, *square = list + columns;
    int16_t *middle = square + 2 * columns + SOME; /* of the squares along a row, with `columns` to each side */
    const int32_t count = list_columns(blocked, rows, columns, list, (uint8_t *)square);
    for (int32_t x = -columns; x < columns + SOME; x++) {
        const int32_t away = x < FAR && x > -FAR ? x : FAR;
        middle[x] = (int16_t)(away * away);
    }
    measure_columns(blocked, rows, columns, gap);
    for (int32_t y = 0; y < rows; y++) {
        const int16_t *here = gap + (size_t)y * (size_t)columns;
        for (int32_t x = 0; x < columns; x++) {
            square[x] = FAR_SQUARE;
        }
        for (int32_t i = 0; i < count; i++) {
            spread(square, columns, here[list[i]], middle - list[i]);
        }
        merge_row(square, fixed + (size_t)y * (size_t)columns, window + (size_t)y * (size_t)columns, columns,
                  resolution_m);
    }
}
