/* HC-SR04, one after the other: 40 ms each, because the longest echo is 38 ms and no two may sound at once. Each edge
 * of an echo interrupts; the tick timer says when. */
#include "cortex_m.h"
#include "pins.h"
#include "registers.h"

enum {
    SLOT_STEPS = 4,
    TRIGGER_US = 12,
    ECHO_PRIORITY = 2, /* less urgent than the tick, so that the clock can be read */
    LONGEST_WAIT = 5000,
    NEAREST_MM = 20,
    FARTHEST_MM = 4000
};

typedef struct {
    volatile uint32_t rose_us, width_us;
    volatile bool rose, fell;
} echo_t;

static struct {
    echo_t echo; /* of the sonar whose turn it is */
    volatile uint8_t turn;
    uint8_t steps_left;
    bool waiting;
    uint16_t range_mm[PCP_RANGES];
} sonars;

void pcp_exti15_10_handler(void);

void pcp_sonars_start(void)
{
    uint32_t lines = 0;
    for (unsigned i = 0; i < PCP_SONARS; i++) {
        const pcp_sonar_pins_t *sonar = &pcp_pins.sonars[i];
        pcp_pin_put(sonar->trigger, false);
        pcp_pin_mode(sonar->trigger, PCP_PIN_OUTPUT, 0);
        pcp_pin_mode(sonar->echo, PCP_PIN_INPUT, 0);
        pcp_chip_echo(sonar->echo.pin, (pcp_gpio_t)sonar->echo.port);
        lines |= 1u << sonar->echo.pin;
    }
    for (unsigned i = 0; i < PCP_RANGES; i++) {
        sonars.range_mm[i] = PCP_RANGE_BROKEN; /* until it has measured */
    }
    PCP_EXTI->rtsr |= lines;
    PCP_EXTI->ftsr |= lines;
    PCP_EXTI->pr = lines;
    PCP_EXTI->imr |= lines;
    pcp_irq_enable(PCP_IRQ_EXTI15_10, ECHO_PRIORITY);
}

void pcp_exti15_10_handler(void)
{
    const uint32_t now_us = pcp_clock_us();
    const pcp_pin_t mine = pcp_pins.sonars[sonars.turn].echo;
    const uint32_t pending = PCP_EXTI->pr & PCP_EXTI->imr;
    PCP_EXTI->pr = pending;
    if ((pending >> mine.pin & 1u) == 0) {
        return;
    }
    if (pcp_pin_is_high(mine)) {
        sonars.echo.rose_us = now_us;
        sonars.echo.rose = true;
    } else if (sonars.echo.rose && !sonars.echo.fell) {
        sonars.echo.width_us = now_us - sonars.echo.rose_us;
        sonars.echo.fell = true;
    }
}

/* Echo width to distance: sound goes 0.343 mm per us, there and back. */
static uint16_t range_of(const echo_t *echo)
{
    if (!echo->rose) {
        return PCP_RANGE_BROKEN; /* it did not even answer the trigger */
    }
    const uint32_t range_mm = echo->width_us * 343u / 2000u;
    if (!echo->fell || range_mm > FARTHEST_MM) {
        return (uint16_t)PCP_RANGE_NOTHING_SEEN;
    }
    return range_mm < NEAREST_MM ? (uint16_t)PCP_RANGE_TOO_CLOSE : (uint16_t)range_mm;
}

static void trigger(pcp_pin_t pin)
{
    const uint32_t from_us = pcp_clock_us();
    pcp_pin_put(pin, true);
    for (uint32_t i = 0; i < LONGEST_WAIT && pcp_clock_us() - from_us < TRIGGER_US; i++) {
    }
    pcp_pin_put(pin, false);
}

uint8_t pcp_sonars_step(void)
{
    uint8_t fresh = 0;
    if (sonars.steps_left > 0) {
        sonars.steps_left--;
        return 0;
    }
    if (sonars.waiting) {
        sonars.range_mm[sonars.turn] = range_of(&sonars.echo);
        fresh = (uint8_t)(1u << sonars.turn);
        sonars.turn = (uint8_t)((sonars.turn + 1u) % PCP_SONARS);
    }
    sonars.waiting = true;
    sonars.steps_left = SLOT_STEPS - 1;
    sonars.echo.fell = false;
    sonars.echo.rose = false;
    trigger(pcp_pins.sonars[sonars.turn].trigger);
    return fresh;
}

void pcp_sonars_read(uint16_t range_mm[PCP_RANGES])
{
    for (unsigned i = 0; i < PCP_RANGES; i++) {
        range_mm[i] = sonars.range_mm[i];
    }
}
