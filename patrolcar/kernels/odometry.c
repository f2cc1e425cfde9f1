/* Dead reckoning from rims and gyro. */
#include "kernels.h"

#include <math.h>

#define STANDING_AFTER_US 400000
#define BIAS_GAIN 0.02 /* share of the newest standing sample */
#define LARGEST_BIAS_RADPS 0.1
#define STRAIGHT_RAD 1e-9
#define HALF_TURN 3.141592653589793

double pk_wrapped(double angle_rad)
{
    const double turned = fmod(angle_rad + HALF_TURN, 2.0 * HALF_TURN);
    return (turned < 0.0 ? turned + 2.0 * HALF_TURN : turned) - HALF_TURN;
}

/* The chord of an arc lies half of the turn off its beginning. Source: Lynch, Park (2017), "Modern Robotics",
 * section 13.4. */
void pk_along(double pose[3], double forward_m, double turn_rad)
{
    const double half_rad = 0.5 * turn_rad;
    const double chord_m = fabs(half_rad) < STRAIGHT_RAD ? forward_m : forward_m * sin(half_rad) / half_rad;
    const double bearing_rad = pose[2] + half_rad;
    pose[0] += chord_m * cos(bearing_rad);
    pose[1] += chord_m * sin(bearing_rad);
    pose[2] = pk_wrapped(pose[2] + turn_rad);
}

/* The angle turned, by the gyro when there is one; while the car stands, its bias is learned instead. */
static double turned(pk_odometry_t *odometry, const pk_rims_t *rims, double dt_us)
{
    if (isnan(rims->rate_radps)) {
        return (rims->right_m - rims->left_m) / rims->track_m;
    }
    const double off_radps = rims->rate_radps - odometry->bias_radps;
    if (odometry->standing_us < STANDING_AFTER_US) {
        return off_radps * dt_us * 1e-6;
    }
    const double bias_radps = odometry->bias_radps + BIAS_GAIN * off_radps;
    odometry->bias_radps = fmax(-LARGEST_BIAS_RADPS, fmin(LARGEST_BIAS_RADPS, bias_radps));
    return 0.0;
}

void pk_odometry_step(pk_odometry_t *odometry, const pk_rims_t *rims)
{
    const double dt_us = (double)rims->dt_us, dt_s = dt_us * 1e-6;
    const double forward_m = (rims->left_m + rims->right_m) / 2.0;
    odometry->standing_us = rims->stand ? odometry->standing_us + rims->dt_us : 0;
    const double turn_rad = turned(odometry, rims, dt_us);
    pk_along(odometry->pose, forward_m, turn_rad);
    odometry->v_mps = forward_m / dt_s;
    odometry->w_radps = turn_rad / dt_s;
    odometry->distance_m += fabs(forward_m);
}
