/* colour.h - colours, on a terminal alone.
 *
 *   printf("%s%s%s\n", colour(stdout, COLOUR_RED), text, colour(stdout, COLOUR_OFF));
 *
 * They say nothing that the words do not say. */
#ifndef CLI_COLOUR_H
#define CLI_COLOUR_H

#include <stdio.h>

enum colour { COLOUR_OFF, COLOUR_BOLD, COLOUR_FAINT, COLOUR_RED, COLOUR_GREEN, COLOUR_YELLOW };

/* What to write to `to` so that text has this colour from here on; "" where it is no terminal,
 * where TERM is dumb or not set, or where NO_COLOR is set to anything but "" (no-color.org). */
const char *colour(FILE *to, enum colour colour);

#endif
