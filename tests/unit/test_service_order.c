/* test_service_order.c - answers that come late, early, or say too much. */
#include <math.h>
#include <string.h>

#include "help/service_bench.h"
#include "help/small_recordings.h"
#include "help/test.h"

#define NAMES(...) ((const char *[]){__VA_ARGS__, NULL})

/* "Many": 4096 runs of one sample, a gap after each, then a segment whose index
 * is unreadable, from 70 s to 80 s. "Stale": headers that end at 2 s and 32 s, data
 * until 20 s and 50 s. "Two": an unreadable segment and one of 10 s. */
enum { MANY, STALE, TWO, N_RUNS = 4096 };

static struct run_row many_runs[N_RUNS];
static const struct fake_segment MANY_SEGMENTS[] = {
    {0, SMALL_START, SMALL_AT(8.192), many_runs, N_RUNS, NULL},
    {1, SMALL_AT(70), SMALL_AT(80), NULL, 0, "no index"}};
static const struct run_row WHOLE[] = {{SMALL_AT(10), 0, 0, 10000, 1000}};
static const struct fake_segment TWO_SEGMENTS[] = {
    {0, SMALL_START, SMALL_AT(10), NULL, 0, "no index either"},
    {1, SMALL_AT(10), SMALL_AT(20), WHOLE, 1, NULL}};
static const struct run_row FIRST[] = {{SMALL_START, 0, 0, 20000, 1000}};
static const struct run_row SECOND[] = {{SMALL_AT(30), 0, 0, 20000, 1000}};
static const struct fake_segment STALE_SEGMENTS[] = {
    {0, SMALL_START, SMALL_AT(2), FIRST, 1, NULL},
    {1, SMALL_AT(30), SMALL_AT(32), SECOND, 1, NULL}};
static const struct fake_channel CHANNELS[] = {{"Many", 1000, 1, MANY_SEGMENTS, 2},
                                               {"Stale", 1000, 1, STALE_SEGMENTS, 2},
                                               {"Two", 1000, 1, TWO_SEGMENTS, 2}};
static const struct fake_recording RECORDING[] = {
    {"/m.mefd", "/data/m.mefd", 5, CHANNELS, 3, NULL, 0}};

static int set_up(void **state)
{
    int status = bench_set_up(state);
    struct bench *bench = *state;

    for (int64_t i = 0; i < N_RUNS; i++)
        many_runs[i] = (struct run_row){SMALL_START + i * 2000, i, i, 1, 1};
    bench->recordings = RECORDING;
    bench->n_recordings = 1;
    return status;
}

static struct segment *segment_of(struct bench *bench, uint32_t channel, size_t segment)
{
    struct entry *entry = registry_find(bench->service, "/m.mefd", NULL);

    return &entry->recording->channels[channel].segments[segment];
}

/* The time comes when an unreadable index is tried again. */
static void pass_time(struct segment *segment)
{
    if (segment->retry_at_ms != UINT64_MAX)
        segment->retry_at_ms = 0;
}

static void thousands_of_runs_are_read_in_batches(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    reader_range(&reader, bench, "/m.mefd", NAMES("Many"), 1, SMALL_AT(-1), SMALL_AT(90));
    readers_finish(bench, &reader, 1);
    reader_check(&reader, RECORDING, (uint32_t[]){MANY}, 1, SMALL_AT(-1), SMALL_AT(90));
    assert_string_equal(read_damage(reader.read), "channel=Many segment=1 samples=10000 no index");
    reader_free(&reader);
}

/* Another read has the index tried again while this one is between two batches. */
static void an_index_that_is_tried_again_is_no_gap_meanwhile(void **state)
{
    struct bench *bench = *state;
    struct reader reader, other;

    reader_range(&reader, bench, "/m.mefd", NAMES("Many"), 1, SMALL_START, SMALL_AT(90));
    reader_pull(&reader, 1);
    while (bench->n_jobs[JOB_INDEX] == 0)
        bench_step(bench);
    bench->is_held = true;
    bench_run(bench); /* the runs are there; the first batch is with the workers */
    assert_true(pool_counters(bench->parts.pool).busy > 0);
    pass_time(segment_of(bench, MANY, 1));
    reader_range(&other, bench, "/m.mefd", NAMES("Many"), 1, SMALL_AT(75), SMALL_AT(76));
    reader_pull(&other, 1);
    assert_int_equal(segment_of(bench, MANY, 1)->state, RUNS_ASKED);
    bench->is_held = false;
    while (!reader.has_ended || !other.has_ended) {
        bench_run(bench);
        assert_true(reader.is_ready || other.is_ready);
        reader_pull(reader.is_ready && !reader.has_ended ? &reader : &other, 9);
    }
    assert_non_null(strstr(read_damage(reader.read), "no index"));
    assert_non_null(strstr(read_damage(other.read), "no index"));
    reader_free(&reader);
    reader_free(&other);
}

/* The index has the last word, from the first read on. */
static void what_a_header_does_not_know_of_is_no_gap(void **state)
{
    static const double AT[] = {15, 45, 25, 60, 19.5, 1};
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof AT / sizeof AT[0]; i++) {
        struct reader reader;
        reader_range(&reader, bench, "/m.mefd", NAMES("Stale"), 1, SMALL_AT(AT[i]),
                     SMALL_AT(AT[i] + 1));
        readers_finish(bench, &reader, 1);
        reader_check(&reader, RECORDING, (uint32_t[]){STALE}, 1, SMALL_AT(AT[i]),
                     SMALL_AT(AT[i] + 1));
        reader_free(&reader);
    }
}

static struct fake_worker *take_any(struct bench *bench)
{
    uv_run(&bench->loop, UV_RUN_NOWAIT);
    for (unsigned i = 0; i < BENCH_WORKERS; i++)
        if (fake_worker_take(&bench->worker[i]))
            return &bench->worker[i];
    return NULL;
}

/* A slow index job has told of its first segment; another read asks for that
 * again. When the slow job ends, that segment is not one without runs. */
static void a_verdict_stands_while_its_job_is_under_way(void **state)
{
    struct bench *bench = *state;
    struct reader reader, other;

    bench_open(bench, "/m.mefd");
    bench->is_held = true;
    reader_range(&reader, bench, "/m.mefd", NAMES("Two"), 1, SMALL_START, SMALL_AT(20));
    reader_pull(&reader, 1);
    struct fake_worker *slow = take_any(bench);
    assert_non_null(slow);
    assert_int_equal(slow->job.n_items, 2);
    fake_worker_answer(slow, (struct answer){.kind = ANSWER_ITEM,
                                             .item = {.status = MEF3_EIO, .text = "no index"}});
    bench_run(bench);
    pass_time(segment_of(bench, TWO, 0));
    reader_range(&other, bench, "/m.mefd", NAMES("Two"), 1, SMALL_START, SMALL_AT(1));
    reader_pull(&other, 1);
    fake_worker_runs(slow, 1, WHOLE, 1);
    fake_worker_done(slow, MEF3_OK, "");
    bench->is_held = false;
    readers_finish(bench, &reader, 1);
    assert_non_null(strstr(read_damage(reader.read), "no index"));
    assert_int_equal(segment_of(bench, TWO, 0)->state, RUNS_UNREADABLE);
    assert_true(segment_of(bench, TWO, 0)->retry_at_ms != UINT64_MAX);
    readers_finish(bench, &other, 1);
    assert_non_null(strstr(read_damage(other.read), "no index"));
    reader_free(&reader);
    reader_free(&other);
}

/* A block is damaged of which a neighbour's job has read the good part. */
static void damage_beyond_what_was_asked_changes_nothing(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    reader_range(&reader, bench, "/m.mefd", NAMES("Two"), 1, SMALL_AT(10), SMALL_AT(11));
    readers_finish(bench, &reader, 1);
    reader_free(&reader);
    bench->is_held = true;
    reader_range(&reader, bench, "/m.mefd", NAMES("Two"), 1, SMALL_AT(13), SMALL_AT(14));
    reader_pull(&reader, 1);
    struct fake_worker *worker = take_any(bench);
    assert_non_null(worker);
    static const struct answer_item SAID[] = {
        {0, MEF3_ECRC, 1500, 2000, "a part of it"},
        {0, MEF3_ECRC, 0, 2000, "none of it"},
        {0, MEF3_ECRC, 8000, INT64_MAX / 2, "behind it"},
        {0, MEF3_ECRC, INT64_MAX / 2, INT64_MAX / 2, "far away"},
        {0, MEF3_ECRC, -5, 10, "before the segment"},
        {0, MEF3_ECRC, 3100, -10, "less than none"},
        {0, MEF3_ECRC, 3100, 0, "none"},
        {7, MEF3_ECRC, 3100, 10, "of no item"},
        {UINT32_MAX, MEF3_ECRC, 3100, 10, "of none at all"}};
    fake_answer_decode(worker, RECORDING, bench->write);
    for (size_t i = 0; i < sizeof SAID / sizeof SAID[0]; i++)
        fake_worker_answer(worker, (struct answer){.kind = ANSWER_DAMAGE, .item = SAID[i]});
    fake_worker_done(worker, MEF3_OK, "");
    bench->is_held = false;
    readers_finish(bench, &reader, 1);
    assert_string_equal(read_damage(reader.read), "channel=Two segment=1 samples=500 a part of it");
    for (int i = 0; i < 1000; i++)
        assert_int_equal(isnan(reader.values[0][i]), i < 500);
    reader_free(&reader);
    reader_range(&reader, bench, "/m.mefd", NAMES("Two"), 1, SMALL_AT(10), SMALL_AT(12));
    readers_finish(bench, &reader, 1);
    reader_check(&reader, RECORDING, (uint32_t[]){TWO}, 1, SMALL_AT(10), SMALL_AT(12));
    reader_free(&reader);
}

/* A worker that is lost half way may have told anything; the next tells anew. */
static void answers_of_a_lost_index_job_are_forgotten(void **state)
{
    static const struct run_row WRONG[] = {{SMALL_AT(10), 0, 0, 77, 1000}};
    struct bench *bench = *state;
    struct reader reader;

    bench_open(bench, "/m.mefd");
    bench->is_held = true;
    reader_range(&reader, bench, "/m.mefd", NAMES("Two"), 1, SMALL_AT(10), SMALL_AT(20));
    reader_pull(&reader, 1);
    struct fake_worker *lost = take_any(bench);
    for (uint32_t i = 0; i < lost->job.n_items; i++)
        fake_worker_runs(lost, i, WRONG, 1);
    bench_run(bench);
    fake_worker_end(lost);
    bench->is_held = false;
    readers_finish(bench, &reader, 1);
    reader_check(&reader, RECORDING, (uint32_t[]){TWO}, 1, SMALL_AT(10), SMALL_AT(20));
    reader_free(&reader);
}

/* Of opening: what the lost worker told is no part of the catalogue. */
static void answers_of_a_lost_opening_are_forgotten(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    bench->is_held = true;
    reader_range(&reader, bench, "/m.mefd", NAMES("Two"), 1, SMALL_AT(10), SMALL_AT(20));
    reader_pull(&reader, 1);
    struct fake_worker *lost = take_any(bench);
    fake_answer_open(lost, RECORDING, false, NULL);
    bench_run(bench);
    fake_worker_end(lost);
    bench->is_held = false;
    readers_finish(bench, &reader, 1);
    reader_check(&reader, RECORDING, (uint32_t[]){TWO}, 1, SMALL_AT(10), SMALL_AT(20));
    reader_free(&reader);
}

static void an_opening_whose_answers_make_no_sense_is_an_internal_error(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    for (int which = 0; which < 3; which++) {
        bench->is_held = true;
        reader_range(&reader, bench, "/m.mefd", NAMES("Two"), 1, SMALL_AT(10), SMALL_AT(20));
        reader_pull(&reader, 1);
        struct fake_worker *worker = take_any(bench);
        if (which > 0)
            fake_answer_open(worker, RECORDING, false, NULL);
        if (which == 2)
            fake_answer_open(worker, RECORDING, false, NULL);
        if (which == 1) /* of a channel that is none */
            fake_worker_segments(worker, 77, &(struct segment_row){0, 0, 1}, 1);
        fake_worker_done(worker, MEF3_OK, "");
        bench->is_held = false;
        readers_finish(bench, &reader, 1);
        assert_int_equal(reader.outcome, OUTCOME_INTERNAL);
        assert_string_equal(reader.error, "");
        reader_free(&reader);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)
        TEST(thousands_of_runs_are_read_in_batches),
        TEST(an_index_that_is_tried_again_is_no_gap_meanwhile),
        TEST(what_a_header_does_not_know_of_is_no_gap),
        TEST(a_verdict_stands_while_its_job_is_under_way),
        TEST(damage_beyond_what_was_asked_changes_nothing),
        TEST(answers_of_a_lost_index_job_are_forgotten),
        TEST(answers_of_a_lost_opening_are_forgotten),
        TEST(an_opening_whose_answers_make_no_sense_is_an_internal_error),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
