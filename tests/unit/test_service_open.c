/* test_service_open.c - opening, listing, closing; grids and selections; their texts. */
#include <math.h>
#include <string.h>

#include "help/service_bench.h"
#include "help/small_recordings.h"
#include "help/test.h"

static int set_up(void **state)
{
    int status = bench_set_up(state);
    struct bench *bench = *state;

    bench->recordings = SMALL_RECORDINGS;
    bench->n_recordings = 3;
    return status;
}

static void a_first_opening_tells_all_and_no_error(void **state)
{
    struct opened opened = bench_open(*state, "/a.mefd");
    const struct file_info *info = &opened.info;

    assert_int_equal(opened.pull, PULL_HERE);
    assert_true(info->opened && info->has_facts && !info->error_message);
    assert_int_equal(info->n_channels, 4);
    assert_string_equal(info->channel_names[3], "it's");
    assert_true(info->rates_hz[0] == 1000 && info->rates_hz[2] == 10);
    assert_true(info->start_uutc == SMALL_START && info->end_uutc == SMALL_AT(10));
    assert_true(info->channel_start_uutc[1] == SMALL_START &&
                info->channel_end_uutc[1] == SMALL_AT(10));
    assert_true(info->duration_s == 10);
}

static void the_second_opening_tells_the_same_and_that_it_was_open(void **state)
{
    struct bench *bench = *state;
    struct file_info info;

    bench_open(bench, "/a.mefd");
    struct opened opened = bench_open(bench, "/a.mefd");
    assert_true(opened.pull == PULL_HERE && opened.info.opened && opened.info.n_channels == 4);
    assert_string_equal(opened.info.error_message, "File already open: /a.mefd");
    assert_int_equal(bench->n_jobs[JOB_OPEN], 1);
    service_file_info(bench->service, &BENCH_CLIENT, "/a.mefd", &info);
    assert_true(info.opened && info.has_facts && !info.error_message && info.n_channels == 4);
}

static void a_path_that_is_not_there_is_not_opened(void **state)
{
    struct bench *bench = *state;
    struct file_info info;

    for (int i = 0; i < 2; i++) {
        struct opened opened = bench_open(bench, "/none.mefd");
        assert_int_equal(opened.pull, PULL_HERE);
        assert_true(!opened.info.opened && !opened.info.has_facts);
        assert_string_equal(opened.info.error_message, "File does not exist: /none.mefd");
    }
    service_file_info(bench->service, &BENCH_CLIENT, "/none.mefd", &info);
    assert_true(!info.opened && !info.error_message);
}

static void flag(void *arg)
{
    ++*(int *)arg;
}

static void those_who_open_together_share_one_job(void **state)
{
    struct bench *bench = *state;
    struct opening *opening[3];
    struct file_info info;
    enum outcome outcome;
    int n_ready = 0;

    for (int i = 0; i < 3; i++)
        opening[i] = service_open(bench->service, &BENCH_CLIENT, "/a.mefd", flag, &n_ready);
    bench_run(bench);
    assert_int_equal(n_ready, 3);
    assert_int_equal(bench->n_jobs[JOB_OPEN], 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(opening_pull(opening[i], &info, &outcome), PULL_HERE);
        assert_true(info.opened);
        if (i == 0)
            assert_null(info.error_message);
        else
            assert_string_equal(info.error_message, "File already open: /a.mefd");
        opening_free(opening[i]);
    }
}

static void an_opening_given_up_costs_the_next_nothing(void **state)
{
    struct bench *bench = *state;
    int n_ready = 0;

    /* Given up in the queue, and at the worker: the job is still under way. */
    for (int at_worker = 0; at_worker <= 1; at_worker++) {
        bench->is_held = true;
        if (!at_worker) /* no worker is idle */
            for (int i = 0; i < BENCH_WORKERS; i++)
                opening_free(service_open(bench->service, &BENCH_CLIENT,
                                          i == 0   ? "x"
                                          : i == 1 ? "y"
                                                   : "z",
                                          flag, &n_ready));
        opening_free(service_open(bench->service, &BENCH_CLIENT, "/a.mefd", flag, &n_ready));
        struct opening *again =
            service_open(bench->service, &BENCH_CLIENT, "/a.mefd", flag, &n_ready);
        struct opening *third =
            service_open(bench->service, &BENCH_CLIENT, "/b.mefd", flag, &n_ready);
        bench->is_held = false;
        bench_run(bench);
        struct file_info info;
        enum outcome outcome;
        assert_int_equal(opening_pull(again, &info, &outcome), PULL_HERE);
        assert_true(info.opened);
        assert_int_equal(opening_pull(third, &info, &outcome), PULL_HERE);
        assert_true(info.opened);
        opening_free(again);
        opening_free(third);
        service_close(bench->service, &BENCH_CLIENT, "/a.mefd");
        service_close(bench->service, &BENCH_CLIENT, "/b.mefd");
    }
    assert_int_equal(n_ready, 4);
    assert_int_equal(pool_counters(bench->parts.pool).queued, 0);
}

static void two_spellings_are_two_entries_of_one_recording(void **state)
{
    struct bench *bench = *state;
    const char *const *paths;
    struct file_info info;
    size_t n;

    bench_open(bench, "a.mefd");
    struct opened opened = bench_open(bench, "/a.mefd");
    assert_true(opened.info.opened && !opened.info.error_message);
    bench_open(bench, "/b.mefd");
    service_list_open(bench->service, &BENCH_CLIENT, &paths, &n);
    assert_int_equal(n, 3);
    assert_string_equal(paths[0], "a.mefd");
    assert_string_equal(paths[1], "/a.mefd");
    assert_string_equal(paths[2], "/b.mefd");
    assert_ptr_equal(registry_find(bench->service, "a.mefd", NULL)->recording,
                     registry_find(bench->service, "/a.mefd", NULL)->recording);
    service_close(bench->service, &BENCH_CLIENT, "a.mefd");
    service_close(bench->service, &BENCH_CLIENT, "a.mefd"); /* it does not matter */
    service_file_info(bench->service, &BENCH_CLIENT, "a.mefd", &info);
    assert_false(info.opened);
    service_file_info(bench->service, &BENCH_CLIENT, "/a.mefd", &info);
    assert_true(info.opened);
    service_list_open(bench->service, &BENCH_CLIENT, &paths, &n);
    assert_int_equal(n, 2);
}

/* A crowd that asks for paths and leaves takes nothing from who has his already. */
static void too_many_paths_on_their_way_refuse_only_new_ones(void **state)
{
    struct bench *bench = *state;
    struct file_info info;
    enum outcome outcome;
    int n_ready = 0;

    bench_restart(bench, 32 << 20, 10, 2, false);
    bench_open(bench, "/a.mefd");
    bench->is_held = true;
    opening_free(service_open(bench->service, &BENCH_CLIENT, "x", flag, &n_ready));
    opening_free(service_open(bench->service, &BENCH_CLIENT, "y", flag, &n_ready));

    struct opening *fresh = service_open(bench->service, &BENCH_CLIENT, "z", flag, &n_ready);
    assert_int_equal(opening_pull(fresh, &info, &outcome), PULL_END);
    assert_int_equal(outcome, OUTCOME_EXHAUSTED);
    opening_free(fresh);

    struct opening *open = service_open(bench->service, &BENCH_CLIENT, "/a.mefd", flag, &n_ready);
    struct opening *joined = service_open(bench->service, &BENCH_CLIENT, "x", flag, &n_ready);
    assert_int_equal(opening_pull(open, &info, &outcome), PULL_HERE);
    assert_true(info.opened);
    bench->is_held = false;
    bench_run(bench);
    assert_int_equal(opening_pull(joined, &info, &outcome), PULL_HERE);
    assert_string_equal(info.error_message, "File does not exist: x");
    opening_free(open);
    opening_free(joined);
}

static void no_more_than_so_many_paths_are_open(void **state)
{
    struct bench *bench = *state;

    bench_restart(bench, 32 << 20, 2, 10, false);
    bench_open(bench, "/a.mefd");
    bench_open(bench, "a.mefd");
    struct opened opened = bench_open(bench, "/b.mefd");
    assert_true(opened.pull == PULL_END && opened.outcome == OUTCOME_EXHAUSTED);
    assert_int_equal(bench_open(bench, "a.mefd").pull, PULL_HERE); /* that is open */
    service_close(bench->service, &BENCH_CLIENT, "a.mefd");
    assert_int_equal(bench_open(bench, "/b.mefd").pull, PULL_HERE);
}

static void a_worker_lost_while_opening_goes_unnoticed(void **state)
{
    struct bench *bench = *state;

    bench->n_kill = 1;
    struct opened opened = bench_open(bench, "/a.mefd");
    assert_true(opened.info.opened && !opened.info.error_message);
    bench->n_kill = 2;
    opened = bench_open(bench, "/b.mefd");
    assert_false(opened.info.opened);
    assert_non_null(strstr(opened.info.error_message, "Damaged recording"));
}

static void a_recording_that_changed_is_opened_anew(void **state)
{
    struct bench *bench = *state;
    struct fake_recording changed = SMALL_RECORDINGS[2];

    bench_open(bench, "/b.mefd");
    struct recording *before = registry_find(bench->service, "/b.mefd", NULL)->recording;
    uint64_t number = before->number;
    before->stale = true; /* a job said so */
    changed.identity = 99;
    bench->recordings = &changed;
    bench->n_recordings = 1;
    struct opened opened = bench_open(bench, "/b.mefd");
    assert_true(opened.info.opened && !opened.info.error_message);
    struct recording *after = registry_find(bench->service, "/b.mefd", NULL)->recording;
    assert_true(after->number != number && after->identity == 99 && !after->stale);
    assert_string_equal(bench_open(bench, "/b.mefd").info.error_message,
                        "File already open: /b.mefd");
}

static void one_that_went_away_is_not_passed_off_as_open(void **state)
{
    struct bench *bench = *state;

    bench_open(bench, "/b.mefd");
    registry_find(bench->service, "/b.mefd", NULL)->recording->stale = true;
    bench->n_recordings = 0;
    struct opened opened = bench_open(bench, "/b.mefd");
    assert_true(opened.pull == PULL_HERE && !opened.info.opened);
    assert_string_equal(opened.info.error_message, "File does not exist: /b.mefd");
}

static void the_grid_is_counted_in_whole_and_one_short_page(void **state)
{
    static const struct {
        int64_t seconds, pages;
    } row[] = {{1, 10}, {2, 5}, {3, 4}, {4, 3}, {10, 1}, {11, 1}, {INT64_MAX, 1}};
    struct bench *bench = *state;
    struct grid_reply reply;

    service_set_page_seconds(bench->service, &BENCH_CLIENT, "/a.mefd", 1, &reply);
    assert_int_equal(reply.n_pages, 0);
    assert_string_equal(reply.error_message, "File not open: /a.mefd");
    service_count_pages(bench->service, &BENCH_CLIENT, "/a.mefd", &reply);
    assert_int_equal(reply.n_pages, 0);
    bench_open(bench, "/a.mefd");
    service_count_pages(bench->service, &BENCH_CLIENT, "/a.mefd", &reply);
    assert_int_equal(reply.n_pages, 0);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        service_set_page_seconds(bench->service, &BENCH_CLIENT, "/a.mefd", row[i].seconds, &reply);
        assert_int_equal(reply.n_pages, row[i].pages);
        assert_string_equal(reply.error_message, "");
        for (int64_t none = 0; none >= -5; none -= 5) { /* the grid in force stays */
            service_set_page_seconds(bench->service, &BENCH_CLIENT, "/a.mefd", none, &reply);
            assert_int_equal(reply.n_pages, 0);
            assert_true(reply.error_message[0]);
        }
        service_count_pages(bench->service, &BENCH_CLIENT, "/a.mefd", &reply);
        assert_int_equal(reply.n_pages, row[i].pages);
    }
}

static void check_selection(const struct selection_reply *reply, const char *const *names,
                            const char *error)
{
    size_t n = 0;

    while (names[n])
        n++;
    assert_int_equal(reply->n_channels, n);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(reply->channel_names[i], names[i]);
    assert_string_equal(reply->error_message, error);
}

#define NAMES(...) ((const char *[]){__VA_ARGS__, NULL})

static void a_selection_is_kept_in_the_order_asked_for(void **state)
{
    struct bench *bench = *state;
    struct selection_reply reply;

    service_get_channels(bench->service, &BENCH_CLIENT, "/a.mefd", &reply);
    check_selection(&reply, (const char *[]){NULL}, "File not open: /a.mefd");
    service_set_channels(bench->service, &BENCH_CLIENT, "/a.mefd", NAMES("A"), 1, &reply);
    check_selection(&reply, (const char *[]){NULL}, "File not open: /a.mefd");
    bench_open(bench, "/a.mefd");
    service_get_channels(bench->service, &BENCH_CLIENT, "/a.mefd", &reply);
    check_selection(&reply, NAMES("A", "B", "Slow", "it's"), "");
    service_set_channels(bench->service, &BENCH_CLIENT, "/a.mefd", NAMES("it's", "A", "it's"), 3,
                         &reply);
    check_selection(&reply, NAMES("it's", "A", "it's"), "");
    service_set_channels(bench->service, &BENCH_CLIENT, "/a.mefd", NAMES("zz", "B", "it'z"), 3,
                         &reply);
    check_selection(&reply, NAMES("B"), "Some channels do not exist: ['zz', \"it'z\"]");
    service_set_channels(bench->service, &BENCH_CLIENT, "/a.mefd", NAMES("zz"), 1, &reply);
    check_selection(&reply, NAMES("B"), "No valid channels in request. Invalid: ['zz']");
    service_get_channels(bench->service, &BENCH_CLIENT, "/a.mefd", &reply);
    check_selection(&reply, NAMES("B"), "");
    service_set_channels(bench->service, &BENCH_CLIENT, "/a.mefd", NULL, 0, &reply);
    check_selection(&reply, NAMES("A", "B", "Slow", "it's"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)
        TEST(a_first_opening_tells_all_and_no_error),
        TEST(the_second_opening_tells_the_same_and_that_it_was_open),
        TEST(a_path_that_is_not_there_is_not_opened),
        TEST(those_who_open_together_share_one_job),
        TEST(an_opening_given_up_costs_the_next_nothing),
        TEST(two_spellings_are_two_entries_of_one_recording),
        TEST(too_many_paths_on_their_way_refuse_only_new_ones),
        TEST(no_more_than_so_many_paths_are_open),
        TEST(a_worker_lost_while_opening_goes_unnoticed),
        TEST(a_recording_that_changed_is_opened_anew),
        TEST(one_that_went_away_is_not_passed_off_as_open),
        TEST(the_grid_is_counted_in_whole_and_one_short_page),
        TEST(a_selection_is_kept_in_the_order_asked_for),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
