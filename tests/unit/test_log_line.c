/* test_log_line.c - whatever a value is, a line of the log is one line. */
#include "base/log_line.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "help/test.h"

static const struct log_head HEAD = {
    .when = {1767323045, 678900000},
    .level = "warn",
    .process = "server",
    .event = "damage",
};
#define HEAD_LOGFMT "time=2026-01-02T03:04:05.678Z level=warn process=server event=damage"
#define HEAD_JSON                                                                       \
    "{\"time\":\"2026-01-02T03:04:05.678Z\",\"level\":\"warn\",\"process\":\"server\"," \
    "\"event\":\"damage\""

static const char *line_of(enum log_format format, const struct log_field *fields, size_t n)
{
    static char line[LOG_LINE_BYTES + 1];

    memset(line, 7, sizeof line);
    size_t length = log_line(line, format, &HEAD, fields, n);
    assert_true(length > 0 && length <= LOG_LINE_BYTES);
    assert_int_equal(line[LOG_LINE_BYTES], 7);
    assert_int_equal(line[length - 1], '\n');
    line[length - 1] = '\0';
    assert_null(strchr(line, '\n'));
    return line;
}

static void the_same_fields_in_both_formats(void **state)
{
    const struct log_field fields[] = {
        LOG_U64("recording", UINT64_MAX),
        LOG_I64("segment", INT64_MIN),
        LOG_WORD("name", "MefWorker-0"),
        LOG_STR("why", "a b=c"),
    };

    (void)state;
    assert_string_equal(line_of(LOG_LOGFMT, fields, 4),
                        HEAD_LOGFMT " recording=18446744073709551615 "
                                    "segment=-9223372036854775808 name=MefWorker-0 why=\"a b=c\"");
    assert_string_equal(line_of(LOG_JSON, fields, 4),
                        HEAD_JSON ",\"recording\":18446744073709551615,"
                                  "\"segment\":-9223372036854775808,\"name\":\"MefWorker-0\","
                                  "\"why\":\"a b=c\"}");
    assert_string_equal(line_of(LOG_LOGFMT, NULL, 0), HEAD_LOGFMT);
    assert_string_equal(line_of(LOG_JSON, NULL, 0), HEAD_JSON "}");
}

static void what_is_quoted_how(void **state)
{
    static const struct {
        const char *why, *text, *logfmt, *json;
    } row[] = {
        {"plain", "Cz", "\"Cz\"", "\"Cz\""},
        {"empty", "", "\"\"", "\"\""},
        {"a quote", "a\"b", "\"a\\\"b\"", "\"a\\\"b\""},
        {"a backslash", "a\\b", "\"a\\\\b\"", "\"a\\\\b\""},
        {"a newline", "a\nlevel=error", "\"a\\x0alevel=error\"", "\"a\\u000alevel=error\""},
        {"an escape and a delete", "\x1b[0m\x7f", "\"\\x1b[0m\\x7f\"", "\"\\u001b[0m\\u007f\""},
        {"UTF-8 stays", "\xC3\xA9\xE2\x82\xAC", "\"\xC3\xA9\xE2\x82\xAC\"",
         "\"\xC3\xA9\xE2\x82\xAC\""},
        {"a byte that is no UTF-8", "a\xFF.", "\"a\\xff.\"", "\"a\\\\xff.\""},
        {"a character that is cut off", "\xE2\x82", "\"\\xe2\\x82\"", "\"\\\\xe2\\\\x82\""},
        {"C1: next line", "\xC2\x85", "\"\\u0085\"", "\"\\u0085\""},
        {"a line separator", "\xE2\x80\xA8", "\"\\u2028\"", "\"\\u2028\""},
        {"turning the text around", "\xE2\x80\xAE\xE2\x81\xA6", "\"\\u202e\\u2066\"",
         "\"\\u202e\\u2066\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        const struct log_field field = LOG_STR("x", row[i].text);
        assert_row(strcmp(strstr(line_of(LOG_LOGFMT, &field, 1), " x=") + 3, row[i].logfmt) == 0,
                   row[i].why);
        const char *json = strstr(line_of(LOG_JSON, &field, 1), "\"x\":") + 4;
        size_t n = strlen(row[i].json);
        assert_row(strncmp(json, row[i].json, n) == 0 && strcmp(json + n, "}") == 0, row[i].why);
    }
}

static void fields_that_are_not_there_are_left_out(void **state)
{
    const struct log_field fields[] = {
        LOG_STR("no", NULL),        LOG_WORD("no", NULL),     LOG_U64_IF(false, "no", 1),
        LOG_I64_IF(false, "no", 1), LOG_U64_IF(true, "a", 1), LOG_I64_IF(1, "b", -1),
    };

    (void)state;
    assert_string_equal(line_of(LOG_LOGFMT, fields, 6), HEAD_LOGFMT " a=1 b=-1");
    assert_string_equal(line_of(LOG_JSON, fields, 6), HEAD_JSON ",\"a\":1,\"b\":-1}");
}

static void a_word_is_quoted_only_if_it_must_be(void **state)
{
    static const struct {
        const char *word, *logfmt;
    } row[] = {
        {"127.0.0.1:50051", "127.0.0.1:50051"},
        {"[::1]:50051", "[::1]:50051"},
        {"", "\"\""},
        {"a b", "\"a b\""},
        {"a=b", "\"a=b\""},
        {"a\nb", "\"a\\x0ab\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        const struct log_field field = LOG_WORD("x", row[i].word);
        assert_row(strcmp(strstr(line_of(LOG_LOGFMT, &field, 1), " x=") + 3, row[i].logfmt) == 0,
                   row[i].word);
    }
}

static json_t *parse(const char *line)
{
    json_error_t error;
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &error);

    if (!object)
        fail_msg("%s, column %d: %s", error.text, error.column, line);
    return object;
}

/* Bytes of every sort, those that matter more often. */
static void any_text(char *text, size_t n)
{
    static const char *const PARTS[] = {"\"",       "\\",       "\n",           "\xC2",
                                        "\xE2\x80", "\xFF",     "\xE2\x80\xA8", "x",
                                        "\\u0",     "\xC3\xA9", "\x01",         "}"};
    size_t at = 0;

    while (at < n) {
        if (random() % 2) {
            text[at++] = (char)(random() % 255 + 1);
            continue;
        }
        const char *part = PARTS[(size_t)random() % (sizeof PARTS / sizeof *PARTS)];
        for (; *part && at < n; part++)
            text[at++] = *part;
    }
    text[n] = '\0';
}

static void json_always_parses_and_logfmt_ends_with_its_quote(void **state)
{
    char text[3 * LOG_TEXT_BYTES];

    (void)state;
    srandom(4);
    for (int i = 0; i < 3000; i++) {
        any_text(text, (size_t)random() % (i % 10 ? 40 : sizeof text - 1));
        const struct log_field field = LOG_STR("x", text);
        json_t *object = parse(line_of(LOG_JSON, &field, 1));
        assert_true(json_is_string(json_object_get(object, "x")));
        assert_int_equal(json_object_size(object), 5);
        json_decref(object);

        const char *quoted = strstr(line_of(LOG_LOGFMT, &field, 1), " x=") + 3;
        assert_int_equal(*quoted++, '"');
        while (*quoted && *quoted != '"')
            quoted += *quoted == '\\' ? 2 : 1;
        assert_string_equal(quoted, "\"");
    }
}

static void json_gives_back_what_utf8_went_in(void **state)
{
    static const char TEXT[] = "\x01\x1f \"\\/\x7f\xC2\x85\xC3\xA9\xE2\x80\xA8\xF0\x9F\xA7\xA0";
    const struct log_field field = LOG_STR("x", TEXT);

    (void)state;
    json_t *object = parse(line_of(LOG_JSON, &field, 1));
    assert_string_equal(json_string_value(json_object_get(object, "x")), TEXT);
    json_decref(object);
}

static void a_long_text_is_cut_and_says_so(void **state)
{
    static const char FILL[] = {'x', '"', '\n', '\xFF'};
    char text[2 * LOG_TEXT_BYTES];

    (void)state;
    for (size_t fill = 0; fill < sizeof FILL; fill++) {
        for (size_t n = LOG_TEXT_BYTES / 8; n < sizeof text; n++) {
            memset(text, FILL[fill], n);
            text[n] = '\0';
            const struct log_field fields[] = {LOG_STR("x", text), LOG_U64("after", 1)};
            const char *line = line_of(LOG_LOGFMT, fields, 2);
            const char *after = strstr(line, " after=1");
            assert_non_null(after);
            assert_int_equal(after[-1], '"');
            assert_true((size_t)(after - strstr(line, " x=") - 3) <= LOG_TEXT_BYTES);
            assert_true(n < LOG_TEXT_BYTES || strncmp(after - 4, "...", 3) == 0);
        }
    }
}

static void a_long_line_leaves_out_whole_fields_and_says_so(void **state)
{
    char text[LOG_TEXT_BYTES];
    struct log_field fields[8];

    (void)state;
    memset(text, '"', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (size_t i = 0; i < 8; i++) {
        static const char *const NAME[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
        fields[i] = (struct log_field)LOG_STR(NAME[i], text);
    }
    const char *line = line_of(LOG_LOGFMT, fields, 8);
    assert_string_equal(line + strlen(line) - strlen("\" cut=true"), "\" cut=true");
    json_t *object = parse(line_of(LOG_JSON, fields, 8));
    assert_true(json_is_true(json_object_get(object, "cut")));
    assert_non_null(json_object_get(object, "c"));
    assert_null(json_object_get(object, "h"));
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_fields_in_both_formats),
        cmocka_unit_test(what_is_quoted_how),
        cmocka_unit_test(fields_that_are_not_there_are_left_out),
        cmocka_unit_test(a_word_is_quoted_only_if_it_must_be),
        cmocka_unit_test(json_always_parses_and_logfmt_ends_with_its_quote),
        cmocka_unit_test(json_gives_back_what_utf8_went_in),
        cmocka_unit_test(a_long_text_is_cut_and_says_so),
        cmocka_unit_test(a_long_line_leaves_out_whole_fields_and_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
