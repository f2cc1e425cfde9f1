/* Exact contact of a rectangle, driving an arc, with points; and places inside polygons. */
#include "kernels.h"

#include <math.h>

#define TURN 6.283185307179586
#define SLACK_M 0.05 /* rounding shifts a touch by less, on arcs of up to 2000 km */

typedef struct {
    double front, back, side; /* the rectangle: back <= x <= front, |y| <= side */
} box_t;

static double farthest(const box_t *box, double radius)
{
    double x = box->front > -box->back ? box->front : -box->back;
    double y = fabs(radius) + box->side;
    return sqrt(x * x + y * y);
}

double pk_rim_speed(double vx_mps, double wz_radps, double front_m, double rear_m, double half_width_m)
{
    box_t box = {front_m, -rear_m, half_width_m};
    if (fabs(wz_radps) < 1e-6) {
        return fabs(vx_mps);
    }
    return fabs(wz_radps) * farthest(&box, vx_mps / wz_radps);
}

static int inside(const box_t *box, double x, double y)
{
    return x > box->back && x < box->front && fabs(y) < box->side;
}

/* Whether a point inside leaves through the side nearest to it. */
static int leaves(const box_t *box, double x, double y, double v, double w)
{
    double towards_x = -v + w * y;
    double towards_y = -w * x;
    double gaps[4] = {box->front - x, x - box->back, box->side - y, box->side + y};
    double speeds[4] = {towards_x, -towards_x, towards_y, -towards_y};
    int nearest = 0;
    for (int i = 1; i < 4; i++) {
        nearest = gaps[i] < gaps[nearest] ? i : nearest;
    }
    return speeds[nearest] > 1e-9;
}

static double straight_gap(const box_t *box, double x, double y, double v)
{
    if (fabs(y) >= box->side) {
        return INFINITY;
    }
    double gap = v > 0.0 ? x - box->front : box->back - x;
    return gap >= 0.0 ? gap : INFINITY;
}

/* Smallest turn, in the sense of w, that brings the point at `angle` to the direction of (x, y). */
static double turn_to(double angle, double x, double y, double sense, double best)
{
    double turn = sense * (angle - atan2(y, x)); /* less than one turn to either side */
    turn = turn < 0.0 ? turn + TURN : turn;
    return turn < best ? turn : best;
}

/* Turn until a point outside touches: it moves on a circle round the centre (0, radius). */
static double arc_turn(const box_t *box, double x, double y, double radius, double sense)
{
    double offset = y - radius;
    double square = x * x + offset * offset;
    double angle = atan2(offset, x);
    double best = INFINITY;
    const double ends[2] = {box->front, box->back};
    const double sides[2] = {box->side, -box->side};
    for (int i = 0; i < 2; i++) {
        double rest = square - ends[i] * ends[i];
        if (rest >= 0.0) {
            double up = sqrt(rest);
            if (fabs(radius + up) <= box->side) {
                best = turn_to(angle, ends[i], up, sense, best);
            }
            if (fabs(radius - up) <= box->side) {
                best = turn_to(angle, ends[i], -up, sense, best);
            }
        }
        double away = sides[i] - radius;
        rest = square - away * away;
        if (rest >= 0.0) {
            double out = sqrt(rest);
            if (out <= box->front) {
                best = turn_to(angle, out, away, sense, best);
            }
            if (-out >= box->back) {
                best = turn_to(angle, -out, away, sense, best);
            }
        }
    }
    return best;
}

/* Square of the distance from a point outside to the rectangle: no corner drives less far to a touch. */
static double gap_square(const box_t *box, double x, double y)
{
    const double ahead = x - box->front, behind = box->back - x, beside = fabs(y) - box->side;
    const double along = ahead > behind ? ahead : behind;
    return (along > 0.0 ? along * along : 0.0) + (beside > 0.0 ? beside * beside : 0.0);
}

double pk_arc_clearance(const double *points, int32_t count, double vx_mps, double wz_radps, double front_m,
                        double rear_m, double half_width_m, double horizon_m)
{
    box_t box = {front_m, -rear_m, half_width_m};
    /* what touches within the horizon moves no farther than that, seen from the car */
    double near = horizon_m + farthest(&box, 0.0);
    double near_square = near * near;
    int turning = fabs(wz_radps) >= 1e-6;
    double radius = turning ? vx_mps / wz_radps : 0.0;
    double rim = turning ? farthest(&box, radius) : 1.0;
    double sense = wz_radps < 0.0 ? -1.0 : 1.0;
    double core = fabs(radius) - box.side; /* the circle round the centre that the rectangle never enters */
    double core_square = core > 0.0 ? core * core : 0.0;
    double least = INFINITY, least_square = INFINITY;
    if (!turning && vx_mps == 0.0) {
        return INFINITY;
    }
    for (int32_t i = 0; i < count; i++) {
        double x = points[2 * i];
        double y = points[2 * i + 1];
        if (isnan(x) || isnan(y)) {
            return 0.0;
        }
        if (x * x + y * y > near_square) {
            continue;
        }
        double gap;
        if (inside(&box, x, y)) {
            if (leaves(&box, x, y, vx_mps, wz_radps)) {
                continue;
            }
            return 0.0;
        }
        if (gap_square(&box, x, y) > least_square) {
            continue;
        }
        if (turning) {
            double offset = y - radius;
            double square = x * x + offset * offset;
            if (square > rim * rim || square < core_square) {
                continue;
            }
            gap = rim * arc_turn(&box, x, y, radius, sense);
        } else {
            gap = straight_gap(&box, x, y, vx_mps);
        }
        if (gap < least) {
            least = gap;
            least_square = (gap + SLACK_M) * (gap + SLACK_M);
        }
    }
    return least;
}

enum { SOME_SONARS = 16 };

/* Where sonars from `first` on say that something is, for as many as there is room. Returns how many points. */
static int32_t echoes(const pk_seen_t *seen, int32_t first, double *points)
{
    int32_t count = 0;
    for (int32_t i = first; i < seen->sonars_count && i < first + SOME_SONARS; i++) {
        const double range_m = seen->ranges_m[i];
        if (range_m > seen->horizon_m || !(seen->ages_s[i] <= seen->stale_s)) {
            continue;
        }
        const double *mount = seen->mounts + 3 * (size_t)i;
        const double reach_m = isfinite(range_m) ? range_m : 0.0;
        points[2 * count] = mount[0] + reach_m * cos(mount[2]);
        points[2 * count + 1] = mount[1] + reach_m * sin(mount[2]);
        count++;
    }
    return count;
}

void pk_free_ways(const pk_seen_t *seen, double vx_mps, double wz_radps, double front_m, double rear_m,
                  const double half_widths_m[2], double free_m[2])
{
    for (int k = 0; k < 2; k++) {
        free_m[k] = pk_arc_clearance(seen->points, seen->points_count, vx_mps, wz_radps, front_m, rear_m,
                                     half_widths_m[k], seen->horizon_m);
    }
    for (int32_t first = 0; first < seen->sonars_count; first += SOME_SONARS) {
        double points[2 * SOME_SONARS];
        const int32_t count = echoes(seen, first, points);
        for (int k = 0; k < 2; k++) {
            const double way_m = pk_arc_clearance(points, count, vx_mps, wz_radps, front_m, rear_m,
                                                  half_widths_m[k], seen->horizon_m);
            free_m[k] = way_m < free_m[k] ? way_m : free_m[k];
        }
    }
}

double pk_polygon_depth(const double *polygon, int32_t count, double x_m, double y_m)
{
    double least = INFINITY;
    int within = 0;
    for (int32_t i = 0, j = count - 1; i < count; j = i++) {
        double ax = polygon[2 * j];
        double ay = polygon[2 * j + 1];
        double bx = polygon[2 * i] - ax;
        double by = polygon[2 * i + 1] - ay;
        double px = x_m - ax;
        double py = y_m - ay;
        double length = bx * bx + by * by;
        double along = length > 0.0 ? (px * bx + py * by) / length : 0.0;
        along = along < 0.0 ? 0.0 : (along > 1.0 ? 1.0 : along);
        double dx = px - along * bx;
        double dy = py - along * by;
        double square = dx * dx + dy * dy;
        least = square < least ? square : least;
        if ((ay > y_m) != (polygon[2 * i + 1] > y_m) && px < bx * py / by) {
            within = !within;
        }
    }
    return within ? sqrt(least) : -sqrt(least);
}
