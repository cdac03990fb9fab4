/* fuzz_session.c - a recording that was spoilt: metadata, index and data as an input says,
 * with its CRCs left wrong or mended, opened and read in every way. Inputs: spoilt.h */
#include <stdlib.h>
#include <string.h>

#include "spoilt.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { PART = 4096 };

static void require(bool condition)
{
    if (!condition)
        abort();
}

struct seen {
    int64_t first;
    size_t n;
    uint8_t reported[PART];
};

static void note(void *arg, const struct mef3_damage *damage)
{
    struct seen *seen = arg;
    char text[1024];

    require(damage->error.status < 0 && damage->error.file[0]);
    mef3_error_text(&damage->error, text, sizeof text);
    require(damage->at >= seen->first && damage->n >= 0);
    require(damage->at - seen->first + damage->n <= (int64_t)seen->n);
    memset(seen->reported + (damage->at - seen->first), 1, (size_t)damage->n);
}

/* A part of a window: each sample data, gap or reported. */
static void read_part(struct mef3_session *session, size_t channel, int64_t start, int64_t end,
                      int64_t first, size_t n)
{
    static struct seen seen;
    struct mef3_error error;
    int32_t *counts = malloc(n * sizeof *counts + 1);
    uint8_t *truth = malloc(n + 1);

    require(counts && truth);
    memset(&seen, 0, sizeof seen);
    seen.first = first;
    seen.n = n;
    int status = mef3_read_window_part(session, channel, start, end, first, n, counts, truth, note,
                                       &seen, &error);
    for (size_t i = 0; status == MEF3_OK && i < n; i++) {
        require(truth[i] <= MEF3_UNREADABLE);
        require(truth[i] == MEF3_DATA || counts[i] == MEF3_COUNT_NAN);
        require(truth[i] != MEF3_UNREADABLE || seen.reported[i]);
    }
    free(counts);
    free(truth);
}

static void read_channel(struct mef3_session *session, size_t channel)
{
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    int64_t window[][2] = {{SPOILT_T0 - SPOILT_SECOND, SPOILT_T0 + 20 * SPOILT_SECOND},
                           {info->start_uutc, info->end_uutc},
                           {-SPOILT_SECOND, SPOILT_SECOND},
                           {INT64_MIN, INT64_MAX}};
    int64_t n;

    for (size_t i = 0; i < sizeof window / sizeof *window; i++) {
        int64_t start = window[i][0], end = window[i][1];
        if (mef3_window_samples(start, end, info->rate_hz, &n) != MEF3_OK)
            continue;
        size_t some = n < PART ? (size_t)n : PART;
        read_part(session, channel, start, end, 0, some);
        read_part(session, channel, start, end, n - (int64_t)some, some);
        read_part(session, channel, start, end, n / 2, some / 2);
    }
}

/* Runs are in order, disjoint, and of samples that the segment has. */
static void walk_segment(struct mef3_session *session, size_t channel, size_t segment)
{
    const struct mef3_run *runs;
    struct mef3_error error;
    struct mef3_block block;
    size_t n, first, n_blocks;
    int32_t count;
    double rate = mef3_segment_info(session, channel, segment)->rate_hz;

    if (mef3_segment_runs(session, channel, segment, &runs, &n, &error) != MEF3_OK)
        return;
    for (size_t i = 0; i < n; i++) {
        struct mef3_run run = runs[i];
        require(run.n_samples > 0 && run.first_sample >= run.origin_sample &&
                run.block_samples > 0);
        int64_t begin =
            mef3_index_to_time(run.first_sample - run.origin_sample, run.origin_uutc, rate);
        if (i > 0)
            require(begin >=
                    mef3_index_to_time(runs[i - 1].first_sample - runs[i - 1].origin_sample,
                                       runs[i - 1].origin_uutc, rate));
        require(mef3_segment_find_blocks(session, channel, segment, run.first_sample, run.n_samples,
                                         &first, &n_blocks, &error) == MEF3_OK);
        require(n_blocks > 0);
        require(mef3_segment_block(session, channel, segment, first, &block, &error) == MEF3_OK);
        require(block.first_sample <= run.first_sample &&
                block.first_sample + block.n_samples > run.first_sample);
        require(mef3_read_samples(session, channel, segment, run.first_sample, 1, &count, NULL,
                                  NULL, &error) == MEF3_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct recording recording = {0};
    struct mef3_session *session;
    struct mef3_error error;

    if (n < 1)
        return 0;
    spoilt_make(&recording, bytes, n);
    require(recording_open(&recording, NULL, &session, &error) == MEF3_OK);
    for (size_t c = 0; c < mef3_session_info(session)->n_channels; c++) {
        if (spoilt_is_slow(session, c))
            continue;
        read_channel(session, c);
        for (size_t s = 0; s < mef3_channel_info(session, c)->n_segments; s++)
            walk_segment(session, c, s);
    }
    mef3_session_close(session);
    recording_fini(&recording);
    return 0;
}
