/* From reset to main(), and what happens when something goes wrong.
 *
 * The vector table is that of the STM32F1 and F4 families up to interrupt 40: the three interrupts that
 * the ports use have the same numbers in both. The stack lies at the bottom of the RAM, so that an
 * overflow leaves the RAM and faults, instead of silently overwriting the controller. */
#include <stddef.h>

#include "cortex_m.h"
#include "port.h"

enum { INTERRUPTS = 41, PROBE_BYTES = 2 };

extern uint32_t pcp_data_load[], pcp_data_start[], pcp_data_end[], pcp_bss_start[], pcp_bss_end[];

int main(void);
void pcp_reset_handler(void);
void pcp_fault_handler(void);
void pcp_nmi_handler(void);
void pcp_bus_fault_handler(void);
void pcp_step_over(uint32_t *frame);
void pcp_faulted(void);
void pcp_systick_handler(void);
void pcp_usart1_handler(void);
void pcp_exti15_10_handler(void) __attribute__((weak, alias("pcp_fault_handler"))); /* a car without sonars */

/* set while pcp_probe() reads; the handler's assembly looks at it */
volatile uint32_t pcp_probing;

typedef void (*handler_t)(void);

typedef struct {
    uint32_t *stack_top;
    handler_t exceptions[15];
    handler_t interrupts[INTERRUPTS];
} vectors_t;

#define EIGHT_FAULTS                                                                                              \
    pcp_fault_handler, pcp_fault_handler, pcp_fault_handler, pcp_fault_handler, pcp_fault_handler,                \
        pcp_fault_handler, pcp_fault_handler, pcp_fault_handler

__attribute__((section(".vectors"), used)) const vectors_t pcp_vectors = {
    .stack_top = pcp_stack_top,
    .exceptions = {pcp_reset_handler, pcp_nmi_handler, pcp_fault_handler, pcp_fault_handler, pcp_bus_fault_handler,
                   pcp_fault_handler, NULL, NULL, NULL, NULL, pcp_fault_handler, pcp_fault_handler, NULL,
                   pcp_fault_handler, pcp_systick_handler},
    .interrupts = {EIGHT_FAULTS, EIGHT_FAULTS, EIGHT_FAULTS, EIGHT_FAULTS, pcp_fault_handler, pcp_fault_handler,
                   pcp_fault_handler, pcp_fault_handler, pcp_fault_handler, pcp_usart1_handler, pcp_fault_handler,
                   pcp_fault_handler, pcp_exti15_10_handler},
};

#if !defined(PCP_BOARD)
#define PCP_BOARD "unknown"
#endif
/* Right behind the vectors, so that nobody flashes what was built for another board. */
__attribute__((section(".identity"), used)) const char pcp_identity[] = "PCAR:" PCP_BOARD;

void pcp_reset_handler(void)
{
#if defined(__ARM_FP)
    *PCP_CPACR |= 0xFu << 20; /* the floating point unit is off after reset */
    pcp_barrier();
#endif
    PCP_SCB->vtor = (uint32_t)&pcp_vectors;
    PCP_SCB->shcsr |= PCP_SHCSR_BUSFAULTENA;
    const uint32_t *from = pcp_data_load;
    for (uint32_t *to = pcp_data_start; to < pcp_data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = pcp_bss_start; to < pcp_bss_end;) {
        *to++ = 0;
    }
    (void)main();
    pcp_fault_handler();
}

/* Motors off, and no more: the watchdog, which only the control loop feeds, starts the chip anew. The stack is
 * taken from its top again, because it may be what overflowed. */
__attribute__((naked)) void pcp_fault_handler(void)
{
    __asm volatile("movw r0, #:lower16:pcp_stack_top\n movt r0, #:upper16:pcp_stack_top\n mov sp, r0\n b pcp_faulted");
}

__attribute__((used)) void pcp_faulted(void)
{
    pcp_car_off();
    for (;;) {
    }
}

/* The clock security system: the crystal stopped, and with it the meaning of every time and baud rate.
 * After the restart the crystal is given another chance, and then left alone. */
void pcp_nmi_handler(void)
{
    pcp_car_off();
    pcp_restart();
}

_Noreturn void pcp_restart(void)
{
    PCP_SCB->aircr = PCP_AIRCR_SYSRESETREQ;
    pcp_barrier();
    for (;;) {
    }
}

/* Without a push before the question is answered: there may be no stack left. */
__attribute__((naked)) void pcp_bus_fault_handler(void)
{
    __asm volatile("movw r0, #:lower16:pcp_probing\n movt r0, #:upper16:pcp_probing\n"
                   " ldr r1, [r0]\n cmp r1, #0\n beq pcp_fault_handler\n mrs r0, msp\n b pcp_step_over");
}

/* frame is what the processor pushed: r0-r3, r12, lr, pc, psr. */
__attribute__((used)) void pcp_step_over(uint32_t *frame)
{
    pcp_probing = 0;
    frame[6] += PROBE_BYTES;
}

bool pcp_probe(uint32_t address, uint32_t *value)
{
    uint32_t found = 0;
    pcp_probing = 1;
    pcp_barrier();
    __asm volatile("ldr.n %0, [%1]\n dsb" : "+l"(found) : "l"(address) : "memory");
    const bool exists = pcp_probing != 0;
    pcp_probing = 0;
    *value = exists ? found : *value;
    return exists;
}
