/* From the travel of the wheels to the motion of the body, for each kind of chassis.
 *
 * Derived here and nowhere else: neither the host's nor the firmware's formulas are used. Wheels that contradict each
 * other are dragged over the floor (scrub); the motion is then the one of least squares, which for equal loads is also
 * where the Coulomb forces of the contacts balance. */
#include "sim_plant.h"

#include <math.h>
#include <stddef.h>

static const double GRAVITY_MPS2 = 9.80665;
static const double CREEP_MPS = 0.1; /* below it a contact creeps: its friction grows with the speed */
static const double TURN_RAD = 6.283185307179586476925286766559;

enum { SHAFT = 2 };

static double sinc(double x) { return fabs(x) < 1e-4 ? 1.0 - x * x / 6.0 : sin(x) / x; }

void sim_arc(const double from[3], const double motion[3], double to[3]) {
    const double turn_rad = motion[2], shrunk = sinc(0.5 * turn_rad), course = from[2] + 0.5 * turn_rad;
    const double along_m = motion[0] * shrunk, aside_m = motion[1] * shrunk;
    const double yaw = from[2] + turn_rad, cosine = cos(course), sine = sin(course);
    const double x = from[0] + (along_m * cosine - aside_m * sine), y = from[1] + (along_m * sine + aside_m * cosine);
    to[0] = x;
    to[1] = y;
    to[2] = yaw - TURN_RAD * floor(yaw / TURN_RAD + 0.5);
}

double sim_steering_step(sim_steering_t *steering, double command_rad, double dt_s) {
    const double before = steering->angle_rad;
    const double wanted = fmin(fmax(command_rad + steering->trim_rad, -steering->limit_rad), steering->limit_rad);
    const double left = wanted - before, most = steering->rate_radps * dt_s;
    if (steering->jammed || fabs(left) <= steering->dead_band_rad) return before;
    steering->angle_rad = fabs(left) <= most ? wanted : before + copysign(most, left);
    return 0.5 * (before + steering->angle_rad);
}

/* What of the travel of wheel k moves the body. */
static double given(const sim_car_t *car, const double *floor, int k) {
    return floor[k] * (1.0 - car->chassis.slip[k]) * (1.0 - car->wheels.slip[k]);
}

/* Of one side: the mean of its wheels, which are every second one. */
static double side(const sim_car_t *car, const double *floor, int first) {
    const int wheels = car->wheels.wheels;
    double sum = 0.0;
    for (int k = first; k < wheels; k += 2) sum += given(car, floor, k);
    return sum / (wheels / 2);
}

/* Row `axis` of the least squares: how far all wheels together move the body along it. */
static double together(const sim_car_t *car, const double *floor, int axis) {
    double sum = 0.0;
    for (int k = 0; k < car->wheels.wheels; k++) sum += car->chassis.motion[axis][k] * given(car, floor, k);
    return sum;
}

double sim_forward_mps(const sim_car_t *car) {
    const double *floor = car->wheels.floor_mps;
    if (car->chassis.kind == SIM_MECANUM) return together(car, floor, 0);
    return 0.5 * (side(car, floor, 0) + side(car, floor, 1));
}

/* Speed of the sideways drift: what turns the car's velocity is friction, and it cannot give more. */
static double drift(const sim_car_t *car, const sim_floor_t *floor, double turn_rad, double dt_s) {
    const sim_body_t *body = &car->body;
    double friction = car->chassis.friction;
    if (floor != NULL) friction = sim_floor_at(floor, body->pose[0], body->pose[1], friction).friction;
    const double wanted = body->aside_mps - body->speed_mps * turn_rad, most = friction * GRAVITY_MPS2 * dt_s;
    if (fabs(wanted) <= most) return 0.0;
    return wanted - copysign(most, wanted);
}

/* Torque on wheel k, whose rim is faster than the floor it touches by slide_mps along and aside_mps across. */
static double scrub(const sim_car_t *car, int k, double slide_mps, double aside_mps) {
    const sim_chassis_t *chassis = &car->chassis;
    const double most_nm = chassis->friction * chassis->share_kg[k] * GRAVITY_MPS2 * chassis->radius_m[k];
    return -most_nm * slide_mps / fmax(hypot(slide_mps, aside_mps), CREEP_MPS);
}

static void note_scrub(sim_car_t *car, const double motion[3], double dt_s) {
    sim_wheels_t *wheels = &car->wheels;
    for (int k = 0; k < wheels->wheels; k++) {
        const double *rolls = car->chassis.rolls[k];
        const double rolling_m = rolls[0] * motion[0] + rolls[1] * motion[1] + rolls[2] * motion[2];
        const double slide_mps = (given(car, wheels->floor_m, k) - rolling_m) / dt_s;
        const double aside_mps = car->chassis.kind == SIM_SKID ? car->chassis.at_m[k][0] * motion[2] / dt_s : 0.0;
        wheels->scrub_nm[k] = wheels->sliding[k] ? 0.0 : scrub(car, k, slide_mps, aside_mps);
    }
}

/* Behind an open differential the wheels turn as the floor below them passes. */
static void share_out(sim_car_t *car, const double motion[3], double dt_s) {
    sim_wheels_t *wheels = &car->wheels;
    const double turned_rad = wheels->turned_rad[SHAFT];
    for (int k = 0; k < 2; k++) {
        const double apart_rad = -car->chassis.at_m[k][1] * motion[2] / car->chassis.radius_m[k];
        wheels->turned_rad[k] = turned_rad + apart_rad;
        wheels->angle_rad[k] += wheels->turned_rad[k];
        wheels->speed_radps[k] = wheels->speed_radps[SHAFT] + apart_rad / dt_s;
    }
}

void sim_motion(sim_car_t *car, const sim_floor_t *floor, double steer_rad, double dt_s, double motion[3]) {
    const sim_chassis_t *chassis = &car->chassis;
    const double *floor_m = car->wheels.floor_m;
    if (chassis->kind == SIM_MECANUM) {
        for (int axis = 0; axis < 3; axis++) motion[axis] = together(car, floor_m, axis);
    } else {
        const double left_m = side(car, floor_m, 0), right_m = side(car, floor_m, 1);
        motion[0] = 0.5 * (left_m + right_m);
        motion[2] = chassis->kind == SIM_ACKERMANN ? motion[0] * tan(steer_rad) / chassis->wheelbase_m
                                                   : (right_m - left_m) / chassis->track_m;
        motion[1] = drift(car, floor, motion[2], dt_s) * dt_s;
    }
    if (chassis->kind == SIM_DIFFERENTIAL) return;
    if (chassis->one_motor) {
        share_out(car, motion, dt_s);
    } else {
        note_scrub(car, motion, dt_s);
    }
}
