/* cat_csv.c - `mef3 cat` as lines of text: a time, then a value a channel. */
#include "cat.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "csv_cell.h"

/* Samples of all channels that are held at a time. */
enum { PIECE = 1 << 20, LEAST_ROWS = 256 };

/* The shortest of 15, 16 or 17 digits that reads back as the same number. */
static void put_number(FILE *to, double value)
{
    char text[40];

    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    fputs(text, to);
}

/* A gap is an empty cell; what cannot be read, and a stored "no number", is
 * "nan". */
static void put_cell(FILE *to, int32_t count, uint8_t truth, bool counts, double factor)
{
    fputc(',', to);
    if (truth == MEF3_GAP)
        return;
    if (count == MEF3_COUNT_NAN)
        fputs("nan", to);
    else if (count == MEF3_COUNT_NEG_INF || count == MEF3_COUNT_POS_INF)
        fputs((count == MEF3_COUNT_POS_INF) == (counts || factor > 0) ? "inf" : "-inf", to);
    else if (counts)
        fprintf(to, "%" PRId32, count);
    else
        put_number(to, count * factor);
}

static bool put_rows(struct cat_job *job, int64_t first, size_t n, size_t stride,
                     const int32_t *counts, const uint8_t *truth)
{
    double rate = job->channels[0].rate_hz;

    for (size_t i = 0; i < n; i++) {
        fprintf(job->to, "%" PRId64, mef3_index_to_time(first + (int64_t)i, job->start_uutc, rate));
        for (size_t c = 0; c < job->n_channels; c++)
            put_cell(job->to, counts[c * stride + i], truth[c * stride + i], job->counts,
                     job->channels[c].factor);
        fputc('\n', job->to);
    }
    return !ferror(job->to);
}

static int write_rows(struct cat_job *job, size_t stride, int32_t *counts, uint8_t *truth,
                      struct mef3_error *error)
{
    int64_t total = job->channels[0].n;
    int64_t first = 0;

    do { /* once for an empty window too: what is lost is to be told */
        size_t n = total - first < (int64_t)stride ? (size_t)(total - first) : stride;
        for (size_t c = 0; c < job->n_channels; c++) {
            int status = cat_read(job, &job->channels[c], first, n, counts + c * stride,
                                  truth + c * stride, error);
            if (status != MEF3_OK)
                return status;
        }
        if (!put_rows(job, first, n, stride, counts, truth))
            return mef3_error_set(error, MEF3_EIO, NULL, -1, NULL, NULL, NULL);
        first += (int64_t)n;
    } while (first < total);
    return MEF3_OK;
}

int cat_write_csv(struct cat_job *job, struct mef3_error *error)
{
    size_t stride = job->n_channels > 0 ? PIECE / job->n_channels : 0;

    fputs("time_uutc", job->to);
    for (size_t c = 0; c < job->n_channels; c++) {
        fputc(',', job->to);
        csv_put(job->to, job->channels[c].name);
    }
    fputc('\n', job->to);
    if (job->n_channels == 0)
        return MEF3_OK;

    if (stride < LEAST_ROWS)
        stride = LEAST_ROWS;
    int32_t *counts = calloc(job->n_channels * stride, sizeof *counts);
    uint8_t *truth = calloc(job->n_channels * stride, sizeof *truth);
    int status = counts && truth ? write_rows(job, stride, counts, truth, error)
                                 : mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    free(counts);
    free(truth);
    return status;
}
