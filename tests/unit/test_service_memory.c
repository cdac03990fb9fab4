/* test_service_memory.c - memory of messages and indices: bounded, in turns, and no
 * client's sloth is another's trouble. */
#include <stdlib.h>
#include <string.h>

#include "help/service_bench.h"
#include "help/small_recordings.h"
#include "help/test.h"

/* Two channels at 100 kHz, 60 s: 22 messages of float32. */
enum { N_SAMPLES = 6000000, WHOLE = MESSAGE_BYTES / 8 };
#define END (SMALL_START + 60000000ll)
static const struct run_row RUN[] = {{SMALL_START, 0, 0, N_SAMPLES, 1000}};
static const struct fake_segment SEGMENT[] = {{0, SMALL_START, END, RUN, 1, NULL}};
static const struct fake_channel CHANNELS[] = {{"A", 1e5, 1, SEGMENT, 1},
                                               {"B", 1e5, 2, SEGMENT, 1}};
/* One in which each of 1,500 samples is a run of its own, 60,000 bytes, in each of
 * four segments. */
enum { RUNS = 1500, SEGMENTS = 4 };
static struct run_row torn_runs[SEGMENTS][RUNS];
static struct fake_segment torn_segments[SEGMENTS];
static const struct fake_channel TORN[] = {{"T", 100, 1, torn_segments, SEGMENTS}};
static const struct fake_recording RECORDINGS[] = {
    {"/m.mefd", "/data/m.mefd", 5, CHANNELS, 2, NULL, 0},
    {"/torn.mefd", "/data/torn.mefd", 6, TORN, 1, NULL, 0}};
#define TORN_START(s) (SMALL_START + (s) * (RUNS + 10) * 20000ll)

static void tear(void)
{
    for (uint32_t s = 0; s < SEGMENTS; s++) {
        for (uint32_t i = 0; i < RUNS; i++)
            torn_runs[s][i] = (struct run_row){TORN_START(s) + i * 20000ll, i, i, 1, 1};
        torn_segments[s] = (struct fake_segment){
            (int32_t)s, TORN_START(s), TORN_START(s) + RUNS * 20000ll, torn_runs[s], RUNS, NULL};
    }
}

static int set_up(void **state)
{
    int status = bench_set_up(state);
    struct bench *bench = *state;

    tear();
    bench->recordings = RECORDINGS;
    bench->n_recordings = 2;
    return status;
}

static void restart(struct bench *bench, size_t message_bytes, size_t index_bytes)
{
    bench->parts.message_bytes = message_bytes;
    bench->parts.index_bytes = index_bytes;
    bench_restart(bench, 16 << 20, 10, 1000, false);
}

static void begin(struct reader *reader, struct bench *bench, int64_t from_s, int64_t to_s)
{
    reader_range(reader, bench, "/m.mefd", NULL, 0, SMALL_START + from_s * 1000000,
                 SMALL_START + to_s * 1000000);
}

static void check(const struct reader *reader, int64_t from_s, int64_t to_s)
{
    reader_check(reader, RECORDINGS, (uint32_t[]){0, 1}, 2, SMALL_START + from_s * 1000000,
                 SMALL_START + to_s * 1000000);
}

static void run_within_budget(struct bench *bench)
{
    for (int quiet = 0; quiet < 4;) {
        quiet = bench_step(bench) ? 0 : quiet + 1;
        struct service_counters counters = service_counters(bench->service);
        assert_true(counters.message_bytes <= counters.message_budget_bytes);
        assert_true(counters.index_bytes <= counters.index_budget_bytes);
    }
}

/* Takes the first message, as soon as there is one, and keeps it. */
static const struct message *take_first(struct reader *reader)
{
    const struct message *message = reader_hold(reader);

    if (!message)
        run_within_budget(reader->bench);
    if (!message && reader->is_ready)
        message = reader_hold(reader);
    reader->is_ready = false; /* it does not look for more */
    return message;
}

/* A client that pulls once and then does nothing with what it got. */
struct sloth {
    struct reader reader;
    const struct message *message;
};

static void sloths_begin(struct sloth *sloths, size_t n, struct bench *bench)
{
    for (size_t i = 0; i < n; i++) {
        begin(&sloths[i].reader, bench, (int64_t)i % 30, 60);
        sloths[i].message = take_first(&sloths[i].reader);
    }
    run_within_budget(bench);
}

static void sloth_end(struct sloth *sloth)
{
    if (sloth->message)
        message_release(sloth->message);
    reader_free(&sloth->reader);
    *sloth = (struct sloth){0};
}

static size_t count_served(const struct sloth *sloths, size_t n)
{
    size_t n_served = 0;

    for (size_t i = 0; i < n; i++)
        n_served += sloths[i].message != NULL;
    return n_served;
}

static void tick(struct bench *bench, uint64_t later_ms)
{
    messages_tick(&bench->service->messages, service_now_ms() + later_ms);
    run_within_budget(bench);
}

static void messages_are_whole_while_there_is_plenty(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    begin(&reader, bench, 0, 60);
    const struct message *message = take_first(&reader);
    assert_int_equal(message->n_samples, WHOLE);
    run_within_budget(bench);
    /* One on its way, two ready. */
    assert_true(service_counters(bench->service).message_bytes > 3 * MESSAGE_BYTES);
    message_release(message);
    reader.is_ready = true;
    readers_finish(bench, &reader, 1);
    check(&reader, 0, 60);
    assert_int_equal(reader.n_messages, (N_SAMPLES + WHOLE - 1) / WHOLE);
    reader_free(&reader);
    assert_int_equal(service_counters(bench->service).message_waits, 0);
}

static void free_buffers_go_back_to_the_machine(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    begin(&reader, bench, 0, 60);
    readers_finish(bench, &reader, 1);
    reader_free(&reader);
    assert_true(service_counters(bench->service).message_bytes > 0);
    for (int i = 0; i < 10; i++)
        tick(bench, 0);
    assert_int_equal(service_counters(bench->service).message_bytes, 0);
}

static void clients_that_take_nothing_leave_room_for_others(void **state)
{
    struct bench *bench = *state;
    static struct sloth sloths[8];
    struct reader quick;

    restart(bench, 24 << 20, 1 << 20);
    sloths_begin(sloths, 8, bench);
    assert_int_equal(count_served(sloths, 8), 8);
    for (int64_t i = 0; i < 5; i++) {
        begin(&quick, bench, 10 * i, 10 * i + 10);
        readers_finish(bench, &quick, 1);
        check(&quick, 10 * i, 10 * i + 10);
        reader_free(&quick);
    }
    assert_int_equal(service_counters(bench->service).reads_shed, 0);
    for (size_t i = 0; i < 8; i++)
        sloth_end(&sloths[i]);
}

static void what_is_ready_is_given_back_when_others_wait_and_filled_again(void **state)
{
    struct bench *bench = *state;
    static struct sloth first[2], sloths[100];

    restart(bench, 48 << 20, 1 << 20);
    sloths_begin(first, 2, bench);
    size_t before = service_counters(bench->service).message_bytes;
    assert_true(before > 6 * MESSAGE_BYTES); /* three each */
    sloths_begin(sloths, 100, bench);
    assert_true(service_counters(bench->service).messages_given_back > 0);
    assert_int_equal(count_served(first, 2), 2);
    for (size_t i = 0; i < 100; i++)
        sloth_end(&sloths[i]);
    for (size_t i = 0; i < 2; i++) {
        message_release(first[i].message);
        first[i].reader.is_ready = true;
    }
    for (size_t i = 0; i < 2; i++) {
        readers_finish(bench, &first[i].reader, 1);
        check(&first[i].reader, (int64_t)i, 60);
        reader_free(&first[i].reader);
    }
}

static void who_waits_is_served_once_a_stalled_client_is_shed(void **state)
{
    struct bench *bench = *state;
    static struct sloth sloths[255];
    struct reader quick;

    restart(bench, 24 << 20, 1 << 20);
    sloths_begin(sloths, 255, bench);
    size_t n_served = count_served(sloths, 255);
    assert_true(n_served > 40 && n_served < 255);
    begin(&quick, bench, 5, 6);
    assert_null(reader_hold(&quick));
    tick(bench, 5000); /* patience */
    assert_int_equal(service_counters(bench->service).reads_shed, 0);
    assert_false(quick.is_ready);
    tick(bench, 11000);
    assert_true(service_counters(bench->service).reads_shed > 0);
    size_t n_told = 0;
    for (size_t i = 0; i < 255; i++) {
        struct sloth *sloth = &sloths[i];
        if (!read_is_shed(sloth->reader.read))
            continue;
        n_told++;
        assert_true(sloth->reader.is_ready);
        assert_null(reader_hold(&sloth->reader));
        assert_int_equal(sloth->reader.outcome, OUTCOME_EXHAUSTED);
        assert_true(sloth->reader.has_ended);
        sloth_end(sloth); /* as the caller must */
    }
    assert_int_equal(n_told, service_counters(bench->service).reads_shed);
    assert_true(n_told < n_served); /* no more than it took */
    for (int i = 0; i < 255; i++) { /* those before it in line take their turn */
        run_within_budget(bench);
        for (size_t k = 0; k < 255; k++)
            if (sloths[k].reader.read && !sloths[k].message && sloths[k].reader.is_ready)
                sloth_end(&sloths[k]);
    }
    readers_finish(bench, &quick, 1);
    check(&quick, 5, 6);
    reader_free(&quick);
    for (size_t i = 0; i < 255; i++)
        if (sloths[i].reader.read)
            sloth_end(&sloths[i]);
    for (int i = 0; i < 10; i++)
        tick(bench, 0);
    assert_int_equal(service_counters(bench->service).message_bytes, 0);
}

/* Also who takes it slowly. */
static void a_client_that_takes_what_it_gets_is_not_shed(void **state)
{
    struct bench *bench = *state;
    static struct sloth sloths[120];

    restart(bench, 12 << 20, 1 << 20);
    sloths_begin(sloths, 120, bench);
    uint64_t later_ms = service_now_ms() + 11000;
    for (size_t i = 0; i < 120; i += 2)
        if (sloths[i].message)
            message_moved(sloths[i].message, sloths[i].message->n_bytes / 50);
    for (size_t i = 1; i < 120; i += 2) /* too little to count */
        if (sloths[i].message)
            message_moved(sloths[i].message, 10);
    /* As if ten seconds had passed for all but those that moved. */
    struct holder *holder;
    TAILQ_FOREACH(holder, &bench->service->messages.holders, link)
        if (holder->held.lh_first && holder->held.lh_first->n_moved == 0)
            holder->moved_ms = later_ms;
    messages_tick(&bench->service->messages, later_ms);
    run_within_budget(bench);
    assert_true(service_counters(bench->service).reads_shed > 0);
    for (size_t i = 0; i < 120; i++) {
        if (i % 2 == 0)
            assert_false(read_is_shed(sloths[i].reader.read));
        sloth_end(&sloths[i]);
    }
}

/* A message that nobody has taken yet can be filled again: nothing is lost. */
static void a_client_that_has_taken_nothing_yet_loses_nothing(void **state)
{
    struct bench *bench = *state;
    static struct sloth sloths[120];
    struct reader idle;

    restart(bench, 12 << 20, 1 << 20);
    begin(&idle, bench, 0, 60);
    assert_null(reader_hold(&idle));
    run_within_budget(bench);
    assert_true(idle.is_ready); /* but it does not pull */
    sloths_begin(sloths, 120, bench);
    size_t before = service_counters(bench->service).messages_given_back;
    tick(bench, 11000);
    assert_int_equal(service_counters(bench->service).messages_given_back, before + 1);
    assert_false(read_is_shed(idle.read));
    for (size_t i = 0; i < 120; i++)
        sloth_end(&sloths[i]);
    readers_finish(bench, &idle, 1);
    check(&idle, 0, 60);
    reader_free(&idle);
}

static void a_budget_of_next_to_nothing_serves_everybody_in_turn(void **state)
{
    struct bench *bench = *state;
    static struct reader readers[30];

    restart(bench, 200000, 1 << 20);
    for (int64_t i = 0; i < 30; i++)
        begin(&readers[i], bench, i, 2 * i + 1);
    readers_finish(bench, readers, 30);
    for (int64_t i = 0; i < 30; i++) {
        check(&readers[i], i, 2 * i + 1);
        reader_free(&readers[i]);
    }
    assert_true(service_counters(bench->service).message_waits > 0);
}

static void a_sample_that_never_fits_is_refused(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    restart(bench, 100, 1 << 20);
    begin(&reader, bench, 0, 1);
    readers_finish(bench, &reader, 1);
    assert_int_equal(reader.outcome, OUTCOME_EXHAUSTED);
    reader_free(&reader);
}

static void read_torn(struct bench *bench, uint32_t segment)
{
    int64_t start = TORN_START(segment), end = start + RUNS * 20000ll;
    struct reader reader;

    reader_range(&reader, bench, "/torn.mefd", NULL, 0, start, end);
    readers_finish(bench, &reader, 1);
    reader_check(&reader, &RECORDINGS[1], (uint32_t[]){0}, 1, start, end);
    assert_string_equal(read_damage(reader.read), "");
    reader_free(&reader);
    run_within_budget(bench);
}

static void runs_that_nobody_needs_are_forgotten_and_learned_again(void **state)
{
    struct bench *bench = *state;

    restart(bench, 12 << 20, 200000); /* not for all four */
    for (uint32_t i = 0; i < 12; i++)
        read_torn(bench, i % SEGMENTS);
    assert_true(service_counters(bench->service).runs_forgotten >= RUNS);
    assert_true(bench->n_jobs[JOB_INDEX] > SEGMENTS);
}

static void runs_for_which_there_is_no_memory_are_named_and_no_gap(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    restart(bench, 12 << 20, 40000);
    reader_range(&reader, bench, "/torn.mefd", NULL, 0, TORN_START(1), TORN_START(1) + 1000000);
    readers_finish(bench, &reader, 1);
    assert_non_null(strstr(read_damage(reader.read), "more than the server has memory for"));
    reader_free(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)
        TEST(messages_are_whole_while_there_is_plenty),
        TEST(free_buffers_go_back_to_the_machine),
        TEST(clients_that_take_nothing_leave_room_for_others),
        TEST(what_is_ready_is_given_back_when_others_wait_and_filled_again),
        TEST(a_client_that_takes_what_it_gets_is_not_shed),
        TEST(a_client_that_has_taken_nothing_yet_loses_nothing),
        TEST(a_budget_of_next_to_nothing_serves_everybody_in_turn),
        TEST(a_sample_that_never_fits_is_refused),
        TEST(runs_that_nobody_needs_are_forgotten_and_learned_again),
        TEST(runs_for_which_there_is_no_memory_are_named_and_no_gap),
        TEST(who_waits_is_served_once_a_stalled_client_is_shed),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
