/* What the sensors see, and how it becomes wire integers. */
#include "sim_codes.h"
#include "sim_plant.h"

#include <math.h>
#include <stddef.h>

/* The nearest wire integer, held at the ends of its range. */
static int16_t wire16(double value) {
    const double held = value < -32768.0 ? -32768.0 : (value > 32767.0 ? 32767.0 : value);
    return (int16_t)((int32_t)(held + 32768.5) - 32768);
}

/* A place on the car, seen from the map. */
static void carry(const sim_frame_t *car, double yaw, const double mount[3], double out[3]) {
    out[0] = car->x + car->cosine * mount[0] - car->sine * mount[1];
    out[1] = car->y + car->sine * mount[0] + car->cosine * mount[1];
    out[2] = yaw + mount[2];
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

/* Whether the echo of one ray is strong enough: smooth walls throw it aside, soft things swallow it. */
static int is_heard(const sim_sonars_t *sonars, const sim_world_t *world, const sim_hit_t *hit, double range_m) {
    const sim_material_t material = sim_material_at(world, hit->wall);
    const double share = hit->wall == SIM_DISC ? sonars->person : material.sonar;
    return (material.rough || hit->cosine >= sonars->min_cosine) && range_m <= share * sonars->range_max_m;
}

/* The first echo of a cone of rays. */
static double echo(const sim_sonars_t *sonars, const sim_world_t *world, int32_t n_discs, const double *discs,
                   const double from[3]) {
    const sim_fan_t fan = {from[0], from[1], cos(from[2]), sin(from[2]), sonars->half_cone_rad, 0.0};
    double kept[SIM_FAN_NUMBERS], nearest = INFINITY;
    const double *near = sim_discs_ahead(&fan, &n_discs, discs, kept);
    for (int32_t beam = 0; beam < sonars->rays; beam++) {
        const double share = sonars->rays > 1 ? 2.0 * beam / (sonars->rays - 1) - 1.0 : 0.0;
        const double bearing = from[2] + share * sonars->half_cone_rad;
        const double ray[4] = {from[0], from[1], cos(bearing), sin(bearing)};
        sim_hit_t hit; /* behind the nearest echo nothing can be the first */
        const double range = sim_cast_ray(world, n_discs, near, ray, fmin(nearest, sonars->range_max_m), &hit);
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
    if (firing == 0) return 0;
    const sim_frame_t car = sim_frame_at(pose);
    for (int k = 0; k < SIM_SONARS; k++) {
        double from[3];
        if (!(firing >> k & 1)) continue;
        carry(&car, pose[2], sonars->mounts[k], from);
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

void sim_gauge_step(const sim_gauge_t *gauge, const sim_battery_t *battery, int32_t row, uint16_t *millivolts,
                    int16_t *milliamperes, uint8_t *percent) {
    const double *noise = gauge->noise + 2 * (ptrdiff_t)row;
    const double volts = battery->terminal_v + gauge->voltage_sigma_v * noise[0];
    const double amperes = battery->current_a + gauge->current_sigma_a * noise[1];
    *millivolts = (uint16_t)(fmin(fmax(volts, 0.0), 65.0) * 1000.0 + 0.5);
    *milliamperes = wire16(amperes * 1000.0);
    *percent = (uint8_t)(fmin(battery->charge, 1.0) * 100.0 + 0.5);
}
