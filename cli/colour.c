/* colour.c - colours, on a terminal alone. */
#include "colour.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool has_colours(FILE *to)
{
    const char *unwanted = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");

    return !(unwanted && unwanted[0]) && terminal && terminal[0] && strcmp(terminal, "dumb") != 0 &&
           isatty(fileno(to));
}

const char *colour(FILE *to, enum colour colour)
{
    static const char *const sequence[] = {
        [COLOUR_OFF] = "\033[0m",  [COLOUR_BOLD] = "\033[1m",   [COLOUR_FAINT] = "\033[2m",
        [COLOUR_RED] = "\033[31m", [COLOUR_GREEN] = "\033[32m", [COLOUR_YELLOW] = "\033[33m",
    };

    return has_colours(to) ? sequence[colour] : "";
}
