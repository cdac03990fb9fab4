/* text.c - texts for clients, in the notation that they know: Python's. */
#include "service/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool grow(struct text *text, size_t n)
{
    size_t room = text->room ? text->room : 128;

    if (n < text->room)
        return true;
    while (room <= n)
        room *= 2;
    char *bytes = realloc(text->bytes, room);
    if (!bytes)
        return false;
    text->bytes = bytes;
    text->room = room;
    return true;
}

/* Cut at TEXT_MAX, not within a character of UTF-8. */
static void cut(struct text *text)
{
    static const char MORE[] = "...";
    size_t n = TEXT_MAX - sizeof MORE;

    while (n > 0 && ((unsigned char)text->bytes[n] & 0xC0) == 0x80)
        n--;
    strcpy(text->bytes + n, MORE);
    text->n = n + sizeof MORE - 1;
    text->full = true;
}

void text_add(struct text *text, const char *format, ...)
{
    va_list values, again;

    if (text->full)
        return;
    va_start(values, format);
    va_copy(again, values);
    int n = vsnprintf(NULL, 0, format, values);
    if (n >= 0 && grow(text, text->n + (size_t)n + 1)) {
        vsnprintf(text->bytes + text->n, (size_t)n + 1, format, again);
        text->n += (size_t)n;
        if (text->n > TEXT_MAX)
            cut(text);
    }
    va_end(again);
    va_end(values);
}

/* What may not stand between the quotes as it is. */
static void add_escaped(struct text *text, char c)
{
    if (c == '\n' || c == '\r' || c == '\t')
        text_add(text, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
    else if (c == '\\' || c == '\'')
        text_add(text, "\\%c", c);
    else
        text_add(text, "\\x%02x", (unsigned char)c);
}

void text_add_quoted(struct text *text, const char *value)
{
    static const char ESCAPED[] =
        "\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16"
        "\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f\\'";
    char quote = strchr(value, '\'') && !strchr(value, '"') ? '"' : '\'';

    text_add(text, "%c", quote);
    while (*value && !text->full) {
        size_t plain = strcspn(value, ESCAPED);
        text_add(text, "%.*s", (int)(plain < TEXT_MAX ? plain : TEXT_MAX), value);
        value += plain;
        if (*value == '\'' && quote == '"')
            text_add(text, "'");
        else if (*value)
            add_escaped(text, *value);
        value += *value != '\0';
    }
    text_add(text, "%c", quote);
}

void text_add_list(struct text *text, const char *const *values, size_t n)
{
    text_add(text, "[");
    for (size_t i = 0; i < n && !text->full; i++) {
        if (i > 0)
            text_add(text, ", ");
        text_add_quoted(text, values[i]);
    }
    text_add(text, "]");
}

void text_add_number(struct text *text, double value)
{
    char number[32];

    for (int digits = 1; digits <= 17; digits++) {
        snprintf(number, sizeof number, "%.*g", digits, value);
        if (strtod(number, NULL) == value)
            break;
    }
    if (strspn(number, "-0123456789") == strlen(number))
        strcat(number, ".0");
    else if (strchr(number, 'e') && value >= 1 && value < 1e16)
        snprintf(number, sizeof number, "%.1f", value);
    text_add(text, "%s", number);
}

const char *text_get(const struct text *text)
{
    return text->bytes ? text->bytes : "";
}

void text_fini(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}

char **text_copy_list(const char *const *values, size_t n)
{
    size_t bytes = (n + 1) * sizeof *values;

    for (size_t i = 0; i < n; i++)
        bytes += strlen(values[i]) + 1;
    char **copies = malloc(bytes);
    char *at = copies ? (char *)(copies + n + 1) : NULL;
    for (size_t i = 0; copies && i < n; i++) {
        copies[i] = at;
        at = stpcpy(at, values[i]) + 1;
    }
    return copies;
}
