/* What both families do alike. Where the registers are says the registers.h of the chip. */
#include "cortex_m.h"
#include "port.h"
#include "registers.h"

/* RCC_CSR; the F103 has no flag for a brown-out and reads it as 0 */
enum {
    CSR_RMVF = 1 << 24,
    CSR_BORRSTF = 1 << 25,
    CSR_PINRSTF = 1 << 26,
    CSR_PORRSTF = 1 << 27,
    CSR_SFTRSTF = 1 << 28,
    CSR_IWDGRSTF = 1 << 29
};

enum { LONGEST_UNLOCK = 10000 };
#define FLASH_KEY1 0x45670123u
#define FLASH_KEY2 0xCDEF89ABu

bool pcp_becomes(const volatile uint32_t *reg, uint32_t mask, uint32_t value, uint32_t turns)
{
    for (uint32_t i = 0; i < turns; i++) {
        if ((*reg & mask) == value) {
            return true;
        }
    }
    return false;
}

/* Every reset also sets the flag of the pin, and power that of the brown-out: so those two come last. */
pcp_reset_cause_t pcp_chip_reset_cause(bool ram_survived)
{
    const uint32_t csr = PCP_RCC->csr;
    PCP_RCC->csr = csr | CSR_RMVF;
    if ((csr & CSR_IWDGRSTF) != 0) {
        return PCP_RESET_CAUSE_WATCHDOG;
    }
    if ((csr & CSR_SFTRSTF) != 0) {
        return PCP_RESET_CAUSE_SOFTWARE;
    }
    if ((csr & CSR_PORRSTF) != 0) {
        return PCP_RESET_CAUSE_POWER_ON;
    }
    if ((csr & CSR_BORRSTF) != 0) {
        return PCP_RESET_CAUSE_BROWN_OUT;
    }
    return ram_survived || (csr & CSR_PINRSTF) != 0 ? PCP_RESET_CAUSE_PIN : PCP_RESET_CAUSE_POWER_ON;
}

void pcp_chip_uid(uint8_t uid[12])
{
    for (uint32_t word = 0; word < 3; word++) {
        uint32_t value = 0;
        (void)pcp_probe(PCP_UID + 4u * word, &value); /* an emulated chip has none */
        for (uint32_t i = 0; i < 4; i++) {
            uid[4u * word + i] = (uint8_t)(value >> 8u * i);
        }
    }
}

void pcp_chip_write(pcp_gpio_t port, uint32_t set, uint32_t clear)
{
    PCP_GPIO(port)->bsrr = set | clear << 16;
}

uint32_t pcp_chip_read(pcp_gpio_t port)
{
    return PCP_GPIO(port)->idr;
}

bool pcp_flash_unlocked(void)
{
    if (!pcp_becomes(&PCP_FLASH->sr, PCP_FLASH_BUSY, 0, LONGEST_UNLOCK)) {
        return false;
    }
    if ((PCP_FLASH->cr & PCP_FLASH_LOCK) != 0) {
        PCP_FLASH->keyr = FLASH_KEY1;
        PCP_FLASH->keyr = FLASH_KEY2;
    }
    const uint32_t past = PCP_FLASH->sr & PCP_FLASH_ERRORS;
    if (past != 0) {
        PCP_FLASH->sr = past; /* writing them clears them */
    }
    return (PCP_FLASH->cr & PCP_FLASH_LOCK) == 0;
}

bool pcp_flash_finished(uint32_t turns)
{
    const bool done = pcp_becomes(&PCP_FLASH->sr, PCP_FLASH_BUSY, 0, turns);
    const bool sound = (PCP_FLASH->sr & PCP_FLASH_ERRORS) == 0;
    PCP_FLASH->cr = PCP_FLASH_LOCK;
    return done && sound;
}
