/* metadata.c - the values of gRPC's own header fields. */
#include "metadata.h"

#include <string.h>

/* Nanoseconds in a unit, 0 for none. */
static uint64_t unit_ns(uint8_t unit)
{
    switch (unit) {
    case 'H':
        return UINT64_C(3600000000000);
    case 'M':
        return UINT64_C(60000000000);
    case 'S':
        return UINT64_C(1000000000);
    case 'm':
        return 1000000;
    case 'u':
        return 1000;
    case 'n':
        return 1;
    default:
        return 0;
    }
}

bool metadata_timeout(const uint8_t *value, size_t n, uint64_t *ms_out)
{
    if (n < 2 || n > 9)
        return false;

    uint64_t count = 0;
    for (size_t i = 0; i < n - 1; i++) {
        if (value[i] < '0' || value[i] > '9')
            return false;
        count = count * 10 + (uint64_t)(value[i] - '0');
    }

    uint64_t ns = unit_ns(value[n - 1]);
    if (ns == 0)
        return false;
    *ms_out = ns >= 1000000 ? count * (ns / 1000000) : (count * ns + 999999) / 1000000;
    return true;
}

bool metadata_is_grpc(const uint8_t *value, size_t n)
{
    static const char type[] = "application/grpc";

    size_t length = sizeof type - 1;
    if (n < length || memcmp(value, type, length) != 0)
        return false;
    return n == length || value[length] == '+' || value[length] == ';';
}

bool metadata_encoding(const uint8_t *value, size_t n, enum encoding *encoding_out)
{
    static const struct {
        const char *name;
        enum encoding encoding;
    } known[] = {
        {"identity", ENCODING_IDENTITY},
        {"gzip", ENCODING_GZIP},
        {"deflate", ENCODING_DEFLATE},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (n == strlen(known[i].name) && memcmp(value, known[i].name, n) == 0) {
            *encoding_out = known[i].encoding;
            return true;
        }
    }
    return false;
}

size_t metadata_message(const char *text, char *out, size_t room)
{
    static const char hex[] = "0123456789ABCDEF";

    size_t n = 0, whole = 0;
    for (const uint8_t *at = (const uint8_t *)text; *at; at++) {
        if ((*at & 0xC0) != 0x80)
            whole = n;
        bool plain = *at >= 0x20 && *at <= 0x7E && *at != '%';
        if (room - n < (plain ? 1 : 3))
            return whole;
        if (plain) {
            out[n++] = (char)*at;
        } else {
            out[n++] = '%';
            out[n++] = hex[*at >> 4];
            out[n++] = hex[*at & 15];
        }
    }
    return n;
}

size_t metadata_printable(const char *text, char *out, size_t room)
{
    size_t n = 0;
    for (; text[n] && n < room; n++)
        out[n] = text[n] >= 0x20 && text[n] <= 0x7E ? text[n] : '?';

    /* A value that ends in white space is malformed. */
    while (n > 0 && out[n - 1] == ' ')
        n--;
    return n;
}
