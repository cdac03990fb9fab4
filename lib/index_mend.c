/* index_mend.c - places for blocks that a segment has but its index does not tell.
 *
 * What such a block held must not pass for a gap, in which nothing was recorded:
 * it is placed where it most likely was, to be reported as unreadable there. */
#include "index.h"

#include "universal_header.h"

static int64_t end_of(const struct index_block *block, double rate_hz)
{
    return mef3_index_to_time(block->n_samples, block->start_uutc, rate_hz);
}

/* Where a block goes of which nothing is known: after the one before it. */
static int64_t place_after(const struct index_draft *draft, const struct mef3_segment_info *info)
{
    int64_t place = draft->n_blocks > 0 ? end_of(&draft->blocks[draft->n_blocks - 1], info->rate_hz)
                                        : info->start_uutc;

    return place < -TIME_LIMIT_UUTC || place > TIME_LIMIT_UUTC ? 0 : place;
}

/* Give a faulty entry a place and a length: its own time where that agrees with
 * the neighbours, and all up to `until_uutc`, where the next sound block begins or
 * the segment ends, but not longer than blocks are. */
static void place_faulty(struct index_block *block, int64_t after_uutc, int64_t until_uutc,
                         const struct mef3_segment_info *info)
{
    int64_t most = info->max_block_samples;

    if (block->start_uutc < after_uutc - MEF3_RUN_TOLERANCE_US || block->start_uutc >= until_uutc)
        block->start_uutc = after_uutc;
    if (most == 0 || most > MEF3_RED_MAX_SAMPLES)
        most = MEF3_RED_MAX_SAMPLES;
    int64_t n = mef3_time_to_index(until_uutc, block->start_uutc, info->rate_hz);
    block->n_samples = (uint32_t)(n < 1 ? 1 : n < most ? n : most);
}

static void append(struct index_draft *draft, struct index_block block)
{
    block.first_sample = draft->n_samples;
    draft->n_samples += block.n_samples;
    draft->blocks[draft->n_blocks++] = block;
}

/* The samples that the metadata count and the index has lost with its end, as one
 * block. */
static void append_lost(struct index_draft *draft, const struct mef3_segment_info *info)
{
    int64_t place = place_after(draft, info);
    int64_t until_end = mef3_time_to_index(info->end_uutc, place, info->rate_hz);
    int64_t n = info->n_samples - draft->n_samples;

    if (n > until_end)
        n = until_end;
    if (n > UINT32_MAX)
        n = UINT32_MAX;
    if (n > 0)
        append(draft, (struct index_block){
                          .start_uutc = place, .n_samples = (uint32_t)n, .is_faulty = true});
}

void index_mend(struct index_draft *draft, size_t n, bool is_short,
                const struct mef3_segment_info *info)
{
    size_t sound = 0; /* number of the next sound block */

    for (size_t k = 0; k < n; k++) {
        struct index_block block = draft->blocks[k];
        while (sound < n && (sound <= k || draft->blocks[sound].is_faulty))
            sound++;
        if (block.is_faulty)
            place_faulty(&block, place_after(draft, info),
                         sound < n ? draft->blocks[sound].start_uutc : info->end_uutc, info);
        append(draft, block);
    }
    if (is_short)
        append_lost(draft, info);
}
