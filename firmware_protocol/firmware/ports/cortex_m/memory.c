/* What a compiler may call by itself, without a C library. */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int value, size_t n);
void __aeabi_memcpy(void *to, const void *from, size_t n);
void __aeabi_memcpy4(void *to, const void *from, size_t n);
void __aeabi_memcpy8(void *to, const void *from, size_t n);
void __aeabi_memclr(void *to, size_t n);
void __aeabi_memclr4(void *to, size_t n);
void __aeabi_memclr8(void *to, size_t n);

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    for (size_t i = 0; i < n; i++) {
        out[i] = in[i];
    }
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    if ((uintptr_t)to <= (uintptr_t)from) {
        return memcpy(to, from, n);
    }
    while (n-- > 0) {
        out[n] = in[n];
    }
    return to;
}

void *memset(void *to, int value, size_t n)
{
    uint8_t *out = to;
    for (size_t i = 0; i < n; i++) {
        out[i] = (uint8_t)value;
    }
    return to;
}

/* clang's names for the same, on ARM. */
void __aeabi_memcpy(void *to, const void *from, size_t n)
{
    (void)memcpy(to, from, n);
}

void __aeabi_memcpy4(void *to, const void *from, size_t n)
{
    (void)memcpy(to, from, n);
}

void __aeabi_memcpy8(void *to, const void *from, size_t n)
{
    (void)memcpy(to, from, n);
}

void __aeabi_memclr(void *to, size_t n)
{
    (void)memset(to, 0, n);
}

void __aeabi_memclr4(void *to, size_t n)
{
    (void)memset(to, 0, n);
}

void __aeabi_memclr8(void *to, size_t n)
{
    (void)memset(to, 0, n);
}
