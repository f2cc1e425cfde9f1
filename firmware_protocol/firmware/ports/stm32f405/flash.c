/* Where the F405 and F407 keep saved values: sectors 2 and 3, 16 KB each, which every size of these chips has. The
 * linker script keeps the image out of them. ST RM0090, chapter 3. Words are programmed by 32 bits: 2.7 V or more. */
#include "cortex_m.h"
#include "port.h"
#include "registers.h"

enum { FIRST_SECTOR = 2, AREA_BYTES = 16 * 1024 };
#define STORAGE 0x08008000u
#define AREA(i) ((volatile uint32_t *)(STORAGE + AREA_BYTES * (uint32_t)(i)))

enum {
    SR_BSY = 1 << 16,
    SR_ERRORS = 0xF2,
    CR_PG = 1 << 0,
    CR_SER = 1 << 1,
    CR_SECTOR_AT = 3,
    CR_BY_32_BITS = 2 << 8,
    CR_STRT = 1 << 16,
    /* turns of a loop; the processor mostly stands still meanwhile. A word takes up to 0.1 ms, a sector up to 0.8 s */
    LONGEST_WORD = 10000,
    LONGEST_ERASE = 100000000
};
#define CR_LOCK 0x80000000u
#define KEY1 0x45670123u
#define KEY2 0xCDEF89ABu

static bool unlocked(void)
{
    if (!pcp_becomes(&PCP_FLASH->sr, SR_BSY, 0, LONGEST_WORD)) {
        return false;
    }
    if ((PCP_FLASH->cr & CR_LOCK) != 0) {
        PCP_FLASH->keyr = KEY1;
        PCP_FLASH->keyr = KEY2;
    }
    const uint32_t past = PCP_FLASH->sr & SR_ERRORS;
    if (past != 0) {
        PCP_FLASH->sr = past; /* writing them clears them */
    }
    return (PCP_FLASH->cr & CR_LOCK) == 0;
}

static bool finished(uint32_t turns)
{
    const bool done = pcp_becomes(&PCP_FLASH->sr, SR_BSY, 0, turns);
    const bool sound = (PCP_FLASH->sr & SR_ERRORS) == 0;
    PCP_FLASH->cr = CR_LOCK;
    return done && sound;
}

static bool program(void *port, unsigned area, uint32_t word, uint32_t value)
{
    (void)port;
    if (!unlocked()) {
        return false;
    }
    PCP_FLASH->cr = CR_PG | CR_BY_32_BITS;
    AREA(area)[word] = value; /* the chip also puts it into its data cache */
    pcp_barrier();
    return finished(LONGEST_WORD);
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
    if (!unlocked()) {
        return false;
    }
    PCP_FLASH->cr = CR_SER | (FIRST_SECTOR + area) << CR_SECTOR_AT;
    PCP_FLASH->cr |= CR_STRT;
    pcp_barrier();
    const bool erased = finished(LONGEST_ERASE);
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
