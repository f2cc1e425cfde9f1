/* Beams of a lidar that turns while the car drives: as places in the plane, which are broken, which are near. */
#include "kernels.h"

#include <math.h>
#include <string.h>

/* A direction that turns by the same angle from beam to beam. */
typedef struct {
    double cosine, sine, by_cosine, by_sine;
} turning_t;

static turning_t turning(double angle_rad, double by_rad)
{
    return (turning_t){cos(angle_rad), sin(angle_rad), cos(by_rad), sin(by_rad)};
}

static void turn(turning_t *t)
{
    const double cosine = t->cosine * t->by_cosine - t->sine * t->by_sine;
    t->sine = t->sine * t->by_cosine + t->cosine * t->by_sine;
    t->cosine = cosine;
}

void pk_place_beams(const float *ranges_m, int32_t count, const pk_sweep_t *sweep, double *places)
{
    const double by_rad = sweep->w_radps * sweep->beam_s, by_m = sweep->v_mps * sweep->beam_s;
    const double turned_rad = sweep->w_radps * sweep->first_s, driven_m = sweep->v_mps * sweep->first_s;
    const double yaw_rad = sweep->yaw_rad + turned_rad;
    turning_t car = turning(yaw_rad, by_rad);
    turning_t middle = turning(sweep->yaw_rad + 0.5 * turned_rad, 0.5 * by_rad); /* the chord of the arc so far */
    turning_t beam = turning(yaw_rad + sweep->mount_yaw_rad + sweep->bearing_rad, by_rad + sweep->step_rad);
    for (int32_t i = 0; i < count; i++, turn(&car), turn(&middle), turn(&beam)) {
        const double range_m = (double)ranges_m[i], way_m = driven_m + (double)i * by_m;
        if (!(range_m >= sweep->range_min_m && range_m <= sweep->range_max_m)) {
            places[2 * i] = places[2 * i + 1] = NAN;
            continue;
        }
        places[2 * i] = sweep->x_m + way_m * middle.cosine + car.cosine * sweep->mount_x_m
                        - car.sine * sweep->mount_y_m + range_m * beam.cosine;
        places[2 * i + 1] = sweep->y_m + way_m * middle.sine + car.sine * sweep->mount_x_m
                            + car.cosine * sweep->mount_y_m + range_m * beam.sine;
    }
}

int32_t pk_carry_hits(const double *points, int32_t count, double x_m, double y_m, double yaw_rad, double *out)
{
    const double c = cos(yaw_rad), s = sin(yaw_rad);
    int32_t hits = 0;
    for (int32_t i = 0; i < count; i++) {
        const double x = points[2 * i], y = points[2 * i + 1];
        if (isnan(x)) {
            continue;
        }
        out[2 * hits] = c * x - s * y + x_m;
        out[2 * hits + 1] = s * x + c * y + y_m;
        hits++;
    }
    return hits;
}

int32_t pk_seen_hits(const double *points, int32_t count, double x_m, double y_m, double yaw_rad, double within_m,
                     double *out)
{
    const double c = cos(yaw_rad), s = sin(yaw_rad), within_square = within_m * within_m;
    const double back_x = -c * x_m - s * y_m, back_y = s * x_m - c * y_m, back_rad = pk_wrapped(-yaw_rad);
    const double back_c = cos(back_rad), back_s = sin(back_rad);
    int32_t hits = 0;
    for (int32_t i = 0; i < count; i++) {
        const double x = points[2 * i], y = points[2 * i + 1];
        const double dx = x - x_m, dy = y - y_m;
        if (dx * dx + dy * dy <= within_square) { /* which nan is not */
            out[2 * hits] = back_c * x - back_s * y + back_x;
            out[2 * hits + 1] = back_s * x + back_c * y + back_y;
            hits++;
        }
    }
    return hits;
}

int32_t pk_judge_sectors(const float *ranges_m, int32_t count, int32_t first, int32_t beams_per_turn, int32_t fewest,
                         double share, uint8_t *covered, int32_t sectors, int32_t *covered_count)
{
    int32_t seen = 0, beam = 0;
    while (beam < count && first + beam < beams_per_turn) {
        const int64_t sector = (int64_t)(first + beam) * sectors / beams_per_turn;
        int32_t shown = 0, broken = 0;
        while (beam < count && (int64_t)(first + beam) * sectors < (sector + 1) * beams_per_turn) {
            broken += isnan(ranges_m[beam]) ? 1 : 0;
            seen += isfinite(ranges_m[beam]) ? 1 : 0;
            shown++;
            beam++;
        }
        if (shown >= fewest) {
            covered[sector] = (double)broken >= share * (double)shown;
        }
    }
    *covered_count = 0;
    for (int32_t sector = 0; sector < sectors; sector++) {
        *covered_count += covered[sector];
    }
    return seen;
}

uint32_t pk_judge_repeats(const float *distances_m, int32_t count, uint32_t fresh, const double pose[3],
                          double moved_m, double turned_rad, double *memory)
{
    uint32_t repeating = 0;
    for (int32_t i = 0; i < count; i++) {
        const double said_m = (double)distances_m[i];
        double *old = memory + 5 * (size_t)i;
        if (!isfinite(said_m)) {
            old[0] = NAN;
            old[4] = 0.0;
        } else if ((fresh >> i & 1u) != 0 && said_m != old[0]) {
            const double now[5] = {said_m, pose[0], pose[1], pose[2], 0.0};
            memcpy(old, now, sizeof now);
        } else if ((fresh >> i & 1u) != 0) {
            const double dx = pose[0] - old[1], dy = pose[1] - old[2];
            const int moved = dx * dx + dy * dy > moved_m * moved_m;
            const int turned = fabs(pk_wrapped(pose[2] - old[3])) > turned_rad;
            old[4] = moved || turned ? 1.0 : old[4];
        }
        repeating |= (old[4] > 0.0 ? 1u : 0u) << i; /* nan at first, perhaps */
    }
    return repeating;
}

void pk_thin(const double *points, int32_t count, double *out, int32_t room)
{
    for (int32_t i = 0; i < room && count > 0; i++) {
        const int32_t from = room > 1 ? (int32_t)((int64_t)i * (count - 1) / (room - 1)) : 0;
        out[2 * i] = points[2 * from];
        out[2 * i + 1] = points[2 * from + 1];
    }
}

int32_t pk_nearest(const double *points, int32_t first, int32_t end, double x_m, double y_m, double *away_m)
{
    int32_t nearest = first;
    double least = INFINITY;
    for (int32_t i = first; i < end; i++) {
        const double dx = points[2 * i] - x_m, dy = points[2 * i + 1] - y_m;
        const double square = dx * dx + dy * dy;
        if (square < least) {
            least = square;
            nearest = i;
        }
    }
    *away_m = sqrt(least);
    return nearest;
}

int32_t pk_any_near(const double *seen, int32_t count, const double *way, int32_t first, int32_t end, int32_t step,
                    double near_m)
{
    for (int32_t i = first; i < end; i += step) {
        for (int32_t k = 0; k < count; k++) {
            if (fabs(seen[3 * k] - way[2 * i]) < near_m && fabs(seen[3 * k + 1] - way[2 * i + 1]) < near_m) {
                return 1;
            }
        }
    }
    return 0;
}
