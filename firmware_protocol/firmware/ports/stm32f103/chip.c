/* STM32F103: 72 MHz from a crystal, else 64 MHz from the chip's own oscillator. ST RM0008. */
#include "cortex_m.h"
#include "port.h"
#include "registers.h"

#if !defined(PCP_CRYSTAL_MHZ)
#define PCP_CRYSTAL_MHZ 8
#endif
#if !defined(PCP_OWN_HZ)
#define PCP_OWN_HZ 8000000 /* an emulator runs at one speed, whatever is asked for: its images say which */
#endif
_Static_assert(72 % PCP_CRYSTAL_MHZ == 0 && PCP_CRYSTAL_MHZ >= 6 && PCP_CRYSTAL_MHZ <= 12,
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
    CFGR_SWS_OWN = 0,
    CFGR_SWS = 3 << 2,
    CFGR_DIVIDERS_AND_PLL = 7 << 8 | 3 << 14 | 0x3F << 16,
    CFGR_APB1_BY_2 = 4 << 8,
    CFGR_ADC_BY_6 = 2 << 14,
    CFGR_PLL_FROM_CRYSTAL = 1 << 16 | (72 / PCP_CRYSTAL_MHZ - 2) << 18,
    CFGR_PLL_FROM_OWN = (16 - 2) << 18, /* 16 times half of 8 MHz: there is no more */
    APB1_TIM_2_3_4_USART2 = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 17,
    APB2_AFIO_GPIO_A_TO_D_ADC1_TIM1_USART1 = 1 << 0 | 0xF << 2 | 1 << 9 | 1 << 11 | 1 << 14
};

enum { LATENCY_72_MHZ = 2, LATENCY = 7, FLASH_PREFETCH = 1 << 4 };

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

static bool start_crystal(void)
{
    PCP_RCC->cr |= CR_HSEON;
    return pcp_becomes(&PCP_RCC->cr, CR_HSERDY, CR_HSERDY, LONGEST_WAIT);
}

/* Back to how the chip came out of reset, whatever works. */
static void stop_pll(void)
{
    PCP_RCC->cfgr &= ~(uint32_t)CFGR_SW;
    (void)pcp_becomes(&PCP_RCC->cfgr, CFGR_SWS, CFGR_SWS_OWN, LONGEST_WAIT);
    PCP_RCC->cr &= ~((uint32_t)CR_PLLON | CR_HSEON);
    (void)pcp_becomes(&PCP_RCC->cr, CR_PLLRDY, 0, LONGEST_WAIT);
    PCP_RCC->cfgr &= ~(uint32_t)CFGR_DIVIDERS_AND_PLL;
}

static bool start_pll(uint32_t source)
{
    PCP_RCC->cfgr |= CFGR_APB1_BY_2 | CFGR_ADC_BY_6 | source;
    PCP_RCC->cr |= CR_PLLON;
    if (!pcp_becomes(&PCP_RCC->cr, CR_PLLRDY, CR_PLLRDY, LONGEST_WAIT)) {
        return false;
    }
    PCP_FLASH->acr = LATENCY_72_MHZ | FLASH_PREFETCH;
    if (!pcp_becomes(&PCP_FLASH->acr, LATENCY, LATENCY_72_MHZ, LONGEST_WAIT)) {
        return false;
    }
    PCP_RCC->cfgr |= CFGR_SW_PLL;
    return pcp_becomes(&PCP_RCC->cfgr, CFGR_SWS, CFGR_SWS_PLL, LONGEST_WAIT);
}

void pcp_chip_start(pcp_chip_clock_t *clock)
{
    PCP_RCC->apb1enr |= APB1_TIM_2_3_4_USART2;
    PCP_RCC->apb2enr |= APB2_AFIO_GPIO_A_TO_D_ADC1_TIM1_USART1;
    pcp_barrier();
    *PCP_AFIO_MAPR = JTAG_OFF_SWD_ON; /* frees A15, B3 and B4 */
    if (start_crystal() && start_pll(CFGR_PLL_FROM_CRYSTAL)) {
        PCP_RCC->cr |= CR_CSSON; /* a crystal that stops later is an NMI */
        *clock = (pcp_chip_clock_t){72000000, 72000000, 36000000, 72000000, 72000000, true};
        return;
    }
    stop_pll();
    if (start_pll(CFGR_PLL_FROM_OWN)) {
        *clock = (pcp_chip_clock_t){64000000, 64000000, 32000000, 64000000, 64000000, false};
        return;
    }
    stop_pll();
    *clock = (pcp_chip_clock_t){PCP_OWN_HZ, PCP_OWN_HZ, PCP_OWN_HZ, PCP_OWN_HZ, PCP_OWN_HZ, false};
}

/* The F103 has no numbered functions: a pin has one device, or one by a remap that is not used here. */
void pcp_chip_pin(pcp_gpio_t port, unsigned pin, pcp_pin_mode_t mode, unsigned function)
{
    static const uint8_t MODES[] = {
        [PCP_PIN_ANALOG] = 0x0,     [PCP_PIN_INPUT] = 0x4,     [PCP_PIN_INPUT_UP] = 0x8,        [PCP_PIN_OUTPUT] = 0x2,
        [PCP_PIN_OPEN_DRAIN] = 0x6, [PCP_PIN_ALTERNATE] = 0x9, [PCP_PIN_ALTERNATE_INPUT] = 0x8,
    };
    pcp_gpio_registers_t *gpio = PCP_GPIO(port);
    volatile uint32_t *modes = &gpio->cr[pin >> 3];
    const unsigned at = 4u * (pin & 7u);
    (void)function;
    if (MODES[mode] == 0x8 || mode == PCP_PIN_OPEN_DRAIN) {
        gpio->bsrr = 1u << pin; /* the output register chooses pull-up or pull-down; an open drain is let go */
    }
    *modes = (*modes & ~(0xFu << at)) | (uint32_t)MODES[mode] << at;
}

void pcp_chip_echo(unsigned line, pcp_gpio_t port)
{
    volatile uint32_t *lines = &PCP_AFIO_EXTICR[line >> 2];
    const unsigned at = 4u * (line & 3u);
    *lines = (*lines & ~(0xFu << at)) | (uint32_t)port << at;
}

/* A converter that does not calibrate converts nothing, and that is no battery. */
void pcp_chip_battery_start(void)
{
    PCP_ADC1->smpr2 = 7u << 3 * BATTERY_CHANNEL; /* 239 cycles: the divider is slow */
    PCP_ADC1->sqr1 = 0;
    PCP_ADC1->sqr3 = BATTERY_CHANNEL;
    PCP_ADC1->cr2 = ADC_ON | ADC_BY_SOFTWARE;
    (void)pcp_becomes(&PCP_ADC1->sr, ADC_DONE, ADC_DONE, SETTLE_TURNS); /* nothing is converting: this only waits */
    PCP_ADC1->cr2 |= ADC_CALIBRATE_RESET;
    (void)pcp_becomes(&PCP_ADC1->cr2, ADC_CALIBRATE_RESET, 0, LONGEST_WAIT);
    PCP_ADC1->cr2 |= ADC_CALIBRATE;
    (void)pcp_becomes(&PCP_ADC1->cr2, ADC_CALIBRATE, 0, LONGEST_WAIT);
    PCP_ADC1->cr2 |= ADC_START;
}

int32_t pcp_chip_battery(void)
{
    const bool done = (PCP_ADC1->sr & ADC_DONE) != 0;
    const int32_t value = done ? (int32_t)(PCP_ADC1->dr & 0xFFFu) : -1;
    PCP_ADC1->cr2 |= ADC_START;
    return value;
}
