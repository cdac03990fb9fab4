/* test_histogram.c - base/histogram: how often something took how long. */
#include "help/test.h"

#include "base/histogram.h"

static void test_a_time_on_a_bound_is_within_it(void **state)
{
    struct histogram histogram = {0};

    (void)state;
    for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++)
        histogram_add(&histogram, histogram_bound_us(i));
    for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++)
        assert_int_equal(histogram.counts[i], 1);
    assert_int_equal(histogram.counts[HISTOGRAM_BOUNDS], 0);
}

static void test_a_time_past_a_bound_is_in_the_next_bucket(void **state)
{
    struct histogram histogram = {0};

    (void)state;
    for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++)
        histogram_add(&histogram, histogram_bound_us(i) + 1);
    assert_int_equal(histogram.counts[0], 0);
    for (size_t i = 1; i <= HISTOGRAM_BOUNDS; i++)
        assert_int_equal(histogram.counts[i], 1);
}

static void test_the_bounds_grow(void **state)
{
    (void)state;
    for (size_t i = 1; i < HISTOGRAM_BOUNDS; i++)
        assert_true(histogram_bound_us(i - 1) < histogram_bound_us(i));
}

static void test_the_sum_is_exact(void **state)
{
    struct histogram histogram = {0};

    (void)state;
    histogram_add(&histogram, 0);
    histogram_add(&histogram, 7);
    histogram_add(&histogram, 3600000000);
    assert_int_equal(histogram.sum_us, 3600000007);
    assert_int_equal(histogram.counts[0], 2);
    assert_int_equal(histogram.counts[HISTOGRAM_BOUNDS], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_time_on_a_bound_is_within_it),
        cmocka_unit_test(test_a_time_past_a_bound_is_in_the_next_bucket),
        cmocka_unit_test(test_the_bounds_grow),
        cmocka_unit_test(test_the_sum_is_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
