/* test_recording.c - a catalogue built from a worker's answers; what makes no sense is refused. */
#include "service/recording.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "help/test.h"

static const struct answer SESSION = {.kind = ANSWER_SESSION,
                                      .session = {"/data/a.mefd", 42, 2, 1}};

static struct answer channel_of(const char *name, uint32_t number, double rate, double factor)
{
    return (struct answer){.kind = ANSWER_CHANNEL,
                           .channel = {name, rate, factor, 1000, 2000, number, 1, {0}}};
}

/* Rows of a channel's segments, as they come off the wire. */
static bool add_segments(struct recording *recording, uint32_t of, uint32_t n,
                         const struct segment_row *rows)
{
    static uint8_t message[65536];
    struct packer p = {message, message + sizeof message, false};
    struct answer answer;

    answer_pack(&p, &(struct answer){.kind = ANSWER_SEGMENTS, .rows = {.of = of, .n = n}});
    for (uint32_t i = 0; i < n; i++)
        segment_row_pack(&p, rows ? &rows[i] : &(struct segment_row){(int32_t)i, 1000, 2000});
    assert_true(answer_unpack(message, (size_t)(p.at - message), &answer));
    return recording_add(recording, &answer);
}

static struct recording *make(void)
{
    struct recording *recording = recording_new();
    struct answer a = channel_of("A", 0, 256, 0.5), b = channel_of("B", 2, 512, -1);

    assert_true(recording_add(recording, &SESSION));
    assert_true(recording_add(recording, &a));
    assert_true(add_segments(recording, 0, 1, NULL));
    assert_true(recording_add(recording, &b));
    assert_true(add_segments(recording, 2, 1, NULL));
    return recording;
}

static void answers_in_order_make_a_recording(void **state)
{
    struct recording *recording = make();

    (void)state;
    assert_true(recording_finish(recording));
    assert_string_equal(recording->canonical, "/data/a.mefd");
    assert_int_equal(recording->identity, 42);
    assert_int_equal(recording->n_channels, 2);
    assert_string_equal(recording->names[1], "B");
    assert_true(recording->rates[0] == 256 && recording->rates[1] == 512);
    assert_int_equal(recording->channels[1].number, 2);
    assert_true(recording->channels[1].units_factor == -1);
    assert_true(recording->start_uutc == 1000 && recording->end_uutc == 2000);
    recording_free(recording);
}

static void the_span_is_from_the_least_start_to_the_greatest_end(void **state)
{
    struct recording *recording = recording_new();
    struct answer a = channel_of("A", 0, 256, 1), b = channel_of("B", 1, 256, 1);

    (void)state;
    a.channel.start_uutc = -5000;
    b.channel.end_uutc = 77777;
    assert_true(recording_add(recording, &SESSION) && recording_add(recording, &a) &&
                add_segments(recording, 0, 1, NULL) && recording_add(recording, &b) &&
                add_segments(recording, 1, 1, NULL) && recording_finish(recording));
    assert_int_equal(recording->start_uutc, -5000);
    assert_int_equal(recording->end_uutc, 77777);
    assert_int_equal(recording->starts[0], -5000);
    assert_int_equal(recording->ends[1], 77777);
    recording_free(recording);
}

static void segments_are_sorted_by_time_then_number(void **state)
{
    static const struct segment_row ROWS[] = {
        {5, 300, 400}, {7, 100, 200}, {6, 100, 150}, {0, 0, 50}};
    static const int32_t ORDER[] = {0, 6, 7, 5};
    struct recording *recording = recording_new();
    struct answer session = SESSION, a = channel_of("A", 3, 256, 1);

    (void)state;
    session.session.n_channels = 1;
    assert_true(recording_add(recording, &session) && recording_add(recording, &a));
    assert_true(add_segments(recording, 3, 2, ROWS)); /* in two messages */
    assert_true(add_segments(recording, 3, 2, ROWS + 2));
    assert_true(recording_finish(recording));
    for (int i = 0; i < 4; i++)
        assert_int_equal(recording->channels[0].segments[i].number, ORDER[i]);
    recording_free(recording);
}

static void channels_are_found_by_name(void **state)
{
    static const char *const NAME[] = {"", "A", "AA", "B", "\xC3\xA9", "a", "A "};
    static const int64_t PLACE[] = {-1, 0, -1, 1, -1, -1, -1};
    struct recording *recording = make();

    (void)state;
    assert_true(recording_finish(recording));
    for (int i = 0; i < 7; i++)
        assert_int_equal(recording_find_channel(recording, NAME[i]), PLACE[i]);
    recording_free(recording);
}

static void rates_and_factors_that_are_none_are_refused(void **state)
{
    static const struct {
        const char *why;
        double rate, factor;
        bool fine;
    } row[] = {
        {"the least rate", 1e-6, 1, true},
        {"the greatest", 1e7, 1, true},
        {"less", 9e-7, 1, false},
        {"more", 1.1e7, 1, false},
        {"zero", 0, 1, false},
        {"negative", -256, 1, false},
        {"not a number", (double)NAN, 1, false},
        {"infinite", (double)INFINITY, 1, false},
        {"a factor that is none", 256, (double)NAN, false},
        {"an infinite factor", 256, -(double)INFINITY, false},
        {"a negative factor", 256, -0.1, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct recording *recording = recording_new();
        struct answer a = channel_of("A", 0, row[i].rate, row[i].factor);
        assert_row(recording_add(recording, &SESSION), row[i].why);
        assert_row_int(recording_add(recording, &a), row[i].fine, row[i].why);
        recording_free(recording);
    }
}

static void answers_in_the_wrong_order_are_refused(void **state)
{
    struct answer a = channel_of("A", 0, 256, 1), many = SESSION;
    struct answer item = {.kind = ANSWER_ITEM, .item = {.text = ""}};
    struct answer done = {.kind = ANSWER_DONE, .done = {.text = ""}};
    struct recording *recording = recording_new();

    (void)state;
    assert_false(recording_add(recording, &a)); /* before its session */
    assert_false(add_segments(recording, 0, 1, NULL));
    assert_false(recording_add(recording, &item) || recording_add(recording, &done));
    assert_false(recording_finish(recording));
    many.session.n_channels = UINT32_MAX;
    assert_false(recording_add(recording, &many));
    recording_free(recording);

    recording = make();
    assert_false(recording_add(recording, &SESSION)); /* a second one */
    assert_false(recording_add(recording, &a));       /* a third channel of two */
    recording_free(recording);
}

static void what_is_missing_is_noticed_at_the_end(void **state)
{
    struct recording *recording = recording_new();
    struct answer a = channel_of("A", 0, 256, 1), b = channel_of("B", 1, 256, 1);

    (void)state;
    assert_true(recording_add(recording, &SESSION));
    assert_false(recording_finish(recording)); /* all channels */
    assert_true(recording_add(recording, &a) && add_segments(recording, 0, 1, NULL) &&
                recording_add(recording, &b));
    assert_false(recording_finish(recording)); /* the segments of one */
    recording_free(recording);
}

static void a_part_is_built_apart_and_added(void **state)
{
    struct recording *recording = recording_new(), *part = recording_new();
    struct answer a = channel_of("A", 0, 256, 1), b = channel_of("B", 1, 512, 1);

    (void)state;
    assert_true(recording_add(recording, &SESSION) && recording_add(recording, &b) &&
                add_segments(recording, 1, 2, NULL));
    assert_true(recording_expect(part, 1));
    assert_false(recording_expect(part, 1));
    assert_true(recording_add(part, &a) && add_segments(part, 0, 3, NULL));
    assert_false(recording_add(part, &b)); /* one too many */
    assert_true(recording_take_channels(recording, part));
    recording_free(part);
    assert_true(recording_finish(recording));
    assert_true(recording->n_channels == 2 && recording->n_segments == 5);
    assert_string_equal(recording->names[0], "A");
    assert_int_equal(recording->channels[0].n_segments, 3);

    part = recording_new(); /* there were to be two */
    assert_true(recording_expect(part, 1) && recording_add(part, &a));
    assert_false(recording_take_channels(recording, part));
    recording_free(part);
    recording_free(recording);
}

static void channels_are_sorted_by_name_and_keep_their_numbers(void **state)
{
    static const char *const NAMES[] = {"b", "A", "\xEF\xBF\xBD", "a"};
    struct recording *recording = recording_new();
    struct answer session = SESSION;

    (void)state;
    session.session.n_channels = 4;
    assert_true(recording_add(recording, &session));
    for (uint32_t i = 0; i < 4; i++) {
        struct answer a = channel_of(NAMES[i], i, 256 + i, 1);
        assert_true(recording_add(recording, &a) && add_segments(recording, i, 1, NULL));
    }
    assert_true(recording_finish(recording));
    for (uint32_t i = 0; i < 4; i++) {
        int64_t place = recording_find_channel(recording, NAMES[i]);
        assert_in_range(place, 0, 3);
        assert_int_equal(recording->channels[place].number, i);
        assert_true(recording->rates[place] == 256 + i);
    }
    assert_string_equal(recording->names[0], "A");
    recording_free(recording);
}

static void segments_of_another_channel_are_refused_and_nothing_is_freed_twice(void **state)
{
    struct recording *recording = recording_new();
    struct answer a = channel_of("A", 0, 256, 1);

    (void)state;
    assert_true(recording_add(recording, &SESSION) && recording_add(recording, &a));
    assert_false(add_segments(recording, 9, 1, NULL));
    assert_true(add_segments(recording, 0, 1, NULL));
    assert_false(add_segments(recording, 9, 1000, NULL));
    assert_false(add_segments(recording, 0, 0, NULL));
    assert_int_equal(recording->channels[0].n_segments, 1);
    assert_int_equal(recording->channels[0].segments[0].start_uutc, 1000);
    recording_free(recording);
}

static struct answer_rows rows_of(uint8_t *message, size_t room, uint32_t n,
                                  const struct run_row *rows)
{
    struct packer p = {message, message + room, false};
    struct answer answer;

    answer_pack(&p, &(struct answer){.kind = ANSWER_RUNS, .rows = {.n = n}});
    for (uint32_t i = 0; i < n; i++)
        run_row_pack(&p, &rows[i]);
    assert_true(answer_unpack(message, (size_t)(p.at - message), &answer));
    return answer.rows;
}

static void runs_that_make_no_sense_are_refused(void **state)
{
    static const struct {
        const char *why;
        struct run_row run;
        bool fine;
    } row[] = {
        {"a run", {0, 0, 0, 1000, 100}, true},
        {"one that lost its beginning", {0, 5, 10, 1000, 100}, true},
        {"blocks of a length that is not known", {0, 0, 0, 1, 0}, true},
        {"before 1970", {INT64_MIN, 0, 0, 1, 1}, true},
        {"empty", {0, 0, 0, 0, 100}, false},
        {"of negative length", {0, 0, 0, -1, 100}, false},
        {"a negative first sample", {0, -5, -5, 10, 100}, false},
        {"a negative origin", {0, -1, 0, 10, 100}, false},
        {"an origin behind the first sample", {0, 11, 10, 10, 100}, false},
        {"the longest", {0, 0, 0, 1ll << 44, 100}, true},
        {"longer", {0, 0, 0, (1ll << 44) + 1, 100}, false},
        {"longer than can be", {0, 0, 0, INT64_MAX, 100}, false},
        {"beginning later than can be", {0, 0, INT64_MAX - 5, 5, 100}, false},
    };
    uint8_t message[256];

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct segment segment = {.state = RUNS_ASKED};
        struct answer_rows rows = rows_of(message, sizeof message, 1, &row[i].run);
        assert_row_int(segment_add_runs(&segment, rows), row[i].fine, row[i].why);
        segment_set_unreadable(&segment, "over", 0);
        assert_row(segment.n_runs == 0 && segment.state == RUNS_UNREADABLE, row[i].why);
        free(segment.why);
    }
}

static void runs_come_in_several_answers_and_empty_ones_do_no_harm(void **state)
{
    static const struct run_row RUNS[] = {{0, 0, 0, 10, 5}, {100, 10, 10, 10, 5}};
    uint8_t message[256];
    struct segment segment = {.state = RUNS_ASKED};

    (void)state;
    for (int i = 0; i < 3; i++) {
        segment_add_runs(&segment, rows_of(message, sizeof message, 0, NULL));
        assert_int_equal(segment.n_runs, 0);
    }
    assert_true(segment_add_runs(&segment, rows_of(message, sizeof message, 1, RUNS)));
    assert_true(segment_add_runs(&segment, rows_of(message, sizeof message, 1, RUNS + 1)));
    assert_int_equal(segment.n_runs, 2);
    assert_int_equal(segment.runs[1].origin_uutc, 100);
    segment_set_unreadable(&segment, "one reason", 1);
    segment_set_unreadable(&segment, "another", 2);
    assert_string_equal(segment.why, "another");
    free(segment.why);
}

static void a_worker_that_never_ends_does_not_fill_the_memory(void **state)
{
    static const struct run_row RUN = {0, 0, 0, 1, 1};
    uint8_t message[256];
    struct segment segment = {.state = RUNS_ASKED};
    struct recording *recording = recording_new();
    struct answer a = channel_of("A", 0, 256, 1);

    (void)state;
    assert_true(recording_add(recording, &SESSION) && recording_add(recording, &a));
    recording->n_segments = 999000; /* of this channel and others */
    assert_true(add_segments(recording, 0, 1000, NULL));
    assert_false(add_segments(recording, 0, 1, NULL));
    recording_free(recording);

    segment.n_runs = 1 << 20;
    assert_false(segment_add_runs(&segment, rows_of(message, sizeof message, 1, &RUN)));
    assert_null(segment.runs);
}

/* Whoever waits, and may wait again, or end another's wait. */
struct waiting {
    struct runs_wait wait;
    struct recording *recording;
    struct waiting *ends;
    bool again;
    int calls;
};

static void on_more(struct runs_wait *wait)
{
    struct waiting *waiting = CONTAINER_OF(wait, struct waiting, wait);

    assert_false(wait->waiting);
    waiting->calls++;
    if (waiting->again)
        recording_wait(waiting->recording, wait);
    if (waiting->ends)
        recording_stop_waiting(&waiting->ends->wait);
}

static void a_wake_calls_everyone_once(void **state)
{
    struct recording *recording = make();
    struct waiting a = {.wait.retry = on_more, .recording = recording}, b = a, c = a;

    (void)state;
    recording_wait(recording, &c.wait);
    recording_wait(recording, &b.wait);
    recording_wait(recording, &a.wait);
    a.again = b.again = true;
    a.ends = &c;
    c.ends = &a; /* whichever comes first */
    recording_wake(recording, false);
    assert_int_equal(b.calls, 1);
    assert_int_equal(a.calls + c.calls, 1);
    b.again = a.again = false;
    recording_wake(recording, false);
    assert_int_equal(b.calls, 2);
    recording_wake(recording, false);
    assert_int_equal(b.calls, 2);
    recording_free(recording);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_in_order_make_a_recording),
        cmocka_unit_test(the_span_is_from_the_least_start_to_the_greatest_end),
        cmocka_unit_test(segments_are_sorted_by_time_then_number),
        cmocka_unit_test(channels_are_found_by_name),
        cmocka_unit_test(rates_and_factors_that_are_none_are_refused),
        cmocka_unit_test(answers_in_the_wrong_order_are_refused),
        cmocka_unit_test(what_is_missing_is_noticed_at_the_end),
        cmocka_unit_test(a_part_is_built_apart_and_added),
        cmocka_unit_test(channels_are_sorted_by_name_and_keep_their_numbers),
        cmocka_unit_test(segments_of_another_channel_are_refused_and_nothing_is_freed_twice),
        cmocka_unit_test(runs_that_make_no_sense_are_refused),
        cmocka_unit_test(runs_come_in_several_answers_and_empty_ones_do_no_harm),
        cmocka_unit_test(a_worker_that_never_ends_does_not_fill_the_memory),
        cmocka_unit_test(a_wake_calls_everyone_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
