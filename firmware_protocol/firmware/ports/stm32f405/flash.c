/* Where the F405 and F407 keep saved values: sectors 2 and 3, 16 KB each, which every size of these chips has. The
 * linker script keeps the image out of them. ST RM0090, chapter 3. Words are programmed by 32 bits: 2.7 V or more. */
#include "cortex_m.h"
#include "port.h"
#include "registers.h"

enum { FIRST_SECTOR = 2, AREA_BYTES = 16 * 1024 };
#define STORAGE 0x08008000u
#define AREA(i) ((volatile uint32_t *)(STORAGE + AREA_BYTES * (uint32_t)(i)))

enum {
    CR_PG = 1 << 0,
    CR_SER = 1 << 1,
    CR_SECTOR_AT = 3,
    CR_BY_32_BITS = 2 << 8,
    CR_STRT = 1 << 16,
    /* turns of a loop; the processor mostly stands still meanwhile. A word takes up to 0.1 ms, a sector up to 0.8 s */
    LONGEST_WORD = 10000,
    LONGEST_ERASE = 100000000
};

static bool program(void *port, unsigned area, uint32_t word, uint32_t value)
{
    (void)port;
    if (!pcp_flash_unlocked()) {
        return false;
    }
    PCP_FLASH->cr = CR_PG | CR_BY_32_BITS;
    AREA(area)[word] = value; /* the chip also puts it into its data cache */
    pcp_barrier();
    return pcp_flash_finished(LONGEST_WORD);
}

/* The data cache does not notice an erase. */
static void forget_cached(void)
{
    const uint32_t acr = PCP_FLASH->acr;
    PCP_FLASH->acr = acr & ~(uint32_t)PCP_FLASH_DATA_CACHE;
    PCP_FLASH->acr = (acr & ~(uint32_t)PCP_FLASH_DATA_CACHE) | PCP_FLASH_DATA_CACHE_RESET;
    PCP_FLASH->acr = acr & ~(uint32_t)PCP_FLASH_DATA_CACHE;
    PCP_FLASH->acr = acr;
}

static bool erase(void *port, unsigned area)
{
    (void)port;
    if (!pcp_flash_unlocked()) {
        return false;
    }
    PCP_FLASH->cr = CR_SER | (FIRST_SECTOR + area) << CR_SECTOR_AT;
    PCP_FLASH->cr |= CR_STRT;
    pcp_barrier();
    const bool erased = pcp_flash_finished(LONGEST_ERASE);
    forget_cached();
    return erased;
}

const pcp_flash_t *pcp_chip_flash(void)
{
    static const pcp_flash_t FLASH = {
        .area = {AREA(0), AREA(1)},
        .area_words = AREA_BYTES / 4,
        .program = program,
        .erase = erase,
    };
    return &FLASH;
}
