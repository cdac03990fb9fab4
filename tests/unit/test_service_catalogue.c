/* test_service_catalogue.c - a large recording's catalogue, collected from many jobs. */
#include <stdio.h>
#include <string.h>

#include "help/service_bench.h"
#include "help/small_recordings.h"
#include "help/test.h"

/* Of so many segments each that a job reads two channels. */
enum { CHANNELS = 20, SEGMENTS = 30, JOBS = CHANNELS / 2 };

static struct fake_channel channels[CHANNELS];
static struct fake_segment segments[SEGMENTS];
static char names[CHANNELS][8];
static struct fake_refusal refusals[CHANNELS];
static struct fake_recording large;

static int set_up(void **state)
{
    int status = bench_set_up(state);
    struct bench *bench = *state;

    for (int s = 0; s < SEGMENTS; s++)
        segments[s] = (struct fake_segment){
            s, SMALL_AT(s), SMALL_AT(s + 1), s == 0 ? SMALL_WHOLE : NULL, s == 0, NULL};
    for (int c = 0; c < CHANNELS; c++) {
        snprintf(names[c], sizeof names[c], "C%02d", c);
        channels[c] = (struct fake_channel){names[c], 1000 + c, 1, segments, SEGMENTS};
    }
    large = (struct fake_recording){"/l.mefd", "/data/l.mefd", 9, channels, CHANNELS, NULL, 0};
    memset(refusals, 0, sizeof refusals);
    bench->is_large = true;
    bench->refusals = refusals;
    bench->recordings = &large;
    bench->n_recordings = 1;
    return status;
}

static void check_facts(const struct file_info *info)
{
    assert_true(info->opened && !info->error_message);
    assert_int_equal(info->n_channels, CHANNELS);
    assert_true(info->start_uutc == SMALL_START && info->end_uutc == SMALL_AT(SEGMENTS));
    for (int c = 0; c < CHANNELS; c++) {
        assert_string_equal(info->channel_names[c], names[c]);
        assert_true(info->rates_hz[c] == 1000 + c);
    }
}

static void the_channels_of_a_large_recording_are_read_by_many_jobs(void **state)
{
    struct bench *bench = *state;
    struct opened opened = bench_open(bench, "/l.mefd");

    check_facts(&opened.info);
    assert_int_equal(bench->n_jobs[JOB_OPEN], 1);
    assert_int_equal(bench->n_jobs[JOB_METADATA], JOBS);
    const struct recording *recording = registry_find(bench->service, "/l.mefd", NULL)->recording;
    assert_int_equal(recording->n_segments, CHANNELS * SEGMENTS);
    assert_int_equal(recording->channels[7].n_segments, SEGMENTS);
    assert_true(recording->channels[7].segments[29].start_uutc == SMALL_AT(29));
}

static void never_more_than_some_of_them_wait(void **state)
{
    struct bench *bench = *state;
    bool is_ready = false;
    struct opening *opening =
        service_open(bench->service, &BENCH_CLIENT, "/l.mefd", bench_flag, &is_ready);

    while (!is_ready) {
        struct pool_counters counters = pool_counters(bench->parts.pool);
        assert_in_range(counters.queued + counters.busy, 0, 2 * BENCH_WORKERS);
        bench_step(bench);
    }
    opening_free(opening);
}

static void a_worker_lost_while_channels_are_read_goes_unnoticed(void **state)
{
    struct bench *bench = *state;

    bench->n_kill = 2;
    bench->kinds = 1u << JOB_METADATA;
    struct opened opened = bench_open(bench, "/l.mefd");
    assert_int_equal(bench->n_kill, 0);
    check_facts(&opened.info);
    service_close(bench->service, &BENCH_CLIENT, "/l.mefd");

    bench->n_kill = 3 * 2 * BENCH_WORKERS; /* of all jobs under way */
    opened = bench_open(bench, "/l.mefd");
    assert_false(opened.info.opened);
    assert_string_equal(opened.info.error_message,
                        "Damaged recording: opening it ended one worker after another");
    bench->n_kill = 0;
    opened = bench_open(bench, "/l.mefd");
    check_facts(&opened.info);
}

static void the_first_damaged_channel_is_told_whoever_finds_it(void **state)
{
    struct bench *bench = *state;

    refusals[17] = (struct fake_refusal){MEF3_ECRC, "last"};
    refusals[4] = (struct fake_refusal){MEF3_ECRC, "C04-000000.tmet: header CRC"};
    refusals[5] = (struct fake_refusal){MEF3_EFORMAT, "the next one"};
    refusals[0] = (struct fake_refusal){MEF3_EPASSWORD, "locked"};
    for (int at_once = 0; at_once <= 1; at_once++) {
        bench->is_large = !at_once;
        struct opened opened = bench_open(bench, "/l.mefd");
        assert_false(opened.info.opened);
        assert_string_equal(opened.info.error_message,
                            "Damaged recording: /l.mefd: C04-000000.tmet: header CRC");
    }
}

static void locked_channels_are_left_out_unless_all_are(void **state)
{
    struct bench *bench = *state;

    for (int c = 0; c < CHANNELS - 1; c++)
        refusals[c] = (struct fake_refusal){MEF3_EPASSWORD, "a password of level 1"};
    struct opened opened = bench_open(bench, "/l.mefd");
    assert_true(opened.info.opened && opened.info.n_channels == 1);
    service_close(bench->service, &BENCH_CLIENT, "/l.mefd");
    refusals[CHANNELS - 1] = refusals[0];
    for (int at_once = 0; at_once <= 1; at_once++) {
        bench->is_large = !at_once;
        opened = bench_open(bench, "/l.mefd");
        assert_false(opened.info.opened);
        assert_string_equal(
            opened.info.error_message,
            "The recording is encrypted and its password is missing or wrong: /l.mefd");
    }
}

static void a_recording_without_channels_is_not_opened(void **state)
{
    struct bench *bench = *state;

    large.n_channels = 0;
    struct opened opened = bench_open(bench, "/l.mefd");
    assert_false(opened.info.opened);
    assert_string_equal(opened.info.error_message,
                        "The recording has no channels with data: /l.mefd");
}

static void what_fails_one_job_ends_the_opening(void **state)
{
    struct bench *bench = *state;

    bench->fail_status = MEF3_ECHANGED;
    bench->fail_text = "the recording changed on disk: open it again";
    struct opened opened = bench_open(bench, "/l.mefd");
    assert_false(opened.info.opened);
    assert_string_equal(opened.info.error_message, bench->fail_text);
    assert_in_range(bench->n_jobs[JOB_METADATA], 1, 2 * BENCH_WORKERS);
    assert_int_equal(pool_counters(bench->parts.pool).queued, 0);
    bench->fail_status = 0;
    opened = bench_open(bench, "/l.mefd");
    check_facts(&opened.info);
}

static void an_opening_given_up_stops_and_can_be_joined_or_begun_anew(void **state)
{
    struct bench *bench = *state;
    bool is_ready = false;

    /* Given up at every stage, and asked for again at once or when all is quiet. */
    for (int steps = 0; steps < 12; steps++) {
        for (int at_once = 0; at_once <= 1; at_once++) {
            struct opening *opening =
                service_open(bench->service, &BENCH_CLIENT, "/l.mefd", bench_flag, &is_ready);
            for (int i = 0; i < steps; i++)
                bench_step(bench);
            opening_free(opening);
            if (!at_once)
                bench_run(bench);
            service_close(bench->service, &BENCH_CLIENT, "/l.mefd");
            struct opened opened = bench_open(bench, "/l.mefd");
            check_facts(&opened.info);
            service_close(bench->service, &BENCH_CLIENT, "/l.mefd");
            bench_run(bench);
            assert_int_equal(pool_counters(bench->parts.pool).queued, 0);
            assert_int_equal(pool_counters(bench->parts.pool).busy, 0);
        }
    }
    /* Nobody is left: no further job goes out. */
    memset(bench->n_jobs, 0, sizeof bench->n_jobs);
    struct opening *opening =
        service_open(bench->service, &BENCH_CLIENT, "/l.mefd", bench_flag, &is_ready);
    while (bench->n_jobs[JOB_METADATA] == 0)
        bench_step(bench);
    opening_free(opening);
    bench_run(bench);
    assert_in_range(bench->n_jobs[JOB_METADATA], 1, 2 * BENCH_WORKERS);
}

/* What follows SESSION in place of what should. */
static void answers_that_make_no_sense_open_nothing(void **state)
{
    static const struct {
        const char *why;
        enum job_kind to;
        enum answer_kind kind;
        uint32_t channel;
    } row[] = {
        {"a channel that was not asked for", JOB_METADATA, ANSWER_CHANNEL, 3},
        {"a list where channels were asked for", JOB_METADATA, ANSWER_LISTED, 0},
        {"runs", JOB_METADATA, ANSWER_RUNS, 0},
        {"more listed than there are", JOB_OPEN, ANSWER_LISTED, 0},
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        bool is_ready = false, has_lied = false;
        struct opening *opening =
            service_open(bench->service, &BENCH_CLIENT, "/l.mefd", bench_flag, &is_ready);
        struct file_info info;
        enum outcome outcome = OUTCOME_DONE;
        while (!is_ready) {
            for (unsigned w = 0; w < BENCH_WORKERS && !has_lied; w++) {
                struct fake_worker *worker = &bench->worker[w];
                struct listed_row listed[CHANNELS + 1] = {0};
                uv_run(&bench->loop, UV_RUN_NOWAIT);
                if (!fake_worker_take(worker))
                    continue;
                has_lied = worker->job.kind == row[i].to;
                if (worker->job.kind == JOB_OPEN)
                    fake_answer_open(worker, &large, true, NULL);
                if (has_lied && row[i].kind == ANSWER_LISTED)
                    fake_worker_listed(worker, listed, CHANNELS + 1);
                else if (has_lied && row[i].kind == ANSWER_RUNS)
                    fake_worker_runs(worker, 0, SMALL_WHOLE, 1);
                else if (has_lied)
                    fake_worker_answer(
                        worker,
                        (struct answer){.kind = ANSWER_CHANNEL,
                                        .channel = {"X", 1, 1, 0, 1, row[i].channel, 1, {0}}});
                fake_worker_done(worker, MEF3_OK, "");
            }
            bench_step(bench);
        }
        assert_row(opening_pull(opening, &info, &outcome) == PULL_END, row[i].why);
        assert_row_int(outcome, OUTCOME_INTERNAL, row[i].why);
        opening_free(opening);
        bench_run(bench);
    }
}

static void jobs_say_for_which_opening_they_are(void **state)
{
    struct bench *bench = *state;
    uint64_t first, second;

    bench_open(bench, "/l.mefd");
    struct recording *recording = registry_find(bench->service, "/l.mefd", NULL)->recording;
    first = recording->opening;
    recording->stale = true;
    bench_open(bench, "/l.mefd");
    second = registry_find(bench->service, "/l.mefd", NULL)->recording->opening;
    assert_true(first != 0 && second != 0 && first != second);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_channels_of_a_large_recording_are_read_by_many_jobs),
        TEST(never_more_than_some_of_them_wait),
        TEST(a_worker_lost_while_channels_are_read_goes_unnoticed),
        TEST(the_first_damaged_channel_is_told_whoever_finds_it),
        TEST(locked_channels_are_left_out_unless_all_are),
        TEST(a_recording_without_channels_is_not_opened),
        TEST(what_fails_one_job_ends_the_opening),
        TEST(an_opening_given_up_stops_and_can_be_joined_or_begun_anew),
        TEST(answers_that_make_no_sense_open_nothing),
        TEST(jobs_say_for_which_opening_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
