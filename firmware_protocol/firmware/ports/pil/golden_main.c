/* An image that only computes: it asks (?) until a decimal number of steps and a newline come in over USART1,
 * and answers with the hash of pcp_golden() as eight hexadecimal digits and a newline. */
#include "cortex_m.h"
#include "golden.h"
#include "port.h"

static pcp_golden_t run;

enum { ASK_MS = 50 };

static uint8_t next_letter(void)
{
    const uint8_t ask = '?';
    uint8_t letter;
    uint32_t asked_ms = pcp_clock_ms();
    while (pcp_uart_read(&letter, 1) == 0) {
        pcp_wait_for_interrupt();
        if (pcp_clock_ms() - asked_ms >= ASK_MS) {
            asked_ms += ASK_MS;
            pcp_uart_write(&ask, pcp_uart_room() > 0);
        }
    }
    return letter;
}

static uint32_t wanted_steps(void)
{
    uint32_t steps = 0;
    for (;;) {
        const uint8_t letter = next_letter();
        if (letter < '0' || letter > '9') {
            return steps;
        }
        steps = steps * 10u + letter - '0';
    }
}

static void write_hex(uint32_t value)
{
    uint8_t text[9];
    for (unsigned i = 0; i < 8; i++) {
        const uint8_t nibble = (uint8_t)(value >> (28u - 4u * i) & 0xFu);
        text[i] = (uint8_t)(nibble < 10 ? '0' + nibble : 'a' - 10 + nibble);
    }
    text[8] = '\n';
    pcp_uart_write(text, sizeof text);
}

int main(void)
{
    pcp_chip_clock_t clock;
    pcp_chip_start(&clock);
    pcp_uart_start(clock.uart_hz, 115200);
    pcp_clock_start(clock.core_hz);
    for (;;) {
        write_hex(pcp_golden(&run, wanted_steps()));
    }
}

void pcp_car_off(void)
{
}
