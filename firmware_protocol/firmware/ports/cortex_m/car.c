/* A car on the pins of pins.c: motors and encoders, sonars, servos, and below what is only a level: switches,
 * outputs, battery, LED. */
#include "car_config.h"
#include "pins.h"

/* battery: 100 kOhm over 22 kOhm, 3.3 V are 4096 */
enum { FULL_SCALE_MV = 3300, DIVIDER_TOP = 100, DIVIDER_BOTTOM = 22, ADC_STEPS = 4096, SMOOTH = 8 };

enum { CHARGE_UNKNOWN = 255, BLINK_STEPS_CRYSTAL = 50, BLINK_STEPS_OWN = 10 };

static struct {
    int32_t battery_mv;
    uint16_t blink_steps, blink_left;
    bool lit;
} car;

static bool is_fitted(uint32_t capability)
{
    return (PCP_FITTED & capability) != 0;
}

static void start_switches(const pcp_switch_pin_t *switches, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        pcp_pin_mode(switches[i].pin, PCP_PIN_INPUT_UP, 0);
    }
}

static void start_levels(void)
{
    start_switches(pcp_pins.bumpers, pcp_pins.bumper_count);
    start_switches(pcp_pins.cliffs, pcp_pins.cliff_count);
    start_switches(&pcp_pins.charger, 1);
    for (unsigned i = 0; i < pcp_pins.input_count; i++) {
        pcp_pin_mode(pcp_pins.inputs[i], PCP_PIN_INPUT_UP, 0);
    }
    for (unsigned i = 0; i < pcp_pins.out_count; i++) {
        pcp_pin_mode(pcp_pins.outs[i], PCP_PIN_OUTPUT, 0);
    }
    pcp_pin_mode(pcp_pins.led, PCP_PIN_OUTPUT, 0);
    pcp_pin_mode(pcp_pins.battery, PCP_PIN_ANALOG, 0);
}

void pcp_car_start(const pcp_chip_clock_t *clock)
{
    car.blink_steps = clock->on_crystal ? BLINK_STEPS_CRYSTAL : BLINK_STEPS_OWN;
    pcp_car_off();
    pcp_motors_start(clock->pwm_hz);
    pcp_servos_start(clock->servo_hz);
    start_levels();
    pcp_sonars_start();
    pcp_chip_battery_start();
}

uint32_t pcp_car_capabilities(void)
{
    const uint32_t steering = PCP_CHASSIS == PCP_CHASSIS_ACKERMANN ? PCP_CAPABILITY_STEERING : 0u;
    return PCP_FITTED | steering;
}

static uint8_t opened(const pcp_switch_pin_t *switches, unsigned count, bool fitted)
{
    unsigned bits = 0;
    for (unsigned i = 0; i < count && fitted; i++) {
        bits |= pcp_pin_is_high(switches[i].pin) ? switches[i].bits : 0u;
    }
    return (uint8_t)bits;
}

/* An input is on when it is connected to ground. */
static uint16_t inputs_on(void)
{
    unsigned bits = 0;
    for (unsigned i = 0; i < pcp_pins.input_count; i++) {
        bits |= pcp_pin_is_high(pcp_pins.inputs[i]) ? 0u : 1u << i;
    }
    return (uint16_t)bits;
}

/* No conversion is 0 V, which the controller takes for a broken sense wire. */
static uint16_t battery_mv(void)
{
    const int32_t raw = pcp_chip_battery();
    const int32_t pin_mv = raw < 0 ? 0 : raw * FULL_SCALE_MV / ADC_STEPS;
    const int32_t volts_mv = pin_mv * (DIVIDER_TOP + DIVIDER_BOTTOM) / DIVIDER_BOTTOM;
    car.battery_mv = car.battery_mv == 0 ? volts_mv : car.battery_mv + (volts_mv - car.battery_mv) / SMOOTH;
    return (uint16_t)car.battery_mv;
}

static void blink(void)
{
    if (car.blink_left-- > 0) {
        return;
    }
    car.blink_left = car.blink_steps;
    car.lit = !car.lit;
    pcp_pin_put(pcp_pins.led, !car.lit);
}

void pcp_car_measure(pcp_inputs_t *in)
{
    pcp_encoders_read(in->ticks);
    in->bumpers = opened(pcp_pins.bumpers, pcp_pins.bumper_count, is_fitted(PCP_CAPABILITY_BUMPERS));
    in->cliffs = opened(pcp_pins.cliffs, pcp_pins.cliff_count, is_fitted(PCP_CAPABILITY_CLIFFS));
    in->charger = opened(&pcp_pins.charger, 1, is_fitted(PCP_CAPABILITY_CHARGER));
    in->digital_inputs = inputs_on();
    in->battery_mv = battery_mv();
    in->charge_percent = CHARGE_UNKNOWN;
    in->range_fresh = pcp_sonars_step();
    pcp_sonars_read(in->range_mm);
    blink();
}

/* These pins only switch: any level but 0 is on. */
static void switch_outputs(const uint8_t levels[PCP_OUTS])
{
    for (unsigned i = 0; i < pcp_pins.out_count; i++) {
        pcp_pin_put(pcp_pins.outs[i], levels[i] != 0);
    }
}

void pcp_car_drive(const pcp_outputs_t *out)
{
    if (out->enable == 0) {
        pcp_motors_off();
    } else {
        pcp_motors_drive(out->duty_permille);
    }
    pcp_servos_turn(out);
    switch_outputs(out->out_levels);
}

void pcp_car_off(void)
{
    static const uint8_t NONE[PCP_OUTS];
    pcp_motors_off();
    switch_outputs(NONE);
}
