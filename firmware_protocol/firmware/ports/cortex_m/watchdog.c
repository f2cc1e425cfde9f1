/* The independent watchdog: an oscillator of its own resets the chip when the control loop stops feeding.
 * It is not frozen by a debugger either: a car at a breakpoint is a car without a driver. */
#include "port.h"
#include "registers.h"

enum {
    START = 0xCCCC,
    UNLOCK = 0x5555,
    FEED = 0xAAAA,
    DIVIDE_BY_32 = 3,
    TURNS = PCP_LSI_SLOWEST_HZ / 32 / 10, /* 100 ms where the oscillator is slowest, less everywhere else */
    SHORTEST_MS = TURNS * 32 * 1000 / PCP_LSI_FASTEST_HZ,
    LONGEST_WAIT = 100000
};
_Static_assert(SHORTEST_MS >= 3 * PCP_PERIOD_US / 1000, "a healthy control loop must always be in time");

void pcp_watchdog_start(void)
{
    PCP_IWDG->kr = START;
    PCP_IWDG->kr = UNLOCK;
    PCP_IWDG->pr = DIVIDE_BY_32;
    PCP_IWDG->rlr = TURNS - 1;
    for (uint32_t i = 0; i < LONGEST_WAIT && PCP_IWDG->sr != 0; i++) {
    }
    pcp_watchdog_feed();
}

void pcp_watchdog_feed(void)
{
    PCP_IWDG->kr = FEED;
}
