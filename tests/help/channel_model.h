/* channel_model.h - what a channel should hold: runs of samples, as the calls that appended them
 * say. */
#ifndef TEST_HELP_CHANNEL_MODEL_H
#define TEST_HELP_CHANNEL_MODEL_H

#include <mef3/mef3.h>

/* Samples that follow one another on the clock. */
struct model_run {
    int64_t start_uutc;
    size_t first; /* place in the counts */
    size_t n;
    bool is_cut; /* it begins a segment */
};

struct model {
    double rate_hz;
    int32_t *counts; /* of all runs, one after another */
    size_t n;
    struct model_run *runs;
    size_t n_runs;
    bool is_cut; /* the next sample begins a run whatever its time */
};

/* When the next sample would come; 0 while there is none. */
int64_t model_end(const struct model *model);

/* What mef3_writer_append promises to do. */
void model_append(struct model *model, int64_t start_uutc, const int32_t *counts, size_t n);

/* Only the first n samples are there. */
void model_cut(struct model *model, size_t n);

/* Whether a channel of a session holds just that: exits with a message where it does not. */
void model_check(const struct model *model, struct mef3_session *session, size_t channel);

/* Whether it holds, of that, the first samples, and no fewer than `least` of them; of its headers
 * nothing is believed. How many there are. */
size_t model_check_growing(const struct model *model, struct mef3_session *session, size_t channel,
                           size_t least);

/* Samples of a channel that a session holds. */
size_t model_count(struct mef3_session *session, size_t channel);

void model_fini(struct model *model);

/* Say what is wrong, and exit. */
__attribute__((format(printf, 1, 2), noreturn)) void model_fail(const char *format, ...);

#endif
