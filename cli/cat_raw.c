/* cat_raw.c - `mef3 cat` as little-endian numbers, channel after channel, and as .npy. */
#include "cat.h"

#include <endian.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A window is written in pieces of this many samples: memory stays the same
 * however long it is. */
enum { PIECE = 1 << 18 };

struct buffers {
    int32_t counts[PIECE];
    uint8_t truth[PIECE];
    union {
        double f64[PIECE];
        float f32[PIECE];
        int32_t i32[PIECE];
        uint64_t bits64[PIECE];
        uint32_t bits32[PIECE];
    } out;
};

/* Values in whole units: halves away from zero, held within what is not
 * reserved. Counts that are no number stay what they are. */
static int32_t whole(int32_t count, double factor)
{
    if (count == MEF3_COUNT_NAN || count == MEF3_COUNT_NEG_INF || count == MEF3_COUNT_POS_INF)
        return count;
    double value = round(count * factor);
    return (int32_t)fmax(MEF3_COUNT_NEG_INF + 1, fmin(value, MEF3_COUNT_POS_INF - 1));
}

/* Number of bytes to write. */
static size_t convert(const struct cat_job *job, double factor, struct buffers *b, size_t n)
{
    if (job->format == CAT_F32)
        mef3_counts_to_f32(b->counts, n, factor, b->out.f32);
    else if (job->format != CAT_I32)
        mef3_counts_to_f64(b->counts, n, factor, b->out.f64);
    else if (job->counts)
        memcpy(b->out.i32, b->counts, n * sizeof *b->counts);
    else
        for (size_t i = 0; i < n; i++)
            b->out.i32[i] = whole(b->counts[i], factor);

    if (job->format == CAT_F64 || job->format == CAT_NPY) {
        for (size_t i = 0; i < n; i++)
            b->out.bits64[i] = htole64(b->out.bits64[i]);
        return n * sizeof(uint64_t);
    }
    for (size_t i = 0; i < n; i++)
        b->out.bits32[i] = htole32(b->out.bits32[i]);
    return n * sizeof(uint32_t);
}

static int write_channel(struct cat_job *job, const struct cat_channel *channel, struct buffers *b,
                         struct mef3_error *error)
{
    double factor = job->counts ? 1 : channel->factor;
    int64_t first = 0;

    do { /* once for an empty window too: what is lost is to be told */
        size_t n = channel->n - first < PIECE ? (size_t)(channel->n - first) : PIECE;
        int status = cat_read(job, channel, first, n, b->counts, b->truth, error);
        if (status != MEF3_OK)
            return status;
        size_t bytes = convert(job, factor, b, n);
        if (fwrite(&b->out, 1, bytes, job->to) != bytes)
            return mef3_error_set(error, MEF3_EIO, NULL, -1, NULL, NULL, NULL);
        first += (int64_t)n;
    } while (first < channel->n);
    return MEF3_OK;
}

/* NumPy's format 1.0: a magic, a Python literal padded so that the numbers
 * begin at a multiple of 64, the numbers. */
static bool write_npy_header(const struct cat_job *job)
{
    char text[256];
    uint8_t start[10] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

    int n = snprintf(text, sizeof text,
                     "{'descr': '<f8', 'fortran_order': False, 'shape': (%zu, %" PRId64 "), }",
                     job->n_channels, job->n_channels > 0 ? job->channels[0].n : 0);
    size_t total = ((sizeof start + (size_t)n + 1 + 63) / 64) * 64 - sizeof start;
    memset(text + n, ' ', total - (size_t)n);
    text[total - 1] = '\n';
    start[8] = (uint8_t)(total & 0xFF);
    start[9] = (uint8_t)(total >> 8);
    return fwrite(start, 1, sizeof start, job->to) == sizeof start &&
           fwrite(text, 1, total, job->to) == total;
}

int cat_write_raw(struct cat_job *job, struct mef3_error *error)
{
    struct buffers *b = malloc(sizeof *b);
    int status = MEF3_OK;

    if (!b)
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    if (job->format == CAT_NPY && !write_npy_header(job))
        status = mef3_error_set(error, MEF3_EIO, NULL, -1, NULL, NULL, NULL);
    for (size_t i = 0; status == MEF3_OK && i < job->n_channels; i++)
        status = write_channel(job, &job->channels[i], b, error);
    free(b);
    return status;
}
