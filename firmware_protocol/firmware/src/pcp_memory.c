/* The configuration is compared with what it was, a few bytes in each step.
 *
 * Every limit that keeps the car safe is in it. A value that changed by itself - a stray pointer, a bit that
 * flipped - is noticed within half a second, and at arming. */
#include "pcp_parts.h"

enum { BYTES_PER_STEP = 8 };

void pcp_memory_seal(pcp_controller_t *ctl)
{
    const uint8_t *bytes = (const uint8_t *)&ctl->config;
    ctl->memory.crc = pcp_crc32(bytes, sizeof ctl->config, 0);
    ctl->memory.crc_now = 0;
    ctl->memory.at = 0;
}

static void compare(pcp_controller_t *ctl, uint32_t crc)
{
    ctl->memory.damaged |= crc != ctl->memory.crc;
    pcp_note(ctl, PCP_CAUSE_MEMORY, ctl->memory.damaged);
}

void pcp_memory_watch(pcp_controller_t *ctl)
{
    pcp_memory_t *memory = &ctl->memory;
    const uint8_t *bytes = (const uint8_t *)&ctl->config;
    const size_t left = sizeof ctl->config - memory->at;
    const size_t n = left < BYTES_PER_STEP ? left : BYTES_PER_STEP;
    memory->crc_now = pcp_crc32(&bytes[memory->at], n, memory->crc_now);
    memory->at = (uint16_t)(memory->at + n);
    if (memory->at == sizeof ctl->config) {
        compare(ctl, memory->crc_now);
        memory->at = 0;
        memory->crc_now = 0;
    }
}

bool pcp_memory_is_sound(pcp_controller_t *ctl)
{
    compare(ctl, pcp_crc32((const uint8_t *)&ctl->config, sizeof ctl->config, 0));
    return !ctl->memory.damaged;
}
