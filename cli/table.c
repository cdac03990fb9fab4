/* table.c - a table for people: columns as wide as what is in them, by what a terminal shows. */
#include "table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "text.h"

enum { MOST_COLUMNS = 16, BETWEEN = 2 };

struct table_row {
    char *cells[MOST_COLUMNS];
    char *beneath;
    enum colour colour;
};

void table_init(struct table *table, const char *sides, const char *const *headings)
{
    *table = (struct table){.sides = sides};
    if (!headings)
        return;
    table_row(table, COLOUR_BOLD);
    for (size_t k = 0; sides[k]; k++)
        table_cell(table, "%s", headings[k]);
}

void table_fini(struct table *table)
{
    for (size_t i = 0; i < table->n; i++) {
        for (size_t k = 0; k < MOST_COLUMNS; k++)
            free(table->rows[i].cells[k]);
        free(table->rows[i].beneath);
    }
    free(table->rows);
}

void table_row(struct table *table, enum colour colour)
{
    if (table->n == table->room) {
        size_t room = table->room ? 2 * table->room : 32;
        struct table_row *rows = realloc(table->rows, room * sizeof *rows);
        if (!rows) {
            table->has_failed = true;
            return;
        }
        table->rows = rows;
        table->room = room;
    }
    table->rows[table->n++] = (struct table_row){.colour = colour};
    table->at = 0;
}

void table_cell(struct table *table, const char *format, ...)
{
    va_list values;
    char *text = NULL;

    if (table->has_failed)
        return;
    va_start(values, format);
    if (vasprintf(&text, format, values) < 0)
        text = NULL;
    va_end(values);
    if (text)
        cli_clean(text);
    else
        table->has_failed = true;
    table->rows[table->n - 1].cells[table->at++] = text;
}

void table_beneath(struct table *table, char *lines)
{
    if (!lines || table->has_failed) {
        free(lines);
        table->has_failed = true;
        return;
    }
    table->rows[table->n - 1].beneath = lines;
}

static const char *cell(const struct table_row *row, size_t k)
{
    return row->cells[k] ? row->cells[k] : "";
}

static void print_row(const struct table *table, const struct table_row *row, const int *width,
                      FILE *to)
{
    int blanks = table->indent; /* not written yet: a line does not end in them */

    fputs(row->colour == COLOUR_OFF ? "" : colour(to, row->colour), to);
    for (size_t k = 0; table->sides[k]; k++) {
        int pad = width[k] - text_width(cell(row, k));
        int left = table->sides[k] == 'r' ? pad : 0;
        if (cell(row, k)[0]) {
            fprintf(to, "%*s%s", blanks + left, "", cell(row, k));
            blanks = pad - left;
        } else {
            blanks += pad;
        }
        blanks += BETWEEN;
    }
    fprintf(to, "%s\n", row->colour == COLOUR_OFF ? "" : colour(to, COLOUR_OFF));
    if (row->beneath)
        fputs(row->beneath, to);
}

bool table_print(const struct table *table, FILE *to)
{
    int width[MOST_COLUMNS] = {0};

    if (table->has_failed)
        return false;
    for (size_t i = 0; i < table->n; i++) {
        for (size_t k = 0; table->sides[k]; k++) {
            int columns = text_width(cell(&table->rows[i], k));
            width[k] = columns > width[k] ? columns : width[k];
        }
    }
    for (size_t i = 0; i < table->n; i++)
        print_row(table, &table->rows[i], width, to);
    return true;
}
