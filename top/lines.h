/* lines.h - what is shown, as lines: for a screen and for paper alike.
 *
 * Every text is cleaned (cli_clean): no byte of a line can command a terminal. */
#ifndef TOP_LINES_H
#define TOP_LINES_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/table.h"

struct line {
    char *text; /* without a newline */
    enum colour colour;
};

struct lines {
    struct line *at;
    size_t n;
    size_t room;
    bool has_failed; /* out of memory: some are missing */
};

/* Zero it to begin; lines_fini leaves it so. */
void lines_fini(struct lines *lines);

void lines_add(struct lines *lines, enum colour colour, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A table, the first line of it bold; ends the table. */
void lines_add_table(struct lines *lines, struct table *table);

/* The number of bytes of `text` that fit into so many columns. */
size_t lines_fit(const char *text, int columns);

/* With colours where `to` is a terminal, cut to `columns` (0: not cut). */
void lines_print(const struct lines *lines, int columns, FILE *to);

#endif
