/* red_internal.h - what the library asks of a RED block besides its samples. */
#ifndef LIB_RED_INTERNAL_H
#define LIB_RED_INTERNAL_H

#include <mef3/red.h>

/* Whether a block whose header was parsed is as it was written. MEF3_ECRC. */
MEF3_MUST int red_check_crc(const uint8_t *block, const struct mef3_red_header *header,
                            struct mef3_error *error);

/* A block to decode, as in a call of mef3_red_decode, and what came of it. */
struct red_task {
    const uint8_t *block;
    size_t n;
    const struct mef3_keys *keys;
    uint32_t first;
    uint32_t n_samples;
    int32_t *samples_out; /* not defined when the status is another than MEF3_OK */
    int status;
    struct mef3_error error;
};

/* Decode blocks that have nothing to do with each other. The more there are, the
 * less each takes: they are decoded side by side. */
void red_decode_many(struct red_task *tasks, size_t n);

#endif
