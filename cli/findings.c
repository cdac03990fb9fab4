/* findings.c - what a check found, gathered: one line a kind, not a thousand. */
#include "findings.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cli.h"
#include "json.h"

static const char *const severity_words[] = {
    [MEF3_NOTE] = "note", [MEF3_WARNING] = "warning", [MEF3_ERROR] = "error"};

void findings_add(void *arg, const struct mef3_finding *finding)
{
    struct findings *f = arg;
    bool is_error = mef3_finding_severity(finding->kind) == MEF3_ERROR;

    if (f->n_of_kind[finding->kind]++ >= (is_error ? FINDINGS_ERRORS_KEPT : 1))
        return;
    if (f->n == f->room) {
        size_t room = f->room ? 2 * f->room : 8;
        struct mef3_finding *items = realloc(f->items, room * sizeof *items);
        if (!items) {
            f->is_out_of_memory = true;
            return;
        }
        f->items = items;
        f->room = room;
    }
    f->items[f->n++] = *finding;
}

void findings_fini(struct findings *findings)
{
    free(findings->items);
}

/* Whether this finding of a part is the last kept of its kind there: the number of those that were
 * not kept goes with it. Of warnings and notes only the first of all parts is shown. */
static bool is_shown(const struct findings *parts, size_t part, size_t item, uint64_t *n_more_out)
{
    enum mef3_finding_kind kind = parts[part].items[item].kind;
    uint64_t n = 0;

    if (mef3_finding_severity(kind) == MEF3_ERROR) {
        for (size_t i = item + 1; i < parts[part].n; i++)
            n += parts[part].items[i].kind == kind;
        *n_more_out = n == 0 && parts[part].n_of_kind[kind] > FINDINGS_ERRORS_KEPT
                          ? parts[part].n_of_kind[kind] - FINDINGS_ERRORS_KEPT
                          : 0;
        return true;
    }
    for (size_t i = 0; i < part; i++)
        if (parts[i].n_of_kind[kind] > 0)
            return false;
    return true;
}

/* Of warnings and notes: how many more there are in all parts. */
static uint64_t count_more(const struct findings *parts, size_t n, enum mef3_finding_kind kind)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += parts[i].n_of_kind[kind];
    return sum - 1;
}

/* The findings to show, one after another. */
struct cursor {
    const struct findings *parts;
    size_t n;
    int severity;
    size_t part, item;
    uint64_t n_more;
};

static const struct mef3_finding *next(struct cursor *c)
{
    for (; c->severity >= MEF3_NOTE; c->severity--, c->part = 0) {
        for (; c->part < c->n; c->part++, c->item = 0) {
            while (c->item < c->parts[c->part].n) {
                size_t item = c->item++;
                const struct mef3_finding *finding = &c->parts[c->part].items[item];
                if ((int)mef3_finding_severity(finding->kind) != c->severity ||
                    !is_shown(c->parts, c->part, item, &c->n_more))
                    continue;
                if (c->severity != MEF3_ERROR)
                    c->n_more = count_more(c->parts, c->n, finding->kind);
                return finding;
            }
        }
    }
    return NULL;
}

/* "FILE: at byte 4: body CRC: expected 0x1, found 0x2 (what that means)" */
static void print_finding(FILE *to, const struct mef3_finding *finding)
{
    struct mef3_error error = finding->error; /* whose texts are made clean */

    if (error.file[0])
        fprintf(to, "%s: ", cli_clean(error.file));
    if (error.offset >= 0)
        fprintf(to, "at byte %" PRId64 ": ", error.offset);
    if (error.field[0])
        fprintf(to, "%s: ", cli_clean(error.field));
    if (error.expected[0])
        fprintf(to, "expected %s%s ", cli_clean(error.expected), error.found[0] ? "," : "");
    if (error.found[0])
        fprintf(to, "found %s ", cli_clean(error.found));
    fprintf(to, "(%s)", mef3_finding_text(finding->kind));
}

void findings_print(FILE *to, const struct findings *parts, size_t n)
{
    struct cursor c = {.parts = parts, .n = n, .severity = MEF3_ERROR};

    for (const struct mef3_finding *f; (f = next(&c));) {
        fprintf(to, "%s: %s: ", severity_words[c.severity], mef3_finding_word(f->kind));
        print_finding(to, f);
        if (c.n_more > 0)
            fprintf(to, ", and %" PRIu64 " more like it", c.n_more);
        fputc('\n', to);
    }
}

static json_t *text_or_null(const char *text)
{
    return text && text[0] ? json_text(text) : json_null();
}

static json_t *whole_or_null(int64_t value)
{
    return value < 0 ? json_null() : json_integer(value);
}

static json_t *finding_json(const struct mef3_finding *f, const char *channel, uint64_t n_more)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o}",
                     "severity", severity_words[mef3_finding_severity(f->kind)], "kind",
                     mef3_finding_word(f->kind), "status", mef3_status_name(f->error.status),
                     "channel", text_or_null(channel), "segment", whole_or_null(f->segment),
                     "block", whole_or_null(f->block), "file", text_or_null(f->error.file),
                     "offset", whole_or_null(f->error.offset), "field",
                     text_or_null(f->error.field), "expected", text_or_null(f->error.expected),
                     "found", text_or_null(f->error.found), "text", mef3_finding_text(f->kind),
                     "n_more", json_integer((json_int_t)n_more));
}

json_t *findings_json(const struct findings *parts, const char *const *names, size_t n)
{
    struct cursor c = {.parts = parts, .n = n, .severity = MEF3_ERROR};
    json_t *array = json_array();

    for (const struct mef3_finding *f; array && (f = next(&c));) {
        if (json_array_append_new(array, finding_json(f, names[c.part], c.n_more)) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}
