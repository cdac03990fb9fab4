/* test_draw.c - draw/: a page's parts, without a picture. */
#include "help/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mef3/time.h>

#include "draw/clock.h"
#include "draw/parts.h"
#include "draw/side.h"
#include "draw/trace.h"

static void test_a_date_is_that_of_the_calendar(void **state)
{
    char text[CLOCK_BYTES], wanted[CLOCK_BYTES];
    struct tm tm;

    (void)state;
    for (time_t day = -700000; day < 700000; day += 13) {
        time_t seconds = day * 86400 + 86399;
        assert_non_null(gmtime_r(&seconds, &tm));
        snprintf(wanted, sizeof wanted, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1,
                 tm.tm_mday);
        assert_string_equal(clock_date(seconds * CLOCK_SECOND, 0, text), wanted);
    }
}

static void test_times_are_as_the_viewer_says_them(void **state)
{
    const int64_t at = INT64_C(1600000007500000); /* 2020-09-13T12:26:47.5Z */
    char text[CLOCK_BYTES];

    (void)state;
    assert_string_equal(clock_text(at, 0, 0, text), "12:26:47");
    assert_string_equal(clock_text(at, 0, 2, text), "12:26:47.50");
    assert_string_equal(clock_text(at, -6 * 3600, 3, text), "06:26:47.500");
    assert_string_equal(clock_date(at, 12 * 3600, text), "2020-09-14");
    assert_string_equal(clock_text(-1, 0, 0, text), "23:59:59");
    assert_string_equal(clock_zone(0, text), "UTC");
    assert_string_equal(clock_zone(-6 * 3600, text), "UTC\u221206:00");
    assert_string_equal(clock_zone(5 * 3600 + 1800, text), "UTC+05:30");
    assert_string_equal(clock_elapsed(INT64_C(3723000000), 0, text), "+1:02:03");
    assert_string_equal(clock_elapsed(-1500000, 1, text), "\u22120:00:01.5");
    assert_string_equal(clock_elapsed(INT64_MIN, 0, text), "\u22122562047788:00:54");
    assert_string_equal(clock_span(250000, text), "250 ms");
    assert_string_equal(clock_span(10 * CLOCK_SECOND, text), "10 s");
    assert_string_equal(clock_span(725 * CLOCK_SECOND, text), "12 min 5 s");
    assert_string_equal(clock_span(30 * CLOCK_DAY, text), "30 d");
}

static void test_lines_are_as_many_as_there_is_room_for(void **state)
{
    (void)state;
    for (int64_t span = 1000; span < INT64_C(400) * 366 * CLOCK_DAY; span += span / 3 + 1)
        for (int most = 1; most < 200; most += 7)
            assert_true(span / clock_step(span, most) <= most);
    assert_int_equal(clock_step(10 * CLOCK_SECOND, 16), CLOCK_SECOND);
    assert_int_equal(clock_step(30 * CLOCK_DAY, 16), 2 * CLOCK_DAY);
}

static void test_a_side_is_told_by_the_electrode(void **state)
{
    static const struct {
        const char *name;
        int side;
    } row[] = {
        {"Fp1", -1},    {"fp2", 1},    {"EEG T3-Ref", -1}, {"EEG O2-LE", 1}, {"T8", 1},
        {"Cz", 0},      {"LA1", 0},    {"Fp12", 0},        {"F7x", 0},       {"EEG", 0},
        {"", 0},        {"A1", -1},    {"eeg_M2_avg", 1},  {"O1-O2", 0},     {" P3 ", -1},
        {"C3-refx", 0}, {"T7 av", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        assert_row_int(side_of(row[i].name), row[i].side, row[i].name);
}

/* However many bars and holes come, a trace has no more than can be seen. */
static void test_a_trace_is_no_larger_than_its_columns(void **state)
{
    enum { COLUMNS = 64, N = 1 << 16 }; /* of which fractions are exact */
    struct draw_trace trace = {.style = DRAW_COLUMNS};

    (void)state;
    for (int i = 0; i < N; i++) {
        double place = (double)i / N, next = (double)(i + 1) / N;
        assert_true(trace_add_bar(&trace, COLUMNS, &(struct draw_bar){place, place, -i, i, true}));
        assert_true(trace_add_hole(&trace, COLUMNS, &(struct draw_hole){place, next, i % 2 == 0}));
    }
    assert_int_equal(trace.n_bars, COLUMNS);
    assert_true(trace.n_holes <= 2 * (COLUMNS + 1));
    for (int i = 0; i < COLUMNS; i++) {
        int last = N / COLUMNS * (i + 1) - 1;
        assert_int_equal(trace.bars[i].high, last);
        assert_int_equal(trace.bars[i].low, -last);
    }
    free(trace.bars);
    free(trace.holes);
}

static void test_what_is_too_large_or_too_far_is_refused(void **state)
{
    static const struct {
        const char *why;
        int width, height;
        int64_t start, end;
        bool is_fine;
    } row[] = {
        {"the usual", 1600, 900, 0, 10000000, true},
        {"the least", 320, 160, 0, 1, true},
        {"too narrow", 319, 160, 0, 1, false},
        {"too low", 320, 159, 0, 1, false},
        {"too wide", 16385, 160, 0, 1, false},
        {"too high", 320, 16385, 0, 1, false},
        {"too many pixels", 16384, 16384, 0, 1, false},
        {"no time", 1600, 900, 5, 5, false},
        {"back in time", 1600, 900, 5, 4, false},
        {"all time", 1600, 900, INT64_MIN + 1, INT64_MAX, false},
        {"long before", 1600, 900, INT64_MIN + 1, INT64_MIN + 2, false},
        {"long after", 1600, 900, INT64_MAX - 1, INT64_MAX, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct draw_wanted wanted = {.width = row[i].width,
                                     .height = row[i].height,
                                     .start_uutc = row[i].start,
                                     .end_uutc = row[i].end};
        assert_row((draw_refusal(&wanted) == NULL) == row[i].is_fine, row[i].why);
    }
}

static void test_the_scale_is_the_usual_one_unless_it_is_far_off(void **state)
{
    struct draw_bar bars[100];
    struct draw_trace trace = {.factor = 1, .bars = bars, .n_bars = 100};
    struct draw_page page = {.width = 1600, .height = 900, .traces = &trace, .n_traces = 1};

    (void)state;
    for (int i = 0; i < 100; i++)
        bars[i] = (struct draw_bar){.low = -100, .high = 100};
    page.traces->style = DRAW_LINE;
    assert_true(fit_scale(&page) == 10);
    trace.factor = 1000;
    assert_true(fit_scale(&page) >= 100000 / 215.0 && fit_scale(&page) <= 1000);
    trace.factor = 1e-3;
    assert_true(fit_scale(&page) == 0.1);
    trace.factor = (double)NAN;
    assert_true(fit_scale(&page) == 10);
    page.n_traces = 0;
    assert_true(fit_scale(&page) == 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_date_is_that_of_the_calendar),
        cmocka_unit_test(test_times_are_as_the_viewer_says_them),
        cmocka_unit_test(test_lines_are_as_many_as_there_is_room_for),
        cmocka_unit_test(test_a_side_is_told_by_the_electrode),
        cmocka_unit_test(test_a_trace_is_no_larger_than_its_columns),
        cmocka_unit_test(test_what_is_too_large_or_too_far_is_refused),
        cmocka_unit_test(test_the_scale_is_the_usual_one_unless_it_is_far_off),
    };

    return cmocka_run_group_tests_name("draw", tests, NULL, NULL);
}
