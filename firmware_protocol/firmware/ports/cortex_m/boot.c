/* Which boot this is. A mark in RAM that start-up does not clear counts the boots since power came; what
 * the unused RAM woke up with, which differs from one power-on to the next, tells those apart. */
#include "cortex_m.h"
#include "port.h"

enum { MARK = 0x50435031 };

static struct {
    uint32_t mark, boots;
} kept __attribute__((section(".noinit")));

bool pcp_boot_ram_survived(void)
{
    return kept.mark == MARK;
}

/* Call it once. */
uint32_t pcp_boot_id(const uint8_t uid[12])
{
    uint32_t here;
    const size_t unused = (size_t)((uintptr_t)&here - (uintptr_t)pcp_stack_low) / 2u;
    kept.boots = pcp_boot_ram_survived() ? kept.boots + 1u : pcp_crc32((const uint8_t *)pcp_stack_low, unused, 0);
    kept.mark = MARK;
    return pcp_crc32((const uint8_t *)&kept.boots, sizeof kept.boots, pcp_crc32(uid, 12, 0));
}
