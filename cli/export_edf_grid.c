/* export_edf_grid.c - records of one length for channels of many rates, around the gaps. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "export_edf.h"

/* What readers take as a record's length, in bytes: EDFlib's limits. */
enum { MOST_EDF_BYTES = 10000000, MOST_BDF_BYTES = 15000000, MOST_RECORDS = 99999999 };

/* In seconds, the best first. */
/* clang-format off */
static const double lengths[] = {
    1, 0.5, 2, 0.25, 0.2, 0.1, 4, 5, 8, 10, 16, 20, 25, 30, 40, 50, 60,
    0.05, 0.04, 0.02, 0.01, 100, 200, 500, 1000, 10000, 100000, 1000000,
};
/* clang-format on */
enum { N_LENGTHS = sizeof lengths / sizeof *lengths };

static double fastest_hz(const struct edf_out *e)
{
    double fastest = 0;

    for (size_t i = 0; i < e->job->n_channels; i++)
        fastest = fmax(fastest, e->channels[i].rate_hz);
    return fastest;
}

/* Whole numbers of samples of each channel, and not too many. Sets them. */
static bool fits(struct edf_out *e, double seconds)
{
    double bytes = 0;

    for (size_t i = 0; i < e->job->n_channels; i++) {
        double n = seconds * e->channels[i].rate_hz;
        if (round(n) < 1 || fabs(n - round(n)) > 1e-9 * n)
            return false;
        bytes += round(n) * (double)e->sample_bytes;
        if (bytes > (e->options->is_bdf ? MOST_BDF_BYTES : MOST_EDF_BYTES))
            return false;
        e->channels[i].n_samples = (uint32_t)round(n);
    }
    e->record_s = seconds;
    return true;
}

/* No stretch has a record that is not full. */
static bool divides(const struct edf_out *e, double seconds, const int64_t *spans, size_t n)
{
    double half_sample_us = 0.5e6 / fastest_hz(e);

    for (size_t i = 0; i < n; i++) {
        double records = (double)spans[i] / (seconds * 1e6);
        if (fabs(records - round(records)) * seconds * 1e6 > half_sample_us)
            return false;
    }
    return true;
}

/* The length in eight bytes, with as many digits as there is room for. */
static void tell_length(struct edf_out *e)
{
    char text[40];

    for (int digits = 9; digits > 0; digits--) {
        snprintf(text, sizeof text, "%.*g", digits, e->record_s);
        if (strlen(text) < EDF_NUMBER_BYTES && !strchr(text, 'e'))
            break;
    }
    memcpy(e->record_text, text, EDF_NUMBER_BYTES - 1);
    e->is_exact = fabs(strtod(e->record_text, NULL) / e->record_s - 1) < 1e-9;
}

static int choose_length(const struct cat_wanted *wanted, struct edf_out *e, const int64_t *spans,
                         size_t n_spans)
{
    bool found = false;

    for (size_t i = 0; !found && i < N_LENGTHS; i++)
        found = lengths[i] >= 0.1 && lengths[i] <= 10 && divides(e, lengths[i], spans, n_spans) &&
                fits(e, lengths[i]);
    for (size_t i = 0; !found && i < N_LENGTHS; i++)
        found = fits(e, lengths[i]);
    /* So many samples of the first channel as give about a second, or more. */
    double rate = e->channels[0].rate_hz;
    for (double n = fmax(1, round(rate)); !found && n <= 60 * rate + 1; n++)
        found = fits(e, n / rate);
    if (!found)
        return cli_fail(CLI_USAGE,
                        "%s: no record of EDF has whole numbers of samples of all these "
                        "rates, or one would be too long; choose fewer channels with -c",
                        wanted->path);
    tell_length(e);
    return CLI_FINE;
}

/* For a while n_records holds the end of a stretch. */
static bool add(struct edf_out *e, size_t *room, int64_t start_uutc, int64_t end_uutc)
{
    if (start_uutc < e->job->start_uutc)
        start_uutc = e->job->start_uutc;
    if (end_uutc > e->job->end_uutc)
        end_uutc = e->job->end_uutc;
    if (end_uutc <= start_uutc)
        return true;
    if (e->n_stretches == *room) {
        *room = *room ? 2 * *room : 64;
        void *stretches = realloc(e->stretches, *room * sizeof *e->stretches);
        if (!stretches)
            return false;
        e->stretches = stretches;
    }
    e->stretches[e->n_stretches++] = (struct edf_out_stretch){start_uutc, end_uutc};
    return true;
}

/* Where a segment has data, or has some that cannot be read. */
static bool add_segment(struct edf_out *e, size_t channel, size_t segment, size_t *room)
{
    const struct mef3_segment_info *info = mef3_segment_info(e->job->session, channel, segment);
    const struct mef3_run *runs;
    struct mef3_error error;
    size_t n;

    if (mef3_segment_runs(e->job->session, channel, segment, &runs, &n, &error) != MEF3_OK)
        return info->start_uutc == MEF3_NO_TIME || add(e, room, info->start_uutc, info->end_uutc);
    for (size_t i = 0; i < n; i++) {
        int64_t before = runs[i].first_sample - runs[i].origin_sample;
        int64_t after = before + runs[i].n_samples;
        if (!add(e, room, mef3_index_to_time(before, runs[i].origin_uutc, info->rate_hz),
                 mef3_index_to_time(after, runs[i].origin_uutc, info->rate_hz)))
            return false;
    }
    return true;
}

static int by_start(const void *a, const void *b)
{
    const struct edf_out_stretch *x = a, *y = b;

    return (x->start_uutc > y->start_uutc) - (x->start_uutc < y->start_uutc);
}

/* Stretches that touch become one. n_records still holds ends. */
static void join(struct edf_out *e)
{
    int64_t half_sample_us = (int64_t)fmax(MEF3_RUN_TOLERANCE_US, 0.5e6 / fastest_hz(e));
    size_t n = 0;

    if (e->n_stretches > 0)
        qsort(e->stretches, e->n_stretches, sizeof *e->stretches, by_start);
    for (size_t i = 0; i < e->n_stretches; i++) {
        struct edf_out_stretch *last = &e->stretches[n > 0 ? n - 1 : 0];
        if (n > 0 && e->stretches[i].start_uutc - last->n_records <= half_sample_us) {
            if (e->stretches[i].n_records > last->n_records)
                last->n_records = e->stretches[i].n_records;
        } else {
            e->stretches[n++] = e->stretches[i];
        }
    }
    e->n_stretches = n;
}

/* Ends become numbers of records. What begins before the last record ends is in it. */
static void count_records(struct edf_out *e)
{
    double record_us = e->record_s * 1e6;
    double half_sample_us = 0.5e6 / fastest_hz(e);
    size_t n = 0;

    for (size_t i = 0; i < e->n_stretches; i++) {
        struct edf_out_stretch stretch = e->stretches[i];
        struct edf_out_stretch *last = n > 0 ? &e->stretches[n - 1] : NULL;
        bool is_inside = last && (double)(stretch.start_uutc - last->start_uutc) <
                                     (double)last->n_records * record_us - half_sample_us;
        int64_t start_uutc = is_inside ? last->start_uutc : stretch.start_uutc;
        double span_us = (double)(stretch.n_records - start_uutc) - half_sample_us;
        int64_t n_records = (int64_t)fmax(1, ceil(span_us / record_us));
        if (!is_inside)
            last = &e->stretches[n++];
        *last = (struct edf_out_stretch){
            .start_uutc = start_uutc,
            .n_records = is_inside && last->n_records > n_records ? last->n_records : n_records,
        };
    }
    e->n_stretches = n;
    for (size_t i = 0; i < n; i++)
        e->n_records += e->stretches[i].n_records;
}

/* Records that are a little longer or shorter than they say drift, in a long stretch by a
 * sample: then each has to say when it begins. */
static bool drifts(const struct edf_out *e)
{
    double error = fabs(strtod(e->record_text, NULL) - e->record_s) * fastest_hz(e);

    for (size_t i = 0; i < e->n_stretches; i++)
        if (error * (double)e->stretches[i].n_records > 0.5)
            return true;
    return false;
}

int edf_out_grid(const struct cat_wanted *wanted, struct edf_out *e)
{
    size_t room = 0;
    int64_t *spans;
    bool is_whole = true;

    for (size_t c = 0; is_whole && c < e->job->n_channels; c++) {
        size_t number = e->job->channels[c].number;
        size_t n = mef3_channel_info(e->job->session, number)->n_segments;
        for (size_t s = 0; is_whole && s < n; s++)
            is_whole = add_segment(e, number, s, &room);
    }
    if (!is_whole || !(spans = malloc((e->n_stretches + 1) * sizeof *spans)))
        return cli_fail(CLI_IO, "%s: out of memory; try again with more", wanted->path);
    join(e);
    for (size_t i = 0; i < e->n_stretches; i++)
        spans[i] = e->stretches[i].n_records - e->stretches[i].start_uutc;
    int status = CLI_FINE;
    if (e->n_stretches == 0)
        status = cli_fail(CLI_USAGE, "%s: nothing was recorded in this window; choose another",
                          wanted->path);
    if (status == CLI_FINE)
        status = choose_length(wanted, e, spans, e->n_stretches);
    free(spans);
    if (status != CLI_FINE)
        return status;
    count_records(e);
    if (e->n_records > MOST_RECORDS)
        return cli_fail(CLI_USAGE,
                        "%s: EDF has no more than %d records, this would be %lld; choose "
                        "a shorter window",
                        wanted->path, MOST_RECORDS, (long long)e->n_records);
    e->has_gaps = e->n_stretches > 1 || drifts(e);
    int64_t first = e->stretches[0].start_uutc;
    e->start_uutc = first - ((first % 1000000) + 1000000) % 1000000;
    if (!e->is_exact)
        cli_fail(CLI_FINE,
                 "%s: records of %.12g s are told as %s s, all that EDF has room for: "
                 "rates seem to be off by %.2g of themselves",
                 wanted->path, e->record_s, e->record_text,
                 fabs(strtod(e->record_text, NULL) / e->record_s - 1));
    return CLI_FINE;
}
