/* test_convert.c - counts to numbers. */
#include <mef3/read.h>
#include <mef3/red.h>

#include <math.h>

#include "help/test.h"

static void counts_times_the_factor_in_double_arithmetic(void **state)
{
    static const struct {
        const char *why;
        int32_t count;
        double factor;
        double value;
    } row[] = {
        {"zero", 0, 0.001, 0.0},
        {"rounded as a double product", 15620, 0.001, 15620 * 0.001},
        {"a negative factor", 7, -2.0, -14.0},
        {"the greatest count", INT32_MAX - 1, 1.0, 2147483646.0},
        {"the least count", INT32_MIN + 2, 1.0, -2147483646.0},
        {"infinity", MEF3_COUNT_POS_INF, 0.001, (double)INFINITY},
        {"minus infinity", MEF3_COUNT_NEG_INF, 0.001, (double)-INFINITY},
        {"infinity, whatever the factor", MEF3_COUNT_POS_INF, -1.0, (double)INFINITY},
        {"minus infinity, whatever the factor", MEF3_COUNT_NEG_INF, -1.0, (double)-INFINITY},
        {"infinity, times nothing", MEF3_COUNT_POS_INF, 0.0, (double)INFINITY},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        double f64 = 77;
        float f32 = 77;
        mef3_counts_to_f64(&row[i].count, 1, row[i].factor, &f64);
        mef3_counts_to_f32(&row[i].count, 1, row[i].factor, &f32);
        assert_row(f64 == row[i].value, row[i].why);
        assert_row(f32 == (float)row[i].value, row[i].why);
    }
}

static void no_number_is_nan(void **state)
{
    static const int32_t counts[] = {1, MEF3_COUNT_NAN, 2};
    double f64[3];
    float f32[3];

    (void)state;
    mef3_counts_to_f64(counts, 3, 2, f64);
    mef3_counts_to_f32(counts, 3, 2, f32);
    assert_true(f64[0] == 2 && isnan(f64[1]) && f64[2] == 4);
    assert_true(f32[0] == 2 && isnan(f32[1]) && f32[2] == 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_times_the_factor_in_double_arithmetic),
        cmocka_unit_test(no_number_is_nan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
