/* signal.h - made-up samples for tests and benchmarks: the same on every run. */
#ifndef TEST_HELP_SIGNAL_H
#define TEST_HELP_SIGNAL_H

#include <stddef.h>
#include <stdint.h>

/* A stream of random numbers; any value seeds it. */
struct signal_random {
    uint64_t state;
};
uint64_t signal_random(struct signal_random *random);
uint32_t signal_below(struct signal_random *random, uint32_t n); /* 0 .. n - 1 */

/* X(name, usual samples a block, step, text): a random walk whose steps are about
 * normal with deviation `step`. The wider the steps, the more of them do not fit
 * a byte: about 1.0, 2.5 and 4.4 difference bytes a sample. */
/* clang-format off */
#define SIGNAL_KINDS(X) \
    X(QUIET, 1000,   20, "8 kHz iEEG, blocks of 1000") \
    X(EEG,   10000, 143, "256 Hz EEG, blocks of 10000") \
    X(NOISY, 8000,  671, "2 kHz noisy, blocks of 8000")
/* clang-format on */

enum signal_kind {
#define SIGNAL_ENUM(name, samples, step, text) SIGNAL_##name,
    SIGNAL_KINDS(SIGNAL_ENUM)
#undef SIGNAL_ENUM
        N_SIGNAL_KINDS
};

struct signal_info {
    uint32_t block_samples;
    double step;
    const char *text;
};
extern const struct signal_info signal_info[N_SIGNAL_KINDS];

void signal_fill(enum signal_kind kind, struct signal_random *random, int32_t *samples_out,
                 size_t n);

#endif
