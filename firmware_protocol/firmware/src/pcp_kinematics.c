/* How wheels and car move together, as a table.
 *
 * A row says, for each wheel, how much of vx, of vy and of wz * arm its rim does. The columns are
 * orthogonal, so the way back is a projection and needs no second table. Wheels are front left, front
 * right, rear left, rear right; a car with two driven wheels has left and right. Mecanum wheels are
 * mounted so that the rollers touch the floor in the shape of an O (their upper sides make an X):
 * then the rim of a wheel does vx -+ vy -+ wz * (track + wheelbase) / 2. */
#include "pcp_parts.h"

typedef struct {
    int8_t vx, vy, turn;
} mix_t;

typedef struct {
    uint8_t wheels;
    mix_t mix[PCP_WHEELS];
    bool arm_has_wheelbase;
} row_t;

static const row_t ROWS[] = {
    [PCP_CHASSIS_DIFFERENTIAL] = {2, {{1, 0, -1}, {1, 0, 1}}, false},
    [PCP_CHASSIS_SKID] = {4, {{1, 0, -1}, {1, 0, 1}, {1, 0, -1}, {1, 0, 1}}, false},
    [PCP_CHASSIS_MECANUM] = {4, {{1, -1, -1}, {1, 1, 1}, {1, 1, -1}, {1, -1, 1}}, true},
    [PCP_CHASSIS_ACKERMANN] = {2, {{1, 0, -1}, {1, 0, 1}}, false}, /* the rear wheels; see pcp_steering.c */
};

bool pcp_kinematics_supports(uint8_t chassis)
{
    return chassis < sizeof ROWS / sizeof ROWS[0] && ROWS[chassis].wheels > 0;
}

uint8_t pcp_wheel_count(uint8_t chassis)
{
    return ROWS[chassis].wheels;
}

float pcp_arm_m(const pcp_config_t *config)
{
    const float wheelbase_m = ROWS[config->chassis].arm_has_wheelbase ? config->wheelbase_m : 0.0f;
    return (config->track_m + wheelbase_m) * 0.5f;
}

float pcp_sideways_limit_mps(const pcp_config_t *config)
{
    return ROWS[config->chassis].mix[0].vy != 0 ? config->max_speed_mps : 0.0f;
}

void pcp_wheel_speeds(const pcp_config_t *config, const pcp_twist_t *twist, float speeds_mps[PCP_WHEELS])
{
    const row_t *row = &ROWS[config->chassis];
    const float turn_mps = twist->wz_radps * pcp_arm_m(config);
    for (unsigned i = 0; i < PCP_WHEELS; i++) {
        const mix_t mix = row->mix[i];
        speeds_mps[i] = (float)mix.vx * twist->vx_mps + (float)mix.vy * twist->vy_mps + (float)mix.turn * turn_mps;
    }
}

pcp_twist_t pcp_wheel_twist(const pcp_config_t *config, const pcp_wheel_t wheels[PCP_WHEELS])
{
    const row_t *row = &ROWS[config->chassis];
    pcp_twist_t sum = {0.0f, 0.0f, 0.0f};
    for (unsigned i = 0; i < row->wheels; i++) {
        sum.vx_mps += (float)row->mix[i].vx * wheels[i].speed_mps;
        sum.vy_mps += (float)row->mix[i].vy * wheels[i].speed_mps;
        sum.wz_radps += (float)row->mix[i].turn * wheels[i].speed_mps;
    }
    const float share = 1.0f / (float)row->wheels;
    return (pcp_twist_t){sum.vx_mps * share, sum.vy_mps * share, sum.wz_radps * share / pcp_arm_m(config)};
}

pcp_wheel_sums_t pcp_wheel_sums(uint8_t chassis, const int32_t ticks[PCP_WHEELS])
{
    const row_t *row = &ROWS[chassis];
    pcp_wheel_sums_t sums = {0, 0, 0};
    for (unsigned i = 0; i < row->wheels; i++) {
        sums.forward += (int64_t)row->mix[i].vx * ticks[i];
        sums.leftward += (int64_t)row->mix[i].vy * ticks[i];
        sums.turning += (int64_t)row->mix[i].turn * ticks[i];
    }
    return sums;
}

pcp_twist_t pcp_twist_within_limits(const pcp_config_t *config, const pcp_twist_t *twist)
{
    float speeds[PCP_WHEELS];
    float fastest = config->max_speed_mps;
    pcp_wheel_speeds(config, twist, speeds);
    for (unsigned i = 0; i < PCP_WHEELS; i++) {
        const float speed = speeds[i] < 0.0f ? -speeds[i] : speeds[i];
        fastest = speed > fastest ? speed : fastest;
    }
    const float share = config->max_speed_mps / fastest;
    return (pcp_twist_t){twist->vx_mps * share, twist->vy_mps * share, twist->wz_radps * share};
}
