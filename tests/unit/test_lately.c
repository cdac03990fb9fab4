/* test_lately.c - base/lately: which calls are told of, and in which order. */
#include "help/test.h"

#include <string.h>

#include "base/lately.h"

static struct lately *lately;

static int begin(void **state)
{
    (void)state;
    lately = lately_new();
    return lately ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    lately_free(lately);
    return 0;
}

static void add(double at_s, uint64_t took_us, bool is_refused)
{
    lately_add(lately, &(struct lately_call){.at_s = at_s,
                                             .took_us = took_us,
                                             .client = "127.0.0.1:1",
                                             .method = "OpenFile",
                                             .recording = "a.mefd",
                                             .status = "OK",
                                             .text = "",
                                             .is_timed = !is_refused,
                                             .is_refused = is_refused});
}

static void test_the_slowest_come_first_whenever_they_were(void **state)
{
    struct lately_call calls[LATELY_SLOW];

    (void)state;
    for (uint64_t i = 0; i < 200; i++)
        add(6000 + (double)i, 1000 + i * 37 % 200, false);
    assert_int_equal(lately_slow(lately, 6200, calls), LATELY_SLOW);
    for (uint64_t i = 0; i < LATELY_SLOW; i++)
        assert_int_equal(calls[i].took_us, 1199 - i);
}

static void test_what_is_older_than_five_minutes_is_not_told(void **state)
{
    struct lately_call calls[LATELY_SLOW];

    (void)state;
    add(6000, 9, false);
    add(6100, 5, false);
    assert_int_equal(lately_slow(lately, 6299, calls), 2);
    assert_int_equal(lately_slow(lately, 6301, calls), 1);
    assert_int_equal(calls[0].took_us, 5);
    add(6000 + 6 * 60, 1, false); /* takes the place of the minute of the first */
    assert_int_equal(lately_slow(lately, 6361, calls), 2);
}

static void test_after_a_clock_was_set_back_the_new_calls_are_told(void **state)
{
    struct lately_call calls[LATELY_SLOW];

    (void)state;
    add(90000, 9, false);
    add(6000, 5, false);
    assert_int_equal(lately_slow(lately, 6001, calls), 1);
    assert_int_equal(calls[0].took_us, 5);
}

static void test_refusals_are_told_the_latest_first_and_no_more_than_there_is_room_for(void **state)
{
    struct lately_call calls[LATELY_REFUSALS], slow[LATELY_SLOW];

    (void)state;
    assert_int_equal(lately_refusals(lately, calls), 0);
    for (uint64_t i = 0; i < LATELY_REFUSALS + 5; i++)
        add(1, i, true);
    assert_int_equal(lately_refusals(lately, calls), LATELY_REFUSALS);
    for (uint64_t i = 0; i < LATELY_REFUSALS; i++)
        assert_int_equal(calls[i].took_us, LATELY_REFUSALS + 4 - i);
    assert_int_equal(lately_slow(lately, 2, slow), 0);
}

static void test_texts_are_cut_and_can_be_shown(void **state)
{
    static const struct {
        const char *why, *text, *shown;
    } row[] = {
        {"a text", "night.mefd", "night.mefd"},
        {"not ASCII",
         "n\xc3\xa4"
         "cht",
         "n\xc3\xa4"
         "cht"},
        {"no UTF-8",
         "a\xff"
         "b",
         "a?b"},
        {"a character cut off", "a\xc3", "a?"},
        {"an escape sequence", "\x1b[2J\n", "?[2J?"},
        {"its eight-bit form",
         "\xc2\x9b"
         "2J",
         "?2J"},
    };
    struct lately_call calls[LATELY_REFUSALS];
    char big[4096];

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        lately_add(lately, &(struct lately_call){.client = "",
                                                 .method = "",
                                                 .recording = "",
                                                 .status = "",
                                                 .text = row[i].text,
                                                 .is_refused = true});
        lately_refusals(lately, calls);
        assert_row(strcmp(calls[0].text, row[i].shown) == 0, row[i].why);
    }
    for (size_t i = 0; i + 2 < sizeof big; i += 2)
        memcpy(big + i, "\xc3\xa9", 3);
    lately_add(lately, &(struct lately_call){.client = big,
                                             .method = big,
                                             .recording = big,
                                             .status = big,
                                             .text = big,
                                             .is_refused = true});
    lately_refusals(lately, calls);
    assert_true(strlen(calls[0].text) < 200 && strlen(calls[0].text) % 2 == 0);
}

static void test_where_nobody_looks_nothing_is_kept(void **state)
{
    struct lately_call calls[LATELY_REFUSALS];

    (void)state;
    lately_add(NULL, &(struct lately_call){.is_timed = true, .is_refused = true});
    assert_int_equal(lately_refusals(NULL, calls), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_slowest_come_first_whenever_they_were, begin, end),
        cmocka_unit_test_setup_teardown(test_what_is_older_than_five_minutes_is_not_told, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_after_a_clock_was_set_back_the_new_calls_are_told,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            test_refusals_are_told_the_latest_first_and_no_more_than_there_is_room_for, begin, end),
        cmocka_unit_test_setup_teardown(test_texts_are_cut_and_can_be_shown, begin, end),
        cmocka_unit_test(test_where_nobody_looks_nothing_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
