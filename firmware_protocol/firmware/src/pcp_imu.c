/* The IMU: whether it speaks, whether it makes sense, and whether the car lies flat.
 *
 * Tilt is the angle between the felt acceleration and the upright. Speeding up, braking and curves tilt what
 * is felt, so the motion that the wheels tell is taken away first, and the car counts as tilted only when it
 * looks so with and without that. A bump is shorter than tilt_ms. Free fall counts as tilt: nothing is felt
 * when the car is dropped. */
#include "pcp_parts.h"

static const float GRAVITY_MPS2 = 9.80665f;
static const float PLAUSIBLE = 0.15f;      /* share of gravity */
static const float STILL_RADPS = 0.1f;
static const float FALLING = 0.5f;         /* share of gravity */
static const float SMOOTHING_S = 0.03f;    /* of the wheels' acceleration, as long as their speed is averaged */
static const float BELIEVED_MPS2 = 6.0f;   /* wheels that speed up more are slipping */
static const float GYRO_RADPS = 0.0005f, ACCEL_MPS2 = 0.001f, MICRO = 1e-6f;
static const float TURN32_PER_MRAD = 683565.2756f;
enum { SILENT_US = 100000, IMPLAUSIBLE_US = 200000 };

typedef struct {
    float x, y, z;
} vector_t;

static float square(vector_t v)
{
    return v.x * v.x + v.y * v.y + v.z * v.z;
}

static bool is_inclined(vector_t felt, float cosine)
{
    return felt.z <= 0.0f || felt.z * felt.z < cosine * cosine * square(felt);
}

void pcp_imu_init(pcp_controller_t *ctl)
{
    ctl->imu.silent = pcp_has_imu(&ctl->config); /* until the first reading */
}

/* What the wheels say about speeding up. */
static void follow_wheels(pcp_controller_t *ctl, uint32_t elapsed_us)
{
    pcp_imu_watch_t *imu = &ctl->imu;
    const float speed_mps = pcp_wheel_twist(&ctl->config, ctl->motion.wheels).vx_mps;
    const float elapsed_s = (float)elapsed_us * MICRO;
    if (elapsed_us > 0) {
        const float accel_mps2 = (speed_mps - imu->speed_mps) / elapsed_s;
        imu->accel_mps2 += (accel_mps2 - imu->accel_mps2) * elapsed_s / (elapsed_s + SMOOTHING_S);
    }
    imu->speed_mps = speed_mps;
}

static bool is_tilted(const pcp_controller_t *ctl, vector_t felt)
{
    const pcp_imu_watch_t *imu = &ctl->imu;
    int32_t sine;
    int32_t cosine_q30;
    pcp_sin_cos((uint32_t)((float)ctl->config.tilt_mrad * TURN32_PER_MRAD), &sine, &cosine_q30);
    const float cosine = (float)cosine_q30 / 1073741824.0f;
    const float falling_mps2 = FALLING * GRAVITY_MPS2;
    const vector_t at_rest = {
        felt.x - pcp_clamped(imu->accel_mps2, BELIEVED_MPS2),
        felt.y - pcp_clamped(imu->speed_mps * imu->gyro_radps, BELIEVED_MPS2),
        felt.z,
    };
    return square(felt) < falling_mps2 * falling_mps2 || (is_inclined(felt, cosine) && is_inclined(at_rest, cosine));
}

/* A car that stands feels gravity and does not turn. */
static bool is_plausible(vector_t felt, vector_t turn)
{
    const float least_mps2 = (1.0f - PLAUSIBLE) * GRAVITY_MPS2;
    const float most_mps2 = (1.0f + PLAUSIBLE) * GRAVITY_MPS2;
    const float felt_square = square(felt);
    return felt_square > least_mps2 * least_mps2 && felt_square < most_mps2 * most_mps2 &&
           square(turn) < STILL_RADPS * STILL_RADPS;
}

/* More tilted readings than others: one that looks flat does not begin the waiting anew. */
static void weigh_tilt(pcp_controller_t *ctl, bool now, uint32_t elapsed_us)
{
    pcp_imu_watch_t *imu = &ctl->imu;
    const uint32_t limit_us = 1000u * ctl->config.tilt_ms;
    if (now) {
        imu->tilted_us = imu->tilted_us + elapsed_us > limit_us ? limit_us : imu->tilted_us + elapsed_us;
    } else {
        imu->tilted_us -= imu->tilted_us < elapsed_us ? imu->tilted_us : elapsed_us;
    }
    if (imu->tilted_us == limit_us || imu->tilted_us == 0) {
        pcp_note(ctl, PCP_CAUSE_TILT, imu->tilted_us == limit_us);
    }
}

static void take_reading(pcp_controller_t *ctl, const pcp_inputs_t *in)
{
    const uint32_t since_us = ctl->imu.silent ? 0 : in->now_us - ctl->imu.heard_us;
    const vector_t felt = {
        (float)in->accel_mmps2[0] * ACCEL_MPS2, (float)in->accel_mmps2[1] * ACCEL_MPS2, (float)in->accel_mmps2[2] * ACCEL_MPS2};
    const vector_t turn = {
        (float)in->gyro_500urad[0] * GYRO_RADPS, (float)in->gyro_500urad[1] * GYRO_RADPS, (float)in->gyro_500urad[2] * GYRO_RADPS};
    ctl->imu.heard_us = in->now_us;
    ctl->imu.silent = false;
    ctl->imu.gyro_radps = turn.z;
    weigh_tilt(ctl, is_tilted(ctl, felt), since_us);
    if (!is_plausible(felt, turn)) {
        ctl->imu.implausible_left_us = IMPLAUSIBLE_US;
    }
}

void pcp_imu_watch(pcp_controller_t *ctl, const pcp_inputs_t *in, uint32_t elapsed_us)
{
    pcp_imu_watch_t *imu = &ctl->imu;
    if (!pcp_has_imu(&ctl->config)) {
        return;
    }
    follow_wheels(ctl, elapsed_us);
    imu->implausible_left_us -= imu->implausible_left_us < elapsed_us ? imu->implausible_left_us : elapsed_us;
    if (in->imu_fresh != 0) {
        take_reading(ctl, in);
    } else if (in->now_us - imu->heard_us >= SILENT_US) {
        imu->silent = true;
    }
    pcp_note(ctl, PCP_CAUSE_IMU_SILENT, imu->silent);
}
