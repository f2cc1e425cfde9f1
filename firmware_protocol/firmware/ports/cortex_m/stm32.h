/* Devices that are the same in the STM32F1 and F4 families; their addresses are in the chip's registers.h.
 * Offsets: ST reference manuals RM0008 (F103) and RM0090 (F405, F407). */
#ifndef PCP_STM32_H
#define PCP_STM32_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    volatile uint32_t sr, dr, brr, cr1, cr2, cr3, gtpr;
} pcp_stm32_usart_t;

typedef struct {
    volatile uint32_t cr1, cr2, smcr, dier, sr, egr, ccmr[2], ccer, cnt, psc, arr, rcr, ccr[4], bdtr;
} pcp_stm32_timer_t;

typedef struct {
    volatile uint32_t imr, emr, rtsr, ftsr, swier, pr;
} pcp_stm32_exti_t;

typedef struct {
    volatile uint32_t kr, pr, rlr, sr;
} pcp_stm32_iwdg_t;

typedef struct {
    volatile uint32_t sr, cr1, cr2, smpr1, smpr2, jofr[4], htr, ltr, sqr1, sqr2, sqr3, jsqr, jdr[4], dr;
} pcp_stm32_adc_t;

enum { PCP_IRQ_USART1 = 37, PCP_IRQ_EXTI15_10 = 40 };

/* USART */
enum {
    PCP_USART_SR_FE = 1 << 1,
    PCP_USART_SR_NE = 1 << 2,
    PCP_USART_SR_ORE = 1 << 3,
    PCP_USART_SR_IDLE = 1 << 4,
    PCP_USART_SR_RXNE = 1 << 5,
    PCP_USART_SR_TXE = 1 << 7,
    PCP_USART_CR1_RE = 1 << 2,
    PCP_USART_CR1_TE = 1 << 3,
    PCP_USART_CR1_RXNEIE = 1 << 5,
    PCP_USART_CR1_TXEIE = 1 << 7,
    PCP_USART_CR1_UE = 1 << 13
};

/* A timer that counts or makes pulses. Two channels share one of the two mode registers. */
enum {
    PCP_TIMER_ON = 1,
    PCP_TIMER_RELOAD_LATER = 1 << 7,
    PCP_TIMER_UPDATE = 1,
    PCP_TIMER_PULSE = 0x68,           /* PWM mode 1, its width taken over at the next period */
    PCP_TIMER_MAIN_OUTPUT = 1 << 15   /* timers with a brake input only; the others have no such register */
};

/* What a pin is for; how a chip is told so differs. */
typedef enum {
    PCP_PIN_ANALOG,
    PCP_PIN_INPUT,
    PCP_PIN_INPUT_UP, /* with the chip's pull-up */
    PCP_PIN_OUTPUT,
    PCP_PIN_OPEN_DRAIN,     /* an output that only pulls down; it can be read */
    PCP_PIN_ALTERNATE,      /* a device drives it */
    PCP_PIN_ALTERNATE_INPUT /* a device listens to it; with the chip's pull-up, so that an open line is quiet */
} pcp_pin_mode_t;

typedef enum { PCP_PORT_A, PCP_PORT_B, PCP_PORT_C, PCP_PORT_D, PCP_PORTS } pcp_gpio_t;

/* stm32.c: wait at most `turns` turns of a loop until the bits of the mask have this value. */
bool pcp_becomes(const volatile uint32_t *reg, uint32_t mask, uint32_t value, uint32_t turns);
void pcp_chip_write(pcp_gpio_t port, uint32_t set, uint32_t clear); /* bit sets of pins, at once */
uint32_t pcp_chip_read(pcp_gpio_t port);

/* stm32.c: programming and erasing happen between these two. False when the flash stays locked or busy, or says that
 * it went wrong; then it is locked again. */
bool pcp_flash_unlocked(void);
bool pcp_flash_finished(uint32_t turns);

/* chip.c. `function` is the number of the alternate function where the chip has them (F4). */
void pcp_chip_pin(pcp_gpio_t port, unsigned pin, pcp_pin_mode_t mode, unsigned function);
void pcp_chip_echo(unsigned line, pcp_gpio_t port); /* pin `line`, 8 to 15, of this port may interrupt */
void pcp_chip_battery_start(void);
/* The last conversion, 0 to 4095, and start the next; negative when none has ended. Never waits. */
int32_t pcp_chip_battery(void);

#endif
