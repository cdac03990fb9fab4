/* line.h - who waits for memory: first come, first served. */
#ifndef CACHE_LINE_H
#define CACHE_LINE_H

#include "base/soon.h"

/* `retry` is called when memory may be had again. It may wait once more and then
 * keeps its place; it must not free the wait. */
struct memory_wait {
    TAILQ_ENTRY(memory_wait) link;
    bool waiting;
    void (*retry)(struct memory_wait *wait);
};

struct line {
    TAILQ_HEAD(, memory_wait) waits;
    bool feeding; /* whoever asks now is the first in line */
    struct soon *soon;
    struct soon_task feed;
    uint64_t n_waits; /* that there have been */
};

void line_init(struct line *line, struct soon *soon);
void line_fini(struct line *line);

/* Others wait: who comes now is not served before them. */
bool line_is_closed(const struct line *line);
void line_join(struct line *line, struct memory_wait *wait);
void line_leave(struct line *line, struct memory_wait *wait);

/* There may be memory: have those who wait try again, soon. */
void line_feed(struct line *line);

#endif
