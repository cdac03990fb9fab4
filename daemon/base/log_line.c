/* log_line.c - how a line of the log is spelled. */
#include "base/log_line.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/character.h"

/* What is kept free for the end of the line. */
static const char CUT_LOGFMT[] = " cut=true";
static const char CUT_JSON[] = ",\"cut\":true";
enum { END_BYTES = sizeof CUT_JSON + 2 };

struct line {
    char *at;
    char *end;
    bool json;
    bool full; /* something did not fit */
};

static void add_bytes(struct line *line, const char *bytes, size_t n)
{
    if (n > (size_t)(line->end - line->at)) {
        line->full = true;
        return;
    }
    memcpy(line->at, bytes, n);
    line->at += n;
}

static void add(struct line *line, const char *text)
{
    add_bytes(line, text, strlen(text));
}

/* Characters that end a line, or move a terminal's cursor, or turn what follows
 * around. */
static bool is_control(const uint8_t *c, size_t length)
{
    if (length == 1)
        return c[0] < 0x20 || c[0] == 0x7F;
    if (length == 2)
        return c[0] == 0xC2 && c[1] < 0xA0;
    if (length == 3 && c[0] == 0xE2)
        return (c[1] == 0x80 && c[2] >= 0xA8 && c[2] <= 0xAE) ||
               (c[1] == 0x81 && c[2] >= 0xA6 && c[2] <= 0xA9);
    return false;
}

static unsigned code_point(const uint8_t *c, size_t length)
{
    if (length == 1)
        return c[0];
    if (length == 2)
        return (c[0] & 0x1Fu) << 6 | (c[1] & 0x3Fu);
    return (c[0] & 0x0Fu) << 12 | (c[1] & 0x3Fu) << 6 | (c[2] & 0x3Fu);
}

/* The character at text[0 .. n) as it stands between quotes: its spelling goes
 * to `spelled`, its length there is returned. */
static size_t spell(const uint8_t *c, size_t n, bool json, char spelled[12], size_t *length_out)
{
    size_t length = character_length(c, n);

    *length_out = length ? length : 1;
    if (length == 0)
        return (size_t)sprintf(spelled, json ? "\\\\x%02x" : "\\x%02x", c[0]);
    if (is_control(c, length))
        return (size_t)sprintf(spelled, json || length > 1 ? "\\u%04x" : "\\x%02x",
                               code_point(c, length));
    if (c[0] == '"' || c[0] == '\\') {
        spelled[0] = '\\';
        spelled[1] = (char)c[0];
        return 2;
    }
    memcpy(spelled, c, length);
    return length;
}

static void add_quoted(struct line *line, const char *text)
{
    static const char DOTS[] = "...";
    const uint8_t *c = (const uint8_t *)text;
    size_t n = strlen(text);
    size_t written = 0;

    add(line, "\"");
    while (n > 0) {
        char spelled[12];
        size_t length;
        size_t m = spell(c, n, line->json, spelled, &length);
        if (written + m > LOG_TEXT_BYTES - sizeof DOTS - 2 && n > length) {
            add(line, DOTS);
            break;
        }
        add_bytes(line, spelled, m);
        written += m;
        c += length;
        n -= length;
    }
    add(line, "\"");
}

static bool is_plain(const char *word)
{
    static const char PLAIN[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "-._:/+,@%[]";

    return word[0] != '\0' && word[strspn(word, PLAIN)] == '\0';
}

static bool is_absent(const struct log_field *field)
{
    return field->kind == LOG_KIND_NONE ||
           ((field->kind == LOG_KIND_TEXT || field->kind == LOG_KIND_WORD) && !field->value.text);
}

static void add_value(struct line *line, const struct log_field *field)
{
    char number[24];

    switch (field->kind) {
    case LOG_KIND_NONE:
        break;
    case LOG_KIND_TEXT:
        add_quoted(line, field->value.text);
        break;
    case LOG_KIND_WORD:
        if (!line->json && is_plain(field->value.text))
            add(line, field->value.text);
        else
            add_quoted(line, field->value.text);
        break;
    case LOG_KIND_SIGNED:
        snprintf(number, sizeof number, "%" PRId64, field->value.i64);
        add(line, number);
        break;
    case LOG_KIND_UNSIGNED:
        snprintf(number, sizeof number, "%" PRIu64, field->value.u64);
        add(line, number);
        break;
    }
}

/* Whole or not at all. */
static void add_field(struct line *line, const struct log_field *field, bool first)
{
    char *before = line->at;

    if (line->json) {
        add(line, first ? "{\"" : ",\"");
        add(line, field->name);
        add(line, "\":");
    } else {
        add(line, first ? "" : " ");
        add(line, field->name);
        add(line, "=");
    }
    add_value(line, field);
    if (line->full)
        line->at = before;
}

size_t log_line(char line[LOG_LINE_BYTES], enum log_format format, const struct log_head *head,
                const struct log_field *fields, size_t n)
{
    struct line at = {
        .at = line, .end = line + LOG_LINE_BYTES - END_BYTES, .json = format == LOG_JSON};
    char when[32], time[40];
    struct tm utc;

    gmtime_r(&head->when.tv_sec, &utc);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(time, sizeof time, "%s.%03uZ", when, (unsigned)(head->when.tv_nsec / 1000000));
    const struct log_field first[] = {
        LOG_WORD("time", time),
        LOG_WORD("level", head->level),
        LOG_WORD("process", head->process),
        LOG_WORD("event", head->event),
    };
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        add_field(&at, &first[i], i == 0);
    for (size_t i = 0; i < n && !at.full; i++)
        if (!is_absent(&fields[i]))
            add_field(&at, &fields[i], false);

    bool cut = at.full;
    at.full = false;
    at.end = line + LOG_LINE_BYTES;
    if (cut)
        add(&at, at.json ? CUT_JSON : CUT_LOGFMT);
    add(&at, at.json ? "}\n" : "\n");
    return (size_t)(at.at - line);
}
