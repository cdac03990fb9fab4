/* test_gather.c - from counts to a client's numbers, to the bit. */
#include "service/gather.h"

#include <math.h>
#include <string.h>

#include "help/guard.h"
#include "help/signal.h"
#include "help/test.h"

static const double FACTOR[] = {1, -1, 0.1, 0.0345, 1e-9, -3.0517578125e-05, 1e300, 1e-320, 0};

static void values_are_count_times_factor_in_double(void **state)
{
    enum { N = 4096 };
    static int32_t counts[N];
    static double doubles[N];
    static float floats[N];
    struct signal_random random = {21};

    (void)state;
    for (size_t f = 0; f < sizeof FACTOR / sizeof FACTOR[0]; f++) {
        for (int i = 0; i < N; i++)
            counts[i] = (int32_t)((uint32_t)signal_random(&random) >> signal_below(&random, 31));
        gather_counts(doubles, true, counts, N, FACTOR[f]);
        gather_counts(floats, false, counts, N, FACTOR[f]);
        for (int i = 0; i < N; i++) {
            if (counts[i] == INT32_MIN || counts[i] == INT32_MIN + 1 || counts[i] == INT32_MAX)
                continue;
            volatile double value = (double)counts[i] * FACTOR[f];
            double expected = value;
            float rounded = (float)expected;
            assert_memory_equal(&doubles[i], &expected, sizeof expected);
            assert_memory_equal(&floats[i], &rounded, sizeof rounded);
        }
    }
}

static void reserved_counts_are_no_numbers(void **state)
{
    static const int32_t COUNTS[] = {INT32_MIN, INT32_MIN + 1, INT32_MAX, INT32_MIN + 2,
                                     INT32_MAX - 1};
    double doubles[5];
    float floats[5];

    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) { /* whatever the factor */
        gather_counts(doubles, true, COUNTS, 5, sign * 0.5);
        gather_counts(floats, false, COUNTS, 5, sign * 0.5);
        assert_true(isnan(doubles[0]) && isnan(floats[0]));
        assert_true(doubles[1] == -(double)INFINITY && floats[1] == -INFINITY);
        assert_true(doubles[2] == (double)INFINITY && floats[2] == INFINITY);
        assert_true(doubles[3] == sign * -1073741823.0);
        assert_true(doubles[4] == sign * 1073741823.0);
        assert_true(isfinite(floats[3]) && isfinite(floats[4]));
    }
}

static void n_numbers_are_written_and_not_one_more(void **state)
{
    static const int32_t COUNTS[64] = {1, 2, 3};

    (void)state;
    for (size_t n = 0; n <= 64; n++) {
        for (int is_double = 0; is_double <= 1; is_double++) {
            size_t bytes = n * gather_bytes(is_double);
            void *to = guard_new(bytes);
            int32_t *counts = guard_copy(COUNTS, n * sizeof *counts);
            gather_counts(to, is_double, counts, n, 2);
            gather_nan(to, is_double, n);
            for (size_t i = 0; i < n; i++)
                assert_true(is_double ? isnan(((double *)to)[i]) : isnan(((float *)to)[i]));
            guard_free(counts, n * sizeof *counts);
            guard_free(to, bytes);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_count_times_factor_in_double),
        cmocka_unit_test(reserved_counts_are_no_numbers),
        cmocka_unit_test(n_numbers_are_written_and_not_one_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
