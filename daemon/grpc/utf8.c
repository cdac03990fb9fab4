/* utf8.c - UTF-8 that came from a client, or goes to one. */
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

static const char replacement[] = "\xEF\xBF\xBD";

/* Length of the character at bytes[0 .. n), 0 when there is none. */
static size_t character(const uint8_t *bytes, size_t n)
{
    uint8_t first = bytes[0];
    if (first < 0x80)
        return 1;
    if (first < 0xC2 || first > 0xF4)
        return 0;

    size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (length > n)
        return 0;

    /* The second byte's range rules out overlong forms, surrogates, and what
     * is past the end. */
    uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (bytes[1] < low || bytes[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

bool utf8_is_valid(const uint8_t *bytes, size_t n)
{
    while (n > 0) {
        size_t length = character(bytes, n);
        if (length == 0)
            return false;
        bytes += length;
        n -= length;
    }
    return true;
}

static char *clean_copy(const char *text, size_t n)
{
    char *copy = malloc(n * (sizeof replacement - 1) + 1);
    if (!copy)
        return NULL;

    char *out = copy;
    while (n > 0) {
        size_t length = character((const uint8_t *)text, n);
        if (length > 0) {
            memcpy(out, text, length);
            out += length;
        } else {
            length = 1;
            memcpy(out, replacement, sizeof replacement - 1);
            out += sizeof replacement - 1;
        }
        text += length;
        n -= length;
    }
    *out = '\0';
    return copy;
}

char *utf8_clean(struct utf8_copies *copies, const char *text)
{
    static char nothing[] = "";

    union {
        const char *in;
        char *out;
    } same = {.in = text};
    size_t n = strlen(text);
    if (utf8_is_valid((const uint8_t *)text, n))
        return same.out;

    char **list = realloc(copies->copies, (copies->n + 1) * sizeof *list);
    if (!list)
        goto fail;
    copies->copies = list;
    char *copy = clean_copy(text, n);
    if (!copy)
        goto fail;
    copies->copies[copies->n++] = copy;
    return copy;

fail:
    copies->failed = true;
    return nothing;
}

void utf8_copies_fini(struct utf8_copies *copies)
{
    for (size_t i = 0; i < copies->n; i++)
        free(copies->copies[i]);
    free(copies->copies);
    *copies = (struct utf8_copies){0};
}
