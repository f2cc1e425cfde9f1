/* SHA-256 as FIPS 180-4 defines it, with a message schedule of 16 words that is rewritten as it is used. */
#include "pcp_sha256.h"

enum { ROUNDS = 64, WORDS = 16, LENGTH_AT = PCP_SHA256_BLOCK - 8 };

/* FIPS 180-4, 4.2.2: fractions of the cube roots of the first 64 primes. */
static const uint32_t K[ROUNDS] = {
    0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u, 0xab1c5ed5u,
    0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu, 0x9bdc06a7u, 0xc19bf174u,
    0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu, 0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau,
    0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u, 0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u,
    0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu, 0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u,
    0xa2bfe8a1u, 0xa81a664bu, 0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u,
    0x19a4c116u, 0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
    0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u, 0xc67178f2u,
};

/* FIPS 180-4, 5.3.3: fractions of the square roots of the first 8 primes. */
static const uint32_t START[8] = {
    0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au, 0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u,
};

static uint32_t turned(uint32_t word, unsigned bits)
{
    return word >> bits | word << (32u - bits);
}

static uint32_t big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3];
}

/* The next word of the schedule takes the place of the one 16 rounds ago. */
static uint32_t scheduled(uint32_t w[WORDS], unsigned round)
{
    const uint32_t late = w[(round + 14u) % WORDS];
    const uint32_t early = w[(round + 1u) % WORDS];
    const uint32_t sigma1 = turned(late, 17) ^ turned(late, 19) ^ late >> 10;
    const uint32_t sigma0 = turned(early, 7) ^ turned(early, 18) ^ early >> 3;
    w[round % WORDS] += sigma1 + w[(round + 9u) % WORDS] + sigma0;
    return w[round % WORDS];
}

/* v holds the eight working variables a to h. */
static void advance(uint32_t v[8], uint32_t added)
{
    const uint32_t sum1 = turned(v[4], 6) ^ turned(v[4], 11) ^ turned(v[4], 25);
    const uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
    const uint32_t sum0 = turned(v[0], 2) ^ turned(v[0], 13) ^ turned(v[0], 22);
    const uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
    const uint32_t first = v[7] + sum1 + choice + added;
    for (unsigned i = 7; i > 0; i--) {
        v[i] = v[i - 1u];
    }
    v[4] += first;
    v[0] = first + sum0 + majority;
}

static void take_block(pcp_sha256_t *hash)
{
    uint32_t w[WORDS];
    uint32_t v[8];
    for (unsigned i = 0; i < WORDS; i++) {
        w[i] = big_endian(&hash->block[4u * i]);
    }
    for (unsigned i = 0; i < 8; i++) {
        v[i] = hash->state[i];
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        advance(v, K[round] + (round < WORDS ? w[round] : scheduled(w, round)));
    }
    for (unsigned i = 0; i < 8; i++) {
        hash->state[i] += v[i];
    }
}

void pcp_sha256_init(pcp_sha256_t *hash)
{
    hash->size = 0;
    for (unsigned i = 0; i < 8; i++) {
        hash->state[i] = START[i];
    }
}

static void take_byte(pcp_sha256_t *hash, unsigned byte)
{
    hash->block[hash->size++ % PCP_SHA256_BLOCK] = (uint8_t)byte;
    if (hash->size % PCP_SHA256_BLOCK == 0) {
        take_block(hash);
    }
}

void pcp_sha256_add(pcp_sha256_t *hash, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        take_byte(hash, bytes[i]);
    }
}

void pcp_sha256_end(pcp_sha256_t *hash, uint8_t digest[PCP_SHA256_SIZE])
{
    const uint32_t size = hash->size;
    take_byte(hash, 0x80);
    while (hash->size % PCP_SHA256_BLOCK != LENGTH_AT) {
        take_byte(hash, 0);
    }
    for (unsigned i = 0; i < 8; i++) { /* in bits */
        take_byte(hash, (i < 4 ? size >> 29 : size << 3) >> (24u - 8u * (i % 4u)));
    }
    for (unsigned i = 0; i < PCP_SHA256_SIZE; i++) {
        digest[i] = (uint8_t)(hash->state[i / 4u] >> (24u - 8u * (i % 4u)));
    }
}

void pcp_hmac_sha256(const uint8_t key[PCP_KEY_SIZE], const uint8_t *bytes, size_t n, uint8_t code[PCP_SHA256_SIZE])
{
    pcp_sha256_t hash;
    for (unsigned pad = 0x36; pad <= 0x5c; pad += 0x5c - 0x36) { /* the inner hash, and the outer one over it */
        pcp_sha256_init(&hash);
        for (unsigned i = 0; i < PCP_SHA256_BLOCK; i++) {
            take_byte(&hash, (i < PCP_KEY_SIZE ? key[i] : 0u) ^ pad);
        }
        pcp_sha256_add(&hash, bytes, n);
        pcp_sha256_end(&hash, code);
        bytes = code;
        n = PCP_SHA256_SIZE;
    }
}
