/* What the sensors see, and how it becomes wire integers. */
#include "sim_plant.h"

#include <math.h>
#include <stddef.h>

static const double TURN_RAD = 6.283185307179586476925286766559;

static const double USUAL_WALL = 0.7;      /* reflectance for which ranges are given */
static const double SQUARE_COSINE = 0.996; /* glass and mirrors send back what meets them within 5 degrees of square */
static const double BEYOND_M = 1e-6;

enum { MOST_BOUNCES = 4 };
enum { NOTHING_SEEN = 0xFFFF, TOO_CLOSE = 0xFFFE, LONGEST_MM = 0xFFFC };

/* The nearest wire integer, held at the ends of its range. */
static int16_t wire16(double value) {
    const double held = value < -32768.0 ? -32768.0 : (value > 32767.0 ? 32767.0 : value);
    return (int16_t)((int32_t)(held + 32768.5) - 32768);
}

/* A place on the car, seen from the map. */
static void carry(const double pose[3], const double mount[3], double out[3]) {
    const double cosine = cos(pose[2]), sine = sin(pose[2]);
    out[0] = pose[0] + cosine * mount[0] - sine * mount[1];
    out[1] = pose[1] + sine * mount[0] + cosine * mount[1];
    out[2] = pose[2] + mount[2];
}

/* On a ramp, or when somebody lifts the car, gravity also pulls along x and y. The car stands on the floor, z across
 * it, and x keeps its course seen from above; a and b are the rise per metre along the course and to its left. */
static void lean(const sim_imu_t *imu, const sim_body_t *body, double truth[6]) {
    const double a = body->grade[0] + imu->lift[0], b = body->grade[1] + imu->lift[1];
    if (a == 0.0 && b == 0.0) return;
    const double along = sqrt(1.0 + a * a), across = sqrt(1.0 + a * a + b * b);
    truth[0] += imu->gravity_mps2 * a / along;
    truth[1] += imu->gravity_mps2 * b / (along * across);
    truth[2] = imu->gravity_mps2 / across;
}

void sim_imu_step(sim_imu_t *imu, const sim_body_t *body, int32_t row, int16_t *accel_mmps2,
                  int16_t *gyro_500urad) {
    const double *noise = imu->noise + 12 * (ptrdiff_t)row;
    const double turn_radps = body->turned_rad / imu->period_s, speed_mps = body->travel_m / imu->period_s;
    double truth[6] = {body->accel_mps2, speed_mps * turn_radps, imu->gravity_mps2, 0.0, 0.0, turn_radps};
    if (body->aside_m != 0.0 || body->aside_mps2 != 0.0) {
        truth[0] -= body->aside_m / imu->period_s * turn_radps;
        truth[1] += body->aside_mps2;
    }
    lean(imu, body, truth);
    for (int k = 0; k < 6; k++) {
        const double limit = k < 3 ? imu->accel_limit : imu->gyro_limit;
        imu->bias[k] += imu->walk[k] * noise[6 + k];
        const double value = truth[k] * imu->scale[k] + imu->bias[k] + imu->white[k] * noise[k];
        const double held = value < -limit ? -limit : (value > limit ? limit : value);
        if (k < 3) {
            accel_mmps2[k] = wire16(held * 1000.0);
        } else {
            gyro_500urad[k - 3] = wire16(held * 2000.0);
        }
    }
}

static uint16_t code_of(double seen_m, double min_m) {
    if (seen_m < min_m) return TOO_CLOSE;
    return (uint16_t)(seen_m < 0.001 * LONGEST_MM ? seen_m * 1000.0 + 0.5 : LONGEST_MM);
}

/* Whether the echo of one ray is strong enough: smooth walls throw it aside, soft things swallow it. */
static int is_heard(const sim_sonars_t *sonars, const sim_world_t *world, const sim_hit_t *hit, double range_m) {
    const sim_material_t material = sim_material_at(world, hit->wall);
    const double share = hit->wall == SIM_DISC ? sonars->person : material.sonar;
    return (material.rough || hit->cosine >= sonars->min_cosine) && range_m <= share * sonars->range_max_m;
}

/* The first echo of a cone of rays. */
static double echo(const sim_sonars_t *sonars, const sim_world_t *world, int32_t n_discs, const double *discs,
                   const double from[3]) {
    double nearest = INFINITY;
    for (int32_t beam = 0; beam < sonars->rays; beam++) {
        const double share = sonars->rays > 1 ? 2.0 * beam / (sonars->rays - 1) - 1.0 : 0.0;
        const double bearing = from[2] + share * sonars->half_cone_rad;
        const double ray[4] = {from[0], from[1], cos(bearing), sin(bearing)};
        sim_hit_t hit;
        const double range = sim_cast_ray(world, n_discs, discs, ray, sonars->range_max_m, &hit);
        if (range < nearest && is_heard(sonars, world, &hit, range)) nearest = range;
    }
    return nearest;
}

/* With some chance a sensor takes the echo of another one's ping, when that comes first, for its own. */
static double overheard(const sim_sonars_t *sonars, uint8_t firing, int k, int32_t row) {
    double first = sonars->distance_m[k];
    if (sonars->chance == NULL || sonars->chance[SIM_SONARS * (ptrdiff_t)row + k] >= sonars->crosstalk) return first;
    for (int j = 0; j < SIM_SONARS; j++) {
        if (firing >> j & 1) first = fmin(first, sonars->distance_m[j]);
    }
    return first;
}

uint8_t sim_sonar_step(sim_sonars_t *sonars, const sim_world_t *world, int32_t n_discs, const double *discs,
                       const double pose[3], int64_t step, int32_t row, uint16_t *codes) {
    const uint8_t firing = sonars->firing[step % sonars->cycle_steps];
    const double *noise = sonars->noise + SIM_SONARS * (ptrdiff_t)row;
    for (int k = 0; k < SIM_SONARS; k++) {
        double from[3];
        if (!(firing >> k & 1)) continue;
        carry(pose, sonars->mounts[k], from);
        sonars->distance_m[k] = echo(sonars, world, n_discs, discs, from);
    }
    for (int k = 0; k < SIM_SONARS; k++) {
        if (!(firing >> k & 1)) continue;
        const double distance_m = overheard(sonars, firing, k, row);
        const double seen_m = distance_m * sonars->scale[k] + sonars->sigma_m * noise[k];
        codes[k] = isinf(distance_m) ? NOTHING_SEEN : code_of(seen_m, sonars->range_min_m);
    }
    return firing;
}

/* Turn a ray as a mirror does. */
static void mirror(const double wall[4], double ray[4]) {
    const double ex = wall[2] - wall[0], ey = wall[3] - wall[1], length2 = ex * ex + ey * ey;
    const double along = (ray[2] * ex + ray[3] * ey) / length2;
    ray[2] = 2.0 * along * ex - ray[2];
    ray[3] = 2.0 * along * ey - ray[3];
}

/* One beam: where it comes back from, through glass and over mirrors; INFINITY when too little light does. */
static double beam_end(const sim_lidar_t *lidar, const sim_world_t *world, int32_t n_discs, const double *discs,
                       double ray[4], double chance) {
    double gone_m = 0.0;
    for (int bounce = 0; bounce < MOST_BOUNCES; bounce++) {
        sim_hit_t hit;
        const double on_m = sim_cast_ray(world, n_discs, discs, ray, lidar->range_max_m - gone_m, &hit);
        const sim_material_t material = sim_material_at(world, hit.wall);
        const int square = hit.cosine > SQUARE_COSINE;
        gone_m += on_m;
        if (isinf(on_m) || square || chance >= material.passes + material.mirrors) {
            const double share = square ? 1.0 : sqrt(material.lidar / USUAL_WALL);
            return gone_m <= share * lidar->range_max_m ? gone_m : INFINITY;
        }
        const int mirrored = chance >= material.passes;
        ray[0] += (on_m + (mirrored ? -BEYOND_M : BEYOND_M)) * ray[2];
        ray[1] += (on_m + (mirrored ? -BEYOND_M : BEYOND_M)) * ray[3];
        if (mirrored) mirror(world->segments + 4 * (ptrdiff_t)hit.wall, ray);
    }
    return INFINITY;
}

/* Where the car is and which way it looks when a beam is taken. */
typedef struct {
    double x, y, cosine, sine;
} moment_t;

static double beam_range(const sim_lidar_t *lidar, const sim_world_t *world, int32_t n_discs, const double *discs,
                         const moment_t *car, int64_t beam, double chance) {
    const double *mount = lidar->mount, *way = lidar->ways + 2 * beam;
    double ray[4] = {car->x + car->cosine * mount[0] - car->sine * mount[1],
                     car->y + car->sine * mount[0] + car->cosine * mount[1],
                     car->cosine * way[0] - car->sine * way[1], car->sine * way[0] + car->cosine * way[1]};
    if (world->materials == NULL) return sim_cast_ray(world, n_discs, discs, ray, lidar->range_max_m, NULL);
    return beam_end(lidar, world, n_discs, discs, ray, chance);
}

/* Let the car turn from beam to beam: no beam needs a sine of its own. */
static void turn_on(moment_t *car, double cosine, double sine) {
    const double before = car->cosine;
    car->cosine = before * cosine - car->sine * sine;
    car->sine = car->sine * cosine + before * sine;
}

void sim_lidar_step(sim_lidar_t *lidar, const sim_world_t *world, int32_t n_discs, const double *discs,
                    const double from[3], const double to[3], int64_t step, int32_t row) {
    const double turn = to[2] - from[2], turned = turn - TURN_RAD * floor(turn / TURN_RAD + 0.5);
    const double beam_us = (double)lidar->turn_us / lidar->beams;
    const double per_beam = beam_us / lidar->period_us; /* share of the motion */
    const int64_t until_us = (step + 1) * lidar->period_us;
    const int64_t due = (until_us * lidar->beams + lidar->turn_us - 1) / lidar->turn_us;
    const double *noise = lidar->noise + lidar->row_beams * (ptrdiff_t)row;
    const double *chance = lidar->chance + lidar->row_beams * (ptrdiff_t)row;
    const double first = ((double)lidar->taken * beam_us - (double)(step * lidar->period_us)) / lidar->period_us;
    const double cosine = cos(turned * per_beam), sine = sin(turned * per_beam);
    moment_t car = {0.0, 0.0, cos(from[2] + first * turned), sin(from[2] + first * turned)};
    for (int32_t k = 0; lidar->taken < due && k < lidar->row_beams; k++, lidar->taken++) {
        const double share = first + k * per_beam;
        const int64_t beam = lidar->taken % lidar->beams;
        const double unused = (chance[k] - lidar->dropout) / (1.0 - lidar->dropout); /* even, once it is no dropout */
        car.x = from[0] + share * (to[0] - from[0]);
        car.y = from[1] + share * (to[1] - from[1]);
        const double distance_m = beam_range(lidar, world, n_discs, discs, &car, beam, unused);
        const int lost = isinf(distance_m) || chance[k] < lidar->dropout;
        lidar->distance_m[beam] = distance_m;
        lidar->codes[beam] = lost ? NOTHING_SEEN : code_of(distance_m + lidar->sigma_m * noise[k], lidar->range_min_m);
        turn_on(&car, cosine, sine);
    }
}

void sim_gauge_step(const sim_gauge_t *gauge, const sim_battery_t *battery, int32_t row, uint16_t *millivolts,
                    int16_t *milliamperes, uint8_t *percent) {
    const double *noise = gauge->noise + 2 * (ptrdiff_t)row;
    const double volts = battery->terminal_v + gauge->voltage_sigma_v * noise[0];
    const double amperes = battery->current_a + gauge->current_sigma_a * noise[1];
    *millivolts = (uint16_t)(fmin(fmax(volts, 0.0), 65.0) * 1000.0 + 0.5);
    *milliamperes = wire16(amperes * 1000.0);
    *percent = (uint8_t)(fmin(battery->charge, 1.0) * 100.0 + 0.5);
}

/* What of the car's sensors is optional. */
static void step_extras(sim_plant_t *plant, int64_t step, int32_t row) {
    const double *pose = plant->car->body.pose;
    const sim_floor_t *floor = plant->world->floor;
    if (plant->infrared != NULL) {
        *plant->range_fresh |= sim_infrared_step(plant->infrared, plant->world, plant->n_discs, plant->discs, pose, step,
                                                 row, plant->range_mm);
    }
    if (plant->cliffs != NULL) *plant->cliff_bits = sim_cliff_step(plant->cliffs, floor, pose);
    if (plant->line != NULL) sim_line_step(plant->line, floor, pose, row, plant->line_levels);
    if (plant->charger != NULL) *plant->plugged = sim_charger_step(plant->charger, pose, &plant->car->battery);
}

void sim_plant_step(sim_plant_t *plant, int64_t step, uint32_t now_us) {
    const int32_t row = (int32_t)(step % plant->noise_rows), n = plant->n_discs;
    const sim_body_t *body = &plant->car->body;
    *plant->now_us = now_us;
    sim_car_step(plant->car, plant->world, n, plant->discs, plant->duty_permille, plant->steer_mrad, plant->enable,
                 plant->period_s, plant->ticks, plant->bumpers);
    sim_imu_step(plant->imu, body, row, plant->accel_mmps2, plant->gyro_500urad);
    *plant->range_fresh =
        sim_sonar_step(plant->sonars, plant->world, n, plant->discs, body->pose, step, row, plant->range_mm);
    step_extras(plant, step, row);
    sim_gauge_step(plant->gauge, &plant->car->battery, row, plant->battery_mv, plant->current_ma, plant->charge_percent);
    if (plant->lidar != NULL) {
        sim_lidar_step(plant->lidar, plant->world, n, plant->discs, body->previous, body->pose, step, row);
    }
}
