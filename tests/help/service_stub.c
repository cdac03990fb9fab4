/* service_stub.c - a service that answers from memory, as a test tells it to. */
#include "service_stub.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PATTERN_BYTES = 4 << 20,
    PATTERN_SHIFT = 64, /* between the messages of a read */
    PATTERN_PERIOD = 251,
};

/* A `ready` that is due later, and may be forgotten. */
struct later {
    uv_timer_t timer;
    ready_fn *ready;
    void *arg;
    bool *is_due;
};

struct opening {
    struct service *service;
    struct later *later;
    bool is_due;
    bool exists;
};

struct read {
    bool is_shed;
    struct service *service;
    struct later *later;
    ready_fn *ready;
    void *arg;
    char file_path[256];
    bool is_due;
    bool is_double;
    size_t n_channels;
    const char **names;
    int64_t start_uutc;
    int64_t n_samples; /* in all, of each channel */
    int64_t n_given;
    unsigned k;
};

struct stub_message {
    struct message message;
    struct service *service;
    char file_path[256];
};

static void on_close(uv_handle_t *handle)
{
    free(handle->data);
}

static void forget(struct later *later)
{
    if (later)
        uv_close((uv_handle_t *)&later->timer, on_close);
}

static void on_later(uv_timer_t *timer)
{
    struct later *later = timer->data;
    *later->is_due = true;
    later->ready(later->arg);
}

static struct later *make_later(struct service *service, ready_fn *ready, void *arg, bool *is_due)
{
    struct later *later = calloc(1, sizeof *later);
    uv_timer_init(service->loop, &later->timer);
    later->timer.data = later;
    later->ready = ready;
    later->arg = arg;
    later->is_due = is_due;
    uv_timer_start(&later->timer, on_later, service->delay_ms, 0);
    return later;
}

struct service *service_stub_new(uv_loop_t *loop, size_t n_channels)
{
    struct service *service = calloc(1, sizeof *service);
    const char **names = calloc(n_channels, sizeof *names);
    service->loop = loop;
    service->n_channels = n_channels;
    service->rate_hz = 256;
    service->start_uutc = 1577836800000000;
    service->seconds = 7200;
    service->message_bytes = 2621440;
    service->outcome = OUTCOME_DONE;
    service->damage = "";
    service->page_seconds = 300;
    service->name_texts = calloc(n_channels, sizeof *service->name_texts);
    service->rates = calloc(n_channels, sizeof *service->rates);
    service->starts = calloc(n_channels, sizeof *service->starts);
    service->ends = calloc(n_channels, sizeof *service->ends);
    for (size_t i = 0; i < n_channels; i++) {
        snprintf(service->name_texts[i], sizeof service->name_texts[i], "ch%03u", (unsigned)i);
        names[i] = service->name_texts[i];
        service->rates[i] = service->rate_hz;
        service->starts[i] = service->start_uutc;
        service->ends[i] = service->start_uutc + service->seconds * 1000000;
    }
    service->names = names;
    service->pattern = malloc(PATTERN_BYTES);
    for (size_t i = 0; i < PATTERN_BYTES; i++)
        service->pattern[i] = (uint8_t)(i % PATTERN_PERIOD);
    return service;
}

void service_stub_free(struct service *service)
{
    free((void *)(uintptr_t)service->names);
    free(service->name_texts);
    free(service->rates);
    free(service->starts);
    free(service->ends);
    free(service->pattern);
    free(service);
}

uint8_t service_stub_byte(unsigned k, size_t at)
{
    return (uint8_t)((at + (size_t)(k % 64) * PATTERN_SHIFT) % PATTERN_PERIOD);
}

static void remember(struct service *service, const char *file_path)
{
    snprintf(service->last_path, sizeof service->last_path, "%s", file_path);
}

static void give_facts(struct service *service, struct file_info *info_out)
{
    *info_out = (struct file_info){
        .opened = true,
        .has_facts = true,
        .n_channels = service->n_channels,
        .channel_names = service->names,
        .rates_hz = service->rates,
        .channel_start_uutc = service->starts,
        .channel_end_uutc = service->ends,
        .start_uutc = service->start_uutc,
        .end_uutc = service->start_uutc + service->seconds * 1000000,
        .duration_s = (double)service->seconds,
    };
}

/* --- Opening ------------------------------------------------------------------- */

struct opening *service_open(struct service *service, const struct client *client,
                             const char *file_path, ready_fn *ready, void *arg)
{
    struct opening *opening = calloc(1, sizeof *opening);
    (void)client;
    remember(service, file_path);
    opening->service = service;
    opening->exists = strncmp(file_path, "missing", 7) != 0;
    opening->is_due = !service->delays;
    if (service->delays)
        opening->later = make_later(service, ready, arg, &opening->is_due);
    service->n_openings++;
    return opening;
}

struct opening *service_look(struct service *service, const struct client *client,
                             const char *file_path, ready_fn *ready, void *arg)
{
    return service->looks ? service_open(service, client, file_path, ready, arg) : NULL;
}

enum pull opening_pull(struct opening *opening, struct file_info *info_out,
                       enum outcome *outcome_out)
{
    struct service *service = opening->service;
    service->n_pulls++;
    if (!opening->is_due)
        return PULL_WAIT;
    if (service->outcome != OUTCOME_DONE) {
        *outcome_out = service->outcome;
        return PULL_END;
    }
    if (opening->exists) {
        service->opened = true;
        give_facts(service, info_out);
    } else {
        *info_out = (struct file_info){.error_message = "File does not exist: missing"};
    }
    return PULL_HERE;
}

void opening_free(struct opening *opening)
{
    if (!opening)
        return;
    opening->service->n_openings--;
    forget(opening->later);
    free(opening);
}

/* --- Answers at once ------------------------------------------------------------ */

void service_file_info(struct service *service, const struct client *client, const char *file_path,
                       struct file_info *info_out)
{
    (void)client;
    remember(service, file_path);
    if (service->opened)
        give_facts(service, info_out);
    else
        *info_out = (struct file_info){0};
}

void service_close(struct service *service, const struct client *client, const char *file_path)
{
    (void)client;
    remember(service, file_path);
    service->opened = false;
}

void service_list_open(struct service *service, const struct client *client,
                       const char *const **paths_out, size_t *n_out)
{
    (void)client;
    static const char *const paths[] = {"one.mefd", "two.mefd"};
    (void)service;
    *paths_out = paths;
    *n_out = service->opened ? 2 : 0;
}

void service_forget_client(struct service *service, const struct client *client)
{
    (void)service;
    (void)client;
}

void service_set_page_seconds(struct service *service, const struct client *client,
                              const char *file_path, int64_t seconds, struct grid_reply *reply_out)
{
    (void)client;
    remember(service, file_path);
    *reply_out = (struct grid_reply){0, "seconds must be positive"};
    if (seconds <= 0)
        return;
    service->page_seconds = seconds;
    *reply_out = (struct grid_reply){(service->seconds + seconds - 1) / seconds, ""};
}

void service_count_pages(struct service *service, const struct client *client,
                         const char *file_path, struct grid_reply *reply_out)
{
    (void)client;
    remember(service, file_path);
    int64_t seconds = service->page_seconds;
    *reply_out = (struct grid_reply){(service->seconds + seconds - 1) / seconds, NULL};
}

void service_set_channels(struct service *service, const struct client *client,
                          const char *file_path, const char *const *channel_names,
                          size_t n_channels, struct selection_reply *reply_out)
{
    (void)client;
    (void)channel_names;
    remember(service, file_path);
    size_t n = n_channels < service->n_channels ? n_channels : service->n_channels;
    *reply_out = (struct selection_reply){service->names, n, ""};
}

void service_get_channels(struct service *service, const struct client *client,
                          const char *file_path, struct selection_reply *reply_out)
{
    (void)client;
    remember(service, file_path);
    *reply_out = (struct selection_reply){service->names, service->n_channels, ""};
}

/* --- Reading -------------------------------------------------------------------- */

static struct read *begin(struct service *service, const char *file_path, size_t n_channels,
                          ready_fn *ready, void *arg)
{
    struct read *read = calloc(1, sizeof *read);
    remember(service, file_path);
    snprintf(read->file_path, sizeof read->file_path, "%s", file_path);
    read->service = service;
    read->ready = ready;
    read->arg = arg;
    read->n_channels = n_channels;
    read->names = calloc(n_channels, sizeof *read->names);
    for (size_t i = 0; i < n_channels; i++)
        read->names[i] = i < service->n_channels ? service->names[i] : "?";
    if (service->strange_name)
        read->names[0] = service->strange_name;
    read->is_due = !service->delays;
    if (service->delays)
        read->later = make_later(service, ready, arg, &read->is_due);
    service->n_reads++;
    service->latest = read;
    return read;
}

struct read *service_read_page(struct service *service, const struct client *client,
                               const char *file_path, int64_t page, ready_fn *ready, void *arg)
{
    (void)client;
    struct read *read = begin(service, file_path, service->n_channels, ready, arg);
    read->is_double = true;
    read->start_uutc = service->start_uutc + page * service->page_seconds * 1000000;
    read->n_samples = llround((double)service->page_seconds * service->rate_hz);
    return read;
}

struct read *service_read_range(struct service *service, const struct client *client,
                                const char *file_path, const char *const *channel_names,
                                size_t n_channels, int64_t start_uutc, int64_t end_uutc,
                                ready_fn *ready, void *arg)
{
    (void)client;
    (void)channel_names;
    if (n_channels == 0)
        n_channels = service->n_channels;
    struct read *read = begin(service, file_path, n_channels, ready, arg);
    read->start_uutc = start_uutc;
    read->n_samples = llround((double)(end_uutc - start_uutc) * service->rate_hz / 1e6);
    return read;
}

static const struct message *make_message(struct read *read)
{
    struct service *service = read->service;
    struct stub_message *made = calloc(1, sizeof *made);
    made->service = service;
    memcpy(made->file_path, read->file_path, sizeof made->file_path);
    service->n_messages_made++;
    if (++service->n_messages > service->most_messages)
        service->most_messages = service->n_messages;

    made->message.file_path = made->file_path;
    if (service->read_error) {
        made->message.error_message = service->read_error;
        read->n_given = read->n_samples;
        return &made->message;
    }

    size_t width = read->is_double ? 8 : 4;
    size_t limit = service->message_bytes < PATTERN_BYTES - 64 * PATTERN_SHIFT
                       ? service->message_bytes
                       : PATTERN_BYTES - 64 * PATTERN_SHIFT;
    int64_t n = (int64_t)(limit / (width * read->n_channels));
    n = n < 1 ? 1 : n;
    if (n > read->n_samples - read->n_given)
        n = read->n_samples - read->n_given;
    int64_t start_uutc =
        read->start_uutc + (int64_t)((double)read->n_given * 1e6 / service->rate_hz);
    made->message = (struct message){
        .file_path = made->file_path,
        .samples = service->pattern + (size_t)(read->k % 64) * PATTERN_SHIFT,
        .n_bytes = (size_t)n * width * read->n_channels,
        .is_double = read->is_double,
        .n_channels = read->n_channels,
        .n_samples = n,
        .start_uutc = start_uutc,
        .end_uutc = start_uutc + (int64_t)((double)n * 1e6 / service->rate_hz),
        .rate_hz = service->rate_hz,
        .channel_names = read->names,
    };
    read->n_given += n;
    read->k++;
    return &made->message;
}

enum pull read_pull(struct read *read, const struct message **message_out,
                    enum outcome *outcome_out)
{
    struct service *service = read->service;
    service->n_pulls++;
    if (!read->is_due)
        return PULL_WAIT;
    bool fails = service->outcome != OUTCOME_DONE && read->k >= service->n_before;
    if (fails || read->n_given >= read->n_samples) {
        *outcome_out = fails ? service->outcome : OUTCOME_DONE;
        return PULL_END;
    }

    *message_out = make_message(read);
    if (service->delays) {
        read->is_due = false;
        forget(read->later);
        read->later = make_later(service, read->ready, read->arg, &read->is_due);
    }
    return PULL_HERE;
}

void message_release(const struct message *message)
{
    union {
        const struct message *in;
        struct stub_message *out;
    } made = {.in = message};
    made.out->service->n_messages--;
    free(made.out);
}

void read_figures(const struct read *read, struct read_figures *figures_out)
{
    *figures_out = (struct read_figures){
        .n_channels = read->n_channels,
        .start_uutc = read->start_uutc,
        .end_uutc = read->start_uutc + 1,
        .hits = 1,
        .joins = 2,
        .decoded = 3,
        .working_ns = 4000,
    };
}

const char *read_damage(const struct read *read)
{
    return read->service->damage;
}

void read_free(struct read *read)
{
    if (!read)
        return;
    read->service->n_reads--;
    forget(read->later);
    free(read->names);
    free(read);
}

void message_moved(const struct message *message, size_t n)
{
    (void)message;
    (void)n;
}

bool read_is_shed(const struct read *read)
{
    return read->is_shed;
}

void service_stub_shed(struct service *service)
{
    service->latest->is_shed = true;
    service->latest->ready(service->latest->arg);
}
