/* Frames in: find whole frames in a byte stream, whatever happens to it.
 *
 * A block is what lies between two zero bytes. When a whole block is no frame, it is searched for one
 * frame at each end, at the known frame lengths only: there a delimiter was lost or flipped. Only an
 * exact length, a known id and a good CRC-32 count, so the few extra trials cost no safety. */
#include "pcp_frame.h"

enum { STAGE_RECEIVING, STAGE_WHOLE, STAGE_HEAD, STAGE_TAIL, STAGE_DONE };

enum { IS_FRAME, BAD_COBS, BAD_LENGTH, BAD_CRC, UNKNOWN };

/* CRC-32 of anything followed by its own CRC-32, whatever the seed. */
static const uint32_t CRC_OF_SOUND = 0x2144DF1Cu;

void pcp_decoder_init(pcp_decoder_t *decoder, uint8_t limit)
{
    *decoder = (pcp_decoder_t){.limit = limit};
}

void pcp_decoder_drop(pcp_decoder_t *decoder)
{
    decoder->stage = STAGE_RECEIVING;
    decoder->length = 0;
    decoder->next = 0;
}

bool pcp_decoder_feed(pcp_decoder_t *decoder, uint8_t *room, uint8_t byte)
{
    if (decoder->stage != STAGE_RECEIVING) {
        pcp_decoder_drop(decoder);
    }
    if (byte == 0) {
        decoder->stage = decoder->length > 0 ? STAGE_WHOLE : STAGE_RECEIVING;
        return decoder->length > 0;
    }
    room[decoder->next++] = byte;
    if (decoder->next == decoder->limit) {
        decoder->next = 0;
    }
    if (decoder->length <= decoder->limit) {
        decoder->length++;
    }
    return false;
}

/* Whether the distances of n bytes lead exactly to their end. */
static bool is_cobs(const uint8_t *block, size_t n)
{
    size_t at = 0;
    while (at < n) {
        at += block[at];
    }
    return at == n;
}

/* Put back the zeros of n bytes that are COBS; the body is at block + 1. pcp_cobs_encode() undoes it. */
static void cobs_decode(uint8_t *block, size_t n)
{
    size_t at = 0;
    while (at < n) {
        const uint8_t code = block[at];
        block[at] = 0;
        at += code;
    }
}

/* Judge a body of n bytes. */
static uint8_t judged(const uint8_t *body, size_t n, pcp_frame_t *frame)
{
    if (n < PCP_BODY_OVERHEAD) {
        return BAD_LENGTH;
    }
    const pcp_message_t *message = pcp_message(body[0]);
    if (message == NULL) {
        return UNKNOWN;
    }
    if (n != message->size + (size_t)PCP_BODY_OVERHEAD) {
        return BAD_LENGTH;
    }
    if (pcp_crc32(body, n, message->seed) != CRC_OF_SOUND) {
        return BAD_CRC;
    }
    *frame = (pcp_frame_t){body[0], body[1], message->size, message->to_controller, body + 2};
    return IS_FRAME;
}

/* Judge n received bytes. A frame is left decoded where it lies; anything else is left as it was. */
static uint8_t checked(uint8_t *block, size_t n, pcp_frame_t *frame)
{
    if (!is_cobs(block, n)) {
        return BAD_COBS;
    }
    cobs_decode(block, n);
    const uint8_t reason = judged(block + 1, n - 1, frame);
    if (reason != IS_FRAME) {
        pcp_cobs_encode(block, n - 1);
    }
    return reason;
}

static void turn_round(uint8_t *from, uint8_t *to)
{
    while (from < to) {
        const uint8_t byte = *--to;
        *to = *from;
        *from++ = byte;
    }
}

/* Bring the kept bytes of an overlong block into their order: the oldest is where the next would go. */
static void straighten(const pcp_decoder_t *decoder, uint8_t *room)
{
    uint8_t *oldest = room + decoder->next, *end = room + decoder->limit;
    turn_round(room, oldest);
    turn_round(oldest, end);
    turn_round(room, end);
}

/* The block as it is. An overlong one has lost its start, so it is searched at its end only. */
static bool search_whole(pcp_decoder_t *decoder, uint8_t *room, pcp_frame_t *frame)
{
    decoder->taken = 0;
    if (decoder->length > decoder->limit) {
        straighten(decoder, room);
        decoder->reason = BAD_LENGTH;
        decoder->stage = STAGE_TAIL;
        return false;
    }
    decoder->reason = checked(room, decoder->length, frame);
    decoder->stage = decoder->reason == IS_FRAME ? STAGE_DONE : STAGE_HEAD;
    return decoder->reason == IS_FRAME;
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

/* A frame at one end of a damaged block: at the start, when its own delimiter was hurt, or at the end,
 * when the one before it was. Every message's length is tried, the shortest first. */
static bool search_end(pcp_decoder_t *decoder, uint8_t *room, pcp_frame_t *frame)
{
    const size_t kept = decoder->length > decoder->limit ? decoder->limit : decoder->length;
    const bool is_head = decoder->stage == STAGE_HEAD;
    decoder->stage = is_head ? STAGE_TAIL : STAGE_DONE;
    for (size_t i = 0; i < PCP_MESSAGE_COUNT; i++) {
        const size_t n = PCP_MESSAGES[i].size + (size_t)PCP_BODY_OVERHEAD + 1;
        if (n < decoder->length && decoder->taken + n <= kept &&
            checked(room + (is_head ? 0 : kept - n), n, frame) == IS_FRAME) {
            decoder->taken = (uint8_t)n;
            decoder->counts.rescued++;
            return true;
        }
    }
    if (!is_head && decoder->taken == 0) {
        count_reject(decoder);
    }
    return false;
}

static void count_frame(pcp_decoder_t *decoder, uint8_t seq)
{
    if (decoder->any_seq) {
        decoder->counts.lost = (uint16_t)(decoder->counts.lost + (uint8_t)(seq - decoder->last_seq - 1));
    }
    decoder->any_seq = true;
    decoder->last_seq = seq;
    decoder->counts.frames++;
}

bool pcp_decoder_next(pcp_decoder_t *decoder, uint8_t *room, pcp_frame_t *frame)
{
    bool found = false;
    if (decoder->stage == STAGE_WHOLE) {
        found = search_whole(decoder, room, frame);
    }
    while (!found && (decoder->stage == STAGE_HEAD || decoder->stage == STAGE_TAIL)) {
        found = search_end(decoder, room, frame);
    }
    if (found) {
        count_frame(decoder, frame->seq);
    }
    return found;
}
