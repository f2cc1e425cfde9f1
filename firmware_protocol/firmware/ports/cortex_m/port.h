/* What the parts of a port offer each other. A port is: a chip (clock, pins, who it is), a car (motors,
 * encoders and sensors behind that chip's pins, or a model of them) and the shared rest of this folder. */
#ifndef PCP_PORT_H
#define PCP_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcp_controller.h"
#include "pcp_storage.h"

/* What the clocks came to be. */
typedef struct {
    uint32_t core_hz;
    uint32_t uart_hz;      /* USART1 */
    uint32_t bench_hz;     /* USART2 */
    uint32_t pwm_hz;       /* TIM4 */
    uint32_t servo_hz;     /* TIM1 of the F103, TIM12 of the F405 */
    bool on_crystal;       /* false: on the chip's own oscillator, 1 % accurate at room temperature */
} pcp_chip_clock_t;

/* What went wrong on the line. Counters wrap; a debugger can read them. */
typedef struct {
    uint32_t overruns; /* bytes lost because the interrupt came too late */
    uint32_t noise;    /* bytes with a framing or noise error */
    uint32_t full;     /* bytes lost because the main loop came too late */
    uint32_t breaks;
} pcp_uart_counts_t;

/* chip.c of a chip. No wait in it is endless: what does not come true leaves the chip on its own oscillator. */
void pcp_chip_start(pcp_chip_clock_t *clock);
pcp_reset_cause_t pcp_chip_reset_cause(bool ram_survived);
void pcp_chip_uid(uint8_t uid[12]);
/* flash.c of a chip: where parameters are kept. */
const pcp_flash_t *pcp_chip_flash(void);

/* car_config.c: the numbers of one car. Edit them for yours. */
void pcp_car_config(pcp_config_t *config);

/* car.c of a car. What is fitted: bits of pcp_capability_t. */
uint32_t pcp_car_capabilities(void);
/* pcp_car_off() may be called at any moment, also before pcp_car_start() and in a fault. */
void pcp_car_start(const pcp_chip_clock_t *clock);
void pcp_car_measure(pcp_inputs_t *in); /* all but now_us and load_percent */
void pcp_car_drive(const pcp_outputs_t *out);
void pcp_car_off(void);

/* uart.c: USART1, 8N1, by interrupt both ways. */
void pcp_uart_start(uint32_t clock_hz, uint32_t baud);
size_t pcp_uart_read(uint8_t *out, size_t capacity);
size_t pcp_uart_room(void);
void pcp_uart_write(const uint8_t *bytes, size_t n); /* n at most pcp_uart_room() */
bool pcp_uart_took_break(void);                      /* true once per BREAK */
const volatile pcp_uart_counts_t *pcp_uart_counts(void);

/* watchdog.c: the independent watchdog; at most 100 ms, and it cannot be stopped again. */
void pcp_watchdog_start(void);
void pcp_watchdog_feed(void);

/* boot.c: a number that differs from boot to boot, and whether the RAM is that of the boot before. */
uint32_t pcp_boot_id(const uint8_t uid[12]);
bool pcp_boot_ram_survived(void);

#endif
