/* utf8.c - UTF-8 that came from a client, or goes to one. */
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

#include "base/character.h"

static const char replacement[] = "\xEF\xBF\xBD";

static char *clean_copy(const char *text, size_t n)
{
    char *copy = malloc(n * (sizeof replacement - 1) + 1);
    if (!copy)
        return NULL;

    char *out = copy;
    while (n > 0) {
        size_t length = character_length((const uint8_t *)text, n);
        if (length > 0) {
            memcpy(out, text, length);
            out += length;
        } else {
            length = 1;
            memcpy(out, replacement, sizeof replacement - 1);
            out += sizeof replacement - 1;
        }
        text += length;
        n -= length;
    }
    *out = '\0';
    return copy;
}

char *utf8_clean(struct utf8_copies *copies, const char *text)
{
    static char nothing[] = "";

    union {
        const char *in;
        char *out;
    } same = {.in = text};
    size_t n = strlen(text);
    if (characters_are_valid(text, n))
        return same.out;

    char **list = realloc(copies->copies, (copies->n + 1) * sizeof *list);
    if (!list)
        goto fail;
    copies->copies = list;
    char *copy = clean_copy(text, n);
    if (!copy)
        goto fail;
    copies->copies[copies->n++] = copy;
    return copy;

fail:
    copies->failed = true;
    return nothing;
}

void utf8_copies_fini(struct utf8_copies *copies)
{
    for (size_t i = 0; i < copies->n; i++)
        free(copies->copies[i]);
    free(copies->copies);
    *copies = (struct utf8_copies){0};
}
