/* Which pin does what on one chip. pins.c of each chip is this table, and nothing else knows a pin of the car; the
 * wiring table in its README says the same for people. */
#ifndef PCP_PINS_H
#define PCP_PINS_H

#include "port.h"
#include "stm32.h"

enum { PCP_SONARS = 4, PCP_MOST_SWITCHES = 4, PCP_SERVO_PINS = 2, PCP_BITS_OUT = 2, PCP_BITS_IN = 2 };

typedef struct {
    uint8_t port, pin;
} pcp_pin_t;

/* One wheel: a half of a TB6612FNG, its pulses from a channel of TIM4, and an encoder on a timer's channels 1, 2. */
typedef struct {
    pcp_pin_t in1, in2, pwm;
    uint8_t pwm_channel; /* 1 to 4 */
    uint8_t encoder_function;
    pcp_pin_t a, b;
    pcp_stm32_timer_t *encoder;
} pcp_motor_pins_t;

typedef struct {
    pcp_pin_t trigger, echo; /* echo on pins 10 to 15, each number once */
} pcp_sonar_pins_t;

/* A switch to ground that opens: then it reports its bits. A cut wire is an open switch. */
typedef struct {
    pcp_pin_t pin;
    uint8_t bits;
} pcp_switch_pin_t;

typedef struct {
    pcp_pin_t pin;
    uint8_t function;
    uint8_t channel; /* 1 to 4 */
    pcp_stm32_timer_t *timer;
} pcp_servo_pin_t;

typedef struct {
    pcp_motor_pins_t motors[PCP_WHEELS]; /* in the order of WHEELS */
    pcp_sonar_pins_t sonars[PCP_SONARS]; /* front left, front right, rear left, rear right */
    pcp_switch_pin_t bumpers[PCP_MOST_SWITCHES], cliffs[PCP_MOST_SWITCHES];
    pcp_switch_pin_t charger;
    pcp_servo_pin_t servos[PCP_SERVO_PINS];
    pcp_pin_t outs[PCP_BITS_OUT], inputs[PCP_BITS_IN];
    pcp_pin_t standby, battery, led;
    uint8_t pwm_function; /* TIM4 */
    uint8_t motor_count, bumper_count, cliff_count, servo_count, out_count, input_count;
} pcp_pins_t;

extern const pcp_pins_t pcp_pins;

static inline void pcp_pin_mode(pcp_pin_t pin, pcp_pin_mode_t mode, unsigned function)
{
    pcp_chip_pin((pcp_gpio_t)pin.port, pin.pin, mode, function);
}

static inline void pcp_pin_put(pcp_pin_t pin, bool high)
{
    const uint32_t bit = 1u << pin.pin;
    pcp_chip_write((pcp_gpio_t)pin.port, high ? bit : 0, high ? 0 : bit);
}

static inline bool pcp_pin_is_high(pcp_pin_t pin)
{
    return (pcp_chip_read((pcp_gpio_t)pin.port) >> pin.pin & 1u) != 0;
}

/* motors.c: bridges and encoders. */
void pcp_motors_start(uint32_t pwm_hz);
void pcp_motors_drive(const int16_t duty_permille[PCP_WHEELS]);
void pcp_motors_off(void);
void pcp_encoders_read(int32_t ticks[PCP_WHEELS]);

/* sonars.c: one after the other, 40 ms each. */
void pcp_sonars_start(void);
/* Call it once per control step. Returns the bit of the sonar whose turn ended now. */
uint8_t pcp_sonars_step(void);
void pcp_sonars_read(uint16_t range_mm[PCP_RANGES]);

/* servos.c: pulses at 50 Hz. */
void pcp_servos_start(uint32_t timer_hz);
void pcp_servos_turn(const pcp_outputs_t *out);

#endif
