/* window.h - what a read asks for, checked against the recording that it names. */
#ifndef SERVICE_WINDOW_H
#define SERVICE_WINDOW_H

#include "service/state.h"

/* As the client put it. */
struct request {
    bool is_page;
    int64_t page;       /* of the grid */
    int64_t start_uutc; /* the rest: a range */
    int64_t end_uutc;
    char **names; /* of channels; none: all */
    size_t n_names;
};

/* Samples of some channels, of one rate, over some time. */
struct window {
    struct recording *recording; /* a reference of it */
    uint32_t *channels;          /* places; a channel may occur twice */
    const char **names;          /* of these channels */
    size_t n_channels;
    int64_t start_uutc;
    int64_t end_uutc;
    int64_t n_samples; /* of each channel */
    int64_t samples_a_message;
    double rate_hz;
    bool is_double;
    enum reply_kind refusal; /* where window_resolve says MEF3_EINVAL */
};

/* What the request means for an open path. MEF3_EINVAL: it makes no sense, and
 * `error` says why to the client; MEF3_ENOMEM. Either way the window is to be
 * finished with window_fini. */
int window_resolve(struct window *window, const struct request *request, const struct entry *entry,
                   struct text *error);
void window_fini(struct window *window, struct service *service);

/* The times at which sample `at` of the window begins for a message's sake: the
 * window's span divided in proportion to its samples. */
int64_t window_time(const struct window *window, int64_t at);

#endif
