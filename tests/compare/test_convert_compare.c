/* test_convert_compare.c - counts to numbers in vectors, and one by one: the same bits. */
#include "convert.h"

#include <string.h>

#include <mef3/counts.h>

#include "help/guard.h"
#include "help/signal.h"
#include "help/test.h"

enum { MOST = 100, N_ROUNDS = 200 };

static const double FACTOR[] = {1, -1, 0.1, 0.0345, 1e-9, -3.0517578125e-05, 1e300, 1e-320, 0};

/* Counts of all sizes, and the reserved ones and their neighbours among them. */
static int32_t some_count(struct signal_random *random)
{
    static const int32_t EDGES[] = {MEF3_COUNT_NAN,
                                    MEF3_COUNT_NEG_INF,
                                    MEF3_COUNT_NEG_INF + 1,
                                    MEF3_COUNT_POS_INF - 1,
                                    MEF3_COUNT_POS_INF,
                                    -1,
                                    0,
                                    1};

    if (signal_below(random, 8) == 0)
        return EDGES[signal_below(random, sizeof EDGES / sizeof *EDGES)];
    return (int32_t)((uint32_t)signal_random(random)) >> signal_below(random, 31);
}

static void compare(const struct convert_way *way, const int32_t *from, size_t n, double factor)
{
    double expected64[MOST], *f64 = guard_new(n * sizeof *f64);
    float expected32[MOST], *f32 = guard_new(n * sizeof *f32);
    int32_t *counts = guard_copy(from, n * sizeof *counts);

    convert_plain.to_f64(counts, n, factor, expected64);
    convert_plain.to_f32(counts, n, factor, expected32);
    way->to_f64(counts, n, factor, f64);
    way->to_f32(counts, n, factor, f32);
    assert_row(memcmp(f64, expected64, n * sizeof *f64) == 0, way->name);
    assert_row(memcmp(f32, expected32, n * sizeof *f32) == 0, way->name);
    guard_free(counts, n * sizeof *counts);
    guard_free(f32, n * sizeof *f32);
    guard_free(f64, n * sizeof *f64);
}

static void all_ways_give_the_same_bits(void **state)
{
    struct signal_random random = {7};
    int32_t counts[MOST];

    (void)state;
    for (int round = 0; round < N_ROUNDS; round++) {
        double factor = FACTOR[(size_t)round % (sizeof FACTOR / sizeof *FACTOR)];
        for (size_t i = 0; i < MOST; i++)
            counts[i] = some_count(&random);
        compare(convert_best_way(), counts, (size_t)round % (MOST + 1), factor);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_ways_give_the_same_bits),
    };

    print_message("counts to numbers: %s, against plain\n", convert_best_way()->name);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
