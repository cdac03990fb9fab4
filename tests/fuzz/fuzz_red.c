/* fuzz_red.c - a RED block from a hostile file: parsed and decoded, as it came and with
 * its CRC mended, so that the payload is reached.
 *
 * The first byte of the input chooses the keys; the rest is the block. */
#include <mef3/red.h>

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "layout.h"
#include "red_lanes.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* More would only be slower: nothing in the decoder depends on sizes beyond. */
enum { MOST_SAMPLES = 1 << 16 };

/* Every way, with the block in one lane and in three: the same status, the same samples. */
static void compare_ways(const uint8_t *block, size_t n, const struct mef3_keys *keys, int status,
                         uint32_t n_samples, const int32_t *samples)
{
    size_t room = n_samples * sizeof *samples;
    int32_t *again = malloc(room ? room : 1);
    const struct red_way *way;

    if (!again)
        abort();
    for (size_t i = 0; (way = red_way(i)); i++) {
        for (size_t n_lanes = 1; n_lanes <= 3; n_lanes += 2) {
            struct red_task tasks[3];
            for (size_t k = 0; k < n_lanes; k++)
                tasks[k] = (struct red_task){.block = block,
                                             .n = n,
                                             .keys = keys,
                                             .n_samples = n_samples,
                                             .samples_out = again};
            red_decode_on(way, tasks, n_lanes);
            for (size_t k = 0; k < n_lanes; k++)
                if (tasks[k].status != status)
                    abort();
            if (status == MEF3_OK && memcmp(again, samples, room) != 0)
                abort();
        }
    }
    free(again);
}

static void decode(const uint8_t *block, size_t n, const struct mef3_keys *keys)
{
    struct mef3_red_header header;
    struct mef3_error error;

    if (mef3_red_parse(block, n, &header, &error) != MEF3_OK || header.n_samples > MOST_SAMPLES)
        return;
    /* As long as what is asked for, to the byte: a sanitizer watches its ends. */
    uint32_t n_whole = header.n_samples, first = n_whole / 3, n_part = n_whole / 2;
    int32_t *whole = malloc(n_whole ? n_whole * sizeof *whole : 1);
    int32_t *part = malloc(n_part ? n_part * sizeof *part : 1);
    if (!whole || !part)
        abort();
    int status = mef3_red_decode(block, n, keys, 0, n_whole, whole, &error);
    compare_ways(block, n, keys, status, n_whole, whole);

    /* A part is read where the whole is, and also where only what comes after it is damaged. */
    int of_part = mef3_red_decode(block, n, keys, first, n_part, part, NULL);
    if (of_part != status && (of_part != MEF3_OK || status != MEF3_EDAMAGED))
        abort();
    if (status == MEF3_OK && memcmp(part, whole + first, n_part * sizeof *part) != 0)
        abort();
    status = mef3_red_decode(block, n, keys, 0, n_part, part, NULL);
    compare_ways(block, n, keys, status, n_part, part);
    free(whole);
    free(part);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct mef3_keys keys = {0};

    if (n < 1)
        return 0;
    keys.level = bytes[0] % 3;
    bytes++, n--;
    decode(bytes, n, keys.level ? &keys : NULL);

    uint8_t *mended = malloc(n ? n : 1);
    if (!mended)
        abort();
    memcpy(mended, bytes, n);
    if (n >= RED_PAYLOAD) {
        uint32_t block_bytes = le_u32(mended + RED_BLOCK_BYTES);
        if (block_bytes >= 4 && block_bytes <= n) {
            le_put_u32(mended, mef3_crc32(MEF3_CRC_START, mended + 4, block_bytes - 4));
            decode(mended, n, keys.level ? &keys : NULL);
        }
    }
    free(mended);
    return 0;
}
