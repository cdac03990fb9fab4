/* ahead_window.c - one window that is read ahead, a few jobs at a time. */
#include "service/ahead_window.h"

#include <stdlib.h>

#include <mef3/time.h>

#include "service/piece.h"

/* A step ends with a piece of a row in which it has claimed this much, or looked at
 * that much: also what is there already takes time to find. A piece is short for
 * the sake of recordings with a run for each sample. */
enum { SAMPLES_A_STEP = 160000, LOOKED_AT_A_STEP = 1 << 20, SAMPLES_A_PIECE = 16384 };

struct ahead_window *ahead_window_new(const struct ahead_rows *rows, struct ahead_span span,
                                      int64_t start_uutc, int64_t end_uutc)
{
    struct ahead_window *window = calloc(1, sizeof *window);

    if (!window)
        return NULL;
    window->span = span;
    window->start_uutc = start_uutc;
    if (mef3_window_samples(start_uutc, end_uutc, rows->rate_hz, &window->n_samples) != MEF3_OK) {
        free(window);
        return NULL;
    }
    LIST_INIT(&window->wish.jobs);
    return window;
}

void ahead_window_free(struct ahead_window *window, struct service *service)
{
    decode_forgo(&window->wish, service);
    free(window);
}

bool ahead_window_is_asked(const struct ahead_window *window)
{
    return window->is_cut || window->slice >= window->n_samples;
}

/* One call of ahead_window_ask. */
struct step {
    struct ahead_window *window;
    const struct ahead_rows *rows;
    struct decode_batch batch;
    size_t most_bytes;
    uint64_t claimed; /* samples */
    uint64_t looked_at;
};

/* False: there is no memory for it. */
static bool ask_piece(struct step *step, const struct piece *piece)
{
    struct cache *cache = step->batch.service->parts.cache;
    struct ahead_window *window = step->window;
    struct tile *tile = NULL;
    size_t bytes = piece->tile_samples * sizeof(int32_t);

    if (bytes <= step->most_bytes && window->n_bytes <= step->most_bytes - bytes)
        tile = cache_ask_ahead(cache, &piece->key, piece->grid, piece->tile_samples);
    if (!tile)
        return false;
    uint64_t claimed = piece_need(piece, tile, &step->batch);
    if (claimed && (tile->settled | tile->under_way) == claimed) /* it was made for this */
        window->n_bytes += bytes;
    step->claimed += (uint64_t)__builtin_popcountll(claimed) * piece->grid.unit_samples;
    cache_unpin(cache, tile);
    return true;
}

/* Samples [first, first + n) of a row. False: there is no memory for it. */
static bool ask_row(struct step *step, size_t row, int64_t first, int64_t n)
{
    const struct recording *recording = step->rows->recording;
    struct service *service = step->batch.service;
    uint32_t place = step->rows->channels[row];
    uint32_t longest = cache_longest_tile(service->parts.cache);

    if (!plan_row(&recording->channels[place], step->window->start_uutc, first, n, &service->spans))
        return false;
    for (size_t i = 0; i < service->spans.n; i++) {
        const struct span *span = &service->spans.spans[i];
        struct piece piece;
        for (int64_t done = 0; !span->unreadable && done < span->n; done += piece.n) {
            piece = piece_of(recording, place, span, done, longest);
            if (!ask_piece(step, &piece))
                return false;
        }
    }
    return true;
}

/* The next piece of a row. False: there is no memory for it. */
static bool ask_next(struct step *step, int64_t slice_samples)
{
    struct ahead_window *window = step->window;
    int64_t n = slice_samples - window->at;

    if (n > SAMPLES_A_PIECE)
        n = SAMPLES_A_PIECE;
    if (!ask_row(step, window->row, window->slice + window->at, n))
        return false;
    step->looked_at += (uint64_t)n;
    window->at += n;
    if (window->at < slice_samples)
        return true;
    window->at = 0;
    if (++window->row < step->rows->n_channels)
        return true;
    window->row = 0;
    window->slice += slice_samples;
    return true;
}

static bool runs_are_known(struct step *step, int64_t slice_samples, struct runs_wait *wait)
{
    const struct ahead_rows *rows = step->rows;
    const struct ahead_window *window = step->window;
    struct index_asker asker = {step->batch.service, rows->client, POOL_AHEAD};
    int64_t from = mef3_index_to_time(window->slice, window->start_uutc, rows->rate_hz);
    int64_t to =
        mef3_index_to_time(window->slice + slice_samples, window->start_uutc, rows->rate_hz);

    return index_need(&asker, rows->recording, rows->channels, rows->n_channels, from, to, wait);
}

bool ahead_window_ask(struct ahead_window *window, const struct ahead_rows *rows,
                      struct service *service, size_t most_bytes, struct runs_wait *wait)
{
    struct step step = {.window = window, .rows = rows, .most_bytes = most_bytes};
    int64_t slice = window->slice;
    int64_t n = window->n_samples - slice;

    if (n > rows->samples_a_message)
        n = rows->samples_a_message;
    decode_begin(&step.batch, service, &rows->client, rows->recording);
    step.batch.wish = &window->wish;
    if (window->row == 0 && window->at == 0 && !runs_are_known(&step, n, wait))
        return false;
    while (window->slice == slice && !window->is_cut && step.claimed < SAMPLES_A_STEP &&
           step.looked_at < LOOKED_AT_A_STEP)
        window->is_cut = !ask_next(&step, n);
    decode_submit(&step.batch);
    return true;
}
