/* pending.h - blocks whose bytes were read, waiting to be decoded side by side.
 *
 * A block comes here with a copy of its entry in the index, so that the index may be
 * dropped meanwhile, and in the order in which damage is to be told. */
#ifndef LIB_PENDING_H
#define LIB_PENDING_H

#include "index.h"
#include "red_internal.h"

/* More than the widest vectors take at once, so that few of them are left half empty. */
enum { PENDING_MOST = 128 };

struct pending_block {
    const struct mef3_stretch *stretch; /* for which it is decoded */
    const struct segment *from;
    struct index_block block;
    size_t number;
    struct mef3_error error; /* why it cannot be decoded; its status MEF3_OK: it may be */
};

struct pending {
    mef3_damage_fn *report;
    size_t n;
    size_t n_tasks; /* of them, those to decode, in the same order */
    struct pending_block blocks[PENDING_MOST];
    struct red_task tasks[PENDING_MOST];
};

/* The next block is this one of an index, for a stretch. There must be a place left. */
struct pending_block *pending_next(struct pending *pending, const struct mef3_stretch *stretch,
                                   const struct segment *from, const struct index *index,
                                   size_t number);
/* It is all there: decode it from these bytes, which stay till pending_finish. */
void pending_decode(struct pending *pending, struct pending_block *block, const uint8_t *bytes);
/* The file ends before it does. */
void pending_cut_off(struct pending_block *block, uint64_t n_there);

/* Decode all that wait, and tell of each that could not be. */
void pending_finish(struct pending *pending);

#endif
