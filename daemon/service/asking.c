/* asking.c - a question that a worker answers for a client: JOB_TELL.
 *
 * The answer is handed on as it is. Like a read it opens its recording, or looks at it,
 * first; what it may take of memory is bounded, for one answer and for all together. */
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/passwords.h"
#include "service/look.h"
#include "service/state.h"

enum { ANSWER_MOST = 16 << 20, ANSWERS_MOST = 64 << 20, ANSWER_LEAST = 64 << 10 };

enum asking_state { ASKING_OPEN, ASKING_JOB, ASKING_DONE };

struct asking {
    struct pool_job job;
    struct service *service;
    struct client client;
    enum asking_state state;
    enum outcome outcome;
    bool is_given_up; /* freed but for the job, which frees it */
    bool nonsense, is_too_large;
    char *path; /* NULL: it is about all recordings */
    struct service_question question;
    char *text;
    char *types;
    char **names;
    struct opening *opening;
    struct recording *recording;
    struct job_item *items;
    struct service_reply reply;
    char *error;
    uint8_t *bytes;
    size_t n, room;
    struct soon_task notify;
    ready_fn *ready;
    void *arg;
    uint64_t began_ns, opened_ns, done_ns; /* 0: not yet */
};

static struct asking *asking_of(struct pool_job *job)
{
    return CONTAINER_OF(job, struct asking, job);
}

static void forget_bytes(struct asking *asking)
{
    asking->service->n_answer_bytes -= asking->room;
    free(asking->bytes);
    asking->bytes = NULL;
    asking->n = asking->room = 0;
}

/* --- The job ---------------------------------------------------------------------- */

static bool is_wanted(struct pool_job *job)
{
    return !asking_of(job)->is_given_up;
}

static void on_start(struct pool_job *job)
{
    forget_bytes(asking_of(job));
}

static bool make_room(struct asking *asking, size_t n)
{
    struct service *service = asking->service;
    size_t room = asking->room ? asking->room : ANSWER_LEAST;

    while (room < asking->n + n)
        room *= 2;
    if (room == asking->room)
        return true;
    if (room > ANSWER_MOST || room - asking->room > ANSWERS_MOST - service->n_answer_bytes)
        return false;
    uint8_t *bytes = realloc(asking->bytes, room);
    if (!bytes)
        return false;
    service->n_answer_bytes += room - asking->room;
    asking->bytes = bytes;
    asking->room = room;
    return true;
}

static void on_answer(struct pool_job *job, const struct answer *answer)
{
    struct asking *asking = asking_of(job);

    if (answer->kind != ANSWER_BYTES)
        asking->nonsense = true;
    else if (!asking->is_too_large && make_room(asking, answer->bytes.n)) {
        memcpy(asking->bytes + asking->n, answer->bytes.bytes, answer->bytes.n);
        asking->n += answer->bytes.n;
    } else {
        asking->is_too_large = true;
    }
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
    if (!asking->error)
        asking->outcome = OUTCOME_EXHAUSTED;
}

static void let_go(struct asking *asking)
{
    forget_bytes(asking);
    if (asking->recording)
        recording_unref(asking->service, asking->recording);
    asking->service->n_askings--;
    free(asking->items);
    free(asking->names);
    free(asking->text);
    free(asking->types);
    free(asking->error);
    free(asking->path);
    free(asking);
}

static void on_done(struct pool_job *job, int status, const char *text)
{
    struct asking *asking = asking_of(job);

    if (asking->is_given_up) {
        let_go(asking);
        return;
    }
    if (status == POOL_DROPPED || status == POOL_UNAVAILABLE)
        asking->outcome = OUTCOME_UNAVAILABLE;
    else if (status == POOL_LOST)
        refuse(asking, REPLY_DAMAGED, "answering it ended one worker after another");
    else if (status == MEF3_ELIMIT)
        refuse(asking, REPLY_TOO_LARGE, text[0] ? text : mef3_status_text(status));
    else if (status != MEF3_OK)
        refuse(asking, REPLY_DAMAGED, text[0] ? text : mef3_status_text(status));
    else if (asking->nonsense)
        asking->outcome = OUTCOME_INTERNAL;
    else if (asking->is_too_large)
        refuse(asking, REPLY_TOO_LARGE, "the answer is too large: ask for less at a time");
    finish(asking);
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
        asking->outcome = OUTCOME_EXHAUSTED;
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
    asking->job.message.n_items = (uint32_t)n;
    return true;
}

static bool needs_channels(enum service_asks what)
{
    return what == ASK_AVAILABILITY || what == ASK_ENVELOPE || what == ASK_PICTURE;
}

static void submit(struct asking *asking)
{
    const struct service_question *question = &asking->question;
    struct job *job = &asking->job.message;

    asking->job.ops = &ASKING_OPS;
    asking->job.client = asking->client.number;
    *job = (struct job){
        .kind = JOB_TELL,
        .path = "",
        .question = {.what = question->what,
                     .start_uutc = question->start_uutc,
                     .end_uutc = question->end_uutc,
                     .width = question->width,
                     .height = question->height,
                     .scale = question->scale,
                     .is_all = question->n_channels == 0,
                     .way = question->way,
                     .text = asking->text,
                     .types = asking->types},
    };
    if (asking->recording) {
        job->path = asking->recording->canonical;
        job->identity = asking->recording->identity;
        job->opening = asking->recording->opening;
        job->password = asking->recording->password;
        asking->job.affinity = asking->recording->number;
        if (needs_channels(question->what) && !resolve(asking)) {
            finish(asking);
            return;
        }
        job->items = asking->items;
    }
    asking->state = ASKING_JOB;
    asking->opened_ns = service_now_ns();
    pool_submit(asking->service->parts.pool, &asking->job, POOL_NOW);
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
    asking->names = text_copy_list(question->channel_names, question->n_channels);
    asking->question.channel_names = (const char *const *)asking->names;
    if ((file_path && !asking->path) || !asking->text || !asking->types || !asking->names) {
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
    asking->reply.bytes = asking->bytes;
    asking->reply.n = asking->n;
    *reply_out = asking->reply;
    return PULL_HERE;
}

void asking_waits(const struct asking *asking, struct waits *waits_out)
{
    uint64_t end_ns = asking->done_ns ? asking->done_ns : service_now_ns();
    uint64_t opened_ns = asking->opened_ns ? asking->opened_ns : end_ns;

    *waits_out = (struct waits){0};
    waits_add(waits_out, asking->began_ns, opened_ns,
              asking->job.started_ns ? asking->job.started_ns : end_ns, end_ns);
}

void asking_free(struct asking *asking)
{
    if (!asking)
        return;
    opening_free(asking->opening);
    asking->opening = NULL;
    soon_cancel(asking->service->parts.soon, &asking->notify);
    asking->is_given_up = true;
    if (asking->state != ASKING_JOB)
        let_go(asking);
    else
        pool_withdraw(asking->service->parts.pool, &asking->job);
}
