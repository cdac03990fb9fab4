/* test_time.c - where a sample stands in a window. */
#include <mef3/time.h>

#include <math.h>

#include "help/test.h"

static void a_window_has_the_samples_that_the_reference_readers_give_it(void **state)
{
    static const struct {
        const char *why;
        int64_t start;
        int64_t end;
        double rate;
        int status;
        int64_t n;
    } row[] = {
        {"one second", 0, 1000000, 256, MEF3_OK, 256},
        {"nothing", 5, 5, 256, MEF3_OK, 0},
        {"a half rounds up", 0, 1000, 500, MEF3_OK, 1},
        {"less than a half is none", 0, 999, 500, MEF3_OK, 0},
        {"two and a half round up", 0, 5000, 500, MEF3_OK, 3},
        {"a fractional rate", 0, 10000000, 249.7, MEF3_OK, 2497},
        {"a slow rate", 0, 100000000, 0.1, MEF3_OK, 10},
        {"before 1970", -3000000, -1000000, 100, MEF3_OK, 200},
        {"a century of 30 kHz", 0, 3155760000000000, 30000, MEF3_OK, 94672800000000},
        {"reversed", 10, 9, 256, MEF3_EINVAL, 0},
        {"no rate", 0, 10, 0, MEF3_EINVAL, 0},
        {"a negative rate", 0, 10, -1, MEF3_EINVAL, 0},
        {"a rate that is no number", 0, 10, (double)NAN, MEF3_EINVAL, 0},
        {"an infinite rate", 0, 10, (double)INFINITY, MEF3_EINVAL, 0},
        {"too slow", 0, 10, 1e-7, MEF3_EINVAL, 0},
        {"too fast", 0, 10, 1.1e7, MEF3_EINVAL, 0},
        {"all of time", INT64_MIN, INT64_MAX, 1e7, MEF3_ELIMIT, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int64_t n = -7;
        int status = mef3_window_samples(row[i].start, row[i].end, row[i].rate, &n);
        assert_row_int(status, row[i].status, row[i].why);
        assert_row_int(n, row[i].status == MEF3_OK ? row[i].n : -7, row[i].why);
    }
}

static void a_time_stands_at_the_nearest_sample(void **state)
{
    static const struct {
        const char *why;
        int64_t time;
        int64_t window;
        double rate;
        int64_t index;
    } row[] = {
        {"at the start", 1600000007000000, 1600000007000000, 256, 0},
        {"a second on", 1600000008000000, 1600000007000000, 256, 256},
        {"before the window", 1600000006000000, 1600000007000000, 256, -256},
        {"a half, away from zero", 1000, 0, 500, 1},
        {"a half before, away from zero", -1000, 0, 500, -1},
        {"under a half", 999, 0, 500, 0},
        {"an odd half that a plain product would lose", 4102444800001000, 2000000000000000, 500,
         1051222400001},
        {"the end of time", INT64_MAX, INT64_MIN, 1e7, 9007199254740992},
        {"the beginning of time", INT64_MIN, INT64_MAX, 1e7, -9007199254740992},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        assert_row_int(mef3_time_to_index(row[i].time, row[i].window, row[i].rate), row[i].index,
                       row[i].why);
}

static void a_sample_has_its_time_to_the_microsecond(void **state)
{
    static const struct {
        const char *why;
        int64_t index;
        int64_t start;
        double rate;
        int64_t time;
    } row[] = {
        {"the first", 0, 77, 256, 77},
        {"rounded up", 1, 0, 256, 3906},
        {"a half goes away from zero", 1, 0, 2000000, 1},
        {"before the start", -256, 0, 256, -1000000},
        {"too far", INT64_MAX, 0, 1e-6, INT64_MAX},
        {"too far back", INT64_MIN, 0, 1e-6, INT64_MIN},
        {"a sum that is too much", 1, INT64_MAX, 1, INT64_MAX},
        {"a sum that is too little", -1, INT64_MIN, 1, INT64_MIN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        assert_row_int(mef3_index_to_time(row[i].index, row[i].start, row[i].rate), row[i].time,
                       row[i].why);
}

static void a_difference_stops_at_the_limits(void **state)
{
    (void)state;
    assert_true(mef3_time_difference(5, 3) == 2);
    assert_true(mef3_time_difference(INT64_MAX, -1) == INT64_MAX);
    assert_true(mef3_time_difference(INT64_MIN, 1) == INT64_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_window_has_the_samples_that_the_reference_readers_give_it),
        cmocka_unit_test(a_time_stands_at_the_nearest_sample),
        cmocka_unit_test(a_sample_has_its_time_to_the_microsecond),
        cmocka_unit_test(a_difference_stops_at_the_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
