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

static double sinc(double x) { return fabs(x) < 1e-4 ? 1.0 - x * x / 6.0 : sin(x) / x; }

void sim_arc(const double from[3], double travel_m, double turn_rad, double to[3]) {
    const double chord_m = travel_m * sinc(0.5 * turn_rad), course = from[2] + 0.5 * turn_rad;
    const double yaw = from[2] + turn_rad;
    const double x = from[0] + chord_m * cos(course), y = from[1] + chord_m * sin(course);
    to[0] = x;
    to[1] = y;
    to[2] = yaw - TURN_RAD * floor(yaw / TURN_RAD + 0.5);
}

static void turn_wheels(sim_car_t *car, const int16_t *duty_permille, int bridge_on, double dt_s) {
    sim_wheels_t *wheels = &car->wheels;
    double drawn_a = car->battery.idle_a;
    for (int k = 0; k < wheels->wheels; k++) {
        const sim_motor_t *motor = &car->motors[k];
        double duty = fmin(fmax(duty_permille[k] * 0.001, -1.0), 1.0);
        if (fabs(duty) < motor->dead_duty) duty = 0.0;
        const double volts = duty * car->battery.terminal_v, before = wheels->angle_rad[k];
        const double load_nm = wheels->load_nm[k] + (car->body.blocked ? car->chassis.grip_nm : 0.0);
        sim_motor_step(motor, volts, bridge_on, load_nm, dt_s, &wheels->speed_radps[k], &wheels->angle_rad[k]);
        wheels->turned_rad[k] = wheels->angle_rad[k] - before;
        const double emf_v = motor->volt_s_per_rad * wheels->turned_rad[k] / dt_s;
        wheels->current_a[k] = bridge_on ? (volts - emf_v) / motor->resistance_ohm : 0.0;
        drawn_a += duty * wheels->current_a[k];
    }
    sim_battery_step(&car->battery, drawn_a, dt_s);
}

/* Floor travel of one side: the mean of its wheels, which are every second one. */
static double side(const sim_chassis_t *chassis, const double *wheel_rad, int first, int wheels) {
    double sum = 0.0;
    for (int k = first; k < wheels; k += 2) sum += chassis->radius_m[k] * wheel_rad[k] * (1.0 - chassis->slip[k]);
    return sum / (wheels / 2);
}

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
    for (int32_t k = 0; k < around->n_discs; k++) {
        const double *disc = around->discs + 3 * (ptrdiff_t)k;
        const double gap_m = sim_disc_gap(&car->chassis.outline, there, disc, NULL);
        if (gap_m <= 0.0 && gap_m < sim_disc_gap(&car->chassis.outline, car->body.pose, disc, NULL)) return 1;
    }
    return 0;
}

/* Go the largest share of the motion that touches nothing. */
static void go_until_contact(sim_car_t *car, const around_t *around, double travel_m, double turn_rad) {
    double low = 0.0, high = 1.0, there[3], nearest[2] = {0.0, 0.0};
    for (int k = 0; k < 14; k++) {
        const double share = 0.5 * (low + high);
        sim_arc(car->body.pose, share * travel_m, share * turn_rad, there);
        if (look(car, around, there, nearest) <= 0.0 || walks_into_someone(car, around, there)) {
            high = share;
        } else {
            low = share;
        }
    }
    sim_arc(car->body.pose, low * travel_m, low * turn_rad, there);
    car->body.travel_m = low * travel_m;
    car->body.turned_rad = low * turn_rad;
    memcpy(car->body.pose, there, sizeof there);
    const double gap_m = look(car, around, there, nearest);
    note_walls(car, gap_m, nearest);
}

/* Move the body; returns 0 when it went all the way, 1 when a wall and 2 when a person is in the way. */
static int move(sim_car_t *car, const around_t *around, double travel_m, double turn_rad) {
    sim_body_t *body = &car->body;
    const sim_outline_t *outline = &car->chassis.outline;
    const double arm_m = hypot(fmax(outline->front_m, outline->rear_m), outline->half_width_m);
    const double swept_m = fabs(travel_m) + fabs(turn_rad) * arm_m;
    double there[3], nearest[2] = {0.0, 0.0};
    memcpy(body->previous, body->pose, sizeof body->pose);
    body->travel_m = travel_m;
    body->turned_rad = turn_rad;
    if (swept_m == 0.0) return 0;
    sim_arc(body->pose, travel_m, turn_rad, there);
    const int person = walks_into_someone(car, around, there);
    const double bound_m = body->free_m - swept_m; /* a gap shrinks by no more than the outline moves */
    const int near = bound_m < fmax(body->clearance_m, WALL_RELEASE_M + TOUCH_M);
    const double gap_m = near ? look(car, around, there, nearest) : bound_m;
    if (gap_m <= 0.0 || person) {
        go_until_contact(car, around, travel_m, turn_rad);
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
    const int moves = blocked_by_person || fabs(body->speed_mps) > STANDING_MPS;
    double least_m = INFINITY;
    for (int32_t k = 0; k < around->n_discs; k++) {
        double nearest[2];
        const double *disc = around->discs + 3 * (ptrdiff_t)k;
        const double gap_m = sim_disc_gap(&car->chassis.outline, body->pose, disc, nearest);
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

void sim_car_place(sim_car_t *car, const sim_world_t *world, int32_t n_discs, const double *discs) {
    const around_t around = {world, n_discs, discs};
    double nearest[2] = {0.0, 0.0};
    const double gap_m = look(car, &around, car->body.pose, nearest);
    memcpy(car->body.previous, car->body.pose, sizeof car->body.pose);
    note_walls(car, gap_m, nearest);
    car->body.bumpers = car->body.wall_bumpers;
    note_people(car, &around, 0);
}

void sim_car_step(sim_car_t *car, const sim_world_t *world, int32_t n_discs, const double *discs,
                  const int16_t *duty_permille, const uint8_t *enable, double dt_s, int32_t *ticks_out,
                  uint8_t *bumpers_out) {
    const around_t around = {world, n_discs, discs};
    const int wheels = car->wheels.wheels;
    sim_body_t *body = &car->body;
    turn_wheels(car, duty_permille, *enable != 0, dt_s);
    const double left_m = side(&car->chassis, car->wheels.turned_rad, 0, wheels);
    const double right_m = side(&car->chassis, car->wheels.turned_rad, 1, wheels);
    const int contact = move(car, &around, 0.5 * (left_m + right_m), (right_m - left_m) / car->chassis.track_m);
    const double rims_mps = 0.5 * (side(&car->chassis, car->wheels.speed_radps, 0, wheels) +
                                   side(&car->chassis, car->wheels.speed_radps, 1, wheels));
    const double speed_mps = contact ? 0.0 : rims_mps;
    body->accel_mps2 = (speed_mps - body->speed_mps) / dt_s;
    body->blocked = contact != 0;
    body->distance_m += fabs(body->travel_m);
    if (contact == 1 && !body->at_wall) {
        body->at_wall = 1;
        body->wall_hits++;
    }
    body->bumpers = body->wall_bumpers;
    note_people(car, &around, contact == 2);
    body->speed_mps = speed_mps;
    count_ticks(car);
    memcpy(ticks_out, body->ticks, sizeof body->ticks);
    *bumpers_out = (uint8_t)body->bumpers;
}
