/* text.h - texts on a terminal: what is safe to show there, and how wide it is. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* cli_clean, of cli.h, is in text.c too. */

/* Number of bytes of the character at `at`, which is not 0; 0: UTF-8 has none that begins so. */
size_t text_decode(const char *at, uint32_t *character_out);

/* A terminal would obey it rather than show it: control characters, and those that turn the
 * direction of what follows or begin a new line. */
bool text_commands(uint32_t character);

/* Columns that UTF-8 text takes on a terminal: wide characters count two, combining ones none. */
int text_width(const char *text);

/* Columns of the terminal that `to` is; 80 where it is none. */
int text_columns(FILE *to);

/* A copy that is UTF-8 for certain: a byte that is not becomes U+FFFD. What a folder's or a file's
 * name needs on its way into JSON. NULL: out of memory. */
char *text_utf8(const char *text);

#endif
