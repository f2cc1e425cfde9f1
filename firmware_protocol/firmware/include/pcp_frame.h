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
    PCP_BODY_OVERHEAD = 6,                                     /* id, seq, crc32 */
    PCP_MAX_BODY = PCP_MAX_PAYLOAD + PCP_BODY_OVERHEAD,        /* 253 */
    PCP_MAX_BLOCK = PCP_MAX_BODY + 1,                          /* 254: the body and one COBS code byte */
    PCP_MAX_BLOCK_IN = PCP_MAX_PAYLOAD_IN + PCP_BODY_OVERHEAD + 1, /* of what a controller is sent */
    PCP_FRAME_OVERHEAD = PCP_BODY_OVERHEAD + 2,                /* what a frame has besides its payload */
    PCP_MAX_FRAME = PCP_MAX_PAYLOAD + PCP_FRAME_OVERHEAD       /* 255, with the delimiter */
};

/* One sound frame. The payload lies in the receiver's room and is valid until its next call. */
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
    uint16_t bad_length; /* blocks of no known length, or longer than the room */
    uint16_t bad_cobs;   /* blocks that are not COBS */
    uint16_t unknown;    /* blocks with an id that nobody knows */
    uint16_t lost;       /* gaps in the sequence numbers of the delivered frames */
    uint16_t rescued;    /* delivered, but cut out of a damaged block */
} pcp_frame_counts_t;

/* A receiver. The bytes since the last delimiter lie in a room that the caller keeps for it, around and around
 * when there are too many: of a longer block the last `limit` bytes are kept. The room is an argument and no
 * pointer in here, so that what contains both, a whole controller, can be copied like any value. */
typedef struct {
    pcp_frame_counts_t counts;
    uint8_t limit;  /* bytes of room */
    uint8_t length; /* bytes since the last delimiter; stops counting at limit + 1 */
    uint8_t next;   /* where in the room the next byte goes */
    uint8_t taken;  /* bytes at the start of the block that a rescued frame has used */
    uint8_t stage;  /* how far the search through a complete block has come */
    uint8_t reason; /* why the whole block was no frame */
    uint8_t last_seq;
    bool any_seq;
} pcp_decoder_t;

/* CRC-32/ISO-HDLC of n bytes. A seed of 0 is the plain CRC; the result of one call is the seed that
 * continues it. Equals Python's zlib.crc32(bytes, seed). */
uint32_t pcp_crc32(const uint8_t *bytes, size_t n, uint32_t seed);

/* Take the zeros out of the n <= PCP_MAX_BODY bytes at block + 1: each zero, and block[0], becomes the
 * distance to the next one. Source: Cheshire, Baker (1999), "Consistent Overhead Byte Stuffing". */
void pcp_cobs_encode(uint8_t *block, size_t n);

/* The row of a message, or NULL when nobody knows the id. */
const pcp_message_t *pcp_message(uint8_t id);

/* Write a frame with its delimiter to `out`, which must hold size + PCP_FRAME_OVERHEAD bytes; the payload
 * may lie at out + 3 already. Returns the bytes written, 0 for a payload longer than PCP_MAX_PAYLOAD. */
size_t pcp_frame_encode(uint8_t id, uint8_t seq, const uint8_t *payload, size_t size, uint32_t seed, uint8_t *out);

/* Start from nothing, with a room of `limit` bytes, 1 to PCP_MAX_BLOCK. Frames whose encoded length is
 * larger are counted as bad_length. */
void pcp_decoder_init(pcp_decoder_t *decoder, uint8_t limit);

/* Forget the bytes of an unfinished block: the next ones come from a new connection. */
void pcp_decoder_drop(pcp_decoder_t *decoder);

/* Take one received byte. True when it completes a block: then call pcp_decoder_next() until it
 * returns false, before the next byte. */
bool pcp_decoder_feed(pcp_decoder_t *decoder, uint8_t *room, uint8_t byte);

/* Take the next frame out of a complete block. Mostly there is one; none when the block is damaged
 * (counted by reason); two when a lost delimiter glued two frames together. */
bool pcp_decoder_next(pcp_decoder_t *decoder, uint8_t *room, pcp_frame_t *frame);

#endif
