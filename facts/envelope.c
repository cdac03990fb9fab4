/* envelope.c - least and greatest of whole blocks, or of samples, as rows. */
#include "envelope.h"

#include <stdlib.h>
#include <string.h>

#include "losses.h"

/* Blocks whose extremes are read, samples that are decoded, at a time. */
enum { BLOCKS = 4096, SAMPLES = 1 << 18 };

/* Where rows are made: a run of a channel in a window. */
struct place {
    struct envelope *envelope;
    struct envelope_rows *rows;
    size_t channel;
    size_t segment;
    double rate_hz;
    const struct mef3_run *run;
    int64_t at;       /* where sample origin_sample stands in the window */
    int64_t n_window; /* samples that it has */
    int64_t column;   /* of the last row, */
    int64_t next;     /* and the sample after it; -1: the next one is no part of it */
};

/* What is known of samples that follow one another. No number among them: max < min. */
struct part {
    int64_t first;
    int64_t n;
    int32_t max;
    int32_t min;
    bool is_unreadable;
};

static int no_memory(struct mef3_error *error)
{
    return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
}

static int64_t time_of(const struct place *place, int64_t sample)
{
    return mef3_index_to_time(sample - place->run->origin_sample, place->run->origin_uutc,
                              place->rate_hz);
}

/* a * b / c, in the width that it needs. */
static int64_t scale(int64_t a, int64_t b, int64_t c)
{
    int64_t product;

    return __builtin_mul_overflow(a, b, &product) ? (int64_t)((__int128)a * b / c) : product / c;
}

/* The column that a sample is in; what stands before the window is in the first. */
static int64_t column_of(const struct place *place, int64_t sample)
{
    int64_t index = place->at + (sample - place->run->origin_sample);

    return index <= 0 ? 0 : scale(index, place->envelope->width, place->n_window);
}

/* The first sample of the next column. */
static int64_t column_end(const struct place *place, int64_t column)
{
    int64_t width = place->envelope->width, next = column + 1;
    int64_t index = scale(next, place->n_window, width);

    index += (__int128)index * width < (__int128)next * place->n_window;
    return index - place->at + place->run->origin_sample;
}

int envelope_add_row(struct envelope *envelope, struct envelope_rows *rows,
                     const struct envelope_row *row, struct mef3_error *error)
{
    if (++envelope->n_rows > ENVELOPE_MOST_ROWS)
        return mef3_error_set(error, MEF3_ELIMIT, NULL, -1, "rows of the envelope",
                              "at most 500000", "more: ask for less at a time");
    if (rows->n == rows->room) {
        size_t room = rows->room ? 2 * rows->room : 256;
        struct envelope_row *items = realloc(rows->items, room * sizeof *items);
        if (!items)
            return no_memory(error);
        rows->items = items;
        rows->room = room;
    }
    rows->items[rows->n++] = *row;
    return MEF3_OK;
}

/* A row more, or more of the last one. */
static int add_part(struct place *place, const struct part *part, struct mef3_error *error)
{
    struct envelope_rows *rows = place->rows;
    int64_t column = column_of(place, part->first);
    int64_t end_uutc = time_of(place, part->first + part->n);

    if (part->n == 0 || (!part->is_unreadable && part->max < part->min))
        return MEF3_OK; /* stored as no number: it is told of by nothing */
    struct envelope_row *last = place->next == part->first ? &rows->items[rows->n - 1] : NULL;
    place->next = part->first + part->n;
    if (last && place->column == column && last->is_unreadable == part->is_unreadable) {
        last->end_uutc = end_uutc;
        last->max = last->max > part->max ? last->max : part->max;
        last->min = last->min < part->min ? last->min : part->min;
        return MEF3_OK;
    }
    place->column = column;
    return envelope_add_row(place->envelope, rows,
                            &(struct envelope_row){time_of(place, part->first), end_uutc, part->max,
                                                   part->min, part->is_unreadable},
                            error);
}

/* --- Samples ---------------------------------------------------------------------- */

/* What could not be read of a stretch, in order. */
struct holes {
    struct mef3_damage *items;
    size_t n;
    size_t room;
    bool out_of_memory;
};

static void on_damage(void *arg, const struct mef3_damage *damage)
{
    struct holes *holes = arg;

    if (holes->n == holes->room) {
        size_t room = holes->room ? 2 * holes->room : 16;
        struct mef3_damage *items = realloc(holes->items, room * sizeof *items);
        if (!items) {
            holes->out_of_memory = true;
            return;
        }
        holes->items = items;
        holes->room = room;
    }
    holes->items[holes->n++] = *damage;
}

/* Counts that are no number are the least there is, so that none of them is a greatest. */
static struct part part_of(const int32_t *counts, int64_t first, int64_t n)
{
    struct part part = {first, n, INT32_MIN, INT32_MAX, false};

    for (int64_t i = 0; i < n; i++) {
        int32_t low = counts[i] == MEF3_COUNT_NAN ? INT32_MAX : counts[i];
        part.max = counts[i] > part.max ? counts[i] : part.max;
        part.min = low < part.min ? low : part.min;
    }
    return part;
}

/* Samples [first, end) that were read, cut at the columns. */
static int add_counts(struct place *place, const int32_t *counts, int64_t first, int64_t end,
                      struct mef3_error *error)
{
    int status = MEF3_OK;

    for (int64_t at = first; status == MEF3_OK && at < end;) {
        int64_t next = column_end(place, column_of(place, at));
        next = next <= at || next > end ? (next <= at ? at + 1 : end) : next;
        struct part part = part_of(counts + (at - first), at, next - at);
        status = add_part(place, &part, error);
        at = next;
    }
    return status;
}

/* A stretch that was read, with what is unreadable in it. */
static int add_stretch(struct place *place, const int32_t *counts, int64_t first, int64_t n,
                       const struct holes *holes, struct mef3_error *error)
{
    int status = holes->out_of_memory ? no_memory(error) : MEF3_OK;
    int64_t at = first;

    for (size_t i = 0; status == MEF3_OK && i < holes->n; i++) {
        int64_t start = holes->items[i].at < at ? at : holes->items[i].at;
        int64_t end = holes->items[i].at + holes->items[i].n;
        end = end > first + n ? first + n : end;
        if (start >= end)
            continue;
        status = add_counts(place, counts + (at - first), at, start, error);
        for (at = start; status == MEF3_OK && at < end;) {
            int64_t next = column_end(place, column_of(place, at));
            next = next <= at || next > end ? end : next;
            status = add_part(place, &(struct part){at, next - at, 0, 0, true}, error);
            at = next;
        }
    }
    if (status == MEF3_OK)
        status = add_counts(place, counts + (at - first), at, first + n, error);
    return status;
}

static int decode(struct place *place, int64_t first, int64_t n, struct mef3_error *error)
{
    struct envelope *envelope = place->envelope;
    int32_t *counts = malloc((size_t)(n < SAMPLES ? n : SAMPLES) * sizeof *counts);
    size_t block, n_blocks;
    int status = counts ? MEF3_OK : no_memory(error);

    if (status == MEF3_OK)
        status = mef3_segment_find_blocks(envelope->session, place->channel, place->segment, first,
                                          n, &block, &n_blocks, error);
    if (status == MEF3_OK) {
        envelope->n_decoded += n_blocks;
        envelope->n_decoded_samples += (uint64_t)n;
        if (envelope->n_decoded_samples > ENVELOPE_MOST_DECODED)
            status = mef3_error_set(error, MEF3_ELIMIT, NULL, -1, "extremes in the index",
                                    "those of its blocks", "none: ask for less at a time");
    }
    for (int64_t at = 0; status == MEF3_OK && at < n; at += SAMPLES) {
        int64_t some = n - at < SAMPLES ? n - at : SAMPLES;
        struct holes holes = {0};
        status = mef3_read_samples(envelope->session, place->channel, place->segment, first + at,
                                   (size_t)some, counts, on_damage, &holes, error);
        for (size_t i = 0; i < holes.n; i++)
            losses_add(envelope->losses, place->channel, place->segment, holes.items[i].at,
                       holes.items[i].n);
        if (status == MEF3_OK)
            status = add_stretch(place, counts, first + at, some, &holes, error);
        free(holes.items);
    }
    free(counts);
    return status;
}

/* --- Blocks ----------------------------------------------------------------------- */

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* What is known of blocks that follow one another: block i has samples firsts[i] .. firsts[i + 1],
 * and its extremes, or none (max < min). */
struct known {
    int64_t firsts[BLOCKS + 1];
    int32_t maxima[BLOCKS];
    int32_t minima[BLOCKS];
    bool is_lost[BLOCKS]; /* it is known that it cannot be read */
};

static bool is_whole(const struct known *known, size_t i, const struct mef3_run *run)
{
    return known->firsts[i] >= run->first_sample &&
           known->firsts[i + 1] <= run->first_sample + run->n_samples &&
           known->maxima[i] >= known->minima[i];
}

/* What could not be read before is not told of by its extremes: of a block that it was all of it is
 * known, of another it is seen when it is decoded. */
static void forget_lost(const struct place *place, struct known *known, size_t n)
{
    int64_t first, n_lost;
    size_t at = 0;

    memset(known->is_lost, 0, n);
    while (losses_next(place->envelope->losses, place->channel, place->segment, &at, &first,
                       &n_lost)) {
        size_t low = 0, high = n;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (known->firsts[middle + 1] <= first)
                low = middle + 1;
            else
                high = middle;
        }
        for (size_t i = low; i < n && known->firsts[i] < first + n_lost; i++) {
            known->maxima[i] = INT32_MIN;
            known->minima[i] = INT32_MAX;
            known->is_lost[i] |=
                known->firsts[i] >= first && known->firsts[i + 1] <= first + n_lost;
        }
    }
}

/* A block that is not told of by its extremes: as much of it as the run has. */
static int decode_block(struct place *place, const struct known *known, size_t i,
                        struct mef3_error *error)
{
    const struct mef3_run *run = place->run;
    int64_t first = later(known->firsts[i], run->first_sample);
    int64_t end = earlier(known->firsts[i + 1], run->first_sample + run->n_samples);

    if (first >= end)
        return MEF3_OK;
    return known->is_lost[i]
               ? add_part(place, &(struct part){first, end - first, 0, 0, true}, error)
               : decode(place, first, end - first, error);
}

/* Blocks from i on that begin in one column, as one part. Returns the next block. */
static size_t join_blocks(const struct place *place, const struct known *known, size_t i, size_t n,
                          struct part *part_out)
{
    struct part part = {.first = known->firsts[i], .max = INT32_MIN, .min = INT32_MAX};
    int64_t end = later(column_end(place, column_of(place, part.first)), part.first + 1);

    for (; i < n && known->firsts[i] < end && is_whole(known, i, place->run); i++) {
        part.max = known->maxima[i] > part.max ? known->maxima[i] : part.max;
        part.min = known->minima[i] < part.min ? known->minima[i] : part.min;
    }
    part.n = known->firsts[i] - part.first;
    *part_out = part;
    return i;
}

/* Blocks first .. first + n - 1 of a run. */
static int add_blocks(struct place *place, size_t first, size_t n, struct mef3_error *error)
{
    static struct known known;
    struct mef3_session *session = place->envelope->session;
    int status = mef3_segment_first_samples(session, place->channel, place->segment, first, n,
                                            known.firsts, error);

    if (status == MEF3_OK)
        status = mef3_segment_extremes(session, place->channel, place->segment, first, n,
                                       known.maxima, known.minima, error);
    if (status == MEF3_OK)
        forget_lost(place, &known, n);
    for (size_t i = 0; status == MEF3_OK && i < n;) {
        struct part part;
        if (!is_whole(&known, i, place->run)) {
            status = decode_block(place, &known, i++, error);
            continue;
        }
        i = join_blocks(place, &known, i, n, &part);
        status = add_part(place, &part, error);
    }
    return status;
}

static int add_run_blocks(struct place *place, int64_t first, int64_t n, struct mef3_error *error)
{
    size_t block, n_blocks;
    int status = mef3_segment_find_blocks(place->envelope->session, place->channel, place->segment,
                                          first, n, &block, &n_blocks, error);

    for (size_t at = 0; status == MEF3_OK && at < n_blocks; at += BLOCKS)
        status =
            add_blocks(place, block + at, n_blocks - at < BLOCKS ? n_blocks - at : BLOCKS, error);
    return status;
}

/* --- Runs and segments -------------------------------------------------------------- */

typedef int run_fn(struct place *place, int64_t first, int64_t n, struct mef3_error *error);

/* What a window has of a run. */
static int add_run(struct place *place, run_fn *fn, struct mef3_error *error)
{
    const struct mef3_run *run = place->run;

    place->next = -1;
    place->at = mef3_time_to_index(run->origin_uutc, place->envelope->start_uutc, place->rate_hz);
    int64_t begin = run->origin_sample - place->at; /* the sample that opens the window */
    int64_t first = later(run->first_sample, begin);
    int64_t end = earlier(run->first_sample + run->n_samples, begin + place->n_window);
    return first < end ? fn(place, first, end - first, error) : MEF3_OK;
}

/* A segment that cannot be read is unreadable from its start to its end, where these are known. */
static int add_unreadable(struct place *place, const struct mef3_segment_info *info,
                          struct mef3_error *error)
{
    int64_t start = later(info->start_uutc, place->envelope->start_uutc);
    int64_t end = earlier(info->end_uutc, place->envelope->end_uutc);

    if (info->start_uutc == MEF3_NO_TIME || start >= end)
        return MEF3_OK;
    return envelope_add_row(place->envelope, place->rows,
                            &(struct envelope_row){start, end, 0, 0, 1}, error);
}

static int add_segment(struct place *place, run_fn *fn, struct mef3_error *error)
{
    struct envelope *envelope = place->envelope;
    const struct mef3_segment_info *info =
        mef3_segment_info(envelope->session, place->channel, place->segment);
    const struct mef3_run *runs;
    size_t n;

    if (info->start_uutc != MEF3_NO_TIME && info->status != MEF3_OK)
        return add_unreadable(place, info, error);
    int status =
        mef3_segment_runs(envelope->session, place->channel, place->segment, &runs, &n, error);
    if (status == MEF3_ENOMEM)
        return status;
    if (status != MEF3_OK)
        return add_unreadable(place, info, error);
    /* The runs are the session's until its next call. */
    struct mef3_run *own = malloc((n + 1) * sizeof *own);
    if (!own)
        return no_memory(error);
    memcpy(own, runs, n * sizeof *own);
    place->rate_hz = info->rate_hz;
    if (mef3_window_samples(envelope->start_uutc, envelope->end_uutc, place->rate_hz,
                            &place->n_window) != MEF3_OK)
        place->n_window = 0;
    for (size_t i = 0; status == MEF3_OK && place->n_window > 0 && i < n; i++) {
        place->run = &own[i];
        status = add_run(place, fn, error);
    }
    free(own);
    return status;
}

static bool touches(const struct envelope *envelope, const struct mef3_segment_info *info)
{
    return info->start_uutc == MEF3_NO_TIME ||
           (info->start_uutc < envelope->end_uutc && info->end_uutc > envelope->start_uutc);
}

static int by_start(const void *a, const void *b)
{
    const struct envelope_row *x = a;
    const struct envelope_row *y = b;

    return (x->start_uutc > y->start_uutc) - (x->start_uutc < y->start_uutc);
}

/* In order of time; and disjoint: the clock of a run may be microseconds ahead of the next one's.
 */
static void arrange(struct envelope_rows *rows)
{
    bool is_sorted = true;

    for (size_t i = 1; i < rows->n; i++)
        is_sorted &= rows->items[i - 1].start_uutc <= rows->items[i].start_uutc;
    if (!is_sorted)
        qsort(rows->items, rows->n, sizeof *rows->items, by_start);
    for (size_t i = 1; i < rows->n; i++)
        if (rows->items[i - 1].end_uutc > rows->items[i].start_uutc)
            rows->items[i - 1].end_uutc = rows->items[i].start_uutc;
}

static int add_channel(struct envelope *envelope, size_t channel, run_fn *fn,
                       struct envelope_rows *rows, struct mef3_error *error)
{
    struct place place = {.envelope = envelope, .rows = rows, .channel = channel};
    int status = mef3_channel_learn(envelope->session, channel, error);

    if (status != MEF3_OK)
        return status;
    size_t n = mef3_channel_info(envelope->session, channel)->n_segments;
    for (; status == MEF3_OK && place.segment < n; place.segment++)
        if (touches(envelope, mef3_segment_info(envelope->session, channel, place.segment)))
            status = add_segment(&place, fn, error);
    arrange(rows);
    return status;
}

int envelope_from_index(struct envelope *envelope, size_t channel, struct envelope_rows *rows,
                        struct mef3_error *error)
{
    return add_channel(envelope, channel, add_run_blocks, rows, error);
}

int envelope_from_samples(struct envelope *envelope, size_t channel, struct envelope_rows *rows,
                          struct mef3_error *error)
{
    return add_channel(envelope, channel, decode, rows, error);
}
