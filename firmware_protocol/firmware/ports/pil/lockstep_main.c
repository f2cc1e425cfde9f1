/* An image whose time is told over USART1. In come, for each control period, a count (two bytes, the low one
 * first) and so many bytes of the host; out go the controller's bytes in pieces, each after its count (one byte),
 * a count of 0, enable, and the duties of the two wheels (two bytes each). Until the first period it asks (?). */
#include "cortex_m.h"
#include "lockstep.h"
#include "port.h"

enum { ASK_MS = 50, MOST = 512, PIECE = 64 };

static uint8_t received[MOST];
static bool is_told; /* the first period has begun */

static uint8_t next_byte(void)
{
    const uint8_t ask = '?';
    uint8_t byte;
    uint32_t asked_ms = pcp_clock_ms();
    while (pcp_uart_read(&byte, 1) == 0) {
        pcp_wait_for_interrupt();
        if (!is_told && pcp_clock_ms() - asked_ms >= ASK_MS) {
            asked_ms += ASK_MS;
            pcp_uart_write(&ask, pcp_uart_room() > 0);
        }
    }
    is_told = true;
    return byte;
}

static size_t next_count(void)
{
    const size_t low = next_byte();
    const size_t count = low | (size_t)next_byte() << 8;
    return count < sizeof received ? count : sizeof received;
}

static void write_byte(uint8_t byte)
{
    while (pcp_uart_room() == 0) {
        pcp_wait_for_interrupt();
    }
    pcp_uart_write(&byte, 1);
}

static void write_bytes(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        write_byte(bytes[i]);
    }
}

static void answer(const pcp_outputs_t *out)
{
    uint8_t piece[PIECE];
    size_t n;
    do {
        n = pcp_lockstep_said(piece, sizeof piece);
        write_byte((uint8_t)n);
        write_bytes(piece, n);
    } while (n > 0);
    write_byte(out->enable);
    for (unsigned i = 0; i < 2; i++) {
        write_byte((uint8_t)((uint16_t)out->duty_permille[i] & 0xFFu));
        write_byte((uint8_t)((uint16_t)out->duty_permille[i] >> 8));
    }
}

int main(void)
{
    pcp_chip_clock_t clock;
    pcp_outputs_t out;
    pcp_chip_start(&clock);
    pcp_car_start(&clock);
    pcp_uart_start(clock.uart_hz, 115200);
    pcp_clock_start(clock.core_hz);
    pcp_lockstep_start();
    for (;;) {
        const size_t n = next_count();
        for (size_t i = 0; i < n; i++) {
            received[i] = next_byte();
        }
        pcp_lockstep_step(received, n, &out);
        answer(&out);
    }
}
