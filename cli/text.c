/* text.c - texts on a terminal: what is safe to show there, and how wide it is. */
#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "cli.h"

enum { USUAL_COLUMNS = 80, LEAST_COLUMNS = 40 };

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

bool text_commands(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

char *cli_clean(char *text)
{
    char *to = text;
    uint32_t character;

    for (const char *at = text; *at;) {
        size_t n = text_decode(at, &character);
        if (n == 0 || text_commands(character)) {
            *to++ = '?';
            at += n > 0 ? n : 1;
            continue;
        }
        memmove(to, at, n);
        to += n;
        at += n;
    }
    *to = '\0';
    return text;
}

int text_width(const char *text)
{
    uint32_t character;
    int width = 0;

    for (const char *at = text; *at;) {
        size_t n = text_decode(at, &character);
        int columns = n > 0 ? wcwidth((wchar_t)character) : 1;
        width += columns < 0 ? 1 : columns;
        at += n > 0 ? n : 1;
    }
    return width;
}

int text_columns(FILE *to)
{
    struct winsize size;

    if (ioctl(fileno(to), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return USUAL_COLUMNS;
    return size.ws_col < LEAST_COLUMNS ? LEAST_COLUMNS : size.ws_col;
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
