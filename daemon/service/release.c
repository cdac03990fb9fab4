/* release.c - memory of the arena goes back to the machine: JOB_RELEASE.
 *
 * The server cannot write to the arena, so it cannot punch holes in it either: a
 * worker does. One job at a time, behind all others. */
#include <stdlib.h>

#include "base/container.h"
#include "service/state.h"

enum { PIECES_A_JOB = 512 };

struct release_job {
    struct pool_job job;
    struct service *service;
    struct cache_piece pieces[PIECES_A_JOB];
    struct job_item items[PIECES_A_JOB];
};

static bool is_wanted(struct pool_job *job)
{
    (void)job;
    return true;
}

static void on_start(struct pool_job *job)
{
    (void)job;
}

static void on_answer(struct pool_job *job, const struct answer *answer)
{
    (void)job;
    (void)answer;
}

/* However it ended: the pieces can be used again. */
static void on_done(struct pool_job *job, int status, const char *text)
{
    struct release_job *release = CONTAINER_OF(job, struct release_job, job);
    struct service *service = release->service;

    (void)text;
    cache_left(service->parts.cache, release->pieces, job->message.n_items);
    free(release);
    service->is_releasing = false;
    if (status == MEF3_OK)
        release_soon(service);
}

static const struct pool_job_ops RELEASE_OPS = {is_wanted, on_start, on_answer, on_done};

static void release_some(struct soon_task *task)
{
    struct service *service = CONTAINER_OF(task, struct service, release);
    struct release_job *release = service->is_releasing ? NULL : calloc(1, sizeof *release);

    if (!release)
        return;
    size_t n = cache_leaving(service->parts.cache, release->pieces, PIECES_A_JOB);
    if (n == 0) {
        free(release);
        return;
    }
    for (size_t i = 0; i < n; i++)
        release->items[i] = (struct job_item){
            .n_samples = (uint32_t)(cache_piece_bytes(&release->pieces[i]) / sizeof(int32_t)),
            .arena_offset = release->pieces[i].offset};
    release->service = service;
    release->job.ops = &RELEASE_OPS;
    release->job.message = (struct job){
        .kind = JOB_RELEASE, .path = "", .n_items = (uint32_t)n, .items = release->items};
    service->is_releasing = true;
    pool_submit(service->parts.pool, &release->job, POOL_AHEAD);
}

void release_init(struct service *service)
{
    service->release.run = release_some;
}

void release_soon(struct service *service)
{
    soon_call(service->parts.soon, &service->release);
}
