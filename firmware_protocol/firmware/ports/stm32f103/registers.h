/* STM32F103: where the devices are, and those that only this family has. ST RM0008. */
#ifndef PCP_REGISTERS_H
#define PCP_REGISTERS_H

#include "stm32.h"

typedef struct {
    volatile uint32_t cr, cfgr, cir, apb2rstr, apb1rstr, ahbenr, apb2enr, apb1enr, bdcr, csr;
} pcp_rcc_t;

typedef struct {
    volatile uint32_t cr[2], idr, odr, bsrr, brr, lckr;
} pcp_gpio_registers_t;

typedef struct {
    volatile uint32_t acr, keyr, optkeyr, sr, cr, ar;
} pcp_flash_registers_t;

#define PCP_TIM1 ((pcp_stm32_timer_t *)0x40012C00u)
#define PCP_TIM2 ((pcp_stm32_timer_t *)0x40000000u)
#define PCP_TIM3 ((pcp_stm32_timer_t *)0x40000400u)
#define PCP_TIM4 ((pcp_stm32_timer_t *)0x40000800u)
#define PCP_IWDG ((pcp_stm32_iwdg_t *)0x40003000u)
#define PCP_USART1 ((pcp_stm32_usart_t *)0x40013800u)
#define PCP_USART2 ((pcp_stm32_usart_t *)0x40004400u)
#define PCP_ADC1 ((pcp_stm32_adc_t *)0x40012400u)
#define PCP_AFIO_MAPR ((volatile uint32_t *)0x40010004u)
#define PCP_AFIO_EXTICR ((volatile uint32_t *)0x40010008u)
#define PCP_EXTI ((pcp_stm32_exti_t *)0x40010400u)
#define PCP_GPIO(port) ((pcp_gpio_registers_t *)(0x40010800u + 0x400u * (uint32_t)(port)))
#define PCP_RCC ((pcp_rcc_t *)0x40021000u)
#define PCP_FLASH ((pcp_flash_registers_t *)0x40022000u)
#define PCP_UID 0x1FFFF7E8u

#define PCP_FLASH_BUSY (1u << 0)   /* of sr */
#define PCP_FLASH_ERRORS (1u << 2 | 1u << 4) /* of sr */
#define PCP_FLASH_LOCK (1u << 7)   /* of cr */

/* The oscillator of the watchdog, by the data sheet. */
enum { PCP_LSI_SLOWEST_HZ = 30000, PCP_LSI_FASTEST_HZ = 60000 };

#endif
