/* fill.c - one message is filled with samples. */
#include "service/fill.h"

#include <stdlib.h>

#include <mef3/time.h>

#include "base/container.h"
#include "base/trace.h"
#include "service/gather.h"
#include "service/piece.h"

/* A piece of a row, and where it belongs. */
struct part {
    struct tile_wait wait;
    struct fill *fill;
    size_t row;
    int64_t at; /* in the message */
    struct piece piece;
};

/* A row is planned in pieces and parts are asked for in batches, so that a file
 * with a run for each sample takes little more memory and time than another. */
enum { SAMPLES_A_PLAN = 4096, PARTS_A_BATCH = 2048 };

static void advance(struct fill *fill);

static uint8_t *place(struct fill *fill, size_t row, int64_t at)
{
    return fill->buffer->samples +
           ((size_t)fill->n * row + (size_t)at) * gather_bytes(fill->window->is_double);
}

static const struct channel *channel_of(const struct fill *fill, size_t row)
{
    return &fill->window->recording->channels[fill->window->channels[row]];
}

/* The rest of what the last part is of: a piece ended within a tile. */
static bool goes_on(const struct fill *fill, const struct part *part)
{
    const struct part *last = fill->n_parts > 0 ? &fill->parts[fill->n_parts - 1] : NULL;

    return last && last->row == part->row && last->at + last->piece.n == part->at &&
           piece_is_followed(&last->piece, &part->piece);
}

static bool add_part(struct fill *fill, struct part part)
{
    if (goes_on(fill, &part)) {
        fill->parts[fill->n_parts - 1].piece.n += part.piece.n;
        return true;
    }
    if (fill->n_parts == fill->parts_room) {
        size_t room = fill->parts_room ? 2 * fill->parts_room : 64;
        struct part *parts = realloc(fill->parts, room * sizeof *parts);
        if (!parts)
            return false;
        fill->parts = parts;
        fill->parts_room = room;
    }
    fill->parts[fill->n_parts++] = part;
    return true;
}

/* Cut a span at the borders of its run's tiles. */
static bool add_span(struct fill *fill, const struct span *span)
{
    uint32_t longest = cache_longest_tile(fill->service->parts.cache);
    int64_t done = 0;

    while (done < span->n) {
        struct part part = {
            .fill = fill,
            .row = fill->row,
            .at = span->at + done - fill->first,
            .piece = piece_of(fill->window->recording, fill->window->channels[fill->row], span,
                              done, longest),
        };
        if (!add_part(fill, part))
            return false;
        done += part.piece.n;
    }
    return true;
}

/* Name a stretch that could not be read: once, whatever pieces it was planned in. */
static void tell_lost(struct fill *fill)
{
    if (fill->lost.n > 0) {
        const struct channel *channel = channel_of(fill, fill->row);
        const struct segment *segment = &channel->segments[fill->lost.segment];
        damage_add(fill->damage, channel->name, segment->number, fill->lost.n,
                   segment->why ? segment->why : "its index could not be read");
    }
    fill->lost.n = 0;
}

static void fill_unreadable(struct fill *fill, const struct span *span)
{
    gather_nan(place(fill, fill->row, span->at - fill->first), fill->window->is_double,
               (size_t)span->n);
    if (fill->lost.segment != span->segment || fill->lost.end != span->at)
        tell_lost(fill);
    fill->lost.segment = span->segment;
    fill->lost.end = span->at + span->n;
    fill->lost.n += span->n;
}

/* Plan [first, end) of the row at hand, in window samples. */
static bool plan_piece(struct fill *fill, int64_t first, int64_t end)
{
    struct span_list *spans = &fill->service->spans;
    int64_t covered = first;

    if (!plan_row(channel_of(fill, fill->row), fill->window->start_uutc, first, end - first, spans))
        return false;
    for (size_t i = 0; i <= spans->n; i++) {
        const struct span *span = i < spans->n ? &spans->spans[i] : NULL;
        int64_t next = span ? span->at : end;
        if (next > covered)
            gather_nan(place(fill, fill->row, covered - fill->first), fill->window->is_double,
                       (size_t)(next - covered));
        if (!span)
            break;
        covered = span->at + span->n;
        if (span->unreadable)
            fill_unreadable(fill, span);
        else if (!add_span(fill, span))
            return false;
    }
    return true;
}

/* The next batch of parts. Only while none is asked for. */
static bool plan_batch(struct fill *fill)
{
    trace_step("indexed");
    fill->n_parts = fill->next_part = 0;
    while (fill->row < fill->window->n_channels && fill->n_parts < PARTS_A_BATCH) {
        int64_t n = fill->n - fill->at;
        if (n > SAMPLES_A_PLAN)
            n = SAMPLES_A_PLAN;
        if (n > 0 && !plan_piece(fill, fill->first + fill->at, fill->first + fill->at + n))
            return false;
        fill->at += n;
        if (fill->at == fill->n) {
            tell_lost(fill);
            fill->at = 0;
            fill->row++;
        }
    }
    trace_step("planned");
    return true;
}

/* Damaged stretches are NaN whatever stands in the arena, and are told. */
static void blank_damage(struct part *part, const struct tile *tile)
{
    struct fill *fill = part->fill;
    const struct piece *piece = &part->piece;
    const struct channel *channel = channel_of(fill, part->row);
    const struct tile_damage *damage;

    SLIST_FOREACH(damage, &tile->damage, link)
    {
        int64_t from = damage->first > piece->first ? damage->first : piece->first;
        int64_t to = (int64_t)damage->first + damage->n;
        if (to > (int64_t)piece->first + piece->n)
            to = (int64_t)piece->first + piece->n;
        if (from >= to)
            continue;
        gather_nan(place(fill, part->row, part->at + from - piece->first), fill->window->is_double,
                   (size_t)(to - from));
        damage_add(fill->damage, channel->name, channel->segments[piece->key.segment].number,
                   to - from, damage->text);
    }
}

/* The part's units are settled: copy its samples out and let the tile go. */
static void gather(struct part *part, struct tile *tile)
{
    struct fill *fill = part->fill;
    const struct piece *piece = &part->piece;

    gather_counts(place(fill, part->row, part->at), fill->window->is_double,
                  tile->samples + piece->first, piece->n,
                  channel_of(fill, part->row)->units_factor);
    if (tile->unreadable)
        blank_damage(part, tile);
    cache_use(tile, piece->first, piece->n);
    cache_unpin(fill->service->parts.cache, tile);
}

/* What was done since. The fill is not looked at: its read goes on for longer. */
static void count_work(struct read_figures *figures, uint64_t since_ns)
{
    figures->working_ns += service_now_ns() - since_ns;
}

/* The first job of what was asked for has ended: how long it had stood in the queue. */
static void count_queueing(struct fill *fill)
{
    uint64_t started_ns = fill->service->job_started_ns;

    if (fill->asked_ns != 0 && started_ns > fill->asked_ns)
        fill->queueing_ns += started_ns - fill->asked_ns;
    fill->asked_ns = 0;
}

static void on_settled(struct tile_wait *wait, struct tile *tile)
{
    struct part *part = CONTAINER_OF(wait, struct part, wait);
    struct read_figures *figures = part->fill->figures;
    uint64_t since_ns = service_now_ns();

    count_queueing(part->fill);
    if (cache_is_settled(tile, piece_units(&part->piece))) {
        gather(part, tile);
    } else {
        part->fill->has_no_worker = true;
        cache_unpin(part->fill->service->parts.cache, tile);
    }
    if (--part->fill->n_waiting == 0)
        advance(part->fill);
    count_work(figures, since_ns);
}

/* What of a part's units was there, and what was not. */
static void count_units(struct read_figures *figures, const struct tile *tile, uint64_t units,
                        uint64_t missing)
{
    figures->hits += (uint64_t)__builtin_popcountll(units & tile->settled);
    figures->joins += (uint64_t)__builtin_popcountll(units & tile->under_way & ~missing);
    figures->decoded += (uint64_t)__builtin_popcountll(missing);
}

/* False: there is no memory for the tile now. */
static bool ask_part(struct part *part, struct decode_batch *batch)
{
    const struct piece *piece = &part->piece;
    struct tile *tile =
        cache_ask(part->fill->service->parts.cache, &piece->key, piece->grid, piece->tile_samples);

    if (!tile)
        return false;
    uint64_t claimed = piece_need(piece, tile, batch);
    count_units(part->fill->figures, tile, piece_units(piece), claimed);
    part->wait.settled = on_settled;
    if (cache_await(tile, piece_units(piece), &part->wait))
        gather(part, tile);
    else
        part->fill->n_waiting++;
    return true;
}

static void ask_parts(struct fill *fill)
{
    struct decode_batch batch;

    decode_begin(&batch, fill->service, fill->client, fill->window->recording);
    while (fill->next_part < fill->n_parts) {
        if (!ask_part(&fill->parts[fill->next_part], &batch)) {
            cache_wait_memory(fill->service->parts.cache, &fill->memory);
            break;
        }
        fill->next_part++;
    }
    fill->asked_ns = service_now_ns();
    decode_submit(&batch);
    trace_step("submitted");
}

static bool runs_are_known(struct fill *fill)
{
    const struct window *window = fill->window;
    int64_t from = mef3_index_to_time(fill->first, window->start_uutc, window->rate_hz);
    int64_t to = mef3_index_to_time(fill->first + fill->n, window->start_uutc, window->rate_hz);

    struct index_asker asker = {fill->service, *fill->client, POOL_NOW};

    fill->asked_ns = service_now_ns();
    return index_need(&asker, window->recording, window->channels, window->n_channels, from, to,
                      &fill->runs);
}

static enum fill_state gathered(void)
{
    trace_step("gathered");
    return FILL_READY;
}

static enum fill_state step(struct fill *fill)
{
    while (fill->n_waiting == 0 && !fill->memory.waiting) {
        if (fill->has_no_worker)
            return FILL_FAILED;
        if (fill->next_part < fill->n_parts)
            ask_parts(fill);
        else if (fill->row == fill->window->n_channels)
            return gathered();
        else if (!runs_are_known(fill)) /* an unreadable index may be tried again meanwhile */
            break;
        else if (!plan_batch(fill))
            return FILL_FAILED;
    }
    return FILL_WAITING;
}

/* What is called back while it steps does not step again: the loop sees it. */
static void advance(struct fill *fill)
{
    if (fill->advancing || fill->state != FILL_WAITING)
        return;
    fill->advancing = true;
    enum fill_state state = step(fill);
    fill->advancing = false;
    fill->state = state;
    if (state != FILL_WAITING)
        fill->done(fill);
}

static void on_memory(struct memory_wait *wait)
{
    struct fill *fill = CONTAINER_OF(wait, struct fill, memory);
    struct read_figures *figures = fill->figures;
    uint64_t since_ns = service_now_ns();

    /* Parts asked for before may still be under way: only ask for the rest. */
    if (fill->n_waiting > 0)
        ask_parts(fill);
    else
        advance(fill);
    count_work(figures, since_ns);
}

static void on_runs(struct runs_wait *wait)
{
    struct fill *fill = CONTAINER_OF(wait, struct fill, runs);
    struct read_figures *figures = fill->figures;
    uint64_t since_ns = service_now_ns();

    count_queueing(fill);
    fill->has_no_worker |= wait->in_vain;
    advance(fill);
    count_work(figures, since_ns);
}

void fill_start(struct fill *fill, struct buffer *buffer, int64_t first, int64_t n)
{
    fill->first = first;
    fill->n = n;
    fill->row = 0;
    fill->at = 0;
    fill->n_parts = fill->next_part = 0;
    fill->has_no_worker = false;
    fill->begun_ns = service_now_ns();
    fill->queueing_ns = 0;
    fill->memory.retry = on_memory;
    fill->runs.retry = on_runs;
    fill->buffer = buffer;
    buffer->message.n_bytes =
        (size_t)n * fill->window->n_channels * gather_bytes(fill->window->is_double);
    fill->advancing = true;
    fill->state = FILL_WAITING;
    fill->state = step(fill);
    fill->advancing = false;
}

uint64_t fill_queued_till_ns(const struct fill *fill)
{
    uint64_t known_ns = fill->begun_ns + fill->queueing_ns, started_ns = UINT64_MAX;

    if (fill->state != FILL_WAITING || fill->asked_ns == 0 || fill->n_waiting == 0)
        return known_ns;
    for (size_t i = 0; i < fill->next_part; i++) {
        const struct part *part = &fill->parts[i];
        if (!part->wait.tile)
            continue;
        uint64_t one_ns = decode_started_ns(part->wait.tile, piece_units(&part->piece));
        started_ns = one_ns < started_ns ? one_ns : started_ns;
    }
    if (started_ns == UINT64_MAX)
        return UINT64_MAX;
    return known_ns + (started_ns > fill->asked_ns ? started_ns - fill->asked_ns : 0);
}

/* A fill that does nothing holds nothing. */
static void forget_parts(struct fill *fill)
{
    free(fill->parts);
    fill->parts = NULL;
    fill->n_parts = fill->next_part = fill->parts_room = 0;
}

struct buffer *fill_take(struct fill *fill)
{
    struct buffer *buffer = fill->buffer;

    forget_parts(fill);
    fill->buffer = NULL;
    fill->state = FILL_EMPTY;
    return buffer;
}

static void stop_waiting(struct fill *fill)
{
    recording_stop_waiting(&fill->runs);
    cache_stop_waiting_memory(fill->service->parts.cache, &fill->memory);
    for (size_t i = 0; i < fill->next_part; i++) {
        struct tile *tile = fill->parts[i].wait.tile;
        if (!tile)
            continue;
        cache_stop_waiting(&fill->parts[i].wait);
        cache_unpin(fill->service->parts.cache, tile);
    }
}

void fill_fini(struct fill *fill)
{
    if (!fill->service)
        return;
    stop_waiting(fill);
    if (fill->buffer)
        buffer_give(fill->buffer);
    free(fill->parts);
    *fill = (struct fill){0};
}
