/* help/service_bench.h - the service with all it stands on, and workers that are
 * played by the test: one process, one loop, nothing on disk. */
#ifndef TEST_HELP_SERVICE_BENCH_H
#define TEST_HELP_SERVICE_BENCH_H

#include "help/fake_recording.h"
#include "service/state.h"

enum { BENCH_WORKERS = 3 };

/* Who asks, where the test does not say. */
static const struct client BENCH_CLIENT = {.number = 1};

struct bench {
    uv_loop_t loop;
    struct soon soon;
    int32_t *write; /* the arena, as workers see it */
    const int32_t *arena;
    size_t arena_bytes;
    struct service_parts parts;
    struct service *service;
    struct fake_worker worker[BENCH_WORKERS];
    const struct fake_recording *recordings;
    uint32_t n_recordings;

    /* The script. */
    struct client client; /* who reads from now on */
    bool is_held;         /* workers take no job */
    unsigned n_kill;      /* so many of the next jobs end their worker */
    uint32_t kinds;       /* of jobs that end workers, as a mask; 0: all */
    int64_t kill_at;      /* those that decode this sample of a segment end theirs; 0: none */
    int fail_status;      /* jobs but for opening end so, if not 0 */
    const char *fail_text;
    size_t n_told;                       /* bytes that JOB_TELL is answered with, numbered, */
    bool tells_part;                     /* from 100 times the number of the part on */
    bool is_large;                       /* recordings are */
    const struct fake_refusal *refusals; /* of each channel; NULL: none */

    /* What happened. */
    unsigned n_jobs[JOB_TELL + 1]; /* by kind */
    uint32_t n_items_asked;        /* of the last JOB_TELL */
    uint64_t n_decoded;            /* samples */
    unsigned n_killed;             /* workers */
};

/* For cmocka: *state is the bench. The recordings are set by the test. */
int bench_set_up(void **state);
int bench_tear_down(void **state);

/* A service with other limits, on an arena of another size, in place of the one
 * that is there; nothing may be open. */
void bench_restart(struct bench *bench, size_t arena_bytes, size_t max_open, size_t max_reads,
                   bool damage_is_error);

/* Until nothing more happens. */
void bench_run(struct bench *bench);
/* One turn of the loop, and at most one job of each worker. */
bool bench_step(struct bench *bench);

/* A ready_fn: sets the bool that it is given. */
void bench_flag(void *arg);

/* Opens a path and says how that ended. The info's texts are the service's. */
struct opened {
    enum pull pull; /* HERE or END */
    enum outcome outcome;
    struct file_info info;
};
struct opened bench_open(struct bench *bench, const char *path);

/* Somebody who reads. */
struct reader {
    struct bench *bench;
    struct read *read;
    bool is_ready; /* it is worth pulling */
    bool has_ended;
    bool is_slow; /* pulls only when it is told to */
    enum outcome outcome;
    char error[512];
    unsigned n_messages; /* with samples */
    size_t n_channels;
    int64_t n;       /* samples of each channel, */
    int64_t room;    /* and for how many there is room */
    double **values; /* of each channel */
    bool is_double;
    int64_t start_uutc, end_uutc; /* of the first and last message */
};

void reader_page(struct reader *reader, struct bench *bench, const char *path, int64_t page);
void reader_range(struct reader *reader, struct bench *bench, const char *path,
                  const char *const *names, size_t n_names, int64_t start_uutc, int64_t end_uutc);
/* Takes what there is; at most `most` messages. */
void reader_pull(struct reader *reader, unsigned most);
/* Takes a message, its values too, and keeps it: to be released by the test. NULL:
 * there is none. */
const struct message *reader_hold(struct reader *reader);
/* Runs the bench until all have ended. Fails when nothing moves before that. */
void readers_finish(struct bench *bench, struct reader *readers, size_t n);
void reader_free(struct reader *reader);

/* The samples are those of the window [start_uutc, end_uutc) of these channels. */
void reader_check(const struct reader *reader, const struct fake_recording *recording,
                  const uint32_t *channels, size_t n_channels, int64_t start_uutc,
                  int64_t end_uutc);

#endif
