/* progress.h - how far a command has come: a bar on stderr, for a person who waits.
 *
 *   struct progress bar;
 *   progress_start(&bar, "reading", n_bytes, PROGRESS_BYTES);
 *   ... progress_add(&bar, n) ...
 *   progress_end(&bar);
 *
 * Nothing is shown in the first second, and nothing ever where stderr is no terminal, where the
 * terminal is dumb, or in the background. One bar at a time. It takes one line, which is empty
 * again after progress_end.
 *
 * Threads: any number may call progress_add at once; one of them draws, none waits. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum progress_unit {
    PROGRESS_BYTES,   /* 12.3 MB/s */
    PROGRESS_SAMPLES, /* 12.3 M samples/s */
    PROGRESS_THINGS,  /* 12.3/s: sessions, files, channels */
};

struct progress {
    const char *what;
    enum progress_unit unit;
    bool is_on; /* there is somebody to see it */
    int64_t start_ns;
    _Atomic uint64_t total;
    _Atomic uint64_t done;
    _Atomic int64_t next_ns; /* not drawn again before */
    atomic_flag is_drawing;
    /* Of whoever draws. */
    int64_t drawn_ns;
    uint64_t drawn_done;
    double rate; /* a second, of late */
};

/* `what` is a word or two, and must outlive the bar; total 0: not known. */
void progress_start(struct progress *bar, const char *what, uint64_t total,
                    enum progress_unit unit);

/* n more are done. */
void progress_add(struct progress *bar, uint64_t n);

/* The total is known now, or is another one. */
void progress_set_total(struct progress *bar, uint64_t total);

/* Take the bar away. */
void progress_end(struct progress *bar);

/* Empty the bar's line, so that another line can be written there. The bar comes back with the
 * next progress_add. cli_fail does so by itself. */
void progress_make_room(void);

#endif
