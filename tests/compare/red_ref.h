/* red_ref.h - a second RED decoder and encoder, plain and slow: what the library's are held to.
 *
 * It follows the format page step by step and is not to be made faster. The
 * same contract as mef3_red_decode: same samples, same status, on any input. */
#ifndef COMPARE_RED_REF_H
#define COMPARE_RED_REF_H

#include <mef3/red.h>

int red_ref_decode(const uint8_t *block, size_t n, const struct mef3_keys *keys, uint32_t first,
                   uint32_t n_samples, int32_t *samples_out);

/* The encoder, likewise: as mef3_red_encode. */
int red_ref_encode(const int32_t *samples, uint32_t n_samples, const struct mef3_red_params *params,
                   uint8_t *work, uint8_t *block_out, size_t room, size_t *n_out);

#endif
