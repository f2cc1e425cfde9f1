/* Exact gaps between the car's rectangle, a person's disc, and what stands still. */
#include "sim_plant.h"

#include <math.h>
#include <stddef.h>

/* A box with sides along the axes of its own frame. */
typedef struct {
    double x0, y0, x1, y1;
} box_t;

/* A box in the map around what is searched, in cells. */
typedef struct {
    int32_t r0, r1, c0, c1;
} window_t;

/* The nearest thing found so far. */
typedef struct {
    double gap_m;
    double point[2];
} found_t;

/* Calls of fmin() and fmax() cost more than all that is done with their answers here. */
static double lesser(double a, double b) { return a < b ? a : b; }

static double greater(double a, double b) { return a > b ? a : b; }

static double clamped(double value, double low, double high) { return lesser(greater(value, low), high); }

static double square(double value) { return value * value; }

/* Squared distance from a point to a box, and the nearest point of the box. */
static double to_box(const box_t *box, double x, double y, double point[2]) {
    point[0] = clamped(x, box->x0, box->x1);
    point[1] = clamped(y, box->y0, box->y1);
    return square(x - point[0]) + square(y - point[1]);
}

/* Squared distance from a point to a segment, and the nearest point of the segment. */
static double to_segment(const double wall[4], double x, double y, double point[2]) {
    const double ex = wall[2] - wall[0], ey = wall[3] - wall[1];
    const double length = ex * ex + ey * ey;
    const double u = length > 0.0 ? clamped(((x - wall[0]) * ex + (y - wall[1]) * ey) / length, 0.0, 1.0) : 0.0;
    point[0] = wall[0] + u * ex;
    point[1] = wall[1] + u * ey;
    return square(x - point[0]) + square(y - point[1]);
}

static void keep(found_t *found, double squared_m2, double x, double y) {
    if (squared_m2 < square(found->gap_m)) {
        found->gap_m = sqrt(squared_m2);
        found->point[0] = x;
        found->point[1] = y;
    }
}

/* Whether the segment has a point inside the box; the middle of that part goes to the finding. */
static int segment_meets_box(const box_t *box, const double wall[4], found_t *found) {
    double enter = 0.0, leave = 1.0;
    const double low[2] = {box->x0, box->y0}, high[2] = {box->x1, box->y1};
    for (int axis = 0; axis < 2; axis++) {
        const double from = wall[axis], along = wall[axis + 2] - wall[axis];
        if (along == 0.0) {
            if (from < low[axis] || from > high[axis]) return 0;
            continue;
        }
        const double a = (low[axis] - from) / along, b = (high[axis] - from) / along;
        enter = greater(enter, lesser(a, b));
        leave = lesser(leave, greater(a, b));
    }
    if (enter > leave) return 0;
    const double middle = 0.5 * (enter + leave);
    keep(found, 0.0, wall[0] + middle * (wall[2] - wall[0]), wall[1] + middle * (wall[3] - wall[1]));
    return 1;
}

/* Gap between the outline (a box in base_link) and a segment in base_link. */
static void outline_to_segment(const box_t *box, const double wall[4], found_t *found) {
    double on_box[2], on_wall[2];
    const double corners[4][2] = {{box->x0, box->y0}, {box->x1, box->y0}, {box->x1, box->y1}, {box->x0, box->y1}};
    if (segment_meets_box(box, wall, found)) return;
    keep(found, to_box(box, wall[0], wall[1], on_box), wall[0], wall[1]);
    keep(found, to_box(box, wall[2], wall[3], on_box), wall[2], wall[3]);
    for (int k = 0; k < 4; k++) {
        const double gap = to_segment(wall, corners[k][0], corners[k][1], on_wall);
        keep(found, gap, on_wall[0], on_wall[1]);
    }
}

sim_frame_t sim_frame_at(const double pose[3]) {
    const sim_frame_t frame = {pose[0], pose[1], cos(pose[2]), sin(pose[2])};
    return frame;
}

static void into(const sim_frame_t *frame, double x, double y, double body[2]) {
    const double dx = x - frame->x, dy = y - frame->y;
    body[0] = frame->cosine * dx + frame->sine * dy;
    body[1] = frame->cosine * dy - frame->sine * dx;
}

/* Gap between the outline and the square of a solid cell; both are convex, so some corner is nearest
 * when they are apart, and two of them overlap when no side of either parts them. */
static void outline_to_square(const box_t *box, const sim_frame_t *frame, const box_t *cell, found_t *found) {
    double corners[4][2], point[2], low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    const double square_corners[4][2] = {
        {cell->x0, cell->y0}, {cell->x1, cell->y0}, {cell->x1, cell->y1}, {cell->x0, cell->y1}};
    for (int k = 0; k < 4; k++) {
        into(frame, square_corners[k][0], square_corners[k][1], corners[k]);
        for (int axis = 0; axis < 2; axis++) {
            low[axis] = lesser(low[axis], corners[k][axis]);
            high[axis] = greater(high[axis], corners[k][axis]);
        }
    }
    int parted = low[0] > box->x1 || high[0] < box->x0 || low[1] > box->y1 || high[1] < box->y0;
    box_t around = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (int k = 0; k < 4; k++) {
        const double bx = k == 0 || k == 3 ? box->x0 : box->x1, by = k < 2 ? box->y0 : box->y1;
        const double mx = frame->x + frame->cosine * bx - frame->sine * by;
        const double my = frame->y + frame->sine * bx + frame->cosine * by;
        keep(found, to_box(box, corners[k][0], corners[k][1], point), corners[k][0], corners[k][1]);
        const double gap = to_box(cell, mx, my, point);
        if (gap < square(found->gap_m)) {
            double body[2];
            into(frame, point[0], point[1], body);
            keep(found, gap, body[0], body[1]);
        }
        around.x0 = lesser(around.x0, mx);
        around.x1 = greater(around.x1, mx);
        around.y0 = lesser(around.y0, my);
        around.y1 = greater(around.y1, my);
    }
    parted = parted || around.x0 > cell->x1 || around.x1 < cell->x0 || around.y0 > cell->y1 || around.y1 < cell->y0;
    if (!parted) {
        double body[2];
        into(frame, 0.5 * (cell->x0 + cell->x1), 0.5 * (cell->y0 + cell->y1), body);
        to_box(box, body[0], body[1], point);
        keep(found, 0.0, point[0], point[1]);
    }
}

static int32_t cell_number(double offset_m, double cell_m, int32_t cells) {
    const double place = clamped(offset_m / cell_m, -1.0, (double)cells);
    const int32_t cell = (int32_t)place; /* a cast rounds towards zero */
    return place < cell ? cell - 1 : cell;
}

/* The cells within reach_m of (x, y). */
static window_t window_around(const sim_world_t *world, double x, double y, double reach_m) {
    const double h = world->cell_m, ox = world->origin_x_m, oy = world->origin_y_m;
    window_t window;
    window.c0 = cell_number(x - reach_m - ox, h, world->columns);
    window.r0 = cell_number(y - reach_m - oy, h, world->rows);
    window.c1 = cell_number(x + reach_m - ox, h, world->columns);
    window.r1 = cell_number(y + reach_m - oy, h, world->rows);
    if (window.c0 < 0) window.c0 = 0;
    if (window.r0 < 0) window.r0 = 0;
    if (window.c1 >= world->columns) window.c1 = world->columns - 1;
    if (window.r1 >= world->rows) window.r1 = world->rows - 1;
    return window;
}

/* Return the next cell of a row from c on that is not free, or past the last one. */
static int32_t next_filled(const sim_world_t *world, int32_t r, int32_t c, int32_t last) {
    const uint8_t *right = world->reach + (ptrdiff_t)world->rows * world->columns; /* what goes down and right */
    const uint8_t *row = right + (ptrdiff_t)r * world->columns;
    while (c <= last && row[c] > 1) c += row[c] - 1;
    return c;
}

static box_t square_of(const sim_world_t *world, int32_t r, int32_t c) {
    const double h = world->cell_m;
    const box_t cell = {world->origin_x_m + c * h, world->origin_y_m + r * h, world->origin_x_m + (c + 1) * h,
                        world->origin_y_m + (r + 1) * h};
    return cell;
}

static void outline_to_cell(const sim_world_t *world, const box_t *box, const sim_frame_t *frame, int32_t r, int32_t c,
                            found_t *found) {
    const ptrdiff_t cell = (ptrdiff_t)r * world->columns + c;
    if (world->reach[cell] == 0) {
        const box_t solid = square_of(world, r, c);
        outline_to_square(box, frame, &solid, found);
        return;
    }
    for (int32_t k = world->first[cell]; k < world->first[cell + 1]; k++) {
        const double *wall = world->segments + 4 * (ptrdiff_t)world->member[k];
        double local[4];
        into(frame, wall[0], wall[1], local);
        into(frame, wall[2], wall[3], local + 2);
        outline_to_segment(box, local, found);
    }
}

double sim_clearance(const sim_world_t *world, const sim_outline_t *outline, const double pose[3],
                     double cutoff_m, double *nearest) {
    const box_t box = {-outline->rear_m, -outline->half_width_m, outline->front_m, outline->half_width_m};
    const sim_frame_t frame = sim_frame_at(pose);
    const double middle = 0.5 * (outline->front_m - outline->rear_m);
    const double x = frame.x + frame.cosine * middle, y = frame.y + frame.sine * middle;
    const double rim = hypot(0.5 * (outline->front_m + outline->rear_m), outline->half_width_m);
    const window_t window = window_around(world, x, y, rim + cutoff_m);
    found_t found = {cutoff_m, {0.0, 0.0}};
    for (int32_t r = window.r0; r <= window.r1; r++) {
        for (int32_t c = next_filled(world, r, window.c0, window.c1); c <= window.c1;
             c = next_filled(world, r, c + 1, window.c1)) {
            const box_t cell = square_of(world, r, c);
            double point[2];
            if (to_box(&cell, x, y, point) < square(rim + found.gap_m)) {
                outline_to_cell(world, &box, &frame, r, c, &found);
            }
        }
    }
    if (nearest != NULL && found.gap_m < cutoff_m) {
        nearest[0] = found.point[0];
        nearest[1] = found.point[1];
    }
    return found.gap_m;
}

/* Whether the free squares around a point say at once that nothing is within cutoff_m of it. */
static int is_wide(const sim_world_t *world, double x_m, double y_m, double cutoff_m) {
    const int32_t c = cell_number(x_m - world->origin_x_m, world->cell_m, world->columns);
    const int32_t r = cell_number(y_m - world->origin_y_m, world->cell_m, world->rows);
    if (c < 0 || r < 0 || c >= world->columns || r >= world->rows) return 0;
    const ptrdiff_t plane = (ptrdiff_t)world->rows * world->columns;
    const uint8_t *here = world->reach + (ptrdiff_t)r * world->columns + c;
    int32_t least = here[0];
    for (int quarter = 1; quarter < 4; quarter++) {
        if (here[quarter * plane] < least) least = here[quarter * plane];
    }
    return (least - 2) * world->cell_m >= cutoff_m; /* of the v - 1 free cells each way, one is its own */
}

double sim_point_clearance(const sim_world_t *world, double x_m, double y_m, double cutoff_m, double nearest[2]) {
    if (is_wide(world, x_m, y_m, cutoff_m)) return cutoff_m;
    const window_t window = window_around(world, x_m, y_m, cutoff_m);
    found_t found = {cutoff_m, {nearest[0], nearest[1]}};
    for (int32_t r = window.r0; r <= window.r1; r++) {
        for (int32_t c = next_filled(world, r, window.c0, window.c1); c <= window.c1;
             c = next_filled(world, r, c + 1, window.c1)) {
            const ptrdiff_t cell = (ptrdiff_t)r * world->columns + c;
            const box_t square_cell = square_of(world, r, c);
            double point[2];
            const double gap = to_box(&square_cell, x_m, y_m, point);
            if (world->reach[cell] == 0) {
                keep(&found, gap, point[0], point[1]);
            } else if (gap < square(found.gap_m)) {
                for (int32_t k = world->first[cell]; k < world->first[cell + 1]; k++) {
                    const double *wall = world->segments + 4 * (ptrdiff_t)world->member[k];
                    const double to_wall = to_segment(wall, x_m, y_m, point);
                    keep(&found, to_wall, point[0], point[1]);
                }
            }
        }
    }
    nearest[0] = found.point[0];
    nearest[1] = found.point[1];
    return found.gap_m;
}

double sim_disc_gap_from(const sim_outline_t *outline, const sim_frame_t *frame, const double disc[3], double *nearest) {
    const box_t box = {-outline->rear_m, -outline->half_width_m, outline->front_m, outline->half_width_m};
    double body[2], point[2];
    into(frame, disc[0], disc[1], body);
    const double gap = sqrt(to_box(&box, body[0], body[1], point)) - disc[2];
    if (nearest != NULL) {
        nearest[0] = point[0];
        nearest[1] = point[1];
    }
    return gap;
}

double sim_disc_gap(const sim_outline_t *outline, const double pose[3], const double disc[3], double *nearest) {
    const sim_frame_t frame = sim_frame_at(pose);
    return sim_disc_gap_from(outline, &frame, disc, nearest);
}
