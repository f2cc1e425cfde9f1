/* The flash of the emulator: QEMU's cannot be written, so this is RAM that survives a reset. Like flash it is blank
 * when new, a bit goes from 1 to 0 only, and an area is erased as a whole. */
#include "port.h"

enum { AREA_WORDS = 80 }; /* two records of 64 values each would be 138; two of today's parameters fit */

static uint32_t areas[PCP_STORAGE_AREAS][AREA_WORDS] __attribute__((section(".noinit")));

static bool program(void *port, unsigned area, uint32_t word, uint32_t value)
{
    (void)port;
    areas[area][word] &= value;
    return true;
}

static bool erase(void *port, unsigned area)
{
    (void)port;
    for (unsigned i = 0; i < AREA_WORDS; i++) {
        areas[area][i] = PCP_STORAGE_BLANK;
    }
    return true;
}

/* Call it before pcp_boot_id(), which marks the RAM as used. */
const pcp_flash_t *pcp_chip_flash(void)
{
    static const pcp_flash_t FLASH = {
        .area = {areas[0], areas[1]},
        .area_words = AREA_WORDS,
        .program = program,
        .erase = erase,
    };
    if (!pcp_boot_ram_survived()) {
        (void)erase(FLASH.port, 0);
        (void)erase(FLASH.port, 1);
    }
    return &FLASH;
}
