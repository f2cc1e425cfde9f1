/* The line to the host: USART1 by interrupt, one ring each way.
 *
 * The receiver reads SR and then DR in every interrupt that has anything for it, which is what clears
 * an overrun; a receiver that skips the data register on errors hangs in the interrupt for ever
 * (libmaple #107). The sender fills the data register while it is empty. The main loop starts it by
 * pending the interrupt, so all sending happens in one place. */
#include "cortex_m.h"
#include "port.h"
#include "registers.h"

enum { RX_RING = 512, TX_RING = 256, LINE_PRIORITY = 0, PIN_TX = 9, PIN_RX = 10, USART1_FUNCTION = 7 };

static volatile uint8_t rx[RX_RING], tx[TX_RING];
static volatile uint16_t rx_in, rx_out, tx_in, tx_out; /* they run freely; modulo the size they are indices */
static volatile bool break_seen;
static pcp_uart_counts_t counts;

void pcp_usart1_handler(void);

void pcp_uart_start(uint32_t clock_hz, uint32_t baud)
{
    pcp_chip_pin(PCP_PORT_A, PIN_TX, PCP_PIN_ALTERNATE, USART1_FUNCTION);
    pcp_chip_pin(PCP_PORT_A, PIN_RX, PCP_PIN_ALTERNATE_INPUT, USART1_FUNCTION);
    PCP_USART1->brr = (clock_hz + baud / 2u) / baud;
    PCP_USART1->cr2 = 0;
    PCP_USART1->cr3 = 0;
    PCP_USART1->cr1 = PCP_USART_CR1_UE | PCP_USART_CR1_RE | PCP_USART_CR1_TE | PCP_USART_CR1_RXNEIE;
    pcp_irq_enable(PCP_IRQ_USART1, LINE_PRIORITY);
}

static void take_byte(uint32_t status, uint8_t byte)
{
    counts.overruns += (status & PCP_USART_SR_ORE) != 0;
    if ((status & PCP_USART_SR_FE) != 0 && byte == 0) { /* not even a stop bit: the line was held low */
        counts.breaks++;
        break_seen = true;
    } else if ((status & (PCP_USART_SR_FE | PCP_USART_SR_NE)) != 0) {
        counts.noise++; /* the byte goes on: the checksum judges it */
    }
    if ((uint16_t)(rx_in - rx_out) >= RX_RING) {
        counts.full++;
        return;
    }
    rx[rx_in % RX_RING] = byte;
    rx_in = (uint16_t)(rx_in + 1u);
}

void pcp_usart1_handler(void)
{
    const uint32_t status = PCP_USART1->sr;
    const uint32_t received = PCP_USART_SR_RXNE | PCP_USART_SR_ORE | PCP_USART_SR_FE | PCP_USART_SR_NE |
                              PCP_USART_SR_IDLE;
    if ((status & received) != 0) {
        const uint8_t byte = (uint8_t)PCP_USART1->dr;
        if ((status & (received & ~(uint32_t)PCP_USART_SR_IDLE)) != 0) {
            take_byte(status, byte);
        }
    }
    while (tx_out != tx_in && (PCP_USART1->sr & PCP_USART_SR_TXE) != 0) {
        PCP_USART1->dr = tx[tx_out % TX_RING];
        tx_out = (uint16_t)(tx_out + 1u);
    }
    if (tx_out == tx_in) {
        PCP_USART1->cr1 &= ~(uint32_t)PCP_USART_CR1_TXEIE;
    }
}

size_t pcp_uart_read(uint8_t *out, size_t capacity)
{
    size_t n = 0;
    while (n < capacity && rx_out != rx_in) {
        out[n++] = rx[rx_out % RX_RING];
        rx_out = (uint16_t)(rx_out + 1u);
    }
    return n;
}

size_t pcp_uart_room(void)
{
    return TX_RING - (uint16_t)(tx_in - tx_out);
}

void pcp_uart_write(const uint8_t *bytes, size_t n)
{
    if (n == 0) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        tx[tx_in % TX_RING] = bytes[i];
        tx_in = (uint16_t)(tx_in + 1u);
    }
    PCP_USART1->cr1 |= PCP_USART_CR1_TXEIE;
    pcp_irq_pend(PCP_IRQ_USART1);
}

bool pcp_uart_took_break(void)
{
    const bool seen = break_seen;
    break_seen = false;
    return seen;
}

const pcp_uart_counts_t *pcp_uart_counts(void)
{
    return &counts;
}
