/* Try motions ahead of time: roll each out from the delayed state and keep the best.
 *
 * Source: Fox, Burgard, Thrun (1997), "The Dynamic Window Approach to Collision Avoidance"; scored over a
 * cost-to-go field instead of the bearing of the goal, so that dead ends do not attract.
 */
#include "kernels.h"

#include <math.h>

/* The heading is kept as its cosine and sine; so is half the turn of a step, for the w it was worked out for. */
typedef struct {
    double x, y, cosine, sine, v, w;
    double half_w, half_s, half_cosine, half_sine;
} state_t;

static double approached(double value, double target, double up, double down)
{
    if (value == target) {
        return target;
    }
    double gap = target - value;
    double most = fabs(target) < fabs(value) || value * target < 0.0 ? down : up;
    if (gap > most) {
        return value + most;
    }
    return gap < -most ? value - most : target;
}

static void turn_half(state_t *s)
{
    double cosine = s->cosine * s->half_cosine - s->sine * s->half_sine;
    s->sine = s->sine * s->half_cosine + s->cosine * s->half_sine;
    s->cosine = cosine;
}

static inline void drive(const pk_rollout_rules_t *rules, state_t *s, double v, double w, double step_s)
{
    s->v = approached(s->v, v, rules->accel_mps2 * step_s, rules->brake_mps2 * step_s);
    s->w = approached(s->w, w, rules->turn_accel_radps2 * step_s, rules->turn_accel_radps2 * step_s);
    if (s->w != s->half_w || step_s != s->half_s) {
        s->half_w = s->w;
        s->half_s = step_s;
        s->half_cosine = cos(0.5 * s->w * step_s);
        s->half_sine = sin(0.5 * s->w * step_s);
    }
    turn_half(s);
    s->x += s->v * s->cosine * step_s;
    s->y += s->v * s->sine * step_s;
    turn_half(s);
}

/* Where a candidate leads step by step, whatever is in the way; the first place is the one it starts from. */
typedef struct {
    double x, y, cosine, sine, travelled;
} place_t;

static void drive_along(const pk_rollout_rules_t *rules, const state_t *from, const double *candidate, place_t *places)
{
    state_t s = *from;
    places[0] = (place_t){s.x, s.y, s.cosine, s.sine, 0.0};
    for (int32_t i = 1; i <= rules->steps; i++) {
        drive(rules, &s, candidate[0], candidate[1], rules->step_s);
        places[i] = (place_t){s.x, s.y, s.cosine, s.sine, places[i - 1].travelled + fabs(s.v) * rules->step_s};
    }
}

/* Smallest clearance on the rim; a lower bound where nothing is near. nan outside the window. */
static double rim_clearance(const pk_rollout_rules_t *rules, const pk_grid_t *clearance, const place_t *at)
{
    double centre = pk_sample(clearance, at->x, at->y);
    if (!(centre < rules->circumscribed_m + rules->easy_m)) {
        return centre - rules->circumscribed_m;
    }
    if (centre < rules->inscribed_m) {
        return centre - rules->inscribed_m;
    }
    double least = INFINITY;
    for (int32_t i = 0; i < rules->rim_count; i++) {
        double x = rules->rim[2 * i];
        double y = rules->rim[2 * i + 1];
        double there =
            pk_sample(clearance, at->x + at->cosine * x - at->sine * y, at->y + at->sine * x + at->cosine * y);
        least = there < least ? there : least;
    }
    return least;
}

/* 1 - cos of the angle between the heading and the way the field falls; 0 where it is flat. */
static double misheading(const pk_grid_t *to_go, const place_t *s)
{
    double half = 0.5 * to_go->resolution_m;
    double across = pk_sample(to_go, s->x - half, s->y) - pk_sample(to_go, s->x + half, s->y);
    double down = pk_sample(to_go, s->x, s->y - half) - pk_sample(to_go, s->x, s->y + half);
    double steep = sqrt(across * across + down * down);
    if (!(steep > 1e-9)) {
        return 0.0;
    }
    return 1.0 - (across * s->cosine + down * s->sine) / steep;
}

/* Whether the motion can still end before it touches, `free_m` and `free_s` from now. */
static int can_stop(const pk_rollout_rules_t *rules, double v, double w, double free_m, double free_s)
{
    double speed = fabs(v);
    if (speed < 0.02) {
        return free_s > rules->delay_s + fabs(w) / rules->turn_accel_radps2 + 0.2;
    }
    double need = speed * rules->delay_s + speed * speed / (2.0 * rules->brake_mps2) + rules->blocked_margin_m;
    return free_m > need;
}

/* The least score that a candidate may get, whatever is in its way: as if it ended where the least is left to go of
 * all it comes near to. The weights are not below 0. */
static double least_score(const pk_rollout_rules_t *rules, const pk_grid_t *to_go, const pk_motion_t *motion,
                          const place_t *places, const double *candidate)
{
    const double rounding = 1e-6; /* m; more than what the sums of the score can be off by */
    double low_x = places[0].x, low_y = places[0].y, high_x = low_x, high_y = low_y;
    for (int32_t i = 1; i <= rules->steps; i++) {
        low_x = places[i].x < low_x ? places[i].x : low_x;
        low_y = places[i].y < low_y ? places[i].y : low_y;
        high_x = places[i].x > high_x ? places[i].x : high_x;
        high_y = places[i].y > high_y ? places[i].y : high_y;
    }
    double left = pk_sample_least(to_go, low_x, low_y, high_x, high_y) * to_go->resolution_m;
    return left + rules->weight_change * fabs(candidate[1] - motion->sent_w_radps) -
           rules->weight_speed * fabs(candidate[0]) - rounding;
}

/* Check one candidate for what is in its way; returns its score, INFINITY when it is not allowed. */
static double rolled(const pk_rollout_rules_t *rules, const pk_grid_t *clearance, const pk_grid_t *to_go,
                     const pk_motion_t *motion, const place_t *places, double limit, const double *candidate,
                     pk_choice_t *result)
{
    const place_t *safe = places;
    double least = INFINITY;
    result->free_m = INFINITY;
    for (int32_t i = 1; i <= rules->steps; i++) {
        double rim = rim_clearance(rules, clearance, places + i);
        if (!(rim >= -1e9)) {
            break; /* left the window: nothing is known, and nothing near */
        }
        if (rim < limit) {
            result->free_m = safe->travelled;
            if (!can_stop(rules, candidate[0], candidate[1], safe->travelled, i * rules->step_s)) {
                return INFINITY;
            }
            break;
        }
        least = rim < least ? rim : least;
        safe = places + i;
    }
    double left = pk_sample(to_go, safe->x, safe->y) * to_go->resolution_m;
    double lack = least < rules->easy_m ? (rules->easy_m - least) / rules->easy_m : 0.0;
    result->clearance_m = least;
    result->descent = left;
    double change = fabs(candidate[1] - motion->sent_w_radps);
    double score = left + rules->weight_clearance * lack * lack + rules->weight_heading * misheading(to_go, safe) +
                   rules->weight_change * change - rules->weight_speed * fabs(candidate[0]);
    return score < INFINITY ? score : INFINITY; /* nan: the field does not reach there */
}

/* In a tight place the car may move, and swing its tail a little, but not down to touching. */
static double allowed_clearance(double here, double slack_m)
{
    const double swing = 0.003;
    const double least = 0.015;
    if (here >= slack_m + swing) {
        return slack_m;
    }
    if (here >= least + swing) {
        return here - swing;
    }
    return here < least ? here : least;
}

void pk_choose(const pk_rollout_rules_t *rules, const pk_grid_t *clearance, const pk_grid_t *to_go,
               const pk_motion_t *motion, const double *candidates, int32_t count, pk_choice_t *choice)
{
    state_t from = {motion->x_m,     motion->y_m, cos(motion->yaw_rad), sin(motion->yaw_rad), motion->v_mps,
                    motion->w_radps, 0.0,         0.0,                  1.0,                  0.0};
    drive(rules, &from, motion->sent_v_mps, motion->sent_w_radps, rules->delay_s);
    place_t places[PK_MOST_STEPS + 1] = {{from.x, from.y, from.cosine, from.sine, 0.0}};
    double start = rim_clearance(rules, clearance, places);
    double limit = allowed_clearance(start, rules->slack_m);
    double here = pk_sample(to_go, from.x, from.y) * to_go->resolution_m;
    *choice = (pk_choice_t){-1, INFINITY, 0.0, start, 0.0};
    for (int32_t i = 0; i < count; i++) {
        const double *candidate = candidates + 2 * (size_t)i;
        drive_along(rules, &from, candidate, places);
        if (least_score(rules, to_go, motion, places, candidate) > choice->score) {
            continue; /* it cannot win, so nobody needs to know what is in its way */
        }
        pk_choice_t tried = {i, INFINITY, 0.0, 0.0, 0.0};
        tried.score = rolled(rules, clearance, to_go, motion, places, limit, candidate, &tried);
        if (tried.score < choice->score) {
            tried.descent = here - tried.descent;
            *choice = tried;
        }
    }
}

int32_t pk_fan(double top_mps, double curvature, double turn_radps, const double *shares, int32_t share_count,
               const double *offsets, int32_t offset_count, double *candidates)
{
    int32_t count = 0;
    for (int32_t i = 0; i < share_count; i++) {
        double v = top_mps * shares[i];
        for (int32_t j = 0; j < offset_count; j++) {
            double w = v * curvature + offsets[j];
            w = w > turn_radps ? turn_radps : w;
            w = w < -turn_radps ? -turn_radps : w;
            candidates[2 * count] = v;
            candidates[2 * count + 1] = w;
            count++;
        }
    }
    candidates[2 * count] = 0.0;
    candidates[2 * count + 1] = 0.0;
    return count + 1;
}
