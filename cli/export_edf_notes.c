/* export_edf_notes.c - records that are texts with a time, as lists of annotations. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "export_edf.h"

/* Readers keep so much of a text (EDFlib: 512 bytes). */
enum { MOST_TEXT = 512, LIST_BYTES = MOST_TEXT + 80 };

struct collector {
    struct edf_out *e;
    size_t n_others; /* of types that are no texts */
    size_t n_unreadable;
    size_t n_cut;
    char other[5];
};

/* Microseconds as seconds, without zeros that say nothing. */
static size_t put_seconds(int64_t us, char *text)
{
    int n = sprintf(text, "%" PRId64 ".%06d", us / 1000000, (int)(us % 1000000));

    while (text[n - 1] == '0')
        n--;
    if (text[n - 1] == '.')
        n--;
    text[n] = '\0';
    return (size_t)n;
}

size_t edf_out_onset(const struct edf_out *e, int64_t time_uutc, char *text)
{
    int64_t us = mef3_time_difference(time_uutc, e->start_uutc);

    text[0] = us < 0 ? '-' : '+';
    return 1 + put_seconds(us < 0 ? -us : us, text + 1);
}

/* A text in UTF-8, without the bytes that separate texts. */
static void make_text(struct collector *c, struct mef3_text from, char text[MOST_TEXT + 1])
{
    if (mef3_text_utf8(from, text, MOST_TEXT + 1) > MOST_TEXT)
        c->n_cut++;
    for (char *at = text; *at; at++)
        if (*at == 0x14 || *at == 0x15)
            *at = ' ';
}

static bool add(struct collector *c, int64_t time_uutc, int64_t duration_us, struct mef3_text from)
{
    struct edf_out *e = c->e;
    char text[MOST_TEXT + 1];
    char list[LIST_BYTES];

    make_text(c, from, text);
    if (!text[0])
        return true;
    size_t n = edf_out_onset(e, time_uutc, list);
    if (duration_us >= 0) {
        list[n++] = 0x15;
        n += put_seconds(duration_us, list + n);
    }
    n += (size_t)snprintf(list + n, sizeof list - n, "\x14%s\x14", text) + 1; /* and the zero */
    if (e->n_notes == e->notes_room) {
        size_t room = e->notes_room ? 2 * e->notes_room : 64;
        struct edf_out_note *notes = realloc(e->notes, room * sizeof *notes);
        if (!notes)
            return false;
        e->notes = notes;
        e->notes_room = room;
    }
    struct edf_out_note note = {.time_uutc = time_uutc, .n = n, .list = malloc(n)};
    if (!note.list)
        return false;
    memcpy(note.list, list, n);
    e->notes[e->n_notes++] = note;
    return true;
}

/* What a record says, as a text. False: its type says nothing of that kind. */
static bool text_of(const struct mef3_record *record, int64_t *duration_us_out,
                    struct mef3_text *text_out)
{
    struct mef3_edfa edfa;
    struct mef3_seizure seizure;
    struct mef3_epoch epoch;

    *duration_us_out = -1;
    if (strcmp(record->type, "Note") == 0 || strcmp(record->type, "SyLg") == 0)
        return mef3_record_note(record, text_out, NULL) == MEF3_OK;
    if (strcmp(record->type, "EDFA") == 0 && mef3_record_edfa(record, &edfa, NULL) == MEF3_OK) {
        *duration_us_out = edfa.duration_us;
        *text_out = edfa.text;
        return true;
    }
    if (strcmp(record->type, "Seiz") == 0 &&
        mef3_record_seizure(record, &seizure, NULL) == MEF3_OK) {
        *duration_us_out = seizure.duration_us;
        *text_out = seizure.annotation.n > 0 ? seizure.annotation
                                             : (struct mef3_text){"Seizure", strlen("Seizure")};
        return true;
    }
    if (strcmp(record->type, "Epoc") == 0 && mef3_record_epoch(record, &epoch, NULL) == MEF3_OK) {
        *duration_us_out = epoch.duration_us;
        *text_out = epoch.text.n > 0 ? epoch.text : epoch.type;
        return true;
    }
    return false;
}

static int take(void *arg, const struct mef3_record *record)
{
    struct collector *c = arg;
    struct mef3_text text;
    int64_t duration_us;

    if (record->status != MEF3_OK || record->time_uutc == MEF3_NO_TIME) {
        c->n_unreadable++;
        return 0;
    }
    if (!text_of(record, &duration_us, &text)) {
        if (c->n_others++ == 0)
            memcpy(c->other, record->type, sizeof c->other);
        return 0;
    }
    return add(c, record->time_uutc, duration_us, text) ? 0 : MEF3_ENOMEM;
}

static int by_time(const void *a, const void *b)
{
    const struct edf_out_note *x = a, *y = b;

    if (x->time_uutc != y->time_uutc)
        return x->time_uutc < y->time_uutc ? -1 : 1;
    size_t n = x->n < y->n ? x->n : y->n;
    return memcmp(x->list, y->list, n);
}

/* So much room in each record that all of them fit, wherever records end: its own time, the
 * longest list, which may not have fitted before, and what comes to each on average. */
static void choose_room(struct edf_out *e)
{
    size_t longest = 0, total = 0;

    for (size_t i = 0; i < e->n_notes; i++) {
        total += e->notes[i].n;
        if (e->notes[i].n > longest)
            longest = e->notes[i].n;
    }
    size_t each = 40 + longest + total / (size_t)e->n_records + 1;
    e->annotation_bytes = (each + e->sample_bytes - 1) / e->sample_bytes * e->sample_bytes;
}

static void tell(const struct cat_wanted *wanted, const struct collector *c)
{
    if (c->n_cut > 0)
        cli_fail(CLI_FINE, "%s: %zu annotations are longer than %d bytes, and were cut there",
                 wanted->path, c->n_cut, MOST_TEXT);
    if (c->n_others > 0)
        cli_fail(CLI_FINE,
                 "%s: %zu records are no texts with a time (the first: %s), and were "
                 "left out",
                 wanted->path, c->n_others, c->other);
}

int edf_out_notes(const struct cat_wanted *wanted, struct edf_out *e)
{
    struct collector c = {.e = e};
    struct mef3_record_filter filter = {
        .from_uutc = wanted->from ? e->job->start_uutc : MEF3_NO_TIME,
        .to_uutc = wanted->to ? e->job->end_uutc : MEF3_NO_TIME,
    };
    struct mef3_error error;

    int status =
        mef3_records_read(e->job->session, MEF3_SESSION_RECORDS, &filter, take, &c, &error);
    for (size_t i = 0; status == MEF3_OK && i < e->job->n_channels; i++)
        status = mef3_records_read(e->job->session, e->job->channels[i].number, &filter, take, &c,
                                   &error);
    if (status == MEF3_ENOMEM)
        return cli_fail(CLI_IO, "%s: out of memory; try again with more", wanted->path);
    if (status != MEF3_OK)
        return cli_fail_error(&error, wanted->path, NULL);
    if (e->n_notes > 0)
        qsort(e->notes, e->n_notes, sizeof *e->notes, by_time);
    choose_room(e);
    tell(wanted, &c);
    if (c.n_unreadable > 0)
        e->job->n_unreadable_records = c.n_unreadable;
    return CLI_FINE;
}
