/* status.h - /api/v1/status: the numbers of /metrics as JSON, now and in the last five minutes,
 * and what is told one by one. */
#ifndef HTTP_STATUS_H
#define HTTP_STATUS_H

#include <stddef.h>

struct guests;
struct lately;
struct metrics_from;
struct pool;
struct service;
struct status_history;

/* Who tells what is told one by one. */
struct status_from {
    const struct pool *pool;
    const struct service *service;
    const struct lately *lately;
    const struct guests *guests;
};

/* A row of numbers every STATUS_STEP_S seconds, STATUS_ROWS of them: five minutes. */
enum { STATUS_STEP_S = 5, STATUS_ROWS = 60 };

/* NULL: out of memory. */
struct status_history *status_history_new(void);
void status_history_free(struct status_history *history);

/* Called once a second, or so; `now_s` since 1970. */
void status_history_tick(struct status_history *history, const struct metrics_from *from,
                         double now_s);

/* The page, of *n_out bytes, to be freed by the caller. NULL: out of memory. */
char *status_page(const struct status_history *history, const struct status_from *rooms,
                  const struct metrics_from *from, double now_s, size_t *n_out);

#endif
