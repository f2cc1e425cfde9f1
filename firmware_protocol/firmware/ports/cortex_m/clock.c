/* Time since boot from the tick timer: milliseconds by interrupt, microseconds from its counter.
 * The tick is more urgent than all who ask for the time, the line driver apart, which does not ask. */
#include "cortex_m.h"

enum { TICK_HZ = 1000, TICK_PRIORITY = 1, ENABLE_WITH_INTERRUPT = 7 };

static volatile uint32_t ticks;
static uint32_t counts_per_us = 1;

void pcp_systick_handler(void);

void pcp_systick_handler(void)
{
    ticks++;
}

void pcp_clock_start(uint32_t core_hz)
{
    counts_per_us = core_hz / 1000000u;
    PCP_SCB->shpr[PCP_EXCEPTION_SYSTICK - 4] = TICK_PRIORITY << 4;
    PCP_SYSTICK->load = core_hz / TICK_HZ - 1u;
    PCP_SYSTICK->val = 0;
    PCP_SYSTICK->ctrl = ENABLE_WITH_INTERRUPT;
}

uint32_t pcp_clock_ms(void)
{
    return ticks;
}

/* Wraps after 71.6 minutes. Read again when the counter started over in between. */
uint32_t pcp_clock_us(void)
{
    uint32_t ms;
    uint32_t left;
    do {
        ms = ticks;
        left = PCP_SYSTICK->val;
    } while (ms != ticks);
    return ms * 1000u + (PCP_SYSTICK->load - left) / counts_per_us;
}
