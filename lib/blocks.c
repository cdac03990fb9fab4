/* blocks.c - what a segment's index says: its runs and blocks. */
#include <mef3/read.h>

#include "index_cache.h"

static int get_index(struct mef3_session *session, size_t channel, size_t segment,
                     const struct index **index_out, struct mef3_error *error)
{
    struct segment *s;

    int status = session_need_segment(session, channel, segment, &s, error);
    if (status != MEF3_OK)
        return status;
    return index_get(session, s, index_out, error);
}

int mef3_segment_runs(struct mef3_session *session, size_t channel, size_t segment,
                      const struct mef3_run **runs_out, size_t *n_out, struct mef3_error *error)
{
    const struct index *index;

    int status = get_index(session, channel, segment, &index, error);
    if (status != MEF3_OK)
        return status;
    *runs_out = index->runs;
    *n_out = index->n_runs;
    return MEF3_OK;
}

int mef3_segment_span(struct mef3_session *session, size_t channel, size_t segment,
                      int64_t *start_out, int64_t *end_out, struct mef3_error *error)
{
    struct segment *s;

    int status = session_need_segment(session, channel, segment, &s, error);
    if (status != MEF3_OK)
        return status;
    int64_t start = s->info.start_uutc, end = s->info.end_uutc;
    if (s->info.status == MEF3_OK)
        index_span(&session->source, s, &start, &end);
    *start_out = start;
    *end_out = end;
    return MEF3_OK;
}

int mef3_segment_find_blocks(struct mef3_session *session, size_t channel, size_t segment,
                             int64_t first, int64_t n, size_t *block_out, size_t *n_out,
                             struct mef3_error *error)
{
    const struct index *index;

    int status = get_index(session, channel, segment, &index, error);
    if (status != MEF3_OK)
        return status;
    *block_out = 0;
    *n_out = 0;
    if (first < 0 || n <= 0 || first >= index->n_samples || n > index->n_samples - first)
        return MEF3_OK;
    *block_out = index_find(index, first);
    *n_out = index_find(index, first + n - 1) - *block_out + 1;
    return MEF3_OK;
}

int mef3_segment_first_samples(struct mef3_session *session, size_t channel, size_t segment,
                               size_t first, size_t n, int64_t *samples_out,
                               struct mef3_error *error)
{
    const struct index *index;

    int status = get_index(session, channel, segment, &index, error);
    if (status != MEF3_OK)
        return status;
    if (first > index->n_blocks || n > index->n_blocks - first)
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "block", NULL, NULL);
    for (size_t k = 0; k <= n; k++)
        samples_out[k] = index_first_sample(index, first + k);
    return MEF3_OK;
}

int mef3_segment_block(struct mef3_session *session, size_t channel, size_t segment, size_t block,
                       struct mef3_block *block_out, struct mef3_error *error)
{
    const struct index *index;

    int status = get_index(session, channel, segment, &index, error);
    if (status != MEF3_OK)
        return status;
    if (block >= index->n_blocks)
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "block", NULL, NULL);
    const struct index_block b = index_block_at(index, block);
    *block_out = (struct mef3_block){
        .file_offset = b.file_offset,
        .start_uutc = b.start_uutc,
        .first_sample = b.first_sample,
        .n_samples = b.n_samples,
        .block_bytes = b.block_bytes,
        .discontinuity = b.discontinuity,
    };
    return MEF3_OK;
}
