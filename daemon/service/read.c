/* read.c - one request, from its first step to its last message.
 *
 * A read is a table of steps; a step returns the next one, or WAIT. The client's
 * side pulls; while one message is on its way to the client the next ones are
 * being filled, and when they are full nothing more is done: a slow client
 * stops only its own read. */
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/trace.h"
#include "service/look.h"
#include "service/read.h"

static void run(struct read *read);

void read_wake(struct read *read)
{
    if (read->is_waited_for)
        soon_call(read->service->parts.soon, &read->notify);
}

static void on_notify(struct soon_task *task)
{
    struct read *read = CONTAINER_OF(task, struct read, notify);

    read->is_waited_for = false;
    read->ready(read->arg);
}

/* There is news for whoever waits. */
static bool has_news(const struct read *read)
{
    enum fill_state oldest = read->slots[read->oldest].state;

    return read->at == STEP_END || oldest == FILL_READY || oldest == FILL_FAILED;
}

void read_go_on(struct read *read)
{
    run(read);
    if (has_news(read))
        read_wake(read);
}

static void on_opened(void *arg)
{
    struct read *read = arg;

    run(read);
    read_wake(read);
}

/* End with an answer that says what was wrong. */
#define REFUSE(read, kind, ...) \
    ((read)->refusal = (kind), text_add(&(read)->error, __VA_ARGS__), STEP_END)

/* The recording is not open, or may have changed on disk: open it, or look at it, first. */
static enum step open_on_demand(struct read *read)
{
    struct file_info info;

    if (!read->opening) {
        read->opening = service_open(read->service, &read->client, read->path, on_opened, read);
        if (!read->opening) {
            read->outcome = OUTCOME_EXHAUSTED;
            return STEP_END;
        }
    }
    switch (opening_pull(read->opening, &info, &read->outcome)) {
    case PULL_WAIT:
        return STEP_WAIT;
    case PULL_END:
        return STEP_END;
    case PULL_HERE:
        break;
    }
    if (!info.opened)
        return REFUSE(read, info.is_locked ? REPLY_LOCKED : REPLY_NOT_FOUND, "%s",
                      info.error_message);
    opening_free(read->opening);
    read->opening = NULL;
    return STEP_CHECK;
}

static enum step step_lookup(struct read *read)
{
    const struct entry *entry = registry_find(read->service, read->path, read->client.password);

    if (entry && !entry->recording->stale && !look_is_due(entry->recording))
        return STEP_CHECK;
    if (read->request.is_page && !entry)
        return REFUSE(read, REPLY_NOT_FOUND, "File not open: %s", read->path);
    return open_on_demand(read);
}

static enum step step_check(struct read *read)
{
    const struct entry *entry = registry_find(read->service, read->path, read->client.password);

    trace_step("looked_up");
    if (!entry) /* closed while it was opened for us */
        return REFUSE(read, REPLY_NOT_FOUND, "File not open: %s", read->path);
    switch (window_resolve(&read->window, &read->request, entry, &read->error)) {
    case MEF3_OK:
        trace_step("checked");
        read->checked_ns = service_now_ns();
        read->stream = ahead_enter(read->service, &read->client, entry,
                                   read->request.is_page ? read->request.page : -1, &read->window);
        return STEP_FILL;
    case MEF3_ENOMEM:
        read->outcome = OUTCOME_EXHAUSTED;
        return STEP_END;
    default: /* read->error says it */
        read->refusal = read->window.refusal;
        return STEP_END;
    }
}

static void describe(struct read *read, struct fill *fill)
{
    const struct window *window = &read->window;
    struct message *message = &fill->buffer->message;

    *message = (struct message){
        .file_path = read->path,
        .samples = fill->buffer->samples,
        .n_bytes = message->n_bytes,
        .is_double = window->is_double,
        .n_channels = window->n_channels,
        .n_samples = fill->n,
        .start_uutc = window_time(window, fill->first),
        .end_uutc = window_time(window, fill->first + fill->n),
        .rate_hz = window->rate_hz,
        .channel_names = window->names,
        .version = window->recording->fingerprint,
    };
}

static void on_filled(struct fill *fill);

/* Fill what is empty, as far as there is more. A page without samples is one
 * message all the same. */
static enum step step_fill(struct read *read)
{
    for (unsigned i = 0; i < SLOTS && !read->all_taken; i++) {
        struct fill *fill = &read->slots[(read->oldest + i) % SLOTS];
        if (fill->state != FILL_EMPTY)
            continue;
        struct buffer *buffer = room_ask(read, i > 0);
        if (!buffer)
            return read->at == STEP_END ? STEP_END : STEP_WAIT;
        int64_t first = read->next;
        int64_t n = room_samples(read, buffer);
        read->next += n;
        read->all_taken = read->next == read->window.n_samples;
        fill->service = read->service;
        fill->client = &read->client;
        fill->window = &read->window;
        fill->damage = &read->damage;
        fill->figures = &read->figures;
        fill->done = on_filled;
        fill_start(fill, buffer, first, n);
        if (fill->state == FILL_READY)
            messages_ready(&read->holder);
        if (fill->state == FILL_EMPTY) /* others needed its memory more */
            break;
    }
    if (read->all_taken && !read->needs_no_more) {
        read->needs_no_more = true;
        if (read->stream)
            ahead_go(read->stream);
    }
    return STEP_WAIT;
}

typedef enum step step_fn(struct read *read);
static step_fn *const STEPS[] = {
    [STEP_LOOKUP] = step_lookup,
    [STEP_CHECK] = step_check,
    [STEP_FILL] = step_fill,
};

static void run(struct read *read)
{
    while (read->at != STEP_END) {
        enum step next = STEPS[read->at](read);
        if (next == STEP_WAIT)
            return;
        read->at = next;
    }
}

static void on_filled(struct fill *fill)
{
    /* A fill's damage block is its read's. */
    struct read *read = CONTAINER_OF(fill->damage, struct read, damage);

    if (fill->state == FILL_READY)
        messages_ready(&read->holder);
    if (read->slots[read->oldest].state != FILL_WAITING)
        read_wake(read);
}

/* A message that holds nothing but an error. */
static enum pull tell_error(struct read *read, const struct message **message_out)
{
    struct buffer *buffer = messages_error(&read->holder);

    if (!buffer) {
        read->outcome = OUTCOME_EXHAUSTED;
        return PULL_END;
    }
    read->error_told = true;
    buffer->message = (struct message){
        .file_path = read->path, .error_message = text_get(&read->error), .refusal = read->refusal};
    *message_out = &buffer->message;
    return PULL_HERE;
}

/* Damage, where the settings make an error of it. */
static void refuse_damage(struct read *read)
{
    if (!read->service->parts.damage_is_error || read->damage.n_samples == 0)
        return;
    read->at = REFUSE(read, REPLY_DAMAGED, "Damaged recording: %s", read->damage.text);
}

/* Of a recording that has another in its place by now nothing more is told: samples of both
 * might be in a message. */
static void refuse_changed(struct read *read)
{
    if (!read->window.recording || !read->window.recording->stale || read->error.n > 0)
        return;
    read->at = REFUSE(read, REPLY_DAMAGED, "The recording changed on disk while it was read: %s",
                      read->path);
}

static enum pull take_message(struct read *read, const struct message **message_out)
{
    struct fill *fill = &read->slots[read->oldest];

    describe(read, fill);
    read->oldest = (read->oldest + 1) % SLOTS;
    struct buffer *buffer = fill_take(fill);
    messages_send(&read->holder, buffer);
    *message_out = &buffer->message;
    run(read);
    return PULL_HERE;
}

/* What there is to be pulled now. */
static enum pull pull(struct read *read, const struct message **message_out)
{
    enum fill_state oldest = read->slots[read->oldest].state;

    if (oldest == FILL_READY) {
        refuse_changed(read);
        refuse_damage(read);
    }
    if (read->error.n > 0)
        return read->error_told ? PULL_END : tell_error(read, message_out);
    if (read->at == STEP_END)
        return PULL_END;
    if (read->at != STEP_FILL)
        return PULL_WAIT;
    switch (oldest) {
    case FILL_READY:
        return take_message(read, message_out);
    case FILL_WAITING:
        return PULL_WAIT;
    case FILL_FAILED:
        read->outcome =
            read->slots[read->oldest].has_no_worker ? OUTCOME_UNAVAILABLE : OUTCOME_EXHAUSTED;
        return PULL_END;
    case FILL_EMPTY:
        break;
    }
    return read->all_taken ? PULL_END : PULL_WAIT;
}

/* The wait that has lasted till now. */
static void count_wait(const struct read *read, uint64_t now_ns, struct waits *waits)
{
    const struct fill *oldest = &read->slots[read->oldest];
    uint64_t opened_ns = read->checked_ns ? read->checked_ns : now_ns;

    if (read->waits_since_ns != 0)
        waits_add(waits, read->waits_since_ns, opened_ns, fill_queued_till_ns(oldest), now_ns);
}

enum pull read_pull(struct read *read, const struct message **message_out,
                    enum outcome *outcome_out)
{
    uint64_t since_ns = service_now_ns();

    count_wait(read, since_ns, &read->figures.waits);
    if (read->at != STEP_FILL || read->slots[read->oldest].state == FILL_EMPTY)
        run(read);
    enum pull result = pull(read, message_out);
    uint64_t now_ns = service_now_ns();
    read->figures.working_ns += now_ns - since_ns;
    read->is_waited_for = result == PULL_WAIT;
    read->waits_since_ns = result == PULL_WAIT ? now_ns : 0;
    if (result == PULL_END)
        *outcome_out = read->outcome;
    return result;
}

bool read_is_shed(const struct read *read)
{
    return read->holder.is_shed;
}

const char *read_damage(const struct read *read)
{
    return read->damage.text;
}

void read_figures(const struct read *read, struct read_figures *figures_out)
{
    const struct window *window = &read->window;

    *figures_out = read->figures;
    if (window->recording) {
        figures_out->n_channels = window->n_channels;
        figures_out->start_uutc = window->start_uutc;
        figures_out->end_uutc = window->end_uutc;
    }
    figures_out->n_damaged = read->damage.n_samples;
    count_wait(read, service_now_ns(), &figures_out->waits);
}

static struct read *read_new(struct service *service, const struct client *client,
                             const char *file_path, ready_fn *ready, void *arg)
{
    struct read *read = calloc(1, sizeof *read);

    if (!read)
        return NULL;
    read->service = service;
    read->client = *client;
    read->notify.run = on_notify;
    room_init(read);
    read->ready = ready;
    read->arg = arg;
    service->n_reads++;
    if (service->n_reads > service->parts.max_reads) {
        read->outcome = OUTCOME_EXHAUSTED;
        read->at = STEP_END;
    }
    read->path = strdup(file_path);
    if (read->path)
        return read;
    read_free(read);
    return NULL;
}

struct read *service_read_page(struct service *service, const struct client *client,
                               const char *file_path, int64_t page, ready_fn *ready, void *arg)
{
    struct read *read = read_new(service, client, file_path, ready, arg);

    if (read)
        read->request = (struct request){.is_page = true, .page = page};
    return read;
}

struct read *service_read_range(struct service *service, const struct client *client,
                                const char *file_path, const char *const *channel_names,
                                size_t n_channels, int64_t start_uutc, int64_t end_uutc,
                                ready_fn *ready, void *arg)
{
    struct read *read = read_new(service, client, file_path, ready, arg);

    if (!read)
        return NULL;
    struct request *request = &read->request;
    request->start_uutc = start_uutc;
    request->end_uutc = end_uutc;
    request->n_names = n_channels;
    request->names = text_copy_list(channel_names, n_channels);
    if (request->names)
        return read;
    read_free(read);
    return NULL;
}

/* The jobs that nobody else waits for leave the queue at once: they would be dropped
 * when their turn came, but hold the cache's memory until then. */
static void give_up_fills(struct read *read)
{
    bool is_waiting = false;

    for (unsigned i = 0; i < SLOTS; i++) {
        is_waiting |= read->slots[i].state == FILL_WAITING;
        fill_fini(&read->slots[i]);
    }
    if (is_waiting)
        pool_withdraw_unwanted(read->service->parts.pool, read->client.number);
}

void read_free(struct read *read)
{
    if (!read)
        return;
    opening_free(read->opening);
    give_up_fills(read);
    if (read->stream)
        ahead_leave(read->stream, !read->needs_no_more);
    room_fini(read);
    soon_cancel(read->service->parts.soon, &read->notify);
    window_fini(&read->window, read->service);
    free(read->request.names);
    text_fini(&read->error);
    read->service->n_reads--;
    free(read->path);
    free(read);
}
