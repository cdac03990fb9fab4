/* fake_worker.c - the worker's end of a job channel, driven by a test. */
#include "help/fake_worker.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int fake_worker_init(struct fake_worker *worker)
{
    int ends[2];

    if (channel_pair(ends) < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0) {
        perror("fake_worker_init");
        exit(1);
    }
    worker->channel = ends[0];
    worker->job = (struct job){0};
    return ends[1];
}

void fake_worker_end(struct fake_worker *worker)
{
    if (worker->channel >= 0)
        close(worker->channel);
    worker->channel = -1;
}

bool fake_worker_take(struct fake_worker *worker)
{
    int n = channel_receive(worker->channel, worker->message, sizeof worker->message, NULL);

    return n > 0 && job_unpack(worker->message, (size_t)n, &worker->job, worker->items);
}

bool fake_worker_say(struct fake_worker *worker, const void *bytes, size_t n)
{
    return channel_send(worker->channel, bytes, n, -1) == (int)n;
}

static struct packer begin(struct fake_worker *worker, struct answer answer)
{
    struct packer p = {worker->answer, worker->answer + sizeof worker->answer, false};

    answer.job_id = worker->job.id;
    answer_pack(&p, &answer);
    return p;
}

static bool end(struct fake_worker *worker, const struct packer *p)
{
    return !p->failed && fake_worker_say(worker, worker->answer, (size_t)(p->at - worker->answer));
}

bool fake_worker_answer(struct fake_worker *worker, struct answer answer)
{
    struct packer p = begin(worker, answer);

    return end(worker, &p);
}

bool fake_worker_listed(struct fake_worker *worker, const struct listed_row *rows, uint32_t n)
{
    struct packer p = begin(worker, (struct answer){.kind = ANSWER_LISTED, .rows = {.n = n}});

    for (uint32_t i = 0; i < n; i++)
        listed_row_pack(&p, &rows[i]);
    return end(worker, &p);
}

bool fake_worker_segments(struct fake_worker *worker, uint32_t channel,
                          const struct segment_row *rows, uint32_t n)
{
    struct packer p =
        begin(worker, (struct answer){.kind = ANSWER_SEGMENTS, .rows = {.of = channel, .n = n}});

    for (uint32_t i = 0; i < n; i++)
        segment_row_pack(&p, &rows[i]);
    return end(worker, &p);
}

bool fake_worker_runs(struct fake_worker *worker, uint32_t item, const struct run_row *rows,
                      uint32_t n)
{
    struct packer p =
        begin(worker, (struct answer){.kind = ANSWER_RUNS, .rows = {.of = item, .n = n}});

    for (uint32_t i = 0; i < n; i++)
        run_row_pack(&p, &rows[i]);
    return end(worker, &p);
}

bool fake_worker_done(struct fake_worker *worker, int status, const char *text)
{
    return fake_worker_answer(
        worker, (struct answer){.kind = ANSWER_DONE, .done = {.status = status, .text = text}});
}
