/* csv_cell.c - texts in CSV. */
#include "csv_cell.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static void put(FILE *to, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, to);
        return;
    }
    fputc('"', to);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', to);
        fputc(*text, to);
    }
    fputc('"', to);
}

void csv_put(FILE *to, const char *text)
{
    char *clean = isatty(fileno(to)) ? strdup(text) : NULL;

    put(to, clean ? cli_clean(clean) : text);
    free(clean);
}
