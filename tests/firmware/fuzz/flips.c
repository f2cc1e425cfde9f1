/* Every way to flip `bits` bits of one frame, through the receiver with the room of a controller. Loaded by ctypes. */
#include "pcp_frame.h"

typedef struct {
    uint64_t tried;
    uint64_t same;  /* the frame itself was delivered: only its delimiter was hurt */
    uint64_t other; /* anything else was delivered: a false frame */
} flips_t;

void flips_try(const uint8_t *frame, size_t n, unsigned bits, flips_t *out);

enum { ROOM = 64 };

static bool is_same(const pcp_frame_t *found, const pcp_frame_t *sent)
{
    bool same = found->id == sent->id && found->seq == sent->seq && found->size == sent->size;
    for (size_t i = 0; i < found->size && same; i++) {
        same = found->payload[i] == sent->payload[i];
    }
    return same;
}

/* Receive n bytes and a zero on a new receiver; judge what it delivers. */
static void receive(const uint8_t *wire, size_t n, const pcp_frame_t *sent, flips_t *out)
{
    uint8_t room[PCP_MAX_BLOCK_IN];
    pcp_decoder_t decoder;
    pcp_frame_t found;
    pcp_decoder_init(&decoder, sizeof room);
    for (size_t i = 0; i <= n; i++) {
        if (pcp_decoder_feed(&decoder, room, i < n ? wire[i] : 0)) {
            while (pcp_decoder_next(&decoder, room, &found)) {
                if (is_same(&found, sent)) {
                    out->same++;
                } else {
                    out->other++;
                }
            }
        }
    }
    out->tried++;
}

static void flip(uint8_t *wire, size_t n, size_t from, unsigned left, const pcp_frame_t *sent, flips_t *out)
{
    if (left == 0) {
        receive(wire, n, sent, out);
        return;
    }
    for (size_t bit = from; bit < 8 * n; bit++) {
        wire[bit / 8] ^= (uint8_t)(1u << bit % 8);
        flip(wire, n, bit + 1, left - 1, sent, out);
        wire[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

/* `frame` is n bytes with its delimiter, sound and at most ROOM long; else nothing is tried. */
void flips_try(const uint8_t *frame, size_t n, unsigned bits, flips_t *out)
{
    uint8_t wire[ROOM];
    uint8_t room[PCP_MAX_BLOCK_IN];
    pcp_decoder_t decoder;
    pcp_frame_t sent;
    bool is_sound = false;
    *out = (flips_t){0};
    pcp_decoder_init(&decoder, sizeof room);
    for (size_t i = 0; i < n && n <= ROOM; i++) {
        wire[i] = frame[i];
        is_sound = pcp_decoder_feed(&decoder, room, frame[i]) && pcp_decoder_next(&decoder, room, &sent);
    }
    if (is_sound) {
        flip(wire, n, 0, bits, &sent, out);
    }
}
