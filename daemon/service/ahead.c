/* ahead.c - read-ahead: the streams of requests, and whose turn it is. */
#include "service/ahead.h"

#include <stdlib.h>
#include <string.h>

#include <mef3/time.h>

#include "base/container.h"
#include "service/ahead_window.h"
#include "service/window.h"

/* The stream that asked longest ago is forgotten for one more. */
enum { MOST_STREAMS = 256 };
/* Jobs that wait or are under way, for each worker: enough that none of them is
 * idle, few enough that what is planned anew does not wait behind old plans. */
enum { JOBS_A_WORKER = 2 };
/* Of the cache's memory, for all streams together. The cache itself gives no more,
 * but makes room by forgetting what was read ahead before; so each has a part of
 * the share that its own windows fit in. */
enum { SHARE = 4, MOST_SHARES = 8 };
enum { STEPS_A_TURN = 8 };

struct ahead_stream {
    TAILQ_ENTRY(ahead_stream) link;
    TAILQ_ENTRY(ahead_stream) busy_link;
    struct service *service;
    struct ahead_rows rows; /* recording NULL: forgotten, waits for its reads to end */
    int64_t page_us;        /* 0: ranges */
    struct ahead_trail trail;
    TAILQ_HEAD(, ahead_window) windows; /* the first is the most urgent */
    struct runs_wait runs;
    size_t n_reads;
    size_t n_needy; /* reads that need the workers themselves */
    bool is_busy;
};

void ahead_soon(struct service *service)
{
    if (!TAILQ_EMPTY(&service->ahead.busy))
        soon_call(service->parts.soon, &service->ahead.turn);
}

static struct ahead_window *window_at_hand(const struct ahead_stream *stream)
{
    struct ahead_window *window;

    TAILQ_FOREACH(window, &stream->windows, link)
        if (!ahead_window_is_asked(window))
            return window;
    return NULL;
}

static bool can_go_on(const struct ahead_stream *stream)
{
    return stream->n_needy == 0 && !stream->runs.waiting && stream->rows.recording &&
           !stream->rows.recording->stale && window_at_hand(stream);
}

/* See whether it has its turns. */
static void stir(struct ahead_stream *stream)
{
    struct ahead *ahead = &stream->service->ahead;
    bool can = can_go_on(stream);

    if (can && !stream->is_busy)
        TAILQ_INSERT_TAIL(&ahead->busy, stream, busy_link);
    if (!can && stream->is_busy)
        TAILQ_REMOVE(&ahead->busy, stream, busy_link);
    stream->is_busy = can;
    ahead_soon(stream->service);
}

static void on_runs(struct runs_wait *wait)
{
    struct ahead_stream *stream = CONTAINER_OF(wait, struct ahead_stream, runs);

    struct ahead_window *window;

    if (wait->in_vain)
        TAILQ_FOREACH(window, &stream->windows, link)
            window->is_cut = true;
    stir(stream);
}

static size_t bytes_of(const struct ahead_stream *stream)
{
    const struct ahead_window *window;
    size_t n = 0;

    TAILQ_FOREACH(window, &stream->windows, link)
        n += window->n_bytes;
    return n;
}

/* What the window may have, beside the stream's others. */
static size_t most_bytes(const struct ahead_stream *stream, const struct ahead_window *window)
{
    const struct ahead_stream *other;
    size_t n = 0;

    TAILQ_FOREACH(other, &stream->service->ahead.streams, link)
        n += !TAILQ_EMPTY(&other->windows) && n < MOST_SHARES;
    size_t share = cache_counters(stream->service->parts.cache).budget_bytes / SHARE / n;
    size_t others = bytes_of(stream) - window->n_bytes;

    return others < share ? share - others : 0;
}

static void step(struct ahead_stream *stream)
{
    struct service *service = stream->service;
    struct ahead_window *window = window_at_hand(stream);
    struct recording *recording = stream->rows.recording;

    recording_ref(recording); /* a job may have the last one, and end at once */
    ahead_window_ask(window, &stream->rows, stream->service, most_bytes(stream, window),
                     &stream->runs);
    if (stream->is_busy) { /* the others come first now */
        TAILQ_REMOVE(&stream->service->ahead.busy, stream, busy_link);
        stream->is_busy = false;
    }
    stir(stream);
    recording_unref(service, recording);
}

static void on_turn(struct soon_task *task)
{
    struct ahead *ahead = CONTAINER_OF(task, struct ahead, turn);
    struct service *service = CONTAINER_OF(ahead, struct service, ahead);
    size_t most = JOBS_A_WORKER * pool_size(service->parts.pool);

    for (int i = 0; i < STEPS_A_TURN && !TAILQ_EMPTY(&ahead->busy); i++) {
        if (ahead->n_jobs >= most)
            return; /* a job that ends brings the next turn */
        step(TAILQ_FIRST(&ahead->busy));
    }
    ahead_soon(service);
}

void ahead_init(struct service *service)
{
    TAILQ_INIT(&service->ahead.streams);
    TAILQ_INIT(&service->ahead.busy);
    service->ahead.turn.run = on_turn;
}

static void drop_window(struct ahead_stream *stream, struct ahead_window *window)
{
    TAILQ_REMOVE(&stream->windows, window, link);
    ahead_window_free(window, stream->service);
}

/* Somebody has a reference of the recording meanwhile. */
static void drop_plan(struct ahead_stream *stream)
{
    struct ahead_window *window;

    recording_stop_waiting(&stream->runs);
    while ((window = TAILQ_FIRST(&stream->windows)))
        drop_window(stream, window);
    stir(stream);
}

static void stream_free(struct ahead_stream *stream)
{
    TAILQ_REMOVE(&stream->service->ahead.streams, stream, link);
    stream->service->ahead.n_streams--;
    free(stream->rows.channels);
    free(stream);
}

static void forget(struct ahead_stream *stream)
{
    struct service *service = stream->service;
    struct recording *recording = stream->rows.recording;

    recording_ref(recording); /* a job that is taken back may have the last one */
    drop_plan(stream);
    stream->rows.recording = NULL;
    if (stream->n_reads == 0)
        stream_free(stream);
    recording_unref(service, recording);
}

void ahead_fini(struct service *service)
{
    struct ahead_stream *stream;

    while ((stream = TAILQ_FIRST(&service->ahead.streams)))
        forget(stream); /* no reads: none stays */
    soon_cancel(service->parts.soon, &service->ahead.turn);
}

/* --- Which stream a request belongs to ------------------------------------- */

static bool is_like(const struct ahead_stream *stream, const struct client *client, int64_t page_us,
                    const struct window *window)
{
    const struct ahead_rows *rows = &stream->rows;

    return rows->recording == window->recording && rows->client.number == client->number &&
           stream->page_us == page_us && rows->n_channels == window->n_channels &&
           memcmp(rows->channels, window->channels, rows->n_channels * sizeof *rows->channels) == 0;
}

/* The one that the request goes on with; else one that waits for a request, and so
 * has jumped. A client may read at several places at once: those are streams that
 * have a read under way each, and none of them has jumped. */
static struct ahead_stream *find(struct service *service, const struct client *client,
                                 int64_t page_us, const struct window *window,
                                 struct ahead_span asked)
{
    struct ahead_stream *stream, *jumped = NULL;

    TAILQ_FOREACH(stream, &service->ahead.streams, link) {
        if (!is_like(stream, client, page_us, window))
            continue;
        if (ahead_goes_on(&stream->trail, asked))
            return stream;
        if (!jumped && stream->n_reads == 0)
            jumped = stream;
    }
    return jumped;
}

/* Make room for one more. */
static void forget_oldest(struct ahead *ahead)
{
    struct ahead_stream *stream;

    TAILQ_FOREACH_REVERSE(stream, &ahead->streams, ahead_streams, link)
    {
        if (stream->n_reads == 0) {
            forget(stream); /* others may go with it, with their recording */
            return;
        }
    }
}

static struct ahead_stream *stream_new(struct service *service, const struct client *client,
                                       int64_t page_us, const struct window *window)
{
    struct ahead_stream *stream;
    uint32_t *channels;

    if (service->ahead.n_streams >= MOST_STREAMS)
        forget_oldest(&service->ahead);
    if (service->ahead.n_streams >= MOST_STREAMS)
        return NULL;
    stream = calloc(1, sizeof *stream);
    channels = calloc(window->n_channels, sizeof *channels);
    if (!stream || !channels) {
        free(stream);
        free(channels);
        return NULL;
    }
    memcpy(channels, window->channels, window->n_channels * sizeof *channels);
    stream->service = service;
    stream->page_us = page_us;
    stream->rows = (struct ahead_rows){
        .client = {.number = client->number}, /* it outlives the request */
        .recording = window->recording,
        .channels = channels,
        .n_channels = window->n_channels,
        .rate_hz = window->rate_hz,
        .samples_a_message = window->samples_a_message,
    };
    stream->runs.retry = on_runs;
    TAILQ_INIT(&stream->windows);
    TAILQ_INSERT_HEAD(&service->ahead.streams, stream, link);
    service->ahead.n_streams++;
    return stream;
}

/* --- What is planned at a request ------------------------------------------ */

static struct ahead_window *take_window(struct ahead_stream *stream, struct ahead_span span)
{
    struct ahead_window *window;

    TAILQ_FOREACH(window, &stream->windows, link) {
        if (window->span.first == span.first && window->span.end == span.end) {
            TAILQ_REMOVE(&stream->windows, window, link);
            window->is_cut = false; /* there may be memory by now */
            return window;
        }
    }
    if (stream->page_us == 0)
        return ahead_window_new(&stream->rows, span, span.first, span.end);
    int64_t start_uutc = stream->rows.recording->start_uutc + span.first * stream->page_us;
    int64_t rest_us = mef3_time_difference(stream->rows.recording->end_uutc, start_uutc);
    return ahead_window_new(&stream->rows, span, start_uutc,
                            start_uutc + (rest_us < stream->page_us ? rest_us : stream->page_us));
}

/* The new plan in place of the old; what is in both goes on. */
static void set_plan(struct ahead_stream *stream, const struct ahead_plan *plan)
{
    struct ahead_window *windows[AHEAD_MOST];
    struct ahead_window *old;
    size_t n = 0;

    recording_stop_waiting(&stream->runs);
    for (size_t i = 0; i < plan->n; i++)
        if ((windows[n] = take_window(stream, plan->spans[i])))
            n++;
    while ((old = TAILQ_FIRST(&stream->windows)))
        drop_window(stream, old);
    for (size_t i = 0; i < n; i++)
        TAILQ_INSERT_TAIL(&stream->windows, windows[i], link);
}

static struct ahead_stream *ask(struct service *service, const struct client *client,
                                const struct window *window, int64_t page_us,
                                struct ahead_span asked, struct ahead_span bounds)
{
    const struct service_parts *parts = &service->parts;
    struct ahead_reach reach = {page_us ? parts->ahead_pages : parts->ahead_ranges,
                                page_us ? 0 : parts->behind_ranges};
    struct ahead_stream *stream;
    struct ahead_plan plan;

    if (reach.ahead == 0 && reach.behind == 0)
        return NULL;
    stream = find(service, client, page_us, window, asked);
    if (!stream)
        stream = stream_new(service, client, page_us, window);
    if (!stream)
        return NULL;
    TAILQ_REMOVE(&service->ahead.streams, stream, link);
    TAILQ_INSERT_HEAD(&service->ahead.streams, stream, link);
    ahead_decide(&stream->trail, reach, asked,
                 page_us ? 1 : mef3_time_difference(asked.end, asked.first), bounds, &plan);
    set_plan(stream, &plan);
    return stream;
}

struct ahead_stream *ahead_enter(struct service *service, const struct client *client,
                                 const struct entry *entry, int64_t page,
                                 const struct window *window)
{
    struct ahead_span range = {window->start_uutc, window->end_uutc};
    struct ahead_span all = {window->recording->start_uutc, window->recording->end_uutc};
    struct ahead_stream *stream =
        page < 0 ? ask(service, client, window, 0, range, all)
                 : ask(service, client, window, entry->page_us, (struct ahead_span){page, page + 1},
                       (struct ahead_span){0, registry_n_pages(entry)});

    if (!stream)
        return NULL;
    stream->n_reads++;
    stream->n_needy++;
    stir(stream);
    return stream;
}

void ahead_begin_grid(struct service *service, const struct client *client,
                      const struct entry *entry)
{
    struct window window;
    struct text error = {0};
    struct request first = {.is_page = true};

    if (window_resolve(&window, &first, entry, &error) == MEF3_OK) {
        struct ahead_stream *stream =
            ask(service, client, &window, entry->page_us, (struct ahead_span){0, 0},
                (struct ahead_span){0, registry_n_pages(entry)});
        if (stream)
            stir(stream);
    }
    window_fini(&window, service);
    text_fini(&error);
}

void ahead_go(struct ahead_stream *stream)
{
    stream->n_needy--;
    stir(stream);
}

void ahead_leave(struct ahead_stream *stream, bool is_given_up)
{
    stream->n_reads--;
    if (is_given_up) {
        stream->n_needy--;
        if (stream->rows.recording)
            drop_plan(stream);
    }
    if (!stream->rows.recording && stream->n_reads == 0)
        stream_free(stream);
}

/* --- What is not wanted any more ------------------------------------------- */

static struct ahead_stream *first_of_client(struct service *service, uint64_t number)
{
    struct ahead_stream *stream;

    TAILQ_FOREACH(stream, &service->ahead.streams, link)
        if (stream->rows.recording && stream->rows.client.number == number)
            return stream;
    return NULL;
}

static struct ahead_stream *first_of_recording(struct service *service,
                                               const struct recording *recording, bool grids_only)
{
    struct ahead_stream *stream;

    TAILQ_FOREACH(stream, &service->ahead.streams, link)
        if (stream->rows.recording == recording && !(grids_only && stream->page_us == 0))
            return stream;
    return NULL;
}

/* Each from the start: with one stream its recording may go, and others with that. */
void ahead_forget_client(struct service *service, const struct client *client)
{
    struct ahead_stream *stream;

    while ((stream = first_of_client(service, client->number)))
        forget(stream);
}

void ahead_forget_recording(struct service *service, const struct recording *recording)
{
    struct ahead_stream *stream;

    while ((stream = first_of_recording(service, recording, false)))
        forget(stream);
}

/* What comes next is planned at the next request: there may be more. */
void ahead_follow(struct service *service, const struct recording *past, struct recording *later)
{
    struct ahead_stream *stream;

    while ((stream = first_of_recording(service, past, false))) {
        drop_plan(stream);
        stream->rows.recording = later;
    }
}

void ahead_forget_grids(struct service *service, const struct recording *recording)
{
    struct ahead_stream *stream;

    while ((stream = first_of_recording(service, recording, true)))
        forget(stream);
}
