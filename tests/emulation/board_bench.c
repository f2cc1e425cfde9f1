/* The register code of a board on this machine: the addresses of its devices are plain memory here, so that a test
 * can look at what was written, and say what is read. One command a line on the standard input:
 *
 *   set ADDRESS VALUE    get ADDRESS    now MICROSECONDS    call NAME [ARGUMENT...]
 *
 * and one line of numbers comes back for each. The compiler is told the chip by its include folder. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cortex_m.h"
#include "pins.h"
#include "registers.h"

enum { MOST_ARGUMENTS = 8, LINE_BYTES = 256 };

static const struct {
    uintptr_t start;
    size_t bytes;
} MEMORY[] = {{0x40000000u, 0x30000}, {0xE000E000u, 0x1000}, {0x08008000u, 0x8000}};

static uint32_t now_us;

/* Each look takes a microsecond, so that no wait is endless. */
uint32_t pcp_clock_us(void)
{
    return now_us++;
}

bool pcp_probe(uint32_t address, uint32_t *value)
{
    *value = address;
    return true;
}

static long arguments[MOST_ARGUMENTS];

static void chip_start(void)
{
    pcp_chip_clock_t clock;
    pcp_chip_start(&clock);
    printf("%" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %d\n", clock.core_hz, clock.uart_hz, clock.pwm_hz,
           clock.servo_hz, clock.on_crystal);
}

static void reset_cause(void)
{
    printf("%d\n", (int)pcp_chip_reset_cause(arguments[0] != 0));
}

static void pin(void)
{
    pcp_chip_pin((pcp_gpio_t)arguments[0], (unsigned)arguments[1], (pcp_pin_mode_t)arguments[2], (unsigned)arguments[3]);
    puts("");
}

static void battery_start(void)
{
    pcp_chip_battery_start();
    puts("");
}

static void battery(void)
{
    printf("%" PRId32 "\n", pcp_chip_battery());
}

static void watchdog_start(void)
{
    pcp_watchdog_start();
    puts("");
}

static void program(void)
{
    const pcp_flash_t *flash = pcp_chip_flash();
    printf("%d\n", flash->program(flash->port, (unsigned)arguments[0], (uint32_t)arguments[1], (uint32_t)arguments[2]));
}

static void erase(void)
{
    const pcp_flash_t *flash = pcp_chip_flash();
    printf("%d\n", flash->erase(flash->port, (unsigned)arguments[0]));
}

static void car_start(void)
{
    const pcp_chip_clock_t clock = {.pwm_hz = (uint32_t)arguments[0], .servo_hz = (uint32_t)arguments[1]};
    pcp_car_start(&clock);
    puts("");
}

static void car_off(void)
{
    pcp_car_off();
    puts("");
}

static void drive(void)
{
    pcp_outputs_t out = {.enable = (uint8_t)arguments[0], .steer_mrad = (int16_t)arguments[5]};
    for (unsigned i = 0; i < PCP_WHEELS; i++) {
        out.duty_permille[i] = (int16_t)arguments[1 + i];
    }
    out.servo_mrad[0] = (int16_t)arguments[6];
    out.out_levels[0] = (uint8_t)arguments[7];
    pcp_car_drive(&out);
    puts("");
}

static void measure(void)
{
    pcp_inputs_t in = {0};
    pcp_car_measure(&in);
    printf("%" PRId32 " %" PRId32 " %" PRId32 " %" PRId32 " %d %d %d %d %d %d", in.ticks[0], in.ticks[1], in.ticks[2],
           in.ticks[3], in.bumpers, in.cliffs, in.charger, in.digital_inputs, in.battery_mv, in.range_fresh);
    for (unsigned i = 0; i < PCP_SONARS; i++) {
        printf(" %d", in.range_mm[i]);
    }
    puts("");
}

void pcp_exti15_10_handler(void);

static void echo(void)
{
    pcp_exti15_10_handler();
    puts("");
}

static const struct {
    const char *name;
    void (*call)(void);
} CALLS[] = {
    {"chip_start", chip_start}, {"reset_cause", reset_cause}, {"pin", pin},         {"battery_start", battery_start},
    {"battery", battery},       {"program", program},         {"erase", erase},     {"watchdog_start", watchdog_start},
    {"car_start", car_start},   {"car_off", car_off},         {"drive", drive},     {"measure", measure},
    {"echo", echo},
};

static void call(char *words)
{
    char *rest = NULL;
    const char *name = strtok_r(words, " \n", &rest);
    memset(arguments, 0, sizeof arguments);
    for (unsigned i = 0; i < MOST_ARGUMENTS; i++) {
        const char *word = strtok_r(NULL, " \n", &rest);
        arguments[i] = word == NULL ? 0 : strtol(word, NULL, 0);
    }
    for (size_t i = 0; name != NULL && i < sizeof CALLS / sizeof CALLS[0]; i++) {
        if (strcmp(name, CALLS[i].name) == 0) {
            CALLS[i].call();
            return;
        }
    }
    puts("unknown");
}

static volatile uint32_t *at(unsigned long address)
{
    return (volatile uint32_t *)(uintptr_t)address;
}

static void obey(char *line)
{
    unsigned long address = 0;
    unsigned long value = 0;
    if (strncmp(line, "call ", 5) == 0) {
        call(line + 5);
    } else if (sscanf(line, "set %li %li", (long *)&address, (long *)&value) == 2) {
        *at(address) = (uint32_t)value;
        puts("");
    } else if (sscanf(line, "get %li", (long *)&address) == 1) {
        printf("%" PRIu32 "\n", *at(address));
    } else if (sscanf(line, "now %li", (long *)&value) == 1) {
        now_us = (uint32_t)value;
        puts("");
    } else {
        puts("unknown");
    }
    (void)fflush(stdout);
}

int main(void)
{
    char line[LINE_BYTES];
    for (size_t i = 0; i < sizeof MEMORY / sizeof MEMORY[0]; i++) {
        void *wanted = (void *)MEMORY[i].start;
        if (mmap(wanted, MEMORY[i].bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
                 0) != wanted) {
            return 1;
        }
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        obey(line);
    }
    return 0;
}
