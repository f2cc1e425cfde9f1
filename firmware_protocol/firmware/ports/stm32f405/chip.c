/* STM32F405 and F407: 168 MHz from a crystal, or 16 MHz from the chip's own oscillator. ST RM0090. */
#include "cortex_m.h"
#include "port.h"
#include "registers.h"

#if !defined(PCP_CRYSTAL_MHZ)
#define PCP_CRYSTAL_MHZ 8
#endif
#if !defined(PCP_OWN_HZ)
#define PCP_OWN_HZ 16000000 /* an emulator runs at one speed, whatever is asked for: its images say which */
#endif
_Static_assert(PCP_CRYSTAL_MHZ % 2 == 0 && PCP_CRYSTAL_MHZ >= 4 && PCP_CRYSTAL_MHZ <= 26,
               "the PLL wants an even number of MHz, 4 to 26");

enum { LONGEST_WAIT = 100000 }; /* turns of a loop: some 50 ms before the clock is up */

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
    CFGR_APB1_BY_4 = 5 << 10,
    CFGR_APB2_BY_2 = 4 << 13,
    AHB1_GPIO_A_B_C = 7,
    APB1_TIM_2_3_4_USART2_PWR = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 17 | 1 << 28,
    APB2_TIM1_USART1_ADC1_SYSCFG = 1 << 0 | 1 << 4 | 1 << 8 | 1 << 14,
    CSR_RMVF = 1 << 24,
    CSR_BORRSTF = 1 << 25,
    CSR_PINRSTF = 1 << 26,
    CSR_PORRSTF = 1 << 27,
    CSR_SFTRSTF = 1 << 28,
    CSR_IWDGRSTF = 1 << 29
};

enum { PLL_FROM_CRYSTAL = 1 << 22, PLL_N = 168, PLL_Q = 7 }; /* 2 MHz in, 336 MHz inside, half of it out */

enum { FLASH_168_MHZ = 5, FLASH_CACHES = 7 << 8, VOLTAGE_HIGH = 1 << 14 };

enum { ADC_ON = 1, ADC_START = 1 << 30, ADC_DONE = 1 << 1, BATTERY_CHANNEL = 8, ADC_BY_4 = 1 << 16 };

enum { ECHOES_ON_PORT_B = 0x1111 };

static bool becomes(volatile uint32_t *reg, uint32_t mask, uint32_t value)
{
    for (uint32_t i = 0; i < LONGEST_WAIT; i++) {
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
    if (!becomes(&PCP_RCC->cr, CR_HSERDY, CR_HSERDY)) {
        PCP_RCC->cr &= ~(uint32_t)CR_HSEON;
        return false;
    }
    *PCP_PWR_CR |= VOLTAGE_HIGH;
    PCP_RCC->pllcfgr = (PCP_CRYSTAL_MHZ / 2) | PLL_N << 6 | PLL_FROM_CRYSTAL | PLL_Q << 24;
    PCP_RCC->cr |= CR_PLLON;
    if (!becomes(&PCP_RCC->cr, CR_PLLRDY, CR_PLLRDY)) {
        PCP_RCC->cr &= ~((uint32_t)CR_PLLON | CR_HSEON);
        return false;
    }
    *PCP_FLASH_ACR = FLASH_168_MHZ | FLASH_CACHES;
    PCP_RCC->cfgr |= CFGR_APB1_BY_4 | CFGR_APB2_BY_2;
    PCP_RCC->cfgr |= CFGR_SW_PLL;
    if (!becomes(&PCP_RCC->cfgr, CFGR_SWS, CFGR_SWS_PLL)) {
        PCP_RCC->cfgr &= ~((uint32_t)CFGR_SW | CFGR_APB1_BY_4 | CFGR_APB2_BY_2);
        return false;
    }
    PCP_RCC->cr |= CR_CSSON; /* a crystal that stops later is an NMI */
    return true;
}

void pcp_chip_start(pcp_chip_clock_t *clock)
{
    PCP_RCC->ahb1enr |= AHB1_GPIO_A_B_C;
    PCP_RCC->apb1enr |= APB1_TIM_2_3_4_USART2_PWR;
    PCP_RCC->apb2enr |= APB2_TIM1_USART1_ADC1_SYSCFG;
    pcp_barrier();
    if (start_pll()) {
        *clock = (pcp_chip_clock_t){168000000, 84000000, 42000000, 84000000, 168000000, true};
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

void pcp_chip_pin(pcp_gpio_t port, unsigned pin, pcp_pin_mode_t mode, unsigned function)
{
    static const uint8_t MODES[] = {
        [PCP_PIN_ANALOG] = 3, [PCP_PIN_INPUT] = 0, [PCP_PIN_INPUT_UP] = 0,
        [PCP_PIN_OUTPUT] = 1, [PCP_PIN_ALTERNATE] = 2, [PCP_PIN_ALTERNATE_INPUT] = 2,
    };
    pcp_gpio_registers_t *gpio = PCP_GPIO(port);
    const bool pulled_up = mode == PCP_PIN_INPUT_UP || mode == PCP_PIN_ALTERNATE_INPUT;
    volatile uint32_t *functions = &gpio->afr[pin >> 3];
    const unsigned at = 4u * (pin & 7u);
    *functions = (*functions & ~(0xFu << at)) | function << at;
    gpio->pupdr = (gpio->pupdr & ~(3u << 2u * pin)) | (pulled_up ? 1u : 0u) << 2u * pin;
    gpio->moder = (gpio->moder & ~(3u << 2u * pin)) | (uint32_t)MODES[mode] << 2u * pin;
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
    PCP_SYSCFG_EXTICR[3] = ECHOES_ON_PORT_B;
}

void pcp_chip_battery_start(void)
{
    *PCP_ADC_CCR = ADC_BY_4;
    PCP_ADC1->smpr2 = 7u << 3 * BATTERY_CHANNEL; /* 480 cycles: the divider is slow */
    PCP_ADC1->sqr1 = 0;
    PCP_ADC1->sqr3 = BATTERY_CHANNEL;
    PCP_ADC1->cr2 = ADC_ON;
}

int32_t pcp_chip_battery(void)
{
    const bool done = (PCP_ADC1->sr & ADC_DONE) != 0;
    const int32_t value = done ? (int32_t)(PCP_ADC1->dr & 0xFFFu) : -1;
    PCP_ADC1->cr2 = ADC_ON | ADC_START;
    return value;
}
