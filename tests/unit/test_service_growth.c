/* test_service_growth.c - recordings that change on disk while they are open. */
#include <string.h>
#include <unistd.h>

#include <mef3/time.h>

#include "help/service_bench.h"
#include "help/test.h"

/* A recording that is written: at first each channel has 20 seconds and a bit, then 24,
 * then a second segment. All in blocks of a second; a tile has 16. */
enum { RATE = 1024, BIT = 100, FIRST = 20 * RATE + BIT, LONGER = 24 * RATE, NEXT = 5 * RATE };
#define AT(seconds) (1500000000000000ll + 1000000ll * (seconds))
static const struct run_row RUN_FIRST[] = {{AT(0), 0, 0, FIRST, RATE}};
static const struct run_row RUN_LONGER[] = {{AT(0), 0, 0, LONGER, RATE}};
static const struct run_row RUN_NEXT[] = {{AT(30), 0, 0, NEXT, RATE}};
static const struct run_row RUN_OTHER[] = {{AT(1), 0, 0, LONGER, RATE}};
static const struct fake_segment SEGMENTS_FIRST[] = {{0, AT(0), AT(20), RUN_FIRST, 1, NULL}};
static const struct fake_segment SEGMENTS_LONGER[] = {{0, AT(0), AT(24), RUN_LONGER, 1, NULL}};
static const struct fake_segment SEGMENTS_NEXT[] = {{0, AT(0), AT(24), RUN_LONGER, 1, NULL},
                                                    {1, AT(30), AT(35), RUN_NEXT, 1, NULL}};
static const struct fake_segment SEGMENTS_OTHER[] = {{0, AT(1), AT(25), RUN_OTHER, 1, NULL}};
static const struct fake_channel CHANNELS[][2] = {
    {{"A", RATE, 1, SEGMENTS_FIRST, 1}, {"B", RATE, 0.5, SEGMENTS_FIRST, 1}},
    {{"A", RATE, 1, SEGMENTS_LONGER, 1}, {"B", RATE, 0.5, SEGMENTS_LONGER, 1}},
    {{"A", RATE, 1, SEGMENTS_NEXT, 2}, {"B", RATE, 0.5, SEGMENTS_NEXT, 2}},
    {{"A", RATE, 1, SEGMENTS_OTHER, 1}, {"B", RATE, 0.5, SEGMENTS_OTHER, 1}},
};
enum state { AS_FIRST, AS_LONGER, AS_NEXT, AS_OTHER };
/* Under two names. */
#define NAMED(state)                                                 \
    {                                                                \
        {"/r.mefd", "/data/r.mefd", 5, CHANNELS[state], 2, 0, 0},    \
            {"r.mefd", "/data/r.mefd", 5, CHANNELS[state], 2, 0, 0}, \
    }
static const struct fake_recording STATES[][2] = {NAMED(AS_FIRST), NAMED(AS_LONGER), NAMED(AS_NEXT),
                                                  NAMED(AS_OTHER)};
static const uint32_t BOTH[] = {0, 1};

/* What is on disk from now on. */
static void write_state(struct bench *bench, enum state state)
{
    bench->recordings = STATES[state];
    bench->n_recordings = 2;
    fake_disk.fingerprint = 1 + state;
    fake_disk.stamp =
        (struct answer_stamp){1, state == AS_NEXT ? 2 : 1, 1000 + state, state, state};
}

/* What is known is as old as it may be from the beginning. */
static void look_always(struct bench *bench, bool always)
{
    bench->parts.look_ms = always ? 0 : 3600000;
    service_change(bench->service, &bench->parts);
}

static int set_up(void **state)
{
    int status = bench_set_up(state);
    struct bench *bench = *state;

    write_state(bench, AS_FIRST);
    look_always(bench, true);
    return status;
}

static void read_seconds(struct bench *bench, struct reader *reader, int64_t seconds)
{
    reader_range(reader, bench, "/r.mefd", NULL, 0, AT(0), AT(seconds));
    readers_finish(bench, reader, 1);
}

static void see_state(struct bench *bench, enum state state, int64_t seconds)
{
    struct reader reader;

    read_seconds(bench, &reader, seconds);
    assert_string_equal(reader.error, "");
    reader_check(&reader, STATES[state], BOTH, 2, AT(0), AT(seconds));
    reader_free(&reader);
}

static struct recording *recording_of(struct bench *bench, const char *path)
{
    return registry_find(bench->service, path, NULL)->recording;
}

static void what_was_added_is_read_and_what_was_known_is_not_decoded_again(void **state)
{
    struct bench *bench = *state;

    see_state(bench, AS_FIRST, 40);
    uint64_t number = recording_of(bench, "/r.mefd")->number;
    assert_int_equal(bench->n_decoded, 2 * FIRST);
    write_state(bench, AS_LONGER);
    see_state(bench, AS_LONGER, 40);
    assert_int_equal(bench->n_decoded, 2 * (FIRST + LONGER - 16 * RATE));
    write_state(bench, AS_NEXT);
    see_state(bench, AS_NEXT, 40);
    assert_int_equal(bench->n_decoded, 2 * (FIRST + LONGER - 16 * RATE + NEXT));
    assert_int_equal(recording_of(bench, "/r.mefd")->number, number);
    assert_int_equal(bench->n_jobs[JOB_OPEN], 3);
    assert_int_equal(service_counters(bench->service).grown, 2);
    service_close(bench->service, &BENCH_CLIENT, "/r.mefd");
    assert_int_equal(service_counters(bench->service).index_bytes, 0);
    bench_run(bench);
    assert_int_equal(cache_counters(bench->parts.cache).tiles, 0);
}

static void facts_and_pages_are_those_of_now(void **state)
{
    struct bench *bench = *state;
    struct grid_reply reply;
    struct reader reader;

    assert_int_equal(bench_open(bench, "/r.mefd").info.end_uutc, AT(20));
    service_set_page_seconds(bench->service, &BENCH_CLIENT, "/r.mefd", 5, &reply);
    assert_int_equal(reply.n_pages, 4);
    write_state(bench, AS_NEXT);
    struct opened opened = bench_open(bench, "/r.mefd");
    assert_int_equal(opened.info.end_uutc, AT(35));
    assert_string_equal(opened.info.error_message, "File already open: /r.mefd");
    service_count_pages(bench->service, &BENCH_CLIENT, "/r.mefd", &reply);
    assert_int_equal(reply.n_pages, 7);
    reader_page(&reader, bench, "/r.mefd", 6);
    readers_finish(bench, &reader, 1);
    reader_check(&reader, STATES[AS_NEXT], BOTH, 2, AT(30), AT(35));
    reader_free(&reader);
}

static void nothing_is_opened_again_where_nothing_changed(void **state)
{
    struct bench *bench = *state;

    for (int i = 0; i < 4; i++)
        see_state(bench, AS_FIRST, 40);
    assert_int_equal(bench->n_jobs[JOB_LOOK], 3);
    assert_int_equal(bench->n_jobs[JOB_OPEN], 1);
    look_always(bench, false);
    for (int i = 0; i < 4; i++)
        see_state(bench, AS_FIRST, 40);
    assert_int_equal(bench->n_jobs[JOB_LOOK], 4); /* the last for the old time */
    assert_int_equal(bench->n_decoded, 2 * FIRST);
}

static void all_who_ask_at_once_wait_for_one_look(void **state)
{
    struct bench *bench = *state;
    struct reader readers[6];

    see_state(bench, AS_FIRST, 40);
    write_state(bench, AS_LONGER);
    bench->is_held = true;
    for (int i = 0; i < 6; i++) {
        bench->client.number = 1 + i;
        reader_range(&readers[i], bench, "/r.mefd", NULL, 0, AT(0), AT(40));
        reader_pull(&readers[i], 1);
    }
    bench->is_held = false;
    readers_finish(bench, readers, 6);
    for (int i = 0; i < 6; i++) {
        reader_check(&readers[i], STATES[AS_LONGER], BOTH, 2, AT(0), AT(40));
        reader_free(&readers[i]);
    }
    assert_int_equal(bench->n_jobs[JOB_LOOK], 1);
    assert_int_equal(bench->n_jobs[JOB_OPEN], 2);
}

static void both_names_of_a_recording_see_it_grow(void **state)
{
    struct bench *bench = *state;
    struct file_info info;

    bench_open(bench, "/r.mefd");
    bench_open(bench, "r.mefd");
    write_state(bench, AS_LONGER);
    see_state(bench, AS_LONGER, 40);
    assert_ptr_equal(recording_of(bench, "/r.mefd"), recording_of(bench, "r.mefd"));
    service_file_info(bench->service, &BENCH_CLIENT, "r.mefd", &info);
    assert_int_equal(info.end_uutc, AT(24));
}

/* So many seconds that a range has several messages more than are filled ahead. */
enum { LONG = 3000 };

static void a_read_under_way_ends_with_the_state_that_it_began_with(void **state)
{
    struct bench *bench = *state;
    struct reader slow, rest;

    write_state(bench, AS_LONGER);
    reader_range(&slow, bench, "/r.mefd", NULL, 0, AT(22 - LONG), AT(40));
    for (int i = 0; i < 200 && slow.n_messages == 0; i++) {
        bench_step(bench);
        if (slow.is_ready)
            reader_pull(&slow, 1);
    }
    assert_int_equal(slow.n_messages, 1);
    write_state(bench, AS_NEXT);
    see_state(bench, AS_NEXT, 40);
    readers_finish(bench, &slow, 1);
    assert_true(slow.n_messages > 3);
    reader_check(&slow, STATES[AS_LONGER], BOTH, 2, AT(22 - LONG), AT(40));
    reader_range(&rest, bench, "/r.mefd", NULL, 0, AT(22 - LONG), AT(40));
    readers_finish(bench, &rest, 1);
    reader_check(&rest, STATES[AS_NEXT], BOTH, 2, AT(22 - LONG), AT(40));
    reader_free(&slow);
    reader_free(&rest);
}

static void of_one_that_was_replaced_nothing_old_is_told(void **state)
{
    struct bench *bench = *state;
    struct reader slow;

    write_state(bench, AS_LONGER);
    see_state(bench, AS_LONGER, 40);
    uint64_t number = recording_of(bench, "/r.mefd")->number;
    reader_range(&slow, bench, "/r.mefd", NULL, 0, AT(22 - LONG), AT(40));
    for (int i = 0; i < 200 && slow.n_messages == 0; i++) {
        bench_step(bench);
        if (slow.is_ready)
            reader_pull(&slow, 1);
    }
    write_state(bench, AS_OTHER);
    fake_disk.stamp.file = 99;
    see_state(bench, AS_OTHER, 40);
    assert_true(recording_of(bench, "/r.mefd")->number != number);
    assert_int_equal(service_counters(bench->service).replaced, 1);
    readers_finish(bench, &slow, 1);
    assert_string_equal(slow.error, "The recording changed on disk while it was read: /r.mefd");
    assert_int_equal(slow.n_messages, 1);
    reader_free(&slow);
}

static void a_selection_is_carried_to_where_its_channels_are(void **state)
{
    static const struct fake_channel more[] = {{"A", RATE, 1, SEGMENTS_FIRST, 1},
                                               {"AA", RATE, 1, SEGMENTS_FIRST, 1},
                                               {"B", RATE, 0.5, SEGMENTS_FIRST, 1}};
    struct fake_recording other = STATES[AS_FIRST][0];
    struct bench *bench = *state;
    struct selection_reply reply;
    const char *name = "B";

    bench_open(bench, "/r.mefd");
    service_set_channels(bench->service, &BENCH_CLIENT, "/r.mefd", &name, 1, &reply);
    bench->recordings = &other;
    other.channels = more;
    other.n_channels = 3;
    other.identity = 6;
    fake_disk.fingerprint = 99;
    bench_open(bench, "/r.mefd");
    service_get_channels(bench->service, &BENCH_CLIENT, "/r.mefd", &reply);
    assert_int_equal(reply.n_channels, 1);
    assert_string_equal(reply.channel_names[0], "B");
    other.n_channels = 2; /* without B */
    other.identity = 7;
    fake_disk.fingerprint = 100;
    bench_open(bench, "/r.mefd");
    service_get_channels(bench->service, &BENCH_CLIENT, "/r.mefd", &reply);
    assert_int_equal(reply.n_channels, 2);
}

static void one_that_is_gone_is_told_until_it_is_back(void **state)
{
    struct bench *bench = *state;
    struct reader reader;

    see_state(bench, AS_FIRST, 40);
    bench->n_recordings = 0;
    for (int i = 0; i < 3; i++) {
        read_seconds(bench, &reader, 40);
        assert_string_equal(reader.error, "File does not exist: /r.mefd");
        reader_free(&reader);
        assert_false(bench_open(bench, "/r.mefd").info.opened);
    }
    assert_int_equal(service_counters(bench->service).gone, 1);
    write_state(bench, AS_NEXT);
    see_state(bench, AS_NEXT, 40);
}

static void metadata_that_are_half_written_are_waited_for(void **state)
{
    static const struct fake_refusal TORN[] = {{MEF3_ECRC, "its checksum"}, {0, NULL}};
    struct bench *bench = *state;
    struct reader reader;

    see_state(bench, AS_FIRST, 40);
    write_state(bench, AS_LONGER);
    bench->refusals = TORN;
    for (int i = 0; i < 3; i++)
        see_state(bench, AS_FIRST, 40);
    bench->refusals = NULL;
    see_state(bench, AS_LONGER, 40);
    write_state(bench, AS_NEXT);
    bench->refusals = TORN;
    for (int i = 0; i < 3; i++)
        see_state(bench, AS_LONGER, 40);
    read_seconds(bench, &reader, 40); /* not for ever */
    assert_non_null(strstr(reader.error, "Damaged recording"));
    reader_free(&reader);
}

static void without_workers_what_is_known_is_told(void **state)
{
    struct bench *bench = *state;

    bench_open(bench, "/r.mefd");
    bench->n_kill = 3; /* the look goes down with three */
    struct opened opened = bench_open(bench, "/r.mefd");
    assert_true(opened.info.opened && opened.info.end_uutc == AT(20));
}

static void a_look_that_takes_too_long_is_not_waited_for(void **state)
{
    struct bench *bench = *state;
    struct file_info info;
    enum outcome outcome;
    bool is_ready = false;

    bench_open(bench, "/r.mefd");
    bench->is_held = true;
    struct opening *opening =
        service_look(bench->service, &BENCH_CLIENT, "/r.mefd", bench_flag, &is_ready);
    assert_non_null(opening);
    assert_int_equal(opening_pull(opening, &info, &outcome), PULL_WAIT);
    for (uint64_t since = service_now_ms(); !is_ready && service_now_ms() < since + 60000;) {
        usleep(10000);
        service_tick(bench->service);
        bench_run(bench);
    }
    assert_true(is_ready);
    assert_int_equal(opening_pull(opening, &info, &outcome), PULL_HERE);
    assert_true(info.opened && info.end_uutc == AT(20));
    opening_free(opening);
    write_state(bench, AS_LONGER);
    bench->is_held = false;
    see_state(bench, AS_LONGER, 40);
}

static void one_who_asks_may_leave_at_any_moment(void **state)
{
    struct bench *bench = *state;

    see_state(bench, AS_FIRST, 40);
    for (int steps = 0; steps < 12; steps++) {
        struct reader reader;
        write_state(bench, steps % 2 ? AS_FIRST : AS_LONGER);
        fake_disk.fingerprint = 100 + steps;
        reader_range(&reader, bench, "/r.mefd", NULL, 0, AT(0), AT(40));
        reader_pull(&reader, 1);
        for (int i = 0; i < steps; i++)
            bench_step(bench);
        reader_free(&reader);
    }
    write_state(bench, AS_LONGER);
    fake_disk.fingerprint = 200;
    see_state(bench, AS_LONGER, 40);
}

static void indices_that_are_inherited_stay_within_their_memory(void **state)
{
    struct bench *bench = *state;

    write_state(bench, AS_NEXT);
    bench->parts.index_bytes = 4 * sizeof(struct run_row);
    look_always(bench, true);
    for (int i = 0; i < 5; i++) {
        fake_disk.fingerprint = 10 + i;
        see_state(bench, AS_NEXT, 40);
        assert_true(service_counters(bench->service).index_bytes <= bench->parts.index_bytes);
    }
}

/* --- What continues what --------------------------------------------------------- */

static char A[] = "A";
static struct segment SEGMENTS[] = {{.number = 0, .start_uutc = 10, .end_uutc = 20},
                                    {.number = 1, .start_uutc = 20, .end_uutc = 30},
                                    {.number = 2, .start_uutc = 30, .end_uutc = 40}};

static void only_what_has_more_at_its_end_continues(void **state)
{
    static const struct {
        const char *why;
        struct channel found;
        uint64_t identity;
        bool continues;
    } row[] = {
#define FOUND(rate, factor, n, ...) {A, rate, factor, 10, 40, 3, SEGMENTS, n, {__VA_ARGS__}}
        {"the same", FOUND(100, 2, 2, 1, 2, 50, 7, 1), 5, true},
        {"longer", FOUND(100, 2, 2, 1, 2, 51, 8, 1), 5, true},
        {"another segment", FOUND(100, 2, 3, 1, 3, 4, 8, 1), 5, true},
        {"nothing is there any more", FOUND(100, 2, 2, 1, 0, 0, 0, 1), 5, false},
        {"a new header", FOUND(100, 2, 2, 1, 2, 50, 8, 1), 5, true},
        {"as long, but other blocks", FOUND(100, 2, 2, 1, 2, 50, 8, 2), 5, false},
        {"shorter", FOUND(100, 2, 2, 1, 2, 49, 8, 1), 5, false},
        {"another file", FOUND(100, 2, 2, 1, 9, 51, 8, 1), 5, false},
        {"another first file", FOUND(100, 2, 3, 9, 3, 51, 8, 1), 5, false},
        {"a segment less", FOUND(100, 2, 1, 1, 1, 60, 8, 1), 5, false},
        {"another rate", FOUND(101, 2, 2, 1, 2, 51, 8, 1), 5, false},
        {"another factor", FOUND(100, 3, 2, 1, 2, 51, 8, 1), 5, false},
        {"another folder or other channels", FOUND(100, 2, 2, 1, 2, 51, 8, 1), 6, false},
    };
    struct channel was = FOUND(100, 2, 2, 1, 2, 50, 7, 1);
    struct recording known = {.identity = 5, .channels = &was, .n_channels = 1};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct channel is = row[i].found;
        struct recording found = {.identity = row[i].identity, .channels = &is, .n_channels = 1};
        assert_row_int(recording_continues(&known, &found), row[i].continues, row[i].why);
    }
}

static void an_earlier_segment_that_moved_is_not_the_same_recording(void **state)
{
    struct segment moved[] = {SEGMENTS[0], SEGMENTS[1]};
    struct channel was = FOUND(100, 2, 2, 1, 2, 50, 7, 1), is = was;
    struct recording known = {.channels = &was, .n_channels = 1};
    struct recording found = {.channels = &is, .n_channels = 1};

    (void)state;
    is.segments = moved;
    moved[1].start_uutc = MEF3_NO_TIME; /* the last one has no samples yet, */
    assert_true(recording_continues(&found, &known));
    is.stamp = (struct answer_stamp){.first = 1}; /* nor a file for them */
    assert_true(recording_continues(&found, &known));
    is.stamp = was.stamp;
    moved[1] = SEGMENTS[1];
    moved[0].start_uutc++;
    assert_false(recording_continues(&known, &found));
    moved[0] = SEGMENTS[0];
    moved[1].number = 4;
    assert_false(recording_continues(&known, &found));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)
        TEST(what_was_added_is_read_and_what_was_known_is_not_decoded_again),
        TEST(facts_and_pages_are_those_of_now),
        TEST(nothing_is_opened_again_where_nothing_changed),
        TEST(all_who_ask_at_once_wait_for_one_look),
        TEST(both_names_of_a_recording_see_it_grow),
        TEST(a_read_under_way_ends_with_the_state_that_it_began_with),
        TEST(of_one_that_was_replaced_nothing_old_is_told),
        TEST(a_selection_is_carried_to_where_its_channels_are),
        TEST(one_that_is_gone_is_told_until_it_is_back),
        TEST(metadata_that_are_half_written_are_waited_for),
        TEST(without_workers_what_is_known_is_told),
        TEST(a_look_that_takes_too_long_is_not_waited_for),
        TEST(one_who_asks_may_leave_at_any_moment),
        TEST(indices_that_are_inherited_stay_within_their_memory),
        cmocka_unit_test(only_what_has_more_at_its_end_continues),
        cmocka_unit_test(an_earlier_segment_that_moved_is_not_the_same_recording),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
