/* import_npy.c - `mef3 import` of a NumPy array: a channel, or channels x samples. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "import.h"
#include "npy.h"

/* Numbers that are held at a time. */
enum { PIECE = 1 << 16 };

struct npy_import {
    struct import_job *job;
    struct npy npy;
    size_t n_channels;
    uint64_t n_samples;  /* a channel */
    bool is_interleaved; /* a number of each channel, then the next of each */
    uint8_t *bytes;
    double *values;  /* as they come */
    double *channel; /* of one channel */
};

static int read_header(struct npy_import *a)
{
    struct mef3_error error;

    uint8_t *header = malloc(NPY_MAX_HEADER);
    if (!header)
        return cli_fail(CLI_IO, "%s: out of memory; try again with more", a->job->o->path);
    size_t n = fread(header, 1, NPY_MAX_HEADER, a->job->from);
    int status = npy_parse(header, n, &a->npy, &error);
    free(header);
    if (status != MEF3_OK)
        return import_refuse(a->job, &error, "write it with numpy.save, as one array of numbers");
    if (fseeko(a->job->from, (off_t)a->npy.data_at, SEEK_SET) != 0)
        return import_cannot_read(a->job);
    return CLI_FINE;
}

static int choose_shape(struct npy_import *a)
{
    const struct npy *npy = &a->npy;
    bool is_one = npy->n_dimensions == 1;
    uint64_t n_channels = is_one ? 1 : npy->shape[a->job->o->transpose ? 1 : 0];

    if (n_channels > MEF3_MAX_CHANNELS)
        return cli_fail(CLI_USAGE,
                        "%s: %llu channels are more than a session may have; if the "
                        "array is samples x channels, say --transpose",
                        a->job->o->path, (unsigned long long)n_channels);
    a->n_channels = (size_t)n_channels;
    a->n_samples = is_one ? npy->shape[0] : npy->shape[a->job->o->transpose ? 0 : 1];
    a->is_interleaved = !is_one && npy->is_fortran != a->job->o->transpose;
    return CLI_FINE;
}

static int begin(struct npy_import *a)
{
    const struct import_options *o = a->job->o;
    struct mef3_writer_options session;
    struct mef3_writer_channel channel;
    size_t number;

    mef3_writer_defaults(&session);
    int status = import_begin(a->job, &session);
    for (size_t i = 0; status == CLI_FINE && i < a->n_channels; i++) {
        mef3_writer_channel_defaults(&channel);
        channel.name = i < o->n_names ? o->names[i] : NULL;
        channel.rate_hz = o->rate_hz;
        channel.units_factor = o->factor != 0 ? o->factor : 1;
        channel.units = o->units ? o->units : "uV";
        channel.block_samples = 0;
        status = import_add_channel(a->job, &channel, &number);
    }
    return status;
}

/* Read up to n numbers. *n_out is fewer where the file ends. */
static int read_numbers(struct npy_import *a, size_t n, size_t *n_out)
{
    *n_out = fread(a->bytes, a->npy.bytes, n, a->job->from);
    if (*n_out < n && ferror(a->job->from))
        return import_cannot_read(a->job);
    npy_values(&a->npy, a->bytes, *n_out, a->values);
    return CLI_FINE;
}

static int append(struct npy_import *a, size_t channel, uint64_t first, const double *values,
                  size_t n)
{
    const struct import_options *o = a->job->o;
    int64_t start_uutc = mef3_index_to_time((int64_t)first, o->start_uutc, o->rate_hz);

    for (size_t i = 0; o->factor == 0 && i < n; i++)
        if (isfinite(values[i]) && values[i] != trunc(values[i]))
            return cli_fail(CLI_USAGE,
                            "%s: channel %zu, sample %llu: %.9g is no whole number; say "
                            "with --factor what a count is worth",
                            o->path, channel + 1, (unsigned long long)(first + i), values[i]);
    /* Whole numbers are counts already. */
    bool are_counts = a->npy.kind != 'f';
    return import_append_f64(a->job, channel, start_uutc, values, n, are_counts);
}

static int read_by_channel(struct npy_import *a)
{
    for (size_t c = 0; c < a->n_channels; c++) {
        size_t n = 0;
        for (uint64_t first = 0; first < a->n_samples; first += n) {
            size_t wanted = a->n_samples - first < PIECE ? (size_t)(a->n_samples - first) : PIECE;
            int status = read_numbers(a, wanted, &n);
            if (status == CLI_FINE && n > 0)
                status = append(a, c, first, a->values, n);
            if (status != CLI_FINE)
                return status;
            if (n < wanted) {
                import_lose(a->job,
                            "the file ends after %llu of %llu samples of channel %zu of %zu",
                            (unsigned long long)(first + n), (unsigned long long)a->n_samples,
                            c + 1, a->n_channels);
                return CLI_FINE;
            }
        }
    }
    return CLI_FINE;
}

static int read_interleaved(struct npy_import *a)
{
    size_t most = PIECE / a->n_channels > 0 ? PIECE / a->n_channels : 1;
    size_t n = 0;

    for (uint64_t first = 0; first < a->n_samples; first += n) {
        size_t wanted = a->n_samples - first < most ? (size_t)(a->n_samples - first) : most;
        int status = read_numbers(a, wanted * a->n_channels, &n);
        n /= a->n_channels; /* a moment that is not whole is told of below */
        for (size_t c = 0; status == CLI_FINE && n > 0 && c < a->n_channels; c++) {
            for (size_t i = 0; i < n; i++)
                a->channel[i] = a->values[i * a->n_channels + c];
            status = append(a, c, first, a->channel, n);
        }
        if (status != CLI_FINE)
            return status;
        if (n < wanted) {
            import_lose(a->job, "the file ends after %llu of %llu samples",
                        (unsigned long long)(first + n), (unsigned long long)a->n_samples);
            return CLI_FINE;
        }
    }
    return CLI_FINE;
}

static int read_all(struct npy_import *a)
{
    size_t room = PIECE > a->n_channels ? PIECE : a->n_channels;
    int status;

    a->bytes = malloc(room * sizeof(double));
    a->values = malloc(room * sizeof(double));
    a->channel = malloc(room * sizeof(double));
    if (!a->bytes || !a->values || !a->channel)
        return cli_fail(CLI_IO, "%s: out of memory; try again with more", a->job->o->path);
    if (a->n_channels == 0)
        return CLI_FINE;
    status = a->is_interleaved ? read_interleaved(a) : read_by_channel(a);
    if (status == CLI_FINE && a->job->n_lost == 0 && fgetc(a->job->from) != EOF)
        import_lose(a->job, "there are more bytes after the last sample");
    return status;
}

int import_npy(struct import_job *job)
{
    struct npy_import a = {.job = job};

    if (job->o->rate_hz == 0 || job->o->start_uutc == MEF3_NO_TIME)
        return cli_fail(CLI_USAGE,
                        "%s: an array does not say when it was recorded, and how fast; "
                        "give --rate and --start",
                        job->o->path);
    if (job->o->has_zone || job->o->time_column)
        return cli_fail(CLI_USAGE, "--time-zone is for EDF, and --time for CSV; leave them out");
    int status = read_header(&a);
    if (status == CLI_FINE)
        status = choose_shape(&a);
    if (status == CLI_FINE)
        status = begin(&a);
    if (status == CLI_FINE)
        status = read_all(&a);
    free(a.bytes);
    free(a.values);
    free(a.channel);
    return status;
}
