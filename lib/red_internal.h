/* red_internal.h - what the library does with RED blocks besides what it offers to others. */
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

/* Samples to encode, as in a call of mef3_red_encode, and what came of it. Each has
 * scratch and room of its own. */
struct red_encoding {
    const int32_t *samples;
    uint32_t n_samples;
    const struct mef3_red_params *params;
    uint8_t *work;
    uint8_t *block_out;
    size_t room;
    size_t n_symbols;
    size_t n_out; /* defined when the status is MEF3_OK */
    int status;
};

/* Encode blocks that have nothing to do with each other. As with red_decode_many, the
 * more there are, the less each takes. */
void red_encode_many(struct red_encoding *tasks, size_t n);

#endif
