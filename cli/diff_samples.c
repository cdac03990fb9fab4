/* diff_samples.c - the samples of two recordings, one beside the other, piece by piece. */
#include "diff.h"

#include <math.h>
#include <stdlib.h>

/* A piece is longer than a block where blocks are long, for one that is cut is decoded twice. */
enum { PIECE = 1 << 18, LONGEST_PIECE = 1 << 22, BLOCKS_A_PIECE = 4 };

/* Of the same value, stored with another factor, the last digits differ. */
static const double SAME = 1e-9;

struct side {
    int32_t *counts;
    uint8_t *truth;
    double factor;
    struct diff *diff;
    int which;
};

static void note(void *arg, const struct mef3_damage *damage)
{
    struct side *side = arg;

    diff_note_bad(side->diff, side->which, &damage->error);
}

static bool is_number(int32_t count)
{
    return count != MEF3_COUNT_NAN && count != MEF3_COUNT_NEG_INF && count != MEF3_COUNT_POS_INF;
}

static double value_of(const struct side *side, size_t i)
{
    double value;

    mef3_counts_to_f64(&side->counts[i], 1, side->factor, &value);
    return value;
}

static bool is_same(const struct side sides[2], size_t i)
{
    int32_t a = sides[0].counts[i];
    int32_t b = sides[1].counts[i];

    if (sides[0].factor == sides[1].factor || !is_number(a) || !is_number(b))
        return a == b;
    double x = value_of(&sides[0], i);
    double y = value_of(&sides[1], i);
    return fabs(x - y) <= SAME * fmax(fabs(x), fabs(y));
}

static void compare(const struct side sides[2], size_t n, int64_t first, int64_t start_uutc,
                    double rate_hz, struct diff_samples *samples)
{
    for (size_t i = 0; i < n; i++) {
        samples->n_unreadable[0] += sides[0].truth[i] == MEF3_UNREADABLE;
        samples->n_unreadable[1] += sides[1].truth[i] == MEF3_UNREADABLE;
        if (sides[0].truth[i] != MEF3_DATA || sides[1].truth[i] != MEF3_DATA)
            continue;
        samples->n_compared++;
        if (is_same(sides, i))
            continue;
        double x = value_of(&sides[0], i);
        double y = value_of(&sides[1], i);
        if (samples->n_different++ == 0) {
            samples->first_uutc = mef3_index_to_time(first + (int64_t)i, start_uutc, rate_hz);
            samples->first_values[0] = x;
            samples->first_values[1] = y;
        }
        if (isfinite(x) && isfinite(y))
            samples->greatest = fmax(samples->greatest, fabs(x - y));
    }
}

static size_t piece_of(const struct diff *diff, const struct diff_channel *channel, int64_t n)
{
    int64_t piece = PIECE;

    for (size_t k = 0; k < 2; k++) {
        const struct mef3_segment_info *info;
        for (size_t i = 0; (info = mef3_segment_info(diff->sessions[k], channel->numbers[k], i));
             i++)
            if (BLOCKS_A_PIECE * (int64_t)info->max_block_samples > piece)
                piece = BLOCKS_A_PIECE * (int64_t)info->max_block_samples;
    }
    if (piece > LONGEST_PIECE)
        piece = LONGEST_PIECE;
    return (size_t)(piece < n ? piece : n);
}

static int compare_pieces(struct diff *diff, struct diff_channel *channel, struct side sides[2],
                          int64_t start_uutc, int64_t end_uutc, int64_t total, size_t piece,
                          struct mef3_error *error)
{
    double rate_hz = mef3_channel_info(diff->sessions[0], channel->numbers[0])->rate_hz;
    size_t n;

    for (int64_t first = 0; first < total; first += (int64_t)n) {
        n = total - first < (int64_t)piece ? (size_t)(total - first) : piece;
        for (int k = 0; k < 2; k++) {
            int status = mef3_read_window_part(diff->sessions[k], channel->numbers[k], start_uutc,
                                               end_uutc, first, n, sides[k].counts, sides[k].truth,
                                               note, &sides[k], error);
            if (status != MEF3_OK)
                return status;
        }
        compare(sides, n, first, start_uutc, rate_hz, &channel->samples);
        progress_add(&diff->bar, n);
    }
    return MEF3_OK;
}

int diff_compare_samples(struct diff *diff, struct diff_channel *channel, int64_t start_uutc,
                         int64_t end_uutc, struct mef3_error *error)
{
    struct side sides[2];
    bool is_fine = true;
    int64_t total;

    double rate_hz = mef3_channel_info(diff->sessions[0], channel->numbers[0])->rate_hz;
    int status = mef3_window_samples(start_uutc, end_uutc, rate_hz, &total);
    if (status != MEF3_OK || total == 0)
        return status == MEF3_OK ? MEF3_OK
                                 : mef3_error_set(error, status, NULL, -1, NULL, NULL, NULL);
    size_t piece = piece_of(diff, channel, total);
    for (int k = 0; k < 2; k++) {
        sides[k] = (struct side){
            .counts = malloc(piece * sizeof *sides[k].counts),
            .truth = malloc(piece),
            .factor = mef3_channel_info(diff->sessions[k], channel->numbers[k])->units_factor,
            .diff = diff,
            .which = k,
        };
        is_fine = is_fine && sides[k].counts && sides[k].truth;
    }
    status = is_fine
                 ? compare_pieces(diff, channel, sides, start_uutc, end_uutc, total, piece, error)
                 : mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    for (int k = 0; k < 2; k++) {
        free(sides[k].counts);
        free(sides[k].truth);
    }
    return status;
}
