/* The wheels between their motors and the floor.
 *
 * A wheel grips while the floor can give the force that its share of the car needs: friction times load, less what
 * holds the car in a bend (the friction circle). Then rim and floor move as one, and the motor carries that share.
 * Beyond it the wheel slides: the motor turns its own inertia only, the friction drags the wheel and pushes the car,
 * until both are equally fast again. */
#include "sim_plant.h"

#include <math.h>
#include <stddef.h>

static const double GRAVITY_MPS2 = 9.80665;
static const double LEAST_GRIP = 0.05; /* of the friction: even in the hardest bend a slide along it ends */

enum { SHAFT = 2 }; /* where a car of one motor keeps the axle that drives its differential */

/* What acts on one wheel in one step. */
typedef struct {
    double volts, load_nm, scrub_nm;
    double grip_mps2;  /* the most by which the floor speeds the car up or down */
    double slope_mps2; /* by which a ramp does */
    double dt_s;
    int bridge_on;
} pull_t;

static double grip_along(const sim_car_t *car, double friction, double dt_s) {
    const sim_body_t *body = &car->body;
    const double most = friction * GRAVITY_MPS2;
    const double across = car->chassis.kind == SIM_MECANUM ? 0.0 : body->speed_mps * body->turned_rad / dt_s;
    const double left = most * most - across * across, least = LEAST_GRIP * most;
    return left > least * least ? sqrt(left) : least;
}

static void slide(sim_car_t *car, int k, const sim_motor_t *motor, const pull_t *pull, double sense) {
    sim_wheels_t *wheels = &car->wheels;
    sim_motor_t loose = *motor;
    const double radius = car->chassis.radius_m[k], carried = motor->inertia_kgm2 - motor->own_inertia_kgm2;
    const double floor_mps = wheels->floor_mps[k];
    const double drag_nm = sense * pull->grip_mps2 * car->chassis.share_kg[k] * radius;
    double after = floor_mps + (sense * pull->grip_mps2 - pull->slope_mps2) * pull->dt_s;
    loose.inertia_kgm2 = motor->own_inertia_kgm2;
    sim_motor_step(&loose, pull->volts, pull->bridge_on, pull->load_nm, -drag_nm, pull->dt_s, &wheels->speed_radps[k],
                   &wheels->angle_rad[k]);
    wheels->sliding[k] = 1;
    if ((radius * wheels->speed_radps[k] - after) * sense <= 0.0) { /* caught up: both share their momentum */
        const double momentum = loose.inertia_kgm2 * wheels->speed_radps[k] + carried * after / radius;
        wheels->speed_radps[k] = momentum / motor->inertia_kgm2;
        after = radius * wheels->speed_radps[k];
        wheels->sliding[k] = 0;
    }
    wheels->floor_mps[k] = after;
    wheels->floor_m[k] = 0.5 * (floor_mps + after) * pull->dt_s;
}

static void turn_wheel(sim_car_t *car, int k, const sim_motor_t *motor, const pull_t *pull) {
    sim_wheels_t *wheels = &car->wheels;
    const double radius = car->chassis.radius_m[k], speed = wheels->speed_radps[k], angle = wheels->angle_rad[k];
    const double outer_nm = pull->scrub_nm - pull->slope_mps2 * car->chassis.share_kg[k] * radius;
    const int blocked = car->body.blocked;
    if (!wheels->sliding[k] || blocked) {
        sim_motor_step(motor, pull->volts, pull->bridge_on, pull->load_nm, outer_nm, pull->dt_s,
                       &wheels->speed_radps[k], &wheels->angle_rad[k]);
        const double gain_mps = radius * wheels->speed_radps[k] - radius * speed;
        if (blocked || fabs(gain_mps) <= pull->grip_mps2 * pull->dt_s) {
            wheels->sliding[k] = 0;
            wheels->floor_mps[k] = radius * wheels->speed_radps[k];
            wheels->floor_m[k] = radius * (wheels->angle_rad[k] - angle);
            return;
        }
        wheels->speed_radps[k] = speed;
        wheels->angle_rad[k] = angle;
        wheels->floor_mps[k] = radius * speed;
        slide(car, k, motor, pull, gain_mps > 0.0 ? 1.0 : -1.0);
        return;
    }
    slide(car, k, motor, pull, radius * speed >= wheels->floor_mps[k] ? 1.0 : -1.0);
}

/* The floor under wheel k; a differential drives no harder than its weaker wheel can. */
static sim_ground_t ground_under(const sim_car_t *car, const sim_floor_t *floor, int k) {
    const double *pose = car->body.pose, *at = car->chassis.at_m[k], usual = car->chassis.friction;
    const double cosine = cos(pose[2]), sine = sin(pose[2]);
    if (k == SHAFT && car->chassis.one_motor) {
        const sim_ground_t left = ground_under(car, floor, 0), right = ground_under(car, floor, 1);
        return left.friction < right.friction ? left : right;
    }
    return sim_floor_at(floor, pose[0] + cosine * at[0] - sine * at[1], pose[1] + sine * at[0] + cosine * at[1], usual);
}

/* Turn wheel k with motor `motor`; returns the current its bridge takes from the battery. */
static double drive(sim_car_t *car, const sim_floor_t *floor, int k, int motor_of, double duty, int bridge_on,
                    double dt_s) {
    sim_wheels_t *wheels = &car->wheels;
    const sim_motor_t *motor = &car->motors[motor_of];
    const double grade = car->body.grade[0], before = wheels->angle_rad[k];
    double friction = car->chassis.friction;
    if (fabs(duty) < motor->dead_duty) duty = 0.0;
    if (floor != NULL) {
        const sim_ground_t ground = ground_under(car, floor, k);
        friction = ground.friction;
        wheels->slip[k] = ground.slip;
        if (ground.hole) car->body.fallen = 1;
    }
    const pull_t pull = {duty * car->battery.terminal_v,
                         wheels->load_nm[k] + (car->body.blocked ? car->chassis.grip_nm : 0.0),
                         wheels->scrub_nm[k],
                         grip_along(car, friction, dt_s),
                         grade == 0.0 ? 0.0 : GRAVITY_MPS2 * grade / sqrt(1.0 + grade * grade),
                         dt_s,
                         bridge_on};
    turn_wheel(car, k, motor, &pull);
    wheels->turned_rad[k] = wheels->angle_rad[k] - before;
    const double emf_v = motor->volt_s_per_rad * wheels->turned_rad[k] / dt_s;
    wheels->current_a[k] = bridge_on ? (pull.volts - emf_v) / motor->resistance_ohm : 0.0;
    return duty * wheels->current_a[k];
}

static double held(double permille) { return fmin(fmax(permille * 0.001, -1.0), 1.0); }

void sim_wheels_step(sim_car_t *car, const sim_floor_t *floor, const int16_t *duty_permille, int bridge_on,
                     double dt_s) {
    sim_wheels_t *wheels = &car->wheels;
    double drawn_a = car->battery.idle_a;
    if (car->chassis.one_motor) {
        const double duty = 0.5 * (held(duty_permille[0]) + held(duty_permille[1]));
        drawn_a += drive(car, floor, SHAFT, 0, duty, bridge_on, dt_s);
        for (int k = 0; k < 2; k++) {
            wheels->floor_m[k] = wheels->floor_m[SHAFT];
            wheels->floor_mps[k] = wheels->floor_mps[SHAFT];
            wheels->slip[k] = wheels->slip[SHAFT];
        }
    } else {
        for (int k = 0; k < wheels->wheels; k++) {
            drawn_a += drive(car, floor, k, k, held(duty_permille[k]), bridge_on, dt_s);
        }
    }
    sim_battery_step(&car->battery, drawn_a - sim_battery_charging(&car->battery, drawn_a), dt_s);
}
