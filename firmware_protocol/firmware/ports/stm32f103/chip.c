/* STM32F103: 72 MHz from a crystal, or 8 MHz from the chip's own oscillator. ST RM0008. */
#include "cortex_m.h"
#include "port.h"
#include "registers.h"

#if !defined(PCP_CRYSTAL_MHZ)
#define PCP_CRYSTAL_MHZ 8
#endif
#if !defined(PCP_OWN_HZ)
#define PCP_OWN_HZ 8000000 /* an emulator runs at one speed, whatever is asked for: its images say which */
#endif
_Static_assert(72 % PCP_CRYSTAL_MHZ == 0 && PCP_CRYSTAL_MHZ >= 6 && PCP_CRYSTAL_MHZ <= 16,
               "the PLL makes 72 MHz from 6, 8, 9 or 12 MHz");

/* turns of a loop: some 100 ms before the clock is up; 1 us or more for the converter */
enum { LONGEST_WAIT = 100000, SETTLE_TURNS = 100 };

/* RCC */
enum {
    CR_HSEON = 1 << 16,
    CR_HSERDY = 1 << 17,
    CR_CSSON = 1 << 19,
    CR_PLLON = 1 << 24,
    CR_PLLRDY = 1 << 25,
    CFGR_SW_PLL = 2,
    CFGR_SW = 3,
    CFGR_SWS_PLL = 2 << 2,
    CFGR_SWS = 3 << 2,
    CFGR_APB1_BY_2 = 4 << 8,
    CFGR_ADC_BY_6 = 2 << 14,
    CFGR_PLL_FROM_CRYSTAL = 1 << 16,
    CFGR_PLL_TIMES = (72 / PCP_CRYSTAL_MHZ - 2) << 18,
    APB1_TIM_2_3_4_USART2 = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 17,
    APB2_AFIO_GPIO_ADC1_TIM1_USART1 = 1 << 0 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 9 | 1 << 11 | 1 << 14,
    CSR_RMVF = 1 << 24,
    CSR_PINRSTF = 1 << 26,
    CSR_PORRSTF = 1 << 27,
    CSR_SFTRSTF = 1 << 28,
    CSR_IWDGRSTF = 1 << 29
};

enum { FLASH_72_MHZ = 2, FLASH_PREFETCH = 1 << 4 };

enum { JTAG_OFF_SWD_ON = 2 << 24 };

enum {
    ADC_ON = 1,
    ADC_CALIBRATE = 1 << 2,
    ADC_CALIBRATE_RESET = 1 << 3,
    ADC_BY_SOFTWARE = 7 << 17 | 1 << 20,
    ADC_START = 1 << 22,
    ADC_DONE = 1 << 1,
    BATTERY_CHANNEL = 8
};

enum { ECHOES_ON_PORT_B = 0x1111 };

static bool becomes(volatile uint32_t *reg, uint32_t mask, uint32_t value, uint32_t turns)
{
    for (uint32_t i = 0; i < turns; i++) {
        if ((*reg & mask) == value) {
            return true;
        }
    }
    return false;
}

/* False when the crystal or the PLL does not start; the chip then runs on as after reset. */
static bool start_pll(void)
{
    PCP_RCC->cr |= CR_HSEON;
    if (!becomes(&PCP_RCC->cr, CR_HSERDY, CR_HSERDY, LONGEST_WAIT)) {
        PCP_RCC->cr &= ~(uint32_t)CR_HSEON;
        return false;
    }
    PCP_RCC->cfgr = CFGR_APB1_BY_2 | CFGR_ADC_BY_6 | CFGR_PLL_FROM_CRYSTAL | CFGR_PLL_TIMES;
    PCP_RCC->cr |= CR_PLLON;
    if (!becomes(&PCP_RCC->cr, CR_PLLRDY, CR_PLLRDY, LONGEST_WAIT)) {
        PCP_RCC->cr &= ~((uint32_t)CR_PLLON | CR_HSEON);
        PCP_RCC->cfgr = 0;
        return false;
    }
    *PCP_FLASH_ACR = FLASH_72_MHZ | FLASH_PREFETCH;
    PCP_RCC->cfgr |= CFGR_SW_PLL;
    if (!becomes(&PCP_RCC->cfgr, CFGR_SWS, CFGR_SWS_PLL, LONGEST_WAIT)) {
        PCP_RCC->cfgr &= ~((uint32_t)CFGR_SW | CFGR_APB1_BY_2);
        return false;
    }
    PCP_RCC->cr |= CR_CSSON; /* a crystal that stops later is an NMI */
    return true;
}

void pcp_chip_start(pcp_chip_clock_t *clock)
{
    PCP_RCC->apb1enr |= APB1_TIM_2_3_4_USART2;
    PCP_RCC->apb2enr |= APB2_AFIO_GPIO_ADC1_TIM1_USART1;
    pcp_barrier();
    *PCP_AFIO_MAPR = JTAG_OFF_SWD_ON; /* frees A15, B3 and B4 */
    if (start_pll()) {
        *clock = (pcp_chip_clock_t){72000000, 72000000, 36000000, 72000000, 72000000, true};
    } else {
        *clock = (pcp_chip_clock_t){PCP_OWN_HZ, PCP_OWN_HZ, PCP_OWN_HZ, PCP_OWN_HZ, PCP_OWN_HZ, false};
    }
}

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

/* The F103 has no numbered functions: a pin has one device, or one by a remap that is not used here. */
void pcp_chip_pin(pcp_gpio_t port, unsigned pin, pcp_pin_mode_t mode, unsigned function)
{
    static const uint8_t MODES[] = {
        [PCP_PIN_ANALOG] = 0x0, [PCP_PIN_INPUT] = 0x4, [PCP_PIN_INPUT_UP] = 0x8,
        [PCP_PIN_OUTPUT] = 0x2, [PCP_PIN_ALTERNATE] = 0x9, [PCP_PIN_ALTERNATE_INPUT] = 0x8,
    };
    pcp_gpio_registers_t *gpio = PCP_GPIO(port);
    volatile uint32_t *modes = &gpio->cr[pin >> 3];
    const unsigned at = 4u * (pin & 7u);
    (void)function;
    if (MODES[mode] == 0x8) {
        gpio->bsrr = 1u << pin; /* the output register chooses up or down */
    }
    *modes = (*modes & ~(0xFu << at)) | (uint32_t)MODES[mode] << at;
}

void pcp_chip_write(pcp_gpio_t port, uint32_t set, uint32_t clear)
{
    PCP_GPIO(port)->bsrr = set | clear << 16;
}

uint32_t pcp_chip_read(pcp_gpio_t port)
{
    return PCP_GPIO(port)->idr;
}

void pcp_chip_echo_to_port_b(void)
{
    PCP_AFIO_EXTICR[3] = ECHOES_ON_PORT_B;
}

/* A converter that does not calibrate converts nothing, and that is an empty battery. */
void pcp_chip_battery_start(void)
{
    PCP_ADC1->smpr2 = 7u << 3 * BATTERY_CHANNEL; /* 239 cycles: the divider is slow */
    PCP_ADC1->sqr1 = 0;
    PCP_ADC1->sqr3 = BATTERY_CHANNEL;
    PCP_ADC1->cr2 = ADC_ON | ADC_BY_SOFTWARE;
    (void)becomes(&PCP_ADC1->sr, ADC_DONE, ADC_DONE, SETTLE_TURNS); /* nothing is converting: this only waits */
    PCP_ADC1->cr2 |= ADC_CALIBRATE_RESET;
    (void)becomes(&PCP_ADC1->cr2, ADC_CALIBRATE_RESET, 0, LONGEST_WAIT);
    PCP_ADC1->cr2 |= ADC_CALIBRATE;
    (void)becomes(&PCP_ADC1->cr2, ADC_CALIBRATE, 0, LONGEST_WAIT);
}

int32_t pcp_chip_battery(void)
{
    const bool done = (PCP_ADC1->sr & ADC_DONE) != 0;
    const int32_t value = done ? (int32_t)(PCP_ADC1->dr & 0xFFFu) : -1;
    PCP_ADC1->cr2 |= ADC_START;
    return value;
}
