/* Bytes waiting to leave for the host.
 *
 * When the line is slow, frames are dropped whole, and counted: telemetry first, then reports, so that
 * answers and events still find room. */
#include "pcp_parts.h"

bool pcp_line_send(pcp_controller_t *ctl, uint8_t id, const uint8_t *payload, pcp_rank_t rank)
{
    pcp_outbox_t *line = &ctl->line;
    uint8_t frame[PCP_MAX_FRAME];
    const pcp_message_t *message = pcp_message(id);
    if (message == NULL || (size_t)line->used + message->size + PCP_FRAME_OVERHEAD + (size_t)rank > PCP_TX_RING) {
        line->dropped++;
        return false;
    }
    const size_t n = pcp_frame_encode(id, line->seq++, payload, message->size, message->seed, frame);
    for (size_t i = 0; i < n; i++) {
        line->ring[(line->first + line->used++) % PCP_TX_RING] = frame[i];
    }
    line->most = line->used > line->most ? line->used : line->most;
    return true;
}

void pcp_line_hello(pcp_controller_t *ctl)
{
    uint8_t payload[PCP_SIZE_HELLO];
    pcp_hello_t hello = {
        .magic = PCP_MAGIC,
        .major = PCP_MAJOR,
        .minor = PCP_MINOR,
        .schema = PCP_SCHEMA,
        .boot_id = ctl->config.boot_id,
        .session = ctl->owner.session,
        .firmware = PCP_FIRMWARE,
        .chassis = ctl->config.chassis,
        .target = ctl->config.target,
        .reset_cause = ctl->config.reset_cause,
        .max_frame = PCP_MAX_PAYLOAD_IN,
        .capabilities = pcp_capabilities(ctl),
        .parameter_table = PCP_PARAMETER_TABLE,
        .parameter_values = pcp_parameters_hash(&ctl->config),
        .seal_counter = ctl->seal.counter,
    };
    for (unsigned i = 0; i < sizeof hello.uid; i++) {
        hello.uid[i] = ctl->config.uid[i];
    }
    (void)pcp_hello_pack(&hello, payload);
    (void)pcp_line_send(ctl, PCP_ID_HELLO, payload, PCP_RANK_ANSWER);
}

size_t pcp_controller_transmit(pcp_controller_t *ctl, uint8_t *out, size_t capacity)
{
    pcp_outbox_t *line = &ctl->line;
    size_t n = 0;
    while (n < capacity && line->used > 0) {
        out[n++] = line->ring[line->first];
        line->first = (uint16_t)((line->first + 1) % PCP_TX_RING);
        line->used--;
    }
    return n;
}
