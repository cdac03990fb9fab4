/* test_query.c - parameters of requests: what is taken, and what is said of the rest. */
#include "http/query.h"

#include <stdio.h>
#include <string.h>

#include "help/test.h"

enum { MOST_PAIRS = 4 };

struct pair {
    const char *name, *value;
};

static bool read_pairs(struct query *query, unsigned takes, const struct pair *pairs)
{
    memset(query, 0, sizeof *query);
    for (size_t i = 0; i < MOST_PAIRS && pairs[i].name; i++)
        if (!query_take(query, takes, pairs[i].name, pairs[i].value))
            break;
    return query_check(query, takes);
}

static void what_makes_sense_is_taken(void **state)
{
    const unsigned all = QUERY_RECORDING | QUERY_TEXT | QUERY_CHANNELS | QUERY_WINDOW |
                         QUERY_TYPES | QUERY_WIDTH | QUERY_FORMAT | QUERY_PAGE;
    static const struct pair pairs[] = {
        {"recording", "a/b.mefd"}, {"q", ""},           {"channel", "Cz"},
        {"channel", "\xC3\xA9"},   {"from", "-17"},     {"to", "9223372036854775807"},
        {"type", "Note,Seiz"},     {"width", "16384"},  {"level", "index"},
        {"format", "csv"},         {"after", "z.mefd"}, {"limit", "20000"},
    };
    struct query query = {0};

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_row(query_take(&query, all, pairs[i].name, pairs[i].value), pairs[i].name);
    assert_true(query_check(&query, all));
    assert_string_equal(query.recording, "a/b.mefd");
    assert_string_equal(query.text, "");
    assert_int_equal(query.n_channels, 2);
    assert_string_equal(query.channels[1], "\xC3\xA9");
    assert_true(query.has_from && query.from_uutc == -17);
    assert_true(query.has_to && query.to_uutc == INT64_MAX);
    assert_string_equal(query.types, "Note,Seiz");
    assert_int_equal(query.width, 16384);
    assert_string_equal(query.level, "index");
    assert_string_equal(query.format, "csv");
    assert_string_equal(query.after, "z.mefd");
    assert_int_equal(query.limit, 20000);
}

static void what_makes_none_is_refused_with_its_name(void **state)
{
    static const struct {
        unsigned takes;
        struct pair pairs[MOST_PAIRS];
        const char *problem; /* a part of it */
    } row[] = {
        {QUERY_RECORDING, {{0}}, "recording=PATH is missing"},
        {QUERY_WIDTH, {{0}}, "width=COLUMNS is missing"},
        {QUERY_TEXT, {{"recording", "a"}}, "recording=a: is no parameter"},
        {QUERY_TEXT, {{"after", "a"}}, "after=a: is no parameter"},
        {QUERY_TEXT, {{"from", "1"}}, "from=1: is no parameter"},
        {QUERY_TEXT, {{"width", "1"}}, "width=1: is no parameter"},
        {QUERY_TEXT, {{"format", "csv"}}, "format=csv: is no parameter"},
        {QUERY_TEXT, {{"type", "Note"}}, "type=Note: is no parameter"},
        {QUERY_TEXT, {{"channel", "Cz"}}, "channel=Cz: is no parameter"},
        {QUERY_TEXT, {{"q", NULL}}, "q=: has no value"},
        {QUERY_TEXT, {{"q", "\xFF"}}, "is not UTF-8"},
        {QUERY_TEXT, {{"q", "\xED\xA0\x80"}}, "is not UTF-8"},
        {QUERY_TEXT, {{"q", "a"}, {"q", "b"}}, "q=b: is said twice"},
        {QUERY_RECORDING, {{"recording", "a"}, {"recording", "a"}}, "is said twice"},
        {QUERY_WINDOW, {{"from", "now"}}, "from=now: is not a time"},
        {QUERY_WINDOW, {{"from", ""}}, "is not a time"},
        {QUERY_WINDOW, {{"from", "1.5"}}, "is not a time"},
        {QUERY_WINDOW, {{"to", "9223372036854775808"}}, "is not a time"},
        {QUERY_WINDOW, {{"to", "-9223372036854775808"}}, "is not a time"},
        {QUERY_WINDOW, {{"to", "1"}, {"to", "2"}}, "is said twice"},
        {QUERY_WINDOW, {{"from", "2"}, {"to", "2"}}, "to=2 must be greater than from=2"},
        {QUERY_WIDTH, {{"width", "0"}}, "is not a number from 1 to 16384"},
        {QUERY_WIDTH, {{"width", "16385"}}, "is not a number from 1 to 16384"},
        {QUERY_WIDTH, {{"width", "-1"}}, "is not a number"},
        {QUERY_WIDTH, {{"width", "9x"}}, "is not a number"},
        {QUERY_WIDTH, {{"width", "9"}, {"width", "9"}}, "is said twice"},
        {QUERY_WIDTH, {{"width", "9"}, {"level", "none"}}, "is neither index nor samples"},
        {QUERY_PAGE, {{"limit", "20001"}}, "is not a number from 1 to 20000"},
        {QUERY_PAGE, {{"limit", "0"}}, "is not a number"},
        {QUERY_TYPES, {{"type", "Not"}}, "is not types of four characters"},
        {QUERY_TYPES, {{"type", "Note,"}}, "is not types of four characters"},
        {QUERY_TYPES, {{"type", ",Note"}}, "is not types of four characters"},
        {QUERY_TYPES, {{"type", ""}}, "is not types of four characters"},
    };
    struct query query;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        assert_row(!read_pairs(&query, row[i].takes, row[i].pairs), row[i].problem);
        assert_row(strstr(query.problem, row[i].problem), row[i].problem);
    }
}

static void channels_are_bounded(void **state)
{
    static struct query query;

    (void)state;
    for (size_t i = 0; i < QUERY_MOST_CHANNELS; i++)
        assert_true(query_take(&query, QUERY_CHANNELS, "channel", "Cz"));
    assert_false(query_take(&query, QUERY_CHANNELS, "channel", "Cz"));
    assert_non_null(strstr(query.problem, "one channel more than 1024"));
}

/* However long name and value are, the problem is a text within its room. */
static void a_problem_has_room_for_any_value(void **state)
{
    static char name[1000], value[100000];
    struct query query = {0};

    (void)state;
    memset(name, 'n', sizeof name - 1);
    memset(value, 'v', sizeof value - 1);
    assert_false(query_take(&query, QUERY_TEXT, name, value));
    assert_true(strlen(query.problem) < QUERY_PROBLEM_BYTES);
    assert_non_null(strstr(query.problem, "is no parameter"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_makes_sense_is_taken),
        cmocka_unit_test(what_makes_none_is_refused_with_its_name),
        cmocka_unit_test(channels_are_bounded),
        cmocka_unit_test(a_problem_has_room_for_any_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
