/* text.c - names and texts that are UTF-8 for certain. */
#include "text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

size_t text_decode(const char *text, uint32_t *character_out)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *at = (const unsigned char *)text;
    size_t n = *at < 0x80 ? 1 : *at >= 0xF0 ? 4 : *at >= 0xE0 ? 3 : *at >= 0xC2 ? 2 : 0;
    uint32_t character = n > 1 ? *at & (0x7Fu >> n) : *at;

    if (*at > 0xF4)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        character = character << 6 | (at[i] & 0x3Fu);
    }
    bool is_surrogate = character >= 0xD800 && character < 0xE000;
    if (n == 0 || character < least[n] || character > 0x10FFFF || is_surrogate)
        return 0;
    *character_out = character;
    return n;
}

char *text_utf8(const char *text)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    char *copy = malloc(3 * strlen(text) + 1);
    char *to = copy;
    uint32_t character;

    for (const char *at = text; copy && *at;) {
        size_t n = text_decode(at, &character);
        memcpy(to, n > 0 ? at : replacement, n > 0 ? n : 3);
        to += n > 0 ? n : 3;
        at += n > 0 ? n : 1;
    }
    if (copy)
        *to = '\0';
    return copy;
}
