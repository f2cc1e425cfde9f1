/* What the sensors see, and how it becomes wire integers. */
#include "sim_plant.h"

#include <math.h>
#include <stddef.h>

static const double TURN_RAD = 6.283185307179586476925286766559;

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

void sim_imu_step(sim_imu_t *imu, const sim_body_t *body, double dt_s, const double *noise, int16_t *accel_mmps2,
                  int16_t *gyro_500urad) {
    const double turn_radps = body->turned_rad / dt_s;
    const double truth[6] = {body->accel_mps2, body->travel_m / dt_s * turn_radps, imu->gravity_mps2, 0.0, 0.0,
                             turn_radps};
    for (int k = 0; k < 6; k++) {
        const double limit = k < 3 ? imu->accel_limit : imu->gyro_limit;
        imu->bias[k] += imu->walk[k] * noise[6 + k];
        const double value = truth[k] * imu->scale[k] + imu->bias[k] + imu->white[k] * noise[k];
        const double held = fmin(fmax(value, -limit), limit);
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

/* The first echo of a cone of rays. */
static double echo(const sim_sonars_t *sonars, const sim_world_t *world, int32_t n_discs, const double *discs,
                   const double from[3]) {
    double nearest = INFINITY;
    for (int32_t beam = 0; beam < sonars->rays; beam++) {
        const double share = sonars->rays > 1 ? 2.0 * beam / (sonars->rays - 1) - 1.0 : 0.0;
        const double bearing = from[2] + share * sonars->half_cone_rad;
        const double ray[4] = {from[0], from[1], cos(bearing), sin(bearing)};
        double cosine = 1.0;
        const double range = sim_cast_ray(world, n_discs, discs, ray, sonars->range_max_m, &cosine);
        if (cosine >= sonars->min_cosine && range < nearest) nearest = range;
    }
    return nearest;
}

void sim_sonar_ping(const sim_sonars_t *sonars, const sim_world_t *world, int32_t n_discs, const double *discs,
                    const double pose[3], uint32_t sensors, const double *noise, double *distance_m,
                    uint16_t *codes) {
    for (int k = 0; k < SIM_SONARS; k++) {
        double from[3];
        if (!(sensors >> k & 1U)) continue;
        carry(pose, sonars->mounts[k], from);
        distance_m[k] = echo(sonars, world, n_discs, discs, from);
        const double seen_m = distance_m[k] * sonars->scale[k] + sonars->sigma_m * noise[k];
        codes[k] = isinf(distance_m[k]) ? NOTHING_SEEN : code_of(seen_m, sonars->range_min_m);
    }
}

void sim_lidar_sweep(const sim_lidar_t *lidar, const sim_world_t *world, int32_t n_discs, const double *discs,
                     const double from[3], const double to[3], int32_t first, int32_t n, double start,
                     double spacing, double *distance_m) {
    const double turn = to[2] - from[2], turned = turn - TURN_RAD * floor(turn / TURN_RAD + 0.5);
    for (int32_t k = 0; k < n; k++) {
        const double share = start + k * spacing;
        const double pose[3] = {from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1]),
                                from[2] + share * turned};
        double eye[3];
        carry(pose, lidar->mount, eye);
        const double bearing = eye[2] + TURN_RAD * (first + k) / lidar->beams;
        const double ray[4] = {eye[0], eye[1], cos(bearing), sin(bearing)};
        distance_m[k] = sim_cast_ray(world, n_discs, discs, ray, lidar->range_max_m, NULL);
    }
}

void sim_range_codes(int32_t n, const double *distance_m, double sigma_m, const double *noise, double dropout,
                     const double *chance, double min_m, uint16_t *codes) {
    for (int32_t k = 0; k < n; k++) {
        const int lost = isinf(distance_m[k]) || chance[k] < dropout;
        codes[k] = lost ? NOTHING_SEEN : code_of(distance_m[k] + sigma_m * noise[k], min_m);
    }
}
