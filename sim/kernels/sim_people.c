/* People who walk their routes, keep apart, keep off the walls, and give way to the car.
 *
 * A light social-force model (Helbing, Molnar 1995): a wish to walk, and pushes from others and from walls.
 * On top of it, firm rules: nobody enters a wall, and nobody walks into the car. */
#include "sim_plant.h"

#include <math.h>
#include <stddef.h>

static const double ARRIVED_M = 0.15;
static const double CARROT_M = 0.8;      /* how far ahead on the line between two stops people aim */
static const double RELAX_S = 0.4;       /* how fast they take up the wished velocity */
static const double CAR_GAP_M = 0.06;    /* gap they never close by themselves */
static const double TURN_BACK_S = 4.0;   /* hindered so long, they go back the way they came */
static const double SOCIAL_MPS2 = 2.0, SOCIAL_M = 0.25; /* push of another person, and over what gap it fades */
static const double WALL_MPS2 = 1.5, WALL_M = 0.12;
static const double REACH_M = 0.6; /* farther things push nobody */
static const double HURRY = 1.3;   /* nobody is faster than this, over the speed they like */
enum { MOST_NEAR = 64 };           /* in a tighter crowd everybody is asked */

typedef struct {
    double x, y;
} vector_t;

/* What all people share in one step. */
typedef struct {
    const sim_world_t *world;
    const sim_outline_t *outline;
    const sim_frame_t *car;
    const double *stops;
    double dt_s;
    const sim_crowd_t *crowd; /* NULL: everybody is asked */
} scene_t;

static vector_t stop_of(const sim_person_t *person, const scene_t *scene, int32_t index) {
    const double *stop = scene->stops + 2 * (ptrdiff_t)(person->first + index);
    const vector_t at = {stop[0], stop[1]};
    return at;
}

/* The stop after or before another one; a route is a ring. */
static int32_t stop_beside(const sim_person_t *person, int32_t index, int32_t step) {
    return (index + step + person->stops) % person->stops;
}

static void turn_back(sim_person_t *person) {
    person->onward = -person->onward;
    person->hindered_s = 0.0;
    person->next = stop_beside(person, person->next, person->onward);
}

/* The point on the line between two stops, a little ahead of the person. */
static vector_t carrot(const sim_person_t *person, const scene_t *scene) {
    const int32_t before = stop_beside(person, person->next, -person->onward);
    const vector_t to = stop_of(person, scene, person->next), from = stop_of(person, scene, before);
    const double ex = to.x - from.x, ey = to.y - from.y, length = hypot(ex, ey);
    if (length < ARRIVED_M) return to;
    const double along = ((person->x_m - from.x) * ex + (person->y_m - from.y) * ey) / length + CARROT_M;
    const double share = fmin(fmax(along / length, 0.0), 1.0);
    const vector_t at = {from.x + share * ex, from.y + share * ey};
    return at;
}

/* The velocity the person would walk with if nobody else were there. */
static vector_t wish(sim_person_t *person, const scene_t *scene) {
    vector_t still = {0.0, 0.0};
    if (person->waiting_s > 0.0) {
        person->waiting_s -= scene->dt_s;
        return still;
    }
    const vector_t goal = stop_of(person, scene, person->next);
    const double left = hypot(goal.x - person->x_m, goal.y - person->y_m);
    if (left < ARRIVED_M) {
        person->waiting_s = person->pause_s;
        person->next = stop_beside(person, person->next, person->onward);
        return still;
    }
    const vector_t aim = carrot(person, scene);
    const double dx = aim.x - person->x_m, dy = aim.y - person->y_m, far = fmax(hypot(dx, dy), 1e-9);
    const double speed = fmin(person->speed_mps, fmax(0.3, left / 0.5));
    const vector_t velocity = {speed * dx / far, speed * dy / far};
    return velocity;
}

/* Vector from the nearest point of the car's outline to the person; *gap is between the rims. */
static vector_t from_car(const sim_person_t *person, const scene_t *scene, double *gap) {
    const double disc[3] = {person->x_m, person->y_m, person->radius_m};
    double nearest[2];
    const sim_frame_t *car = scene->car;
    *gap = sim_disc_gap_from(scene->outline, car, disc, nearest);
    const vector_t away = {person->x_m - (car->x + car->cosine * nearest[0] - car->sine * nearest[1]),
                           person->y_m - (car->y + car->sine * nearest[0] + car->cosine * nearest[1])};
    return away;
}

/* Slow down towards the car, step around it, and after a while turn back. */
static vector_t give_way(sim_person_t *person, const scene_t *scene, vector_t wished) {
    double gap;
    const vector_t away = from_car(person, scene, &gap);
    const double far = fmax(hypot(away.x, away.y), 1e-9), nx = away.x / far, ny = away.y / far;
    const double towards = -(wished.x * nx + wished.y * ny);
    if (gap >= person->give_way_m || towards <= 0.0) {
        person->hindered_s = fmax(0.0, person->hindered_s - scene->dt_s);
        return wished;
    }
    const double ease = fmin(fmax((gap - person->halt_m) / (person->give_way_m - person->halt_m), 0.0), 1.0);
    /* around the side on which the person already is; with a dead heat, keep right */
    const double cx = person->x_m - scene->car->x, cy = person->y_m - scene->car->y;
    const double side = wished.x * cy - wished.y * cx + 1e-3 * (scene->car->cosine * cy - scene->car->sine * cx);
    const double sense = side > 0.0 ? 1.0 : -1.0, step = 0.6 * person->speed_mps * (1.0 - ease) * sense;
    const double ux = wished.x / fmax(hypot(wished.x, wished.y), 1e-9);
    const double uy = wished.y / fmax(hypot(wished.x, wished.y), 1e-9);
    if (hypot(person->vx_mps, person->vy_mps) < 0.25 * person->speed_mps) person->hindered_s += scene->dt_s;
    if (person->hindered_s > TURN_BACK_S) turn_back(person);
    wished.x += (1.0 - ease) * towards * nx - step * uy;
    wished.y += (1.0 - ease) * towards * ny + step * ux;
    return wished;
}

/* Add the push of one person to that of others; a little to the right, so that two who meet pass each other. */
static void add_push(vector_t *push, const sim_person_t *person, const sim_person_t *other) {
    const double dx = person->x_m - other->x_m, dy = person->y_m - other->y_m;
    const double near_m = person->radius_m + other->radius_m + REACH_M;
    if (other == person || fabs(dx) > near_m || fabs(dy) > near_m) return;
    const double far = fmax(hypot(dx, dy), 1e-6);
    if (far > near_m) return;
    const double gap = far - person->radius_m - other->radius_m;
    const double force = SOCIAL_MPS2 * exp(-fmax(gap, -0.3) / SOCIAL_M);
    push->x += force * (dx / far - 0.5 * dy / far);
    push->y += force * (dy / far + 0.5 * dx / far);
}

/* The push of everyone near. */
static vector_t push_of_others(const sim_person_t *people, int32_t n, int32_t self, const scene_t *scene) {
    int32_t near[MOST_NEAR];
    vector_t push = {0.0, 0.0};
    const int32_t count = scene->crowd == NULL ? -1 : sim_crowd_near(scene->crowd, self, MOST_NEAR, near);
    for (int32_t k = 0; k < count; k++) add_push(&push, &people[self], &people[near[k]]);
    if (count >= 0) return push;
    for (int32_t k = 0; k < n; k++) add_push(&push, &people[self], &people[k]);
    return push;
}

/* Width of squares on which nobody who pushes is missed, even if all take their step first. */
static double square_m(const sim_person_t *people, int32_t n, double dt_s) {
    double widest_m = 0.0, fastest_mps = 0.0;
    for (int32_t k = 0; k < n; k++) {
        widest_m = fmax(widest_m, people[k].radius_m);
        fastest_mps = fmax(fastest_mps, people[k].speed_mps);
    }
    return 2.0 * widest_m + REACH_M + HURRY * fastest_mps * dt_s + 1e-6;
}

static vector_t push_of_walls(const sim_person_t *person, const scene_t *scene) {
    double nearest[2] = {0.0, 0.0};
    vector_t push = {0.0, 0.0};
    const double reach = person->radius_m + REACH_M;
    const double far = sim_point_clearance(scene->world, person->x_m, person->y_m, reach, nearest);
    if (far >= reach || far < 1e-9) return push;
    const double force = WALL_MPS2 * exp((person->radius_m - far) / WALL_M);
    push.x = force * (person->x_m - nearest[0]) / far;
    push.y = force * (person->y_m - nearest[1]) / far;
    return push;
}

/* The unit vector from a thing to the person. */
static vector_t pointing_away(double dx, double dy) {
    const double far = fmax(hypot(dx, dy), 1e-9);
    const vector_t away = {dx / far, dy / far};
    return away;
}

/* Whether a step brings the person nearer to a wall or the car than allowed, and nearer than now;
 * *away then points from that thing to the person. */
static int forbidden(const sim_person_t *person, const scene_t *scene, vector_t velocity, vector_t *away) {
    const double x = person->x_m + velocity.x * scene->dt_s, y = person->y_m + velocity.y * scene->dt_s;
    const double then[3] = {x, y, person->radius_m};
    double point[2] = {0.0, 0.0}, gap_now;
    const double gap = sim_disc_gap_from(scene->outline, scene->car, then, NULL);
    if (gap < CAR_GAP_M) {
        const vector_t car = from_car(person, scene, &gap_now);
        if (gap < gap_now) {
            *away = pointing_away(car.x, car.y);
            return 1;
        }
    }
    const double far = sim_point_clearance(scene->world, x, y, person->radius_m, point);
    if (far >= person->radius_m) return 0;
    *away = pointing_away(person->x_m - point[0], person->y_m - point[1]);
    return far <= sim_point_clearance(scene->world, person->x_m, person->y_m, person->radius_m, point);
}

/* Take the step, or its part along what is in the way, or none. */
static void walk(sim_person_t *person, const scene_t *scene, vector_t velocity) {
    const vector_t still = {0.0, 0.0};
    vector_t away = {0.0, 0.0};
    if (forbidden(person, scene, velocity, &away)) {
        const double into = fmin(velocity.x * away.x + velocity.y * away.y, 0.0);
        velocity.x -= into * away.x;
        velocity.y -= into * away.y;
        if (forbidden(person, scene, velocity, &away)) velocity = still;
    }
    person->x_m += velocity.x * scene->dt_s;
    person->y_m += velocity.y * scene->dt_s;
    person->vx_mps = velocity.x;
    person->vy_mps = velocity.y;
}

/* What the car does to those who are curious about it, or afraid of it; the curious stop short of it. */
static vector_t pull_of_car(const sim_person_t *person, const scene_t *scene) {
    vector_t pull = {0.0, 0.0};
    double gap;
    if (person->draw_mps2 == 0.0) return pull;
    const vector_t away = from_car(person, scene, &gap);
    const double far = fmax(hypot(away.x, away.y), 1e-9);
    if (gap >= person->draw_m || (person->draw_mps2 > 0.0 && gap <= person->halt_m)) return pull;
    pull.x = -person->draw_mps2 * away.x / far;
    pull.y = -person->draw_mps2 * away.y / far;
    return pull;
}

static void step_person(sim_person_t *people, int32_t n, int32_t self, const scene_t *scene) {
    sim_person_t *person = &people[self];
    const vector_t wished = give_way(person, scene, wish(person, scene));
    const vector_t others = push_of_others(people, n, self, scene), walls = push_of_walls(person, scene);
    const vector_t car = pull_of_car(person, scene);
    const double share = fmin(scene->dt_s / RELAX_S, 1.0);
    vector_t velocity = {person->vx_mps + (wished.x - person->vx_mps) * share + (others.x + walls.x + car.x) * scene->dt_s,
                         person->vy_mps + (wished.y - person->vy_mps) * share + (others.y + walls.y + car.y) * scene->dt_s};
    const double speed = hypot(velocity.x, velocity.y), most = HURRY * person->speed_mps;
    if (speed > most) {
        velocity.x *= most / speed;
        velocity.y *= most / speed;
    }
    walk(person, scene, velocity);
}

void sim_people_step(const sim_walkers_t *walkers, const sim_world_t *world, const sim_outline_t *outline,
                     const double pose[3]) {
    const sim_frame_t car = sim_frame_at(pose);
    const int32_t n = walkers->n;
    const double dt_s = walkers->period_s;
    sim_person_t *people = walkers->people;
    sim_crowd_t *crowd = walkers->crowd;
    const scene_t scene = {world, outline, &car, walkers->stops, dt_s, crowd};
    if (crowd != NULL) sim_crowd_note(crowd, people, n, square_m(people, n, dt_s));
    for (int32_t k = 0; k < n; k++) {
        double *disc = walkers->discs + 3 * (ptrdiff_t)k;
        step_person(people, n, k, &scene);
        disc[0] = people[k].x_m;
        disc[1] = people[k].y_m;
        disc[2] = people[k].radius_m;
    }
}

int32_t sim_near(int32_t n, const double *discs, double x_m, double y_m, double reach_m, double *near) {
    int32_t found = 0;
    for (int32_t k = 0; k < n; k++) {
        const double *disc = discs + 3 * (ptrdiff_t)k;
        if (hypot(disc[0] - x_m, disc[1] - y_m) - disc[2] >= reach_m) continue;
        for (int j = 0; j < 3; j++) near[3 * (ptrdiff_t)found + j] = disc[j];
        found++;
    }
    return found;
}
