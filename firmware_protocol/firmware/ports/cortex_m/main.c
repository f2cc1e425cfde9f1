/* The loop of every port: bytes in, one control step each 10 ms, bytes out, sleep. */
#include "cortex_m.h"
#include "port.h"

#if !defined(PCP_TARGET)
#define PCP_TARGET PCP_TARGET_KIND_HARDWARE
#endif
#if !defined(PCP_BAUD)
#define PCP_BAUD 460800 /* what the host tries by itself */
#endif

enum { STEP_MS = PCP_PERIOD_US / 1000, LATE_MS = 5 * STEP_MS, PIECE = 64, REMIND_STEPS = 1000 };

static pcp_controller_t car;

static void receive(void)
{
    uint8_t piece[PIECE];
    size_t n;
    if (pcp_uart_took_break()) {
        pcp_controller_line_break(&car, pcp_clock_us());
    }
    while ((n = pcp_uart_read(piece, sizeof piece)) > 0) {
        pcp_controller_receive(&car, piece, n, pcp_clock_us());
    }
}

static void transmit(void)
{
    uint8_t piece[PIECE];
    const size_t room = pcp_uart_room();
    const size_t n = pcp_controller_transmit(&car, piece, room < sizeof piece ? room : sizeof piece);
    pcp_uart_write(piece, n);
}

static void measure_line(pcp_inputs_t *in)
{
    const volatile pcp_uart_counts_t *counts = pcp_uart_counts();
    in->uart_overruns = (uint16_t)(counts->overruns + counts->full);
    in->uart_errors = (uint16_t)counts->noise;
    in->uart_breaks = (uint16_t)counts->breaks;
}

/* One control period; returns its share of the period, in percent. Feeds the watchdog, and nothing else does. */
static uint8_t step(uint8_t load_percent)
{
    pcp_inputs_t in = {.now_us = pcp_clock_us(), .load_percent = load_percent};
    pcp_outputs_t out;
    pcp_car_measure(&in);
    measure_line(&in);
    pcp_controller_step(&car, &in, &out);
    pcp_car_drive(&out);
    pcp_watchdog_feed();
    const uint32_t spent_us = pcp_clock_us() - in.now_us;
    return spent_us < PCP_PERIOD_US ? (uint8_t)(spent_us * 100u / PCP_PERIOD_US) : (uint8_t)100;
}

/* Every 10 s, so that a host that comes later hears it too. */
static void remind(bool on_crystal, uint32_t steps)
{
    if (!on_crystal && steps % REMIND_STEPS == REMIND_STEPS / 10) {
        pcp_controller_text(&car, PCP_SEVERITY_CAUTION, "no crystal: times may be wrong by 2 %");
    }
}

/* Returns whether the clock is that of the crystal. */
static bool start(void)
{
    pcp_chip_clock_t clock;
    pcp_config_t config = {0};
    pcp_chip_start(&clock);
    pcp_car_config(&config);
    pcp_chip_uid(config.uid);
    config.capabilities = pcp_car_capabilities() | PCP_CAPABILITY_BREAK_STOP | PCP_CAPABILITY_STORAGE;
    config.line_bytes_per_s = PCP_BAUD / 10; /* 8N1 */
    config.target = PCP_TARGET;
    config.reset_cause = (uint8_t)pcp_chip_reset_cause(pcp_boot_ram_survived());
    const pcp_flash_t *flash = pcp_chip_flash();
    config.boot_id = pcp_boot_id(config.uid);
    pcp_car_start(&clock);
    (void)pcp_controller_init(&car, &config); /* refused: it stays mute and the motors off */
    pcp_controller_load(&car, flash);         /* may erase, and an erase takes longer than the watchdog waits */
    pcp_uart_start(clock.uart_hz, PCP_BAUD);
    pcp_clock_start(clock.core_hz);
    pcp_watchdog_start();
    return clock.on_crystal;
}

int main(void)
{
    const bool on_crystal = start();
    uint8_t load_percent = 0;
    uint32_t steps = 0;
    uint32_t due_ms = pcp_clock_ms() + STEP_MS; /* the first conversion of the battery takes its time */
    for (;;) {
        receive();
        if ((int32_t)(pcp_clock_ms() - due_ms) >= 0) {
            load_percent = step(load_percent);
            remind(on_crystal, steps++);
            due_ms += STEP_MS;
            if ((int32_t)(pcp_clock_ms() - due_ms) > LATE_MS) { /* no storm of steps to catch up */
                due_ms = pcp_clock_ms();
            }
        }
        transmit();
        pcp_wait_for_interrupt();
    }
}
