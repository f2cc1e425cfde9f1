/* SHA-256 (FIPS 180-4) and HMAC-SHA256 (RFC 2104), for sealed messages. */
#ifndef PCP_SHA256_H
#define PCP_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { PCP_SHA256_BLOCK = 64, PCP_SHA256_SIZE = 32, PCP_KEY_SIZE = 32 };

/* A hash in the making. The caller owns it; all of it is private. */
typedef struct {
    uint32_t state[8];
    uint32_t size; /* bytes taken so far: 4 GB at most */
    uint8_t block[PCP_SHA256_BLOCK];
} pcp_sha256_t;

/* Start a hash. */
void pcp_sha256_init(pcp_sha256_t *hash);

/* Take n more bytes. */
void pcp_sha256_add(pcp_sha256_t *hash, const uint8_t *bytes, size_t n);

/* Write the digest. The hash is used up. */
void pcp_sha256_end(pcp_sha256_t *hash, uint8_t digest[PCP_SHA256_SIZE]);

/* Write the code of n bytes under a key. A shorter key is one with zeros after it, a longer one its digest. */
void pcp_hmac_sha256(const uint8_t key[PCP_KEY_SIZE], const uint8_t *bytes, size_t n, uint8_t code[PCP_SHA256_SIZE]);

#endif
