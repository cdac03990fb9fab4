/* work.c - one job in, its answers out. */
#include "decode/work.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <mef3/read.h>

#include "base/trace.h"
#include "decode/answer.h"
#include "decode/catalogue.h"
#include "decode/look.h"
#include "decode/tell.h"
#include "decode/timed_source.h"
#include "facts/losses.h"
#include "ipc/channel.h"
#include "ipc/job.h"

static void do_open(struct answering *to, struct work *work, const struct job *job)
{
    struct open_session open;
    char text[ANSWER_TEXT];
    int status = sessions_open(work->sessions, job->path, job->opening, job->password, &open, text,
                               sizeof text);

    if (status == MEF3_OK)
        status = catalogue_open(to, &open, text, sizeof text);
    timed_source_tell(job->id);
    answer_done(to, status, status == MEF3_OK ? "" : text);
}

static void do_look(struct answering *to, const struct work *work, const struct job *job)
{
    char canonical[PATH_MAX], text[ANSWER_TEXT];
    const char *root;
    int status = roots_resolve(work->roots, job->path, canonical, &root, text, sizeof text);

    if (status == MEF3_OK)
        answer_send(to, (struct answer){.kind = ANSWER_SESSION,
                                        .session = {.canonical = canonical,
                                                    .fingerprint = look_fingerprint(canonical)}});
    answer_done(to, status, status == MEF3_OK ? "" : text);
}

/* The place of a segment. A channel that cannot be listed has none. */
static int find_segment(struct mef3_session *session, const struct job_item *item,
                        size_t *segment_out, struct mef3_error *error)
{
    int status = mef3_channel_list(session, item->channel, error);

    if (status == MEF3_ENOMEM)
        return status;
    int64_t place = mef3_segment_find(session, item->channel, item->segment);
    if (place < 0)
        return mef3_error_set(error, MEF3_ENOENT, NULL, -1, "segment", NULL, NULL);
    *segment_out = (size_t)place;
    return MEF3_OK;
}

static void send_runs(struct answering *to, uint32_t item, const struct mef3_run *runs, size_t n)
{
    for (size_t at = 0; at < n; at += ROWS_PER_ANSWER) {
        size_t rows = n - at < ROWS_PER_ANSWER ? n - at : ROWS_PER_ANSWER;
        struct packer *p = answer_rows_begin(to, ANSWER_RUNS, item, (uint32_t)rows);
        for (const struct mef3_run *run = runs + at; run < runs + at + rows; run++) {
            run_row_pack(p,
                         &(struct run_row){run->origin_uutc, run->origin_sample, run->first_sample,
                                           run->n_samples, run->block_samples});
        }
        answer_rows_send(to);
    }
}

/* More runs than this in one segment are no recording, and the server would
 * have to keep them. */
enum { MAX_RUNS = 1 << 20 };

static void index_item(struct answering *to, struct mef3_session *session, uint32_t number,
                       const struct job_item *item)
{
    const struct mef3_run *runs;
    size_t n;
    struct mef3_error error = {.offset = -1};
    size_t segment = 0;
    int status = find_segment(session, item, &segment, &error);

    if (status == MEF3_OK)
        status = mef3_segment_runs(session, item->channel, segment, &runs, &n, &error);
    if (status == MEF3_OK && n > MAX_RUNS)
        status = mef3_error_set(&error, MEF3_ELIMIT, NULL, -1, "contiguous runs", "at most 1048576",
                                "more");
    if (status == MEF3_OK)
        send_runs(to, number, runs, n);
    else
        answer_failed_item(to, number, &error, 0, 0);
}

/* Damage that touches what came before it is told as one stretch. */
struct damage_line {
    struct answering *to;
    uint32_t item;
    struct mef3_damage pending; /* n 0: none */
};

static void tell_damage(struct damage_line *line)
{
    if (line->pending.n > 0)
        answer_damage(line->to, line->item, &line->pending);
    line->pending.n = 0;
}

/* A stretch of a job that is decoded, and the line of damage that all share: it comes
 * item by item. */
struct decoding {
    struct damage_line *line;
    uint32_t item;
    struct losses *losses;
    const struct mef3_stretch *stretch;
};

static void on_damage(void *arg, const struct mef3_damage *damage)
{
    const struct decoding *decoding = arg;
    struct damage_line *line = decoding->line;
    struct mef3_damage *pending = &line->pending;

    losses_add(decoding->losses, decoding->stretch->channel, decoding->stretch->segment, damage->at,
               damage->n);
    if (pending->n > 0 && line->item == decoding->item && pending->at + pending->n == damage->at &&
        pending->error.status == damage->error.status) {
        pending->n += damage->n;
        return;
    }
    tell_damage(line);
    line->item = decoding->item;
    *pending = *damage;
}

static bool is_in_arena(const struct work *work, const struct job_item *item)
{
    size_t bytes = (size_t)item->n_samples * sizeof(int32_t);

    return item->arena_offset % sizeof(int32_t) == 0 && item->arena_offset <= work->arena_bytes &&
           bytes <= work->arena_bytes - item->arena_offset;
}

/* What is touched of the arena counts as memory of each process that did. A worker is
 * done with it once it has answered: it unmaps those pages, and they stay what they
 * are. Now and then, because each page that is touched anew costs a fault. */
enum { MOST_TOUCHED = 4 << 20, PAGE = 4096 };

static void let_go_of_arena(struct work *work)
{
    if (work->touched_bytes < MOST_TOUCHED)
        return;
    madvise(work->arena, work->arena_bytes, MADV_DONTNEED);
    work->touched_bytes = 0;
}

/* Where an item's samples are and where they go. What is wrong with one is answered at once. */
static bool plan_item(struct answering *to, struct work *work, struct mef3_session *session,
                      uint32_t number, const struct job_item *item, struct mef3_stretch *stretch)
{
    struct mef3_error error = {.offset = -1};
    size_t segment = 0;
    int status;

    work->touched_bytes += (size_t)item->n_samples * sizeof(int32_t) + PAGE;
    if (is_in_arena(work, item))
        status = find_segment(session, item, &segment, &error);
    else
        status = mef3_error_set(&error, MEF3_EINVAL, NULL, -1, "arena offset", NULL, NULL);
    if (status != MEF3_OK) {
        answer_failed_item(to, number, &error, item->first_sample, item->n_samples);
        return false;
    }
    stretch->channel = item->channel;
    stretch->segment = segment;
    stretch->first = item->first_sample;
    stretch->n = item->n_samples;
    stretch->counts_out = work->arena + item->arena_offset / sizeof(int32_t);
    return true;
}

/* All items at once: the more blocks there are, the less each takes. */
static void decode_items(struct answering *to, struct work *work, const struct open_session *open,
                         const struct job *job)
{
    static struct mef3_stretch stretches[JOB_MAX_ITEMS];
    static struct decoding decodings[JOB_MAX_ITEMS];
    static struct mef3_error errors[JOB_MAX_ITEMS];
    struct damage_line line = {.to = to};
    size_t n = 0;

    for (uint32_t i = 0; i < job->n_items; i++) {
        if (!plan_item(to, work, open->session, i, &job->items[i], &stretches[n]))
            continue;
        decodings[n] = (struct decoding){&line, i, open->losses, &stretches[n]};
        stretches[n].arg = &decodings[n];
        stretches[n].error = &errors[n];
        n++;
    }
    mef3_read_many(open->session, stretches, n, on_damage);
    timed_source_tell(job->id);
    trace_job("decoded", job->id);
    tell_damage(&line);
    for (size_t k = 0; k < n; k++) {
        const struct job_item *item = &job->items[decodings[k].item];
        if (stretches[k].status != MEF3_OK)
            answer_failed_item(to, decodings[k].item, &errors[k], item->first_sample,
                               item->n_samples);
    }
}

static void do_items(struct answering *to, struct work *work, const struct job *job)
{
    struct open_session open;
    char text[ANSWER_TEXT];
    int status = sessions_get(work->sessions, job->path, job->identity, job->opening, job->password,
                              &open, text, sizeof text);

    if (status == MEF3_OK && job->kind == JOB_METADATA)
        status = catalogue_channels(to, &open, job->items, job->n_items, text, sizeof text);
    if (status == MEF3_OK && job->kind == JOB_DECODE)
        decode_items(to, work, &open, job);
    for (uint32_t i = 0; status == MEF3_OK && job->kind == JOB_INDEX && i < job->n_items; i++)
        index_item(to, open.session, i, &job->items[i]);
    timed_source_tell(job->id);
    answer_done(to, status, status == MEF3_OK ? "" : text);
}

static void do_release(struct answering *to, struct work *work, const struct job *job)
{
    int status = MEF3_OK;

    for (uint32_t i = 0; i < job->n_items; i++) {
        const struct job_item *item = &job->items[i];
        if (!is_in_arena(work, item) ||
            madvise(work->arena + item->arena_offset / sizeof(int32_t),
                    (size_t)item->n_samples * sizeof(int32_t), MADV_REMOVE) < 0)
            status = MEF3_EINVAL;
    }
    answer_done(to, status, "");
}

static void do_tell(struct answering *to, struct work *work, const struct job *job)
{
    char text[ANSWER_TEXT];
    int status = tell(to, work->roots, work->sessions, job, text, sizeof text);

    timed_source_tell(job->id);
    answer_done(to, status, status == MEF3_OK ? "" : text);
}

/* The first step of a job, by its kind. */
static const char *const TAKEN[] = {
    [JOB_OPEN] = "took_open",     [JOB_METADATA] = "took_metadata", [JOB_INDEX] = "took_index",
    [JOB_DECODE] = "took_decode", [JOB_LOOK] = "took_look",         [JOB_RELEASE] = "took_release",
    [JOB_TELL] = "took_tell",
};

int work_loop(struct work *work)
{
    static uint8_t message[CHANNEL_MAX];
    static struct job_item items[JOB_MAX_ITEMS];
    struct answering to = {.channel = work->channel};
    struct job job;

    answer_hello(&to);
    for (;;) {
        int n = channel_receive(work->channel, message, sizeof message, NULL);
        if (n == CHANNEL_CLOSED)
            return 0;
        if (n < 0 || !job_unpack(message, (size_t)n, &job, items))
            return -1;
        to.job_id = job.id;
        trace_begin();
        trace_job(TAKEN[job.kind], job.id);
        if (job.kind == JOB_OPEN)
            do_open(&to, work, &job);
        else if (job.kind == JOB_LOOK)
            do_look(&to, work, &job);
        else if (job.kind == JOB_RELEASE)
            do_release(&to, work, &job);
        else if (job.kind == JOB_TELL)
            do_tell(&to, work, &job);
        else
            do_items(&to, work, &job);
        if (job.password)
            explicit_bzero(message, (size_t)n);
        trace_job("done", job.id);
        trace_end("");
        trace_tell();
        if (to.broken)
            return -1;
        let_go_of_arena(work);
    }
}
