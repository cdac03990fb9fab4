/* test_service_read.c - pages and ranges are what is recorded, sample by sample. */
#include <mef3/time.h>

#include <stdlib.h>
#include <string.h>

#include "help/service_bench.h"
#include "help/signal.h"
#include "help/small_recordings.h"
#include "help/test.h"

#define NAMES(...) ((const char *[]){__VA_ARGS__, NULL})
#define SMALL (&SMALL_RECORDINGS[0])

static int set_up(void **state)
{
    int status = bench_set_up(state);
    struct bench *bench = *state;

    bench->recordings = SMALL_RECORDINGS;
    bench->n_recordings = 3;
    return status;
}

static void windows_of_all_sorts_hold_what_is_recorded(void **state)
{
    static const struct {
        const char *why;
        double start_s, end_s;
        uint32_t channels[3];
        size_t n;
    } row[] = {
        {"all of one channel", 0, 10, {SMALL_ITS}, 1},
        {"across a gap", 3.5, 5.5, {SMALL_A}, 1},
        {"within a gap", 4.2, 4.7, {SMALL_A}, 1},
        {"a part of a unit", 0.1, 0.2, {SMALL_A}, 1},
        {"a sample", 7.123, 7.124, {SMALL_B}, 1},
        {"half a sample off", 0.0005, 1.0005, {SMALL_A}, 1},
        {"two segments that overlap", 5, 7, {SMALL_B}, 1},
        {"three channels, not in order", 3, 8, {SMALL_ITS, SMALL_A, SMALL_B}, 3},
        {"one channel three times", 3, 8, {SMALL_A, SMALL_A, SMALL_A}, 3},
        {"before the recording", -5, -4, {SMALL_A}, 1},
        {"from before it", -5, 1, {SMALL_A, SMALL_B}, 2},
        {"behind it", 11, 12, {SMALL_B}, 1},
        {"to behind it", 9, 12, {SMALL_ITS}, 1},
        {"around it", -100, 100, {SMALL_B, SMALL_ITS}, 2},
        {"a slow one", 0.2, 9.9, {SMALL_SLOW}, 1},
        {"far around it: several messages", -400, 400, {SMALL_A, SMALL_B, SMALL_ITS}, 3},
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct reader reader;
        const char *names[3];
        for (size_t c = 0; c < row[i].n; c++)
            names[c] = SMALL_CHANNELS[row[i].channels[c]].name;
        reader_range(&reader, bench, "/a.mefd", names, row[i].n, SMALL_AT(row[i].start_s),
                     SMALL_AT(row[i].end_s));
        readers_finish(bench, &reader, 1);
        assert_row(reader.error[0] == '\0' && !reader.is_double, row[i].why);
        reader_check(&reader, SMALL, row[i].channels, row[i].n, SMALL_AT(row[i].start_s),
                     SMALL_AT(row[i].end_s));
        assert_row(read_damage(reader.read)[0] == '\0', row[i].why);
        reader_free(&reader);
    }
}

static void pages_hold_the_selected_channels_as_doubles(void **state)
{
    static const uint32_t ALL_QUICK[] = {SMALL_A, SMALL_B, SMALL_ITS};
    struct bench *bench = *state;
    struct grid_reply grid;
    struct selection_reply selection;

    bench_open(bench, "/a.mefd");
    service_set_page_seconds(bench->service, &BENCH_CLIENT, "/a.mefd", 3, &grid);
    service_set_channels(bench->service, &BENCH_CLIENT, "/a.mefd", NAMES("A", "B", "it's"), 3,
                         &selection);
    for (int page = 0; page < 4; page++) {
        struct reader reader;
        reader_page(&reader, bench, "/a.mefd", page);
        readers_finish(bench, &reader, 1);
        assert_true(reader.is_double);
        reader_check(&reader, SMALL, ALL_QUICK, 3, SMALL_AT(3 * page),
                     SMALL_AT(page == 3 ? 10 : 3 * page + 3));
        reader_free(&reader);
    }
}

static void what_makes_no_sense_is_told_and_costs_nothing(void **state)
{
    static const struct {
        const char *path;
        const char *const names[3];
        size_t n;
        double start_s, end_s;
        const char *error;
    } row[] = {
        {"/a.mefd", {"A", "zz", "it'z"}, 3, 0, 1, "Unknown channels: ['zz', \"it'z\"]"},
        {"/a.mefd", {"A"}, 1, 1, 1, "end_uutc must be greater than start_uutc"},
        {"/a.mefd", {"A"}, 1, 2, 1, "end_uutc must be greater than start_uutc"},
        {"/a.mefd", {"A"}, 1, 1, 1.0004, "Requested window is shorter than one sample"},
        {"/a.mefd", {"Slow"}, 1, 1, 1.04, "Requested window is shorter than one sample"},
        {"/a.mefd",
         {"A", "Slow"},
         2,
         0,
         1,
         "Requested channels do not share a sampling rate: {10.0, 1000.0}"},
        {"/a.mefd",
         {NULL},
         0,
         0,
         1,
         "Requested channels do not share a sampling rate: {10.0, 1000.0}"},
        {"/none.mefd", {"A"}, 1, 0, 1, "File does not exist: /none.mefd"},
        {"/a.mefd",
         {"A"},
         1,
         0,
         90000,
         "Requested window is too long: 90000 s; the recording has 10 s, and a window may be at "
         "most a day longer"},
        {"/a.mefd", {"A"}, 1, -9e12, 7.7e12, NULL},
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct reader reader;
        reader_range(&reader, bench, row[i].path, row[i].names, row[i].n, SMALL_AT(row[i].start_s),
                     SMALL_AT(row[i].end_s));
        readers_finish(bench, &reader, 1);
        assert_int_equal(reader.outcome, OUTCOME_DONE);
        assert_int_equal(reader.n_messages, 0);
        if (row[i].error)
            assert_string_equal(reader.error, row[i].error);
        else
            assert_true(reader.error[0]);
        reader_free(&reader);
    }
    assert_int_equal(bench->n_jobs[JOB_INDEX] + bench->n_jobs[JOB_DECODE], 0);
}

static void pages_that_are_none_are_told(void **state)
{
    struct bench *bench = *state;
    struct grid_reply grid;
    static const struct {
        bool opens, has_grid;
        int64_t page;
        const char *error;
    } row[] = {
        {false, false, 0, "File not open: /b.mefd"},
        {true, false, 0,
         "No chunks available for file: /b.mefd. Set a segment size to init chunks."},
        {false, true, -1, "Invalid chunk request: -1 for /b.mefd"},
        {false, false, 4, "Invalid chunk request: 4 for /b.mefd"},
        {false, false, INT64_MAX, "Invalid chunk request: 9223372036854775807 for /b.mefd"},
        {false, false, INT64_MIN, "Invalid chunk request: -9223372036854775808 for /b.mefd"},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct reader reader;
        if (row[i].opens)
            bench_open(bench, "/b.mefd");
        if (row[i].has_grid)
            service_set_page_seconds(bench->service, &BENCH_CLIENT, "/b.mefd", 3, &grid);
        reader_page(&reader, bench, "/b.mefd", row[i].page);
        readers_finish(bench, &reader, 1);
        assert_string_equal(reader.error, row[i].error);
        assert_int_equal(reader.n_messages, 0);
        reader_free(&reader);
    }
}

static void what_is_read_twice_is_decoded_once(void **state)
{
    static const uint32_t CHANNELS[] = {SMALL_A, SMALL_B};
    struct bench *bench = *state;

    for (int again = 0; again < 2; again++) {
        struct reader reader[4]; /* and all at the same time */
        for (int i = 0; i < 4; i++)
            reader_range(&reader[i], bench, i % 2 ? "a.mefd" : "/a.mefd", NAMES("A", "B"), 2,
                         SMALL_START, SMALL_AT(10));
        readers_finish(bench, reader, 4);
        for (int i = 0; i < 4; i++) {
            reader_check(&reader[i], SMALL, CHANNELS, 2, SMALL_START, SMALL_AT(10));
            reader_free(&reader[i]);
        }
        assert_int_equal(bench->n_decoded, 9000 + 3 * 1998 + 4499); /* not what is overlaid */
    }
}

/* Ten seconds must not pay for a minute. */
static void a_short_window_decodes_the_units_it_touches(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    reader_range(&reader, bench, "/a.mefd", NAMES("it's"), 1, SMALL_AT(2.5), SMALL_AT(2.6));
    readers_finish(bench, &reader, 1);
    reader_free(&reader);
    assert_int_equal(bench->n_decoded, 2000); /* blocks of 2000 */
}

static void random_windows_are_as_worked_out_sample_by_sample(void **state)
{
    struct bench *bench = *state;
    struct signal_random random = {31};

    for (int round = 0; round < 40; round++) {
        enum { AT_ONCE = 6 };
        struct reader reader[AT_ONCE];
        uint32_t channels[AT_ONCE][4];
        size_t n[AT_ONCE];
        int64_t start[AT_ONCE], end[AT_ONCE];

        if (round % 10 == 9)
            service_close(bench->service, &BENCH_CLIENT,
                          "/a.mefd"); /* and what was cached is forgotten */
        for (int i = 0; i < AT_ONCE; i++) {
            const char *names[4];
            n[i] = 1 + signal_below(&random, 4);
            for (size_t c = 0; c < n[i]; c++) {
                static const uint32_t QUICK[] = {SMALL_A, SMALL_B, SMALL_ITS};
                channels[i][c] = QUICK[signal_below(&random, 3)];
                names[c] = SMALL_CHANNELS[channels[i][c]].name;
            }
            start[i] = SMALL_AT(-1) + signal_below(&random, 12000000);
            end[i] = start[i] + 1000 + signal_below(&random, 1u << signal_below(&random, 24));
            reader_range(&reader[i], bench, "/a.mefd", names, n[i], start[i], end[i]);
        }
        readers_finish(bench, reader, AT_ONCE);
        for (int i = 0; i < AT_ONCE; i++) {
            reader_check(&reader[i], SMALL, channels[i], n[i], start[i], end[i]);
            reader_free(&reader[i]);
        }
    }
    assert_int_equal(pool_counters(bench->parts.pool).queued, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)
        TEST(windows_of_all_sorts_hold_what_is_recorded),
        TEST(pages_hold_the_selected_channels_as_doubles),
        TEST(what_makes_no_sense_is_told_and_costs_nothing),
        TEST(pages_that_are_none_are_told),
        TEST(what_is_read_twice_is_decoded_once),
        TEST(a_short_window_decodes_the_units_it_touches),
        TEST(random_windows_are_as_worked_out_sample_by_sample),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
