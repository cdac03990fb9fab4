/* test_service_tight.c - many reads at once on next to no memory: all of them end, and
 * with the right samples. */
#include <stdlib.h>

#include "help/service_bench.h"
#include "help/signal.h"
#include "help/small_recordings.h"
#include "help/test.h"

/* At 100 kHz: "Long" in blocks of 4 Mi samples (a tile of 16 MiB, or as much as
 * there is), "Middle" of 100,000, "Short" of 256; a gap in each. */
enum { LONG, MIDDLE, SHORT, MI = 1 << 20 };
#define RATE 1e5
#define US_A_SAMPLE 10

#define RUNS(name, block)                   \
    static const struct run_row name[] = {  \
        {SMALL_START, 0, 0, 5 * MI, block}, \
        {SMALL_START + US_A_SAMPLE * (5ll * MI + 500), 5 * MI, 5 * MI, 4 * MI, block}}
RUNS(LONG_RUNS, 4 * MI);
RUNS(MIDDLE_RUNS, 100000);
RUNS(SHORT_RUNS, 256);
#define END (SMALL_START + US_A_SAMPLE * (9ll * MI + 500))

static const struct fake_segment SEGMENTS[] = {{0, SMALL_START, END, LONG_RUNS, 2, NULL},
                                               {0, SMALL_START, END, MIDDLE_RUNS, 2, NULL},
                                               {0, SMALL_START, END, SHORT_RUNS, 2, NULL}};
static const struct fake_channel CHANNELS[] = {{"Long", RATE, 1, &SEGMENTS[LONG], 1},
                                               {"Middle", RATE, 0.5, &SEGMENTS[MIDDLE], 1},
                                               {"Short", RATE, -3, &SEGMENTS[SHORT], 1}};
static const struct fake_recording RECORDING[] = {
    {"/t.mefd", "/data/t.mefd", 5, CHANNELS, 3, NULL, 0}};

static int set_up(void **state)
{
    int status = bench_set_up(state);
    struct bench *bench = *state;

    bench->recordings = RECORDING;
    bench->n_recordings = 1;
    return status;
}

struct wanted {
    uint32_t channels[4];
    size_t n;
    int64_t start, end;
};

/* Often across the border of a long tile, sometimes long itself. */
static struct wanted want(struct signal_random *random, uint32_t most_samples)
{
    struct wanted wanted = {.n = 1 + signal_below(random, 4)};
    int64_t first = signal_below(random, 3) ? (int64_t)signal_below(random, 9) * MI - 100
                                            : (int64_t)signal_below(random, 9 * MI);

    for (size_t i = 0; i < wanted.n; i++)
        wanted.channels[i] = signal_below(random, 3);
    wanted.start = SMALL_START + US_A_SAMPLE * first;
    wanted.end = wanted.start + US_A_SAMPLE * (int64_t)(1 + signal_below(random, most_samples));
    return wanted;
}

static void begin(struct reader *reader, struct bench *bench, const struct wanted *wanted)
{
    const char *names[4];

    for (size_t c = 0; c < wanted->n; c++)
        names[c] = CHANNELS[wanted->channels[c]].name;
    reader_range(reader, bench, "/t.mefd", names, wanted->n, wanted->start, wanted->end);
}

static void read_many(struct bench *bench, uint64_t seed, size_t n, uint32_t most_samples,
                      bool some_end_early)
{
    struct reader *readers = calloc(n, sizeof *readers);
    struct wanted *wanted = calloc(n, sizeof *wanted);
    struct signal_random random = {seed};
    size_t left = n;

    for (size_t i = 0; i < n; i++) {
        wanted[i] = want(&random, most_samples);
        begin(&readers[i], bench, &wanted[i]);
    }
    for (int step = 0; some_end_early && step < 20; step++) {
        bench_step(bench);
        for (size_t i = 0; i < left; i++)
            if (readers[i].is_ready && !readers[i].has_ended)
                reader_pull(&readers[i], 1);
        if (left > n / 2)
            reader_free(&readers[--left]);
    }
    readers_finish(bench, readers, left);
    for (size_t i = 0; i < left; i++) {
        reader_check(&readers[i], RECORDING, wanted[i].channels, wanted[i].n, wanted[i].start,
                     wanted[i].end);
        reader_free(&readers[i]);
    }
    bench_run(bench);
    assert_int_equal(pool_counters(bench->parts.pool).queued, 0);
    service_close(bench->service, &BENCH_CLIENT, "/t.mefd");
    assert_int_equal(cache_counters(bench->parts.cache).tiles, 0); /* nothing stays pinned */
    bench_run(bench);
    assert_int_equal(cache_counters(bench->parts.cache).used_bytes, 0);
    free(readers);
    free(wanted);
}

static void an_arena_of_two_long_tiles_serves_many_reads(void **state)
{
    struct bench *bench = *state;

    bench_restart(bench, 32 << 20, 10, 100, false);
    read_many(bench, 1, 16, 1000, false);
    assert_true(cache_counters(bench->parts.cache).evictions > 5);
}

static void an_arena_of_one_piece_serves_many_reads(void **state)
{
    struct bench *bench = *state;

    bench_restart(bench, 4 << 20, 10, 100, false);
    read_many(bench, 2, 40, 3000, false);
    assert_true(cache_counters(bench->parts.cache).evictions > 20);
}

/* Who waits for memory may go, first in line or not, and takes nothing along. */
static void reads_that_end_early_leave_the_line_moving(void **state)
{
    struct bench *bench = *state;

    bench_restart(bench, 4 << 20, 10, 100, false);
    for (uint64_t seed = 3; seed < 7; seed++)
        read_many(bench, seed, 24, 20000, true);
}

/* One window that is larger than the arena. */
static void a_window_larger_than_the_arena_streams_through_it(void **state)
{
    static const uint32_t ALL[] = {LONG, MIDDLE, SHORT};
    struct bench *bench = *state;
    struct reader reader;

    bench_restart(bench, 4 << 20, 10, 100, false);
    reader_range(&reader, bench, "/t.mefd", NULL, 0, SMALL_START + 5, SMALL_START + 20000005);
    readers_finish(bench, &reader, 1);
    assert_true(reader.n_messages > 8);
    reader_check(&reader, RECORDING, ALL, 3, SMALL_START + 5, SMALL_START + 20000005);
    reader_free(&reader);
}

/* A client that takes nothing keeps no memory of the arena from the others. */
static void a_client_that_does_not_read_stops_nobody(void **state)
{
    struct bench *bench = *state;
    struct reader slow[8];

    bench_restart(bench, 4 << 20, 10, 100, false);
    for (int i = 0; i < 8; i++) {
        reader_range(&slow[i], bench, "/t.mefd", (const char *[]){"Long", "Short"}, 2, SMALL_START,
                     SMALL_START + 60000000);
        reader_pull(&slow[i], 1);
    }
    bench_run(bench);
    for (int i = 0; i < 8; i++)
        reader_pull(&slow[i], 1); /* the first message, and no more */
    bench_run(bench);
    uint64_t decoded = bench->n_decoded;
    bench_run(bench);
    assert_int_equal(bench->n_decoded, decoded); /* nothing more is done for them */
    for (size_t i = 0; i < 4; i++) {
        struct reader quick;
        int64_t start = SMALL_START + (int64_t)i * 10000000;
        reader_range(&quick, bench, "/t.mefd", (const char *[]){"Long"}, 1, start, start + 10000);
        readers_finish(bench, &quick, 1);
        reader_check(&quick, RECORDING, (uint32_t[]){LONG}, 1, start, start + 10000);
        reader_free(&quick);
    }
    for (int i = 0; i < 8; i++)
        reader_free(&slow[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)
        TEST(an_arena_of_two_long_tiles_serves_many_reads),
        TEST(an_arena_of_one_piece_serves_many_reads),
        TEST(reads_that_end_early_leave_the_line_moving),
        TEST(a_window_larger_than_the_arena_streams_through_it),
        TEST(a_client_that_does_not_read_stops_nobody),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
