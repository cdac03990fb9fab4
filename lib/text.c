/* text.c - texts of a file as valid UTF-8. */
#include "text.h"

#include <stdlib.h>
#include <string.h>

static const char REPLACEMENT[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* Length of the UTF-8 character at bytes[0 .. n), or 0. Overlong forms,
 * surrogates and what lies beyond U+10FFFF are refused. */
static size_t character_bytes(const uint8_t *bytes, size_t n)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = bytes[0];
    size_t length = first < 0x80             ? 1
                    : (first & 0xE0) == 0xC0 ? 2
                    : (first & 0xF0) == 0xE0 ? 3
                    : (first & 0xF8) == 0xF0 ? 4
                                             : 0;

    if (length <= 1 || length > n)
        return length <= n ? length : 0;
    uint32_t code = first & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (bytes[i] & 0x3Fu);
    }
    if (code < least[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return 0;
    return length;
}

size_t text_clean(const uint8_t *bytes, size_t n, char *text_out, size_t room)
{
    size_t n_whole = 0;
    size_t n_put = 0;

    for (size_t i = 0; i < n;) {
        size_t length = character_bytes(bytes + i, n - i);
        const void *from = length > 0 ? (const void *)(bytes + i) : REPLACEMENT;
        size_t some = length > 0 ? length : sizeof REPLACEMENT - 1;
        if (n_put == n_whole && some < room - n_put) {
            memcpy(text_out + n_put, from, some);
            n_put += some;
        }
        n_whole += some;
        i += length > 0 ? length : 1;
    }
    if (room > 0)
        text_out[n_put] = '\0';
    return n_whole;
}

void text_mend(char *text)
{
    size_t n = strlen(text);

    for (size_t i = 0, length; i < n; i += length) {
        length = character_bytes((const uint8_t *)text + i, n - i);
        if (length > 0)
            continue;
        text[i] = '?';
        length = 1;
    }
}

char *text_new(const uint8_t *bytes, size_t n)
{
    n = strnlen((const char *)bytes, n);
    size_t room = n * (sizeof REPLACEMENT - 1) + 1;
    char *text = malloc(room);
    if (!text)
        return NULL;
    size_t n_text = text_clean(bytes, n, text, room);
    char *fitted = realloc(text, n_text + 1);
    return fitted ? fitted : text;
}

char *text_new_units(const uint8_t *bytes, size_t n)
{
    n = strnlen((const char *)bytes, n);
    if (n >= 3 && bytes[0] == 'b' && (bytes[1] == '\'' || bytes[1] == '"') &&
        bytes[n - 1] == bytes[1])
        return text_new(bytes + 2, n - 3);
    return text_new(bytes, n);
}
