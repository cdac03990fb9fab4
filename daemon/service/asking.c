/* asking.c - a question that a worker answers for a client: JOB_TELL.
 *
 * The answer is handed on as it is. Like a read it opens its recording, or looks at it,
 * first; what it may take of memory is bounded, for one answer and for all together. An envelope
 * of many channels is made by all workers at once, each a part of it. */
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/passwords.h"
#include "service/look.h"
#include "service/state.h"
#include "service/told.h"

enum asking_state { ASKING_OPEN, ASKING_JOB, ASKING_DONE };

struct part {
    struct pool_job job;
    struct asking *asking;
    struct told told;
};

struct asking {
    struct service *service;
    struct client client;
    enum asking_state state;
    enum outcome outcome;
    bool is_given_up; /* freed but for its jobs, the last of which frees it */
    bool has_failed;  /* in one of them; the others do not matter any more */
    char *path;       /* NULL: it is about all recordings */
    struct service_question question;
    char *text;
    char *types;
    char *after;
    char **names;
    struct opening *opening;
    struct recording *recording;
    struct job_item *items;
    uint32_t n_items;
    struct part *parts;
    uint32_t n_parts, n_left; /* of which so many are not done */
    struct service_reply reply;
    char *error;
    struct soon_task notify;
    ready_fn *ready;
    void *arg;
    uint64_t began_ns, opened_ns, done_ns; /* 0: not yet */
};

static struct part *part_of(struct pool_job *job)
{
    return CONTAINER_OF(job, struct part, job);
}

static void finish(struct asking *asking)
{
    asking->state = ASKING_DONE;
    asking->done_ns = service_now_ns();
    soon_call(asking->service->parts.soon, &asking->notify);
}

static void refuse(struct asking *asking, enum reply_kind kind, const char *why)
{
    asking->reply.kind = kind;
    asking->error = strdup(why);
    asking->has_failed = true;
    if (!asking->error)
        asking->outcome = OUTCOME_EXHAUSTED;
}

static void give_up(struct asking *asking, enum outcome outcome)
{
    asking->outcome = outcome;
    asking->has_failed = true;
}

static void let_go(struct asking *asking)
{
    for (uint32_t i = 0; i < asking->n_parts; i++)
        told_forget(asking->service, &asking->parts[i].told);
    if (asking->recording)
        recording_unref(asking->service, asking->recording);
    asking->service->n_askings--;
    free(asking->parts);
    free(asking->items);
    free(asking->names);
    free(asking->text);
    free(asking->types);
    free(asking->after);
    free(asking->error);
    free(asking->path);
    free(asking);
}

/* --- The jobs ---------------------------------------------------------------------- */

static bool is_wanted(struct pool_job *job)
{
    const struct asking *asking = part_of(job)->asking;

    return !asking->is_given_up && !asking->has_failed;
}

static void on_start(struct pool_job *job)
{
    struct part *part = part_of(job);

    told_forget(part->asking->service, &part->told);
}

static void add_bytes(struct part *part, const uint8_t *bytes, size_t n)
{
    struct asking *asking = part->asking;

    if (asking->has_failed)
        return;
    switch (told_add(asking->service, &part->told, bytes, n)) {
    case MEF3_OK:
        break;
    case MEF3_ELIMIT:
        refuse(asking, REPLY_TOO_LARGE, "the answer is too large: ask for less at a time");
        break;
    default:
        give_up(asking, OUTCOME_EXHAUSTED);
    }
}

static void on_answer(struct pool_job *job, const struct answer *answer)
{
    struct part *part = part_of(job);

    if (answer->kind == ANSWER_BYTES)
        add_bytes(part, answer->bytes.bytes, answer->bytes.n);
    else if (!part->asking->has_failed)
        give_up(part->asking, OUTCOME_INTERNAL);
}

static void fail(struct asking *asking, int status, const char *text)
{
    const char *why = text[0] ? text : mef3_status_text(status);

    if (status == POOL_DROPPED || status == POOL_UNAVAILABLE)
        give_up(asking, OUTCOME_UNAVAILABLE);
    else if (status == POOL_LOST)
        refuse(asking, REPLY_DAMAGED, "answering it ended one worker after another");
    else
        refuse(asking, status == MEF3_ELIMIT ? REPLY_TOO_LARGE : REPLY_DAMAGED, why);
}

/* The parts behind the first, one after another. */
static void put_together(struct asking *asking)
{
    for (uint32_t i = 1; i < asking->n_parts; i++) {
        add_bytes(&asking->parts[0], asking->parts[i].told.bytes, asking->parts[i].told.n);
        told_forget(asking->service, &asking->parts[i].told);
    }
}

/* One job less that may call back. */
static void count_off(struct asking *asking)
{
    if (--asking->n_left > 0)
        return;
    if (asking->is_given_up) {
        let_go(asking);
        return;
    }
    put_together(asking);
    finish(asking);
}

static void on_done(struct pool_job *job, int status, const char *text)
{
    struct asking *asking = part_of(job)->asking;

    if (status != MEF3_OK && !asking->has_failed && !asking->is_given_up)
        fail(asking, status, text);
    count_off(asking);
}

static const struct pool_job_ops ASKING_OPS = {is_wanted, on_start, on_answer, on_done};

/* --- The question ------------------------------------------------------------------ */

/* The channels that are asked for as a worker calls them: all where none is named. False:
 * it was refused. */
static bool resolve(struct asking *asking)
{
    const struct recording *recording = asking->recording;
    const struct service_question *question = &asking->question;
    size_t n = question->n_channels ? question->n_channels : recording->n_channels;

    if (n > JOB_MAX_ITEMS) {
        refuse(asking, REPLY_TOO_LARGE, "too many channels: ask for at most 1024 at a time");
        return false;
    }
    asking->items = calloc(n + 1, sizeof *asking->items);
    if (!asking->items) {
        give_up(asking, OUTCOME_EXHAUSTED);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        int64_t place = question->n_channels
                            ? recording_find_channel(recording, question->channel_names[i])
                            : (int64_t)i;
        if (place < 0) {
            struct text text = {0};
            text_add(&text, "Unknown channels: ");
            text_add_list(&text, &question->channel_names[i], 1);
            refuse(asking, REPLY_UNKNOWN_CHANNEL, text_get(&text));
            text_fini(&text);
            return false;
        }
        asking->items[i].channel = recording->channels[place].number;
    }
    asking->n_items = (uint32_t)n;
    return true;
}

static bool needs_channels(enum service_asks what)
{
    return what == ASK_AVAILABILITY || what == ASK_ENVELOPE || what == ASK_PICTURE;
}

/* Each worker gets its share of the channels. */
static uint32_t count_parts(const struct asking *asking)
{
    size_t workers = pool_size(asking->service->parts.pool);

    if (asking->question.what != ASK_ENVELOPE || asking->n_items == 0)
        return 1;
    return workers < asking->n_items ? (uint32_t)workers : asking->n_items;
}

static void fill_in(struct asking *asking, uint32_t number)
{
    const struct service_question *question = &asking->question;
    const struct recording *recording = asking->recording;
    struct part *part = &asking->parts[number];

    part->asking = asking;
    part->job.ops = &ASKING_OPS;
    part->job.client = asking->client.number;
    part->job.affinity = recording ? recording->number : 0;
    part->job.message = (struct job){
        .kind = JOB_TELL,
        .path = recording ? recording->canonical : "",
        .identity = recording ? recording->identity : 0,
        .opening = recording ? recording->opening : 0,
        .password = recording ? recording->password : NULL,
        .n_items = asking->n_items,
        .items = asking->items,
        .question = {.what = question->what,
                     .start_uutc = question->start_uutc,
                     .end_uutc = question->end_uutc,
                     .width = question->width,
                     .height = question->height,
                     .scale = question->scale,
                     .is_all = question->n_channels == 0,
                     .way = question->way,
                     .text = asking->text,
                     .types = asking->types,
                     .part = number,
                     .n_parts = asking->n_parts,
                     .after = asking->after},
    };
}

static void submit(struct asking *asking)
{
    bool is_clear = !needs_channels(asking->question.what) || resolve(asking);
    uint32_t n = count_parts(asking);

    if (is_clear && !(asking->parts = calloc(n, sizeof *asking->parts)))
        give_up(asking, OUTCOME_EXHAUSTED);
    if (asking->has_failed) {
        finish(asking);
        return;
    }
    asking->n_parts = asking->n_left = n;
    for (uint32_t i = 0; i < n; i++)
        fill_in(asking, i);
    asking->state = ASKING_JOB;
    asking->opened_ns = service_now_ns();
    for (uint32_t i = 0; i < n; i++)
        pool_submit(asking->service->parts.pool, &asking->parts[i].job, POOL_NOW);
}

/* The recording is open, and is what is on disk. */
static void take_recording(struct asking *asking)
{
    const struct entry *entry =
        registry_find(asking->service, asking->path, asking->client.password);

    if (!entry) { /* closed while it was opened for us */
        refuse(asking, REPLY_NOT_FOUND, "File not open");
        finish(asking);
        return;
    }
    asking->recording = entry->recording;
    recording_ref(asking->recording);
    asking->reply.version = asking->recording->fingerprint;
    if (asking->question.known_version == asking->reply.version &&
        asking->question.known_version != 0) {
        asking->reply.kind = REPLY_UNCHANGED;
        finish(asking);
        return;
    }
    submit(asking);
}

static void on_opened(void *arg)
{
    struct asking *asking = arg;
    struct file_info info;

    switch (opening_pull(asking->opening, &info, &asking->outcome)) {
    case PULL_WAIT:
        return;
    case PULL_END:
        finish(asking);
        return;
    case PULL_HERE:
        break;
    }
    if (info.opened) {
        take_recording(asking);
        return;
    }
    refuse(asking, info.is_locked ? REPLY_LOCKED : REPLY_NOT_FOUND,
           info.error_message ? info.error_message : "not open");
    finish(asking);
}

static void begin(struct asking *asking)
{
    if (asking->service->n_askings > asking->service->parts.max_reads) {
        asking->outcome = OUTCOME_EXHAUSTED;
        finish(asking);
    } else if (!asking->path) {
        submit(asking);
    } else {
        asking->opening =
            service_open(asking->service, &asking->client, asking->path, on_opened, asking);
        if (asking->opening)
            on_opened(asking);
        else
            asking->outcome = OUTCOME_EXHAUSTED;
        if (!asking->opening)
            finish(asking);
    }
}

static void on_notify(struct soon_task *task)
{
    struct asking *asking = CONTAINER_OF(task, struct asking, notify);

    asking->ready(asking->arg);
}

struct asking *service_ask(struct service *service, const struct client *client,
                           const char *file_path, const struct service_question *question,
                           ready_fn *ready, void *arg)
{
    struct asking *asking = calloc(1, sizeof *asking);

    if (!asking)
        return NULL;
    *asking = (struct asking){
        .service = service, .client = *client, .question = *question, .ready = ready, .arg = arg};
    asking->notify.run = on_notify;
    asking->began_ns = service_now_ns();
    service->n_askings++;
    asking->path = file_path ? strdup(file_path) : NULL;
    asking->text = strdup(question->text ? question->text : "");
    asking->types = strdup(question->types ? question->types : "");
    asking->after = strdup(question->after ? question->after : "");
    asking->names = text_copy_list(question->channel_names, question->n_channels);
    asking->question.channel_names = (const char *const *)asking->names;
    if ((file_path && !asking->path) || !asking->text || !asking->types || !asking->after ||
        !asking->names) {
        let_go(asking);
        return NULL;
    }
    begin(asking);
    return asking;
}

enum pull asking_pull(struct asking *asking, struct service_reply *reply_out,
                      enum outcome *outcome_out)
{
    if (asking->state != ASKING_DONE)
        return PULL_WAIT;
    if (asking->outcome != OUTCOME_DONE) {
        *outcome_out = asking->outcome;
        return PULL_END;
    }
    asking->reply.error = asking->error;
    if (asking->n_parts > 0) {
        asking->reply.bytes = asking->parts[0].told.bytes;
        asking->reply.n = asking->parts[0].told.n;
    }
    *reply_out = asking->reply;
    return PULL_HERE;
}

/* When a worker began with the first of its jobs. */
static uint64_t first_start(const struct asking *asking, uint64_t otherwise)
{
    uint64_t first_ns = otherwise;

    for (uint32_t i = 0; i < asking->n_parts; i++) {
        uint64_t started_ns = asking->parts[i].job.started_ns;
        if (started_ns && started_ns < first_ns)
            first_ns = started_ns;
    }
    return first_ns;
}

void asking_waits(const struct asking *asking, struct waits *waits_out)
{
    uint64_t end_ns = asking->done_ns ? asking->done_ns : service_now_ns();
    uint64_t opened_ns = asking->opened_ns ? asking->opened_ns : end_ns;

    *waits_out = (struct waits){0};
    waits_add(waits_out, asking->began_ns, opened_ns, first_start(asking, end_ns), end_ns);
}

void asking_free(struct asking *asking)
{
    if (!asking)
        return;
    opening_free(asking->opening);
    asking->opening = NULL;
    soon_cancel(asking->service->parts.soon, &asking->notify);
    asking->is_given_up = true;
    if (asking->state != ASKING_JOB) {
        let_go(asking);
        return;
    }
    asking->n_left++; /* what is withdrawn is done at once: it must not go before the last */
    for (uint32_t i = 0; i < asking->n_parts; i++)
        pool_withdraw(asking->service->parts.pool, &asking->parts[i].job);
    count_off(asking);
}
