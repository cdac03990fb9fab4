/* index.c - the runs of segments are learned, when they are needed. */
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/log.h"
#include "service/plan.h"
#include "service/state.h"

/* Small, so that all workers share a page's worth of channels. */
enum { SEGMENTS_A_JOB = 16 };
/* An unreadable index is tried again after this. */
enum { RETRY_MS = 10000 };
/* But not while the job that found it so is under way. */
#define NOT_BEFORE_DONE UINT64_MAX

struct index_job {
    struct pool_job job;
    struct service *service;
    struct recording *recording;
    struct segment *segments[SEGMENTS_A_JOB];
    struct job_item items[SEGMENTS_A_JOB];
};

static struct index_job *job_of(struct pool_job *job)
{
    return CONTAINER_OF(job, struct index_job, job);
}

static bool is_wanted(struct pool_job *job)
{
    return !LIST_EMPTY(&job_of(job)->recording->waits);
}

static void set_all(struct index_job *index, enum runs_state from, enum runs_state to)
{
    for (uint32_t i = 0; i < index->job.message.n_items; i++)
        if (index->segments[i]->state == from)
            index->segments[i]->state = to;
}

static void count_runs(struct index_job *index, size_t before, size_t now)
{
    index->recording->n_runs += now - before;
    index->service->n_runs += now - before;
}

static void on_start(struct pool_job *job)
{
    struct index_job *index = job_of(job);

    for (uint32_t i = 0; i < job->message.n_items; i++) {
        count_runs(index, index->segments[i]->n_runs, 0);
        free(index->segments[i]->runs);
        index->segments[i]->runs = NULL;
        index->segments[i]->n_runs = 0;
        index->segments[i]->state = RUNS_ASKED;
    }
}

static const char *channel_name(const struct recording *recording, const struct segment *segment)
{
    for (size_t i = 0; i < recording->n_channels; i++) {
        const struct channel *channel = &recording->channels[i];
        if (segment >= channel->segments && segment < channel->segments + channel->n_segments)
            return channel->name;
    }
    return "";
}

static void set_unreadable(struct index_job *index, struct segment *segment, const char *why)
{
    count_runs(index, segment->n_runs, 0);
    segment_set_unreadable(segment, why, NOT_BEFORE_DONE);
    found_add(&index->service->found, index->recording->canonical,
              channel_name(index->recording, segment), why);
    log_warn("index_unreadable", LOG_U64("recording", index->recording->number),
             LOG_I64("segment", segment->number), LOG_STR("why", why));
}

/* Runs that no read waits for can be learned again. Those whom reads wait for were
 * needed no longer ago than the first of these asked. */
static uint64_t needed_since(const struct recording *recording)
{
    const struct runs_wait *wait;
    uint64_t since = UINT64_MAX;

    LIST_FOREACH(wait, &recording->waits, link)
        if (wait->asked_at < since)
            since = wait->asked_at;
    return since;
}

static bool forget_runs(struct service *service, struct recording *recording)
{
    uint64_t since = needed_since(recording);
    size_t before = recording->n_runs;

    for (size_t c = 0; c < recording->n_channels; c++) {
        struct channel *channel = &recording->channels[c];
        for (size_t s = 0; s < channel->n_segments; s++) {
            struct segment *segment = &channel->segments[s];
            if (segment->state != RUNS_KNOWN || segment->n_runs == 0 || segment->needed_at >= since)
                continue;
            recording->n_runs -= segment->n_runs;
            service->n_runs -= segment->n_runs;
            segment_forget_runs(segment);
            segment->state = RUNS_UNKNOWN;
        }
    }
    service->n_runs_forgotten += before - recording->n_runs;
    return recording->n_runs < before;
}

/* A recording in which each sample is a run of its own must not take the server's
 * memory: the one with the most runs forgets first. False: reads wait for all
 * there are. */
static bool make_room(struct service *service, size_t n)
{
    size_t most = service->parts.index_bytes / sizeof(struct run_row);
    struct recording *recording, *largest;
    size_t below = SIZE_MAX;

    while (service->n_runs + n > most) {
        largest = NULL;
        LIST_FOREACH(recording, &service->recordings, link)
            if (recording->n_runs < below && (!largest || recording->n_runs > largest->n_runs))
                largest = recording;
        if (!largest || largest->n_runs == 0)
            return false;
        below = largest->n_runs;
        forget_runs(service, largest);
    }
    return true;
}

static void add_runs(struct index_job *index, struct segment *segment, struct answer_rows rows)
{
    size_t before = segment->n_runs;
    const char *why = "its runs make no sense";
    bool added = false;

    if (!make_room(index->service, rows.n))
        why = "its runs, with all others in use, are more than the server has memory for";
    else
        added = segment_add_runs(segment, rows);
    count_runs(index, before, segment->n_runs);
    if (!added)
        set_unreadable(index, segment, why);
}

static void on_answer(struct pool_job *job, const struct answer *answer)
{
    struct index_job *index = job_of(job);
    uint32_t item = answer->kind == ANSWER_RUNS ? answer->rows.of : answer->item.item;

    if ((answer->kind != ANSWER_RUNS && answer->kind != ANSWER_ITEM) ||
        item >= job->message.n_items)
        return;
    if (answer->kind == ANSWER_ITEM)
        index->recording->stale |= answer->item.status == MEF3_ECHANGED;
    if (answer->kind == ANSWER_ITEM)
        set_unreadable(index, index->segments[item], answer->item.text);
    else if (index->segments[item]->state == RUNS_ASKED)
        add_runs(index, index->segments[item], answer->rows);
}

static void divide(struct index_job *index);

static void on_done(struct pool_job *job, int status, const char *text)
{
    struct index_job *index = job_of(job);
    struct recording *recording = index->recording;

    if (status == POOL_LOST && job->message.n_items > 1) {
        divide(index);
        recording_unref(index->service, recording);
        free(index);
        return;
    }
    if (status == MEF3_OK) {
        set_all(index, RUNS_ASKED, RUNS_KNOWN);
    } else if (status == POOL_DROPPED || status == POOL_UNAVAILABLE) {
        set_all(index, RUNS_ASKED, RUNS_UNKNOWN);
    } else {
        recording->stale |= status == MEF3_ECHANGED || status == MEF3_ENOENT;
        for (uint32_t i = 0; i < job->message.n_items; i++)
            if (index->segments[i]->state == RUNS_ASKED)
                set_unreadable(index, index->segments[i],
                               text[0] ? text : mef3_status_text(status));
    }
    for (uint32_t i = 0; i < job->message.n_items; i++) {
        index->segments[i]->job = NULL;
        if (index->segments[i]->retry_at_ms == NOT_BEFORE_DONE)
            index->segments[i]->retry_at_ms = service_now_ms() + RETRY_MS;
    }
    index->service->job_started_ns = job->started_ns ? job->started_ns : service_now_ns();
    recording_wake(recording, status == POOL_UNAVAILABLE);
    index->service->job_started_ns = 0;
    recording_unref(index->service, recording);
    free(index);
}

static const struct pool_job_ops INDEX_OPS = {is_wanted, on_start, on_answer, on_done};

static struct index_job *job_new(const struct index_asker *asker, struct recording *recording)
{
    struct index_job *index = calloc(1, sizeof *index);

    if (!index)
        return NULL;
    index->service = asker->service;
    index->recording = recording;
    recording_ref(recording);
    index->job.ops = &INDEX_OPS;
    index->job.client = asker->client.number;
    index->job.affinity = recording->number;
    index->job.message = (struct job){.kind = JOB_INDEX,
                                      .path = recording->canonical,
                                      .identity = recording->identity,
                                      .opening = recording->opening,
                                      .password = recording->password,
                                      .items = index->items};
    return index;
}

/* Those whose verdict is too old to stand are unknown again. */
static bool is_unknown(struct segment *segment)
{
    if (segment->state == RUNS_UNREADABLE && service_now_ms() >= segment->retry_at_ms)
        segment->state = RUNS_UNKNOWN;
    return segment->state == RUNS_UNKNOWN;
}

/* Add a segment to the job at hand; a full one goes out. Out of memory makes it
 * unreadable for now. */
static struct index_job *ask(struct index_job *index, const struct index_asker *asker,
                             struct recording *recording, const struct channel *channel,
                             struct segment *segment)
{
    if (!index)
        index = job_new(asker, recording);
    if (!index) {
        segment_set_unreadable(segment, "out of memory", service_now_ms());
        return NULL;
    }
    uint32_t i = index->job.message.n_items++;
    index->segments[i] = segment;
    index->items[i] = (struct job_item){.channel = channel->number, .segment = segment->number};
    segment->state = RUNS_ASKED;
    segment->job = &index->job;
    if (index->job.message.n_items < SEGMENTS_A_JOB)
        return index;
    pool_submit(asker->service->parts.pool, &index->job, asker->lane);
    return NULL;
}

/* One of them is to blame for the loss of workers: each goes on by itself. */
static void divide(struct index_job *index)
{
    const struct index_asker asker = {
        index->service, {.number = index->job.client}, index->job.lane};

    for (uint32_t i = 0; i < index->job.message.n_items; i++) {
        struct segment *segment = index->segments[i];
        struct index_job *part =
            segment->state == RUNS_ASKED ? job_new(&asker, index->recording) : NULL;
        segment->job = part ? &part->job : NULL;
        if (part) {
            part->segments[0] = segment;
            part->items[0] = index->items[i];
            part->job.message.n_items = 1;
            pool_submit(index->service->parts.pool, &part->job, asker.lane);
        } else if (segment->state == RUNS_ASKED) {
            set_unreadable(index, segment, "out of memory");
            segment->retry_at_ms = service_now_ms() + RETRY_MS;
        }
    }
}

/* An index that is asked for, but in a queue where this asker has no turn. */
static void promote(const struct index_asker *asker, struct pool_job *job)
{
    if (job && asker->lane == POOL_NOW && job->state == POOL_JOB_QUEUED &&
        (job->lane != POOL_NOW || job->client != asker->client.number))
        pool_promote(asker->service->parts.pool, job, asker->client.number);
}

bool index_need(const struct index_asker *asker, struct recording *recording,
                const uint32_t *channels, size_t n_channels, int64_t window_uutc, int64_t end_uutc,
                struct runs_wait *wait)
{
    struct index_job *index = NULL;
    bool all_known = true;

    /* Wait first: a job nobody waits for is dropped. */
    recording_stop_waiting(wait);
    wait->asked_at = ++asker->service->n_needs;
    recording_wait(recording, wait);
    for (size_t i = 0; i < n_channels; i++) {
        struct channel *channel = &recording->channels[channels[i]];
        for (size_t s = 0; s < channel->n_segments; s++) {
            struct segment *segment = &channel->segments[s];
            if (!plan_may_touch(channel, s, window_uutc, end_uutc))
                continue;
            segment->needed_at = wait->asked_at;
            if (is_unknown(segment))
                index = ask(index, asker, recording, channel, segment);
            else if (segment->state == RUNS_ASKED)
                promote(asker, segment->job);
            all_known &= segment->state != RUNS_ASKED;
        }
    }
    if (index)
        pool_submit(asker->service->parts.pool, &index->job, asker->lane);
    if (all_known)
        recording_stop_waiting(wait);
    return all_known;
}
