/* Servos: 1500 us is the middle, 500 to 2500 us are half a turn, 50 times a second. On a car that steers the first one
 * turns the front wheels; the others are those of SERVO. They stay where they are when the motors are off. */
#include "car_config.h"
#include "pins.h"

enum {
    TICKS_PER_US_HZ = 1000000,
    PERIOD_US = 20000,
    MIDDLE_US = 1500,
    LARGEST_US = 1000,
    LARGEST_MRAD = 1571,
    STEERED = PCP_CHASSIS == PCP_CHASSIS_ACKERMANN
};

static uint32_t pulse_us(int32_t mrad)
{
    const int32_t inside = mrad > LARGEST_MRAD ? LARGEST_MRAD : (mrad < -LARGEST_MRAD ? -LARGEST_MRAD : mrad);
    return (uint32_t)(MIDDLE_US + inside * LARGEST_US / LARGEST_MRAD);
}

static void start_servo(const pcp_servo_pin_t *servo, uint32_t timer_hz)
{
    const unsigned channel = servo->channel - 1u;
    servo->timer->psc = timer_hz / TICKS_PER_US_HZ - 1u;
    servo->timer->arr = PERIOD_US - 1;
    servo->timer->ccr[channel] = MIDDLE_US;
    servo->timer->ccmr[channel >> 1] |= (uint32_t)PCP_TIMER_PULSE << 8u * (channel & 1u);
    servo->timer->ccer |= 1u << 4u * channel;
    servo->timer->bdtr = PCP_TIMER_MAIN_OUTPUT;
    servo->timer->egr = PCP_TIMER_UPDATE;
    servo->timer->cr1 = PCP_TIMER_ON | PCP_TIMER_RELOAD_LATER;
    pcp_pin_mode(servo->pin, PCP_PIN_ALTERNATE, servo->function);
}

void pcp_servos_start(uint32_t timer_hz)
{
    for (unsigned i = 0; i < pcp_pins.servo_count; i++) {
        start_servo(&pcp_pins.servos[i], timer_hz);
    }
}

void pcp_servos_turn(const pcp_outputs_t *out)
{
    for (unsigned i = 0; i < pcp_pins.servo_count; i++) {
        const pcp_servo_pin_t *servo = &pcp_pins.servos[i];
        const int16_t mrad = STEERED && i == 0 ? out->steer_mrad : out->servo_mrad[i - STEERED];
        servo->timer->ccr[servo->channel - 1u] = pulse_us(mrad);
    }
}
