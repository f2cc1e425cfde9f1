/* The line to the host: USART1 by interrupt, one ring each way.
 *
 * Every interrupt reads SR and, when there is anything, then DR: that is what clears an overrun, and a receiver that
 * skips the data register on errors hangs in the interrupt for ever (libmaple #107). With RXNE the data register
 * holds a byte, whatever else went wrong. An overrun without RXNE means that the last byte was fetched already:
 * the data register then has nothing new, and reading it only clears the flag (RM0008 and RM0090, USART_SR).
 *
 * IDLE does not interrupt: each byte wakes the main loop by itself. Its flag alone must not make us read the data
 * register, for a byte that arrives between the two reads would be lost; the next byte clears it.
 *
 * The sender fills the data register while it is empty. The main loop starts it by pending the interrupt, so all
 * sending happens in one place. */
#include "cortex_m.h"
#include "port.h"
#include "registers.h"

enum { RX_RING = 512, TX_RING = 256, LINE_PRIORITY = 0, PIN_TX = 9, PIN_RX = 10, USART1_FUNCTION = 7 };

static volatile uint8_t rx[RX_RING], tx[TX_RING];
static volatile uint16_t rx_in, rx_out, tx_in, tx_out; /* they run freely; modulo the size they are indices */
static volatile pcp_uart_counts_t counts;
static uint32_t breaks_taken;

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

static void count_faults(uint32_t status, uint8_t byte)
{
    if ((status & PCP_USART_SR_FE) != 0 && byte == 0) { /* not even a stop bit: the line was held low */
        counts.breaks++;
    } else if ((status & (PCP_USART_SR_FE | PCP_USART_SR_NE)) != 0) {
        counts.noise++; /* the byte goes on: the checksum judges it */
    }
}

static void keep(uint8_t byte)
{
    if ((uint16_t)(rx_in - rx_out) >= RX_RING) {
        counts.full++;
        return;
    }
    rx[rx_in % RX_RING] = byte;
    rx_in = (uint16_t)(rx_in + 1u);
}

static void receive(void)
{
    const uint32_t status = PCP_USART1->sr;
    if ((status & (PCP_USART_SR_RXNE | PCP_USART_SR_ORE)) == 0) {
        return;
    }
    const uint8_t byte = (uint8_t)PCP_USART1->dr;
    counts.overruns += (status & PCP_USART_SR_ORE) != 0;
    if ((status & PCP_USART_SR_RXNE) != 0) {
        count_faults(status, byte);
        keep(byte);
    }
}

static void send(void)
{
    while (tx_out != tx_in && (PCP_USART1->sr & PCP_USART_SR_TXE) != 0) {
        PCP_USART1->dr = tx[tx_out % TX_RING];
        tx_out = (uint16_t)(tx_out + 1u);
    }
    if (tx_out == tx_in) {
        PCP_USART1->cr1 &= ~(uint32_t)PCP_USART_CR1_TXEIE;
    }
}

void pcp_usart1_handler(void)
{
    receive();
    send();
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
    const uint32_t seen = counts.breaks;
    const bool is_new = seen != breaks_taken;
    breaks_taken = seen;
    return is_new;
}

const volatile pcp_uart_counts_t *pcp_uart_counts(void)
{
    return &counts;
}
