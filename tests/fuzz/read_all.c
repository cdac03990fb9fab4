/* read_all.c - what the targets of the reading half share: true checksums, and reading everything.
 */
#include "read_all.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "layout.h"

enum { MOST_SAMPLES = 4096, MOST_RUNS = 64 };

static void require(bool is_true)
{
    if (!is_true)
        abort();
}

void read_all_seal(uint8_t *bytes, size_t n)
{
    if (n < UH_BYTES)
        return;
    size_t body = n > META_BYTES ? META_BYTES - UH_BYTES : n - UH_BYTES;
    le_put_u32(bytes + UH_BODY_CRC, mef3_crc32(MEF3_CRC_START, bytes + UH_BYTES, body));
    le_put_u32(bytes + UH_HEADER_CRC,
               mef3_crc32(MEF3_CRC_START, bytes + UH_BODY_CRC, UH_BYTES - UH_BODY_CRC));
}

static void count_damage(void *arg, const struct mef3_damage *damage)
{
    char text[1024];

    require(damage->error.status < 0 && damage->n >= 0);
    require(mef3_error_text(&damage->error, text, sizeof text) == text);
    ++*(size_t *)arg;
}

/* Runs are in order, disjoint on the clock but for less than a sample, and each
 * sample is in one at most. */
static void check_runs(const struct mef3_run *runs, size_t n, double rate_hz)
{
    for (size_t i = 0; i < n; i++) {
        const struct mef3_run *run = &runs[i];
        require(run->n_samples > 0 && run->first_sample >= run->origin_sample);
        require(run->block_samples > 0);
        if (i == 0)
            continue;
        const struct mef3_run *before = &runs[i - 1];
        int64_t last =
            mef3_index_to_time(before->first_sample + before->n_samples - 1 - before->origin_sample,
                               before->origin_uutc, rate_hz);
        int64_t first =
            mef3_index_to_time(run->first_sample - run->origin_sample, run->origin_uutc, rate_hz);
        require(mef3_time_difference(first, last) >= -MEF3_RUN_TOLERANCE_US);
    }
}

static void read_segment(struct mef3_session *session, size_t channel, size_t segment)
{
    const struct mef3_segment_info *info = mef3_segment_info(session, channel, segment);
    const struct mef3_run *runs;
    struct mef3_error error;
    struct mef3_block block;
    int32_t counts[MOST_SAMPLES];
    size_t n_damage = 0;
    size_t first_block;
    size_t n_blocks;
    size_t n;

    if (mef3_segment_runs(session, channel, segment, &runs, &n, &error) != MEF3_OK)
        return;
    require(info->status == MEF3_OK);
    check_runs(runs, n, info->rate_hz);
    for (size_t i = 0; i < n && i < MOST_RUNS; i++) {
        /* The array is valid until the next call: take what is needed. */
        require(mef3_segment_runs(session, channel, segment, &runs, &n, &error) == MEF3_OK);
        int64_t first = runs[i].first_sample;
        size_t some = runs[i].n_samples < MOST_SAMPLES ? (size_t)runs[i].n_samples : MOST_SAMPLES;
        require(mef3_segment_find_blocks(session, channel, segment, first, (int64_t)some,
                                         &first_block, &n_blocks, &error) == MEF3_OK);
        require(n_blocks > 0);
        require(mef3_segment_block(session, channel, segment, first_block, &block, &error) ==
                MEF3_OK);
        require(block.first_sample <= first && first < block.first_sample + block.n_samples);
        require(mef3_read_samples(session, channel, segment, first, some, counts, count_damage,
                                  &n_damage, &error) == MEF3_OK);
    }
}

static void read_window(struct mef3_session *session, size_t channel, int64_t start, int64_t end)
{
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    static int32_t counts[MOST_SAMPLES];
    static uint8_t truth[MOST_SAMPLES];
    struct mef3_error error;
    size_t n_damage = 0;
    int64_t n;

    if (info->rate_hz == 0 || mef3_window_samples(start, end, info->rate_hz, &n) != MEF3_OK)
        return;
    int64_t first = n > MOST_SAMPLES ? (n - MOST_SAMPLES) / 2 : 0;
    size_t some = n < MOST_SAMPLES ? (size_t)n : MOST_SAMPLES;
    require(mef3_read_window_part(session, channel, start, end, first, some, counts, truth,
                                  count_damage, &n_damage, &error) == MEF3_OK);
    bool is_unreadable = false;
    for (size_t i = 0; i < some; i++) {
        require(truth[i] <= MEF3_UNREADABLE);
        require(truth[i] == MEF3_DATA || counts[i] == MEF3_COUNT_NAN);
        is_unreadable |= truth[i] == MEF3_UNREADABLE;
    }
    require(!is_unreadable || n_damage > 0);
}

void read_all(const struct mef3_memory_file *files, size_t n_files, const char *password)
{
    struct mef3_source source;
    struct mef3_session *session;
    struct mef3_error error;

    require(mef3_source_memory("fuzz", files, n_files, &source) == MEF3_OK);
    if (mef3_session_open(&source, password, &session, &error) != MEF3_OK)
        return;
    read_all_of(session);
    mef3_session_close(session);
}

void read_all_of(struct mef3_session *session)
{
    const struct mef3_session_info *info = mef3_session_info(session);
    for (size_t channel = 0; channel < info->n_channels; channel++) {
        const struct mef3_channel_info *c = mef3_channel_info(session, channel);
        require(strlen(c->name) > 0 && strlen(c->units) <= 3 * S2_UNITS_BYTES);
        for (size_t i = 0; i < c->n_segments; i++)
            read_segment(session, channel, i);
        if (c->start_uutc != MEF3_NO_TIME)
            read_window(session, channel, c->start_uutc - 1000, c->end_uutc + 1000);
        read_window(session, channel, -1000000, 1000000);
    }
}
