/* What the sensors see, and how it becomes wire integers. */
#include "sim_plant.h"

#include <math.h>
#include <stddef.h>

static const double TURN_RAD = 6.283185307179586476925286766559;

enum { NOTHING_SEEN = 0xFFFF, TOO_CLOSE = 0xFFFE, LONGEST_MM = 0xFFFC };

static int16_t wire16(double value) { return (int16_t)floor(fmin(fmax(value, -32768.0), 32767.0) + 0.5); }

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

void sim_sonar_ping(const sim_sonars_t *sonars, const sim_world_t *world, int32_t n_discs, const double *discs,
                    const double pose[3], uint32_t sensors, double *distance_m) {
    for (int k = 0; k < SIM_SONARS; k++) {
        double from[3], nearest = INFINITY;
        if (!(sensors >> k & 1U)) continue;
        carry(pose, sonars->mounts[k], from);
        for (int32_t beam = 0; beam < sonars->rays; beam++) {
            const double share = sonars->rays > 1 ? 2.0 * beam / (sonars->rays - 1) - 1.0 : 0.0;
            const double bearing = from[2] + share * sonars->half_cone_rad;
            const double ray[4] = {from[0], from[1], cos(bearing), sin(bearing)};
            double cosine = 1.0;
            const double range = sim_cast_ray(world, n_discs, discs, ray, sonars->range_max_m, &cosine);
            if (cosine >= sonars->min_cosine && range < nearest) nearest = range;
        }
        distance_m[k] = nearest;
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

void sim_range_codes(int32_t n, const double *distance_m, const double *scale, double sigma_m,
                     const double *noise, double dropout, const double *chance, double min_m, uint16_t *codes) {
    for (int32_t k = 0; k < n; k++) {
        if (isinf(distance_m[k]) || (chance != NULL && chance[k] < dropout)) {
            codes[k] = NOTHING_SEEN;
            continue;
        }
        const double seen = distance_m[k] * (scale != NULL ? scale[k] : 1.0) + sigma_m * noise[k];
        codes[k] = seen < min_m ? TOO_CLOSE : (uint16_t)fmin(floor(seen * 1000.0 + 0.5), LONGEST_MM);
    }
}
