/* Frames in: find whole frames in a byte stream, whatever happens to it.
 *
 * A block is what lies between two zero bytes. When a whole block is no frame, it is searched for one
 * frame at each end, at the known frame lengths only: there a delimiter was lost or flipped. Only an
 * exact length, a known id and a good CRC-32 count, so the few extra trials cost no safety. */
#include "pcp_frame.h"

enum { STAGE_RECEIVING, STAGE_WHOLE, STAGE_HEAD, STAGE_TAIL, STAGE_DONE };

enum { IS_FRAME = 0, BAD_COBS = -1, BAD_LENGTH = -2, BAD_CRC = -3, UNKNOWN = -4 };

static const uint8_t WIRE_LENGTHS[PCP_WIRE_LENGTH_COUNT] = PCP_WIRE_LENGTHS;

void pcp_decoder_init(pcp_decoder_t *decoder)
{
    *decoder = (pcp_decoder_t){0};
}

bool pcp_decoder_feed(pcp_decoder_t *decoder, uint8_t byte)
{
    if (decoder->stage != STAGE_RECEIVING) {
        decoder->stage = STAGE_RECEIVING;
        decoder->length = 0;
    }
    if (byte == 0) {
        decoder->stage = decoder->length > 0 ? STAGE_WHOLE : STAGE_RECEIVING;
        return decoder->length > 0;
    }
    decoder->ring[decoder->next++] = byte;
    if (decoder->length <= PCP_MAX_BLOCK) {
        decoder->length++;
    }
    return false;
}

static bool is_overrun(const pcp_decoder_t *decoder)
{
    return decoder->length > PCP_MAX_BLOCK;
}

static uint16_t kept_length(const pcp_decoder_t *decoder)
{
    return is_overrun(decoder) ? (uint16_t)PCP_MAX_BLOCK : decoder->length;
}

/* Decode `length` bytes of the ring into the body. Returns the length of the body, BAD_COBS when it has none. */
static int16_t cobs_decode(pcp_decoder_t *decoder, uint8_t first, uint16_t length)
{
    uint16_t at = 0;
    int16_t n = 0;
    while (at < length) {
        const uint16_t code = decoder->ring[(uint8_t)(first + at)];
        if (at + code > length) {
            return BAD_COBS;
        }
        for (uint16_t i = 1; i < code; i++) {
            decoder->body[n++] = decoder->ring[(uint8_t)(first + at + i)];
        }
        at = (uint16_t)(at + code);
        if (at < length) {
            decoder->body[n++] = 0;
        }
    }
    return n;
}

/* Check `length` bytes, starting `offset` bytes into the kept block. On IS_FRAME the body holds the frame. */
static int8_t check(pcp_decoder_t *decoder, uint16_t offset, uint16_t length)
{
    const uint8_t first = (uint8_t)(decoder->next - kept_length(decoder) + offset);
    const uint8_t *body = decoder->body;
    uint8_t size;
    uint32_t seed;
    bool to_controller;
    const int16_t n = cobs_decode(decoder, first, length);
    if (n < 0) {
        return BAD_COBS;
    }
    if (n < PCP_BODY_OVERHEAD) {
        return BAD_LENGTH;
    }
    if (!pcp_message_known(body[0], &size, &seed, &to_controller)) {
        return UNKNOWN;
    }
    if (n != size + PCP_BODY_OVERHEAD) {
        return BAD_LENGTH;
    }
    return pcp_crc32(body, (size_t)n - 4, seed) == pcp_get32(body + n - 4) ? IS_FRAME : BAD_CRC;
}

/* Describe the frame in the body and count it. */
static bool deliver(pcp_decoder_t *decoder, pcp_frame_t *frame)
{
    uint32_t seed;
    const uint8_t seq = decoder->body[1];
    frame->id = decoder->body[0];
    frame->seq = seq;
    frame->payload = decoder->body + 2;
    (void)pcp_message_known(frame->id, &frame->size, &seed, &frame->to_controller);
    if (decoder->any_seq) {
        decoder->counts.lost = (uint16_t)(decoder->counts.lost + (uint8_t)(seq - decoder->last_seq - 1));
    }
    decoder->any_seq = true;
    decoder->last_seq = seq;
    decoder->counts.frames++;
    return true;
}

static void count_reject(pcp_decoder_t *decoder)
{
    switch (decoder->reason) {
    case BAD_COBS:
        decoder->counts.bad_cobs++;
        break;
    case BAD_LENGTH:
        decoder->counts.bad_length++;
        break;
    case BAD_CRC:
        decoder->counts.bad_crc++;
        break;
    default:
        decoder->counts.unknown++;
        break;
    }
}

/* A frame at the start, whose own trailing delimiter was damaged. An overrun block has lost its start. */
static bool rescue_head(pcp_decoder_t *decoder)
{
    for (size_t i = 0; i < PCP_WIRE_LENGTH_COUNT && !is_overrun(decoder); i++) {
        const uint16_t length = WIRE_LENGTHS[i];
        if (length < decoder->length && check(decoder, 0, length) == IS_FRAME) {
            decoder->taken = length;
            return true;
        }
    }
    return false;
}

/* A frame at the end, whose leading delimiter was lost or damaged. */
static bool rescue_tail(pcp_decoder_t *decoder)
{
    const uint16_t kept = kept_length(decoder);
    for (size_t i = 0; i < PCP_WIRE_LENGTH_COUNT; i++) {
        const uint16_t length = WIRE_LENGTHS[i];
        if (length < kept && decoder->taken + length <= kept &&
            check(decoder, (uint16_t)(kept - length), length) == IS_FRAME) {
            return true;
        }
    }
    return false;
}

/* The block as it is. */
static bool search_whole(pcp_decoder_t *decoder)
{
    decoder->taken = 0;
    decoder->reason = is_overrun(decoder) ? (int8_t)BAD_LENGTH : check(decoder, 0, decoder->length);
    decoder->stage = decoder->reason == IS_FRAME ? STAGE_DONE : STAGE_HEAD;
    return decoder->reason == IS_FRAME;
}

static bool search_head(pcp_decoder_t *decoder)
{
    decoder->stage = STAGE_TAIL;
    if (!rescue_head(decoder)) {
        return false;
    }
    decoder->counts.rescued++;
    return true;
}

static bool search_tail(pcp_decoder_t *decoder)
{
    decoder->stage = STAGE_DONE;
    if (rescue_tail(decoder)) {
        decoder->counts.rescued++;
        return true;
    }
    if (decoder->taken == 0) {
        count_reject(decoder);
    }
    return false;
}

bool pcp_decoder_next(pcp_decoder_t *decoder, pcp_frame_t *frame)
{
    const bool found = (decoder->stage == STAGE_WHOLE && search_whole(decoder)) ||
                       (decoder->stage == STAGE_HEAD && search_head(decoder)) ||
                       (decoder->stage == STAGE_TAIL && search_tail(decoder));
    return found && deliver(decoder, frame);
}
