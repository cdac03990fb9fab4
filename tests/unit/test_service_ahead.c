/* test_service_ahead.c - what is read ahead is there when it is asked for, and is in
 * nobody's way. */
#include <stdlib.h>
#include <string.h>

#include "help/paged_recording.h"
#include "help/service_bench.h"
#include "help/test.h"

enum { PAGE_S = 4, PAGE_UNITS = 2 * PAGE_S, PAGE_SAMPLES = PAGE_UNITS * RATE };

static void restart(struct bench *bench, size_t arena_bytes, unsigned pages, unsigned ahead,
                    unsigned behind)
{
    bench->parts.ahead_pages = pages;
    bench->parts.ahead_ranges = ahead;
    bench->parts.behind_ranges = behind;
    bench_restart(bench, arena_bytes, 10, 100, false);
    assert_int_equal(bench_open(bench, "/r.mefd").pull, PULL_HERE);
}

static int set_up(void **state)
{
    int status = bench_set_up(state);
    struct bench *bench = *state;

    bench->recordings = RECORDING;
    bench->n_recordings = 1;
    return status;
}

static void set_pages(struct bench *bench, int64_t seconds)
{
    struct grid_reply reply;

    service_set_page_seconds(bench->service, &bench->client, "/r.mefd", seconds, &reply);
    assert_string_equal(reply.error_message, "");
}

static void check_page(struct reader *reader, int64_t page, int64_t seconds)
{
    reader_check(reader, RECORDING, BOTH, 2, AT(page * seconds), AT((page + 1) * seconds));
}

static void end_page(struct bench *bench, struct reader *reader, int number)
{
    readers_finish(bench, reader, 1);
    check_page(reader, number, PAGE_S);
    reader_free(reader);
}

/* Read a page to its end and then let happen what happens. */
static void page(struct bench *bench, int64_t number, int64_t seconds)
{
    struct reader reader;

    reader_page(&reader, bench, "/r.mefd", number);
    readers_finish(bench, &reader, 1);
    check_page(&reader, number, seconds);
    reader_free(&reader);
    bench_run(bench);
}

static void range(struct bench *bench, int64_t start_s, int64_t end_s)
{
    struct reader reader;

    reader_range(&reader, bench, "/r.mefd", NULL, 0, AT(start_s), AT(end_s));
    readers_finish(bench, &reader, 1);
    reader_check(&reader, RECORDING, BOTH, 2, AT(start_s), AT(end_s));
    reader_free(&reader);
    bench_run(bench);
}

static struct cache_counters cached(const struct bench *bench)
{
    return cache_counters(bench->parts.cache);
}

static size_t queued(const struct bench *bench, enum pool_lane lane)
{
    return pool_counters(bench->parts.pool).queued_in[lane];
}

static void pages_are_there_before_they_are_asked_for(void **state)
{
    struct bench *bench = *state;

    restart(bench, 64 << 20, 2, 0, 0);
    set_pages(bench, PAGE_S);
    bench_run(bench);
    assert_int_equal(bench->n_decoded, 3 * PAGE_SAMPLES); /* 0, 1, 2 */
    page(bench, 0, PAGE_S);
    assert_int_equal(bench->n_decoded, 3 * PAGE_SAMPLES);
    for (int64_t i = 1; i < 20; i++) {
        page(bench, i, PAGE_S);
        assert_int_equal(bench->n_decoded, (uint64_t)(i + 3) * PAGE_SAMPLES);
    }
    assert_int_equal(cached(bench).misses, 0);
    assert_int_equal(cached(bench).hits, 20 * PAGE_UNITS);
    assert_int_equal(cached(bench).ahead, 22 * PAGE_UNITS);
    assert_int_equal(cached(bench).ahead_used, 20 * PAGE_UNITS);
    page(bench, SECONDS / PAGE_S - 1, PAGE_S); /* nothing behind the last */
    assert_int_equal(bench->n_decoded, 23 * PAGE_SAMPLES);
    assert_int_equal(cached(bench).ahead_wasted, 0);
}

static void ranges_have_their_neighbours(void **state)
{
    struct bench *bench = *state;

    restart(bench, 64 << 20, 0, 1, 1);
    range(bench, 20, 24);
    assert_int_equal(bench->n_decoded, 3 * PAGE_SAMPLES);
    range(bench, 24, 28);
    assert_int_equal(cached(bench).misses, PAGE_UNITS);
    assert_int_equal(bench->n_decoded, 4 * PAGE_SAMPLES);
    range(bench, 20, 24);
    range(bench, 16, 20); /* the way back */
    assert_int_equal(cached(bench).misses, PAGE_UNITS);
    assert_int_equal(bench->n_decoded, 5 * PAGE_SAMPLES);
    range(bench, 0, SECONDS);
    assert_int_equal(cached(bench).ahead_used, cached(bench).ahead);
}

static void without_it_nothing_is_read_ahead(void **state)
{
    struct bench *bench = *state;

    restart(bench, 64 << 20, 0, 0, 0);
    set_pages(bench, PAGE_S);
    page(bench, 0, PAGE_S);
    range(bench, 20, 24);
    assert_int_equal(cached(bench).ahead, 0);
}

static void learn_runs(struct bench *bench)
{
    struct service_parts parts = bench->service->parts;

    bench->service->parts.ahead_ranges = bench->service->parts.behind_ranges = 0;
    range(bench, HALF - 1, HALF + 1);
    bench->service->parts = parts;
    bench->n_decoded = 0;
}

/* Five pages are read ahead, and all runs are known. */
static void restart_paging(struct bench *bench)
{
    restart(bench, 64 << 20, 5, 0, 0);
    set_pages(bench, PAGE_S);
    bench_run(bench);
    learn_runs(bench);
}

/* A page is read by a client while no worker answers: its job and as many of those
 * read ahead as may go out are with the workers, the rest waits. */
static void read_held(struct bench *bench, struct reader *reader, int64_t number)
{
    bench->is_held = true;
    reader_page(reader, bench, "/r.mefd", number);
    reader_pull(reader, 1);
    bench_run(bench);
}

static void a_jump_takes_back_what_the_old_place_had_queued(void **state)
{
    struct bench *bench = *state;
    struct reader readers[2];

    restart_paging(bench);
    bench->client.number = 2;
    read_held(bench, &readers[0], 20);
    assert_int_equal(queued(bench, POOL_AHEAD), 3); /* two are with workers */
    reader_page(&readers[1], bench, "/r.mefd", 60); /* at once: not a jump but a second place */
    reader_pull(&readers[1], 1);
    bench_run(bench);
    assert_int_equal(cached(bench).ahead_dropped, 0);
    reader_free(&readers[1]);
    bench_run(bench);
    bench->is_held = false;
    end_page(bench, &readers[0], 20);
    bench_run(bench);

    uint64_t before = bench->n_decoded, dropped = cached(bench).ahead_dropped;
    bench->client.number = 3;
    read_held(bench, &readers[0], 100);
    assert_int_equal(queued(bench, POOL_AHEAD), 3);
    bench->is_held = false;
    while (!readers[0].has_ended) { /* its own job is the first that ends */
        bench_step(bench);
        bench->is_held = true;
        reader_pull(&readers[0], 2);
    }
    check_page(&readers[0], 100, PAGE_S);
    reader_free(&readers[0]);
    size_t left = queued(bench, POOL_AHEAD);
    assert_int_not_equal(left, 0);
    read_held(bench, &readers[1], 130);
    assert_int_equal(cached(bench).ahead_dropped, dropped + left * PAGE_UNITS);
    bench->is_held = false;
    end_page(bench, &readers[1], 130);
    bench_run(bench);
    assert_int_equal(bench->n_decoded - before, (2 + 5 + 5 - left) * PAGE_SAMPLES);
}

static void a_request_promotes_the_job_it_meets(void **state)
{
    struct bench *bench = *state;
    struct reader readers[2];

    restart_paging(bench);
    read_held(bench, &readers[0], 20);
    assert_int_equal(queued(bench, POOL_AHEAD), 3);
    bench->client.number = 2;
    bench->service->parts.ahead_pages = 0;
    reader_page(&readers[1], bench, "/r.mefd", 25); /* the last of those */
    reader_pull(&readers[1], 1);
    bench_run(bench);
    assert_int_equal(pool_counters(bench->parts.pool).promoted, 1);
    assert_int_equal(queued(bench, POOL_AHEAD), 2);
    assert_int_equal(queued(bench, POOL_NOW), 1);
    service_forget_client(bench->service, &BENCH_CLIENT); /* it stays for who waits for it */
    assert_int_equal(queued(bench, POOL_AHEAD), 0);
    assert_int_equal(queued(bench, POOL_NOW), 1);
    bench->is_held = false;
    readers_finish(bench, readers, 2);
    check_page(&readers[0], 20, PAGE_S);
    check_page(&readers[1], 25, PAGE_S);
    assert_string_equal(read_damage(readers[1].read), "");
    bench_run(bench);
    assert_int_equal(bench->n_decoded, 4 * PAGE_SAMPLES); /* 20, 21, 22, 25 */
    reader_free(&readers[0]);
    reader_free(&readers[1]);
}

static void a_request_promotes_the_job_of_another_client(void **state)
{
    struct bench *bench = *state;
    struct reader readers[2];

    restart(bench, 64 << 20, 0, 0, 0);
    learn_runs(bench);
    bench->is_held = true;
    reader_range(&readers[0], bench, "/r.mefd", NULL, 0, AT(1), AT(SECONDS - 1));
    reader_pull(&readers[0], 1);
    bench_run(bench);
    size_t n = queued(bench, POOL_NOW);
    assert_true(n >= 3);
    bench->client.number = 2;
    reader_range(&readers[1], bench, "/r.mefd", NULL, 0, AT(597), AT(598)); /* of the last job */
    reader_pull(&readers[1], 1);
    assert_int_equal(queued(bench, POOL_NOW), n); /* none of its own */
    bench->is_held = false;
    readers_finish(bench, &readers[1], 1);
    assert_true(bench->n_decoded < 2 * (SECONDS - 2) * RATE);
    reader_check(&readers[1], RECORDING, BOTH, 2, AT(597), AT(598));
    readers_finish(bench, readers, 1);
    reader_check(&readers[0], RECORDING, BOTH, 2, AT(1), AT(SECONDS - 1));
    reader_free(&readers[0]);
    reader_free(&readers[1]);
}

static void an_index_read_ahead_is_promoted_too(void **state)
{
    struct bench *bench = *state;
    struct reader readers[3];

    restart(bench, 64 << 20, 1, 0, 0);
    set_pages(bench, 30); /* page 10 begins the second half, page 9 touches it */
    bench_run(bench);
    page(bench, 7, 30);
    bench->is_held = true;
    reader_range(&readers[2], bench, "/r.mefd", NULL, 0, AT(0), AT(290)); /* for all workers */
    reader_pull(&readers[2], 1);
    read_held(bench, &readers[0], 8);
    unsigned n_before = bench->n_jobs[JOB_INDEX];
    assert_int_equal(queued(bench, POOL_AHEAD), 1);
    assert_int_equal(pool_counters(bench->parts.pool).promoted, 0);
    bench->client.number = 2;
    reader_page(&readers[1], bench, "/r.mefd", 9);
    reader_pull(&readers[1], 1);
    assert_int_equal(queued(bench, POOL_AHEAD), 0);
    assert_int_equal(pool_counters(bench->parts.pool).promoted, 1);
    bench->is_held = false;
    readers_finish(bench, readers, 3);
    check_page(&readers[0], 8, 30);
    check_page(&readers[1], 9, 30);
    assert_int_equal(bench->n_jobs[JOB_INDEX], n_before + 1);
    for (int i = 0; i < 3; i++)
        reader_free(&readers[i]);
}

static void a_request_is_served_before_what_is_read_ahead(void **state)
{
    struct bench *bench = *state;
    struct reader readers[2];

    restart_paging(bench);
    read_held(bench, &readers[0], 20);
    assert_int_equal(queued(bench, POOL_AHEAD), 3);
    bench->client.number = 2;
    bench->service->parts.ahead_pages = 0;
    reader_page(&readers[1], bench, "/r.mefd", 100);
    reader_pull(&readers[1], 1);
    assert_int_equal(queued(bench, POOL_NOW), 1);
    bench->is_held = false;
    bench_step(bench); /* each worker ends what it has */
    bench->is_held = true;
    bench_step(bench);
    assert_int_equal(queued(bench, POOL_NOW), 0);
    assert_true(queued(bench, POOL_AHEAD) > 0);
    bench->is_held = false;
    end_page(bench, &readers[1], 100);
    end_page(bench, &readers[0], 20);
}

static void close_it(struct bench *bench)
{
    service_close(bench->service, &BENCH_CLIENT, "/r.mefd");
}

static void forget_client(struct bench *bench)
{
    service_forget_client(bench->service, &bench->client);
}

static void other_pages(struct bench *bench)
{
    unsigned pages = bench->service->parts.ahead_pages;

    bench->service->parts.ahead_pages = 0;
    set_pages(bench, PAGE_S + 1);
    bench->service->parts.ahead_pages = pages;
}

static void other_channels(struct bench *bench)
{
    struct selection_reply reply;

    service_set_channels(bench->service, &BENCH_CLIENT, "/r.mefd", (const char *[]){"A"}, 1,
                         &reply);
    assert_int_equal(reply.n_channels, 1);
}

static void what_nobody_wants_any_more_is_taken_back(void **state)
{
    static const struct {
        const char *why;
        void (*happens)(struct bench *bench);
        bool is_after_read;
    } row[] = {
        {"the file is closed", close_it, false},
        {"the file is closed, and nobody reads it", close_it, true},
        {"the client goes", forget_client, false},
        {"the client goes after its read", forget_client, true},
        {"the pages get another length", other_pages, true},
        {"other channels are selected", other_channels, true},
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct reader reader;
        restart_paging(bench);
        read_held(bench, &reader, 20);
        assert_row_int(queued(bench, POOL_AHEAD), 3, row[i].why);
        if (row[i].is_after_read)
            reader_free(&reader);
        row[i].happens(bench);
        assert_row_int(queued(bench, POOL_AHEAD), 0, row[i].why);
        assert_row_int(bench->service->ahead.n_jobs, 0, row[i].why);
        bench->is_held = false;
        if (!row[i].is_after_read) {
            end_page(bench, &reader, 20);
        }
        bench_run(bench);
        assert_row(bench->n_decoded <= 3 * PAGE_SAMPLES, row[i].why);
        close_it(bench);
        bench_run(bench);
    }
}

static void a_read_that_is_given_up_has_no_next_one(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    restart(bench, 64 << 20, 0, 0, 0);
    set_pages(bench, 500);
    bench->service->parts.ahead_pages = 1;
    reader_page(&reader, bench, "/r.mefd", 0);
    bench_run(bench);
    reader_pull(&reader, 2); /* of four messages */
    bench_run(bench);
    assert_int_equal(cached(bench).ahead, 0);
    reader_free(&reader);
    bench_run(bench);
    assert_int_equal(cached(bench).ahead, 0);
    assert_true(bench->n_decoded < 2 * 500 * RATE);
    reader_page(&reader, bench, "/r.mefd", 0);
    readers_finish(bench, &reader, 1);
    check_page(&reader, 0, 500);
    bench_run(bench);
    assert_int_equal(bench->n_decoded, 2 * SECONDS * RATE); /* now it was worth it */
    reader_free(&reader);
}

static void one_client_may_page_at_two_places(void **state)
{
    struct bench *bench = *state;
    struct reader readers[2];

    restart(bench, 64 << 20, 1, 0, 0);
    set_pages(bench, PAGE_S);
    bench_run(bench);
    for (int i = 0; i < 5; i++) {
        reader_page(&readers[0], bench, "/r.mefd", 10 + i);
        reader_page(&readers[1], bench, "/r.mefd", 80 + i);
        reader_pull(&readers[0], 1);
        readers_finish(bench, readers, 2);
        end_page(bench, &readers[0], 10 + i);
        end_page(bench, &readers[1], 80 + i);
        bench_run(bench);
    }
    assert_int_equal(cached(bench).misses, 2 * PAGE_UNITS); /* the first of each */
    assert_int_equal(bench->n_decoded, (2 + 2 * 6) * PAGE_SAMPLES);
}

static void clients_have_a_stream_each(void **state)
{
    struct bench *bench = *state;

    restart(bench, 64 << 20, 1, 0, 0);
    set_pages(bench, PAGE_S);
    for (int64_t i = 0; i < 5; i++) {
        bench->client.number = 2;
        page(bench, 10 + i, PAGE_S);
        bench->client.number = 3;
        page(bench, 80 - i, PAGE_S); /* and backwards */
    }
    assert_int_equal(cached(bench).misses, 3 * PAGE_UNITS); /* a way back shows at its second */
}

static void it_keeps_to_its_share_and_wastes_nothing(void **state)
{
    struct bench *bench = *state;

    restart(bench, 4 << 20, 20, 0, 0);
    set_pages(bench, 20); /* 160 KiB a page: six of them are the share */
    for (int64_t i = 0; i < SECONDS / 20; i++) {
        page(bench, i, 20);
        assert_true(cached(bench).ahead_bytes <= 1 << 20);
    }
    assert_int_equal(cached(bench).ahead_wasted, 0);
    assert_int_equal(bench->n_decoded, 2 * SECONDS * RATE);
    assert_true(cached(bench).ahead_used > SECONDS);
}

static void damage_found_ahead_is_told_to_who_asks(void **state)
{
    static const struct fake_damage damage[] = {{A, 0, 5 * RATE, 1024, "CRC of block 5"}};
    static const struct fake_recording damaged[] = {
        {"/r.mefd", "/data/r.mefd", 5, CHANNELS, 2, damage, 1}};
    struct bench *bench = *state;
    struct reader reader;

    bench->recordings = damaged;
    restart(bench, 64 << 20, 2, 0, 0);
    set_pages(bench, PAGE_S);
    bench_run(bench);
    reader_page(&reader, bench, "/r.mefd", 1);
    readers_finish(bench, &reader, 1);
    reader_check(&reader, damaged, BOTH, 2, AT(PAGE_S), AT(2 * PAGE_S));
    assert_non_null(strstr(read_damage(reader.read), "CRC of block 5"));
    assert_int_equal(cached(bench).misses, 0);
    reader_free(&reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pages_are_there_before_they_are_asked_for),
        TEST(ranges_have_their_neighbours),
        TEST(without_it_nothing_is_read_ahead),
        TEST(a_jump_takes_back_what_the_old_place_had_queued),
        TEST(a_request_promotes_the_job_it_meets),
        TEST(a_request_promotes_the_job_of_another_client),
        TEST(an_index_read_ahead_is_promoted_too),
        TEST(a_request_is_served_before_what_is_read_ahead),
        TEST(what_nobody_wants_any_more_is_taken_back),
        TEST(a_read_that_is_given_up_has_no_next_one),
        TEST(one_client_may_page_at_two_places),
        TEST(clients_have_a_stream_each),
        TEST(it_keeps_to_its_share_and_wastes_nothing),
        TEST(damage_found_ahead_is_told_to_who_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
