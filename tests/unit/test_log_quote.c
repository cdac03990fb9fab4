/* test_log_quote.c - texts from outside cannot forge a log line. */
#include "base/log.h"

#include <string.h>

#include "help/test.h"

static void what_is_quoted_how(void **state)
{
    static const struct {
        const char *why, *text, *quoted;
    } row[] = {
        {"plain", "Cz", "\"Cz\""},
        {"empty", "", "\"\""},
        {"spaces and equals signs stay", "a b=c", "\"a b=c\""},
        {"a quote", "a\"b", "\"a\\\"b\""},
        {"a backslash", "a\\b", "\"a\\\\b\""},
        {"a newline", "a\nlevel=error", "\"a\\x0alevel=error\""},
        {"an escape and a delete", "\x1b[0m\x7f", "\"\\x1b[0m\\x7f\""},
        {"UTF-8 stays", "\xC3\xA9", "\"\xC3\xA9\""},
    };
    char quoted[LOG_QUOTED];

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        assert_row(strcmp(log_quote(quoted, row[i].text), row[i].quoted) == 0, row[i].why);
}

static void a_long_text_is_cut_and_still_quoted(void **state)
{
    static const char FILL[] = {'x', '"', '\n'};
    char text[3 * LOG_QUOTED];
    char quoted[LOG_QUOTED + 1];

    (void)state;
    for (size_t fill = 0; fill < sizeof FILL; fill++) {
        for (size_t n = LOG_QUOTED / 5; n < sizeof text; n++) {
            memset(text, FILL[fill], n);
            text[n] = '\0';
            memset(quoted, 7, sizeof quoted);
            log_quote(quoted, text);
            size_t length = strlen(quoted);
            assert_true(length < LOG_QUOTED);
            assert_true(quoted[0] == '"' && quoted[length - 1] == '"');
            assert_int_equal(quoted[LOG_QUOTED], 7);
        }
    }
}

static void levels_have_names(void **state)
{
    static const struct {
        const char *text;
        int level;
    } row[] = {
        {"debug", LOG_DEBUG}, {"INFO", LOG_INFO}, {"warn", LOG_WARN}, {"Warning", LOG_WARN},
        {"error", LOG_ERROR}, {"critical", -1},   {"", -1},           {"infox", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        assert_row_int(log_level_parse(row[i].text), row[i].level, row[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_quoted_how),
        cmocka_unit_test(a_long_text_is_cut_and_still_quoted),
        cmocka_unit_test(levels_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
