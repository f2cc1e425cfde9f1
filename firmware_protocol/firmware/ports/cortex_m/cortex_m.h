/* What every Cortex-M3 and M4 has: interrupt controller, tick timer, system control. Registers and
 * offsets: ARM DDI 0403 (ARMv7-M Architecture Reference Manual), chapter B3. */
#ifndef PCP_CORTEX_M_H
#define PCP_CORTEX_M_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    volatile uint32_t ctrl, load, val, calib;
} pcp_systick_t;

typedef struct {
    volatile uint32_t cpuid, icsr, vtor, aircr, scr, ccr;
    volatile uint8_t shpr[12]; /* priorities of exceptions 4 to 15 */
    volatile uint32_t shcsr, cfsr, hfsr;
} pcp_scb_t;

typedef struct {
    volatile uint32_t iser[32]; /* at 0x100 from the base of the interrupt controller */
    volatile uint32_t icer[32];
    volatile uint32_t ispr[32];
    volatile uint32_t icpr[32];
    volatile uint32_t iabr[64];
    volatile uint8_t ipr[240];
} pcp_nvic_t;

#define PCP_SYSTICK ((pcp_systick_t *)0xE000E010u)
#define PCP_NVIC ((pcp_nvic_t *)0xE000E100u)
#define PCP_SCB ((pcp_scb_t *)0xE000ED00u)
#define PCP_CPACR ((volatile uint32_t *)0xE000ED88u)

enum { PCP_SHCSR_BUSFAULTENA = 1 << 17, PCP_EXCEPTION_SYSTICK = 15 };
#define PCP_AIRCR_SYSRESETREQ (0x05FA0000u | 1u << 2)

/* Bytes at the front of the RAM that are the stack; the linker script sets both ends. */
extern uint32_t pcp_stack_low[], pcp_stack_top[];

/* Nothing on another processor, where tests let these files write to plain memory. */
static inline void pcp_barrier(void)
{
#if defined(__arm__)
    __asm volatile("dsb\n isb" ::: "memory");
#endif
}

/* Sleep until an interrupt. */
static inline void pcp_wait_for_interrupt(void)
{
    __asm volatile("dsb\n wfi" ::: "memory");
}

/* 0 is the most urgent, 15 the least. */
static inline void pcp_irq_enable(unsigned irq, unsigned priority)
{
    PCP_NVIC->ipr[irq] = (uint8_t)(priority << 4);
    PCP_NVIC->iser[irq >> 5] = 1u << (irq & 31u);
}

/* Let the interrupt happen as if its device had asked. */
static inline void pcp_irq_pend(unsigned irq)
{
    PCP_NVIC->ispr[irq >> 5] = 1u << (irq & 31u);
}

/* startup.c: read a word that may not exist on this chip. False, and nothing read, when it does not. */
bool pcp_probe(uint32_t address, uint32_t *value);

/* startup.c: start the chip anew; never returns. */
_Noreturn void pcp_restart(void);

/* clock.c: the tick timer at 1 kHz. Its interrupt has priority 1: call the readers from the main loop, or from
 * interrupts that are less urgent than that. */
void pcp_clock_start(uint32_t core_hz);
uint32_t pcp_clock_ms(void);
uint32_t pcp_clock_us(void);

#endif
