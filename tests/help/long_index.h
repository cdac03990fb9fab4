/* long_index.h - recordings whose indices are long, and which take no memory: their bytes are
 * worked out when they are read. What is read is counted. */
#ifndef TEST_HELP_LONG_INDEX_H
#define TEST_HELP_LONG_INDEX_H

#include <mef3/mef3.h>

/* How entry k stands to the others; each of a block that a .tdat of zeros holds, one after the
 * other, but for the last two kinds. */
enum long_index_kind {
    LONG_INDEX_REGULAR,    /* one sample, where the one before ends */
    LONG_INDEX_GAPS,       /* one sample, and a gap of one after it */
    LONG_INDEX_OUTWARD,    /* begins before and ends after the one before */
    LONG_INDEX_INWARD,     /* the other way round: each within the one before */
    LONG_INDEX_EARLIER,    /* as long as the one before, and begins a sample before it */
    LONG_INDEX_FAULTY,     /* no sense at all */
    LONG_INDEX_SAME_BYTES, /* the bytes of the whole file, each time */
    N_LONG_INDEX_KINDS
};

struct long_index {
    size_t n_channels; /* "c0", "c1" ...; a segment each */
    size_t n_entries;
    enum long_index_kind kind;
    uint64_t bytes_read;
    uint64_t n_calls; /* of list, open and read */
};

/* 1000 Hz, from here on. */
#define LONG_INDEX_START ((int64_t)1600000000000000)

/* Keeps a pointer to `facts`. Ends the program when there is no memory. */
void long_index_source(struct long_index *facts, struct mef3_source *source_out);

/* Length of its .tidx and its .tdat. */
uint64_t long_index_bytes(const struct long_index *facts);
uint64_t long_index_data_bytes(const struct long_index *facts);

#endif
