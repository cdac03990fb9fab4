/* channel_model.c - what a channel should hold: runs of samples, as the calls that appended them
 * say. */
#include "help/channel_model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void model_fail(const char *format, ...)
{
    va_list values;

    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
    fputc('\n', stderr);
    exit(1);
}

static void *grown(void *memory, size_t n)
{
    memory = realloc(memory, n);
    if (!memory)
        model_fail("out of memory");
    return memory;
}

/* Room for one more than n things. It doubles: a sanitizer copies each time. */
static void *doubled(void *memory, size_t n, size_t bytes)
{
    return n & (n - 1) ? memory : grown(memory, (n ? 2 * n : 1) * bytes);
}

int64_t model_end(const struct model *model)
{
    if (model->n_runs == 0)
        return 0;
    const struct model_run *last = &model->runs[model->n_runs - 1];
    return mef3_index_to_time((int64_t)last->n, last->start_uutc, model->rate_hz);
}

static void add(struct model *model, int64_t at_uutc, int32_t count)
{
    int64_t late = at_uutc - model_end(model);

    if (model->is_cut || model->n_runs == 0 || late > 2 || late < -2) {
        model->runs = doubled(model->runs, model->n_runs, sizeof *model->runs);
        model->runs[model->n_runs++] =
            (struct model_run){.start_uutc = at_uutc, .first = model->n, .is_cut = model->is_cut};
        model->is_cut = false;
    }
    model->counts = doubled(model->counts, model->n, sizeof *model->counts);
    model->counts[model->n++] = count;
    model->runs[model->n_runs - 1].n++;
}

/* A gap that times cannot tell. */
static bool is_short(const struct model *model, const int32_t *counts, size_t n, size_t i)
{
    size_t first = i, end = i;

    while (first > 0 && counts[first - 1] == MEF3_COUNT_NAN)
        first--;
    while (end < n && counts[end] == MEF3_COUNT_NAN)
        end++;
    return (double)(end - first) * 1e6 / model->rate_hz <= 3;
}

void model_append(struct model *model, int64_t start_uutc, const int32_t *counts, size_t n)
{
    int64_t from = 0, late = start_uutc - model_end(model);

    if (!model->is_cut && model->n_runs > 0 && late >= -2 && late <= 2) {
        start_uutc = model->runs[model->n_runs - 1].start_uutc;
        from = (int64_t)model->runs[model->n_runs - 1].n;
    }
    for (size_t i = 0; i < n; i++)
        if (counts[i] != MEF3_COUNT_NAN || is_short(model, counts, n, i))
            add(model, mef3_index_to_time(from + (int64_t)i, start_uutc, model->rate_hz),
                counts[i]);
}

void model_cut(struct model *model, size_t n)
{
    model->n = n;
    while (model->n_runs > 0 && model->runs[model->n_runs - 1].first >= n)
        model->is_cut |= model->runs[--model->n_runs].is_cut;
    if (model->n_runs > 0) {
        struct model_run *last = &model->runs[model->n_runs - 1];
        last->n = n - last->first;
    }
}

static void no_damage(void *arg, const struct mef3_damage *damage)
{
    char text[600];

    model_fail("%s: %s", (const char *)arg, mef3_error_text(&damage->error, text, sizeof text));
}

size_t model_count(struct mef3_session *session, size_t channel)
{
    const struct mef3_run *runs;
    size_t n_runs, n = 0;

    for (size_t s = 0; s < mef3_channel_info(session, channel)->n_segments; s++) {
        if (mef3_segment_runs(session, channel, s, &runs, &n_runs, NULL) != MEF3_OK)
            model_fail("channel %zu, segment %zu: no runs", channel, s);
        for (size_t i = 0; i < n_runs; i++)
            n += (size_t)runs[i].n_samples;
    }
    return n;
}

static void check_facts(const struct model *model, struct mef3_session *session, size_t channel,
                        const char *name)
{
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    size_t n_in_runs = model_count(session, channel);

    if (info->status != MEF3_OK || info->rate_hz != model->rate_hz)
        model_fail("%s: %s, %g Hz", name, mef3_status_name(info->status), info->rate_hz);
    if ((size_t)info->n_samples != model->n || n_in_runs != model->n)
        model_fail("%s: %lld samples, %zu in runs, not %zu", name, (long long)info->n_samples,
                   n_in_runs, model->n);
    if (model->n > 0 &&
        (info->start_uutc != model->runs[0].start_uutc || info->end_uutc != model_end(model)))
        model_fail("%s: from %lld to %lld, not from %lld to %lld", name,
                   (long long)info->start_uutc, (long long)info->end_uutc,
                   (long long)model->runs[0].start_uutc, (long long)model_end(model));
}

/* The window that the runs make; what comes later covers what was there. */
static void lay_out(const struct model *model, int64_t start, int32_t *counts, uint8_t *truth,
                    size_t n)
{
    memset(truth, MEF3_GAP, n);
    for (size_t i = 0; i < n; i++)
        counts[i] = MEF3_COUNT_NAN;
    for (size_t r = 0; r < model->n_runs; r++) {
        const struct model_run *run = &model->runs[r];
        size_t at = (size_t)mef3_time_to_index(run->start_uutc, start, model->rate_hz);
        for (size_t i = 0; i < run->n && at < n; i++, at++) {
            counts[at] = model->counts[run->first + i];
            truth[at] = MEF3_DATA;
        }
    }
}

static void check_window(const struct model *model, struct mef3_session *session, size_t channel,
                         const char *name)
{
    int64_t n_window;

    if (model->n == 0)
        return;
    int64_t start = model->runs[0].start_uutc, end = model_end(model);
    if (mef3_window_samples(start, end, model->rate_hz, &n_window) != MEF3_OK)
        model_fail("%s: no window", name);
    size_t n = (size_t)n_window;
    int32_t *counts = grown(NULL, 2 * n * sizeof *counts + 1), *expected = counts + n;
    uint8_t *truth = grown(NULL, 2 * n + 1), *truth_expected = truth + n;
    lay_out(model, start, expected, truth_expected, n);
    if (mef3_read_window(session, channel, start, end, counts, truth, n, no_damage,
                         (void *)(uintptr_t)name, NULL) != MEF3_OK)
        model_fail("%s: cannot be read", name);
    for (size_t i = 0; i < n; i++)
        if (truth[i] != truth_expected[i] || counts[i] != expected[i])
            model_fail("%s: sample %zu of the window is %d (%d), not %d (%d)", name, i, counts[i],
                       truth[i], expected[i], truth_expected[i]);
    free(counts);
    free(truth);
}

void model_check(const struct model *model, struct mef3_session *session, size_t channel)
{
    const char *name = mef3_channel_info(session, channel)->name;

    check_facts(model, session, channel, name);
    check_window(model, session, channel, name);
}

size_t model_check_growing(const struct model *model, struct mef3_session *session, size_t channel,
                           size_t least)
{
    const char *name = mef3_channel_info(session, channel)->name;
    size_t n = model_count(session, channel);

    if (n < least || n > model->n)
        model_fail("%s: %zu samples, not %zu to %zu", name, n, least, model->n);
    /* The runs alone are cut, and put back. */
    struct model cut = *model;
    cut.runs = grown(NULL, (model->n_runs + 1) * sizeof *cut.runs);
    memcpy(cut.runs, model->runs, model->n_runs * sizeof *cut.runs);
    model_cut(&cut, n);
    check_window(&cut, session, channel, name);
    free(cut.runs);
    return n;
}

void model_fini(struct model *model)
{
    free(model->counts);
    free(model->runs);
    *model = (struct model){0};
}
