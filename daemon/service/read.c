/* read.c - one request, from its first step to its last message.
 *
 * A read is a table of steps; a step returns the next one, or WAIT. The client's
 * side pulls; while one message is on its way to the client the next ones are
 * being filled, and when they are full nothing more is done: a slow client
 * stops only its own read. */
#include <stdlib.h>
#include <string.h>

#include <mef3/time.h>

#include "base/container.h"
#include "base/log.h"
#include "service/fill.h"
#include "service/state.h"

/* About 2.5 MiB a message: below the 4 MiB that clients accept by default. */
enum { MESSAGE_BYTES = 2621440 };
/* Messages that are filled ahead of the one that the client is taking. */
enum { SLOTS = 2 };
/* How much longer than the recording a window may be. */
#define MOST_BEYOND_US (86400 * 1000000ll)

enum step { STEP_LOOKUP, STEP_CHECK, STEP_FILL, STEP_WAIT, STEP_END };

struct read {
    struct service *service;
    enum step at;
    enum outcome outcome;
    char *path;
    bool is_page;
    int64_t page;
    char **asked; /* channel names as asked for; range only */
    size_t n_asked;
    struct opening *opening; /* a range opens its recording on demand */
    struct window window;
    uint32_t *channels; /* the window's own */
    int64_t samples_a_message;
    int64_t next;             /* first sample that no fill has taken */
    int64_t delivered;        /* samples in the messages that were pulled */
    struct fill slots[SLOTS]; /* a ring: `oldest` is the next to be pulled */
    unsigned oldest;
    struct text error; /* to be told in the next message */
    bool error_told;
    bool is_waited_for; /* a pull said WAIT: `ready` is owed */
    struct damage damage;
    struct soon_task notify;
    ready_fn *ready;
    void *arg;
};

static void run(struct read *read);

static void wake(struct read *read)
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

static void on_opened(void *arg)
{
    struct read *read = arg;

    run(read);
    wake(read);
}

/* End with an answer that says what was wrong. */
#define REFUSE(read, ...) (text_add(&(read)->error, __VA_ARGS__), STEP_END)

/* The recording is not open: open it first. */
static enum step open_on_demand(struct read *read)
{
    struct file_info info;

    if (!read->opening) {
        read->opening = service_open(read->service, read->path, on_opened, read);
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
        return REFUSE(read, "%s", info.error_message);
    opening_free(read->opening);
    read->opening = NULL;
    return STEP_CHECK;
}

static enum step step_lookup(struct read *read)
{
    const struct entry *entry = registry_find(read->service, read->path);

    if (entry && !entry->recording->stale)
        return STEP_CHECK;
    if (read->is_page && !entry)
        return REFUSE(read, "File not open: %s", read->path);
    return open_on_demand(read);
}

/* The window of a page; what is not a page is refused. */
static enum step find_page(struct read *read, const struct entry *entry)
{
    const struct recording *recording = entry->recording;
    int64_t n_pages = registry_n_pages(entry);
    struct window *window = &read->window;

    if (entry->page_us == 0)
        return REFUSE(read, "No chunks available for file: %s. Set a segment size to init chunks.",
                      read->path);
    if (read->page < 0 || read->page >= n_pages)
        return REFUSE(read, "Invalid chunk request: %lld for %s", (long long)read->page,
                      read->path);
    window->start_uutc = recording->start_uutc + read->page * entry->page_us;
    window->end_uutc = recording->end_uutc - window->start_uutc > entry->page_us
                           ? window->start_uutc + entry->page_us
                           : recording->end_uutc;
    return STEP_FILL;
}

static bool take_channels(struct read *read, size_t n)
{
    read->channels = calloc(n, sizeof *read->channels);
    read->window.names = calloc(n, sizeof *read->window.names);
    read->window.channels = read->channels;
    read->window.n_channels = n;
    if (read->channels && read->window.names)
        return true;
    read->outcome = OUTCOME_EXHAUSTED;
    return false;
}

static enum step select_page_channels(struct read *read, const struct entry *entry)
{
    size_t n = entry->selected ? entry->n_selected : entry->recording->n_channels;

    if (!take_channels(read, n))
        return STEP_END;
    for (size_t i = 0; i < n; i++)
        read->channels[i] = entry->selected ? entry->selected[i] : (uint32_t)i;
    return STEP_FILL;
}

static enum step select_range_channels(struct read *read, const struct entry *entry)
{
    const struct recording *recording = entry->recording;
    size_t n = read->n_asked ? read->n_asked : recording->n_channels;
    size_t n_unknown = 0;

    if (!take_channels(read, n))
        return STEP_END;
    for (size_t i = 0; i < n; i++) {
        int64_t place =
            read->n_asked ? recording_find_channel(recording, read->asked[i]) : (int64_t)i;
        if (place >= 0)
            read->channels[i] = (uint32_t)place;
        else
            read->window.names[n_unknown++] = read->asked[i];
    }
    if (n_unknown > 0) {
        text_add(&read->error, "Unknown channels: ");
        text_add_list(&read->error, read->window.names, n_unknown);
        return STEP_END;
    }
    return STEP_FILL;
}

static int compare_rates(const void *a, const void *b)
{
    const double *one = a, *other = b;

    return (*one > *other) - (*one < *other);
}

/* All channels of a window have one rate. */
static enum step check_rates(struct read *read, const struct recording *recording)
{
    size_t n = read->window.n_channels;
    bool same = true;

    read->window.rate_hz = recording->rates[read->channels[0]];
    for (size_t i = 0; i < n; i++)
        same &= recording->rates[read->channels[i]] == read->window.rate_hz;
    if (same)
        return STEP_FILL;
    double *rates = calloc(n, sizeof *rates);
    if (!rates) {
        read->outcome = OUTCOME_EXHAUSTED;
        return STEP_END;
    }
    for (size_t i = 0; i < n; i++)
        rates[i] = recording->rates[read->channels[i]];
    qsort(rates, n, sizeof *rates, compare_rates);
    text_add(&read->error, "Requested channels do not share a sampling rate: {");
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && rates[i] == rates[i - 1])
            continue;
        text_add(&read->error, i > 0 ? ", " : "");
        text_add_number(&read->error, rates[i]);
    }
    text_add(&read->error, "}");
    free(rates);
    return STEP_END;
}

static enum step check_length(struct read *read, const struct recording *recording)
{
    struct window *window = &read->window;
    int64_t span = mef3_time_difference(window->end_uutc, window->start_uutc);
    int64_t own = mef3_time_difference(recording->end_uutc, recording->start_uutc);

    if (span > own && span - own > MOST_BEYOND_US)
        return REFUSE(read,
                      "Requested window is too long: %lld s; the recording has %lld s, and a "
                      "window may be at most a day longer",
                      (long long)(span / 1000000), (long long)(own / 1000000));
    if (mef3_window_samples(window->start_uutc, window->end_uutc, window->rate_hz,
                            &window->n_samples) != MEF3_OK)
        return REFUSE(read, "Requested window cannot be counted in samples");
    if (!read->is_page && window->n_samples == 0)
        return REFUSE(read, "Requested window is shorter than one sample");
    return STEP_FILL;
}

static enum step step_check(struct read *read)
{
    const struct entry *entry = registry_find(read->service, read->path);
    struct window *window = &read->window;
    enum step next;

    if (!entry) /* closed while it was opened for us */
        return REFUSE(read, "File not open: %s", read->path);
    next = read->is_page ? find_page(read, entry) : STEP_FILL;
    if (next == STEP_FILL)
        next =
            read->is_page ? select_page_channels(read, entry) : select_range_channels(read, entry);
    if (next == STEP_FILL && window->end_uutc <= window->start_uutc)
        next = REFUSE(read, "end_uutc must be greater than start_uutc");
    if (next == STEP_FILL)
        next = check_rates(read, entry->recording);
    if (next == STEP_FILL)
        next = check_length(read, entry->recording);
    if (next != STEP_FILL)
        return next;
    window->recording = entry->recording;
    recording_ref(window->recording);
    window->is_double = read->is_page;
    for (size_t i = 0; i < window->n_channels; i++)
        window->names[i] = window->recording->names[read->channels[i]];
    size_t a_sample = window->n_channels * (window->is_double ? sizeof(double) : sizeof(float));
    read->samples_a_message = a_sample < MESSAGE_BYTES ? (int64_t)(MESSAGE_BYTES / a_sample) : 1;
    return STEP_FILL;
}

static void describe(struct read *read, struct fill *fill)
{
    const struct window *window = &read->window;
    struct message *message = &fill->buffer->message;
    double span = (double)(window->end_uutc - window->start_uutc);
    double total = window->n_samples > 0 ? (double)window->n_samples : 1;

    *message = (struct message){
        .file_path = read->path,
        .samples = fill->buffer->samples,
        .n_bytes = message->n_bytes,
        .is_double = window->is_double,
        .n_channels = window->n_channels,
        .n_samples = fill->n,
        .start_uutc = window->start_uutc + (int64_t)((double)fill->first / total * span),
        .end_uutc =
            fill->first + fill->n == window->n_samples
                ? window->end_uutc
                : window->start_uutc + (int64_t)((double)(fill->first + fill->n) / total * span),
        .rate_hz = window->rate_hz,
        .channel_names = window->names,
    };
}

static void on_filled(struct fill *fill);

static bool has_more(const struct read *read)
{
    return read->next < read->window.n_samples ||
           (read->window.n_samples == 0 && read->delivered == 0 && read->next == 0);
}

/* Fill what is empty, as far as there is more. */
static enum step step_fill(struct read *read)
{
    for (unsigned i = 0; i < SLOTS && has_more(read); i++) {
        struct fill *fill = &read->slots[(read->oldest + i) % SLOTS];
        if (fill->state != FILL_EMPTY)
            continue;
        int64_t n = read->window.n_samples - read->next;
        if (n > read->samples_a_message)
            n = read->samples_a_message;
        fill->service = read->service;
        fill->window = &read->window;
        fill->damage = &read->damage;
        fill->done = on_filled;
        int64_t first = read->next;
        read->next = n > 0 ? first + n : 1;
        fill_start(fill, first, n);
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
    wake(CONTAINER_OF(fill->damage, struct read, damage));
}

/* A message that holds nothing but an error. */
static enum pull tell_error(struct read *read, const struct message **message_out)
{
    struct buffer *buffer = buffer_take(read->service, 0);

    if (!buffer) {
        read->outcome = OUTCOME_EXHAUSTED;
        return PULL_END;
    }
    read->error_told = true;
    buffer->message =
        (struct message){.file_path = read->path, .error_message = text_get(&read->error)};
    *message_out = &buffer->message;
    return PULL_HERE;
}

/* Damage, where the settings make an error of it. */
static bool is_refused_for_damage(struct read *read)
{
    if (!read->service->parts.damage_is_error || read->damage.n_samples == 0)
        return false;
    text_add(&read->error, "Damaged recording: %s", read->damage.text);
    read->at = STEP_END;
    return true;
}

static enum pull take_message(struct read *read, const struct message **message_out)
{
    struct fill *fill = &read->slots[read->oldest];

    describe(read, fill);
    read->delivered += fill->n > 0 ? fill->n : 1;
    read->oldest = (read->oldest + 1) % SLOTS;
    *message_out = &fill_take(fill)->message;
    run(read);
    return PULL_HERE;
}

enum pull read_pull(struct read *read, const struct message **message_out,
                    enum outcome *outcome_out)
{
    enum pull pull = PULL_END;

    if (read->at != STEP_FILL)
        run(read);
    else if (read->slots[read->oldest].state == FILL_EMPTY && has_more(read))
        run(read);
    enum fill_state state = read->slots[read->oldest].state;
    if (state == FILL_READY)
        is_refused_for_damage(read);
    if (read->error.bytes && !read->error_told)
        pull = tell_error(read, message_out);
    else if (read->at == STEP_END)
        pull = PULL_END;
    else if (state == FILL_READY)
        return take_message(read, message_out);
    else if (state == FILL_FAILED)
        read->outcome = OUTCOME_EXHAUSTED;
    else if (read->at != STEP_FILL || state == FILL_WAITING)
        pull = PULL_WAIT;
    read->is_waited_for = pull == PULL_WAIT;
    if (pull == PULL_END)
        *outcome_out = read->outcome;
    return pull;
}

void message_release(const struct message *message)
{
    buffer_give(CONTAINER_OF((uintptr_t)message, struct buffer, message));
}

const char *read_damage(const struct read *read)
{
    return read->damage.text;
}

static struct read *read_new(struct service *service, const char *file_path, ready_fn *ready,
                             void *arg)
{
    struct read *read = calloc(1, sizeof *read);

    if (!read)
        return NULL;
    read->service = service;
    read->notify.run = on_notify;
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

struct read *service_read_page(struct service *service, const char *file_path, int64_t page,
                               ready_fn *ready, void *arg)
{
    struct read *read = read_new(service, file_path, ready, arg);

    if (!read)
        return NULL;
    read->is_page = true;
    read->page = page;
    return read;
}

struct read *service_read_range(struct service *service, const char *file_path,
                                const char *const *channel_names, size_t n_channels,
                                int64_t start_uutc, int64_t end_uutc, ready_fn *ready, void *arg)
{
    struct read *read = read_new(service, file_path, ready, arg);

    if (!read)
        return NULL;
    read->window.start_uutc = start_uutc;
    read->window.end_uutc = end_uutc;
    read->asked = calloc(n_channels ? n_channels : 1, sizeof *read->asked);
    if (!read->asked)
        goto fail;
    for (; read->n_asked < n_channels; read->n_asked++)
        if (!(read->asked[read->n_asked] = strdup(channel_names[read->n_asked])))
            goto fail;
    return read;

fail:
    read_free(read);
    return NULL;
}

void read_free(struct read *read)
{
    if (!read)
        return;
    opening_free(read->opening);
    for (unsigned i = 0; i < SLOTS; i++)
        fill_fini(&read->slots[i]);
    soon_cancel(read->service->parts.soon, &read->notify);
    if (read->window.recording)
        recording_unref(read->service, read->window.recording);
    for (size_t i = 0; i < read->n_asked; i++)
        free(read->asked[i]);
    free(read->asked);
    free(read->window.names);
    free(read->channels);
    text_fini(&read->error);
    read->service->n_reads--;
    free(read->path);
    free(read);
}
