/* lines.c - what is shown, as lines. */
#include "lines.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "cli/cli.h"
#include "cli/text.h"

void lines_fini(struct lines *lines)
{
    for (size_t i = 0; i < lines->n; i++)
        free(lines->at[i].text);
    free(lines->at);
    *lines = (struct lines){0};
}

/* Takes `text` over; NULL: there was no memory for it. */
static void append(struct lines *lines, enum colour colour, char *text)
{
    if (text && lines->n == lines->room) {
        size_t room = lines->room ? 2 * lines->room : 64;
        struct line *at = realloc(lines->at, room * sizeof *at);
        if (at) {
            lines->at = at;
            lines->room = room;
        }
    }
    if (!text || lines->n == lines->room) {
        lines->has_failed = true;
        free(text);
        return;
    }
    lines->at[lines->n++] = (struct line){cli_clean(text), colour};
}

void lines_add(struct lines *lines, enum colour colour, const char *format, ...)
{
    va_list values;
    char *text = NULL;

    va_start(values, format);
    if (vasprintf(&text, format, values) < 0)
        text = NULL;
    va_end(values);
    append(lines, colour, text);
}

void lines_add_table(struct lines *lines, struct table *table)
{
    char *text = NULL, *rest = NULL;
    size_t n = 0, k = 0;
    FILE *to = open_memstream(&text, &n);
    bool is_whole = to && table_print(table, to);

    if (!to || fclose(to) != 0 || !is_whole)
        lines->has_failed = true;
    else
        for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
            append(lines, k++ == 0 ? COLOUR_BOLD : COLOUR_OFF, strdup(line));
    free(text);
    table_fini(table);
}

size_t lines_fit(const char *text, int columns)
{
    const char *at = text;
    uint32_t character;

    while (*at) {
        size_t n = text_decode(at, &character);
        int width = n > 0 ? wcwidth((wchar_t)character) : 1;
        columns -= width < 0 ? 1 : width;
        if (columns < 0)
            break;
        at += n > 0 ? n : 1;
    }
    return (size_t)(at - text);
}

void lines_print(const struct lines *lines, int columns, FILE *to)
{
    for (size_t i = 0; i < lines->n; i++) {
        const struct line *line = &lines->at[i];
        size_t n = columns > 0 ? lines_fit(line->text, columns) : strlen(line->text);
        bool is_plain = line->colour == COLOUR_OFF;
        fprintf(to, "%s%.*s%s\n", is_plain ? "" : colour(to, line->colour), (int)n, line->text,
                is_plain ? "" : colour(to, COLOUR_OFF));
    }
}
