/* Sealed messages: whether somebody with the key wrote one, in this boot, and not again.
 *
 * The tag is the start of the HMAC-SHA256 over boot id, message id, payload and counter (WIRE.md, section
 * 9). Counters only grow, so a message that was obeyed once, or was overtaken, is never obeyed again. */
#include "pcp_parts.h"
#include "pcp_sha256.h"

enum {
    TAG_SIZE = 8,
    COUNTER_SIZE = 4,
    HEAD_SIZE = 5,        /* boot id and message id */
    TOLD_EVERY_US = 1000000 /* a flood of bad seals must not push other events out */
};

/* Takes equally long wherever the difference is, so that a tag cannot be guessed byte by byte. */
static bool are_equal(const uint8_t *left, const uint8_t *right, size_t n)
{
    unsigned difference = 0;
    for (size_t i = 0; i < n; i++) {
        difference |= (unsigned)(left[i] ^ right[i]);
    }
    return difference == 0;
}

static bool has_our_tag(const pcp_controller_t *ctl, const pcp_frame_t *frame)
{
    uint8_t text[HEAD_SIZE + PCP_MAX_PAYLOAD_IN];
    uint8_t code[PCP_SHA256_SIZE];
    const size_t n = (size_t)frame->size - TAG_SIZE;
    pcp_put32(text, ctl->config.boot_id);
    pcp_put8(text + 4, frame->id);
    for (size_t i = 0; i < n; i++) {
        text[HEAD_SIZE + i] = frame->payload[i];
    }
    pcp_hmac_sha256(ctl->config.key, text, HEAD_SIZE + n, code);
    return are_equal(code, frame->payload + n, TAG_SIZE);
}

bool pcp_seal_accepted(pcp_controller_t *ctl, const pcp_frame_t *frame, uint32_t now_us)
{
    pcp_seal_t *seal = &ctl->seal;
    const uint32_t counter = pcp_get32(frame->payload + frame->size - TAG_SIZE - COUNTER_SIZE);
    if (ctl->config.has_key != 0 && counter > seal->counter && has_our_tag(ctl, frame)) {
        seal->counter = counter;
        return true;
    }
    if (!seal->told || now_us - seal->told_us >= TOLD_EVERY_US) {
        seal->told = true;
        seal->told_us = now_us;
        pcp_line_event(ctl, PCP_SEVERITY_WARNING, PCP_EVENT_CODE_SEAL_REFUSED, frame->id, now_us);
    }
    return false;
}
