/* answers.c - the service itself, and the calls that are answered from memory. */
#include <stdlib.h>

#include "service/fill.h"
#include "service/state.h"

struct service *service_new(const struct service_parts *parts)
{
    struct service *service = calloc(1, sizeof *service);

    if (!service)
        return NULL;
    service->parts = *parts;
    TAILQ_INIT(&service->entries);
    LIST_INIT(&service->recordings);
    LIST_INIT(&service->works);
    messages_init(&service->messages, parts->message_bytes, parts->soon);
    release_init(service);
    ahead_init(service);
    return service;
}

void service_change(struct service *service, const struct service_parts *parts)
{
    service->parts = *parts;
    service->next_expiry_ms = 0; /* it may be sooner */
}

void service_free(struct service *service)
{
    struct entry *entry;

    if (!service)
        return;
    ahead_fini(service);
    while ((entry = TAILQ_FIRST(&service->entries)))
        registry_remove(service, entry);
    messages_fini(&service->messages);
    while (told_drop_spare(service))
        ;
    soon_cancel(service->parts.soon, &service->release);
    text_fini(&service->error);
    free(service->spans.spans);
    free(service->list);
    free(service);
}

void service_tick(struct service *service)
{
    uint64_t now_ms = cache_now_ms(), ttl_ms = service->parts.cache_ttl_ms;

    opening_tick(service);
    told_drop_spare(service);
    messages_tick(&service->messages, service_now_ms());
    if (ttl_ms > 0 && now_ms >= service->next_expiry_ms) {
        service->next_expiry_ms = now_ms + ttl_ms / 16;
        cache_expire(service->parts.cache, now_ms, ttl_ms);
        release_soon(service);
    }
}

struct service_counters service_counters(const struct service *service)
{
    const struct messages *messages = &service->messages;

    return (struct service_counters){
        .message_bytes = messages->used,
        .message_budget_bytes = messages->limit,
        .index_bytes = service->n_runs * sizeof(struct run_row),
        .index_budget_bytes = service->parts.index_bytes,
        .message_waits = messages->line.n_waits,
        .messages_given_back = messages->n_given_back,
        .reads_shed = messages->n_shed,
        .runs_forgotten = service->n_runs_forgotten,
        .looks = service->n_looks,
        .grown = service->n_grown,
        .replaced = service->n_replaced,
        .gone = service->n_gone,
        .quarantined = service->n_quarantined,
        .reads = service->n_reads,
    };
}

/* The text of the answer at hand: the one before is gone. */
static struct text *new_error(struct service *service)
{
    text_fini(&service->error);
    return &service->error;
}

static const char *not_open(struct service *service, const char *path)
{
    text_add(new_error(service), "File not open: %s", path);
    return text_get(&service->error);
}

void service_file_info(struct service *service, const struct client *client, const char *file_path,
                       struct file_info *info_out)
{
    const struct entry *entry = registry_find(service, file_path, client->password);

    if (entry)
        registry_facts(entry->recording, info_out);
    else
        *info_out = (struct file_info){.opened = false};
}

void service_close(struct service *service, const struct client *client, const char *file_path)
{
    struct entry *entry = registry_find(service, file_path, client->password);

    if (!entry)
        return;
    ahead_forget_recording(service, entry->recording);
    registry_remove(service, entry);
}

void service_forget_client(struct service *service, const struct client *client)
{
    ahead_forget_client(service, client);
}

/* Room for a list in an answer; NULL: out of memory. */
static const char **new_list(struct service *service, size_t n)
{
    free(service->list);
    service->list = calloc(n ? n : 1, sizeof *service->list);
    return service->list;
}

void service_list_open(struct service *service, const struct client *client,
                       const char *const **paths_out, size_t *n_out)
{
    const char **list = new_list(service, service->n_entries);
    const struct entry *entry;
    size_t n = 0;

    if (list)
        TAILQ_FOREACH(entry, &service->entries, link)
            if (registry_may_see(entry, client->password))
                list[n++] = entry->path;
    *paths_out = list;
    *n_out = n;
}

void service_set_page_seconds(struct service *service, const struct client *client,
                              const char *file_path, int64_t seconds, struct grid_reply *reply_out)
{
    struct entry *entry = registry_find(service, file_path, client->password);

    *reply_out = (struct grid_reply){.error_message = ""};
    if (!entry) {
        reply_out->error_message = not_open(service, file_path);
    } else if (seconds <= 0) {
        text_add(new_error(service), "Segment size must be at least one second, not %lld",
                 (long long)seconds);
        reply_out->error_message = text_get(&service->error);
    } else {
        int64_t page_us = seconds < INT64_MAX / 1000000 ? seconds * 1000000 : INT64_MAX;
        if (page_us != entry->page_us)
            ahead_forget_grids(service, entry->recording);
        entry->page_us = page_us;
        reply_out->n_pages = registry_n_pages(entry);
        ahead_begin_grid(service, client, entry);
    }
}

void service_count_pages(struct service *service, const struct client *client,
                         const char *file_path, struct grid_reply *reply_out)
{
    const struct entry *entry = registry_find(service, file_path, client->password);

    *reply_out =
        (struct grid_reply){.n_pages = entry ? registry_n_pages(entry) : 0, .error_message = ""};
}

/* The channels in force, as an answer. */
static void list_selection(struct service *service, const struct entry *entry,
                           struct selection_reply *reply_out)
{
    const struct recording *recording = entry->recording;
    size_t n = entry->selected ? entry->n_selected : recording->n_channels;
    const char **list = new_list(service, n);

    reply_out->channel_names = list;
    reply_out->n_channels = list ? n : 0;
    for (size_t i = 0; i < reply_out->n_channels; i++)
        list[i] = recording->names[entry->selected ? entry->selected[i] : i];
}

/* Split the names into places of known channels and unknown names; false: out
 * of memory. */
static bool sort_names(const struct recording *recording, const char *const *names, size_t n,
                       uint32_t **known_out, size_t *n_known_out, const char ***unknown_out,
                       size_t *n_unknown_out)
{
    uint32_t *known = calloc(n ? n : 1, sizeof *known);
    const char **unknown = calloc(n ? n : 1, sizeof *unknown);

    if (!known || !unknown) {
        free(known);
        free(unknown);
        return false;
    }
    *n_known_out = *n_unknown_out = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t place = recording_find_channel(recording, names[i]);
        if (place >= 0)
            known[(*n_known_out)++] = (uint32_t)place;
        else
            unknown[(*n_unknown_out)++] = names[i];
    }
    *known_out = known;
    *unknown_out = unknown;
    return true;
}

static void set_selection(struct entry *entry, uint32_t *selected, size_t n)
{
    free(entry->selected);
    entry->selected = selected;
    entry->n_selected = n;
}

/* `names` holds at least one. */
static const char *select_names(struct service *service, struct entry *entry,
                                const char *const *names, size_t n)
{
    struct text *error = new_error(service);
    uint32_t *known;
    const char **unknown;
    size_t n_known, n_unknown;

    if (!sort_names(entry->recording, names, n, &known, &n_known, &unknown, &n_unknown))
        return "Out of memory";
    if (n_known > registry_most_channels(entry->recording)) {
        text_add(error, "Too many channels: %zu; the recording has %zu", n_known,
                 entry->recording->n_channels);
        free(known);
        free(unknown);
        return text_get(error);
    }
    if (n_known == 0)
        text_add(error, "No valid channels in request. Invalid: ");
    else if (n_unknown > 0)
        text_add(error, "Some channels do not exist: ");
    if (n_unknown > 0)
        text_add_list(error, unknown, n_unknown);
    if (n_known > 0)
        set_selection(entry, known, n_known);
    else
        free(known);
    free(unknown);
    return text_get(error);
}

void service_set_channels(struct service *service, const struct client *client,
                          const char *file_path, const char *const *channel_names,
                          size_t n_channels, struct selection_reply *reply_out)
{
    struct entry *entry = registry_find(service, file_path, client->password);

    *reply_out = (struct selection_reply){.error_message = ""};
    if (!entry) {
        reply_out->error_message = not_open(service, file_path);
        return;
    }
    ahead_forget_grids(service, entry->recording);
    if (n_channels == 0)
        set_selection(entry, NULL, 0);
    else
        reply_out->error_message = select_names(service, entry, channel_names, n_channels);
    list_selection(service, entry, reply_out);
}

void service_get_channels(struct service *service, const struct client *client,
                          const char *file_path, struct selection_reply *reply_out)
{
    const struct entry *entry = registry_find(service, file_path, client->password);

    *reply_out = (struct selection_reply){.error_message = ""};
    if (entry)
        list_selection(service, entry, reply_out);
    else
        reply_out->error_message = not_open(service, file_path);
}
