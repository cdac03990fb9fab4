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
