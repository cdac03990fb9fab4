/* open_work.c - a path becomes a recording: it is read once however many ask for it.
 *
 * A path that is open is looked at first, and read again if it has changed on disk. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/passwords.h"
#include "service/catalogue.h"
#include "service/look.h"
#include "service/opening.h"

/* News of an open recording that cannot be read may be half written yet: this often the
 * next look is waited for. */
enum { MOST_PUZZLING = 3 };

/* Where a look takes longer than this, what is known is told: a worker may hang. */
enum { LOOK_PATIENCE_MS = 800 };

/* A path that is being opened or looked at, and who waits for it. It lives until its
 * catalogue or look is `done`, which frees it: whoever gives up just leaves. */
struct open_work {
    LIST_ENTRY(open_work) link;
    struct service *service;
    struct openings waiting;
    uint64_t client;
    uint64_t since_ms;
    struct recording *known; /* it is open, and this was known of it; or NULL */
    bool is_looking;         /* at what is known; not reading it again yet */
    bool is_gone;            /* what was known */
    char *password;          /* NULL: as all may open it */
    char path[];
};

static bool is_wanted(void *arg)
{
    const struct open_work *work = arg;

    return !TAILQ_EMPTY(&work->waiting);
}

/* One that takes long to be read is not to be read all the time. */
static void set_look_due(const struct open_work *work, struct recording *found)
{
    uint64_t took_ms = service_now_ms() - work->since_ms;
    uint64_t look_ms = work->service->parts.look_ms;

    found->look_due_ms =
        work->since_ms + (look_ms > 0 && took_ms > look_ms / 2 ? 3 * took_ms : look_ms);
}

/* Make the path an open one. */
static enum outcome install(struct open_work *work, struct recording *found)
{
    struct service *service = work->service;
    struct entry *entry = registry_find_own(service, work->path, work->password);

    if (!entry && service->n_entries >= service->parts.max_open) {
        recording_free(found);
        return OUTCOME_EXHAUSTED;
    }
    set_look_due(work, found);
    struct recording *recording = recording_settle(service, found);
    if (entry && entry->recording != recording) { /* its path leads to another folder */
        recording_ref(recording);
        recording_unref(service, entry->recording);
        entry->recording = recording;
        free(entry->selected);
        entry->selected = NULL;
    } else if (!entry && !registry_add(service, work->path, recording)) {
        recording_ref(recording); /* and back: one that nobody else has goes */
        recording_unref(service, recording);
        return OUTCOME_EXHAUSTED;
    }
    pool_note_open(service->parts.pool, recording->number);
    if (!work->known)
        log_info("opened", LOG_U64("recording", recording->number),
                 LOG_U64("channels", recording->n_channels));
    return OUTCOME_DONE;
}

static void free_work(struct open_work *work)
{
    if (work->known)
        recording_unref(work->service, work->known);
    password_free(work->password);
    free(work);
}

/* Those who wait with a password of their own, which may open what is locked without. */
static void take_keyed(struct open_work *work, struct openings *keyed)
{
    struct opening *opening = TAILQ_FIRST(&work->waiting);

    while (opening) {
        struct opening *next = TAILQ_NEXT(opening, link);
        if (opening->client.password) {
            TAILQ_REMOVE(&work->waiting, opening, link);
            TAILQ_INSERT_TAIL(keyed, opening, link);
            opening->work = NULL;
        }
        opening = next;
    }
}

static void try_keyed(struct openings *keyed);

/* Everyone who waits hears how it ended. */
static void tell(struct open_work *work, enum outcome outcome, const char *error, bool is_locked)
{
    bool was_open = work->known != NULL;
    struct opening *opening;

    while ((opening = TAILQ_FIRST(&work->waiting))) {
        TAILQ_REMOVE(&work->waiting, opening, link);
        opening->work = NULL;
        opening->outcome = outcome;
        opening->has_failed = error != NULL;
        opening->is_locked = error && is_locked;
        if (error)
            opening->error = strdup(error);
        else if (was_open && outcome == OUTCOME_DONE)
            opening->error = opening_already(opening->path);
        was_open = true; /* another client was before it */
        soon_call(work->service->parts.soon, &opening->notify);
    }
}

static void conclude(struct open_work *work, enum outcome outcome, const char *error,
                     bool is_locked)
{
    tell(work, outcome, error, is_locked);
    LIST_REMOVE(work, link);
    work->service->n_works--;
    free_work(work);
}

void opening_tick(struct service *service)
{
    uint64_t now_ms = service_now_ms();
    struct open_work *work;

    LIST_FOREACH(work, &service->works, link)
        if (work->is_looking && now_ms - work->since_ms > LOOK_PATIENCE_MS)
            tell(work, OUTCOME_DONE, NULL, false);
}

/* What is there now cannot be read. True: it may be half written, and what was known of
 * it is good for a while longer. */
static bool is_puzzling(const struct open_work *work)
{
    struct recording *known = work->known;

    if (!known || known->stale || known->is_past || work->is_gone ||
        ++known->n_puzzling > MOST_PUZZLING)
        return false;
    known->look_due_ms = service_now_ms() + work->service->parts.look_ms;
    return true;
}

static void lose(struct service *service, struct recording *known)
{
    if (known->stale || known->is_past)
        return;
    known->stale = true;
    service->n_gone++;
    log_warn("recording_gone", LOG_U64("recording", known->number));
}

static void on_done(void *arg, struct recording *found, enum outcome outcome, const char *error,
                    bool is_locked)
{
    struct open_work *work = arg;
    struct openings keyed = TAILQ_HEAD_INITIALIZER(keyed);

    if (is_locked && !work->password)
        take_keyed(work, &keyed);
    if (found && !TAILQ_EMPTY(&keyed) && TAILQ_EMPTY(&work->waiting))
        recording_free(found);
    else if (found)
        outcome = install(work, found);
    else if (error && is_puzzling(work))
        error = NULL;
    else if (error && work->known)
        lose(work->service, work->known);
    conclude(work, outcome, error, is_locked);
    try_keyed(&keyed);
}

static const struct catalogue_ops OPEN_OPS = {is_wanted, on_done};

static bool read_catalogue(struct open_work *work)
{
    return catalogue_start(work->service, work->client, work->path, work->password, &OPEN_OPS,
                           work);
}

static void on_look(void *arg, enum look_found found)
{
    struct open_work *work = arg;

    work->is_looking = false;
    work->is_gone = found == LOOK_GONE;
    if (found == LOOK_SAME)
        conclude(work, OUTCOME_DONE, NULL, false);
    else if (!read_catalogue(work))
        conclude(work, OUTCOME_EXHAUSTED, NULL, false);
}

static const struct look_ops LOOK_OPS = {is_wanted, on_look};

static void join(struct opening *opening, struct open_work *work)
{
    opening->work = work;
    TAILQ_INSERT_TAIL(&work->waiting, opening, link);
}

bool open_work_join(struct opening *opening, const char *password)
{
    struct open_work *work;

    LIST_FOREACH(work, &opening->service->works, link) {
        if (strcmp(work->path, opening->path) == 0 && password_equals(work->password, password)) {
            join(opening, work);
            return true;
        }
    }
    return false;
}

bool open_work_start(struct opening *opening, const char *password)
{
    struct service *service = opening->service;
    const struct entry *entry = registry_find_own(service, opening->path, password);
    struct open_work *work = calloc(1, sizeof *work + strlen(opening->path) + 1);

    if (!work)
        return false;
    strcpy(work->path, opening->path);
    work->service = service;
    work->client = opening->client.number;
    work->since_ms = service_now_ms();
    work->password = password ? strdup(password) : NULL;
    if (password && !work->password) {
        free_work(work);
        return false;
    }
    TAILQ_INIT(&work->waiting);
    LIST_INSERT_HEAD(&service->works, work, link);
    service->n_works++;
    join(opening, work); /* first: a job that nobody wants is dropped */
    if (entry && !entry->recording->stale) {
        work->known = entry->recording;
        work->is_looking = true;
        recording_ref(work->known);
    }
    if (work->known ? look_start(service, work->path, work->known, &LOOK_OPS, work)
                    : read_catalogue(work))
        return true;
    LIST_REMOVE(work, link);
    service->n_works--;
    opening->work = NULL;
    free_work(work);
    return false;
}

static void try_keyed(struct openings *keyed)
{
    struct opening *opening;

    while ((opening = TAILQ_FIRST(keyed))) {
        TAILQ_REMOVE(keyed, opening, link);
        if (open_work_join(opening, opening->client.password) ||
            open_work_start(opening, opening->client.password))
            continue;
        opening->outcome = OUTCOME_EXHAUSTED;
        soon_call(opening->service->parts.soon, &opening->notify);
    }
}

void open_work_leave(struct opening *opening)
{
    if (opening->work)
        TAILQ_REMOVE(&opening->work->waiting, opening, link);
    opening->work = NULL;
}
