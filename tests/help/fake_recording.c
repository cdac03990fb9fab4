/* fake_recording.c - recordings that are nowhere but in a test. */
#include "help/fake_recording.h"

#include <math.h>

#include <mef3/time.h>

struct fake_disk fake_disk = {.fingerprint = 1};

int32_t fake_count(uint32_t channel, int32_t segment, int64_t sample)
{
    uint32_t x = (uint32_t)sample * 2654435761u + channel * 40503u + (uint32_t)segment * 97u;

    return (int32_t)(x ^ x >> 15) >> 8;
}

static int64_t start_of(const struct fake_channel *channel)
{
    int64_t start = INT64_MAX;

    for (uint32_t s = 0; s < channel->n_segments; s++)
        if (channel->segments[s].start_uutc < start)
            start = channel->segments[s].start_uutc;
    return start;
}

static int64_t end_of(const struct fake_channel *channel)
{
    int64_t end = INT64_MIN;

    for (uint32_t s = 0; s < channel->n_segments; s++)
        if (channel->segments[s].end_uutc > end)
            end = channel->segments[s].end_uutc;
    return end;
}

static void answer_channel(struct fake_worker *worker, const struct fake_recording *recording,
                           const struct fake_refusal *refusals, uint32_t c)
{
    const struct fake_channel *channel = &recording->channels[c];

    if (refusals && refusals[c].status) {
        fake_worker_answer(worker, (struct answer){.kind = ANSWER_ITEM,
                                                   .item = {.item = c,
                                                            .status = refusals[c].status,
                                                            .text = refusals[c].why}});
        return;
    }
    fake_worker_answer(worker,
                       (struct answer){.kind = ANSWER_CHANNEL,
                                       .channel = {channel->name, channel->rate_hz, channel->factor,
                                                   start_of(channel), end_of(channel), c,
                                                   channel->n_segments, fake_disk.stamp}});
    for (uint32_t s = 0; s < channel->n_segments;) {
        struct segment_row rows[32];
        uint32_t n = 0;
        for (; n < 32 && s < channel->n_segments; n++, s++) {
            const struct fake_segment *segment = &channel->segments[s];
            rows[n] = (struct segment_row){segment->number, segment->start_uutc, segment->end_uutc};
        }
        fake_worker_segments(worker, c, rows, n);
    }
}

void fake_answer_open(struct fake_worker *worker, const struct fake_recording *recording,
                      bool is_large, const struct fake_refusal *refusals)
{
    fake_worker_answer(worker,
                       (struct answer){.kind = ANSWER_SESSION,
                                       .session = {recording->canonical, recording->identity,
                                                   recording->n_channels, fake_disk.fingerprint}});
    for (uint32_t c = 0; c < recording->n_channels; c++) {
        struct listed_row row = {c, recording->channels[c].n_segments};
        if (is_large)
            fake_worker_listed(worker, &row, 1);
        else
            answer_channel(worker, recording, refusals, c);
    }
}

void fake_answer_look(struct fake_worker *worker, const struct fake_recording *recording)
{
    fake_worker_answer(worker, (struct answer){.kind = ANSWER_SESSION,
                                               .session = {.canonical = recording->canonical,
                                                           .fingerprint = fake_disk.fingerprint}});
}

void fake_answer_metadata(struct fake_worker *worker, const struct fake_recording *recording,
                          const struct fake_refusal *refusals)
{
    for (uint32_t i = 0; i < worker->job.n_items; i++)
        answer_channel(worker, recording, refusals, worker->items[i].channel);
}

static const struct fake_segment *find_segment(const struct fake_recording *recording,
                                               const struct job_item *item)
{
    const struct fake_channel *channel = &recording->channels[item->channel];

    for (uint32_t s = 0; s < channel->n_segments; s++)
        if (channel->segments[s].number == item->segment)
            return &channel->segments[s];
    return NULL;
}

void fake_answer_index(struct fake_worker *worker, const struct fake_recording *recording)
{
    for (uint32_t i = 0; i < worker->job.n_items; i++) {
        const struct fake_segment *segment = find_segment(recording, &worker->items[i]);
        if (segment->unreadable) {
            fake_worker_answer(worker, (struct answer){.kind = ANSWER_ITEM,
                                                       .item = {.item = i,
                                                                .status = MEF3_EDAMAGED,
                                                                .text = segment->unreadable}});
            continue;
        }
        for (uint32_t at = 0; at < segment->n_runs; at += ROWS_PER_ANSWER) {
            uint32_t n = segment->n_runs - at;
            fake_worker_runs(worker, i, segment->runs + at,
                             n < ROWS_PER_ANSWER ? n : ROWS_PER_ANSWER);
        }
    }
}

static void answer_damage(struct fake_worker *worker, const struct fake_recording *recording,
                          uint32_t i, int32_t *to)
{
    const struct job_item *item = &worker->items[i];

    for (uint32_t d = 0; d < recording->n_damage; d++) {
        const struct fake_damage *damage = &recording->damage[d];
        int64_t from = damage->first, end = damage->first + damage->n;
        if (damage->channel != item->channel || damage->segment != item->segment)
            continue;
        if (from < item->first_sample)
            from = item->first_sample;
        if (end > item->first_sample + item->n_samples)
            end = item->first_sample + item->n_samples;
        if (from >= end)
            continue;
        for (int64_t s = from; s < end; s++)
            to[s - item->first_sample] = 0x5A5A5A5A; /* nobody may see it */
        fake_worker_answer(worker,
                           (struct answer){.kind = ANSWER_DAMAGE,
                                           .item = {i, MEF3_ECRC, from, end - from, damage->text}});
    }
}

void fake_answer_decode(struct fake_worker *worker, const struct fake_recording *recording,
                        int32_t *arena)
{
    for (uint32_t i = 0; i < worker->job.n_items; i++) {
        const struct job_item *item = &worker->items[i];
        int32_t *to = arena + item->arena_offset / sizeof *arena;
        for (uint32_t k = 0; k < item->n_samples; k++)
            to[k] = fake_count(item->channel, item->segment, item->first_sample + k);
        answer_damage(worker, recording, i, to);
    }
}

static double value_of(const struct fake_channel *channel, uint32_t number, int32_t segment,
                       int64_t sample, bool is_double)
{
    double value = (double)fake_count(number, segment, sample) * channel->factor;

    return is_double ? value : (double)(float)value;
}

/* What is at [at, at + n) of the window, cut to it. */
struct stretch {
    int64_t at, end;
};

static struct stretch cut(int64_t at, int64_t end, int64_t n)
{
    return (struct stretch){at < 0 ? 0 : at, end > n ? n : end};
}

static void expect_segment(const struct fake_recording *recording, uint32_t number,
                           const struct fake_segment *segment, int64_t start_uutc, int64_t n,
                           bool is_double, double *values)
{
    const struct fake_channel *channel = &recording->channels[number];
    double rate = channel->rate_hz;

    if (segment->unreadable) {
        struct stretch all = cut(mef3_time_to_index(segment->start_uutc, start_uutc, rate),
                                 mef3_time_to_index(segment->end_uutc, start_uutc, rate), n);
        for (int64_t i = all.at; i < all.end; i++)
            values[i] = (double)NAN;
        return;
    }
    for (uint32_t r = 0; r < segment->n_runs; r++) {
        const struct run_row *run = &segment->runs[r];
        int64_t at = mef3_time_to_index(run->origin_uutc, start_uutc, rate) + run->first_sample -
                     run->origin_sample;
        struct stretch part = cut(at, at + run->n_samples, n);
        for (int64_t i = part.at; i < part.end; i++)
            values[i] =
                value_of(channel, number, segment->number, run->first_sample + i - at, is_double);
        for (uint32_t d = 0; d < recording->n_damage; d++) {
            const struct fake_damage *damage = &recording->damage[d];
            if (damage->channel != number || damage->segment != segment->number)
                continue;
            int64_t bad = at + damage->first - run->first_sample;
            struct stretch hole = cut(bad, bad + damage->n, n);
            for (int64_t i = hole.at; i < hole.end; i++)
                if (i >= part.at && i < part.end)
                    values[i] = (double)NAN;
        }
    }
}

void fake_expect(const struct fake_recording *recording, uint32_t channel, int64_t start_uutc,
                 int64_t n, bool is_double, double *values_out)
{
    for (int64_t i = 0; i < n; i++)
        values_out[i] = (double)NAN;
    for (uint32_t s = 0; s < recording->channels[channel].n_segments; s++)
        expect_segment(recording, channel, &recording->channels[channel].segments[s], start_uutc, n,
                       is_double, values_out);
}
