/* registry.c - which paths are open, and the recordings behind them. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mef3/time.h>

#include "base/passwords.h"
#include "service/state.h"

static uint64_t within(uint64_t at, uint64_t from, uint64_t to)
{
    return at < from ? from : at > to ? to : at;
}

void waits_add(struct waits *waits, uint64_t since_ns, uint64_t opened_ns, uint64_t started_ns,
               uint64_t now_ns)
{
    uint64_t opened = within(opened_ns, since_ns, now_ns);
    uint64_t started = within(started_ns, opened, now_ns);

    waits->opening_ns += opened - since_ns;
    waits->queueing_ns += started - opened;
    waits->working_ns += now_ns - started;
}

uint64_t service_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t service_now_ms(void)
{
    return service_now_ns() / 1000000;
}

struct entry *registry_find_own(struct service *service, const char *path, const char *password)
{
    struct entry *entry;

    TAILQ_FOREACH(entry, &service->entries, link)
        if (strcmp(entry->path, path) == 0 && password_equals(entry->password, password))
            return entry;
    return NULL;
}

bool registry_may_see(const struct entry *entry, const char *password)
{
    return !entry->password || password_equals(entry->password, password);
}

struct entry *registry_find(struct service *service, const char *path, const char *password)
{
    struct entry *own = registry_find_own(service, path, password);

    if (own || !password)
        return own;
    struct entry *shared = registry_find_own(service, path, NULL);
    return shared && !shared->recording->is_locked ? shared : NULL;
}

void recording_ref(struct recording *recording)
{
    recording->refs++;
}

static bool has_number(const struct service *service, uint64_t number)
{
    const struct recording *recording;

    LIST_FOREACH(recording, &service->recordings, link)
        if (recording->number == number)
            return true;
    return false;
}

void recording_unref(struct service *service, struct recording *recording)
{
    if (recording->refs == 1)
        ahead_forget_recording(service, recording);
    if (--recording->refs > 0)
        return;
    service->n_runs -= recording->n_runs;
    LIST_REMOVE(recording, link);
    if (!has_number(service, recording->number)) {
        cache_drop_session(service->parts.cache, recording->number);
        release_soon(service);
    }
    recording_free(recording);
}

struct entry *registry_add(struct service *service, const char *path, struct recording *recording)
{
    struct entry *entry = calloc(1, sizeof *entry);

    if (!entry)
        return NULL;
    entry->path = strdup(path);
    entry->password = recording->password ? strdup(recording->password) : NULL;
    if (!entry->path || (recording->password && !entry->password)) {
        free(entry->path);
        password_free(entry->password);
        free(entry);
        return NULL;
    }
    entry->recording = recording;
    recording_ref(recording);
    TAILQ_INSERT_TAIL(&service->entries, entry, link);
    service->n_entries++;
    return entry;
}

void registry_remove(struct service *service, struct entry *entry)
{
    TAILQ_REMOVE(&service->entries, entry, link);
    service->n_entries--;
    recording_unref(service, entry->recording);
    free(entry->selected);
    free(entry->path);
    password_free(entry->password);
    free(entry);
}

struct recording *registry_find_recording(struct service *service, const char *canonical,
                                          const char *password)
{
    struct recording *recording;

    LIST_FOREACH(recording, &service->recordings, link)
        if (!recording->is_past && strcmp(recording->canonical, canonical) == 0 &&
            password_equals(recording->password, password))
            return recording;
    return NULL;
}

/* A channel may be named twice, and a client may have its reasons to do so often. */
size_t registry_most_channels(const struct recording *recording)
{
    enum { ALWAYS = 1024 };

    return recording->n_channels > ALWAYS / 4 ? 4 * recording->n_channels : ALWAYS;
}

int64_t registry_n_pages(const struct entry *entry)
{
    int64_t span = mef3_time_difference(entry->recording->end_uutc, entry->recording->start_uutc);

    if (entry->page_us == 0 || span <= 0)
        return 0;
    return span / entry->page_us + (span % entry->page_us != 0);
}

void registry_facts(const struct recording *recording, struct file_info *info_out)
{
    *info_out = (struct file_info){
        .opened = true,
        .has_facts = true,
        .n_channels = recording->n_channels,
        .channel_names = recording->names,
        .rates_hz = recording->rates,
        .channel_start_uutc = recording->starts,
        .channel_end_uutc = recording->ends,
        .start_uutc = recording->start_uutc,
        .end_uutc = recording->end_uutc,
        .duration_s =
            (double)mef3_time_difference(recording->end_uutc, recording->start_uutc) / 1e6,
    };
}
