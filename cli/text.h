/* text.h - texts on a terminal: what is safe to show there, and how wide it is. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "facts/text.h"

/* cli_clean, of cli.h, is in text.c too. */

/* A terminal would obey it rather than show it: control characters, and those that turn the
 * direction of what follows or begin a new line. */
bool text_commands(uint32_t character);

/* Columns that UTF-8 text takes on a terminal: wide characters count two, combining ones none. */
int text_width(const char *text);

/* Columns of the terminal that `to` is; 80 where it is none. */
int text_columns(FILE *to);

#endif
