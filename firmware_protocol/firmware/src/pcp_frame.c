/* Frames out: the checksum and the encoder. */
#include "pcp_frame.h"

/* CRC-32/ISO-HDLC, reflected polynomial 0xEDB88320, one entry per nibble: 64 bytes of flash. */
static const uint32_t NIBBLE[16] = {
    0x00000000u, 0x1DB71064u, 0x3B6E20C8u, 0x26D930ACu, 0x76DC4190u, 0x6B6B51F4u, 0x4DB26158u, 0x5005713Cu,
    0xEDB88320u, 0xF00F9344u, 0xD6D6A3E8u, 0xCB61B38Cu, 0x9B64C2B0u, 0x86D3D2D4u, 0xA00AE278u, 0xBDBDF21Cu,
};

uint32_t pcp_crc32(const uint8_t *bytes, size_t n, uint32_t seed)
{
    uint32_t crc = ~seed;
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        crc = (crc >> 4) ^ NIBBLE[crc & 0x0Fu];
        crc = (crc >> 4) ^ NIBBLE[crc & 0x0Fu];
    }
    return ~crc;
}

/* Replace the zeros of n bytes at block + 1 by distances and put the first distance in front. The
 * caller keeps n <= PCP_MAX_BODY, so one code byte is enough and no distance reaches 255.
 * Source: Cheshire, Baker (1999), "Consistent Overhead Byte Stuffing". */
static void cobs_encode_in_place(uint8_t *block, size_t n)
{
    size_t code_at = 0;
    for (size_t i = 1; i <= n; i++) {
        if (block[i] == 0) {
            block[code_at] = (uint8_t)(i - code_at);
            code_at = i;
        }
    }
    block[code_at] = (uint8_t)(n + 1 - code_at);
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
    cobs_encode_in_place(out, size + PCP_BODY_OVERHEAD);
    out[size + PCP_BODY_OVERHEAD + 1] = 0;
    return size + PCP_FRAME_OVERHEAD;
}
