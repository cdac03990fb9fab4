/* cat_raw.c - `mef3 cat` as little-endian numbers, channel after channel, and as .npy. */
#include "cat.h"

#include <endian.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A window is written in pieces, so that memory stays the same however long it
 * is. A block that is cut by a piece's end is decoded twice: where blocks are
 * long, pieces are longer still. */
enum { PIECE = 1 << 18, LONGEST_PIECE = 1 << 23, BLOCKS_A_PIECE = 4 };

struct buffers {
    size_t room; /* samples */
    int32_t *counts;
    uint8_t *truth;
    union {
        void *bytes;
        double *f64;
        float *f32;
        int32_t *i32;
        uint64_t *bits64;
        uint32_t *bits32;
    } out;
};

static size_t longest_piece(const struct cat_job *job)
{
    int64_t piece = PIECE;
    int64_t longest = 0;

    for (size_t i = 0; i < job->n_channels; i++) {
        const struct cat_channel *channel = &job->channels[i];
        const struct mef3_segment_info *segment;
        for (size_t s = 0; (segment = mef3_segment_info(job->session, channel->number, s)); s++)
            if (BLOCKS_A_PIECE * (int64_t)segment->max_block_samples > piece)
                piece = BLOCKS_A_PIECE * (int64_t)segment->max_block_samples;
        if (channel->n > longest)
            longest = channel->n;
    }
    if (piece > LONGEST_PIECE)
        piece = LONGEST_PIECE;
    return (size_t)(piece < longest ? piece : longest) + 1;
}

static void buffers_fini(struct buffers *b)
{
    free(b->counts);
    free(b->truth);
    free(b->out.bytes);
}

static bool buffers_init(struct buffers *b, size_t room)
{
    b->room = room;
    b->counts = malloc(room * sizeof *b->counts);
    b->truth = malloc(room);
    b->out.bytes = malloc(room * sizeof(double));
    if (b->counts && b->truth && b->out.bytes)
        return true;
    buffers_fini(b);
    return false;
}

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
        size_t left = (size_t)(channel->n - first);
        size_t n = left < b->room ? left : b->room;
        int status = cat_read(job, channel, first, n, b->counts, b->truth, error);
        if (status != MEF3_OK)
            return status;
        size_t bytes = convert(job, factor, b, n);
        if (fwrite(b->out.bytes, 1, bytes, job->to) != bytes)
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
    struct buffers b;
    int status = MEF3_OK;

    if (!buffers_init(&b, longest_piece(job)))
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    if (job->format == CAT_NPY && !write_npy_header(job))
        status = mef3_error_set(error, MEF3_EIO, NULL, -1, NULL, NULL, NULL);
    for (size_t i = 0; status == MEF3_OK && i < job->n_channels; i++)
        status = write_channel(job, &job->channels[i], &b, error);
    buffers_fini(&b);
    return status;
}
