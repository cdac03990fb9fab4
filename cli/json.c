/* json.c - JSON as commands print it. */
#include "json.h"

#include <stdlib.h>

#include "text.h"

/* Jansson escapes what JSON has it escape, and leaves other characters that a terminal would obey:
 * DEL, the second set of control characters, and those that turn the text's direction. All are
 * within strings here, but for the line ends between the lines. */
static void put_escaped(FILE *to, const char *text)
{
    uint32_t character;

    for (const char *at = text; *at;) {
        size_t n = text_decode(at, &character);
        if (n > 0 && text_commands(character) && *at != '\n')
            fprintf(to, "\\u%04x", (unsigned)character);
        else
            fwrite(at, 1, n > 0 ? n : 1, to);
        at += n > 0 ? n : 1;
    }
    fputc('\n', to);
}

bool json_print(FILE *to, json_t *value)
{
    char *text = value ? json_dumps(value, JSON_INDENT(2)) : NULL;

    json_decref(value);
    if (!text)
        return false;
    put_escaped(to, text);
    free(text);
    return true;
}
