/* The car: wheels turn, the body follows along an arc, and stops where it touches something. */
#include "sim_plant.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const double TURN_RAD = 6.283185307179586476925286766559;
static const double SEARCH_M = 1.0;        /* how far around the car gaps are measured */
static const double WALL_RELEASE_M = 0.01; /* farther away, the next touch is another collision */
static const double TOUCH_M = 0.001;
static const double PERSON_RELEASE_M = 0.02;
static const double STANDING_MPS = 0.02;

/* What the step sees of its surroundings. */
typedef struct {
    const sim_world_t *world;
    int32_t n_discs;
    const double *discs;
} around_t;

static int32_t bumper_of(const sim_outline_t *outline, const double nearest[2]) {
    const double middle = 0.5 * (outline->front_m - outline->rear_m);
    const double across = (outline->half_width_m - nearest[1]) / (2.0 * outline->half_width_m);
    const int quarter = (int)fmin(fmax(floor(4.0 * across), 0.0), 3.0);
    return 1 << (nearest[0] >= middle ? quarter : 4 + quarter);
}

/* Measure the gap to what stands still at a pose. */
static double look(const sim_car_t *car, const around_t *around, const double pose[3], double nearest[2]) {
    return sim_clearance(around->world, &car->chassis.outline, pose, SEARCH_M, nearest);
}

static void note_walls(sim_car_t *car, double gap_m, const double nearest[2]) {
    sim_body_t *body = &car->body;
    body->free_m = gap_m;
    body->clearance_m = fmin(body->clearance_m, gap_m);
    body->wall_bumpers = gap_m < car->chassis.bumper_travel_m ? bumper_of(&car->chassis.outline, nearest) : 0;
    if (gap_m > WALL_RELEASE_M) body->at_wall = 0;
}

/* Whether the way from here to there ends deeper in a person than it starts. */
static int walks_into_someone(const sim_car_t *car, const around_t *around, const double there[3]) {
    const sim_frame_t then = sim_frame_at(there);
    for (int32_t k = 0; k < around->n_discs; k++) {
        const double *disc = around->discs + 3 * (ptrdiff_t)k;
        const double gap_m = sim_disc_gap_from(&car->chassis.outline, &then, disc, NULL);
        if (gap_m <= 0.0 && gap_m < sim_disc_gap(&car->chassis.outline, car->body.pose, disc, NULL)) return 1;
    }
    return 0;
}

static void go_share(const double from[3], const double motion[3], double share, double there[3]) {
    const double part[3] = {share * motion[0], share * motion[1], share * motion[2]};
    sim_arc(from, part, there);
}

static void note_motion(sim_body_t *body, const double motion[3], double share) {
    body->travel_m = share * motion[0];
    body->aside_m = share * motion[1];
    body->turned_rad = share * motion[2];
}

/* Go the largest share of the motion that touches nothing. */
static void go_until_contact(sim_car_t *car, const around_t *around, const double motion[3]) {
    double low = 0.0, high = 1.0, there[3], nearest[2] = {0.0, 0.0};
    for (int k = 0; k < 14; k++) {
        const double share = 0.5 * (low + high);
        go_share(car->body.pose, motion, share, there);
        if (look(car, around, there, nearest) <= 0.0 || walks_into_someone(car, around, there)) {
            high = share;
        } else {
            low = share;
        }
    }
    go_share(car->body.pose, motion, low, there);
    note_motion(&car->body, motion, low);
    memcpy(car->body.pose, there, sizeof there);
    const double gap_m = look(car, around, there, nearest);
    note_walls(car, gap_m, nearest);
}

/* Move the body; returns 0 when it went all the way, 1 when a wall and 2 when a person is in the way. */
static int move(sim_car_t *car, const around_t *around, const double motion[3]) {
    sim_body_t *body = &car->body;
    const sim_outline_t *outline = &car->chassis.outline;
    const double arm_m = hypot(fmax(outline->front_m, outline->rear_m), outline->half_width_m);
    const double swept_m = hypot(motion[0], motion[1]) + fabs(motion[2]) * arm_m;
    double there[3], nearest[2] = {0.0, 0.0};
    memcpy(body->previous, body->pose, sizeof body->pose);
    note_motion(body, motion, 1.0);
    if (swept_m == 0.0) return 0;
    sim_arc(body->pose, motion, there);
    const int person = walks_into_someone(car, around, there);
    const double bound_m = body->free_m - swept_m; /* a gap shrinks by no more than the outline moves */
    const int near = bound_m < fmax(body->clearance_m, WALL_RELEASE_M + TOUCH_M);
    const double gap_m = near ? look(car, around, there, nearest) : bound_m;
    if (gap_m <= 0.0 || person) {
        go_until_contact(car, around, motion);
        return gap_m <= 0.0 ? 1 : 2;
    }
    memcpy(body->pose, there, sizeof there);
    if (near) {
        note_walls(car, gap_m, nearest);
    } else {
        body->free_m = bound_m;
    }
    return 0;
}

static void note_people(sim_car_t *car, const around_t *around, int blocked_by_person) {
    sim_body_t *body = &car->body;
    const int moves = blocked_by_person || hypot(body->speed_mps, body->aside_mps) > STANDING_MPS;
    const sim_frame_t frame = sim_frame_at(body->pose);
    double least_m = INFINITY;
    for (int32_t k = 0; k < around->n_discs; k++) {
        double nearest[2];
        const double *disc = around->discs + 3 * (ptrdiff_t)k;
        const double gap_m = sim_disc_gap_from(&car->chassis.outline, &frame, disc, nearest);
        if (gap_m < car->chassis.bumper_travel_m) body->bumpers |= bumper_of(&car->chassis.outline, nearest);
        least_m = fmin(least_m, gap_m);
    }
    if (moves) body->person_m = fmin(body->person_m, fmax(least_m, 0.0));
    if (least_m > PERSON_RELEASE_M) body->at_person = 0;
    if ((blocked_by_person || least_m <= TOUCH_M) && !body->at_person) {
        body->at_person = 1;
        body->person_hits += moves;
        body->standing_touches += !moves;
    }
}

static void count_ticks(sim_car_t *car) {
    for (int k = 0; k < car->wheels.wheels; k++) {
        const double ticks = floor(car->wheels.angle_rad[k] * car->chassis.ticks_per_turn / TURN_RAD);
        car->body.ticks[k] = (int32_t)(uint32_t)(uint64_t)(int64_t)ticks;
    }
}

/* Note how the floor rises below the car, and whether it ends there. */
static void note_floor(sim_car_t *car, const sim_floor_t *floor) {
    sim_body_t *body = &car->body;
    if (floor == NULL) return;
    const sim_ground_t ground = sim_floor_at(floor, body->pose[0], body->pose[1], car->chassis.friction);
    const double cosine = cos(body->pose[2]), sine = sin(body->pose[2]);
    body->grade[0] = cosine * ground.grade[0] + sine * ground.grade[1];
    body->grade[1] = cosine * ground.grade[1] - sine * ground.grade[0];
}

void sim_car_place(sim_car_t *car, const sim_world_t *world, int32_t n_discs, const double *discs) {
    const around_t around = {world, n_discs, discs};
    double nearest[2] = {0.0, 0.0};
    const double gap_m = look(car, &around, car->body.pose, nearest);
    memcpy(car->body.previous, car->body.pose, sizeof car->body.pose);
    note_walls(car, gap_m, nearest);
    note_floor(car, world->floor);
    car->body.bumpers = car->body.wall_bumpers;
    note_people(car, &around, 0);
}

static void note_speeds(sim_car_t *car, int contact, double dt_s) {
    sim_body_t *body = &car->body;
    const int stands = contact || body->fallen;
    const double speed_mps = stands ? 0.0 : sim_forward_mps(car), aside_mps = stands ? 0.0 : body->aside_m / dt_s;
    body->accel_mps2 = (speed_mps - body->speed_mps) / dt_s;
    body->aside_mps2 = (aside_mps - body->aside_mps) / dt_s;
    body->speed_mps = speed_mps;
    body->aside_mps = aside_mps;
}

void sim_car_step(sim_car_t *car, const sim_world_t *world, int32_t n_discs, const double *discs,
                  const int16_t *duty_permille, const int16_t *steer_mrad, const uint8_t *enable, double dt_s,
                  int32_t *ticks_out, uint8_t *bumpers_out) {
    static const double nowhere[3] = {0.0, 0.0, 0.0};
    const around_t around = {world, n_discs, discs};
    const double command_rad = steer_mrad == NULL ? 0.0 : *steer_mrad * 0.001;
    sim_body_t *body = &car->body;
    double motion[3];
    const double steer_rad = sim_steering_step(&car->steering, command_rad, dt_s);
    sim_wheels_step(car, world->floor, duty_permille, *enable != 0, dt_s);
    sim_motion(car, world->floor, steer_rad, dt_s, motion);
    const int contact = move(car, &around, body->fallen ? nowhere : motion);
    note_speeds(car, contact, dt_s);
    note_floor(car, world->floor);
    body->blocked = contact != 0;
    body->distance_m += hypot(body->travel_m, body->aside_m);
    if (contact == 1 && !body->at_wall) {
        body->at_wall = 1;
        body->wall_hits++;
    }
    body->bumpers = body->wall_bumpers;
    note_people(car, &around, contact == 2);
    count_ticks(car);
    memcpy(ticks_out, body->ticks, sizeof body->ticks);
    *bumpers_out = (uint8_t)body->bumpers;
}
