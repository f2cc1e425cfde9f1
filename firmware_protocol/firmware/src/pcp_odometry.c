/* Pose by wheel odometry, in integers: nanometres, and a heading of which one turn is 2^64.
 *
 * The heading is a constant times (right - left) counts, so it never drifts by rounding; the position
 * rounds to a nanometre per step. Sine and cosine are polynomials: no libm, the same bits everywhere. */
#include "pcp_parts.h"

static const uint64_t TERA = 1000000000000u;
static const uint64_t TURNS_PER_RADIAN_Q42 = 699970842190u; /* 1 / (2 pi) */
static const int64_t HALF_PI_Q30 = 1686629713;
static const int64_t QUARTER_PI_Q30 = 843314857;
static const int64_t ONE_Q30 = 1073741824;
static const float JUMP_M = 1.0f; /* no wheel travels so far in one step */

/* Rounded. Right shifts of negative numbers are arithmetic on every compiler we build with. */
static int64_t times_q30(int64_t value, int64_t factor_q30)
{
    return (value * factor_q30 + (1 << 29)) >> 30;
}

/* Taylor series; the angle is within +-pi/4, where the first missing term is below 2^-29. */
static int64_t sine_series(int64_t x)
{
    const int64_t xx = times_q30(x, x);
    int64_t sum = ONE_Q30 - xx / 72;
    sum = ONE_Q30 - times_q30(xx, sum) / 42;
    sum = ONE_Q30 - times_q30(xx, sum) / 20;
    sum = ONE_Q30 - times_q30(xx, sum) / 6;
    return times_q30(x, sum);
}

static int64_t cosine_series(int64_t x)
{
    const int64_t xx = times_q30(x, x);
    int64_t sum = ONE_Q30 - xx / 90;
    sum = ONE_Q30 - times_q30(xx, sum) / 56;
    sum = ONE_Q30 - times_q30(xx, sum) / 30;
    sum = ONE_Q30 - times_q30(xx, sum) / 12;
    return ONE_Q30 - times_q30(xx, sum) / 2;
}

void pcp_sin_cos(uint32_t turn32, int32_t *sine_q30, int32_t *cosine_q30)
{
    const uint32_t quarter = (turn32 + 0x20000000u) >> 30;
    const int32_t rest = (int32_t)(turn32 - (quarter << 30)); /* within an eighth of a turn */
    const int64_t x = times_q30(rest, HALF_PI_Q30);
    const int32_t sine = (int32_t)sine_series(x);
    const int32_t cosine = (int32_t)cosine_series(x);
    const int32_t sines[4] = {sine, cosine, -sine, -cosine};
    *sine_q30 = sines[quarter];
    *cosine_q30 = sines[(quarter + 1) & 3u];
}

/* A float above zero, exactly: whole / 2^shift. The limits of the parameters keep the shift between 22 and 43. */
typedef struct {
    uint32_t whole; /* 24 bits */
    uint32_t shift;
} binary_t;

static binary_t binary(float number)
{
    const union {
        float number;
        uint32_t bits;
    } single = {.number = number};
    return (binary_t){(single.bits & 0x7FFFFFu) | 0x800000u, 150u - (single.bits >> 23)};
}

/* In integers, so that a processor without a floating-point unit needs no functions for doubles. */
void pcp_odometry_init(pcp_odometry_t *odometry, const pcp_config_t *config)
{
    const binary_t tick_m = binary(config->metres_per_tick);
    const binary_t arm_m = binary(pcp_arm_m(config));
    const uint64_t turns_q42 = tick_m.whole * TURNS_PER_RADIAN_Q42 / arm_m.whole; /* but for the shifts */
    const uint64_t half_pm = (uint64_t)1 << (tick_m.shift - 1u);
    odometry->pm_per_tick = (int64_t)((tick_m.whole * TERA + half_pm) >> tick_m.shift);
    odometry->jump_ticks = (int32_t)(JUMP_M / config->metres_per_tick);
    odometry->turn64_per_tick = (turns_q42 << (64u - 42u + arm_m.shift - tick_m.shift)) / pcp_wheel_count(config->chassis);
}

void pcp_odometry_reset(pcp_odometry_t *odometry)
{
    odometry->x_nm = 0;
    odometry->y_nm = 0;
    odometry->rest_pm[0] = 0;
    odometry->rest_pm[1] = 0;
    odometry->yaw_turn64 = 0;
}

/* The straight way between the ends of an arc: its length times sin(h)/h for half the turned angle h. */
static int64_t chord_nm(int64_t arc_nm, int32_t turned_turn32)
{
    const int64_t half = times_q30(turned_turn32, QUARTER_PI_Q30);
    const int64_t square = times_q30(half, half);
    return times_q30(arc_nm, ONE_Q30 - times_q30(square, ONE_Q30 - square / 20) / 6);
}

/* Counts since the step before; none at the first step, and none from a counter that jumped. */
static int32_t moved_ticks(const pcp_odometry_t *odometry, unsigned wheel, int32_t ticks, bool first)
{
    const int32_t moved = pcp_ticks_since(ticks, odometry->ticks[wheel]);
    return first || moved > odometry->jump_ticks || moved < -odometry->jump_ticks ? 0 : moved;
}

/* What counts along one axis of the body add up to. The rest below a nanometre is kept for the next step. */
static int64_t way_nm(const pcp_odometry_t *odometry, int64_t *rest_pm, int64_t ticks, uint8_t wheels)
{
    const int64_t pm_per_nm = 1000 * (int64_t)wheels;
    *rest_pm += ticks * odometry->pm_per_tick;
    const int64_t whole_nm = *rest_pm / pm_per_nm;
    *rest_pm -= whole_nm * pm_per_nm;
    return whole_nm;
}

void pcp_odometry_step(pcp_odometry_t *odometry, uint8_t chassis, const int32_t ticks[PCP_WHEELS], bool first)
{
    int32_t moved[PCP_WHEELS];
    int32_t sine;
    int32_t cosine;
    for (unsigned i = 0; i < PCP_WHEELS; i++) {
        moved[i] = moved_ticks(odometry, i, ticks[i], first);
        odometry->ticks[i] = ticks[i];
    }
    const pcp_wheel_sums_t sums = pcp_wheel_sums(chassis, moved);
    const uint8_t wheels = pcp_wheel_count(chassis);
    const int64_t turned = (int64_t)((uint64_t)sums.turning * odometry->turn64_per_tick);
    const uint64_t halfway = odometry->yaw_turn64 + (uint64_t)(turned / 2);
    const int32_t turned_turn32 = (int32_t)(turned >> 32);
    const int64_t forward_nm = chord_nm(way_nm(odometry, &odometry->rest_pm[0], sums.forward, wheels), turned_turn32);
    const int64_t leftward_nm = chord_nm(way_nm(odometry, &odometry->rest_pm[1], sums.leftward, wheels), turned_turn32);
    pcp_sin_cos((uint32_t)(halfway >> 32), &sine, &cosine);
    odometry->x_nm += times_q30(forward_nm, cosine) - times_q30(leftward_nm, sine);
    odometry->y_nm += times_q30(forward_nm, sine) + times_q30(leftward_nm, cosine);
    odometry->yaw_turn64 += (uint64_t)turned;
}
