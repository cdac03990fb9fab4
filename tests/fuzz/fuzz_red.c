/* fuzz_red.c - a RED block from a hostile file: parsed and decoded, as it came and with
 * its CRC mended, so that the payload is reached.
 *
 * The first byte of the input chooses the keys; the rest is the block. */
#include <mef3/red.h>

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* More would only be slower: nothing in the decoder depends on sizes beyond. */
enum { MOST_SAMPLES = 1 << 16 };

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
    if (mef3_red_decode(block, n, keys, first, n_part, part, NULL) != status)
        abort();
    if (status == MEF3_OK && memcmp(part, whole + first, n_part * sizeof *part) != 0)
        abort();
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
