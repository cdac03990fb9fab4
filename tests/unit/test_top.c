/* test_top.c - `mef3 top`: a server's answer as plain values, and what its numbers come to. */
#include "top/answer.h"
#include "top/fetch.h"
#include "top/figures.h"
#include "top/sections.h"
#include "top/words.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "help/test.h"

static struct answer *read_text(const char *text)
{
    json_t *status = json_loads(text, 0, NULL);
    struct answer *answer = answer_new(status);

    json_decref(status);
    return answer;
}

/* A minute of a server: each row has `rates` more of everything than the one before. */
#define NAMES                                                            \
    "\"names\":[\"mef3d_cache_hits_total\",\"mef3d_cache_joins_total\"," \
    "\"mef3d_cache_misses_total\",\"mef3d_grpc_message_bytes_total\","   \
    "\"mef3d_ahead_units_total\",\"mef3d_ahead_units_used_total\","      \
    "\"mef3d_ahead_units_wasted_total\",\"mef3d_grpc_connections_open\"]"

static struct answer *minute(void)
{
    return read_text(
        "{\"version\":\"1.2.3\",\"now_s\":1060,\"started_s\":1000," NAMES ","
        "\"numbers\":[190,5,15,5000,200,150,20,3],\"bounds_s\":[0.1,1,10],"
        "\"calls\":[{\"took\":{\"counts\":[50,30,10,0]}},{\"took\":{\"counts\":[40,10,0,10]}}],"
        "\"history\":{\"step_s\":5,\"rows\":["
        "{\"at_s\":1000,\"numbers\":[100,0,0,0,0,0,0,0],\"took\":{\"counts\":[0,0,0,0]}},"
        "{\"at_s\":1050,\"numbers\":[150,0,0,4000,100,90,0,0],\"took\":{\"counts\":[80,40,10,10]}},"
        "{\"at_s\":1055,\"numbers\":[180,0,0,4900,100,90,0,0],"
        "\"took\":{\"counts\":[85,40,10,10]}}]}}");
}

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fmax(1, fabs(b));
}

static void rates_are_of_ten_seconds_and_shares_of_a_minute(void **state)
{
    struct answer *answer = minute();
    struct figures figures;

    (void)state;
    assert_non_null(answer);
    assert_string_equal(answer->version, "1.2.3");
    assert_int_equal(answer->n_rows, 3);
    figures_make(answer, &figures);
    assert_true(near(figures.up_s, 60));
    /* 150 calls are over, 140 were ten seconds ago. */
    assert_true(near(figures.requests_per_s, 1));
    assert_true(near(figures.bytes_per_s, 100));
    /* 90 hits, 5 joins and 15 misses more than a minute ago. */
    assert_true(near(figures.hit_share, 95.0 / 110));
    assert_true(near(figures.used_share, 0.75));
    assert_true(near(figures.wasted_share, 0.1));
    /* Of 150 calls 90 took up to 0.1 s, 40 up to 1 s, 10 up to 10 s, 10 longer. */
    assert_true(near(figures.p50_s, 0.1 * 75 / 90));
    assert_true(isinf(figures.p95_s));
    assert_true(isinf(figures.p99_s));
    assert_true(near(figures.connections, 3));
    free(answer);
}

static void a_quantile_lies_within_its_bucket(void **state)
{
    static const struct {
        const char *why;
        double counts[4];
        double share;
        double expected;
    } row[] = {
        {"all in the first", {10, 0, 0, 0}, 0.5, 0.5},
        {"the first of two halves", {5, 5, 0, 0}, 0.5, 1},
        {"within the second", {5, 5, 0, 0}, 0.75, 1.5},
        {"an empty bucket between", {5, 0, 5, 0}, 0.6, 2.4},
        {"beyond all", {0, 0, 0, 1}, 0.5, (double)INFINITY},
        {"nothing", {0, 0, 0, 0}, 0.5, UNKNOWN},
        {"not known", {1, UNKNOWN, 0, 0}, 0.5, UNKNOWN},
    };
    static const double bounds[] = {1, 2, 4};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        double got = figures_quantile(bounds, 3, row[i].counts, row[i].share);
        bool is_so = isfinite(row[i].expected) ? near(got, row[i].expected)
                     : isnan(row[i].expected)  ? isnan(got)
                                               : isinf(got);
        assert_row(is_so, row[i].why);
    }
}

static void what_is_not_told_is_not_known(void **state)
{
    struct answer *answer = read_text("{\"names\":[],\"numbers\":[]}");
    struct figures figures;
    struct lines lines = {0};

    (void)state;
    assert_non_null(answer);
    figures_make(answer, &figures);
    assert_true(isnan(figures.up_s) && isnan(figures.requests_per_s) &&
                isnan(figures.bytes_per_s) && isnan(figures.p50_s) && isnan(figures.hit_share) &&
                isnan(figures.used_share) && isnan(figures.connections));
    assert_false(answer->has_workers.is_told || answer->has_memory.is_told);
    sections_summary(&lines, answer, "http://x");
    assert_false(lines.has_failed);
    /* No figure of what nobody told; the names of the quantiles are in the third line. */
    for (size_t i = 0; i < lines.n; i++)
        assert_true(i == 2 || !strpbrk(lines.at[i].text + strlen("mef3d"), "0123456789"));
    assert_string_equal(lines.at[2].text, "took       p50 -   p95 -   p99 -");
    lines_fini(&lines);
    free(answer);
}

/* Each is an answer that a hostile server may give; none may crash, and what makes no sense is not
 * known. */
static void what_makes_no_sense_is_not_known(void **state)
{
    static const struct {
        const char *why;
        const char *text;
        bool is_answer;
    } row[] = {
        {"no object", "[1,2]", false},
        {"no names", "{\"numbers\":[]}", false},
        {"names are a text", "{\"names\":\"x\",\"numbers\":[]}", false},
        {"fewer numbers than names", "{" NAMES ",\"numbers\":[1]}", true},
        {"numbers of other kinds", "{" NAMES ",\"numbers\":[null,\"x\",{},[],true,-1,1e308,1]}",
         true},
        {"names of other kinds", "{\"names\":[1,null,{}],\"numbers\":[1,2,3]}", true},
        {"bounds that fall", "{" NAMES ",\"numbers\":[],\"bounds_s\":[2,1]}", true},
        {"bounds of zero", "{" NAMES ",\"numbers\":[],\"bounds_s\":[0,1]}", true},
        {"counts that do not fit",
         "{" NAMES ",\"numbers\":[],\"bounds_s\":[1,2],"
         "\"took\":{\"counts\":[1]},\"history\":{\"rows\":[{\"at_s\":1,\"took\":{\"counts\":[1,2,3,"
         "4,5]}}]}}",
         true},
        {"rows that are none", "{" NAMES ",\"numbers\":[],\"history\":{\"rows\":[1,null,{}]}}",
         true},
        {"no rows", "{" NAMES ",\"numbers\":[],\"history\":[]}", true},
        {"lists of other kinds",
         "{" NAMES ",\"numbers\":[],\"workers\":{},\"slow\":3,\"damage\":null}", true},
        {"items of other kinds",
         "{" NAMES ",\"numbers\":[],\"workers\":[1,null,[]],\"slow\":[{\"where\":[1]},"
         "{\"where\":{\"a_s\":\"x\",\"_s\":1,\"b_s\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,"
         "\"h\":1}}]}",
         true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct answer *answer = read_text(row[i].text);
        struct lines lines = {0};
        struct figures figures;
        assert_row_int(answer != NULL, row[i].is_answer, row[i].why);
        if (!answer)
            continue;
        figures_make(answer, &figures);
        assert_row(isnan(figures.requests_per_s) && isnan(figures.p99_s), row[i].why);
        sections_summary(&lines, answer, "http://x");
        for (int k = 0; k < SECTIONS; k++)
            section_table(&lines, answer, (enum section)k);
        assert_row(!lines.has_failed, row[i].why);
        lines_fini(&lines);
        free(answer);
    }
}

static void rows_count_while_their_times_ascend_to_now(void **state)
{
    struct answer *answer =
        read_text("{\"now_s\":100," NAMES ",\"numbers\":[],\"history\":{\"rows\":["
                  "{\"at_s\":50},{\"at_s\":40},{\"at_s\":60},{\"at_s\":60},{\"at_s\":101},"
                  "{\"at_s\":null},{\"at_s\":99}]}}");

    (void)state;
    assert_non_null(answer);
    assert_int_equal(answer->n_rows, 3);
    assert_true(answer->rows[0].at_s == 50 && answer->rows[1].at_s == 60 &&
                answer->rows[2].at_s == 99);
    free(answer);
}

static void a_counter_that_went_back_is_not_known(void **state)
{
    struct answer *answer =
        read_text("{\"now_s\":100," NAMES ",\"numbers\":[10,0,5,7],\"history\":{\"rows\":["
                  "{\"at_s\":40,\"numbers\":[20,0,0,9]}]}}");
    struct figures figures;

    (void)state;
    assert_non_null(answer);
    figures_make(answer, &figures);
    assert_true(isnan(figures.hit_share));
    assert_true(isnan(figures.bytes_per_s));
    free(answer);
}

static void long_lists_and_texts_are_cut(void **state)
{
    json_t *status = json_loads("{\"names\":[],\"numbers\":[]}", 0, NULL);
    json_t *workers = json_array(), *rows = json_array();
    char text[3 * ANSWER_TEXT + 1] = "";

    (void)state;
    for (size_t i = 0; i < ANSWER_TEXT; i++)
        strcat(text, "\xE9\x9B\xBB"); /* three bytes each: the cut must be between two */
    for (int i = 0; i < ANSWER_ITEMS + 7; i++)
        json_array_append_new(
            workers, json_pack("{s:s,s:i,s:i}", "recording", text, "index", i, "state", 5));
    for (int i = 0; i < ANSWER_ROWS + 9; i++)
        json_array_append_new(rows, json_pack("{s:i}", "at_s", i + 1));
    json_object_set_new(status, "workers", workers);
    json_object_set_new(status, "now_s", json_integer(1000));
    json_object_set_new(status, "history", json_pack("{s:o}", "rows", rows));
    struct answer *answer = answer_new(status);
    json_decref(status);
    assert_non_null(answer);
    assert_int_equal(answer->has_workers.n, ANSWER_ITEMS);
    assert_int_equal(answer->has_workers.n_more, 7);
    assert_int_equal(strlen(answer->workers[3].recording), (ANSWER_TEXT - 1) / 3 * 3);
    assert_string_equal(answer->workers[3].state, "5");
    assert_int_equal(answer->n_rows, ANSWER_ROWS);
    assert_true(answer->rows[0].at_s == 10);
    free(answer);
}

static void no_text_commands_the_terminal(void **state)
{
    struct answer *answer =
        read_text("{\"version\":\"\\u001b[31m\",\"names\":[],\"numbers\":[],"
                  "\"memory\":[{\"name\":\"\\u001b]0;x\\u0007\",\"bytes\":1,\"budget_bytes\":2}],"
                  "\"workers\":[{\"state\":\"a\\nb\\r\",\"recording\":\"\\u009b2J\\u202e\"}],"
                  "\"clients\":[{\"client\":\"\\u001bc\",\"doing\":\"\\u007f\"}],"
                  "\"slow\":[{\"method\":\"\\u001b[2J\",\"where\":{\"\\u001b[A_s\":1}}],"
                  "\"damage\":[{\"channel\":\"\\t\",\"text\":\"\\u001b[H\"}],"
                  "\"refusals\":[{\"text\":\"\\u0008\\u001b[H\"}]}");
    struct lines lines = {0};

    (void)state;
    assert_non_null(answer);
    sections_summary(&lines, answer, "http://x");
    for (int k = 0; k < SECTIONS; k++)
        section_table(&lines, answer, (enum section)k);
    assert_false(lines.has_failed);
    assert_int_equal(lines.n, 16);
    for (size_t i = 0; i < lines.n; i++) {
        for (const char *at = lines.at[i].text; *at; at++)
            assert_false((unsigned char)*at < 0x20 || *at == 0x7F);
        assert_null(strstr(lines.at[i].text, "\xC2\x9B"));
        assert_null(strstr(lines.at[i].text, "\xE2\x80\xAE"));
    }
    lines_fini(&lines);
    free(answer);
}

static void an_address_becomes_a_url(void **state)
{
    static const struct {
        const char *address;
        const char *url; /* NULL: it makes no sense */
    } row[] = {
        {"localhost:8080", "http://localhost:8080"},
        {"localhost", "http://localhost:50080"},
        {"http://host:1/", "http://host:1"},
        {"http://host", "http://host"},
        {"https://host:2/eeg//", "https://host:2/eeg"},
        {"[::1]:50080", "http://[::1]:50080"},
        {"http://host:1/#x", "http://host:1"},
        {"host:99999", NULL},
        {"host:x", NULL},
        {"", NULL},
        {"file:///etc/passwd", NULL},
        {"ftp://host", NULL},
        {"http://host/?a=b", NULL},
        {"ho st:1", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char *url = fetch_url(row[i].address);
        assert_row((url != NULL) == (row[i].url != NULL), row[i].address);
        assert_row(!url || strcmp(url, row[i].url) == 0, row[i].address);
        free(url);
    }
}

static void values_are_told_in_few_words(void **state)
{
    static const struct {
        char *(*words)(double value, char *text);
        double value;
        const char *expected;
    } row[] = {
        {words_seconds, 0, "0 µs"},
        {words_seconds, 85e-6, "85 µs"},
        {words_seconds, 999.4e-6, "999 µs"},
        {words_seconds, 999.6e-6, "1.0 ms"},
        {words_seconds, 0.0345, "34 ms"},
        {words_seconds, 3.44, "3.4 s"},
        {words_seconds, 59.7, "1m00s"},
        {words_seconds, 1e300, "115740d17h"},
        {words_seconds, UNKNOWN, "-"},
        {words_rate, 0.44, "0.4"},
        {words_rate, 12.4, "12"},
        {words_count, 1e300, "1000000000000000000"},
        {words_bytes, 1e300, "1.0 EB"},
        {words_bytes, 1234, "1.2 kB"},
        {words_share, 0.985, "98.5 %"},
        {words_clock, 1600000000, "2020-09-13 12:26:40"},
        {words_clock, UNKNOWN, "-"},
    };
    char text[WORDS_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        assert_string_equal(row[i].words(row[i].value, text), row[i].expected);
}

static void a_line_is_cut_at_a_column(void **state)
{
    (void)state;
    assert_int_equal(lines_fit("abc", 2), 2);
    assert_int_equal(lines_fit("abc", 9), 3);
    assert_int_equal(lines_fit("a\xE9\x9B\xBB", 2), 1); /* it takes two columns */
    assert_int_equal(lines_fit("a\xE9\x9B\xBB", 3), 4);
    assert_int_equal(lines_fit("abc", 0), 0);
    assert_int_equal(lines_fit("abc", -1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_are_of_ten_seconds_and_shares_of_a_minute),
        cmocka_unit_test(a_quantile_lies_within_its_bucket),
        cmocka_unit_test(what_is_not_told_is_not_known),
        cmocka_unit_test(what_makes_no_sense_is_not_known),
        cmocka_unit_test(rows_count_while_their_times_ascend_to_now),
        cmocka_unit_test(a_counter_that_went_back_is_not_known),
        cmocka_unit_test(long_lists_and_texts_are_cut),
        cmocka_unit_test(no_text_commands_the_terminal),
        cmocka_unit_test(an_address_becomes_a_url),
        cmocka_unit_test(values_are_told_in_few_words),
        cmocka_unit_test(a_line_is_cut_at_a_column),
    };

    setlocale(LC_CTYPE, "C.UTF-8"); /* as mef3-top does: how wide characters are */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
