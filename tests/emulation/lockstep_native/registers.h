/* The bench line of a process: nobody speaks on it. Stands in for the registers of a chip, for pil/car.c. */
#ifndef LOCKSTEP_REGISTERS_H
#define LOCKSTEP_REGISTERS_H

#include <stdint.h>

typedef struct {
    uint32_t sr, dr, brr, cr1;
} silent_usart_t;

static silent_usart_t silent_usart;

#define PCP_USART2 (&silent_usart)
enum { PCP_USART_SR_RXNE = 1, PCP_USART_CR1_UE = 1, PCP_USART_CR1_RE = 2, PCP_USART_CR1_TE = 4 };

#endif
