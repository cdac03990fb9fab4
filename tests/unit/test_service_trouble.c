/* test_service_trouble.c - damage is told and never passed off as a gap; lost workers,
 * changed recordings, reads that end early. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "help/service_bench.h"
#include "help/small_recordings.h"
#include "help/test.h"

#define NAMES(...) ((const char *[]){__VA_ARGS__, NULL})

static const struct fake_damage DAMAGE[] = {
    {SMALL_A, 0, 1000, 1000, "block 1: A-000000.tdat: at byte 5000"},
    {SMALL_A, 0, 3990, 20, "block 3: across the gap"},
    {SMALL_ITS, 0, 0, 1, "block 0: the first sample"}};
static const struct fake_segment BAD_INDEX[] = {
    {0, SMALL_START, SMALL_AT(4), SMALL_WHOLE, 1, "B-000000.tidx: at byte 1024"},
    {1, SMALL_AT(4), SMALL_AT(10), SMALL_SECOND, 1, NULL}};
static const struct fake_channel CHANNELS[] = {{"A", 1000, 0.1, SMALL_A_SEGMENTS, 1},
                                               {"B", 1000, -2, BAD_INDEX, 2},
                                               {"Slow", 10, 1, SMALL_SLOW_SEGMENTS, 1},
                                               {"it's", 1000, 1e-3, SMALL_ITS_SEGMENTS, 1}};
static const struct fake_recording DAMAGED[] = {
    {"/a.mefd", "/data/a.mefd", 7, CHANNELS, 4, DAMAGE, 3}};

static int set_up(void **state)
{
    int status = bench_set_up(state);
    struct bench *bench = *state;

    bench->recordings = DAMAGED;
    bench->n_recordings = 1;
    return status;
}

static void read_all_of(struct reader *reader, struct bench *bench, const char *name)
{
    reader_range(reader, bench, "/a.mefd", &name, 1, SMALL_START, SMALL_AT(10));
    readers_finish(bench, reader, 1);
}

static void damaged_samples_are_nan_and_told(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    for (int again = 0; again < 2; again++) { /* from a worker, then from the cache */
        read_all_of(&reader, bench, "A");
        reader_check(&reader, DAMAGED, (uint32_t[]){SMALL_A}, 1, SMALL_START, SMALL_AT(10));
        const char *text = read_damage(reader.read);
        assert_non_null(strstr(text, "channel=A segment=0 samples=1000 block 1: A-000000.tdat"));
        assert_non_null(strstr(text, "block 3: across the gap"));
        reader_free(&reader);
    }
    read_all_of(&reader, bench, "it's");
    reader_check(&reader, DAMAGED, (uint32_t[]){SMALL_ITS}, 1, SMALL_START, SMALL_AT(10));
    assert_string_equal(read_damage(reader.read),
                        "channel=it's segment=0 samples=1 block 0: the first sample");
    reader_free(&reader);
}

static void damage_outside_the_window_is_not_told(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    reader_range(&reader, bench, "/a.mefd", NAMES("A"), 1, SMALL_AT(0.5), SMALL_AT(1));
    readers_finish(bench, &reader, 1);
    assert_string_equal(read_damage(reader.read), "");
    reader_free(&reader);
}

static void an_unreadable_index_is_told_over_its_segments_span(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    read_all_of(&reader, bench, "B");
    reader_check(&reader, DAMAGED, (uint32_t[]){SMALL_B}, 1, SMALL_START, SMALL_AT(10));
    assert_string_equal(read_damage(reader.read),
                        "channel=B segment=0 samples=4000 B-000000.tidx: at byte 1024");
    assert_int_equal(bench->n_jobs[JOB_INDEX], 1);
    reader_free(&reader);
    read_all_of(&reader, bench, "B"); /* the verdict stands for a while */
    assert_true(read_damage(reader.read)[0]);
    assert_int_equal(bench->n_jobs[JOB_INDEX], 1);
    reader_free(&reader);
}

static void where_damage_is_an_error_the_read_fails(void **state)
{
    static const char *const NAME[] = {"A", "B", "it's"};
    struct bench *bench = *state;
    struct reader reader;

    bench_restart(bench, 32 << 20, 10, 10, true);
    for (int i = 0; i < 3; i++) {
        read_all_of(&reader, bench, NAME[i]);
        assert_int_equal(reader.outcome, OUTCOME_DONE);
        assert_int_equal(reader.n_messages, 0);
        assert_non_null(strstr(reader.error, "Damaged recording: channel="));
        assert_non_null(strstr(reader.error, NAME[i]));
        reader_free(&reader);
    }
    reader_range(&reader, bench, "/a.mefd", NAMES("A"), 1, SMALL_AT(6), SMALL_AT(7));
    readers_finish(bench, &reader, 1);
    reader_check(&reader, DAMAGED, (uint32_t[]){SMALL_A}, 1, SMALL_AT(6), SMALL_AT(7));
    reader_free(&reader);
}

static void a_worker_lost_in_the_middle_goes_unnoticed(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    bench->is_large = true;
    for (int kind = JOB_OPEN; kind <= JOB_DECODE; kind++) {
        bench->n_kill = 1;
        bench->kinds = 1u << kind;
        read_all_of(&reader, bench, "A");
        assert_int_equal(bench->n_kill, 0);
        reader_check(&reader, DAMAGED, (uint32_t[]){SMALL_A}, 1, SMALL_START, SMALL_AT(10));
        reader_free(&reader);
        service_close(bench->service, &BENCH_CLIENT, "/a.mefd");
    }
}

static void what_ends_one_worker_after_another_is_damage_and_costs_only_itself(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    bench->kill_at = 4321;
    for (int again = 0; again < 2; again++) {
        read_all_of(&reader, bench, "it's");
        assert_int_equal(reader.n, 10000);
        int first = 0, n = 0;
        for (int i = 1; i < 10000; i++) { /* the first is damaged anyway */
            first = n == 0 && isnan(reader.values[0][i]) ? i : first;
            n += isnan(reader.values[0][i]);
        }
        assert_true(n >= 1 && n <= 2000 && first <= 4321 && 4321 < first + n);
        assert_non_null(strstr(read_damage(reader.read), "ended one worker after another"));
        reader_free(&reader);
        assert_true(bench->n_killed >= 4 && bench->n_killed <= 8);
        assert_int_equal(service_counters(bench->service).quarantined, 1);
    }
    /* Not even where its tile is forgotten is it tried again. */
    unsigned n_killed = bench->n_killed;
    cache_expire(bench->parts.cache, UINT64_MAX, 0);
    read_all_of(&reader, bench, "it's");
    assert_non_null(strstr(read_damage(reader.read), "quarantined"));
    assert_true(!isnan(reader.values[0][1]) && isnan(reader.values[0][4321]));
    assert_int_equal(bench->n_killed, n_killed);
    reader_free(&reader);
    bench->kill_at = 0;
    read_all_of(&reader, bench, "A"); /* nothing else suffers */
    reader_check(&reader, DAMAGED, (uint32_t[]){SMALL_A}, 1, SMALL_START, SMALL_AT(10));
    reader_free(&reader);
}

static void an_index_that_ends_workers_costs_only_itself(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    bench->n_kill = 5; /* both twice, and then each once, and one of them again */
    bench->kinds = 1u << JOB_INDEX;
    reader_range(&reader, bench, "/a.mefd", NAMES("A", "it's"), 2, SMALL_AT(5), SMALL_AT(6));
    readers_finish(bench, &reader, 1);
    assert_int_equal(bench->n_killed, 5);
    int n = 0;
    for (size_t row = 0; row < 2; row++)
        n += isnan(reader.values[row][500]);
    assert_int_equal(n, 1);
    assert_non_null(strstr(read_damage(reader.read), " samples=1000 "));
    reader_free(&reader);
}

static void without_workers_reads_and_openings_wait_and_then_fail(void **state)
{
    const struct pool_limits none = {.job_ms = 60000, .wait_ms = 20, .busy_ms = 1000};
    struct bench *bench = *state;
    struct reader readers[3];
    bool is_ready = false;
    struct file_info info;
    enum outcome outcome = OUTCOME_DONE;

    pool_set_limits(bench->parts.pool, &none);
    read_all_of(&readers[0], bench, "A"); /* opens it, and knows its runs */
    reader_free(&readers[0]);
    cache_expire(bench->parts.cache, UINT64_MAX, 0);
    for (unsigned i = 0; i < BENCH_WORKERS; i++)
        fake_worker_end(&bench->worker[i]);
    bench->is_held = true;
    bench_run(bench);
    assert_int_equal(pool_counters(bench->parts.pool).workers, 0);
    for (int i = 0; i < 3; i++) /* two need samples, one an index */
        reader_range(&readers[i], bench, "/a.mefd", i < 2 ? NAMES("A") : NAMES("it's"), 1,
                     SMALL_START, SMALL_AT(10));
    for (int i = 0; i < 3; i++)
        reader_pull(&readers[i], 1);
    struct opening *opening =
        service_open(bench->service, &BENCH_CLIENT, "/b.mefd", bench_flag, &is_ready);
    assert_int_equal(opening_pull(opening, &info, &outcome), PULL_WAIT);
    while (!is_ready || !readers[0].is_ready || !readers[1].is_ready || !readers[2].is_ready)
        uv_run(&bench->loop, UV_RUN_ONCE);
    assert_int_equal(opening_pull(opening, &info, &outcome), PULL_END);
    assert_int_equal(outcome, OUTCOME_UNAVAILABLE);
    opening_free(opening);
    for (int i = 0; i < 3; i++) {
        reader_pull(&readers[i], 1);
        assert_true(readers[i].has_ended);
        assert_int_equal(readers[i].outcome, OUTCOME_UNAVAILABLE);
        reader_free(&readers[i]);
    }
    for (unsigned i = 0; i < BENCH_WORKERS; i++) { /* they come: all is well */
        int channel = fake_worker_init(&bench->worker[i]);
        assert_int_equal(pool_add_worker(bench->parts.pool, channel, i, 200 + i), 0);
    }
    bench->is_held = false;
    read_all_of(&readers[0], bench, "A");
    reader_check(&readers[0], DAMAGED, (uint32_t[]){SMALL_A}, 1, SMALL_START, SMALL_AT(10));
    reader_free(&readers[0]);
}

static void each_channel_that_could_not_be_read_is_named_with_its_reason(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    reader_range(&reader, bench, "/a.mefd", NAMES("A"), 1, SMALL_START, SMALL_AT(1));
    readers_finish(bench, &reader, 1);
    reader_free(&reader);
    bench->fail_status = MEF3_EIO;
    bench->fail_text = "the disk is on fire";
    reader_range(&reader, bench, "/a.mefd", NAMES("it's", "A"), 2, SMALL_START, SMALL_AT(10));
    readers_finish(bench, &reader, 1);
    const char *text = read_damage(reader.read);
    assert_non_null(strstr(text, "channel=it's segment=0 samples=10000 the disk is on fire"));
    assert_non_null(strstr(text, "channel=A segment=0 samples="));
    assert_true(isnan(reader.values[1][2500]));
    reader_free(&reader);
    bench->fail_status = 0;
}

static void a_recording_that_changed_is_told_and_the_next_read_opens_it_anew(void **state)
{
    struct fake_recording changed = SMALL_RECORDINGS[0];
    struct bench *bench = *state;
    struct reader reader;

    reader_range(&reader, bench, "/a.mefd", NAMES("A"), 1, SMALL_START, SMALL_AT(0.1));
    readers_finish(bench, &reader, 1);
    reader_free(&reader);
    changed.identity = 8;
    bench->recordings = &changed;
    read_all_of(&reader, bench, "A");
    assert_non_null(strstr(read_damage(reader.read), "changed on disk"));
    reader_free(&reader);
    read_all_of(&reader, bench, "A");
    assert_string_equal(read_damage(reader.read), "");
    reader_check(&reader, &changed, (uint32_t[]){SMALL_A}, 1, SMALL_START, SMALL_AT(10));
    reader_free(&reader);
    assert_int_equal(bench->n_jobs[JOB_OPEN], 2);
}

static void a_recording_that_went_away_is_told(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    bench_open(bench, "/a.mefd");
    bench->n_recordings = 0;
    read_all_of(&reader, bench, "A");
    assert_true(read_damage(reader.read)[0]);
    reader_free(&reader);
    read_all_of(&reader, bench, "A");
    assert_string_equal(reader.error, "File does not exist: /a.mefd");
    reader_free(&reader);
}

static void a_read_may_end_at_any_moment(void **state)
{
    struct bench *bench = *state;

    for (int steps = 0; steps < 14; steps++) {
        struct reader reader, other;
        reader_range(&reader, bench, "/a.mefd", NAMES("A", "B", "it's"), 3, SMALL_AT(-300),
                     SMALL_AT(300));
        reader_range(&other, bench, "/a.mefd", NAMES("A"), 1, SMALL_START, SMALL_AT(10));
        reader_pull(&reader, 1);
        for (int i = 0; i < steps; i++) {
            bench_step(bench);
            if (reader.is_ready)
                reader_pull(&reader, 1);
        }
        reader_free(&reader);
        readers_finish(bench, &other, 1); /* whatever they shared */
        reader_check(&other, DAMAGED, (uint32_t[]){SMALL_A}, 1, SMALL_START, SMALL_AT(10));
        reader_free(&other);
        service_close(bench->service, &BENCH_CLIENT, "/a.mefd");
    }
    bench_run(bench);
    assert_int_equal(pool_counters(bench->parts.pool).busy, 0);
    assert_int_equal(cache_counters(bench->parts.cache).tiles, 0); /* nothing stays pinned */
}

/* Nobody waits for them any more: they are not done. */
static void jobs_of_reads_that_ended_are_dropped(void **state)
{
    struct bench *bench = *state;
    struct reader readers[20];

    bench_open(bench, "/a.mefd");
    bench->is_held = true;
    for (int i = 0; i < 20; i++) {
        reader_range(&readers[i], bench, "/a.mefd", NAMES("A"), 1, SMALL_AT(i * 0.1),
                     SMALL_AT(i * 0.1 + 0.1));
        reader_pull(&readers[i], 1);
    }
    for (int i = 0; i < 20; i++)
        reader_free(&readers[i]);
    bench->is_held = false;
    bench_run(bench);
    assert_int_equal(bench->n_jobs[JOB_DECODE], 0);
    assert_true(bench->n_jobs[JOB_INDEX] <= 1);
    read_all_of(&readers[0], bench, "A");
    reader_check(&readers[0], DAMAGED, (uint32_t[]){SMALL_A}, 1, SMALL_START, SMALL_AT(10));
    reader_free(&readers[0]);
}

static void closing_ends_no_read_that_is_under_way(void **state)
{
    struct bench *bench = *state;
    struct file_info info;
    struct reader reader;

    bench_open(bench, "/a.mefd");
    reader_range(&reader, bench, "/a.mefd", NAMES("A"), 1, SMALL_START, SMALL_AT(10));
    reader_pull(&reader, 1);
    service_close(bench->service, &BENCH_CLIENT, "/a.mefd");
    readers_finish(bench, &reader, 1);
    reader_check(&reader, DAMAGED, (uint32_t[]){SMALL_A}, 1, SMALL_START, SMALL_AT(10));
    service_file_info(bench->service, &BENCH_CLIENT, "/a.mefd", &info);
    assert_false(info.opened);
    reader_free(&reader);
    assert_int_equal(cache_counters(bench->parts.cache).tiles, 0);
}

/* What is pulled belongs to who pulled it, to the release. */
static void a_message_outlives_its_read(void **state)
{
    struct bench *bench = *state;
    const struct message *message;
    enum outcome outcome;
    struct reader reader;

    reader_range(&reader, bench, "/a.mefd", NAMES("A"), 1, SMALL_START, SMALL_AT(10));
    assert_int_equal(read_pull(reader.read, &message, &outcome), PULL_WAIT);
    reader.is_ready = false;
    bench_run(bench);
    assert_int_equal(read_pull(reader.read, &message, &outcome), PULL_HERE);
    const uint8_t *samples = message->samples;
    float first;
    reader_free(&reader);
    service_close(bench->service, &BENCH_CLIENT, "/a.mefd");
    bench_run(bench);
    memcpy(&first, samples, sizeof first);
    assert_true(first == (float)(fake_count(SMALL_A, 0, 0) * 0.1));
    message_release(message);
}

static void more_reads_than_allowed_are_refused(void **state)
{
    struct bench *bench = *state;
    struct reader readers[4];

    bench_restart(bench, 32 << 20, 10, 3, false);
    for (int i = 0; i < 4; i++)
        reader_range(&readers[i], bench, "/a.mefd", NAMES("A"), 1, SMALL_START, SMALL_AT(10));
    readers_finish(bench, readers, 4);
    assert_int_equal(readers[3].outcome, OUTCOME_EXHAUSTED);
    assert_int_equal(readers[3].n_messages, 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(readers[i].n, i < 3 ? 10000 : 0);
        reader_free(&readers[i]);
    }
    read_all_of(&readers[0], bench, "A");
    assert_int_equal(readers[0].outcome, OUTCOME_DONE);
    reader_free(&readers[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)
        TEST(damaged_samples_are_nan_and_told),
        TEST(damage_outside_the_window_is_not_told),
        TEST(an_unreadable_index_is_told_over_its_segments_span),
        TEST(where_damage_is_an_error_the_read_fails),
        TEST(a_worker_lost_in_the_middle_goes_unnoticed),
        TEST(what_ends_one_worker_after_another_is_damage_and_costs_only_itself),
        TEST(an_index_that_ends_workers_costs_only_itself),
        TEST(without_workers_reads_and_openings_wait_and_then_fail),
        TEST(each_channel_that_could_not_be_read_is_named_with_its_reason),
        TEST(a_recording_that_changed_is_told_and_the_next_read_opens_it_anew),
        TEST(a_recording_that_went_away_is_told),
        TEST(a_read_may_end_at_any_moment),
        TEST(jobs_of_reads_that_ended_are_dropped),
        TEST(closing_ends_no_read_that_is_under_way),
        TEST(a_message_outlives_its_read),
        TEST(more_reads_than_allowed_are_refused),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
