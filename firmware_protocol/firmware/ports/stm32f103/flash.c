/* Where the F103 keeps saved values: the 4 KB below 64 KB, two areas of 2 KB. That is two pages each in the chips with
 * pages of 1 KB (C8, CB) and one page each in those with 2 KB (RC and up), where the second erase repeats the first.
 * ST PM0075. The chip programs 16 bits at a time, and needs its own oscillator for it, which always runs. */
#include "cortex_m.h"
#include "port.h"
#include "registers.h"

enum { AREA_BYTES = 2 * 1024, PAGE_BYTES = 1024 };
#define STORAGE 0x0800F000u
#define AREA(i) (STORAGE + AREA_BYTES * (uint32_t)(i))

enum {
    CR_PG = 1 << 0,
    CR_PER = 1 << 1,
    CR_STRT = 1 << 6,
    BLANK_HALF = 0xFFFF,
    /* turns of a loop; the processor mostly stands still meanwhile. A half-word takes up to 70 us, a page 40 ms */
    LONGEST_HALF = 10000,
    LONGEST_ERASE = 2000000
};

static bool program_half(uint32_t address, uint16_t value)
{
    if (value == BLANK_HALF) {
        return true;
    }
    if (!pcp_flash_unlocked()) {
        return false;
    }
    PCP_FLASH->cr = CR_PG;
    *(volatile uint16_t *)address = value;
    pcp_barrier();
    return pcp_flash_finished(LONGEST_HALF);
}

static bool program(void *port, unsigned area, uint32_t word, uint32_t value)
{
    const uint32_t address = AREA(area) + 4u * word;
    (void)port;
    return program_half(address, (uint16_t)(value & BLANK_HALF)) && program_half(address + 2u, (uint16_t)(value >> 16));
}

static bool erase_page(uint32_t address)
{
    if (!pcp_flash_unlocked()) {
        return false;
    }
    PCP_FLASH->cr = CR_PER;
    PCP_FLASH->ar = address;
    PCP_FLASH->cr = CR_PER | CR_STRT;
    pcp_barrier();
    return pcp_flash_finished(LONGEST_ERASE);
}

static bool erase(void *port, unsigned area)
{
    (void)port;
    return erase_page(AREA(area)) && erase_page(AREA(area) + PAGE_BYTES);
}

const pcp_flash_t *pcp_chip_flash(void)
{
    static const pcp_flash_t FLASH = {
        .area = {(const volatile uint32_t *)AREA(0), (const volatile uint32_t *)AREA(1)},
        .area_words = AREA_BYTES / 4,
        .program = program,
        .erase = erase,
    };
    return &FLASH;
}
