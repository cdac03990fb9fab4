/* look.c - whether an open recording changed on disk is asked of a worker: JOB_LOOK.
 *
 * Only when somebody asks for the recording, and not again for a while. */
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "service/look.h"
#include "service/state.h"

struct look {
    struct pool_job job;
    struct service *service;
    struct recording *recording;
    const struct look_ops *ops;
    void *arg;
    uint64_t since_ms;
    enum look_found found;
    char path[];
};

static struct look *look_of(struct pool_job *job)
{
    return CONTAINER_OF(job, struct look, job);
}

bool look_is_due(const struct recording *recording)
{
    return !recording->stale && service_now_ms() >= recording->look_due_ms;
}

static bool is_wanted(struct pool_job *job)
{
    return look_of(job)->ops->wanted(look_of(job)->arg);
}

static void on_start(struct pool_job *job)
{
    look_of(job)->found = LOOK_GONE; /* until an answer says otherwise */
}

static void on_answer(struct pool_job *job, const struct answer *answer)
{
    struct look *look = look_of(job);
    const struct recording *recording = look->recording;
    const struct answer_session *session = &answer->session;

    if (answer->kind != ANSWER_SESSION || session->fingerprint == 0)
        return;
    look->found = session->fingerprint == recording->fingerprint &&
                          strcmp(session->canonical, recording->canonical) == 0
                      ? LOOK_SAME
                      : LOOK_CHANGED;
}

static void on_done(struct pool_job *job, int status, const char *text)
{
    struct look *look = look_of(job);
    /* Without a worker's word nothing has changed. */
    bool was_told = status != POOL_LOST && status != POOL_DROPPED && status != POOL_UNAVAILABLE;

    (void)text;
    if (was_told && look->found == LOOK_SAME) {
        look->recording->look_due_ms = look->since_ms + look->service->parts.look_ms;
        look->recording->n_puzzling = 0;
    }
    look->ops->done(look->arg, was_told ? look->found : LOOK_SAME);
    recording_unref(look->service, look->recording);
    free(look);
}

static const struct pool_job_ops LOOK_OPS = {is_wanted, on_start, on_answer, on_done};

bool look_start(struct service *service, const char *path, struct recording *recording,
                const struct look_ops *ops, void *arg)
{
    struct look *look = calloc(1, sizeof *look + strlen(path) + 1);

    if (!look)
        return false;
    *look = (struct look){
        .service = service,
        .recording = recording,
        .ops = ops,
        .arg = arg,
        .since_ms = service_now_ms(),
    };
    strcpy(look->path, path);
    recording_ref(recording);
    look->job.ops = &LOOK_OPS;
    look->job.message = (struct job){.kind = JOB_LOOK, .path = look->path};
    /* It is nobody's, and so has a turn of its own: it is short, and others wait for it. */
    service->n_looks++;
    pool_submit(service->parts.pool, &look->job, POOL_NOW);
    return true;
}
