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
};

struct index {
    struct index_block *blocks;
    size_t n_blocks;
    int64_t n_samples;
    uint8_t data_uuid[16]; /* of the .tdat that it is of */
    struct mef3_run *runs;
    size_t n_runs;
};

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
void index_mend(struct index *index, size_t n, bool is_short, const struct mef3_segment_info *info);

/* Say in *error what is wrong with the entry of a faulty block. */
void index_explain(const struct mef3_source *source, const struct segment *segment, size_t block,
                   struct mef3_error *error);

#endif
