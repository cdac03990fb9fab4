/* ahead_window.h - one window that is read ahead, a few jobs at a time. */
#ifndef SERVICE_AHEAD_WINDOW_H
#define SERVICE_AHEAD_WINDOW_H

#include "service/ahead_policy.h"
#include "service/state.h"

/* What is read, whichever the window. */
struct ahead_rows {
    struct client client;
    struct recording *recording; /* no reference: see ahead_forget_recording */
    uint32_t *channels;          /* places, all of one rate */
    size_t n_channels;
    double rate_hz;
    int64_t samples_a_message; /* windows are read in the order of their messages */
};

struct ahead_window {
    TAILQ_ENTRY(ahead_window) link;
    struct ahead_span span; /* the policy's */
    struct decode_wish wish;
    int64_t start_uutc;
    int64_t n_samples;
    /* How far it is asked for: first sample of the message, row, place in the message. */
    int64_t slice;
    size_t row;
    int64_t at;
    size_t n_bytes; /* memory that was taken for it */
    bool is_cut;    /* there was no memory for more */
};

/* NULL: it cannot be counted in samples, or there is no memory. */
struct ahead_window *ahead_window_new(const struct ahead_rows *rows, struct ahead_span span,
                                      int64_t start_uutc, int64_t end_uutc);
/* What is still to be decoded for it is taken back, where nobody else wants it. */
void ahead_window_free(struct ahead_window *window, struct service *service);

/* All of it is asked for, or as much as there is memory for. */
bool ahead_window_is_asked(const struct ahead_window *window);

/* Ask for the next part: about a job's worth, and no more than `most_bytes` of new
 * memory for the whole window. False: the runs of the recording are not known yet,
 * and `wait` waits for them. */
bool ahead_window_ask(struct ahead_window *window, const struct ahead_rows *rows,
                      struct service *service, size_t most_bytes, struct runs_wait *wait);

#endif
