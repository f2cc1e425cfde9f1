/* Frames out: the checksum and the encoder; and the way to the table of messages. */
#include "pcp_frame.h"

/* CRC-32/ISO-HDLC, reflected polynomial 0xEDB88320: what each half of a byte does to the register. Two small
 * tables read at once are nearly as fast as one of 256 entries and take 128 bytes of flash. */
static const uint32_t UPPER[16] = {
    0x00000000u, 0x1DB71064u, 0x3B6E20C8u, 0x26D930ACu, 0x76DC4190u, 0x6B6B51F4u, 0x4DB26158u, 0x5005713Cu,
    0xEDB88320u, 0xF00F9344u, 0xD6D6A3E8u, 0xCB61B38Cu, 0x9B64C2B0u, 0x86D3D2D4u, 0xA00AE278u, 0xBDBDF21Cu,
};
static const uint32_t LOWER[16] = {
    0x00000000u, 0x77073096u, 0xEE0E612Cu, 0x990951BAu, 0x076DC419u, 0x706AF48Fu, 0xE963A535u, 0x9E6495A3u,
    0x0EDB8832u, 0x79DCB8A4u, 0xE0D5E91Eu, 0x97D2D988u, 0x09B64C2Bu, 0x7EB17CBDu, 0xE7B82D07u, 0x90BF1D91u,
};

uint32_t pcp_crc32(const uint8_t *bytes, size_t n, uint32_t seed)
{
    uint32_t crc = ~seed;
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        crc = (crc >> 8) ^ UPPER[(crc >> 4) & 0x0Fu] ^ LOWER[crc & 0x0Fu];
    }
    return ~crc;
}

const pcp_message_t *pcp_message(uint8_t id)
{
    for (size_t i = 0; i < PCP_MESSAGE_COUNT; i++) {
        if (PCP_MESSAGES[i].id == id) {
            return &PCP_MESSAGES[i];
        }
    }
    return NULL;
}

/* From the end, so that each zero knows its distance when it is reached. Choices without branches: zeros are
 * where a processor cannot guess them. */
void pcp_cobs_encode(uint8_t *block, size_t n)
{
    uint8_t distance = 1;
    for (size_t i = n; i > 0; i--) {
        const uint8_t byte = block[i];
        block[i] = byte != 0 ? byte : distance;
        distance = byte != 0 ? (uint8_t)(distance + 1u) : (uint8_t)1;
    }
    block[0] = distance;
}

size_t pcp_frame_encode(uint8_t id, uint8_t seq, const uint8_t *payload, size_t size, uint32_t seed, uint8_t *out)
{
    if (size > PCP_MAX_PAYLOAD) {
        return 0;
    }
    uint8_t *body = out + 1;
    body[0] = id;
    body[1] = seq;
    for (size_t i = 0; i < size; i++) {
        body[2 + i] = payload[i];
    }
    pcp_put32(body + 2 + size, pcp_crc32(body, 2 + size, seed));
    pcp_cobs_encode(out, size + PCP_BODY_OVERHEAD);
    out[size + PCP_BODY_OVERHEAD + 1] = 0;
    return size + PCP_FRAME_OVERHEAD;
}
