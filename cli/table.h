/* table.h - a table for people: columns as wide as what is in them, by what a terminal shows. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "colour.h"

struct table_row;

struct table {
    const char *sides; /* a letter a column: 'l' to the left, 'r' to the right */
    int indent;
    struct table_row *rows;
    size_t n;
    size_t room;
    size_t at; /* the next cell of the last row */
    bool has_failed;
};

/* `sides` and `headings` (one a letter; NULL: none) must outlive the table. */
void table_init(struct table *table, const char *sides, const char *const *headings);
void table_fini(struct table *table);

/* Begin a row, in a colour; then its cells, from the left, cleaned (cli_clean). Those that are not
 * said are empty. */
void table_row(struct table *table, enum colour colour);
void table_cell(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Lines beneath the last row, as they are, indented by `indent`; takes `lines` over. NULL: out of
 * memory. */
void table_beneath(struct table *table, char *lines);

/* False: out of memory, now or before. */
bool table_print(const struct table *table, FILE *to);

#endif
