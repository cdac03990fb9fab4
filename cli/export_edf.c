/* export_edf.c - `mef3 export` to EDF+ and BDF+. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "export_edf.h"

/* Samples of all channels that are held at a time. */
enum { PIECE = 1 << 22, MOST_SIGNALS = 9998 };

static void plan_free(struct edf_out *e)
{
    for (size_t i = 0; e && i < e->n_notes; i++)
        free(e->notes[i].list);
    if (e) {
        free(e->notes);
        free(e->stretches);
        free(e->channels);
        free(e->header);
    }
    free(e);
}

static bool is_label_taken(const struct edf_out *e, size_t n, const char *label)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(e->channels[i].label, label) == 0)
            return true;
    return false;
}

/* Sixteen ASCII characters, and no two alike. True: it is another than the name. */
static bool make_label(struct edf_out *e, size_t i)
{
    const char *name = e->job->channels[i].name;
    char *label = e->channels[i].label;
    char ending[8];
    size_t n = 0;

    for (const char *at = name; *at && n < 16; at++)
        if (((unsigned char)*at & 0xC0) != 0x80)
            label[n++] = (unsigned char)*at >= 0x20 && (unsigned char)*at < 0x7F ? *at : '_';
    label[n] = '\0';
    for (int number = 2; is_label_taken(e, i, label); number++) {
        size_t k = (size_t)snprintf(ending, sizeof ending, "-%d", number);
        size_t at = n + k > 16 ? 16 - k : n;
        memcpy(label + at, ending, k + 1);
    }
    return strcmp(label, name) != 0;
}

static void make_labels(const struct cat_wanted *wanted, struct edf_out *e)
{
    size_t n_changed = 0, first = 0;

    for (size_t i = 0; i < e->job->n_channels; i++) {
        e->channels[i].rate_hz = e->job->channels[i].rate_hz;
        if (make_label(e, i) && n_changed++ == 0)
            first = i;
    }
    if (n_changed > 0)
        cli_fail(CLI_FINE,
                 "%s: %zu names are no labels of EDF (16 ASCII characters, each another) "
                 "and were changed, the first, \"%s\", to \"%s\"",
                 wanted->path, n_changed, e->job->channels[first].name, e->channels[first].label);
}

static int prepare(const struct cat_wanted *wanted, struct cat_job *job)
{
    struct export_options *options = job->plan;
    struct edf_out *e = calloc(1, sizeof *e);

    if (job->n_channels == 0 || job->n_channels > MOST_SIGNALS) {
        free(e);
        return cli_fail(CLI_USAGE,
                        "%s: EDF has 1 to %d signals, this would be %zu; choose channels "
                        "with -c",
                        wanted->path, MOST_SIGNALS, job->n_channels);
    }
    if (e)
        e->channels = calloc(job->n_channels, sizeof *e->channels);
    if (!e || !e->channels) {
        plan_free(e);
        return cli_fail(CLI_IO, "%s: out of memory; try again with more", wanted->path);
    }
    e->job = job;
    e->options = options;
    e->sample_bytes = options->is_bdf ? 3 : 2;
    options->plan = e;
    make_labels(wanted, e);
    int status = edf_out_grid(wanted, e);
    if (status == CLI_FINE)
        status = edf_out_scales(wanted, e);
    if (status == CLI_FINE)
        status = edf_out_notes(wanted, e);
    if (status == CLI_FINE && !edf_out_header(wanted, e, &e->header, &e->n_header))
        status = cli_fail(CLI_IO, "%s: out of memory; try again with more", wanted->path);
    return status;
}

static uint8_t *put_sample(uint8_t *to, int32_t sample, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        *to++ = (uint8_t)((uint32_t)sample >> (8 * i));
    return to;
}

/* A record's annotations: its own time, then as many as there is room for. */
static uint8_t *put_notes(struct edf_out *e, int64_t time_uutc, uint8_t *to)
{
    char list[64];
    uint8_t *end = to + e->annotation_bytes;

    size_t n = edf_out_onset(e, time_uutc, list);
    memcpy(list + n, "\x14\x14", 3);
    memcpy(to, list, n + 3);
    to += n + 3;
    for (; e->next_note < e->n_notes; e->next_note++) {
        const struct edf_out_note *note = &e->notes[e->next_note];
        if (note->n > (size_t)(end - to))
            break;
        memcpy(to, note->list, note->n);
        to += note->n;
    }
    memset(to, 0, (size_t)(end - to));
    return end;
}

/* Where the samples of several records are held. */
struct pieces {
    int64_t most_records;
    int32_t *counts; /* of a channel, then of the next */
    uint8_t *truth;
    uint8_t *record;
};

static uint8_t *put_channel(struct edf_out *e, size_t channel, const int32_t *counts,
                            const uint8_t *truth, int64_t left, uint8_t *to)
{
    const struct edf_out_channel *c = &e->channels[channel];

    for (int64_t i = 0; i < c->n_samples; i++) {
        /* Beyond the window's end there may be more of the recording. */
        bool is_there = i < left && truth[i] == MEF3_DATA && counts[i] != MEF3_COUNT_NAN;
        int32_t sample = -c->scale.most - 1;
        if (is_there && counts[i] == MEF3_COUNT_NEG_INF)
            sample = -c->scale.most;
        else if (is_there && counts[i] == MEF3_COUNT_POS_INF)
            sample = c->scale.most;
        else if (is_there)
            sample = edf_out_sample(&c->scale, counts[i]);
        e->n_none += !is_there;
        to = put_sample(to, sample, e->sample_bytes);
    }
    return to;
}

/* Records [first, first + n) of a stretch. */
static int write_records(struct edf_out *e, const struct edf_out_stretch *stretch, int64_t first,
                         int64_t n, const struct pieces *pieces, struct mef3_error *error)
{
    const size_t n_channels = e->job->n_channels;
    size_t at = 0;

    for (size_t c = 0; c < n_channels; c++) {
        size_t n_samples = e->channels[c].n_samples;
        int status =
            cat_read(e->job, &e->job->channels[c], first * (int64_t)n_samples,
                     (size_t)n * n_samples, pieces->counts + at, pieces->truth + at, error);
        if (status != MEF3_OK)
            return status;
        at += (size_t)n * n_samples;
    }
    for (int64_t r = 0; r < n; r++) {
        uint8_t *to = pieces->record;
        at = 0;
        for (size_t c = 0; c < n_channels; c++) {
            size_t n_samples = e->channels[c].n_samples;
            int64_t before = (first + r) * (int64_t)n_samples;
            int64_t left = mef3_time_to_index(e->window_end_uutc, stretch->start_uutc,
                                              e->channels[c].rate_hz) -
                           before;
            size_t from = at + (size_t)r * n_samples;
            to = put_channel(e, c, pieces->counts + from, pieces->truth + from, left, to);
            at += (size_t)n * n_samples;
        }
        double after_us = (double)(first + r) * e->record_s * 1e6;
        to = put_notes(e, stretch->start_uutc + (int64_t)(after_us + 0.5), to);
        size_t bytes = (size_t)(to - pieces->record);
        if (fwrite(pieces->record, 1, bytes, e->job->to) != bytes)
            return mef3_error_set(error, MEF3_EIO, NULL, -1, NULL, NULL, NULL);
    }
    return MEF3_OK;
}

static int write_stretches(struct edf_out *e, const struct pieces *pieces, struct mef3_error *error)
{
    int status = MEF3_OK;

    e->window_end_uutc = e->job->end_uutc;
    for (size_t s = 0; s < e->n_stretches && status == MEF3_OK; s++) {
        const struct edf_out_stretch *stretch = &e->stretches[s];
        /* The window of a stretch begins with it, and ends a little after the last record. */
        e->job->start_uutc = stretch->start_uutc;
        e->job->end_uutc = stretch->start_uutc +
                           (int64_t)((double)(stretch->n_records + 1) * e->record_s * 1e6 + 0.5);
        for (int64_t first = 0, n; first < stretch->n_records && status == MEF3_OK; first += n) {
            n = stretch->n_records - first;
            if (n > pieces->most_records)
                n = pieces->most_records;
            status = write_records(e, stretch, first, n, pieces, error);
        }
    }
    return status;
}

static void tell_none(const struct edf_out *e)
{
    if (e->n_none > 0)
        cli_fail(CLI_FINE,
                 "%" PRId64 " samples that are not there are written as one less than the "
                 "digital minimum: EDF has no other word for it",
                 e->n_none);
}

static int write_all(struct cat_job *job, struct mef3_error *error)
{
    struct edf_out *e = ((struct export_options *)job->plan)->plan;
    struct pieces pieces;
    size_t samples = 0;

    for (size_t i = 0; i < job->n_channels; i++)
        samples += e->channels[i].n_samples;
    pieces.most_records = samples < PIECE ? PIECE / (int64_t)samples : 1;
    size_t room = (size_t)pieces.most_records * samples;
    pieces.counts = malloc(room * sizeof *pieces.counts);
    pieces.truth = malloc(room);
    pieces.record = malloc(samples * e->sample_bytes + e->annotation_bytes);
    int status = MEF3_OK;
    if (!pieces.counts || !pieces.truth || !pieces.record)
        status = mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    else if (fwrite(e->header, 1, e->n_header, job->to) != e->n_header)
        status = mef3_error_set(error, MEF3_EIO, NULL, -1, NULL, NULL, NULL);
    if (status == MEF3_OK)
        status = write_stretches(e, &pieces, error);
    if (status == MEF3_OK)
        tell_none(e);
    free(pieces.counts);
    free(pieces.truth);
    free(pieces.record);
    return status;
}

static void fini(struct cat_job *job)
{
    struct export_options *options = job->plan;

    plan_free(options->plan);
    options->plan = NULL;
}

const struct cat_writer export_edf = {.prepare = prepare, .write = write_all, .fini = fini};
