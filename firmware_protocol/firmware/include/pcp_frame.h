/* Frames on the wire: COBS( id | seq | payload | crc32 ) 00.
 *
 * Zero never occurs inside a frame, so after any damage the next zero byte starts a clean one. The
 * CRC-32/ISO-HDLC starts from the message's schema hash, so a frame of another schema never passes.
 * Python twin: firmware_protocol/framing.py. Worked bytes and the resync rule: WIRE.md. */
#ifndef PCP_FRAME_H
#define PCP_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcp_messages.h"

enum {
    PCP_BODY_OVERHEAD = 6,                                    /* id, seq, crc32 */
    PCP_MAX_BODY = PCP_MAX_PAYLOAD + PCP_BODY_OVERHEAD,       /* 253 */
    PCP_MAX_BLOCK = PCP_MAX_BODY + 1,                         /* 254: the body and one COBS code byte */
    PCP_FRAME_OVERHEAD = PCP_BODY_OVERHEAD + 2,               /* what a frame has besides its payload */
    PCP_MAX_FRAME = PCP_MAX_PAYLOAD + PCP_FRAME_OVERHEAD,     /* 255, with the delimiter */
    PCP_BLOCK_RING = 256                                      /* an uint8_t is its index: it wraps by itself */
};

/* One sound frame. The payload lies in the decoder and is valid until its next call. */
typedef struct {
    uint8_t id;
    uint8_t seq;
    uint8_t size;       /* of the payload; what the message is known to have */
    bool to_controller; /* direction of the message */
    const uint8_t *payload;
} pcp_frame_t;

/* What a decoder counted since pcp_decoder_init(); all counters wrap. */
typedef struct {
    uint32_t frames;     /* delivered */
    uint16_t bad_crc;    /* blocks of a known length whose checksum failed */
    uint16_t bad_length; /* blocks of no known length, or longer than any frame */
    uint16_t bad_cobs;   /* blocks that are not COBS */
    uint16_t unknown;    /* blocks with an id that nobody knows */
    uint16_t lost;       /* gaps in the sequence numbers of the delivered frames */
    uint16_t rescued;    /* delivered, but cut out of a damaged block */
} pcp_frame_counts_t;

/* A receiver. Its memory is bounded: of an overlong block the last PCP_MAX_BLOCK bytes are kept. */
typedef struct {
    pcp_frame_counts_t counts;
    uint16_t length; /* bytes since the last delimiter; stops counting at PCP_MAX_BLOCK + 1 */
    uint16_t taken;  /* bytes at the start of the block that a rescued frame has used */
    int8_t reason;   /* why the whole block was no frame */
    uint8_t stage;   /* where the search through a complete block has come to */
    uint8_t next;    /* index of the next byte in the ring */
    uint8_t last_seq;
    bool any_seq;
    uint8_t ring[PCP_BLOCK_RING];
    uint8_t body[PCP_MAX_BODY];
} pcp_decoder_t;

/* CRC-32/ISO-HDLC of n bytes. A seed of 0 is the plain CRC; the result of one call is the seed that
 * continues it. Equals Python's zlib.crc32(bytes, seed). */
uint32_t pcp_crc32(const uint8_t *bytes, size_t n, uint32_t seed);

/* Write a frame with its delimiter to `out`, which must hold size + PCP_FRAME_OVERHEAD bytes.
 * Returns the bytes written, 0 for a payload longer than PCP_MAX_PAYLOAD. */
size_t pcp_frame_encode(uint8_t id, uint8_t seq, const uint8_t *payload, size_t size, uint32_t seed, uint8_t *out);

/* Forget everything, counters too. */
void pcp_decoder_init(pcp_decoder_t *decoder);

/* Take one received byte. True when it completes a block: then call pcp_decoder_next() until it
 * returns false, before the next byte. */
bool pcp_decoder_feed(pcp_decoder_t *decoder, uint8_t byte);

/* Take the next frame out of a complete block. Mostly there is one; none when the block is damaged
 * (counted by reason); two when a lost delimiter glued two frames together. */
bool pcp_decoder_next(pcp_decoder_t *decoder, pcp_frame_t *frame);

#endif
