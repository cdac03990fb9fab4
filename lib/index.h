/* index.h - a segment's index in memory: its blocks, and its runs worked out from them. */
#ifndef LIB_INDEX_H
#define LIB_INDEX_H

#include "session_internal.h"

/* An index of more blocks is refused (a week at 30 kHz in blocks of 2,000 samples). */
#define INDEX_MAX_BLOCKS ((size_t)1 << 23)

struct index_block {
    uint64_t file_offset;
    int64_t start_uutc;
    int64_t first_sample; /* samples of the blocks before: the index's own count is not trusted */
    uint32_t n_samples;
    uint32_t block_bytes : 29;
    bool discontinuity : 1;
    bool is_faulty : 1; /* the entry makes no sense: place and length are guesses */
    bool is_excess : 1; /* faulty because all entries together name too many bytes */
};

/* Blocks as they are kept: by groups. Where each block of a group begins where the one
 * before it ends, in the file and nearly so on the clock, it takes an entry; the
 * entry after the group's last tells where that ends. Of any other group the blocks
 * themselves are kept. */
enum { INDEX_GROUP_BLOCKS = 64 };

struct index_entry {
    uint32_t bytes : 31; /* of the group, before the block */
    bool discontinuity : 1;
    uint32_t samples; /* likewise */
    int32_t late_us;  /* against the time that follows from the group's first block */
};

struct index_group {
    uint64_t file_offset; /* of its first block */
    int64_t start_uutc;
    int64_t first_sample;
    uint32_t place; /* of its first among the entries, or among the blocks */
    bool is_packed;
};

struct index {
    struct index_group *groups;
    struct index_entry *entries; /* of the groups that are packed, */
    struct index_block *blocks;  /* and of those that are not */
    size_t n_entries;
    size_t n_kept_whole; /* of blocks */
    size_t n_blocks;
    int64_t n_samples;
    double rate_hz;
    uint8_t data_uuid[16]; /* of the .tdat that it is of */
    struct mef3_run *runs;
    size_t n_runs;
};

/* Whether an entry of INDEX_BYTES bytes can be true at all; `path` and `at`, its place there, go
 * into the error. MEF3_EDAMAGED. */
MEF3_MUST int index_check_entry(const uint8_t *entry, int64_t time_offset, const char *path,
                                int64_t at, struct mef3_error *error);
/* The block of an entry; faulty where the entry cannot be true. */
struct index_block index_block_of(const uint8_t *entry, int64_t time_offset);

/* Blocks on their way from the file to an index. */
struct index_draft {
    struct index_block *blocks;
    size_t n_blocks;
    int64_t n_samples;
};

/* Keep the blocks of a draft in an index that is empty. MEF3_ENOMEM. */
MEF3_MUST int index_pack(const struct index_draft *draft, double rate_hz, struct index *index);
/* Free what index_pack has made. */
void index_unpack(struct index *index);
/* Block `number`, exactly as it was in the draft. */
struct index_block index_block_at(const struct index *index, size_t number);
/* What it says of that without working the rest out: where its samples begin (n_blocks: where
 * all end), whether its entry makes no sense. */
int64_t index_first_sample(const struct index *index, size_t number);
bool index_is_faulty(const struct index *index, size_t number);

/* Read the index of a readable segment. */
MEF3_MUST int index_load(const struct mef3_source *source, const struct segment *segment,
                         struct index **index_out, struct mef3_error *error);
void index_free(struct index *index);

/* The span of a readable segment whose header may lag: where the index has more
 * blocks than the metadata count, the last that is whole may end later. */
void index_span(const struct mef3_source *source, const struct segment *segment,
                int64_t *start_inout, int64_t *end_inout);
size_t index_memory(const struct index *index);

/* Number of the block that holds `sample`, which must be within the index. */
size_t index_find(const struct index *index, int64_t sample);

/* Correct the entries of an index with a wrong checksum by the blocks in `data`.
 * MEF3_ENOMEM. */
MEF3_MUST int index_verify(const struct source_file *data, const struct segment *segment,
                           struct index_block *blocks, size_t n);

/* Number the n blocks that were read and give the faulty ones a place. `is_short`:
 * the metadata count more; what is lost is appended as one block, for which
 * there is room. */
void index_mend(struct index_draft *draft, size_t n, bool is_short,
                const struct mef3_segment_info *info);

/* Blocks lie side by side, so that all of them have no more bytes than their file. An index
 * may name some of these more than once, being damaged; one that does so again and again
 * would have a small file read for hours. What it names beyond this many times is faulty. */
enum { INDEX_MOST_TIMES = 4 };

/* Say in *error what is wrong with the entry of a faulty block. */
void index_explain(const struct mef3_source *source, const struct segment *segment, size_t block,
                   bool is_excess, struct mef3_error *error);

#endif
