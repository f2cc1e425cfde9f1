/* A* and flood fill over a cost grid. A diagonal step never cuts a corner.
 *
 * Source: Hart, Nilsson, Raphael (1968); octile heuristic: Sturtevant (2012), "Benchmarks for Grid-Based
 * Pathfinding". Ties go to the cell nearer to the goal, then to the lower index, so the way is the same
 * on every machine.
 */
#include "kernels.h"

#include <math.h>

#define ROOT2 1.4142135623730951

/* Directions: 0-3 straight (east, west, north, south), 4-7 diagonal. */
static const int32_t STEP_ROW[8] = {0, 0, 1, -1, 1, 1, -1, -1};
static const int32_t STEP_COLUMN[8] = {1, -1, 0, 0, 1, -1, 1, -1};

/* Which straight directions are open from a cell, then which of all 8, as bits. */
static uint32_t open_steps(const float *cost, int32_t rows, int32_t columns, int32_t row, int32_t column)
{
    const float *here = cost + (size_t)row * (size_t)columns + column;
    uint32_t open = 0;
    open |= (uint32_t)(column + 1 < columns && here[1] < PK_BLOCKED);
    open |= (uint32_t)(column > 0 && here[-1] < PK_BLOCKED) << 1;
    open |= (uint32_t)(row + 1 < rows && here[columns] < PK_BLOCKED) << 2;
    open |= (uint32_t)(row > 0 && here[-columns] < PK_BLOCKED) << 3;
    open |= (uint32_t)((open & 5u) == 5u && here[columns + 1] < PK_BLOCKED) << 4;
    open |= (uint32_t)((open & 6u) == 6u && here[columns - 1] < PK_BLOCKED) << 5;
    open |= (uint32_t)((open & 9u) == 9u && here[1 - columns] < PK_BLOCKED) << 6;
    open |= (uint32_t)((open & 10u) == 10u && here[-columns - 1] < PK_BLOCKED) << 7;
    return open;
}

static double octile(int32_t row, int32_t column, int32_t goal_row, int32_t goal_column)
{
    int32_t down = row > goal_row ? row - goal_row : goal_row - row;
    int32_t across = column > goal_column ? column - goal_column : goal_column - column;
    int32_t less = down < across ? down : across;
    int32_t more = down < across ? across : down;
    return (double)(more - less) + ROOT2 * (double)less;
}

/* Write the way back from `goal`, then turn it round. */
static int32_t trace(const pk_node_t *nodes, int32_t columns, int32_t start, int32_t goal, int32_t *path,
                     int32_t room)
{
    int32_t length = 0;
    for (int32_t cell = goal;;) {
        if (length == room) {
            return PK_NO_ROOM;
        }
        path[length++] = cell;
        if (cell == start) {
            break;
        }
        uint32_t direction = nodes[cell].stamp & 0xffu;
        cell -= STEP_ROW[direction] * columns + STEP_COLUMN[direction];
    }
    for (int32_t i = 0; i < length / 2; i++) {
        int32_t swap = path[i];
        path[i] = path[length - 1 - i];
        path[length - 1 - i] = swap;
    }
    return length;
}

int32_t pk_astar(const float *cost, int32_t rows, int32_t columns, int32_t start, int32_t goal,
                 pk_node_t *nodes, pk_entry_t *entries, uint32_t epoch, int32_t *path, int32_t room,
                 double *total)
{
    pk_heap_t heap = {nodes, entries, 0, epoch};
    int32_t goal_row = goal / columns;
    int32_t goal_column = goal % columns;
    if (!(cost[start] < PK_BLOCKED)) {
        return PK_START_BLOCKED;
    }
    if (!(cost[goal] < PK_BLOCKED)) {
        return PK_GOAL_BLOCKED;
    }
    nodes[start] = (pk_node_t){0.0, -1, epoch << 8};
    pk_heap_push(&heap, start, octile(start / columns, start % columns, goal_row, goal_column), 0.0f);
    while (heap.count > 0) {
        int32_t cell = pk_heap_pop(&heap).cell;
        if (cell == goal) {
            *total = nodes[goal].reached;
            return trace(nodes, columns, start, goal, path, room);
        }
        int32_t row = cell / columns;
        int32_t column = cell % columns;
        double reached = nodes[cell].reached;
        uint32_t open = open_steps(cost, rows, columns, row, column);
        for (uint32_t d = 0; d < 8; d++) {
            if (!(open >> d & 1u)) {
                continue;
            }
            int32_t next = cell + STEP_ROW[d] * columns + STEP_COLUMN[d];
            double mean = 0.5 * ((double)cost[cell] + (double)cost[next]);
            double far = reached + (d < 4 ? mean : ROOT2 * mean);
            if (nodes[next].stamp >> 8 != epoch) {
                nodes[next].slot = -1;
            } else if (far >= nodes[next].reached) {
                continue;
            }
            nodes[next].reached = far;
            nodes[next].stamp = epoch << 8 | d;
            double ahead = octile(row + STEP_ROW[d], column + STEP_COLUMN[d], goal_row, goal_column);
            pk_heap_push(&heap, next, far + ahead, (float)ahead);
        }
    }
    return PK_UNREACHABLE;
}

/* A flood: cells that may be entered, those that were reached, and starts of runs that are still to be followed. */
typedef struct {
    const float *cost;
    uint8_t *reached;
    int32_t *starts;
    int32_t count;
} flood_t;

static int is_news(const flood_t *flood, int32_t cell)
{
    return !flood->reached[cell] && flood->cost[cell] < PK_BLOCKED;
}

/* Keep the first cell of each run among the cells first .. end - 1 that may be entered and was not reached. */
static void note_runs(flood_t *flood, int32_t first, int32_t end)
{
    int was_news = 0;
    for (int32_t cell = first; cell < end; cell++) {
        const int news = is_news(flood, cell);
        if (news && !was_news) {
            flood->starts[flood->count++] = cell;
        }
        was_news = news;
    }
}

int32_t pk_flood(const float *cost, int32_t rows, int32_t columns, int32_t start, uint8_t *reached, int32_t *queue)
{
    flood_t flood = {cost, reached, queue, 0};
    int32_t cells = 0;
    note_runs(&flood, start, start + 1);
    while (flood.count > 0) { /* straight steps suffice: a diagonal one needs both cells beside it free */
        const int32_t cell = flood.starts[--flood.count], row = cell / columns;
        int32_t first = cell, end = cell;
        while (end < (row + 1) * columns && is_news(&flood, end)) {
            reached[end++] = 1;
        }
        while (first > row * columns && is_news(&flood, first - 1)) {
            reached[--first] = 1;
        }
        cells += end - first;
        if (row > 0 && first < end) {
            note_runs(&flood, first - columns, end - columns);
        }
        if (row + 1 < rows && first < end) {
            note_runs(&flood, first + columns, end + columns);
        }
    }
    return cells;
}
