/* signal.c - made-up samples for tests and benchmarks: the same on every run. */
#include "signal.h"

#include <math.h>

const struct signal_info signal_info[N_SIGNAL_KINDS] = {
#define SIGNAL_INFO(name, samples, step, text) {samples, step, text},
    SIGNAL_KINDS(SIGNAL_INFO)
#undef SIGNAL_INFO
};

/* splitmix64 */
uint64_t signal_random(struct signal_random *random)
{
    uint64_t x = random->state += 0x9E3779B97F4A7C15u;

    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

uint32_t signal_below(struct signal_random *random, uint32_t n)
{
    return (uint32_t)((signal_random(random) >> 32) * n >> 32);
}

/* The sum of twelve even numbers is about normal, with deviation 1. */
static double normal(struct signal_random *random)
{
    double sum = -6;

    for (int i = 0; i < 12; i++)
        sum += (double)(signal_random(random) >> 11) * 0x1p-53;
    return sum;
}

void signal_fill(enum signal_kind kind, struct signal_random *random, int32_t *samples_out,
                 size_t n)
{
    double x = 0;

    for (size_t i = 0; i < n; i++) {
        /* Drawn back a little, so that it never leaves the counts. */
        x = 0.9999 * x + signal_info[kind].step * normal(random);
        samples_out[i] = (int32_t)lround(x);
    }
}
