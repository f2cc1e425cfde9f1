/* The port to a process: plain calls for the simulator and the tests (ctypes). */
#include "pcp_controller.h"
#include "pcp_sha256.h"

size_t pcp_host_size(void);
size_t pcp_host_layout(uint32_t *out, size_t n);
int pcp_host_init(void *ctl, const pcp_config_t *config);
size_t pcp_host_step(void *ctl, const pcp_inputs_t *in, pcp_outputs_t *out, const uint8_t *rx, size_t rx_n,
                     uint8_t *tx, size_t tx_capacity);
void pcp_host_scan(void *ctl, const pcp_scan_t *scan);
void pcp_host_line_break(void *ctl, uint32_t now_us);
void pcp_host_sha256(const uint8_t *bytes, size_t n, uint8_t out[PCP_SHA256_SIZE]);
void pcp_host_hmac(const uint8_t key[PCP_KEY_SIZE], const uint8_t *bytes, size_t n, uint8_t out[PCP_SHA256_SIZE]);

/* Bytes of memory that a controller needs. */
size_t pcp_host_size(void)
{
    return sizeof(pcp_controller_t);
}

/* Sizes of config, inputs, outputs, scan and controller, so that a caller can check its own layouts.
 * Writes at most n; returns how many there are. */
size_t pcp_host_layout(uint32_t *out, size_t n)
{
    const size_t sizes[] = {
        sizeof(pcp_config_t), sizeof(pcp_inputs_t), sizeof(pcp_outputs_t), sizeof(pcp_scan_t), sizeof(pcp_controller_t),
    };
    const size_t count = sizeof sizes / sizeof sizes[0];
    for (size_t i = 0; i < n && i < count; i++) {
        out[i] = (uint32_t)sizes[i];
    }
    return count;
}

/* pcp_controller_init(); 0, or why not, as it says. */
int pcp_host_init(void *ctl, const pcp_config_t *config)
{
    return (int)pcp_controller_init(ctl, config);
}

/* One control period: receive rx at in->now_us, step, and take at most tx_capacity bytes for the host.
 * Returns how many bytes it wrote to tx. */
size_t pcp_host_step(void *ctl, const pcp_inputs_t *in, pcp_outputs_t *out, const uint8_t *rx, size_t rx_n,
                     uint8_t *tx, size_t tx_capacity)
{
    pcp_controller_receive(ctl, rx, rx_n, in->now_us);
    pcp_controller_step(ctl, in, out);
    return pcp_controller_transmit(ctl, tx, tx_capacity);
}

/* Queue a piece of a lidar turn. */
void pcp_host_scan(void *ctl, const pcp_scan_t *scan)
{
    pcp_controller_scan(ctl, scan);
}

/* A BREAK on the line. */
void pcp_host_line_break(void *ctl, uint32_t now_us)
{
    pcp_controller_line_break(ctl, now_us);
}

/* SHA-256 of n bytes, and HMAC-SHA256 of n bytes under a key. */
void pcp_host_sha256(const uint8_t *bytes, size_t n, uint8_t out[PCP_SHA256_SIZE])
{
    pcp_sha256_t hash;
    pcp_sha256_init(&hash);
    pcp_sha256_add(&hash, bytes, n);
    pcp_sha256_end(&hash, out);
}

void pcp_host_hmac(const uint8_t key[PCP_KEY_SIZE], const uint8_t *bytes, size_t n, uint8_t out[PCP_SHA256_SIZE])
{
    pcp_hmac_sha256(key, bytes, n, out);
}
