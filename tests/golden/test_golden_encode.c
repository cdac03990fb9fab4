/* test_golden_encode.c - samples of the blocks that the reference encoder made become the same
 * bytes again in ours. */
#include <mef3/red.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "help/session_files.h"
#include "help/test.h"
#include "layout.h"

/* Of any that fits. */
static const char *const passwords[] = {"readall", "klíč-ř"};

static struct mef3_keys keys_of(const uint8_t *header, const char *path)
{
    static const uint8_t zero[16];
    struct mef3_keys keys = {0};

    if (memcmp(header + UH_LEVEL_1_FIELD, zero, sizeof zero) == 0)
        return keys;
    for (size_t i = 0; i < sizeof passwords / sizeof passwords[0]; i++)
        if (mef3_keys_from_password(passwords[i], header + UH_LEVEL_1_FIELD,
                                    header + UH_LEVEL_2_FIELD, &keys) == MEF3_OK)
            return keys;
    fail_msg("%s: no password fits", path);
    return keys;
}

static size_t check_block(const uint8_t *block, size_t n, const struct mef3_keys *keys,
                          const char *path)
{
    struct mef3_red_header header;
    size_t n_made = 0;

    if (mef3_red_parse(block, n, &header, NULL) != MEF3_OK)
        fail_msg("%s: a block that cannot be read", path);
    int32_t *samples = malloc(header.n_samples * sizeof *samples);
    uint8_t *work = malloc(5 * (size_t)header.n_samples + 8);
    size_t room = mef3_red_bound(header.n_samples);
    uint8_t *made = malloc(room);
    assert_true(samples && work && made);
    const struct mef3_red_params params = {
        .start_time = header.start_time,
        .discontinuity = header.discontinuity,
        .stats_level = header.stats_level,
        .keys = keys,
    };
    assert_int_equal(mef3_red_decode(block, n, keys, 0, header.n_samples, samples, NULL), MEF3_OK);
    assert_int_equal(mef3_red_encode(samples, header.n_samples, &params, work, made, room, &n_made),
                     MEF3_OK);
    if (n_made != header.block_bytes || memcmp(made, block, n_made) != 0)
        fail_msg("%s: a block of %u samples becomes another", path, header.n_samples);
    free(samples);
    free(work);
    free(made);
    return header.block_bytes;
}

static void blocks_of_the_reference_encoder_become_the_same_again(void **state)
{
    glob_t found;
    size_t n_blocks = 0;

    (void)state;
    assert_int_equal(glob(GOLDEN "/*.mefd/*.timd/*.segd/*.tdat", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *path = found.gl_pathv[i];
        size_t n, at = UH_BYTES;
        uint8_t *bytes = files_read(path, &n);
        assert_true(n >= UH_BYTES);
        struct mef3_keys keys = keys_of(bytes, path);
        for (; at < n; n_blocks++)
            at += check_block(bytes + at, n - at, &keys, path);
        free(bytes);
    }
    print_message("%zu blocks of %zu files\n", n_blocks, found.gl_pathc);
    assert_true(n_blocks > 300 && found.gl_pathc > 40);
    globfree(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_the_reference_encoder_become_the_same_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
