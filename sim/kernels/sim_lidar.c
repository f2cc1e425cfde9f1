/* A lidar that turns while the car drives. */
#include "sim_codes.h"
#include "sim_plant.h"

#include <math.h>
#include <stddef.h>

static const double TURN_RAD = 6.283185307179586476925286766559;

static const double USUAL_WALL = 0.7;      /* reflectance for which ranges are given */
static const double SQUARE_COSINE = 0.996; /* glass and mirrors send back what meets them within 5 degrees of square */
static const double BEYOND_M = 1e-6;

enum { MOST_BOUNCES = 4 };

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
                         const moment_t *car, int32_t beam, double chance) {
    const double *mount = lidar->mount, *way = lidar->ways + 2 * (ptrdiff_t)beam;
    double ray[4] = {car->x + car->cosine * mount[0] - car->sine * mount[1],
                     car->y + car->sine * mount[0] + car->cosine * mount[1],
                     car->cosine * way[0] - car->sine * way[1], car->sine * way[0] + car->cosine * way[1]};
    if (world->materials == NULL) return sim_cast_ray(world, n_discs, discs, ray, lidar->range_max_m, NULL);
    const double unused = (chance - lidar->dropout) / (1.0 - lidar->dropout); /* even, once it is no dropout */
    return beam_end(lidar, world, n_discs, discs, ray, unused);
}

/* Let the car turn from beam to beam: no beam needs a sine of its own. */
static void turn_on(moment_t *car, double cosine, double sine) {
    const double before = car->cosine;
    car->cosine = before * cosine - car->sine * sine;
    car->sine = car->sine * cosine + before * sine;
}

/* The beams of one period, and the motion meanwhile. */
typedef struct {
    const double *from, *to;
    double turned_rad;
    double first, per_beam; /* of the motion: before the first beam, and from beam to beam */
    int32_t beam, count;    /* the first of them in its turn, and how many */
} sweep_t;

static sweep_t sweep_of(const sim_lidar_t *lidar, const double from[3], const double to[3], int64_t step) {
    const double turn = to[2] - from[2], beam_us = (double)lidar->turn_us / lidar->beams;
    const int64_t began_us = step * lidar->period_us, until_us = began_us + lidar->period_us;
    const int64_t due = (until_us * lidar->beams + lidar->turn_us - 1) / lidar->turn_us - lidar->taken;
    const sweep_t sweep = {from,
                           to,
                           turn - TURN_RAD * floor(turn / TURN_RAD + 0.5),
                           ((double)lidar->taken * beam_us - (double)began_us) / lidar->period_us,
                           beam_us / lidar->period_us,
                           (int32_t)(lidar->taken % lidar->beams),
                           due < 0 ? 0 : (int32_t)(due < lidar->row_beams ? due : lidar->row_beams)};
    return sweep;
}

/* The fan around the middle one of a period's beams, as wide as if the car turned all the while. */
static sim_fan_t fan_of(const sim_lidar_t *lidar, const sweep_t *sweep, const moment_t *began) {
    const int32_t half = sweep->count / 2;
    const double share = sweep->first + half * sweep->per_beam;
    const double turn_rad = sweep->count * sweep->per_beam * fabs(sweep->turned_rad);
    const double *from = sweep->from, *to = sweep->to, *mount = lidar->mount;
    const double *way = lidar->ways + 2 * (ptrdiff_t)((sweep->beam + half) % lidar->beams);
    const double stray_m = half * sweep->per_beam * (fabs(to[0] - from[0]) + fabs(to[1] - from[1]));
    const sim_fan_t fan = {from[0] + share * (to[0] - from[0]) + began->cosine * mount[0] - began->sine * mount[1],
                           from[1] + share * (to[1] - from[1]) + began->sine * mount[0] + began->cosine * mount[1],
                           began->cosine * way[0] - began->sine * way[1],
                           began->sine * way[0] + began->cosine * way[1],
                           half * TURN_RAD / lidar->beams + turn_rad,
                           stray_m + turn_rad * (fabs(mount[0]) + fabs(mount[1]))};
    return fan;
}

void sim_lidar_step(sim_lidar_t *lidar, const sim_world_t *world, int32_t n_discs, const double *discs,
                    const double from[3], const double to[3], int64_t step, int32_t row) {
    const sweep_t sweep = sweep_of(lidar, from, to, step);
    const double *noise = lidar->noise + lidar->row_beams * (ptrdiff_t)row;
    const double *chance = lidar->chance + lidar->row_beams * (ptrdiff_t)row;
    const double cosine = cos(sweep.turned_rad * sweep.per_beam), sine = sin(sweep.turned_rad * sweep.per_beam);
    const double began_rad = from[2] + sweep.first * sweep.turned_rad, along_x = to[0] - from[0], along_y = to[1] - from[1];
    moment_t car = {0.0, 0.0, cos(began_rad), sin(began_rad)};
    double kept[SIM_FAN_NUMBERS];
    int32_t beam = sweep.beam;
    if (world->materials == NULL) { /* mirrors would throw beams out of the fan */
        const sim_fan_t fan = fan_of(lidar, &sweep, &car);
        discs = sim_discs_ahead(&fan, &n_discs, discs, kept);
    }
    for (int32_t k = 0; k < sweep.count; k++) {
        const double share = sweep.first + k * sweep.per_beam;
        car.x = from[0] + share * along_x;
        car.y = from[1] + share * along_y;
        const double distance_m = beam_range(lidar, world, n_discs, discs, &car, beam, chance[k]);
        const int lost = isinf(distance_m) || chance[k] < lidar->dropout;
        lidar->distance_m[beam] = distance_m;
        lidar->codes[beam] = lost ? NOTHING_SEEN : code_of(distance_m + lidar->sigma_m * noise[k], lidar->range_min_m);
        turn_on(&car, cosine, sine);
        beam = beam + 1 < lidar->beams ? beam + 1 : 0;
    }
    lidar->taken += sweep.count;
}
