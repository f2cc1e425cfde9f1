/* Bridges and encoders of the wheels. TB6612FNG: sign by two pins, magnitude by pulses above hearing. */
#include "pins.h"
#include "registers.h"

enum {
    PWM_HZ = 20000,
    ENCODER_BOTH_EDGES = 3,
    ENCODER_INPUTS = 0xF1F1 /* both channels, longest filter: 3 us at full clock */
};

static struct {
    uint16_t counts[PCP_WHEELS];
    int32_t ticks[PCP_WHEELS];
    uint16_t duty_full;
} motors;

static void start_encoder(const pcp_motor_pins_t *motor)
{
    pcp_pin_mode(motor->a, PCP_PIN_ALTERNATE_INPUT, motor->encoder_function);
    pcp_pin_mode(motor->b, PCP_PIN_ALTERNATE_INPUT, motor->encoder_function);
    motor->encoder->smcr = ENCODER_BOTH_EDGES;
    motor->encoder->ccmr[0] = ENCODER_INPUTS;
    motor->encoder->ccer = 0;
    motor->encoder->arr = 0xFFFF;
    motor->encoder->cnt = 0;
    motor->encoder->cr1 = PCP_TIMER_ON;
}

static void start_bridge(const pcp_motor_pins_t *motor)
{
    const unsigned channel = motor->pwm_channel - 1u;
    PCP_TIM4->ccmr[channel >> 1] |= (uint32_t)PCP_TIMER_PULSE << 8u * (channel & 1u);
    PCP_TIM4->ccer |= 1u << 4u * channel;
    pcp_pin_mode(motor->in1, PCP_PIN_OUTPUT, 0);
    pcp_pin_mode(motor->in2, PCP_PIN_OUTPUT, 0);
    pcp_pin_mode(motor->pwm, PCP_PIN_ALTERNATE, pcp_pins.pwm_function);
}

void pcp_motors_start(uint32_t pwm_hz)
{
    pcp_motors_off();
    pcp_pin_mode(pcp_pins.standby, PCP_PIN_OUTPUT, 0);
    motors.duty_full = (uint16_t)(pwm_hz / PWM_HZ);
    PCP_TIM4->psc = 0;
    PCP_TIM4->arr = motors.duty_full - 1u;
    PCP_TIM4->egr = PCP_TIMER_UPDATE;
    PCP_TIM4->cr1 = PCP_TIMER_ON | PCP_TIMER_RELOAD_LATER;
    for (unsigned i = 0; i < pcp_pins.motor_count; i++) {
        start_bridge(&pcp_pins.motors[i]);
        start_encoder(&pcp_pins.motors[i]);
    }
}

/* Between the pulses the TB6612 brakes, so duty is voltage, and a duty of 0 is a brake. */
static void drive_motor(const pcp_motor_pins_t *motor, int16_t permille)
{
    const uint32_t size = (uint32_t)(permille < 0 ? -permille : permille);
    pcp_pin_put(permille < 0 ? motor->in1 : motor->in2, false);
    pcp_pin_put(permille < 0 ? motor->in2 : motor->in1, true);
    PCP_TIM4->ccr[motor->pwm_channel - 1u] = size * motors.duty_full / 1000u;
}

void pcp_motors_drive(const int16_t duty_permille[PCP_WHEELS])
{
    for (unsigned i = 0; i < pcp_pins.motor_count; i++) {
        drive_motor(&pcp_pins.motors[i], duty_permille[i]);
    }
    pcp_pin_put(pcp_pins.standby, true);
}

void pcp_motors_off(void)
{
    pcp_pin_put(pcp_pins.standby, false);
    for (unsigned i = 0; i < pcp_pins.motor_count; i++) {
        const pcp_motor_pins_t *motor = &pcp_pins.motors[i];
        pcp_pin_put(motor->in1, false);
        pcp_pin_put(motor->in2, false);
        PCP_TIM4->ccr[motor->pwm_channel - 1u] = 0;
    }
}

/* The counters have 16 bits; a step is far too short for half a turn of them. */
void pcp_encoders_read(int32_t ticks[PCP_WHEELS])
{
    for (unsigned i = 0; i < pcp_pins.motor_count; i++) {
        const uint16_t now = (uint16_t)pcp_pins.motors[i].encoder->cnt;
        const int16_t moved = (int16_t)(uint16_t)(now - motors.counts[i]);
        motors.ticks[i] = (int32_t)((uint32_t)motors.ticks[i] + (uint32_t)moved);
        motors.counts[i] = now;
        ticks[i] = motors.ticks[i];
    }
}
