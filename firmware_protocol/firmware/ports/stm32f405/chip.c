/* STM32F405 and F407: 168 MHz from a crystal, else from the chip's own oscillator. ST RM0090. */
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
    CFGR_SWS_OWN = 0,
    CFGR_SWS = 3 << 2,
    CFGR_APB1_BY_4 = 5 << 10,
    CFGR_APB2_BY_2 = 4 << 13,
    AHB1_GPIO_A_TO_D = 0xF,
    APB1_TIM_2_3_4_5_12_USART2_PWR = 0xF | 1 << 6 | 1 << 17 | 1 << 28,
    APB2_TIM8_USART1_ADC1_SYSCFG = 1 << 1 | 1 << 4 | 1 << 8 | 1 << 14
};

/* 2 MHz in, 336 MHz inside, half of it out; the upper bits are reserved and not 0 */
enum { PLL_FROM_CRYSTAL = 1 << 22, PLL_N = 168, PLL_Q = 7, OWN_MHZ = 16 };
#define PLL_RESERVED 0xF0000000u

enum { LATENCY_168_MHZ = 5, LATENCY = 7, VOLTAGE_HIGH = 1 << 14 };

enum { ADC_ON = 1, ADC_START = 1 << 30, ADC_DONE = 1 << 1, BATTERY_CHANNEL = 8, ADC_BY_4 = 1 << 16, SETTLE_TURNS = 200 };

static bool start_crystal(void)
{
    PCP_RCC->cr |= CR_HSEON;
    return pcp_becomes(&PCP_RCC->cr, CR_HSERDY, CR_HSERDY, LONGEST_WAIT);
}

/* Back to how the chip came out of reset, whatever works. */
static void stop_pll(void)
{
    PCP_RCC->cfgr &= ~((uint32_t)CFGR_SW | CFGR_APB1_BY_4 | CFGR_APB2_BY_2);
    (void)pcp_becomes(&PCP_RCC->cfgr, CFGR_SWS, CFGR_SWS_OWN, LONGEST_WAIT);
    PCP_RCC->cr &= ~((uint32_t)CR_PLLON | CR_HSEON);
    (void)pcp_becomes(&PCP_RCC->cr, CR_PLLRDY, 0, LONGEST_WAIT);
}

static bool start_pll(uint32_t source, uint32_t source_mhz)
{
    *PCP_PWR_CR |= VOLTAGE_HIGH;
    PCP_RCC->pllcfgr = (PCP_RCC->pllcfgr & PLL_RESERVED) | source_mhz / 2u | PLL_N << 6 | source | PLL_Q << 24;
    PCP_RCC->cr |= CR_PLLON;
    if (!pcp_becomes(&PCP_RCC->cr, CR_PLLRDY, CR_PLLRDY, LONGEST_WAIT)) {
        return false;
    }
    PCP_FLASH->acr = LATENCY_168_MHZ | PCP_FLASH_CODE_CACHE | PCP_FLASH_DATA_CACHE;
    if (!pcp_becomes(&PCP_FLASH->acr, LATENCY, LATENCY_168_MHZ, LONGEST_WAIT)) {
        return false;
    }
    PCP_RCC->cfgr |= CFGR_APB1_BY_4 | CFGR_APB2_BY_2;
    PCP_RCC->cfgr |= CFGR_SW_PLL;
    return pcp_becomes(&PCP_RCC->cfgr, CFGR_SWS, CFGR_SWS_PLL, LONGEST_WAIT);
}

void pcp_chip_start(pcp_chip_clock_t *clock)
{
    static const pcp_chip_clock_t FAST = {
        .core_hz = 168000000, .uart_hz = 84000000, .bench_hz = 42000000, .pwm_hz = 84000000, .servo_hz = 84000000};
    PCP_RCC->ahb1enr |= AHB1_GPIO_A_TO_D;
    PCP_RCC->apb1enr |= APB1_TIM_2_3_4_5_12_USART2_PWR;
    PCP_RCC->apb2enr |= APB2_TIM8_USART1_ADC1_SYSCFG;
    pcp_barrier();
    *clock = FAST;
    if (start_crystal() && start_pll(PLL_FROM_CRYSTAL, PCP_CRYSTAL_MHZ)) {
        PCP_RCC->cr |= CR_CSSON; /* a crystal that stops later is an NMI */
        clock->on_crystal = true;
        return;
    }
    stop_pll();
    if (start_pll(0, OWN_MHZ)) {
        return;
    }
    stop_pll();
    *clock = (pcp_chip_clock_t){PCP_OWN_HZ, PCP_OWN_HZ, PCP_OWN_HZ, PCP_OWN_HZ, PCP_OWN_HZ, false};
}

void pcp_chip_pin(pcp_gpio_t port, unsigned pin, pcp_pin_mode_t mode, unsigned function)
{
    static const uint8_t MODES[] = {
        [PCP_PIN_ANALOG] = 3,     [PCP_PIN_INPUT] = 0,     [PCP_PIN_INPUT_UP] = 0,        [PCP_PIN_OUTPUT] = 1,
        [PCP_PIN_OPEN_DRAIN] = 1, [PCP_PIN_ALTERNATE] = 2, [PCP_PIN_ALTERNATE_INPUT] = 2,
    };
    pcp_gpio_registers_t *gpio = PCP_GPIO(port);
    const bool pulled_up = mode == PCP_PIN_INPUT_UP || mode == PCP_PIN_ALTERNATE_INPUT || mode == PCP_PIN_OPEN_DRAIN;
    volatile uint32_t *functions = &gpio->afr[pin >> 3];
    const unsigned at = 4u * (pin & 7u);
    *functions = (*functions & ~(0xFu << at)) | function << at;
    gpio->otyper = (gpio->otyper & ~(1u << pin)) | (mode == PCP_PIN_OPEN_DRAIN ? 1u : 0u) << pin;
    gpio->pupdr = (gpio->pupdr & ~(3u << 2u * pin)) | (pulled_up ? 1u : 0u) << 2u * pin;
    gpio->moder = (gpio->moder & ~(3u << 2u * pin)) | (uint32_t)MODES[mode] << 2u * pin;
}

void pcp_chip_echo(unsigned line, pcp_gpio_t port)
{
    volatile uint32_t *lines = &PCP_SYSCFG_EXTICR[line >> 2];
    const unsigned at = 4u * (line & 3u);
    *lines = (*lines & ~(0xFu << at)) | (uint32_t)port << at;
}

void pcp_chip_battery_start(void)
{
    *PCP_ADC_CCR = ADC_BY_4;
    PCP_ADC1->smpr2 = 7u << 3 * BATTERY_CHANNEL; /* 480 cycles: the divider is slow */
    PCP_ADC1->sqr1 = 0;
    PCP_ADC1->sqr3 = BATTERY_CHANNEL;
    PCP_ADC1->cr2 = ADC_ON;
    (void)pcp_becomes(&PCP_ADC1->sr, ADC_DONE, ADC_DONE, SETTLE_TURNS); /* nothing is converting: 3 us or more pass */
    PCP_ADC1->cr2 = ADC_ON | ADC_START;
}

int32_t pcp_chip_battery(void)
{
    const bool done = (PCP_ADC1->sr & ADC_DONE) != 0;
    const int32_t value = done ? (int32_t)(PCP_ADC1->dr & 0xFFFu) : -1;
    PCP_ADC1->cr2 = ADC_ON | ADC_START;
    return value;
}
