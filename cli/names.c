/* names.c - many channels' names, in the order that people expect, in lines. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "groups.h"
#include "text.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t count_digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* As people sort: LA2 before LA10. */
static int natural(const void *a, const void *b)
{
    const char *x = *(const char *const *)a;
    const char *y = *(const char *const *)b;

    while (*x && *y) {
        if (is_digit(*x) && is_digit(*y)) {
            size_t zeros_x = strspn(x, "0"), zeros_y = strspn(y, "0");
            size_t n = count_digits(x + zeros_x), m = count_digits(y + zeros_y);
            int order = n != m ? (n < m ? -1 : 1) : strncmp(x + zeros_x, y + zeros_y, n);
            if (order != 0)
                return order;
            x += zeros_x + n;
            y += zeros_y + m;
        } else if (*x != *y) {
            break;
        } else {
            x++;
            y++;
        }
    }
    return (unsigned char)*x != (unsigned char)*y
               ? (unsigned char)*x - (unsigned char)*y
               : strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct lines {
    FILE *to;
    int indent;
    int columns;
    int at; /* columns that the line has; 0: not begun */
    bool has_failed;
};

static void put_item(struct lines *lines, const char *name, bool is_last)
{
    char *item = NULL;

    if (asprintf(&item, "%s%s", name, is_last ? "" : ",") < 0) {
        lines->has_failed = true;
        return;
    }
    int width = text_width(cli_clean(item));
    if (lines->at > 0 && lines->at + 1 + width <= lines->columns) {
        fprintf(lines->to, " %s", item);
        lines->at += 1 + width;
    } else {
        fprintf(lines->to, "%s%*s%s", lines->at > 0 ? "\n" : "", lines->indent, "", item);
        lines->at = lines->indent + width;
    }
    free(item);
}

char *groups_names(const struct group *group, const char *const *names, int indent, int columns)
{
    const char **sorted = calloc(group->n + 1, sizeof *sorted);
    char *text = NULL;
    size_t bytes;
    struct lines lines = {.indent = indent, .columns = columns};

    lines.to = sorted ? open_memstream(&text, &bytes) : NULL;
    if (!lines.to) {
        free(sorted);
        return NULL;
    }
    for (size_t i = 0; i < group->n; i++)
        sorted[i] = names[group->members[i]];
    qsort(sorted, group->n, sizeof *sorted, natural);
    for (size_t i = 0; i < group->n; i++)
        put_item(&lines, sorted[i], i + 1 == group->n);
    fputc('\n', lines.to);
    free(sorted);
    if (fclose(lines.to) != 0 || lines.has_failed) {
        free(text);
        return NULL;
    }
    return text;
}
