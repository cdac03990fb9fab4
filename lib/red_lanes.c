/* red_lanes.c - blocks through a core: each fills a lane, and leaves it to the next.
 *
 * A core decodes a chunk of symbols of each lane, then they are added up to
 * samples. So what a block needs beside its samples is bounded, however long it
 * is, and is read again while it is still near the processor. */
#include "red_lanes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"

enum { TAIL_BYTES = RED_REACH(RED_CHUNK) };

/* The lanes at work are those below n; a job belongs to the lane of its number. */
struct lanes {
    size_t n;
    struct red_lane lane[RED_MOST_LANES];
    struct red_job *job[RED_MOST_LANES];
    int32_t unwanted[RED_CHUNK]; /* samples before those that are wanted */
};

static int fail_count(const struct mef3_red_header *header, struct mef3_error *error)
{
    char expected[48], found[16];

    snprintf(expected, sizeof expected, "as many as its %u samples take", header->n_samples);
    snprintf(found, sizeof found, "%u", header->difference_bytes);
    return mef3_error_set(error, MEF3_EDAMAGED, NULL, RED_DIFFERENCE_BYTES, "difference bytes",
                          expected, found);
}

/* Samples of a block that is one symbol again and again. Its payload says nothing, so that it
 * may be short and claim any length: it costs no more than the samples that are wanted. */
static void repeat(struct red_task *task, const struct mef3_red_header *header, int symbol)
{
    uint32_t per_sample = symbol == RED_ESCAPE ? RED_ESCAPE_SYMBOLS : 1;
    uint32_t step = symbol == RED_ESCAPE ? 0 : (uint32_t)(int8_t)symbol;
    uint32_t n_symbols = header->difference_bytes - 1;
    uint32_t n_made = n_symbols < 4 ? 0 : 1 + (n_symbols - 4) / per_sample;
    uint32_t end = task->first + task->n_samples;
    bool is_whole = end == header->n_samples;

    if (n_made < end || (is_whole && n_symbols != 4 + per_sample * (end - 1))) {
        task->status = fail_count(header, &task->error);
        return;
    }
    for (uint32_t i = 0; i < task->n_samples; i++)
        task->samples_out[i] = (int32_t)(0x01010101u * (uint32_t)symbol + step * (task->first + i));
    red_restore(header, task->first, task->samples_out, task->n_samples);
}

/* Give lane n, and the job that is there, to the task. False when the task is
 * done with already. */
static bool begin(struct lanes *lanes, struct red_task *task)
{
    struct red_lane *lane = &lanes->lane[lanes->n];
    struct red_job *job = lanes->job[lanes->n];

    task->status = red_begin(task, &job->header, &job->model, &task->error);
    if (task->status != MEF3_OK || task->first + task->n_samples == 0)
        return false;
    int only = red_model_only_symbol(&job->model);
    if (only >= 0) {
        repeat(task, &job->header, only);
        return false;
    }
    job->task = task;
    job->end = task->block + job->header.block_bytes;
    job->n_left = job->header.difference_bytes - 1;
    job->n_made = 0;
    /* The first sample is a whole one, as after an escape. */
    job->n_kept = 1;
    job->symbols[RED_STEP - 1] = RED_ESCAPE;
    job->value = 0;
    *lane = (struct red_lane){.at = task->block + RED_PAYLOAD,
                              .range = RED_FIRST_RANGE,
                              .model = &job->model,
                              .symbols_out = job->symbols + RED_STEP};
    if (lane->at < job->end)
        lane->low = lane->at[0] >> 1;
    return true;
}

/* See to it that the lane can read as far as n_symbols may take it. */
static void make_readable(struct red_lane *lane, struct red_job *job, size_t n_symbols)
{
    /* Only in the copy of the tail, and zeros do not come to an end. */
    if (lane->at > job->end)
        lane->at = job->end;

    size_t there = (size_t)(job->end - lane->at);
    bool copied = job->end == job->tail + TAIL_BYTES;
    if (copied || there >= RED_REACH(n_symbols))
        return;
    memset(job->tail + TAIL_BYTES, 0, TAIL_BYTES);
    memcpy(job->tail + TAIL_BYTES - there, lane->at, there);
    job->end = job->tail + TAIL_BYTES;
    lane->at = job->end - there;
}

/* Make samples [n_made, to) of the block; they go to samples_out, or a chunk at
 * a time to where nobody looks. */
static void sum_to(const struct red_way *way, struct lanes *lanes, struct red_job *job,
                   struct red_sum *sum, uint32_t to, int32_t *samples_out)
{
    while (job->n_made < to) {
        size_t n = to - job->n_made;
        if (!samples_out && n > RED_CHUNK)
            n = RED_CHUNK;
        size_t made = way->sum(sum, samples_out ? samples_out : lanes->unwanted, n);
        job->n_made += (uint32_t)made;
        if (made < n)
            return;
    }
}

/* Add up the lane's next n symbols. True when the block is done with: it came to its end, or
 * to that of the samples that are wanted. What comes after those is not even decoded, for each
 * symbol costs as much; so nobody is told whether it would be whole. */
static bool sum_up(const struct red_way *way, struct lanes *lanes, struct red_job *job, uint32_t n)
{
    struct red_task *task = job->task;
    uint8_t *symbols = job->symbols + RED_STEP;
    struct red_sum sum = {.at = symbols - job->n_kept, .end = symbols + n, .value = job->value};
    uint32_t end = task->first + task->n_samples;

    job->n_left -= n;
    sum_to(way, lanes, job, &sum, task->first, NULL);
    if (job->n_made >= task->first && job->n_made < end)
        sum_to(way, lanes, job, &sum, end, task->samples_out + (job->n_made - task->first));

    job->value = sum.value;
    job->n_kept = (uint32_t)(sum.end - sum.at);
    bool made = job->n_made == end;
    if (job->n_left > 0 && !made) {
        memmove(symbols - job->n_kept, sum.at, job->n_kept);
        return false;
    }
    bool whole = end == job->header.n_samples;
    if (!made || (whole && (job->n_kept > 0 || job->n_left > 0)))
        task->status = fail_count(&job->header, &task->error);
    else
        red_restore(&job->header, task->first, task->samples_out, task->n_samples);
    return true;
}

/* How many symbols to decode of each lane: so many that the lane with the fewest
 * left comes to its end, but within bounds. */
static uint32_t choose_chunk(const struct lanes *lanes)
{
    uint32_t n = RED_CHUNK;

    for (size_t i = 0; i < lanes->n; i++)
        if (lanes->job[i]->n_left < n)
            n = lanes->job[i]->n_left;
    if (n < RED_LEAST_CHUNK)
        return RED_LEAST_CHUNK;
    return (n + RED_STEP - 1) / RED_STEP * RED_STEP;
}

/* The last lane at work takes the place of one that is done with. */
static void remove_lane(struct lanes *lanes, size_t i)
{
    struct red_job *job = lanes->job[i];

    lanes->n--;
    lanes->lane[i] = lanes->lane[lanes->n];
    lanes->job[i] = lanes->job[lanes->n];
    lanes->job[lanes->n] = job;
}

void red_lanes_decode(const struct red_way *way, struct red_job *jobs, size_t n_lanes,
                      struct red_task *tasks, size_t n)
{
    struct lanes lanes = {.n = 0};
    size_t next = 0;

    for (size_t i = 0; i < n_lanes; i++)
        lanes.job[i] = &jobs[i];
    for (;;) {
        while (lanes.n < n_lanes && next < n)
            if (begin(&lanes, &tasks[next++]))
                lanes.n++;
        if (lanes.n == 0)
            return;

        uint32_t chunk = choose_chunk(&lanes);
        for (size_t i = 0; i < lanes.n; i++)
            make_readable(&lanes.lane[i], lanes.job[i], chunk);
        way->decode(lanes.lane, lanes.n, chunk);
        for (size_t i = lanes.n; i-- > 0;) {
            struct red_job *job = lanes.job[i];
            if (sum_up(way, &lanes, job, chunk < job->n_left ? chunk : job->n_left))
                remove_lane(&lanes, i);
        }
    }
}

void red_decode_on(const struct red_way *way, struct red_task *tasks, size_t n)
{
    size_t n_lanes = n < RED_MOST_LANES ? n : RED_MOST_LANES;
    struct red_job one, *jobs = n > 1 ? malloc(n_lanes * sizeof *jobs) : NULL;

    /* Without memory the blocks are decoded one after another. */
    red_lanes_decode(way, jobs ? jobs : &one, jobs ? n_lanes : 1, tasks, n);
    free(jobs);
}
