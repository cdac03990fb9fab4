/* line.c - who waits for memory: first come, first served. */
#include "cache/line.h"

#include "base/container.h"

static void take_out(struct line *line, struct memory_wait *wait)
{
    wait->waiting = false;
    TAILQ_REMOVE(&line->waits, wait, link);
}

/* Serve who waits, first come first, until one finds too little. */
static void feed(struct soon_task *task)
{
    struct line *line = CONTAINER_OF(task, struct line, feed);
    struct memory_wait *wait;

    while ((wait = TAILQ_FIRST(&line->waits))) {
        take_out(line, wait);
        line->feeding = true;
        wait->retry(wait);
        line->feeding = false;
        if (wait->waiting) { /* again: it keeps its place */
            TAILQ_REMOVE(&line->waits, wait, link);
            TAILQ_INSERT_HEAD(&line->waits, wait, link);
            return;
        }
    }
}

bool line_is_closed(const struct line *line)
{
    return !TAILQ_EMPTY(&line->waits) && !line->feeding;
}

void line_join(struct line *line, struct memory_wait *wait)
{
    if (wait->waiting)
        return;
    wait->waiting = true;
    line->n_waits += !line->feeding;
    TAILQ_INSERT_TAIL(&line->waits, wait, link);
}

void line_leave(struct line *line, struct memory_wait *wait)
{
    if (!wait->waiting)
        return;
    take_out(line, wait);
    line_feed(line); /* the next may need less */
}

void line_feed(struct line *line)
{
    if (!TAILQ_EMPTY(&line->waits))
        soon_call(line->soon, &line->feed);
}

void line_init(struct line *line, struct soon *soon)
{
    TAILQ_INIT(&line->waits);
    line->soon = soon;
    line->feed.run = feed;
}

void line_fini(struct line *line)
{
    soon_cancel(line->soon, &line->feed);
}
