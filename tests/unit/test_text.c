/* test_text.c - texts of a file as valid UTF-8. */
#include "text.h"

#include <stdlib.h>
#include <string.h>

#include "help/test.h"

#define BAD "\xEF\xBF\xBD"

static void what_is_not_utf8_is_replaced(void **state)
{
    static const struct {
        const char *why;
        const char *bytes;
        size_t n;
        const char *text;
    } row[] = {
        {"empty", "", 0, ""},
        {"ends at a zero", "ab\0cd", 5, "ab"},
        {"fills the field", "abc", 3, "abc"},
        {"two, three and four bytes", "\xC5\x99\xE9\x9B\xBB\xF0\x9F\xA7\xA0", 9,
         "\xC5\x99\xE9\x9B\xBB\xF0\x9F\xA7\xA0"},
        {"Latin-1", "\xB5V", 2, BAD "V"},
        {"cut off by the field", "a\xE9\x9B", 3, "a" BAD BAD},
        {"overlong", "\xC0\xAF", 2, BAD BAD},
        {"a surrogate", "\xED\xA0\x80", 3, BAD BAD BAD},
        {"beyond U+10FFFF", "\xF4\x90\x80\x80", 4, BAD BAD BAD BAD},
        {"a stray continuation", "\x80", 1, BAD},
        {"five bytes", "\xF8\x88\x80\x80\x80", 5, BAD BAD BAD BAD BAD},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char *text = text_new((const uint8_t *)row[i].bytes, row[i].n);
        assert_row(text && strcmp(text, row[i].text) == 0, row[i].why);
        free(text);
    }
}

static void units_are_taken_out_of_another_notation(void **state)
{
    static const struct {
        const char *stored;
        const char *units;
    } row[] = {
        {"uV", "uV"}, {"b'uV'", "uV"},  {"b\"mV\"", "mV"}, {"b''", ""},
        {"b'", "b'"}, {"b'uV", "b'uV"}, {"", ""},          {"bar", "bar"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char *text = text_new_units((const uint8_t *)row[i].stored, strlen(row[i].stored));
        assert_row(text && strcmp(text, row[i].units) == 0, row[i].stored);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_utf8_is_replaced),
        cmocka_unit_test(units_are_taken_out_of_another_notation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
