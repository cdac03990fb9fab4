/* test_window.c - a window's three truths: data, gap, unreadable, and never one for another. */
#include <mef3/mef3.h>

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "help/memory_session.h"
#include "help/test.h"
#include "layout.h"

/* The golden session one_channel: 256 Hz, five blocks of 1000 samples and one of
 * 120, from here on. */
static const int64_t START = 1600000007000000;
static const int64_t END = 1600000027000000;
enum { N_SAMPLES = 5120, ROOM = 8000, MOST_DAMAGE = 64 };

struct view {
    int32_t counts[ROOM];
    uint8_t truth[ROOM];
    size_t n;
    size_t n_damage;
    struct mef3_damage damage[MOST_DAMAGE];
};

static void note(void *arg, const struct mef3_damage *damage)
{
    struct view *v = arg;

    if (v->n_damage < MOST_DAMAGE)
        v->damage[v->n_damage] = *damage;
    v->n_damage++;
}

static void look(struct mef3_session *session, int64_t start, int64_t end, struct view *v)
{
    struct mef3_error error;
    char text[1024];
    int64_t n;

    memset(v, 0xEE, sizeof *v);
    v->n_damage = 0;
    assert_int_equal(mef3_window_samples(start, end, mef3_channel_info(session, 0)->rate_hz, &n),
                     MEF3_OK);
    assert_true(n <= ROOM);
    v->n = (size_t)n;
    if (mef3_read_window(session, 0, start, end, v->counts, v->truth, v->n, note, v, &error) !=
        MEF3_OK)
        fail_msg("%s", mef3_error_text(&error, text, sizeof text));
}

/* The undamaged counts. */
static void truth_of(const char *name, int64_t start, int64_t end, struct view *v)
{
    struct memory_session m;

    memory_load(&m, name);
    struct mef3_session *session = memory_open(&m, NULL);
    look(session, start, end, v);
    assert_int_equal(v->n_damage, 0);
    mef3_session_close(session);
    memory_free(&m);
}

/* Samples [first, end) are `other`, all else is as it was. */
static void check_but(const struct view *v, const struct view *whole, size_t first, size_t end,
                      enum mef3_truth other, const char *why)
{
    for (size_t i = 0; i < v->n; i++) {
        bool inside = i >= first && i < end;
        assert_row_int(v->truth[i], inside ? other : whole->truth[i], why);
        assert_row_int(v->counts[i], inside ? MEF3_COUNT_NAN : whole->counts[i], why);
    }
}

static struct view whole;
static struct view seen;

static void a_flipped_byte_costs_exactly_its_block(void **state)
{
    (void)state;
    truth_of("one_channel", START, END, &whole);
    for (size_t block = 0; block < 6; block++) {
        static const size_t places[] = {0,  4,  16, 24, 28,  32,  33, 36,
                                        38, 40, 47, 48, 100, 304, 400};
        for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
            struct memory_session m;
            memory_load(&m, "one_channel");
            memory_block(&m, block)[places[k]] ^= 0x40;
            struct mef3_session *session = memory_open(&m, NULL);
            look(session, START, END, &seen);
            size_t end = block * 1000 + (block < 5 ? 1000 : 120);
            check_but(&seen, &whole, block * 1000, end, MEF3_UNREADABLE, "a flipped byte");
            assert_int_equal(seen.n_damage, 1);
            assert_int_equal(seen.damage[0].at, block * 1000);
            assert_int_equal(seen.damage[0].n, end - block * 1000);
            assert_int_equal(seen.damage[0].block, block);
            assert_true(seen.damage[0].error.status != MEF3_OK);
            assert_string_equal(seen.damage[0].error.file, "Cz.timd/Cz-000000.segd/Cz-000000.tdat");
            assert_int_equal(seen.damage[0].error.offset,
                             memory_block(&m, block) - memory_bytes(&m, ".tdat"));
            mef3_session_close(session);
            memory_free(&m);
        }
    }
}

static void windows_anywhere_are_cut_out_of_the_whole(void **state)
{
    static const struct {
        const char *why;
        int64_t from; /* samples from the start */
        int64_t to;
    } row[] = {
        {"all", 0, 5120},           {"before", -700, -200},       {"after", 5200, 6000},
        {"up to the start", -9, 0}, {"across the start", -9, 9},  {"across the end", 5100, 5200},
        {"around all", -100, 5300}, {"one sample", 1000, 1001},   {"the last", 5119, 5120},
        {"empty", 77, 77},          {"across blocks", 999, 3001},
    };
    struct memory_session m;

    (void)state;
    truth_of("one_channel", START, END, &whole);
    memory_load(&m, "one_channel");
    struct mef3_session *session = memory_open(&m, NULL);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        look(session, START + row[i].from * 1000000 / 256, START + row[i].to * 1000000 / 256,
             &seen);
        assert_row_int(seen.n, row[i].to - row[i].from, row[i].why);
        for (int64_t k = row[i].from; k < row[i].to; k++) {
            bool inside = k >= 0 && k < N_SAMPLES;
            assert_row_int(seen.truth[k - row[i].from], inside ? MEF3_DATA : MEF3_GAP, row[i].why);
            assert_row_int(seen.counts[k - row[i].from], inside ? whole.counts[k] : MEF3_COUNT_NAN,
                           row[i].why);
        }
    }
    mef3_session_close(session);
    memory_free(&m);
}

static void a_window_that_makes_no_sense_is_refused(void **state)
{
    struct memory_session m;
    struct mef3_error error;
    int32_t count = 5;

    (void)state;
    memory_load(&m, "one_channel");
    struct mef3_session *session = memory_open(&m, NULL);
    assert_int_equal(mef3_read_window(session, 1, START, END, &count, NULL, 0, NULL, NULL, &error),
                     MEF3_EINVAL);
    assert_int_equal(mef3_read_window(session, 0, END, START, &count, NULL, 0, NULL, NULL, &error),
                     MEF3_EINVAL);
    assert_int_equal(mef3_read_window(session, 0, START, END, &count, NULL, 1, NULL, NULL, &error),
                     MEF3_EINVAL);
    assert_int_equal(mef3_read_window_part(session, 0, START, END, N_SAMPLES, 1, &count, NULL, NULL,
                                           NULL, &error),
                     MEF3_EINVAL);
    assert_int_equal(
        mef3_read_window_part(session, 0, START, END, -1, 1, &count, NULL, NULL, NULL, &error),
        MEF3_EINVAL);
    assert_int_equal(mef3_read_samples(session, 0, 0, N_SAMPLES - 1, 2, &count, NULL, NULL, &error),
                     MEF3_EINVAL);
    assert_int_equal(mef3_read_samples(session, 0, 7, 0, 1, &count, NULL, NULL, &error),
                     MEF3_EINVAL);
    assert_int_equal(count, 5);
    /* The whole of time, a piece of it. */
    assert_int_equal(mef3_read_window_part(session, 0, INT64_MIN / 2, INT64_MAX / 2, 1 << 30, 1,
                                           &count, NULL, NULL, NULL, &error),
                     MEF3_OK);
    assert_int_equal(count, MEF3_COUNT_NAN);
    mef3_session_close(session);
    memory_free(&m);
}

static void what_is_written_later_wins_where_blocks_overlap(void **state)
{
    struct memory_session m;

    (void)state;
    truth_of("one_channel", START, END, &whole);
    memory_load(&m, "one_channel");
    /* The last block, of 120 samples, is put on samples 500 to 619. */
    memory_move_block(&m, 5, START + 500 * 1000000 / 256);
    struct mef3_session *session = memory_open(&m, NULL);
    look(session, START, END, &seen);
    assert_int_equal(seen.n_damage, 0);
    for (size_t i = 0; i < N_SAMPLES; i++) {
        if (i >= 500 && i < 620)
            assert_int_equal(seen.counts[i], whole.counts[i - 500 + 5000]);
        else
            assert_int_equal(seen.counts[i], i < 5000 ? whole.counts[i] : MEF3_COUNT_NAN);
        assert_int_equal(seen.truth[i], i < 5000 ? MEF3_DATA : MEF3_GAP);
    }
    mef3_session_close(session);
    memory_free(&m);
}

static void entries_out_of_order_hide_nothing(void **state)
{
    struct memory_session m;
    uint8_t entry[INDEX_BYTES];

    (void)state;
    truth_of("one_channel", START, END, &whole);
    memory_load(&m, "one_channel");
    memcpy(entry, memory_entry(&m, 1), INDEX_BYTES);
    memcpy(memory_entry(&m, 1), memory_entry(&m, 3), INDEX_BYTES);
    memcpy(memory_entry(&m, 3), entry, INDEX_BYTES);
    struct mef3_session *session = memory_open(&m, NULL);
    look(session, START, END, &seen);
    check_but(&seen, &whole, 0, 0, MEF3_GAP, "swapped entries");
    for (int64_t k = 0; k < N_SAMPLES; k += 123) {
        int64_t start = START + k * 1000000 / 256;
        look(session, start, start + 100000, &seen);
        for (size_t i = 0; i < seen.n && (size_t)k + i < N_SAMPLES; i++)
            assert_int_equal(seen.counts[i], whole.counts[(size_t)k + i]);
    }
    mef3_session_close(session);
    memory_free(&m);
}

static void a_segment_that_cannot_be_read_is_unreadable_over_its_span(void **state)
{
    static const struct {
        const char *why;
        const char *file;
        size_t at;
    } row[] = {
        {"metadata", "-000001.tmet", 6000},
        {"header of the metadata", "-000001.tmet", 500},
        {"header of the index", "-000001.tidx", 500},
    };
    const int64_t start = 1600000007000000; /* four segments of 1600 samples, 400 Hz; */
    const int64_t end = 1600000024500000;   /* a gap of 1.5 s after the second */

    (void)state;
    truth_of("segments", start, end, &whole);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct memory_session m;
        memory_load(&m, "segments");
        memory_bytes(&m, row[i].file)[row[i].at] ^= 1;
        struct mef3_session *session = memory_open(&m, NULL);
        look(session, start, end, &seen);
        check_but(&seen, &whole, 1600, 3200, MEF3_UNREADABLE, row[i].why);
        assert_row_int(seen.n_damage, 1, row[i].why);
        assert_row_int(seen.damage[0].at, 1600, row[i].why);
        assert_row_int(seen.damage[0].n, 1600, row[i].why);
        assert_row_int(seen.damage[0].segment, 1, row[i].why);
        assert_row_int(seen.damage[0].block, -1, row[i].why);
        look(session, start + 9000000, end, &seen); /* a window that does not touch it */
        assert_row_int(seen.n_damage, 0, row[i].why);
        mef3_session_close(session);
        memory_free(&m);
    }
}

static void a_segment_of_unknown_span_is_told_once(void **state)
{
    struct memory_session m;
    struct mef3_error error;
    int32_t counts[10];

    (void)state;
    memory_load(&m, "segments");
    memory_add(&m, "seg.timd/seg-000009.segd/junk", NULL, 0);
    struct mef3_session *session = memory_open(&m, NULL);
    look(session, 1600000007000000, 1600000008000000, &seen);
    assert_int_equal(seen.n_damage, 1);
    assert_int_equal(seen.damage[0].n, 0);
    assert_int_equal(seen.damage[0].error.status, MEF3_ENOENT);
    seen.n_damage = 0;
    assert_int_equal(mef3_read_window_part(session, 0, 1600000007000000, 1600000008000000, 10, 10,
                                           counts, NULL, note, &seen, &error),
                     MEF3_OK);
    assert_int_equal(seen.n_damage, 0);
    mef3_session_close(session);
    memory_free(&m);
}

static void a_channel_that_is_lost_gives_its_status(void **state)
{
    struct memory_session m;
    struct mef3_error error;
    int32_t count;

    (void)state;
    memory_load(&m, "one_channel");
    memory_bytes(&m, ".tmet")[5000] ^= 1;
    struct mef3_session *session = memory_open(&m, NULL);
    assert_int_equal(mef3_read_window(session, 0, START, END, &count, NULL, 1, NULL, NULL, &error),
                     MEF3_ECRC);
    assert_string_equal(error.field, "body CRC");
    mef3_session_close(session);
    memory_free(&m);
}

static void a_block_without_its_key_is_unreadable_for_want_of_a_password(void **state)
{
    struct memory_session m;

    (void)state;
    truth_of("one_channel", START, END, &whole);
    memory_load(&m, "one_channel");
    memory_block(&m, 2)[RED_FLAGS] |= RED_FLAG_LEVEL_1;
    memory_seal_block(&m, 2);
    struct mef3_session *session = memory_open(&m, NULL);
    look(session, START, END, &seen);
    check_but(&seen, &whole, 2000, 3000, MEF3_UNREADABLE, "encrypted statistics");
    assert_int_equal(seen.damage[0].error.status, MEF3_EPASSWORD);
    mef3_session_close(session);
    memory_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flipped_byte_costs_exactly_its_block),
        cmocka_unit_test(windows_anywhere_are_cut_out_of_the_whole),
        cmocka_unit_test(a_window_that_makes_no_sense_is_refused),
        cmocka_unit_test(what_is_written_later_wins_where_blocks_overlap),
        cmocka_unit_test(entries_out_of_order_hide_nothing),
        cmocka_unit_test(a_segment_that_cannot_be_read_is_unreadable_over_its_span),
        cmocka_unit_test(a_segment_of_unknown_span_is_told_once),
        cmocka_unit_test(a_channel_that_is_lost_gives_its_status),
        cmocka_unit_test(a_block_without_its_key_is_unreadable_for_want_of_a_password),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
