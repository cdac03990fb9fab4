/* import_edf.c - `mef3 import` of EDF, EDF+, BDF and BDF+, record by record. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "edf.h"
#include "import.h"
#include "import_edf.h"

enum { WINDOW = 1 << 20, PIECE = 1 << 16, MOST_ANNOTATION_BYTES = 1 << 24 };

/* Bytes [at, at + n) of the file, n at most the window's. NULL: errno says why. */
static const uint8_t *look(struct edf_import *e, uint64_t at, size_t n)
{
    if (at < e->window_at || at - e->window_at > e->n_window ||
        n > e->n_window - (size_t)(at - e->window_at)) {
        size_t got = 0;
        e->n_window = 0;
        while (got < e->window_room) {
            ssize_t more = pread(fileno(e->job->from), e->window + got, e->window_room - got,
                                 (off_t)(at + got));
            if (more < 0 && errno == EINTR)
                continue;
            if (more < 0)
                return NULL;
            if (more == 0)
                break;
            got += (size_t)more;
        }
        e->window_at = at;
        e->n_window = got;
    }
    if (n > e->n_window - (size_t)(at - e->window_at)) {
        errno = EIO; /* it has become shorter */
        return NULL;
    }
    return e->window + (at - e->window_at);
}

static int read_header(struct edf_import *e)
{
    struct mef3_error error;
    uint8_t head[EDF_HEAD_BYTES];
    size_t bytes;

    size_t n = fread(head, 1, sizeof head, e->job->from);
    if (edf_header_bytes(head, n, &bytes, &error) != MEF3_OK)
        return import_refuse(e->job, &error, "check that it is whole, and EDF or BDF");
    uint8_t *header = malloc(bytes);
    if (!header)
        return cli_fail(CLI_IO, "%s: out of memory; try again with more", e->job->o->path);
    memcpy(header, head, n);
    n += fread(header + n, 1, bytes - n, e->job->from);
    int status = edf_parse(header, n, &e->edf, &error);
    free(header);
    if (status != MEF3_OK)
        return import_refuse(e->job, &error, "check that it is whole, and EDF or BDF");
    return CLI_FINE;
}

/* How many records there are, whatever the header says. */
static int count_records(struct edf_import *e)
{
    struct edf *edf = &e->edf;
    struct stat st;

    if (fstat(fileno(e->job->from), &st) != 0)
        return import_cannot_read(e->job);
    if (!S_ISREG(st.st_mode))
        return cli_fail(CLI_USAGE, "%s: is no regular file; copy it into one", e->job->o->path);
    if (edf->record_bytes == 0) {
        e->n_records = 0;
        return CLI_FINE;
    }
    uint64_t bytes = (uint64_t)st.st_size - edf->header_bytes;
    e->n_records = (int64_t)(bytes / edf->record_bytes);
    uint64_t left = bytes % edf->record_bytes;
    if (edf->n_records < 0 && left > 0)
        import_lose(e->job, "record %lld is cut short", (long long)e->n_records);
    if (edf->n_records < 0)
        return CLI_FINE;
    if (e->n_records < edf->n_records)
        import_lose(e->job, "the file ends after %lld of %lld records", (long long)e->n_records,
                    (long long)edf->n_records);
    else if (e->n_records > edf->n_records || left > 0)
        import_lose(e->job,
                    "after the %lld records that the header counts there are %llu bytes "
                    "more",
                    (long long)edf->n_records,
                    (unsigned long long)(bytes - (uint64_t)edf->n_records * edf->record_bytes));
    if (e->n_records > edf->n_records)
        e->n_records = edf->n_records;
    return CLI_FINE;
}

static int find_start(struct edf_import *e)
{
    const struct import_options *o = e->job->o;

    e->start_uutc = o->start_uutc;
    if (e->start_uutc != MEF3_NO_TIME)
        return CLI_FINE;
    if (e->edf.start_uutc == MEF3_NO_TIME)
        return cli_fail(CLI_IO,
                        "%s: at byte 168: start date and time: expected \"dd.mm.yy "
                        "hh.mm.ss\", found \"%s\"; give --start",
                        o->path, e->edf.start_text);
    e->start_uutc = e->edf.start_uutc - o->zone_s * (int64_t)1000000;
    return CLI_FINE;
}

/* Room for what is looked at as a whole: the annotations of a record. */
static int make_room(struct edf_import *e)
{
    e->window_room = WINDOW;
    for (size_t i = 0; i < e->edf.n_signals; i++) {
        const struct edf_signal *signal = &e->edf.signals[i];
        size_t bytes = (size_t)signal->n_samples * e->edf.sample_bytes;
        if (!signal->is_annotation)
            continue;
        if (bytes > MOST_ANNOTATION_BYTES)
            return cli_fail(CLI_IO,
                            "%s: the annotations of signal %zu have %zu bytes in a record; "
                            "expected 16777216 at most",
                            e->job->o->path, i + 1, bytes);
        if (bytes > e->window_room)
            e->window_room = bytes;
    }
    e->window = malloc(e->window_room);
    e->counts = malloc(PIECE * sizeof *e->counts);
    e->channels = calloc(e->edf.n_signals, sizeof *e->channels);
    if (!e->window || !e->counts || !e->channels)
        return cli_fail(CLI_IO, "%s: out of memory; try again with more", e->job->o->path);
    return CLI_FINE;
}

static int take_annotation(void *arg, const struct edf_annotation *annotation)
{
    struct edf_import *e = arg;

    e->note_status = import_note(e->job, e->start_uutc + annotation->onset_us,
                                 annotation->duration_us, annotation->text, annotation->n);
    return e->note_status != CLI_FINE;
}

/* The annotations of a record. *onset_out: when it begins, MEF3_NO_TIME where it
 * does not say so. */
static int read_annotations(struct edf_import *e, int64_t record, int64_t *onset_out)
{
    uint64_t at = e->edf.header_bytes + (uint64_t)record * e->edf.record_bytes;
    bool is_first = true;
    struct edf_tals tals;

    *onset_out = MEF3_NO_TIME;
    for (size_t i = 0; i < e->edf.n_signals; i++) {
        const struct edf_signal *signal = &e->edf.signals[i];
        if (!signal->is_annotation)
            continue;
        size_t n = (size_t)signal->n_samples * e->edf.sample_bytes;
        const uint8_t *bytes = look(e, at + signal->at, n);
        if (!bytes)
            return import_cannot_read(e->job);
        if (edf_read_tals(bytes, n, take_annotation, e, &tals) != 0)
            return e->note_status;
        if (tals.n_bad > 0)
            import_lose(e->job, "at byte %llu, record %lld: an annotation makes no sense",
                        (unsigned long long)(at + signal->at + tals.bad_at), (long long)record);
        if (is_first)
            *onset_out = tals.onset_us;
        is_first = false;
    }
    return CLI_FINE;
}

/* Where the record stands in time: it continues the run, or begins another.
 * False: it does not follow what is before it. */
static bool place_record(struct edf_import *e, int64_t record, int64_t onset_us)
{
    bool has_time = e->edf.kind == EDF_DISCONTINUOUS;

    if (record == 0 && !has_time) {
        /* The fraction of a second that the header has no place for. */
        bool is_fraction = e->edf.kind == EDF_CONTINUOUS && onset_us != MEF3_NO_TIME;
        e->run_uutc = e->start_uutc + (is_fraction ? onset_us : 0);
    }
    if (!has_time)
        return true;
    if (onset_us == MEF3_NO_TIME) {
        import_lose(e->job, "record %lld does not say when it begins", (long long)record);
        return false;
    }
    int64_t start_uutc = e->start_uutc + onset_us;
    double off_us =
        (double)(start_uutc - e->run_uutc) - (double)e->n_run_records * e->edf.record_s * 1e6;
    if (e->has_run && fabs(off_us) < e->tolerance_us)
        return true;
    if (e->has_run && off_us < 0) {
        import_lose(e->job, "record %lld begins %.6g s before the record before it ends",
                    (long long)record, -off_us / 1e6);
        return false;
    }
    e->run_uutc = start_uutc;
    e->n_run_records = 0;
    e->has_run = true;
    return true;
}

static int read_samples(struct edf_import *e, int64_t record)
{
    uint64_t at = e->edf.header_bytes + (uint64_t)record * e->edf.record_bytes;
    size_t bytes = e->edf.sample_bytes;

    for (size_t i = 0; i < e->edf.n_signals; i++) {
        const struct edf_signal *signal = &e->edf.signals[i];
        const struct edf_import_channel *channel = &e->channels[i];
        for (size_t first = 0, n; channel->is_used && first < signal->n_samples; first += n) {
            n = signal->n_samples - first < PIECE ? signal->n_samples - first : PIECE;
            const uint8_t *samples = look(e, at + signal->at + first * bytes, n * bytes);
            if (!samples)
                return import_cannot_read(e->job);
            edf_counts(samples, n, bytes, channel->shift, e->counts);
            if (channel->has_none)
                edf_mark_none(e->counts, n, channel->none);
            int64_t index = e->n_run_records * (int64_t)signal->n_samples + (int64_t)first;
            int status = import_append(e->job, channel->number,
                                       mef3_index_to_time(index, e->run_uutc, channel->rate_hz),
                                       e->counts, n);
            if (status != CLI_FINE)
                return status;
        }
    }
    return CLI_FINE;
}

static int read_records(struct edf_import *e)
{
    int64_t onset_us;

    for (int64_t record = 0; record < e->n_records; record++) {
        int status = read_annotations(e, record, &onset_us);
        if (status != CLI_FINE)
            return status;
        if (!place_record(e, record, onset_us))
            continue;
        status = read_samples(e, record);
        if (status != CLI_FINE)
            return status;
        e->n_run_records++;
    }
    return CLI_FINE;
}

static int check_options(const struct import_options *o)
{
    if (o->rate_hz != 0 || o->factor != 0 || o->units || o->n_names > 0 || o->transpose ||
        o->time_column)
        return cli_fail(CLI_USAGE,
                        "%s: is EDF or BDF, which says itself what its rates, units and "
                        "names are; leave out --rate, --factor, --units, --name, --transpose and "
                        "--time",
                        o->path);
    if (o->has_zone && o->start_uutc != MEF3_NO_TIME)
        return cli_fail(CLI_USAGE, "--start says when it was; leave out --time-zone");
    return CLI_FINE;
}

int import_edf(struct import_job *job)
{
    struct edf_import e = {.job = job};

    int status = check_options(job->o);
    if (status == CLI_FINE)
        status = read_header(&e);
    if (status == CLI_FINE)
        status = count_records(&e);
    if (status == CLI_FINE)
        status = find_start(&e);
    if (status == CLI_FINE)
        status = make_room(&e);
    if (status == CLI_FINE)
        status = edf_import_begin(&e);
    if (status == CLI_FINE)
        status = read_records(&e);
    edf_fini(&e.edf);
    free(e.window);
    free(e.counts);
    free(e.channels);
    return status;
}
