/* test_plan.c - what stands where in a window: gaps, overlaps, seams, unreadable segments. */
#include "service/plan.h"

#include <stdlib.h>
#include <string.h>

#include "help/signal.h"
#include "help/test.h"

/* At 1000 Hz, so that a sample is a millisecond; times in ms in the tables. */
#define MS 1000ll
enum { MOST_RUNS = 4, MOST_SEGMENTS = 4, MOST_SPANS = 8 };

struct segment_row_of_table {
    enum runs_state state;
    int64_t start_ms, end_ms; /* of an unreadable one */
    struct {
        int64_t at_ms, n, first;
    } run[MOST_RUNS];
};

struct expected {
    int64_t at, n;
    uint32_t segment, run;
    int64_t sample;
    bool unreadable;
};

struct row {
    const char *why;
    int64_t window_ms, first, n;
    struct segment_row_of_table segment[MOST_SEGMENTS];
    struct expected span[MOST_SPANS];
};

#define KNOWN(...)        \
    {                     \
        RUNS_KNOWN, 0, 0, \
        {                 \
            __VA_ARGS__   \
        }                 \
    }

static const struct row ROW[] = {
    {"nothing at all", 0, 0, 100, {{0}}, {{0}}},
    {"one run, all of the window", 0, 0, 100, {KNOWN({0, 100, 0})}, {{0, 100, 0, 0, 0, false}}},
    {"a part of a window within a run",
     0,
     30,
     20,
     {KNOWN({0, 100, 0})},
     {{30, 20, 0, 0, 30, false}}},
    {"a window that begins before", -40, 0, 100, {KNOWN({0, 100, 0})}, {{40, 60, 0, 0, 0, false}}},
    {"a window that ends after", 60, 0, 100, {KNOWN({0, 100, 0})}, {{0, 40, 0, 0, 60, false}}},
    {"a window wholly before", -200, 0, 100, {KNOWN({0, 100, 0})}, {{0}}},
    {"a window that ends where the run begins", -100, 0, 100, {KNOWN({0, 100, 0})}, {{0}}},
    {"a window wholly after", 100, 0, 100, {KNOWN({0, 100, 0})}, {{0}}},
    {"a gap between two runs",
     0,
     0,
     100,
     {KNOWN({0, 30, 0}, {50, 50, 30})},
     {{0, 30, 0, 0, 0, false}, {50, 50, 0, 1, 30, false}}},
    {"a part of the window in the gap", 0, 35, 10, {KNOWN({0, 30, 0}, {50, 50, 30})}, {{0}}},
    {"a seam of two segments without a gap",
     0,
     0,
     100,
     {KNOWN({0, 50, 0}), KNOWN({50, 50, 0})},
     {{0, 50, 0, 0, 0, false}, {50, 50, 1, 0, 0, false}}},
    {"two segments that overlap: the later wins",
     0,
     0,
     100,
     {KNOWN({0, 60, 0}), KNOWN({40, 60, 0})},
     {{0, 40, 0, 0, 0, false}, {40, 60, 1, 0, 0, false}}},
    {"a short one in the middle of a long one",
     0,
     0,
     100,
     {KNOWN({0, 100, 0}), KNOWN({40, 10, 7})},
     {{0, 40, 0, 0, 0, false}, {40, 10, 1, 0, 7, false}, {50, 50, 0, 0, 50, false}}},
    {"only what is behind the short one",
     0,
     60,
     40,
     {KNOWN({0, 100, 0}), KNOWN({40, 10, 7})},
     {{60, 40, 0, 0, 60, false}}},
    {"one that covers another wholly",
     0,
     0,
     100,
     {KNOWN({40, 10, 0}), KNOWN({0, 100, 0})},
     {{0, 100, 1, 0, 0, false}}},
    {"the same place",
     0,
     0,
     100,
     {KNOWN({40, 10, 0}), KNOWN({40, 10, 5})},
     {{40, 10, 1, 0, 5, false}}},
    {"one across several",
     0,
     0,
     100,
     {KNOWN({0, 20, 0}, {30, 20, 20}, {60, 20, 40}), KNOWN({10, 60, 0})},
     {{0, 10, 0, 0, 0, false}, {10, 60, 1, 0, 0, false}, {70, 10, 0, 2, 50, false}}},
    {"a third in the middle of a second in the middle of a first",
     0,
     0,
     100,
     {KNOWN({0, 100, 0}), KNOWN({20, 60, 0}), KNOWN({45, 10, 0})},
     {{0, 20, 0, 0, 0, false},
      {20, 25, 1, 0, 0, false},
      {45, 10, 2, 0, 0, false},
      {55, 25, 1, 0, 35, false},
      {80, 20, 0, 0, 80, false}}},
    {"an unreadable segment over its span",
     0,
     0,
     100,
     {KNOWN({0, 30, 0}), {RUNS_UNREADABLE, 30, 70, {{0}}}, KNOWN({70, 30, 0})},
     {{0, 30, 0, 0, 0, false}, {30, 40, 1, 0, 0, true}, {70, 30, 2, 0, 0, false}}},
    {"an unreadable one that is later on the clock of another",
     0,
     0,
     100,
     {KNOWN({0, 100, 0}), {RUNS_UNREADABLE, 30, 70, {{0}}}},
     {{0, 30, 0, 0, 0, false}, {30, 40, 1, 0, 0, true}, {70, 30, 0, 0, 70, false}}},
    {"a window within an unreadable one",
     40,
     0,
     20,
     {{RUNS_UNREADABLE, 30, 70, {{0}}}},
     {{0, 20, 0, 0, 0, true}}},
    {"an unreadable one whose span is not known",
     0,
     0,
     100,
     {{RUNS_UNREADABLE, 70, 30, {{0}}}},
     {{0}}},
    {"one of which nothing is known is no gap",
     0,
     0,
     100,
     {{RUNS_UNKNOWN, 0, 50, {{0}}}, KNOWN({50, 50, 0})},
     {{0, 50, 0, 0, 0, true}, {50, 50, 1, 0, 0, false}}},
    {"one that is asked about again meanwhile is no gap",
     0,
     0,
     100,
     {{RUNS_ASKED, 0, 50, {{0}}}, KNOWN({50, 50, 0})},
     {{0, 50, 0, 0, 0, true}, {50, 50, 1, 0, 0, false}}},
};

static struct channel make_channel(const struct row *row)
{
    struct channel channel = {.rate_hz = 1000, .n_segments = MOST_SEGMENTS};

    channel.segments = calloc(MOST_SEGMENTS, sizeof *channel.segments);
    for (int s = 0; s < MOST_SEGMENTS; s++) {
        struct segment *segment = &channel.segments[s];
        segment->state = row->segment[s].state;
        segment->start_uutc = row->segment[s].start_ms * MS;
        segment->end_uutc = row->segment[s].end_ms * MS;
        segment->runs = calloc(MOST_RUNS, sizeof *segment->runs);
        for (int r = 0; r < MOST_RUNS && row->segment[s].run[r].n > 0; r++)
            segment->runs[segment->n_runs++] =
                (struct run_row){row->segment[s].run[r].at_ms * MS, row->segment[s].run[r].first,
                                 row->segment[s].run[r].first, row->segment[s].run[r].n, 10};
    }
    return channel;
}

static void free_channel(struct channel *channel)
{
    for (size_t s = 0; s < channel->n_segments; s++)
        free(channel->segments[s].runs);
    free(channel->segments);
}

static void what_stands_where(void **state)
{
    struct span_list list = {0};

    (void)state;
    for (size_t i = 0; i < sizeof ROW / sizeof ROW[0]; i++) {
        const struct row *row = &ROW[i];
        struct channel channel = make_channel(row);
        size_t n = 0;

        assert_row(plan_row(&channel, row->window_ms * MS, row->first, row->n, &list), row->why);
        while (n < MOST_SPANS && row->span[n].n > 0)
            n++;
        assert_row_int(list.n, n, row->why);
        for (size_t k = 0; k < n; k++) {
            const struct span *got = &list.spans[k];
            const struct expected *want = &row->span[k];
            assert_row_int(got->at, want->at, row->why);
            assert_row_int(got->n, want->n, row->why);
            assert_row_int(got->segment, want->segment, row->why);
            assert_row_int(got->unreadable, want->unreadable, row->why);
            if (want->unreadable)
                continue;
            assert_row_int(got->run, want->run, row->why);
            assert_row_int(got->sample, want->sample, row->why);
        }
        free_channel(&channel);
    }
    free(list.spans);
}

/* A run that lost its beginning still stands on its origin's grid; halves are
 * rounded away from zero. */
static void off_the_grid_the_origin_is_rounded_and_the_rest_follows(void **state)
{
    static const struct {
        const char *why;
        int64_t origin_us, first; /* origin_sample is 0 */
        int64_t at;
    } row[] = {
        {"on the grid", 5000, 0, 5},
        {"just below a half", 5499, 0, 5},
        {"a half", 5500, 0, 6},
        {"just below the next", 5999, 0, 6},
        {"a half before the window", -500, 0, -1},
        {"less than a half before", -499, 0, 0},
        {"the beginning lost", 5499, 3, 8},
        {"the same, from a half on", 5500, 3, 9},
    };
    struct span_list list = {0};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct run_row run = {row[i].origin_us, 0, row[i].first, 50, 10};
        struct segment segment = {.state = RUNS_KNOWN, .runs = &run, .n_runs = 1};
        struct channel channel = {.rate_hz = 1000, .segments = &segment, .n_segments = 1};

        assert_row(plan_row(&channel, 0, 0, 100, &list), row[i].why);
        assert_row_int(list.n, 1, row[i].why);
        int64_t lost = row[i].at < 0 ? -row[i].at : 0;
        assert_row_int(list.spans[0].at, row[i].at + lost, row[i].why);
        assert_row_int(list.spans[0].sample, row[i].first + lost, row[i].why);
        assert_row_int(list.spans[0].n, 50 - lost, row[i].why);
    }
    free(list.spans);
}

static void what_hostile_numbers_say_stays_within_the_part(void **state)
{
    static struct run_row run[] = {
        {INT64_MIN, 0, 0, 1ll << 60, 1},
        {-(1ll << 50), 0, 1ll << 60, 1ll << 60, UINT32_MAX},
        {0, 0, 1ll << 59, 1, 0},
        {INT64_MAX, 0, 0, 1ll << 60, 1},
    };
    static const double RATE[] = {1e-6, 0.1, 249.7, 1e7};
    struct span_list list = {0};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        for (size_t r = 0; r < 4; r++) {
            struct segment segment[2] = {
                {.state = RUNS_KNOWN, .runs = run, .n_runs = i + 1},
                {.state = RUNS_UNREADABLE, .start_uutc = INT64_MIN, .end_uutc = INT64_MAX}};
            struct channel channel = {.rate_hz = RATE[r], .segments = segment, .n_segments = 2};
            int64_t window = r % 2 ? INT64_MIN : INT64_MAX;
            assert_true(plan_row(&channel, window, 1ll << 52, 1000, &list));
            for (size_t k = 0; k < list.n; k++) {
                assert_true(list.spans[k].at >= 1ll << 52 && list.spans[k].n > 0);
                assert_true(list.spans[k].n <= 1000 - (list.spans[k].at - (1ll << 52)));
            }
        }
    }
    free(list.spans);
}

static void which_segments_may_touch_a_window(void **state)
{
    static const struct {
        const char *why;
        int64_t start_s, end_s;
        int64_t next_s; /* when the segment behind it begins; 0: there is none */
        bool may;
    } row[] = {
        {"within", 12, 15, 50, true},
        {"around", 0, 100, 200, true},
        {"before, and the next too", 0, 5, 6, false},
        {"before, and the next begins after: the header may lag", 0, 5, 50, true},
        {"before, and the last: it may be growing", 0, 5, 0, true},
        {"after", 25, 30, 50, false},
        {"after, and the last", 25, 30, 0, false},
        {"a little before", 0, 8, 8, true},
        {"a little after", 22, 30, 0, true},
        {"says nothing", 5, 0, 1, true},
        {"of all time", INT64_MIN / 1000000, INT64_MAX / 1000000, 1, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct segment segments[2] = {
            {.start_uutc = row[i].start_s * 1000000, .end_uutc = row[i].end_s * 1000000},
            {.start_uutc = row[i].next_s * 1000000, .end_uutc = row[i].next_s * 1000000}};
        struct channel channel = {.segments = segments, .n_segments = row[i].next_s ? 2 : 1};
        assert_row(plan_may_touch(&channel, 0, 10000000, 20000000) == row[i].may, row[i].why);
    }
}

/* The model: paint the window sample by sample, segment after segment. */
enum { WINDOW = 600, SEGMENTS = 5, RUNS = 6 };

struct mark {
    int segment; /* -1: a gap */
    int64_t sample;
    bool unreadable;
};

static void paint(const struct channel *channel, int64_t window, struct mark *marks)
{
    for (int i = 0; i < WINDOW; i++)
        marks[i] = (struct mark){-1, 0, false};
    for (int s = 0; s < (int)channel->n_segments; s++) {
        const struct segment *segment = &channel->segments[s];
        for (int i = 0; i < WINDOW; i++)
            if (segment->state == RUNS_UNREADABLE && i >= (segment->start_uutc - window) / MS &&
                i < (segment->end_uutc - window) / MS)
                marks[i] = (struct mark){s, 0, true};
        for (size_t r = 0; segment->state == RUNS_KNOWN && r < segment->n_runs; r++) {
            const struct run_row *run = &segment->runs[r];
            int64_t at = (run->origin_uutc - window) / MS + run->first_sample - run->origin_sample;
            for (int64_t k = 0; k < run->n_samples; k++)
                if (at + k >= 0 && at + k < WINDOW)
                    marks[at + k] = (struct mark){s, run->first_sample + k, false};
        }
    }
}

/* Runs of a segment follow one another; segments stand anywhere. */
static void make_random(struct signal_random *random, struct channel *channel)
{
    for (size_t s = 0; s < channel->n_segments; s++) {
        struct segment *segment = &channel->segments[s];
        int64_t at = (int64_t)signal_below(random, 500) - 100, sample = 0;
        segment->n_runs = signal_below(random, RUNS + 1);
        segment->state = signal_below(random, 5) ? RUNS_KNOWN : RUNS_UNREADABLE;
        segment->start_uutc = at * MS;
        segment->end_uutc = (at + signal_below(random, 100)) * MS;
        for (size_t r = 0; r < segment->n_runs; r++) {
            int64_t lost = signal_below(random, 3) ? 0 : signal_below(random, 5);
            int64_t n = 1 + signal_below(random, signal_below(random, 2) ? 5 : 200);
            at += signal_below(random, 3) ? 0 : signal_below(random, 40);
            segment->runs[r] = (struct run_row){(at - lost) * MS, sample, sample + lost, n, 100};
            at += n;
            sample += lost + n;
        }
    }
}

static void random_windows_are_as_painted_sample_by_sample(void **state)
{
    static struct run_row runs[SEGMENTS][RUNS];
    struct segment segments[SEGMENTS] = {{0}};
    struct channel channel = {.rate_hz = 1000, .segments = segments};
    struct signal_random random = {11};
    struct mark marks[WINDOW];
    struct span_list list = {0};

    (void)state;
    for (int s = 0; s < SEGMENTS; s++)
        segments[s].runs = runs[s];
    for (int i = 0; i < 3000; i++) {
        int64_t window = (int64_t)signal_below(&random, 100) * MS;
        int64_t first = signal_below(&random, WINDOW - 1);
        int64_t n = 1 + signal_below(&random, WINDOW - (uint32_t)first), at = first;

        channel.n_segments = 1 + signal_below(&random, SEGMENTS);
        make_random(&random, &channel);
        paint(&channel, window, marks);
        assert_true(plan_row(&channel, window, first, n, &list));
        for (size_t k = 0; k < list.n; at = list.spans[k].at + list.spans[k].n, k++) {
            const struct span *span = &list.spans[k];
            for (; at < span->at; at++)
                assert_int_equal(marks[at].segment, -1);
            assert_int_equal(at, span->at);
            assert_true(span->n > 0 && span->n <= first + n - span->at);
            for (int64_t j = 0; j < span->n; j++) {
                assert_int_equal(marks[span->at + j].segment, span->segment);
                assert_int_equal(marks[span->at + j].unreadable, span->unreadable);
                if (!span->unreadable)
                    assert_int_equal(marks[span->at + j].sample, span->sample + j);
            }
        }
        for (; at < first + n; at++)
            assert_int_equal(marks[at].segment, -1);
    }
    free(list.spans);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_where),
        cmocka_unit_test(off_the_grid_the_origin_is_rounded_and_the_rest_follows),
        cmocka_unit_test(what_hostile_numbers_say_stays_within_the_part),
        cmocka_unit_test(which_segments_may_touch_a_window),
        cmocka_unit_test(random_windows_are_as_painted_sample_by_sample),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
