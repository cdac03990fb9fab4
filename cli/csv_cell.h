/* csv_cell.h - texts in CSV. */
#ifndef CLI_CSV_CELL_H
#define CLI_CSV_CELL_H

#include <stdio.h>

/* A text as a cell: in quotes where it has a comma, a quotation mark or a line's end. To a file or
 * a pipe it goes as it is; to a terminal cleaned (cli_clean). */
void csv_put(FILE *to, const char *text);

#endif
