/* STM32F405 and F407: where the devices are, and those that only this family has. ST RM0090. */
#ifndef PCP_REGISTERS_H
#define PCP_REGISTERS_H

#include "stm32.h"

typedef struct {
    volatile uint32_t cr, pllcfgr, cfgr, cir, ahb1rstr, ahb2rstr, ahb3rstr, reserved1, apb1rstr, apb2rstr,
        reserved2[2], ahb1enr, ahb2enr, ahb3enr, reserved3, apb1enr, apb2enr, reserved4[2], ahb1lpenr, ahb2lpenr,
        ahb3lpenr, reserved5, apb1lpenr, apb2lpenr, reserved6[2], bdcr, csr;
} pcp_rcc_t;

typedef struct {
    volatile uint32_t moder, otyper, ospeedr, pupdr, idr, odr, bsrr, lckr, afr[2];
} pcp_gpio_registers_t;

typedef struct {
    volatile uint32_t acr, keyr, optkeyr, sr, cr, optcr;
} pcp_flash_registers_t;

#define PCP_TIM2 ((pcp_stm32_timer_t *)0x40000000u)
#define PCP_TIM3 ((pcp_stm32_timer_t *)0x40000400u)
#define PCP_TIM4 ((pcp_stm32_timer_t *)0x40000800u)
#define PCP_TIM5 ((pcp_stm32_timer_t *)0x40000C00u)
#define PCP_TIM8 ((pcp_stm32_timer_t *)0x40010400u)
#define PCP_TIM12 ((pcp_stm32_timer_t *)0x40001800u)
#define PCP_IWDG ((pcp_stm32_iwdg_t *)0x40003000u)
#define PCP_USART1 ((pcp_stm32_usart_t *)0x40011000u)
#define PCP_USART2 ((pcp_stm32_usart_t *)0x40004400u)
#define PCP_ADC1 ((pcp_stm32_adc_t *)0x40012000u)
#define PCP_ADC_CCR ((volatile uint32_t *)0x40012304u)
#define PCP_SYSCFG_EXTICR ((volatile uint32_t *)0x40013808u)
#define PCP_EXTI ((pcp_stm32_exti_t *)0x40013C00u)
#define PCP_GPIO(port) ((pcp_gpio_registers_t *)(0x40020000u + 0x400u * (uint32_t)(port)))
#define PCP_RCC ((pcp_rcc_t *)0x40023800u)
#define PCP_FLASH ((pcp_flash_registers_t *)0x40023C00u)
#define PCP_PWR_CR ((volatile uint32_t *)0x40007000u)
#define PCP_UID 0x1FFF7A10u

/* FLASH_ACR: what reading the flash keeps. No prefetch: the first silicon (revision A) has it broken. */
enum { PCP_FLASH_CODE_CACHE = 1 << 9, PCP_FLASH_DATA_CACHE = 1 << 10, PCP_FLASH_DATA_CACHE_RESET = 1 << 12 };

#define PCP_FLASH_BUSY (1u << 16)   /* of sr */
#define PCP_FLASH_ERRORS (0xF2u) /* of sr */
#define PCP_FLASH_LOCK (1u << 31)   /* of cr */

/* The oscillator of the watchdog, by the data sheet. */
enum { PCP_LSI_SLOWEST_HZ = 17000, PCP_LSI_FASTEST_HZ = 47000 };

#endif
