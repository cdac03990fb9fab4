/* text.h - texts on a terminal: what is safe to show there, and how wide it is. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdio.h>

/* cli_clean, of cli.h, is in text.c too. */

/* Columns that UTF-8 text takes on a terminal: wide characters count two, combining ones none. */
int text_width(const char *text);

/* Columns of the terminal that `to` is; 80 where it is none. */
int text_columns(FILE *to);

/* A copy that is UTF-8 for certain: a byte that is not becomes U+FFFD. What a folder's or a file's
 * name needs on its way into JSON. NULL: out of memory. */
char *text_utf8(const char *text);

#endif
