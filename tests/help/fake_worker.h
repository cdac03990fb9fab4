/* help/fake_worker.h - the worker's end of a job channel, driven by a test. */
#ifndef TEST_HELP_FAKE_WORKER_H
#define TEST_HELP_FAKE_WORKER_H

#include "ipc/channel.h"
#include "ipc/job.h"

struct fake_worker {
    int channel;    /* -1: gone */
    struct job job; /* the one at hand; points into `message` and `items` */
    struct job_item items[JOB_MAX_ITEMS];
    uint8_t message[CHANNEL_MAX];
    uint8_t answer[CHANNEL_MAX];
};

/* Make a channel: this end is the worker's, the other's descriptor is returned.
 * Ends the program on failure. */
int fake_worker_init(struct fake_worker *worker);

/* Like a worker that ends. */
void fake_worker_end(struct fake_worker *worker);

/* A job is there: worker->job. Does not wait. */
bool fake_worker_take(struct fake_worker *worker);

/* Answer the job at hand. False: the channel is gone, or full. */
bool fake_worker_answer(struct fake_worker *worker, struct answer answer);
bool fake_worker_listed(struct fake_worker *worker, const struct listed_row *rows, uint32_t n);
bool fake_worker_segments(struct fake_worker *worker, uint32_t channel,
                          const struct segment_row *rows, uint32_t n);
bool fake_worker_runs(struct fake_worker *worker, uint32_t item, const struct run_row *rows,
                      uint32_t n);
bool fake_worker_done(struct fake_worker *worker, int status, const char *text);

/* Send bytes, whatever they are. */
bool fake_worker_say(struct fake_worker *worker, const void *bytes, size_t n);

#endif
