/* csv.h - lines of a table, cell by cell. Text in, cells out; no I/O. */
#ifndef CLI_CSV_H
#define CLI_CSV_H

#include <stdbool.h>
#include <stddef.h>

struct csv_cells {
    char **at; /* each ends with a zero; within the line */
    size_t n;
    size_t room;
};

/* Comma, semicolon or tab: what a table with this first line uses. */
char csv_separator(const char *line);

enum csv_status { CSV_FINE, CSV_OPEN_QUOTE, CSV_NO_MEMORY };

/* Cut a line, without its end, into cells; quotation marks go, spaces around a cell
 * too. Changes the line. */
enum csv_status csv_split(char *line, char separator, struct csv_cells *cells);
void csv_fini(struct csv_cells *cells);

/* A number, "nan" or "inf"; nothing at all is NaN. False: it is something else. */
bool csv_number(const char *cell, double *number_out);

#endif
