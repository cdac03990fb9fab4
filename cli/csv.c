/* csv.c - lines of a table, cell by cell. */
#include "csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

char csv_separator(const char *line)
{
    bool is_quoted = false;
    bool has_semicolon = false;

    for (; *line; line++) {
        if (*line == '"')
            is_quoted = !is_quoted;
        if (!is_quoted && (*line == ',' || *line == '\t'))
            return *line;
        has_semicolon |= !is_quoted && *line == ';';
    }
    return has_semicolon ? ';' : ',';
}

static bool add(struct csv_cells *cells, char *cell)
{
    if (cells->n == cells->room) {
        size_t room = cells->room ? 2 * cells->room : 64;
        char **at = realloc(cells->at, room * sizeof *at);
        if (!at)
            return false;
        cells->at = at;
        cells->room = room;
    }
    cells->at[cells->n++] = cell;
    return true;
}

static bool is_space(char c, char separator)
{
    return (c == ' ' || c == '\t') && c != separator;
}

/* A cell in quotation marks, of which "" stands for one. Returns what follows it,
 * NULL when it does not end. */
static char *unquote(char *cell)
{
    char *to = cell;

    for (char *at = cell + 1; *at; at++) {
        if (*at == '"' && at[1] != '"') {
            *to = '\0';
            return at + 1;
        }
        at += *at == '"';
        *to++ = *at;
    }
    return NULL;
}

enum csv_status csv_split(char *line, char separator, struct csv_cells *cells)
{
    cells->n = 0;
    for (char *at = line;; at++) {
        while (is_space(*at, separator))
            at++;
        char *cell = at;
        if (*at == '"' && !(at = unquote(cell)))
            return CSV_OPEN_QUOTE;
        /* What follows a closing quotation mark belongs to no cell. */
        char *end = at;
        while (*at && *at != separator)
            at++;
        bool is_last = *at == '\0';
        if (end == cell)
            for (end = at; end > cell && is_space(end[-1], separator);)
                end--;
        *end = '\0';
        if (!add(cells, cell))
            return CSV_NO_MEMORY;
        if (is_last)
            return CSV_FINE;
    }
}

void csv_fini(struct csv_cells *cells)
{
    free(cells->at);
    *cells = (struct csv_cells){0};
}

bool csv_number(const char *cell, double *number_out)
{
    char *end;

    if (cell[0] == '\0') {
        *number_out = (double)NAN;
        return true;
    }
    /* strtod knows hexadecimal numbers, and NaNs with something inside. */
    bool is_word = strcasecmp(cell, "nan") == 0 || strcasecmp(cell, "inf") == 0 ||
                   strcasecmp(cell, "+inf") == 0 || strcasecmp(cell, "-inf") == 0;
    if (!is_word && cell[strspn(cell, "0123456789+-.eE")] != '\0')
        return false;
    double number = strtod(cell, &end);
    if (*end || (!is_word && !isfinite(number)))
        return false;
    *number_out = number;
    return true;
}
