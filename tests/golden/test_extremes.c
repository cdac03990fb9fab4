/* test_extremes.c - what the index says of blocks that the reference software wrote is what is
 * in them. */
#include <mef3/mef3.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "help/test.h"

static const char *golden;
static size_t n_told, n_untold;

static bool is_reserved(int32_t count)
{
    return count == MEF3_COUNT_NAN || count == MEF3_COUNT_NEG_INF || count == MEF3_COUNT_POS_INF;
}

static void check_block(struct mef3_session *session, size_t channel, size_t segment, size_t number,
                        int32_t max, int32_t min, const char *why)
{
    struct mef3_block block;
    struct mef3_error error;
    bool has_reserved = false;
    int32_t greatest = INT32_MIN, least = INT32_MAX;

    assert_int_equal(mef3_segment_block(session, channel, segment, number, &block, &error), 0);
    int32_t *counts = malloc(block.n_samples * sizeof *counts);
    assert_int_equal(mef3_read_samples(session, channel, segment, block.first_sample,
                                       block.n_samples, counts, NULL, NULL, &error),
                     0);
    for (uint32_t i = 0; i < block.n_samples; i++) {
        has_reserved |= is_reserved(counts[i]);
        greatest = counts[i] > greatest ? counts[i] : greatest;
        least = counts[i] < least ? counts[i] : least;
    }
    free(counts);
    if (max < min) { /* it cannot tell */
        assert_row(has_reserved, why);
        n_untold++;
        return;
    }
    assert_row_int(max, greatest, why);
    assert_row_int(min, least, why);
    n_told++;
}

/* Each block begins where its own entry says, and the last ends with the segment. */
static void check_first_samples(struct mef3_session *session, size_t channel, size_t segment,
                                size_t n, const char *why)
{
    int64_t *firsts = calloc(n + 2, sizeof *firsts), two[2];
    struct mef3_block block = {0};
    struct mef3_error error;

    assert_row_int(mef3_segment_first_samples(session, channel, segment, 0, n, firsts, &error),
                   MEF3_OK, why);
    for (size_t b = 0; b < n; b++) {
        assert_int_equal(mef3_segment_block(session, channel, segment, b, &block, &error), 0);
        assert_row_int(firsts[b], block.first_sample, why);
        assert_row_int(firsts[b + 1], block.first_sample + block.n_samples, why);
        assert_int_equal(mef3_segment_first_samples(session, channel, segment, b, 1, two, &error),
                         0);
        assert_row(two[0] == firsts[b] && two[1] == firsts[b + 1], why);
    }
    assert_row_int(mef3_segment_first_samples(session, channel, segment, n, 1, firsts, &error),
                   MEF3_EINVAL, why);
    assert_row_int(mef3_segment_first_samples(session, channel, segment, 0, n + 1, firsts, &error),
                   MEF3_EINVAL, why);
    free(firsts);
}

static void check_segment(struct mef3_session *session, size_t channel, size_t segment,
                          const char *why)
{
    const struct mef3_segment_info *info = mef3_segment_info(session, channel, segment);
    struct mef3_error error;
    size_t n = (size_t)info->n_blocks;
    int32_t *maxima = calloc(n + 1, sizeof *maxima), *minima = calloc(n + 1, sizeof *minima);

    assert_row_int(mef3_segment_extremes(session, channel, segment, 0, n, maxima, minima, &error),
                   MEF3_OK, why);
    for (size_t b = 0; b < n; b++)
        check_block(session, channel, segment, b, maxima[b], minima[b], why);
    check_first_samples(session, channel, segment, n, why);
    /* A part is that part of the whole, and beyond the end is nothing. */
    if (n > 2) {
        int32_t max = 0, min = 0;
        assert_int_equal(
            mef3_segment_extremes(session, channel, segment, n - 2, 1, &max, &min, &error), 0);
        assert_row_int(max, maxima[n - 2], why);
        assert_row_int(min, minima[n - 2], why);
    }
    assert_row_int(mef3_segment_extremes(session, channel, segment, n, 1, maxima, minima, &error),
                   MEF3_EINVAL, why);
    assert_row_int(mef3_segment_extremes(session, channel, segment, 0, 0, NULL, NULL, &error),
                   MEF3_OK, why);
    free(maxima);
    free(minima);
}

static void the_index_has_the_extremes_of_each_block(void **state)
{
    char pattern[1024];
    glob_t found;

    (void)state;
    snprintf(pattern, sizeof pattern, "%s/*.mefd", golden);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct mef3_session *session;
        struct mef3_error error;
        assert_int_equal(mef3_session_open_folder(found.gl_pathv[i], NULL, &session, &error), 0);
        for (size_t c = 0; c < mef3_session_info(session)->n_channels; c++)
            for (size_t s = 0; s < mef3_channel_info(session, c)->n_segments; s++)
                if (mef3_segment_info(session, c, s)->status == MEF3_OK)
                    check_segment(session, c, s, found.gl_pathv[i]);
        mef3_session_close(session);
    }
    globfree(&found);
    print_message("%zu blocks told, %zu not\n", n_told, n_untold);
    assert_true(n_told > 100);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_index_has_the_extremes_of_each_block),
    };

    golden = argc > 1 ? argv[1] : "tests/golden";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
