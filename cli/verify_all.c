/* verify_all.c - all channels of a recording checked, several at once. */
#include "verify_all.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "cli.h"
#include "progress.h"
#include "recording.h"

/* What the threads share. Each takes the next channel that nobody has; what it finds goes to that
 * channel's part, so the order is the same however many there are. */
struct work {
    const struct verify_plan *plan;
    struct verified *verified;
    atomic_size_t next; /* part */
    atomic_bool is_stopped;
    struct progress bar;
    pthread_mutex_t lock; /* of what failed first */
    int status;
    struct mef3_error error;
};

static void fail(struct work *work, int status, const struct mef3_error *error)
{
    pthread_mutex_lock(&work->lock);
    if (work->status == MEF3_OK) {
        work->status = status;
        work->error = *error;
    }
    pthread_mutex_unlock(&work->lock);
    atomic_store(&work->is_stopped, true);
}

static int count(void *arg, int64_t n_samples)
{
    struct work *work = arg;

    progress_add(&work->bar, (uint64_t)n_samples);
    return atomic_load(&work->is_stopped) || cli_interrupted() ? MEF3_ECHANGED : MEF3_OK;
}

static int open_lazily(const struct verify_plan *plan, struct mef3_session **session_out,
                       struct mef3_error *error)
{
    return recording_try(plan->path, plan->password ? plan->password : "", session_out, error);
}

static int check_part(struct work *work, struct mef3_session *session, size_t part,
                      struct mef3_error *error)
{
    struct verified *all = work->verified;
    struct mef3_verify_options options = {
        .quick = work->plan->is_quick, .progress = count, .progress_arg = work};

    if (part == 0)
        return mef3_verify_session(session, &options, findings_add, &all->parts[0], &all->totals[0],
                                   error);
    int64_t channel = mef3_channel_find(session, all->names[part]);
    if (channel < 0)
        return mef3_error_set(error, MEF3_ECHANGED, all->names[part], -1, "channel", NULL, NULL);
    return mef3_verify_channel(session, (size_t)channel, &options, findings_add, &all->parts[part],
                               &all->totals[part], error);
}

static void *run(void *arg)
{
    struct work *work = arg;
    struct mef3_session *session = NULL;
    struct mef3_error error;
    size_t part;

    int status = open_lazily(work->plan, &session, &error);
    while (status == MEF3_OK && !atomic_load(&work->is_stopped) &&
           (part = atomic_fetch_add(&work->next, 1)) < work->verified->n) {
        status = check_part(work, session, part, &error);
        if (status == MEF3_OK && work->verified->parts[part].is_out_of_memory)
            status = mef3_error_set(&error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    }
    mef3_session_close(session);
    if (status != MEF3_OK)
        fail(work, status, &error);
    return NULL;
}

static void start_and_join(struct work *work)
{
    size_t n_jobs = work->plan->n_jobs < work->verified->n ? work->plan->n_jobs : work->verified->n;
    pthread_t *threads = calloc(n_jobs, sizeof *threads);
    size_t n = 0;

    /* This thread is one of them, and the only one where no other can be had. */
    while (threads && n + 1 < n_jobs && pthread_create(&threads[n], NULL, run, work) == 0)
        n++;
    run(work);
    for (size_t i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    free(threads);
}

static void add(struct mef3_verify_totals *sum, const struct mef3_verify_totals *totals)
{
    sum->n_errors += totals->n_errors;
    sum->n_warnings += totals->n_warnings;
    sum->n_notes += totals->n_notes;
    sum->n_samples += totals->n_samples;
    sum->n_readable += totals->n_readable;
    sum->n_blocks += totals->n_blocks;
    sum->n_readable_blocks += totals->n_readable_blocks;
    sum->n_records += totals->n_records;
    sum->n_readable_records += totals->n_readable_records;
}

int verify_all(const struct verify_plan *plan, struct mef3_session *session,
               struct verified *verified_out)
{
    size_t n = mef3_session_info(session)->n_channels + 1;
    struct verified verified = {
        .n = n,
        .parts = calloc(n, sizeof *verified.parts),
        .totals = calloc(n, sizeof *verified.totals),
        .names = calloc(n, sizeof *verified.names),
    };
    struct work work = {.plan = plan, .verified = &verified, .lock = PTHREAD_MUTEX_INITIALIZER};
    int exit_status = CLI_FINE;

    if (!verified.parts || !verified.totals || !verified.names) {
        verified_fini(&verified);
        return cli_fail(CLI_IO, "%s: out of memory; try again with more", plan->path);
    }
    for (size_t i = 1; i < n; i++)
        verified.names[i] = mef3_channel_info(session, i - 1)->name;
    progress_start(&work.bar, "checking", 0, PROGRESS_SAMPLES);
    start_and_join(&work);
    progress_end(&work.bar);
    if (cli_interrupted())
        exit_status = cli_fail(CLI_IO, "%s: interrupted; nothing is said of the rest", plan->path);
    else if (work.status != MEF3_OK)
        exit_status = cli_fail_error(&work.error, plan->path, NULL);
    if (exit_status != CLI_FINE) {
        verified_fini(&verified);
        return exit_status;
    }
    for (size_t i = 0; i < n; i++)
        add(&verified.sum, &verified.totals[i]);
    *verified_out = verified;
    return CLI_FINE;
}

void verified_fini(struct verified *verified)
{
    for (size_t i = 0; verified->parts && i < verified->n; i++)
        findings_fini(&verified->parts[i]);
    free(verified->parts);
    free(verified->totals);
    free(verified->names);
}
