/* The same on a board and in a process: what comes in decides what goes out, and nothing else does. */
#include "lockstep.h"

#include "port.h"

static pcp_controller_t car;
static uint32_t now_us;

void pcp_lockstep_start(void)
{
    pcp_config_t config;
    pcp_car_config(&config);
    config.capabilities = pcp_car_capabilities();
    config.line_bytes_per_s = 46080;
    config.target = PCP_TARGET_KIND_EMULATOR;
    config.boot_id = 1;
    now_us = 0;
    (void)pcp_controller_init(&car, &config);
}

void pcp_lockstep_step(const uint8_t *received, size_t n, pcp_outputs_t *out)
{
    now_us += PCP_PERIOD_US;
    pcp_inputs_t in = {.now_us = now_us};
    pcp_controller_receive(&car, received, n, now_us);
    pcp_car_measure(&in);
    in.now_us = now_us; /* a fault of the bench sets the clock's */
    pcp_controller_step(&car, &in, out);
    pcp_car_drive(out);
}

size_t pcp_lockstep_said(uint8_t *bytes, size_t capacity)
{
    return pcp_controller_transmit(&car, bytes, capacity);
}
