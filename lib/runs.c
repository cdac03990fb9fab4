/* runs.c - from the blocks of a segment to its runs: contiguous, in order of time, disjoint.
 *
 * Blocks that continue one another are first joined to stretches, in the order
 * of the file. Nearly always these are in order of time already and do not
 * touch, and are the runs. Otherwise a sweep over time gives each moment to the
 * stretch that comes last in the file: what is written later replaces what was
 * there, as both reference readers have it. */
#include "runs.h"

#include <math.h>
#include <stdlib.h>

struct stretch {
    int64_t origin_uutc;
    int64_t last_uutc; /* of its last sample */
    int64_t first_sample;
    int64_t n_samples;
    int64_t next;   /* the first of its samples that no run has yet */
    uint32_t order; /* in the file */
    uint32_t block_samples;
};

static bool continues(const struct index_block *origin, const struct index_block *block,
                      double rate_hz)
{
    /* Measured from the origin of the stretch, so that errors do not add up. */
    int64_t expected =
        mef3_index_to_time(block->first_sample - origin->first_sample, origin->start_uutc, rate_hz);
    int64_t away = mef3_time_difference(block->start_uutc, expected);

    return away >= -MEF3_RUN_TOLERANCE_US && away <= MEF3_RUN_TOLERANCE_US;
}

/* A faulty block is never decoded and may be cut anywhere. */
static uint32_t usual_length(const struct index_block *first)
{
    enum { FAULTY_PIECE = 1024 };

    return first->is_faulty && first->n_samples > FAULTY_PIECE ? FAULTY_PIECE : first->n_samples;
}

/* Room for one more. NULL: out of memory, and what was there is freed. */
static struct stretch *make_room(struct stretch *stretches, size_t n)
{
    if (n & (n - 1)) /* it doubles: there is room up to the next power of two */
        return stretches;
    struct stretch *more = realloc(stretches, (n ? 2 * n : 1) * sizeof *stretches);
    if (!more)
        free(stretches);
    return more;
}

static int join_blocks(const struct index_block *blocks, size_t n, double rate_hz,
                       struct stretch **stretches_out, size_t *n_out)
{
    struct stretch *stretches = NULL;
    size_t n_stretches = 0;

    for (size_t first = 0, k; first < n; first = k) {
        for (k = first + 1; k < n && continues(&blocks[first], &blocks[k], rate_hz); k++)
            ;
        int64_t n_samples =
            blocks[k - 1].first_sample + blocks[k - 1].n_samples - blocks[first].first_sample;
        stretches = make_room(stretches, n_stretches);
        if (!stretches)
            return MEF3_ENOMEM;
        stretches[n_stretches] = (struct stretch){
            .origin_uutc = blocks[first].start_uutc,
            .last_uutc = mef3_index_to_time(n_samples - 1, blocks[first].start_uutc, rate_hz),
            .first_sample = blocks[first].first_sample,
            .n_samples = n_samples,
            .order = (uint32_t)n_stretches,
            .block_samples = usual_length(&blocks[first]),
        };
        n_stretches++;
    }
    *stretches_out = stretches;
    *n_out = n_stretches;
    return MEF3_OK;
}

static int by_origin(const void *a, const void *b)
{
    const struct stretch *x = a;
    const struct stretch *y = b;

    if (x->origin_uutc != y->origin_uutc)
        return x->origin_uutc < y->origin_uutc ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

struct sweep {
    struct stretch *stretches; /* by origin */
    double rate_hz;
    double tolerance;     /* in samples: block times are rounded to microseconds */
    int64_t covered_uutc; /* the last moment of a stretch that is done */
    uint32_t *heap;       /* stretches under way, the last in the file on top */
    size_t n_heap;
    struct mef3_run *runs;
    size_t n_runs;
    size_t newest_run_of; /* the stretch that the newest run belongs to */
};

static double samples_between(int64_t from_uutc, int64_t to_uutc, double rate_hz)
{
    return (double)mef3_time_difference(to_uutc, from_uutc) * 1e-6 * rate_hz;
}

static int64_t limit(double sample, int64_t n)
{
    return sample <= 0 ? 0 : sample >= (double)n ? n : (int64_t)sample;
}

static bool above(const struct sweep *sweep, size_t a, size_t b)
{
    return sweep->stretches[sweep->heap[a]].order > sweep->stretches[sweep->heap[b]].order;
}

static void swap(struct sweep *sweep, size_t a, size_t b)
{
    uint32_t kept = sweep->heap[a];

    sweep->heap[a] = sweep->heap[b];
    sweep->heap[b] = kept;
}

static void push(struct sweep *sweep, uint32_t stretch)
{
    size_t at = sweep->n_heap++;

    sweep->heap[at] = stretch;
    for (; at > 0 && above(sweep, at, (at - 1) / 2); at = (at - 1) / 2)
        swap(sweep, at, (at - 1) / 2);
}

static void pop(struct sweep *sweep)
{
    sweep->heap[0] = sweep->heap[--sweep->n_heap];
    for (size_t at = 0, child; (child = 2 * at + 1) < sweep->n_heap; at = child) {
        if (child + 1 < sweep->n_heap && above(sweep, child + 1, child))
            child++;
        if (!above(sweep, child, at))
            break;
        swap(sweep, at, child);
    }
}

/* Samples [first, end) of a stretch become a run, or lengthen its newest. */
static void emit(struct sweep *sweep, size_t number, int64_t first, int64_t end)
{
    const struct stretch *s = &sweep->stretches[number];
    struct mef3_run *last = sweep->n_runs > 0 ? &sweep->runs[sweep->n_runs - 1] : NULL;

    if (first >= end)
        return;
    if (last && sweep->newest_run_of == number &&
        last->first_sample + last->n_samples == s->first_sample + first) {
        last->n_samples += end - first;
        return;
    }
    sweep->runs[sweep->n_runs++] = (struct mef3_run){
        .origin_uutc = s->origin_uutc,
        .origin_sample = s->first_sample,
        .first_sample = s->first_sample + first,
        .n_samples = end - first,
        .block_samples = s->block_samples,
    };
    sweep->newest_run_of = number;
}

/* Give the time up to until_uutc to the stretches under way. */
static void advance(struct sweep *sweep, int64_t until_uutc)
{
    while (sweep->n_heap > 0) {
        uint32_t number = sweep->heap[0];
        struct stretch *s = &sweep->stretches[number];
        double covered = samples_between(s->origin_uutc, sweep->covered_uutc, sweep->rate_hz);
        double until = samples_between(s->origin_uutc, until_uutc, sweep->rate_hz);
        int64_t first = limit(floor(covered + sweep->tolerance) + 1, s->n_samples);
        int64_t end = limit(ceil(until - sweep->tolerance), s->n_samples);
        if (first < s->next)
            first = s->next;
        if (end > first) {
            emit(sweep, number, first, end);
            s->next = end;
        }
        if (end < s->n_samples && first < s->n_samples)
            return;
        if (s->last_uutc > sweep->covered_uutc)
            sweep->covered_uutc = s->last_uutc;
        pop(sweep);
    }
}

static void sweep_over_time(struct sweep *sweep, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        advance(sweep, sweep->stretches[i].origin_uutc);
        push(sweep, (uint32_t)i);
    }
    /* Further than any sample: the tolerance must not keep the last one back. */
    advance(sweep, INT64_MAX);
}

/* Whether the stretches are in order and each ends before the next begins. */
static bool are_runs(const struct stretch *stretches, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (mef3_time_difference(stretches[i].origin_uutc, stretches[i - 1].last_uutc) <=
            MEF3_RUN_TOLERANCE_US)
            return false;
    return true;
}

static int make_disjoint(struct stretch *stretches, size_t n, double rate_hz,
                         struct mef3_run **runs_out, size_t *n_out)
{
    struct sweep sweep = {
        .stretches = stretches,
        .rate_hz = rate_hz,
        .tolerance = fmin(MEF3_RUN_TOLERANCE_US * 1e-6 * rate_hz, 0.25),
        .covered_uutc = INT64_MIN,
    };
    bool simple = are_runs(stretches, n);

    /* Each beginning and each end of a stretch begins at most one run. */
    sweep.runs = malloc((simple ? n : 2 * n) * sizeof *sweep.runs);
    sweep.heap = simple ? NULL : malloc(n * sizeof *sweep.heap);
    if (!sweep.runs || (!simple && !sweep.heap)) {
        free(sweep.runs);
        free(sweep.heap);
        return MEF3_ENOMEM;
    }
    if (simple) {
        for (size_t i = 0; i < n; i++)
            emit(&sweep, i, 0, stretches[i].n_samples);
    } else {
        qsort(stretches, n, sizeof *stretches, by_origin);
        sweep_over_time(&sweep, n);
    }
    free(sweep.heap);
    struct mef3_run *fitted = realloc(sweep.runs, sweep.n_runs * sizeof *sweep.runs);
    *runs_out = fitted ? fitted : sweep.runs;
    *n_out = sweep.n_runs;
    return MEF3_OK;
}

int runs_build(const struct index_block *blocks, size_t n, double rate_hz,
               struct mef3_run **runs_out, size_t *n_out)
{
    struct stretch *stretches;
    size_t n_stretches;
    int status = join_blocks(blocks, n, rate_hz, &stretches, &n_stretches);

    if (status != MEF3_OK)
        return status;
    if (n_stretches == 0) {
        *runs_out = NULL;
        *n_out = 0;
        return MEF3_OK;
    }
    status = make_disjoint(stretches, n_stretches, rate_hz, runs_out, n_out);
    free(stretches);
    return status;
}
