/* test_red_sum.c - differences to samples: every way as the plain one, to the symbol. */
#include "red_lanes.h"

#include <string.h>

#include "bytes.h"
#include "help/guard.h"
#include "help/signal.h"
#include "help/test.h"

enum { MOST = 400, N_ROUNDS = 3000 };

/* Symbols of which `escapes` in sixteen are escapes, in step with the samples or not:
 * a sample's own bytes may look like one. */
static void make(struct signal_random *random, uint8_t *symbols, size_t n, uint32_t escapes)
{
    for (size_t i = 0; i < n; i++) {
        bool is_escape = signal_below(random, 16) < escapes;
        symbols[i] = is_escape ? RED_ESCAPE : (uint8_t)signal_random(random);
    }
}

/* What a way made, and where it stopped. */
struct made {
    int32_t samples[MOST];
    size_t n;
    size_t at;
    uint32_t value;
};

static void sum_with(red_sum_fn *fn, const uint8_t *symbols, size_t n_symbols, size_t n_samples,
                     struct made *made)
{
    struct red_sum sum = {symbols, symbols + n_symbols, 0xFFFFFF00};
    int32_t *samples = guard_new(n_samples * sizeof *samples);

    made->n = fn(&sum, samples, n_samples);
    memcpy(made->samples, samples, made->n * sizeof *samples);
    made->at = (size_t)(sum.at - symbols);
    made->value = sum.value;
    guard_free(samples, n_samples * sizeof *samples);
}

static void compare(const uint8_t *from, size_t n_symbols, size_t n_samples)
{
    uint8_t *symbols = guard_copy(from, n_symbols);
    struct made plain, other;
    const struct red_way *way;

    sum_with(red_sum_plain, symbols, n_symbols, n_samples, &plain);
    for (size_t i = 0; (way = red_way(i)); i++) {
        sum_with(way->sum, symbols, n_symbols, n_samples, &other);
        assert_row(other.n == plain.n && other.at == plain.at && other.value == plain.value,
                   way->name);
        assert_row(memcmp(other.samples, plain.samples, plain.n * sizeof *plain.samples) == 0,
                   way->name);
    }
    guard_free(symbols, n_symbols);
}

static void all_ways_make_the_same_samples_and_stop_at_the_same_symbol(void **state)
{
    struct signal_random random = {11};
    uint8_t symbols[MOST];

    (void)state;
    for (uint32_t round = 0; round < N_ROUNDS; round++) {
        make(&random, symbols, MOST, round % 17);
        compare(symbols, signal_below(&random, MOST + 1), signal_below(&random, MOST + 1));
    }
}

static void every_length_is_done_to_its_end(void **state)
{
    struct signal_random random = {12};
    uint8_t symbols[MOST];

    (void)state;
    for (uint32_t escapes = 0; escapes <= 16; escapes += 4) {
        make(&random, symbols, MOST, escapes);
        for (size_t n = 0; n <= 160; n++)
            compare(symbols, n, n);
    }
}

static void sums_wrap_around_and_escapes_set_them(void **state)
{
    static const uint8_t SYMBOLS[] = {1,    RED_ESCAPE, 0xFF, 0xFF,       0xFF,
                                      0x7F, 1,          0xFF, RED_ESCAPE, 9};
    struct made made;
    const struct red_way *way;

    (void)state;
    for (size_t i = 0; (way = red_way(i)); i++) {
        sum_with(way->sum, SYMBOLS, sizeof SYMBOLS, MOST, &made);
        assert_int_equal(made.n, 4);
        assert_int_equal(made.at, 8); /* the escape whose sample is cut off */
        assert_int_equal(made.samples[0], -255);
        assert_int_equal(made.samples[1], INT32_MAX);
        assert_int_equal(made.samples[2], INT32_MIN);
        assert_int_equal(made.samples[3], INT32_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_ways_make_the_same_samples_and_stop_at_the_same_symbol),
        cmocka_unit_test(every_length_is_done_to_its_end),
        cmocka_unit_test(sums_wrap_around_and_escapes_set_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
