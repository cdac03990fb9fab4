/* pack.h - numbers and texts into bytes and back, for messages between processes.
 *
 * Both ends run on one machine, so numbers are in its own byte order. Packing
 * and unpacking never run past the end: the first that would sets `failed`, and
 * from then on nothing is written and zeros are read. Check it once, at the end. */
#ifndef BASE_PACK_H
#define BASE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct packer {
    uint8_t *at;
    const uint8_t *end;
    bool failed;
};

struct unpacker {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

static inline void pack_bytes(struct packer *p, const void *bytes, size_t n)
{
    if (p->failed || n > (size_t)(p->end - p->at)) {
        p->failed = true;
        return;
    }
    memcpy(p->at, bytes, n);
    p->at += n;
}

static inline void unpack_bytes(struct unpacker *u, void *bytes_out, size_t n)
{
    if (u->failed || n > (size_t)(u->end - u->at)) {
        u->failed = true;
        memset(bytes_out, 0, n);
        return;
    }
    memcpy(bytes_out, u->at, n);
    u->at += n;
}

#define PACK_NUMBER(name, type)                                  \
    static inline void pack_##name(struct packer *p, type value) \
    {                                                            \
        pack_bytes(p, &value, sizeof value);                     \
    }                                                            \
    static inline type unpack_##name(struct unpacker *u)         \
    {                                                            \
        type value;                                              \
        unpack_bytes(u, &value, sizeof value);                   \
        return value;                                            \
    }
PACK_NUMBER(u32, uint32_t)
PACK_NUMBER(i32, int32_t)
PACK_NUMBER(u64, uint64_t)
PACK_NUMBER(i64, int64_t)
PACK_NUMBER(f64, double)
#undef PACK_NUMBER

/* A text: its length, its bytes, a zero. NULL is packed as "". */
static inline void pack_text(struct packer *p, const char *text)
{
    size_t n = text ? strlen(text) : 0;

    if (n > UINT32_MAX - 1) {
        p->failed = true;
        return;
    }
    pack_u32(p, (uint32_t)n);
    pack_bytes(p, text ? text : "", n + 1);
}

/* The text where it stands in the message; "" when there is none. */
static inline const char *unpack_text(struct unpacker *u)
{
    size_t n = unpack_u32(u);

    if (u->failed || n >= (size_t)(u->end - u->at) || u->at[n] != 0 || memchr(u->at, 0, n)) {
        u->failed = true;
        return "";
    }
    const char *text = (const char *)u->at;
    u->at += n + 1;
    return text;
}

#endif
