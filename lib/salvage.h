/* salvage.h - inside a salvage: the blocks and the holes of a data file.
 *
 *   salvage.c        a channel: facts, segments, samples in order of time
 *   salvage_walk.c   a data file: from block to block, and on where one is destroyed
 *   salvage_rate.c   a rate from the times of blocks
 *   salvage_loss.c   what was in the holes, as index and neighbours say */
#ifndef LIB_SALVAGE_H
#define LIB_SALVAGE_H

#include <mef3/salvage.h>

#include "index.h"
#include "session_internal.h"

struct salvage_block {
    uint64_t offset;
    int64_t start_uutc;
    uint32_t n_bytes;
    uint32_t n_samples;
    bool discontinuity;
};

/* Bytes in which no block is whole. */
struct salvage_hole {
    uint64_t offset;
    uint64_t n_bytes;
    size_t n_before; /* blocks before it */
    struct mef3_error error;
};

struct salvage_list {
    struct salvage_block *blocks; /* in the order of the file */
    size_t n_blocks, blocks_room;
    struct salvage_hole *holes;
    size_t n_holes, holes_room;
};

/* Go through the data file, whose blocks' times have this offset. MEF3_ENOMEM. */
MEF3_MUST int salvage_walk(const struct source_file *data, int64_t time_offset,
                           struct salvage_list *list_out);
void salvage_list_fini(struct salvage_list *list);

/* The rate that the blocks' times tell, the simplest number that they allow; 0: none. */
double salvage_rate(const struct salvage_list *list);
/* The same of a number of samples and the span that they fill, in microseconds; each end may be
 * wrong by half of one. */
double salvage_simplest_rate(int64_t n_samples, int64_t span_us);

/* Where losses are reported to. */
struct salvage_report {
    const struct mef3_salvage_calls *calls;
    void *arg;
    int32_t segment;
    double rate_hz;
};
MEF3_MUST int salvage_say(const struct salvage_report *report, const struct mef3_loss *loss);

/* Tell of all that the segment has lost. MEF3_ENOMEM, or what the caller's function said. */
MEF3_MUST int salvage_losses(const struct salvage_report *report, const struct mef3_source *source,
                             const struct segment *segment, const struct source_file *data,
                             int64_t time_offset, const struct salvage_list *list);

#endif
