/* index_pack.c - the blocks of an index in little memory, each to be had at once.
 *
 * Of what a block is, nearly all follows from the block before it. Kept is how many
 * bytes and samples of the group lie before it, and by how much its time is off the
 * one that the rate foretells: 12 bytes for 32. Whether a group can be kept so is not
 * argued but tried: it is packed when each of its blocks comes back as it was. */
#include <stdlib.h>
#include <string.h>

#include "index.h"

enum { N = INDEX_GROUP_BLOCKS };

static size_t n_groups(size_t n_blocks)
{
    return (n_blocks + N - 1) / N;
}

/* `foretold`: the time that follows from the group's first block. */
static struct index_block unpack(const struct index_group *group, const struct index_entry *entry,
                                 int64_t foretold)
{
    /* Unsigned, because a time that is far off may wrap around: then it is found to differ. */
    return (struct index_block){
        .file_offset = group->file_offset + entry->bytes,
        .start_uutc = (int64_t)((uint64_t)foretold + (uint64_t)(int64_t)entry->late_us),
        .first_sample = group->first_sample + entry->samples,
        .n_samples = entry[1].samples - entry->samples,
        .block_bytes = (entry[1].bytes - entry->bytes) & 0x1FFFFFFFu,
        .discontinuity = entry->discontinuity,
    };
}

static bool are_equal(const struct index_block *a, const struct index_block *b)
{
    return a->file_offset == b->file_offset && a->start_uutc == b->start_uutc &&
           a->first_sample == b->first_sample && a->n_samples == b->n_samples &&
           a->block_bytes == b->block_bytes && a->discontinuity == b->discontinuity &&
           a->is_faulty == b->is_faulty && a->is_excess == b->is_excess;
}

/* What does not fit is cut off here, and found out by comparing. */
static void pack(const struct index_group *group, const struct index_block *blocks, size_t n,
                 double rate_hz, struct index_entry *entries, int64_t *foretold)
{
    const struct index_block *last = &blocks[n - 1];

    for (size_t i = 0; i < n; i++) {
        struct index_entry *entry = &entries[i];
        entry->bytes = (uint32_t)(blocks[i].file_offset - group->file_offset) & 0x7FFFFFFFu;
        entry->samples = (uint32_t)(blocks[i].first_sample - group->first_sample);
        entry->discontinuity = blocks[i].discontinuity;
        foretold[i] = mef3_index_to_time(entry->samples, group->start_uutc, rate_hz);
        entry->late_us =
            (int32_t)(uint32_t)((uint64_t)blocks[i].start_uutc - (uint64_t)foretold[i]);
    }
    entries[n] = (struct index_entry){
        .bytes =
            (uint32_t)(last->file_offset + last->block_bytes - group->file_offset) & 0x7FFFFFFFu,
        .samples = (uint32_t)(last->first_sample + last->n_samples - group->first_sample),
    };
}

/* Pack n blocks, 1 .. N, into n + 1 entries. False when they are not what comes back. */
static bool try_group(const struct index_block *blocks, size_t n, double rate_hz,
                      struct index_group *group, struct index_entry *entries)
{
    int64_t foretold[N];

    *group = (struct index_group){
        .file_offset = blocks[0].file_offset,
        .start_uutc = blocks[0].start_uutc,
        .first_sample = blocks[0].first_sample,
    };
    pack(group, blocks, n, rate_hz, entries, foretold);
    for (size_t i = 0; i < n; i++) {
        struct index_block block = unpack(group, &entries[i], foretold[i]);
        if (!are_equal(&block, &blocks[i]))
            return false;
    }
    return true;
}

/* Pack what can be, into room for all; of the rest only say where it will be. */
static void pack_all(const struct index_draft *draft, double rate_hz, struct index *index)
{
    for (size_t at = 0; at < draft->n_blocks; at += N) {
        size_t n = draft->n_blocks - at < N ? draft->n_blocks - at : N;
        struct index_group *group = &index->groups[at / N];
        bool is_packed =
            try_group(&draft->blocks[at], n, rate_hz, group, &index->entries[index->n_entries]);
        group->is_packed = is_packed;
        group->place = (uint32_t)(is_packed ? index->n_entries : index->n_kept_whole);
        index->n_entries += is_packed ? n + 1 : 0;
        index->n_kept_whole += is_packed ? 0 : n;
    }
}

static void keep_whole(const struct index_draft *draft, struct index *index)
{
    for (size_t at = 0; at < draft->n_blocks; at += N) {
        size_t n = draft->n_blocks - at < N ? draft->n_blocks - at : N;
        if (!index->groups[at / N].is_packed)
            memcpy(&index->blocks[index->groups[at / N].place], &draft->blocks[at],
                   n * sizeof *index->blocks);
    }
}

int index_pack(const struct index_draft *draft, double rate_hz, struct index *index)
{
    size_t most = draft->n_blocks + n_groups(draft->n_blocks);

    if (draft->n_blocks == 0)
        return MEF3_OK;
    index->groups = malloc(n_groups(draft->n_blocks) * sizeof *index->groups);
    index->entries = malloc(most * sizeof *index->entries);
    if (!index->groups || !index->entries)
        goto fail;
    pack_all(draft, rate_hz, index);
    struct index_entry *fitted =
        realloc(index->entries, (index->n_entries + 1) * sizeof *index->entries);
    index->entries = fitted ? fitted : index->entries;
    index->blocks = malloc((index->n_kept_whole + 1) * sizeof *index->blocks);
    if (!index->blocks)
        goto fail;
    keep_whole(draft, index);
    index->n_blocks = draft->n_blocks;
    index->n_samples = draft->n_samples;
    index->rate_hz = rate_hz;
    return MEF3_OK;

fail:
    index_unpack(index);
    return MEF3_ENOMEM;
}

void index_unpack(struct index *index)
{
    free(index->groups);
    free(index->entries);
    free(index->blocks);
    index->groups = NULL;
    index->entries = NULL;
    index->blocks = NULL;
}

size_t index_memory(const struct index *index)
{
    return sizeof *index + n_groups(index->n_blocks) * sizeof *index->groups +
           index->n_entries * sizeof *index->entries + index->n_kept_whole * sizeof *index->blocks +
           index->n_runs * sizeof *index->runs;
}

struct index_block index_block_at(const struct index *index, size_t number)
{
    const struct index_group *group = &index->groups[number / N];

    if (!group->is_packed)
        return index->blocks[group->place + number % N];
    const struct index_entry *entry = &index->entries[group->place + number % N];
    return unpack(group, entry,
                  mef3_index_to_time(entry->samples, group->start_uutc, index->rate_hz));
}

int64_t index_first_sample(const struct index *index, size_t number)
{
    if (number == index->n_blocks)
        return index->n_samples;
    const struct index_group *group = &index->groups[number / N];

    if (!group->is_packed)
        return index->blocks[group->place + number % N].first_sample;
    return group->first_sample + index->entries[group->place + number % N].samples;
}

/* A group with such a block is not packed: what comes back is not faulty, and so not the same. */
bool index_is_faulty(const struct index *index, size_t number)
{
    const struct index_group *group = &index->groups[number / N];

    return !group->is_packed && index->blocks[group->place + number % N].is_faulty;
}

size_t index_find(const struct index *index, int64_t sample)
{
    size_t low = 0;
    size_t high = index->n_blocks;

    /* The last block that begins at or before the sample. */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (index_first_sample(index, middle) <= sample)
            low = middle;
        else
            high = middle;
    }
    return low;
}
