/* red_lanes.h - blocks through a core: each fills a lane, and leaves it to the next. */
#ifndef LIB_RED_LANES_H
#define LIB_RED_LANES_H

#include "red_coder.h"
#include "red_core.h"
#include "red_internal.h"
#include "red_sum.h"

enum {
    RED_CHUNK = 512,     /* symbols that a core decodes of a lane in one go */
    RED_LEAST_CHUNK = 32 /* fewer do not pay; a lane may have junk instead */
};

/* A core and what goes with it; which to take is found out at run time. */
struct red_way {
    const char *name;
    red_core_fn *decode;
    red_sum_fn *sum;
    red_coder_fn *encode;
};

/* Way i of those that this machine can go, the plain one first and the best last.
 * NULL: there are no more. */
const struct red_way *red_way(size_t i);
const struct red_way *red_best_way(void);

/* What is kept of a block whose symbols are being decoded. */
struct red_job {
    struct red_task *task;
    struct mef3_red_header header;
    const uint8_t *end; /* of what can be read: of the block, or of the copy of its tail */
    uint32_t n_left;    /* symbols that the header still allows */
    uint32_t n_made;    /* samples */
    uint32_t n_kept;    /* symbols left over by the last sum */
    uint32_t value;
    struct red_model model;
    /* The symbols left over lie before those that follow. */
    uint8_t symbols[RED_STEP + RED_CHUNK];
    /* A core does not ask where the block ends, beyond which bytes count as zero.
     * So it reads a block's end from a copy with zeros after it. */
    uint8_t tail[2 * RED_REACH(RED_CHUNK)];
};

/* Decode with n_lanes jobs (1 .. RED_MOST_LANES) of room to work in, which need not be
 * initialised. */
void red_lanes_decode(const struct red_way *way, struct red_job *jobs, size_t n_lanes,
                      struct red_task *tasks, size_t n);

/* red_decode_many and red_encode_many, on a way of one's choice. */
void red_decode_on(const struct red_way *way, struct red_task *tasks, size_t n);
void red_encode_on(const struct red_way *way, struct red_encoding *tasks, size_t n);

/* What comes before the symbols: header, CRC, keys, model. MEF3_OK with no
 * samples in the header: there is nothing more to do. */
MEF3_MUST int red_begin(const struct red_task *task, struct mef3_red_header *header_out,
                        struct red_model *model_out, struct mef3_error *error);

/* What comes after: scale and trend of the samples that were wanted. */
void red_restore(const struct mef3_red_header *header, uint32_t first, int32_t *samples,
                 uint32_t n);

#endif
