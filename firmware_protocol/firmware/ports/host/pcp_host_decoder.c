/* The controller's receiver for the tests (ctypes): plain calls, with its room in one piece. */
#include "pcp_frame.h"

typedef struct {
    pcp_decoder_t decoder;
    uint8_t room[]; /* nothing behind it, so that a sanitizer sees a byte too many */
} receiver_t;

size_t pcp_host_decoder_size(uint8_t limit);
uint8_t pcp_host_decoder_limit(void);
void pcp_host_decoder_init(void *receiver, uint8_t limit);
size_t pcp_host_decoder_feed(void *receiver, const uint8_t *bytes, size_t n, uint8_t *out, size_t capacity);
void pcp_host_decoder_counts(const void *receiver, uint32_t out[7]);

/* Bytes of memory that a receiver with so much room needs. */
size_t pcp_host_decoder_size(uint8_t limit)
{
    return sizeof(receiver_t) + limit;
}

/* The longest block that the controller accepts. */
uint8_t pcp_host_decoder_limit(void)
{
    return PCP_MAX_BLOCK_IN;
}

/* Start from nothing; `limit` is 1 to PCP_MAX_BLOCK. */
void pcp_host_decoder_init(void *receiver, uint8_t limit)
{
    receiver_t *self = receiver;
    pcp_decoder_init(&self->decoder, limit);
}

/* Feed n bytes. Each delivered frame is written to out as size, id, seq, payload (size bytes).
 * Returns the bytes written; frames that do not fit are lost to the caller, so give n + limit or more. */
size_t pcp_host_decoder_feed(void *receiver, const uint8_t *bytes, size_t n, uint8_t *out, size_t capacity)
{
    receiver_t *self = receiver;
    pcp_frame_t frame;
    size_t written = 0;
    for (size_t i = 0; i < n; i++) {
        if (!pcp_decoder_feed(&self->decoder, self->room, bytes[i])) {
            continue;
        }
        while (pcp_decoder_next(&self->decoder, self->room, &frame)) {
            if (written + 3u + frame.size > capacity) {
                continue;
            }
            out[written++] = frame.size;
            out[written++] = frame.id;
            out[written++] = frame.seq;
            for (size_t k = 0; k < frame.size; k++) {
                out[written++] = frame.payload[k];
            }
        }
    }
    return written;
}

/* frames, bad_crc, bad_length, bad_cobs, unknown, lost, rescued. */
void pcp_host_decoder_counts(const void *receiver, uint32_t out[7])
{
    const pcp_frame_counts_t *counts = &((const receiver_t *)receiver)->decoder.counts;
    out[0] = counts->frames;
    out[1] = counts->bad_crc;
    out[2] = counts->bad_length;
    out[3] = counts->bad_cobs;
    out[4] = counts->unknown;
    out[5] = counts->lost;
    out[6] = counts->rescued;
}
