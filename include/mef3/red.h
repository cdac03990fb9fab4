/* mef3/red.h - Range Encoded Differences: one block of samples, in and out.
 *
 * Bytes in, samples out. No I/O, no globals, and no allocation but what the
 * cipher takes for itself when statistics are encrypted. A block is untrusted: no
 * input makes these functions read or write outside what they were given, or decode
 * more than MEF3_RED_MOST_SYMBOLS symbols for each byte of the block, whatever it claims.
 *
 * Threads: no state; any number may decode and encode at once.
 *
 * Example:
 *
 * ```c
 * #include <mef3/red.h>
 * #include <stdio.h>
 *
 * int main(void)
 * {
 *     static const int32_t samples[5] = {100, 105, 103, -70000, 99};
 *     static uint8_t work[5 * 5 + 8], block[4096];
 *     const struct mef3_red_params params = {1600000007000000, true, 0, NULL};
 *     int32_t back[2];
 *     size_t n;
 *
 *     if (mef3_red_bound(5) > sizeof block ||
 *         mef3_red_encode(samples, 5, &params, work, block, sizeof block, &n) != MEF3_OK)
 *         return 1;
 *     if (mef3_red_decode(block, n, NULL, 2, 2, back, NULL) != MEF3_OK) // the third and fourth
 *         return 1;
 *     printf("%d, %d\n", (int)back[0], (int)back[1]);
 *     return 0;
 * }
 * ```
 *
 * It prints:
 *
 * ```text
 * 103, -70000
 * ``` */
#ifndef MEF3_RED_H
#define MEF3_RED_H

#include <stdbool.h>

#include <mef3/counts.h>
#include <mef3/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of a block before its differences. */
#define MEF3_RED_HEADER_BYTES 304
/* A block of more samples is refused (a day at 388 Hz; writers make seconds). */
#define MEF3_RED_MAX_SAMPLES (1u << 25)
/* A block of more bytes is refused. */
#define MEF3_RED_MAX_BYTES (1u << 28)
/* So many symbols a byte of a block can hold; a sample is one to five of them. A block that
 * claims more than its payload can hold is refused; one of a single symbol, which takes no
 * payload at all, is not decoded but written down, the samples that are wanted and no more. */
#define MEF3_RED_MOST_SYMBOLS 1420

/* The keys that a password gives: bytes of the level-1 and level-2 passwords,
 * each an AES-128 key. `level` 0: no keys. A plain value; wipe it with
 * mef3_keys_wipe when done. */
struct mef3_keys {
    int level;          /* 0, 1 or 2: the access that the keys give */
    uint8_t key[2][16]; /* [0] level 1, [1] level 2 */
};

/* The keys of `password` (UTF-8; NULL: none) as checked against the two
 * validation fields of a universal header (16 bytes each). An empty password
 * is none.
 * MEF3_EPASSWORD: neither field accepts it, or it is longer than 16 characters.
 * Without a password, or where both fields are all zero: level 0, MEF3_OK. */
MEF3_API MEF3_MUST int mef3_keys_from_password(const char *password, const uint8_t level1[16],
                                               const uint8_t level2[16],
                                               struct mef3_keys *keys_out);

/* The reverse, for writers: validation fields and keys of the two passwords.
 * level2 may be NULL; level1 may be NULL only when level2 is.
 * MEF3_EINVAL: longer than 16 characters, empty, or not UTF-8. */
MEF3_API MEF3_MUST int mef3_keys_make(const char *level1, const char *level2,
                                      uint8_t level1_out[16], uint8_t level2_out[16],
                                      struct mef3_keys *keys_out);
MEF3_API void mef3_keys_wipe(struct mef3_keys *keys);

/* A block's header, checked. Offsets: mef3-format "Data". */
struct mef3_red_header {
    uint32_t crc;
    uint32_t difference_bytes;
    uint32_t n_samples;
    uint32_t block_bytes;
    int64_t start_time; /* as stored: negative means offset taken off and negated */
    float detrend_slope;
    float detrend_intercept;
    float scale_factor;
    bool discontinuity;
    int stats_level; /* 0 plain; 1 or 2: statistics encrypted at that level */
};

/* Read and check the header of a block of which n bytes are at hand.
 * MEF3_ETRUNCATED: n is less than a header, or than its block bytes.
 * MEF3_EDAMAGED: block bytes less than a header or not a multiple of 8; fewer
 *   difference bytes than the samples need, or more than they can use; statistics
 *   encrypted at both levels; non-finite detrend or scale.
 * MEF3_ELIMIT: more samples or bytes than the limits above.
 * A header that contradicts itself is damaged even where bytes are missing too.
 * A block of no samples is allowed when it has no difference bytes (or the one
 * that is never coded): its CRC is checked, its payload is not looked at.
 * `error` may be NULL; `file` in it is left empty. */
MEF3_API MEF3_MUST int mef3_red_parse(const uint8_t *block, size_t n,
                                      struct mef3_red_header *header_out, struct mef3_error *error);

/* Decode samples [first, first + n_samples) of the block in block[0 .. n):
 * counts, detrended and scaled as the block says. Header and CRC are checked for
 * the whole block, whichever part is wanted; differences are decoded as far as the
 * last sample wanted, and no farther. So a part has the samples that the whole has;
 * and the one damage which may be told of the whole and not of a part is that of a
 * block written wrong (for its CRC is right): differences too few or too many for
 * its samples, after the last one wanted. More differences than the payload can hold
 * are told of any part. keys may be NULL.
 * MEF3_EINVAL: first + n_samples is more than the block holds.
 * MEF3_EPASSWORD: the statistics are encrypted at a level the keys do not give.
 * MEF3_ECRC, MEF3_EDAMAGED, and what mef3_red_parse says.
 * On failure samples_out may have been written to but means nothing. */
MEF3_API MEF3_MUST int mef3_red_decode(const uint8_t *block, size_t n, const struct mef3_keys *keys,
                                       uint32_t first, uint32_t n_samples, int32_t *samples_out,
                                       struct mef3_error *error);

/* What a block to be encoded carries beside its samples. */
struct mef3_red_params {
    int64_t start_time; /* as it is to be stored */
    bool discontinuity;
    int stats_level;              /* 0, 1 or 2: encrypt the statistics with that level's key */
    const struct mef3_keys *keys; /* needed when stats_level is not 0 */
};

/* Most bytes that a block of n_samples can take. 0 when n_samples is 0 or over
 * the limit. */
MEF3_API size_t mef3_red_bound(uint32_t n_samples);

/* Encode samples[0 .. n_samples) into block_out (room for `room` bytes; give
 * mef3_red_bound). Lossless; identical with the reference encoder byte for byte.
 * `work` is scratch of 5 * n_samples + 8 bytes. MEF3_ENOSPC: room too small.
 * MEF3_EINVAL: no samples, or a stats_level that the keys do not give.
 * MEF3_ELIMIT: more than MEF3_RED_MAX_SAMPLES. */
MEF3_API MEF3_MUST int mef3_red_encode(const int32_t *samples, uint32_t n_samples,
                                       const struct mef3_red_params *params, uint8_t *work,
                                       uint8_t *block_out, size_t room, size_t *n_out);

/* The format's CRC-32 (Koopman, reflected, 0xEB31D82E), continued from `crc`;
 * begin with MEF3_CRC_START. CRC of "123456789" is 0xD2C22F51. */
#define MEF3_CRC_START 0xFFFFFFFFu
MEF3_API uint32_t mef3_crc32(uint32_t crc, const void *bytes, size_t n);

#ifdef __cplusplus
}
#endif
#endif
