/* test_service_long.c - blocks so long that they are decoded in parts. */
#include <math.h>
#include <string.h>

#include "help/service_bench.h"
#include "help/test.h"

/* A channel of two minutes at 32 kHz, a block a minute. */
enum { RATE = 32000, BLOCK = 60 * RATE, PART = 30000 };
#define AT(seconds) (1500000000000000ll + 1000000ll * (seconds))
static const struct run_row RUN[] = {{AT(0), 0, 0, 2 * BLOCK, BLOCK}};
static const struct fake_segment SEGMENT[] = {{0, AT(0), AT(120), RUN, 1, NULL}};
static const struct fake_channel CHANNEL[] = {{"A", RATE, 1, SEGMENT, 1}};
static const struct fake_damage DAMAGE[] = {{0, 0, BLOCK, BLOCK, "block 1: A-000000.tdat"}};
static const struct fake_recording WHOLE = {"/r.mefd", "/data/r.mefd", 5, CHANNEL, 1, NULL, 0};
static const struct fake_recording BROKEN = {"/r.mefd", "/data/r.mefd", 5, CHANNEL, 1, DAMAGE, 1};

static int set_up_with(void **state, const struct fake_recording *recording)
{
    int status = bench_set_up(state);
    struct bench *bench = *state;

    bench->recordings = recording;
    bench->n_recordings = 1;
    bench->parts.ahead_pages = 0;
    bench->parts.ahead_ranges = 0;
    bench->parts.behind_ranges = 0;
    bench_restart(bench, 64 << 20, 10, 100, false);
    return status;
}

static int set_up(void **state)
{
    return set_up_with(state, &WHOLE);
}

static int set_up_broken(void **state)
{
    return set_up_with(state, &BROKEN);
}

static void begin(struct reader *reader, struct bench *bench, int64_t start_s, int64_t end_s)
{
    reader_range(reader, bench, "/r.mefd", NULL, 0, AT(start_s), AT(end_s));
}

/* Reads and checks; returns how many samples were decoded for it. */
static uint64_t read_range(struct bench *bench, int64_t start_s, int64_t end_s)
{
    uint64_t n_before = bench->n_decoded;
    struct reader reader;

    begin(&reader, bench, start_s, end_s);
    readers_finish(bench, &reader, 1);
    reader_check(&reader, bench->recordings, (uint32_t[]){0}, 1, AT(start_s), AT(end_s));
    reader_free(&reader);
    return bench->n_decoded - n_before;
}

static void a_page_needs_a_share_of_a_long_block_and_those_that_follow_the_rest(void **state)
{
    static const struct {
        int64_t start_s, end_s;
        uint64_t n_decoded;
    } row[] = {
        {0, 10, 16 * PART}, {0, 10, 0},  {3, 9, 0},          {10, 20, 48 * PART},
        {20, 30, 0},        {50, 60, 0}, {60, 61, 4 * PART}, {100, 101, 60 * PART},
        {0, 120, 0},
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        assert_int_equal(read_range(bench, row[i].start_s, row[i].end_s), row[i].n_decoded);
}

static void two_who_want_parts_of_a_block_at_once_have_each_decoded_once(void **state)
{
    struct bench *bench = *state;
    struct reader reader[2];

    begin(&reader[0], bench, 0, 1);
    begin(&reader[1], bench, 10, 50);
    readers_finish(bench, reader, 2);
    for (int i = 0; i < 2; i++) {
        reader_check(&reader[i], &WHOLE, (uint32_t[]){0}, 1, AT(i ? 10 : 0), AT(i ? 50 : 1));
        reader_free(&reader[i]);
    }
    assert_int_equal(bench->n_decoded, BLOCK);
}

static void a_damaged_long_block_is_told_of_each_part(void **state)
{
    struct bench *bench = *state;

    for (int64_t s = 55; s < 120; s += 5) {
        struct reader reader;
        begin(&reader, bench, s, s + 5);
        readers_finish(bench, &reader, 1);
        reader_check(&reader, &BROKEN, (uint32_t[]){0}, 1, AT(s), AT(s + 5));
        const char *text = read_damage(reader.read);
        if (s >= 60)
            assert_non_null(text ? strstr(text, "samples=160000 block 1: A-000000.tdat") : NULL);
        else
            assert_true(!text || !text[0]);
        reader_free(&reader);
    }
}

/* Each try costs two workers. What comes after the bad place needs it too. */
static void a_long_block_that_ends_workers_is_tried_no_more_from_there_on(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    assert_int_equal(read_range(bench, 0, 1), 4 * PART);
    bench->kill_at = 40 * RATE;
    for (int64_t s = 5; s < 60; s += 5) {
        begin(&reader, bench, s, s + 5);
        readers_finish(bench, &reader, 1);
        bool is_bad = s >= 15;
        assert_int_equal(reader.n, 5 * RATE);
        for (int i = 0; i < 5 * RATE; i++)
            if (isnan(reader.values[0][i]) != is_bad)
                fail_msg("%d s: sample %d", (int)s, i);
        reader_free(&reader);
    }
    assert_int_equal(bench->n_killed, 2);
    assert_int_equal(service_counters(bench->service).quarantined, 1);
    cache_expire(bench->parts.cache, UINT64_MAX, 0);
    assert_int_equal(read_range(bench, 0, 10), 16 * PART);
    assert_int_equal(read_range(bench, 60, 120), BLOCK);
    assert_int_equal(bench->n_killed, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_page_needs_a_share_of_a_long_block_and_those_that_follow_the_rest, set_up,
            bench_tear_down),
        cmocka_unit_test_setup_teardown(
            two_who_want_parts_of_a_block_at_once_have_each_decoded_once, set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_long_block_is_told_of_each_part, set_up_broken,
                                        bench_tear_down),
        cmocka_unit_test_setup_teardown(
            a_long_block_that_ends_workers_is_tried_no_more_from_there_on, set_up, bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
