/* import_csv.c - `mef3 import` of a table: a line of names, then a line a sample. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "import.h"
#include "import_csv.h"

enum { PIECE = 1 << 16 };

int csv_next_line(struct csv_import *t, bool *is_end_out)
{
    for (;;) {
        *is_end_out = false;
        errno = 0;
        if (!fgets(t->line, CSV_LINE_BYTES, t->job->from)) {
            *is_end_out = true;
            return ferror(t->job->from) ? import_cannot_read(t->job) : CLI_FINE;
        }
        t->n_lines++;
        size_t n = strlen(t->line);
        if (n == CSV_LINE_BYTES - 1 && t->line[n - 1] != '\n')
            return cli_fail(CLI_IO,
                            "%s: line %lld: expected less than 16 MiB, found more; check "
                            "that it is a table",
                            t->job->o->path, (long long)t->n_lines);
        while (n > 0 && (t->line[n - 1] == '\n' || t->line[n - 1] == '\r'))
            t->line[--n] = '\0';
        if (n > 0 || t->n_names == 1) /* of one channel an empty line is an empty cell */
            return CLI_FINE;
    }
}

static int split(struct csv_import *t)
{
    switch (csv_split(t->line, t->separator, &t->cells)) {
    case CSV_FINE:
        break;
    case CSV_OPEN_QUOTE:
        return cli_fail(CLI_IO,
                        "%s: line %lld: expected the end of a quotation, found the end of "
                        "the line; mend it",
                        t->job->o->path, (long long)t->n_lines);
    case CSV_NO_MEMORY:
        return cli_fail(CLI_IO, "%s: out of memory; try again with more", t->job->o->path);
    }
    if (t->n_names > 0 && t->cells.n != t->n_names + t->has_times)
        return cli_fail(CLI_IO, "%s: line %lld: expected %zu cells, found %zu; mend it",
                        t->job->o->path, (long long)t->n_lines, t->n_names + t->has_times,
                        t->cells.n);
    return CLI_FINE;
}

static int wrong_cell(const struct csv_import *t, size_t column, const char *expected)
{
    return cli_fail(CLI_IO, "%s: line %lld, column %zu: expected %s, found \"%.60s\"; mend it",
                    t->job->o->path, (long long)t->n_lines, column + 1, expected,
                    t->cells.at[column]);
}

int csv_next_row(struct csv_import *t, int64_t *time_out, bool *is_end_out)
{
    int status = csv_next_line(t, is_end_out);

    if (status != CLI_FINE || *is_end_out)
        return status;
    status = split(t);
    if (status != CLI_FINE)
        return status;
    if (t->has_times && !csv_time(t, t->cells.at[0], time_out))
        return wrong_cell(t, 0, "a time");
    for (size_t c = 0; c < t->n_names; c++) {
        double value;
        if (!csv_number(t->cells.at[c + t->has_times], &value))
            return wrong_cell(t, c + t->has_times, "a number");
        if (t->job->o->factor == 0 && isfinite(value) && value != trunc(value))
            return cli_fail(CLI_USAGE,
                            "%s: line %lld, column %zu: %s is no whole number; say with "
                            "--factor what a count is worth",
                            t->job->o->path, (long long)t->n_lines, c + t->has_times + 1,
                            t->cells.at[c + t->has_times]);
        t->row[c] = value;
    }
    return CLI_FINE;
}

static int begin(struct csv_import *t)
{
    const struct import_options *o = t->job->o;
    struct mef3_writer_options session;
    struct mef3_writer_channel channel;
    size_t number;

    mef3_writer_defaults(&session);
    int status = import_begin(t->job, &session);
    for (size_t i = 0; status == CLI_FINE && i < t->n_names; i++) {
        mef3_writer_channel_defaults(&channel);
        channel.name = i < o->n_names ? o->names[i] : t->names[i];
        channel.rate_hz = t->rate_hz;
        channel.units_factor = o->factor != 0 ? o->factor : 1;
        channel.units = o->units ? o->units : "uV";
        channel.block_samples = 0;
        status = import_add_channel(t->job, &channel, &number);
    }
    return status;
}

static int flush(struct csv_import *t)
{
    int64_t start_uutc = mef3_index_to_time(t->n_run, t->run_uutc, t->rate_hz);

    for (size_t c = 0; t->n_held > 0 && c < t->n_names; c++) {
        int status =
            import_append_f64(t->job, c, start_uutc, t->held + c * t->stride, t->n_held, false);
        if (status != CLI_FINE)
            return status;
    }
    t->n_run += (int64_t)t->n_held;
    t->n_held = 0;
    return CLI_FINE;
}

/* A row continues the run where its time is within half a sample of where it should be;
 * later, it begins another one. */
static int place(struct csv_import *t, int64_t time_uutc)
{
    if (!t->has_run || !t->has_times) {
        if (!t->has_run)
            t->run_uutc = time_uutc;
        t->has_run = true;
        return CLI_FINE;
    }
    int64_t at = t->n_run + (int64_t)t->n_held;
    int64_t due_uutc = mef3_index_to_time(at, t->run_uutc, t->rate_hz);
    double off_us = (double)mef3_time_difference(time_uutc, due_uutc);
    if (fabs(off_us) < fmax(MEF3_RUN_TOLERANCE_US, 0.5e6 / t->rate_hz))
        return CLI_FINE;
    if (off_us < 0)
        return cli_fail(CLI_IO,
                        "%s: line %lld: expected a time from %lld on, found %lld (uUTC); "
                        "sort it, or give another --rate",
                        t->job->o->path, (long long)t->n_lines, (long long)due_uutc,
                        (long long)time_uutc);
    int status = flush(t);
    t->run_uutc = time_uutc;
    t->n_run = 0;
    return status;
}

static int read_rows(struct csv_import *t)
{
    int64_t time_uutc = t->job->o->start_uutc;
    bool is_end;

    for (;;) {
        int status = csv_next_row(t, &time_uutc, &is_end);
        if (status != CLI_FINE)
            return status;
        if (is_end)
            return flush(t);
        status = place(t, time_uutc);
        if (status == CLI_FINE && t->n_held == t->stride)
            status = flush(t);
        if (status != CLI_FINE)
            return status;
        for (size_t c = 0; c < t->n_names; c++)
            t->held[c * t->stride + t->n_held] = t->row[c];
        t->n_held++;
    }
}

static int make_room(struct csv_import *t)
{
    t->stride = PIECE / t->n_names > 16 ? PIECE / t->n_names : 16;
    t->held = malloc(t->n_names * t->stride * sizeof *t->held);
    t->row = malloc(t->n_names * sizeof *t->row);
    if (!t->held || !t->row)
        return cli_fail(CLI_IO, "%s: out of memory; try again with more", t->job->o->path);
    return CLI_FINE;
}

static int check_options(const struct import_options *o)
{
    if (o->has_zone || o->transpose)
        return cli_fail(CLI_USAGE,
                        "--time-zone is for EDF, and --transpose for NPY; leave them out");
    return CLI_FINE;
}

int import_csv(struct import_job *job)
{
    struct csv_import t = {.job = job, .line = malloc(CSV_LINE_BYTES)};

    int status = check_options(job->o);
    if (status == CLI_FINE && !t.line)
        status = cli_fail(CLI_IO, "%s: out of memory; try again with more", job->o->path);
    if (status == CLI_FINE)
        status = csv_read_names(&t);
    if (status == CLI_FINE)
        status = make_room(&t);
    if (status == CLI_FINE)
        status = csv_find_rate(&t);
    if (status == CLI_FINE)
        status = begin(&t);
    if (status == CLI_FINE)
        status = read_rows(&t);
    for (size_t i = 0; i < t.n_names; i++)
        free(t.names[i]);
    free(t.names);
    csv_fini(&t.cells);
    free(t.line);
    free(t.held);
    free(t.row);
    return status;
}
