/* catalogue.c - what there is in a recording is asked of the workers, and collected. */
#include "service/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/passwords.h"
#include "service/state.h"

/* Reading the metadata of so many segments takes a worker a millisecond or two. */
enum { SEGMENTS_A_JOB = 64 };
/* So many jobs for each worker wait or are under way: what else there is to do for the
 * same client need not wait for all of them. */
enum { JOBS_A_WORKER = 2 };

/* Why a recording cannot be served. */
struct refusal {
    char *damage; /* NULL: none */
    uint32_t channel;
    bool is_locked; /* some channel is */
};

struct catalogue {
    struct service *service;
    const struct catalogue_ops *ops; /* NULL: `done` was called; only jobs are left */
    void *arg;
    uint64_t client;
    char *password; /* NULL: the workers' own */
    uint64_t opening;
    struct recording *recording;
    struct refusal refusal;
    struct listed_row *listed;
    size_t n_listed;
    size_t n_given; /* of them: given to jobs */
    size_t n_jobs;  /* not done yet; the last one frees all */
    char path[];
};

struct part {
    struct pool_job job;
    struct catalogue *catalogue;
    bool nonsense;               /* a worker's answers made no sense */
    struct recording *recording; /* its channels */
    struct refusal refusal;
    struct listed_row *listed; /* of JOB_OPEN */
    size_t n_listed;
    struct job_item items[SEGMENTS_A_JOB];
};

static struct part *part_of(struct pool_job *job)
{
    return CONTAINER_OF(job, struct part, job);
}

static bool is_wanted(struct pool_job *job)
{
    const struct catalogue *catalogue = part_of(job)->catalogue;

    return catalogue->ops && catalogue->ops->wanted(catalogue->arg);
}

static void forget_answers(struct part *part)
{
    recording_free(part->recording);
    free(part->refusal.damage);
    free(part->listed);
    part->recording = NULL;
    part->refusal = (struct refusal){0};
    part->listed = NULL;
    part->n_listed = 0;
}

static void on_start(struct pool_job *job)
{
    struct part *part = part_of(job);

    forget_answers(part);
    part->recording = recording_new();
    part->nonsense = !part->recording;
    if (!part->nonsense && job->message.kind == JOB_METADATA)
        part->nonsense = !recording_expect(part->recording, job->message.n_items);
}

static bool add_listed(struct part *part, struct answer_rows rows)
{
    size_t n = part->n_listed + rows.n;

    if (part->job.message.kind != JOB_OPEN || n > part->recording->n_announced)
        return false;
    if (rows.n == 0)
        return true;
    struct listed_row *listed = realloc(part->listed, n * sizeof *listed);
    if (!listed)
        return false;
    part->listed = listed;
    while (part->n_listed < n)
        listed[part->n_listed++] = listed_row_unpack(&rows.rows);
    return true;
}

/* A channel that cannot be served. The first damaged one is told of. */
static bool add_refusal(struct part *part, const struct answer_item *item)
{
    struct refusal *refusal = &part->refusal;

    if (item->status == MEF3_EPASSWORD) {
        refusal->is_locked = true;
        return true;
    }
    if (refusal->damage)
        return true;
    refusal->damage = strdup(item->text);
    refusal->channel = item->item;
    return refusal->damage != NULL;
}

static bool was_asked_for(const struct part *part, uint32_t channel)
{
    for (uint32_t i = 0; i < part->job.message.n_items; i++)
        if (part->items[i].channel == channel)
            return true;
    return part->job.message.kind == JOB_OPEN;
}

static bool add(struct part *part, const struct answer *answer)
{
    switch ((enum answer_kind)answer->kind) {
    case ANSWER_LISTED:
        return add_listed(part, answer->rows);
    case ANSWER_ITEM:
        return add_refusal(part, &answer->item);
    case ANSWER_SESSION:
        return part->job.message.kind == JOB_OPEN && recording_add(part->recording, answer);
    case ANSWER_CHANNEL:
        return was_asked_for(part, answer->channel.channel) &&
               recording_add(part->recording, answer);
    case ANSWER_SEGMENTS:
        return recording_add(part->recording, answer);
    case ANSWER_RUNS:
    case ANSWER_DAMAGE:
    case ANSWER_BYTES:
    case ANSWER_DONE:
    case ANSWER_HELLO:
        break;
    }
    return false;
}

static void on_answer(struct pool_job *job, const struct answer *answer)
{
    struct part *part = part_of(job);

    if (!part->nonsense && !add(part, answer))
        part->nonsense = true;
}

/* Tell how it ended; the recording, if there is one, goes along. */
static void end(struct catalogue *catalogue, struct recording *recording, enum outcome outcome,
                const char *error)
{
    const struct catalogue_ops *ops = catalogue->ops;

    catalogue->ops = NULL;
    if (recording)
        catalogue->recording = NULL;
    ops->done(catalogue->arg, recording, outcome, error, catalogue->refusal.is_locked);
}

static void end_with_text(struct catalogue *catalogue, const char *what, const char *why)
{
    struct text text = {0};

    text_add(&text, "%s: %s%s%s", what, catalogue->path, why ? ": " : "", why ? why : "");
    if (text.bytes)
        end(catalogue, NULL, OUTCOME_DONE, text.bytes);
    else
        end(catalogue, NULL, OUTCOME_EXHAUSTED, NULL);
    text_fini(&text);
}

/* All answers are here. */
static void conclude(struct catalogue *catalogue)
{
    struct recording *recording = catalogue->recording;

    if (catalogue->refusal.damage) {
        end_with_text(catalogue, "Damaged recording", catalogue->refusal.damage);
    } else if (recording->n_channels == 0) {
        end_with_text(catalogue,
                      catalogue->refusal.is_locked
                          ? "The recording is encrypted and its password is missing or wrong"
                          : "The recording has no channels with data",
                      NULL);
    } else if (!recording_finish(recording)) {
        end(catalogue, NULL, OUTCOME_INTERNAL, NULL);
    } else {
        recording->opening = catalogue->opening;
        recording->is_locked = catalogue->refusal.is_locked;
        recording->password = catalogue->password;
        catalogue->password = NULL;
        end(catalogue, recording, OUTCOME_DONE, NULL);
    }
}

static void release(struct catalogue *catalogue)
{
    if (--catalogue->n_jobs > 0)
        return;
    if (catalogue->ops)
        conclude(catalogue);
    recording_free(catalogue->recording);
    free(catalogue->refusal.damage);
    free(catalogue->listed);
    password_free(catalogue->password);
    free(catalogue);
}

static void on_done(struct pool_job *job, int status, const char *text);

static const struct pool_job_ops PART_OPS = {is_wanted, on_start, on_answer, on_done};

static struct part *part_new(struct catalogue *catalogue, enum job_kind kind)
{
    struct part *part = calloc(1, sizeof *part);

    if (!part)
        return NULL;
    part->catalogue = catalogue;
    part->job.ops = &PART_OPS;
    part->job.client = catalogue->client;
    part->job.message = (struct job){.kind = kind,
                                     .path = catalogue->path,
                                     .opening = catalogue->opening,
                                     .password = catalogue->password,
                                     .items = part->items};
    return part;
}

/* A job on the next few channels of the list. NULL: out of memory. */
static struct part *next_part(struct catalogue *catalogue)
{
    struct part *part = part_new(catalogue, JOB_METADATA);
    uint64_t n_segments = 0;

    if (!part)
        return NULL;
    part->job.message.path = catalogue->recording->canonical;
    part->job.message.identity = catalogue->recording->identity;
    while (catalogue->n_given < catalogue->n_listed) {
        const struct listed_row *row = &catalogue->listed[catalogue->n_given];
        n_segments += row->n_segments;
        if (part->job.message.n_items > 0 && n_segments > SEGMENTS_A_JOB)
            break;
        part->items[part->job.message.n_items++].channel = row->channel;
        catalogue->n_given++;
        if (part->job.message.n_items == SEGMENTS_A_JOB)
            break;
    }
    return part;
}

static void submit(struct catalogue *catalogue, struct part *part)
{
    catalogue->n_jobs++;
    pool_submit(catalogue->service->parts.pool, &part->job, POOL_NOW);
}

/* Keep the workers busy with what is left. The caller holds the catalogue: a job may be
 * over before its submission is. */
static void give_out(struct catalogue *catalogue)
{
    size_t most = JOBS_A_WORKER * pool_size(catalogue->service->parts.pool);

    while (catalogue->ops && catalogue->n_given < catalogue->n_listed &&
           catalogue->n_jobs - 1 < most) {
        struct part *part = next_part(catalogue);
        if (part)
            submit(catalogue, part);
        else
            end(catalogue, NULL, OUTCOME_EXHAUSTED, NULL);
    }
}

/* What a part found becomes the catalogue's. */
static bool take(struct catalogue *catalogue, struct part *part)
{
    struct refusal *all = &catalogue->refusal, *its = &part->refusal;

    all->is_locked |= its->is_locked;
    if (its->damage && (!all->damage || its->channel < all->channel)) {
        free(all->damage);
        all->damage = its->damage;
        all->channel = its->channel;
        its->damage = NULL;
    }
    if (part->job.message.kind == JOB_METADATA)
        return recording_take_channels(catalogue->recording, part->recording);
    if (!part->recording->canonical)
        return false;
    catalogue->recording = part->recording;
    catalogue->listed = part->listed;
    catalogue->n_listed = part->n_listed;
    part->recording = NULL;
    part->listed = NULL;
    return true;
}

static void on_done(struct pool_job *job, int status, const char *text)
{
    struct part *part = part_of(job);
    struct catalogue *catalogue = part->catalogue;

    if (!catalogue->ops)
        ; /* it failed before */
    else if (status == POOL_DROPPED || status == POOL_UNAVAILABLE)
        end(catalogue, NULL, OUTCOME_UNAVAILABLE, NULL);
    else if (status == POOL_LOST)
        end(catalogue, NULL, OUTCOME_DONE,
            "Damaged recording: opening it ended one worker after another");
    else if (status != MEF3_OK)
        end(catalogue, NULL, OUTCOME_DONE, text[0] ? text : mef3_status_text(status));
    else if (part->nonsense || !take(catalogue, part))
        end(catalogue, NULL, OUTCOME_INTERNAL, NULL);
    forget_answers(part);
    free(part);
    give_out(catalogue);
    release(catalogue);
}

bool catalogue_start(struct service *service, uint64_t client, const char *path,
                     const char *password, const struct catalogue_ops *ops, void *arg)
{
    struct catalogue *catalogue = calloc(1, sizeof *catalogue + strlen(path) + 1);

    if (!catalogue)
        return false;
    *catalogue = (struct catalogue){
        .service = service,
        .ops = ops,
        .arg = arg,
        .client = client,
        .opening = ++service->last_opening,
    };
    strcpy(catalogue->path, path);
    catalogue->password = password ? strdup(password) : NULL;
    struct part *part = password && !catalogue->password ? NULL : part_new(catalogue, JOB_OPEN);
    if (!part) {
        password_free(catalogue->password);
        free(catalogue);
        return false;
    }
    submit(catalogue, part);
    return true;
}
