/* A car on the pins: two motors behind a TB6612FNG, two quadrature encoders, four HC-SR04, four bumper
 * switches, a battery divider. The pin table is in each port's README.md; it is the same for all chips.
 *
 * TIM2 and TIM3 count encoders, TIM4 makes the PWM, TIM1 is the stopwatch of the echoes. */
#include "cortex_m.h"
#include "port.h"
#include "registers.h"

enum { PIN_LED = 13 }; /* port C, lit when low */

/* port A */
enum {
    PIN_LEFT_A = 0,
    PIN_LEFT_B = 1,
    PIN_AIN1 = 2,
    PIN_AIN2 = 3,
    PIN_BIN1 = 4,
    PIN_BIN2 = 5,
    PIN_RIGHT_A = 6,
    PIN_RIGHT_B = 7,
    PIN_STANDBY = 8,
    PIN_BUMPER_REAR_LEFT = 15
};

/* port B */
enum {
    PIN_BATTERY = 0,
    PIN_BUMPER_FRONT_LEFT = 3,
    PIN_BUMPER_FRONT_RIGHT = 4,
    PIN_PWMA = 8,
    PIN_PWMB = 9,
    PIN_BUMPER_REAR_RIGHT = 11,
    PIN_ECHO_FIRST = 12
};

/* numbers of the alternate functions, where the chip has them */
enum { TIM2_FUNCTION = 1, TIM3_FUNCTION = 2, TIM4_FUNCTION = 2 };

enum {
    BUMPER_FRONT_LEFT = 1 << 0,
    BUMPER_FRONT_RIGHT = 1 << 1,
    BUMPER_REAR_LEFT = 1 << 4,
    BUMPER_REAR_RIGHT = 1 << 5
};

/* timers */
enum {
    TIMER_ON = 1,
    TIMER_RELOAD_LATER = 1 << 7,
    TIMER_UPDATE = 1,
    ENCODER_BOTH_EDGES = 3,
    ENCODER_INPUTS = 0xF1F1, /* both channels, longest filter: 3 us */
    PWM_CHANNELS_3_4 = 0x6868,
    PWM_OUTPUTS_3_4 = 1 << 8 | 1 << 12,
    PWM_HZ = 20000 /* above hearing */
};

enum {
    SONARS = 4,
    SLOT_STEPS = 4, /* 40 ms for each sonar: its longest echo is 38 ms, and no two sound at once */
    TRIGGER_US = 12,
    ECHO_PRIORITY = 1,
    LONGEST_WAIT = 5000,
    NEAREST_MM = 20,
    FARTHEST_MM = 4000
};

/* battery: 100 kOhm over 22 kOhm, 3.3 V are 4096 */
enum { FULL_SCALE_MV = 3300, DIVIDER_TOP = 100, DIVIDER_BOTTOM = 22, ADC_STEPS = 4096, SMOOTH = 8 };

enum { CHARGE_UNKNOWN = 255, BLINK_STEPS_CRYSTAL = 50, BLINK_STEPS_OWN = 10 };

static const uint8_t TRIGGERS[SONARS] = {5, 6, 7, 10}; /* port B */

typedef struct {
    volatile uint16_t rose_us, width_us;
    volatile bool rose, fell;
} echo_t;

static struct {
    uint16_t counts[2];
    int32_t ticks[2];
    echo_t echo; /* of the sonar whose turn it is */
    volatile uint8_t sonar;
    uint8_t steps_left;
    bool waiting;
    uint16_t range_mm[PCP_RANGES];
    int32_t battery_mv;
    uint16_t duty_full;
    uint16_t blink_steps, blink_left;
    bool lit;
} car;

void pcp_exti15_10_handler(void);

static void start_pins(void)
{
    pcp_car_off();
    for (unsigned pin = PIN_AIN1; pin <= PIN_BIN2; pin++) {
        pcp_chip_pin(PCP_PORT_A, pin, PCP_PIN_OUTPUT, 0);
    }
    pcp_chip_pin(PCP_PORT_A, PIN_STANDBY, PCP_PIN_OUTPUT, 0);
    pcp_chip_pin(PCP_PORT_A, PIN_LEFT_A, PCP_PIN_ALTERNATE_INPUT, TIM2_FUNCTION);
    pcp_chip_pin(PCP_PORT_A, PIN_LEFT_B, PCP_PIN_ALTERNATE_INPUT, TIM2_FUNCTION);
    pcp_chip_pin(PCP_PORT_A, PIN_RIGHT_A, PCP_PIN_ALTERNATE_INPUT, TIM3_FUNCTION);
    pcp_chip_pin(PCP_PORT_A, PIN_RIGHT_B, PCP_PIN_ALTERNATE_INPUT, TIM3_FUNCTION);
    pcp_chip_pin(PCP_PORT_A, PIN_BUMPER_REAR_LEFT, PCP_PIN_INPUT_UP, 0);
    pcp_chip_pin(PCP_PORT_B, PIN_BUMPER_FRONT_LEFT, PCP_PIN_INPUT_UP, 0);
    pcp_chip_pin(PCP_PORT_B, PIN_BUMPER_FRONT_RIGHT, PCP_PIN_INPUT_UP, 0);
    pcp_chip_pin(PCP_PORT_B, PIN_BUMPER_REAR_RIGHT, PCP_PIN_INPUT_UP, 0);
    pcp_chip_pin(PCP_PORT_B, PIN_PWMA, PCP_PIN_ALTERNATE, TIM4_FUNCTION);
    pcp_chip_pin(PCP_PORT_B, PIN_PWMB, PCP_PIN_ALTERNATE, TIM4_FUNCTION);
    pcp_chip_pin(PCP_PORT_B, PIN_BATTERY, PCP_PIN_ANALOG, 0);
    for (unsigned i = 0; i < SONARS; i++) {
        pcp_chip_pin(PCP_PORT_B, TRIGGERS[i], PCP_PIN_OUTPUT, 0);
        pcp_chip_pin(PCP_PORT_B, PIN_ECHO_FIRST + i, PCP_PIN_INPUT, 0);
    }
    pcp_chip_pin(PCP_PORT_C, PIN_LED, PCP_PIN_OUTPUT, 0);
}

static void start_encoder(pcp_stm32_timer_t *timer)
{
    timer->smcr = ENCODER_BOTH_EDGES;
    timer->ccmr1 = ENCODER_INPUTS;
    timer->ccer = 0;
    timer->arr = 0xFFFF;
    timer->cnt = 0;
    timer->cr1 = TIMER_ON;
}

static void start_pwm(uint32_t clock_hz)
{
    car.duty_full = (uint16_t)(clock_hz / PWM_HZ);
    PCP_TIM4->psc = 0;
    PCP_TIM4->arr = car.duty_full - 1u;
    PCP_TIM4->ccr[2] = 0;
    PCP_TIM4->ccr[3] = 0;
    PCP_TIM4->ccmr2 = PWM_CHANNELS_3_4;
    PCP_TIM4->ccer = PWM_OUTPUTS_3_4;
    PCP_TIM4->egr = TIMER_UPDATE;
    PCP_TIM4->cr1 = TIMER_ON | TIMER_RELOAD_LATER;
}

static void start_stopwatch(uint32_t clock_hz)
{
    PCP_TIM1->psc = clock_hz / 1000000u - 1u;
    PCP_TIM1->arr = 0xFFFF;
    PCP_TIM1->egr = TIMER_UPDATE;
    PCP_TIM1->cr1 = TIMER_ON;
}

static void start_echoes(void)
{
    const uint32_t lines = 0xFu << PIN_ECHO_FIRST;
    pcp_chip_echo_to_port_b();
    PCP_EXTI->rtsr |= lines;
    PCP_EXTI->ftsr |= lines;
    PCP_EXTI->pr = lines;
    PCP_EXTI->imr |= lines;
    pcp_irq_enable(PCP_IRQ_EXTI15_10, ECHO_PRIORITY);
}

void pcp_car_start(const pcp_chip_clock_t *clock)
{
    for (unsigned i = 0; i < PCP_RANGES; i++) {
        car.range_mm[i] = PCP_RANGE_BROKEN; /* until it has measured */
    }
    car.blink_steps = clock->on_crystal ? BLINK_STEPS_CRYSTAL : BLINK_STEPS_OWN;
    start_pins();
    start_pwm(clock->pwm_hz);
    start_encoder(PCP_TIM2);
    start_encoder(PCP_TIM3);
    start_stopwatch(clock->stopwatch_hz);
    start_echoes();
    pcp_chip_battery_start();
}

uint32_t pcp_car_capabilities(void)
{
    return PCP_CAPABILITY_BUMPERS;
}

static int32_t ticks_of(unsigned wheel, uint32_t counter)
{
    const uint16_t now = (uint16_t)counter;
    car.ticks[wheel] = (int32_t)((uint32_t)car.ticks[wheel] + (uint32_t)(int16_t)(now - car.counts[wheel]));
    car.counts[wheel] = now;
    return car.ticks[wheel];
}

/* Switches open when pressed, against the pull-up: a cut wire is a pressed bumper. */
static uint8_t bumpers(void)
{
    const uint32_t a = pcp_chip_read(PCP_PORT_A);
    const uint32_t b = pcp_chip_read(PCP_PORT_B);
    unsigned pressed = 0;
    pressed |= (b >> PIN_BUMPER_FRONT_LEFT & 1u) != 0 ? BUMPER_FRONT_LEFT : 0u;
    pressed |= (b >> PIN_BUMPER_FRONT_RIGHT & 1u) != 0 ? BUMPER_FRONT_RIGHT : 0u;
    pressed |= (a >> PIN_BUMPER_REAR_LEFT & 1u) != 0 ? BUMPER_REAR_LEFT : 0u;
    pressed |= (b >> PIN_BUMPER_REAR_RIGHT & 1u) != 0 ? BUMPER_REAR_RIGHT : 0u;
    return (uint8_t)pressed;
}

/* No conversion counts as an empty battery. */
static uint16_t battery_mv(void)
{
    const int32_t raw = pcp_chip_battery();
    const int32_t pin_mv = raw < 0 ? 0 : raw * FULL_SCALE_MV / ADC_STEPS;
    const int32_t volts_mv = pin_mv * (DIVIDER_TOP + DIVIDER_BOTTOM) / DIVIDER_BOTTOM;
    car.battery_mv = car.battery_mv == 0 ? volts_mv : car.battery_mv + (volts_mv - car.battery_mv) / SMOOTH;
    return (uint16_t)car.battery_mv;
}

/* Echo width to distance: sound goes 0.343 mm per us, there and back. */
static uint16_t range_of(const echo_t *echo)
{
    if (!echo->rose) {
        return PCP_RANGE_BROKEN; /* it did not even answer the trigger */
    }
    const uint32_t range_mm = (uint32_t)echo->width_us * 343u / 2000u;
    if (!echo->fell || range_mm > FARTHEST_MM) {
        return (uint16_t)PCP_RANGE_NOTHING_SEEN;
    }
    return range_mm < NEAREST_MM ? (uint16_t)PCP_RANGE_TOO_CLOSE : (uint16_t)range_mm;
}

static void trigger(unsigned sonar)
{
    const uint32_t pin = 1u << TRIGGERS[sonar];
    const uint16_t from_us = (uint16_t)PCP_TIM1->cnt;
    pcp_chip_write(PCP_PORT_B, pin, 0);
    for (uint32_t i = 0; i < LONGEST_WAIT && (uint16_t)(PCP_TIM1->cnt - from_us) < TRIGGER_US; i++) {
    }
    pcp_chip_write(PCP_PORT_B, 0, pin);
}

/* One sonar after the other; returns the bit of the one whose turn ended now. */
static uint8_t step_sonars(void)
{
    uint8_t fresh = 0;
    if (car.steps_left > 0) {
        car.steps_left--;
        return 0;
    }
    if (car.waiting) {
        car.range_mm[car.sonar] = range_of(&car.echo);
        fresh = (uint8_t)(1u << car.sonar);
        car.sonar = (uint8_t)((car.sonar + 1u) % SONARS);
    }
    car.waiting = true;
    car.steps_left = SLOT_STEPS - 1;
    car.echo.fell = false;
    car.echo.rose = false;
    trigger(car.sonar);
    return fresh;
}

void pcp_exti15_10_handler(void)
{
    const uint16_t now_us = (uint16_t)PCP_TIM1->cnt;
    const uint32_t pending = PCP_EXTI->pr & 0xFu << PIN_ECHO_FIRST;
    const uint32_t mine = 1u << (PIN_ECHO_FIRST + car.sonar);
    PCP_EXTI->pr = pending;
    if ((pending & mine) == 0) {
        return;
    }
    if ((pcp_chip_read(PCP_PORT_B) & mine) != 0) {
        car.echo.rose_us = now_us;
        car.echo.rose = true;
    } else if (car.echo.rose && !car.echo.fell) {
        car.echo.width_us = (uint16_t)(now_us - car.echo.rose_us);
        car.echo.fell = true;
    }
}

static void blink(void)
{
    if (car.blink_left-- > 0) {
        return;
    }
    car.blink_left = car.blink_steps;
    car.lit = !car.lit;
    pcp_chip_write(PCP_PORT_C, car.lit ? 0 : 1u << PIN_LED, car.lit ? 1u << PIN_LED : 0);
}

void pcp_car_measure(pcp_inputs_t *in)
{
    in->ticks[0] = ticks_of(0, PCP_TIM2->cnt);
    in->ticks[1] = ticks_of(1, PCP_TIM3->cnt);
    in->bumpers = bumpers();
    in->battery_mv = battery_mv();
    in->charge_percent = CHARGE_UNKNOWN;
    in->range_fresh = step_sonars();
    for (unsigned i = 0; i < PCP_RANGES; i++) {
        in->range_mm[i] = car.range_mm[i];
    }
    blink();
}

/* Sign and magnitude: between the pulses the TB6612 brakes, so duty is voltage. */
static void drive_motor(int16_t permille, unsigned in1, unsigned in2, volatile uint32_t *compare)
{
    const uint32_t size = (uint32_t)(permille < 0 ? -permille : permille);
    const uint32_t on = permille < 0 ? 1u << in2 : 1u << in1;
    const uint32_t off = permille < 0 ? 1u << in1 : 1u << in2;
    pcp_chip_write(PCP_PORT_A, on, off);
    *compare = size * car.duty_full / 1000u;
}

void pcp_car_drive(const pcp_outputs_t *out)
{
    if (out->enable == 0) {
        pcp_car_off();
        return;
    }
    drive_motor(out->duty_permille[0], PIN_AIN1, PIN_AIN2, &PCP_TIM4->ccr[2]);
    drive_motor(out->duty_permille[1], PIN_BIN1, PIN_BIN2, &PCP_TIM4->ccr[3]);
    pcp_chip_write(PCP_PORT_A, 1u << PIN_STANDBY, 0);
}

void pcp_car_off(void)
{
    pcp_chip_write(PCP_PORT_A, 0, 1u << PIN_STANDBY | 0xFu << PIN_AIN1);
    PCP_TIM4->ccr[2] = 0;
    PCP_TIM4->ccr[3] = 0;
}
