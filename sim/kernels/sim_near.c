/* Sensors that look at what is near: the floor below, a dock, things within an arm's length. */
#include "sim_codes.h"
#include "sim_plant.h"

#include <math.h>
#include <stddef.h>

static const double TURN_RAD = 6.283185307179586476925286766559;

enum { SPOT_POINTS = 9 };

typedef struct {
    double x, y;
} place_t;

static place_t placed(const double pose[3], const double at[2]) {
    const double cosine = cos(pose[2]), sine = sin(pose[2]);
    const place_t place = {pose[0] + cosine * at[0] - sine * at[1], pose[1] + sine * at[0] + cosine * at[1]};
    return place;
}

double sim_paint_at(const sim_floor_t *floor, double x_m, double y_m) {
    if (floor == NULL) return 255.0;
    if (floor->paint == NULL) return floor->bare;
    const double column = (x_m - floor->paint_x_m) / floor->paint_cell_m;
    const double row = (y_m - floor->paint_y_m) / floor->paint_cell_m;
    if (!(column >= 0.0 && row >= 0.0 && column < floor->paint_columns && row < floor->paint_rows)) return floor->bare;
    return floor->paint[(ptrdiff_t)row * floor->paint_columns + (ptrdiff_t)column];
}

uint8_t sim_cliff_step(const sim_cliffs_t *cliffs, const sim_floor_t *floor, const double pose[3]) {
    unsigned bits = 0;
    for (int k = 0; k < 8; k++) {
        if (!(cliffs->fitted >> k & 1)) continue;
        const place_t at = placed(pose, cliffs->at_m[k]);
        const int hole = sim_floor_at(floor, at.x, at.y, 1.0).hole;
        if (hole || sim_paint_at(floor, at.x, at.y) < cliffs->blind_level) bits |= 1U << k;
    }
    return (uint8_t)bits;
}

/* Mean brightness of a spot: its middle, and eight places on a circle that halves its area. */
static double spot(const sim_floor_t *floor, place_t at, double radius_m) {
    double sum = sim_paint_at(floor, at.x, at.y);
    for (int k = 1; k < SPOT_POINTS; k++) {
        const double turn = TURN_RAD * k / (SPOT_POINTS - 1), off_m = radius_m * 0.70710678118654752;
        sum += sim_paint_at(floor, at.x + off_m * cos(turn), at.y + off_m * sin(turn));
    }
    return sum / SPOT_POINTS;
}

void sim_line_step(const sim_line_t *line, const sim_floor_t *floor, const double pose[3], int32_t row,
                   uint8_t *levels) {
    const double *noise = line->noise + 8 * (ptrdiff_t)row;
    for (int k = 0; k < line->cells; k++) {
        const place_t at = placed(pose, line->at_m[k]);
        const double seen = sim_floor_at(floor, at.x, at.y, 1.0).hole ? 0.0 : spot(floor, at, line->spot_m);
        levels[k] = (uint8_t)(fmin(fmax(seen * line->gain[k] + line->sigma * noise[k], 0.0), 255.0) + 0.5);
    }
}

uint8_t sim_charger_step(const sim_charger_t *charger, const double pose[3], sim_battery_t *battery) {
    uint8_t plugged = 0;
    for (int32_t k = 0; k < charger->n_docks; k++) {
        const double *dock = charger->docks + 3 * (ptrdiff_t)k;
        const double turn = pose[2] - dock[2], aside = turn - TURN_RAD * floor(turn / TURN_RAD + 0.5);
        const double off_m = hypot(pose[0] - dock[0], pose[1] - dock[1]);
        if (off_m <= charger->reach_m && fabs(aside) <= charger->reach_rad && !charger->dead) plugged = 1;
    }
    battery->charger_a = plugged ? charger->gives_a : 0.0;
    return plugged;
}

/* The voltage that a thing at a distance gives. */
static double volts_at(const sim_infrared_t *infrared, double distance_m) {
    const double peak_v = infrared->volts_per_m_inverse / infrared->peak_m + infrared->volts_far;
    if (isinf(distance_m)) return infrared->volts_far;
    if (distance_m < infrared->peak_m) return peak_v * distance_m / infrared->peak_m;
    return infrared->volts_per_m_inverse / distance_m + infrared->volts_far;
}

uint8_t sim_infrared_step(sim_infrared_t *infrared, const sim_world_t *world, int32_t n_discs, const double *discs,
                          const double pose[3], int64_t step, int32_t row, uint16_t *codes) {
    const double *noise = infrared->noise + SIM_SONARS * (ptrdiff_t)row;
    if (step % infrared->period_steps != 0) return 0;
    for (int k = 0; k < SIM_SONARS; k++) {
        if (!(infrared->slots[0] >> k & 1)) continue;
        const place_t eye = placed(pose, infrared->mounts[k]);
        const double bearing = pose[2] + infrared->mounts[k][2];
        const double ray[4] = {eye.x, eye.y, cos(bearing), sin(bearing)};
        sim_hit_t hit;
        const double far_m = sim_cast_ray(world, n_discs, discs, ray, 2.0 * infrared->range_max_m, &hit);
        const sim_material_t material = sim_material_at(world, hit.wall);
        infrared->distance_m[k] = material.passes > 0.5 ? INFINITY : far_m;
        /* little light: the place of the spot is known worse */
        const double sigma_v = infrared->sigma_v * sqrt(0.7 / fmax(material.lidar, 0.01));
        const double volts = volts_at(infrared, infrared->distance_m[k]) + sigma_v * noise[k];
        const double read_v = floor(volts / infrared->step_v + 0.5) * infrared->step_v - infrared->volts_far;
        const double seen_m = infrared->volts_per_m_inverse / fmax(read_v, 1e-6);
        codes[k] = seen_m > infrared->range_max_m ? NOTHING_SEEN
                   : seen_m < infrared->range_min_m ? TOO_CLOSE
                                                    : (uint16_t)(seen_m * 1000.0 + 0.5);
    }
    return infrared->slots[0];
}
