/* The car of the emulator: wheels, battery and sonars as the simplest model that moves, in integers.
 *
 * No emulator here has encoders, a converter or pins, so this file stands in for cortex_m/car.c and for
 * nothing else: start-up, clock, tick timer, interrupt, line and main loop are those of the board. Never
 * flash it: it tells the controller that everything is well.
 *
 * USART2 is the bench. A capital letter makes a fault, the small one ends it, and each is echoed when it
 * has taken effect: B bumper, V empty battery, R silent sonars, N something near in front. X restarts the
 * chip, L makes the control loop late once. O overflows the stack: the fault handler, which switches the motors
 * off, answers with an exclamation mark instead. */
#include "cortex_m.h"
#include "port.h"
#include "registers.h"

enum {
    DEAD_PERMILLE = 45,                /* duty that does not turn a wheel yet */
    TICKS_PER_SECOND_PER_1000 = 8883,  /* 1.163 m/s at full duty, as kff of car_config.c says */
    YAW_500URAD_PER_1000_TICKS = 1309, /* track and metres_per_tick as in protocol.yaml */
    LAG_STEPS = 4,                     /* 40 ms to two thirds of a new speed */
    SNAP = 8,                          /* ticks per second that make no difference */
    MICRO = 1000000,
    BATTERY_MV = 12000,
    GRAVITY_MMPS2 = 9810,
    EMPTY_MV = 8000,
    NEAR_MM = 60,
    SONAR_STEPS = 5,
    LATE_MS = 80,
    FRONT_BUMPER = 1,
    FRONT_SONARS = 2
};

static struct {
    int32_t speed[2]; /* ticks per second */
    int64_t micro_ticks[2];
    int16_t duty[2];
    uint8_t steps;
    bool bumper, empty, silent, near;
} model;

static uint32_t overflow(uint32_t depth)
{
    volatile uint32_t eaten[32] = {depth};
    return depth == UINT32_MAX ? 0 : overflow(depth + 1u) + eaten[0];
}

static void obey(uint8_t letter)
{
    const bool on = letter < 'a';
    switch (on ? letter : letter - 'a' + 'A') {
    case 'B':
        model.bumper = on;
        break;
    case 'V':
        model.empty = on;
        break;
    case 'R':
        model.silent = on;
        break;
    case 'N':
        model.near = on;
        break;
    case 'X':
        pcp_restart();
    case 'O':
        (void)overflow(0);
        break;
    case 'L':
        for (const uint32_t from = pcp_clock_ms(); pcp_clock_ms() - from < LATE_MS;) {
        }
        break;
    default:
        break;
    }
    PCP_USART2->dr = letter;
}

void pcp_car_start(const pcp_chip_clock_t *clock)
{
    PCP_USART2->brr = clock->bench_hz / 115200u;
    PCP_USART2->cr1 = PCP_USART_CR1_UE | PCP_USART_CR1_RE | PCP_USART_CR1_TE;
}

uint32_t pcp_car_capabilities(void)
{
    return PCP_CAPABILITY_BUMPERS | PCP_CAPABILITY_IMU;
}

static void turn_wheel(unsigned i)
{
    const int32_t duty = model.duty[i];
    const int32_t size = (duty < 0 ? -duty : duty) - DEAD_PERMILLE;
    const int32_t fast = size > 0 ? size * TICKS_PER_SECOND_PER_1000 / 1000 : 0;
    const int32_t missing = (duty < 0 ? -fast : fast) - model.speed[i];
    model.speed[i] += missing < SNAP && missing > -SNAP ? missing : missing / LAG_STEPS;
    model.micro_ticks[i] += (int64_t)model.speed[i] * PCP_PERIOD_US;
}

void pcp_car_measure(pcp_inputs_t *in)
{
    if ((PCP_USART2->sr & PCP_USART_SR_RXNE) != 0) {
        obey((uint8_t)PCP_USART2->dr);
        in->now_us = pcp_clock_us();
    }
    for (unsigned i = 0; i < 2; i++) {
        turn_wheel(i);
        in->ticks[i] = (int32_t)(model.micro_ticks[i] / MICRO);
    }
    in->bumpers = model.bumper ? FRONT_BUMPER : 0;
    in->battery_mv = model.empty ? EMPTY_MV : BATTERY_MV;
    in->accel_mmps2[2] = GRAVITY_MMPS2;
    in->gyro_500urad[2] = (int16_t)((model.speed[1] - model.speed[0]) * YAW_500URAD_PER_1000_TICKS / 1000);
    in->imu_fresh = 1;
    in->charge_percent = 255;
    model.steps = (uint8_t)((model.steps + 1u) % SONAR_STEPS);
    in->range_fresh = !model.silent && model.steps == 0 ? 0x0F : 0;
    for (unsigned i = 0; i < PCP_RANGES; i++) {
        in->range_mm[i] = model.near && i < FRONT_SONARS ? (uint16_t)NEAR_MM : (uint16_t)PCP_RANGE_NOTHING_SEEN;
    }
}

void pcp_car_drive(const pcp_outputs_t *out)
{
    for (unsigned i = 0; i < 2; i++) {
        model.duty[i] = out->enable != 0 ? out->duty_permille[i] : (int16_t)0;
    }
}

void pcp_car_off(void)
{
    model.duty[0] = 0;
    model.duty[1] = 0;
    PCP_USART2->dr = '!'; /* only faults call this */
}
