/* The front wheels of an Ackermann car.
 *
 * The angle is that of the bicycle in the middle: tan(angle) = wheelbase * turn rate / speed. The driven rear
 * wheels get the turn rate that the front wheels allow at this moment, not the wanted one, so they never
 * work against each other (an electronic differential). A car that stands cannot turn on the spot. */
#include "pcp_parts.h"

static const float TURN32_PER_RAD = 683565275.6f; /* 2^32 / (2 pi) */
static const float MILLI = 0.001f;

static bool is_steered(const pcp_controller_t *ctl)
{
    return ctl->config.chassis == PCP_CHASSIS_ACKERMANN;
}

/* For arguments within +-1, where the error of this fit is below 2e-6 rad. */
static float arc_tangent(float x)
{
    const float xx = x * x;
    float sum = 0.05264733f - 0.01171913f * xx;
    sum = -0.11642647f + xx * sum;
    sum = 0.19354036f + xx * sum;
    sum = -0.33262283f + xx * sum;
    return x * (0.99997723f + xx * sum);
}

static float tangent(float angle_rad)
{
    int32_t sine;
    int32_t cosine;
    pcp_sin_cos((uint32_t)(int32_t)(angle_rad * TURN32_PER_RAD), &sine, &cosine);
    return (float)sine / (float)cosine;
}

/* The angle that makes the wanted curve. Kept while the car rolls to a stop or to a change of direction, so that
 * braking does not change its way; straight when it stands. */
static float wanted_rad(const pcp_controller_t *ctl, const pcp_twist_t *wanted)
{
    const pcp_motion_t *motion = &ctl->motion;
    if (wanted->vx_mps == 0.0f) {
        return motion->at_rest && motion->set.vx_mps == 0.0f ? 0.0f : motion->steer_rad;
    }
    if (wanted->vx_mps * motion->set.vx_mps < 0.0f) {
        return motion->steer_rad;
    }
    const float limit_rad = (float)ctl->config.max_steer_mrad * MILLI;
    const float slope = ctl->config.wheelbase_m * wanted->wz_radps / wanted->vx_mps;
    return pcp_clamped(arc_tangent(pcp_clamped(slope, 1.0f)), limit_rad);
}

void pcp_steering_follow(pcp_controller_t *ctl, const pcp_twist_t *wanted, float dt_s)
{
    float *steer_rad = &ctl->motion.steer_rad;
    if (is_steered(ctl)) {
        const float step_rad = (float)ctl->config.steer_rate_mradps * MILLI * dt_s;
        *steer_rad += pcp_clamped(wanted_rad(ctl, wanted) - *steer_rad, step_rad);
    }
}

pcp_twist_t pcp_steering_bound(const pcp_controller_t *ctl, pcp_twist_t twist)
{
    if (is_steered(ctl)) {
        twist.wz_radps = twist.vx_mps * tangent(ctl->motion.steer_rad) / ctl->config.wheelbase_m;
    }
    return twist;
}

int16_t pcp_steering_mrad(const pcp_controller_t *ctl)
{
    return is_steered(ctl) ? pcp_rounded16(ctl->motion.steer_rad * 1000.0f + (float)ctl->config.steer_trim_mrad)
                           : (int16_t)0;
}
