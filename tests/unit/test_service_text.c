/* test_service_text.c - texts for clients, in Python's notation; never without end. */
#include "service/text.h"

#include <stdlib.h>
#include <string.h>

#include "help/test.h"

/* Expected: what Python's repr() of the value is. */
static void strings_are_quoted_as_python_does(void **state)
{
    static const struct {
        const char *value, *repr;
    } row[] = {
        {"", "''"},
        {"Cz", "'Cz'"},
        {"ECG I", "'ECG I'"},
        {"it's", "\"it's\""},
        {"say \"a\"", "'say \"a\"'"},
        {"it's \"a\"", "'it\\'s \"a\"'"},
        {"back\\slash", "'back\\\\slash'"},
        {"it's a\\b", "\"it's a\\\\b\""},
        {"a\nb\rc\td", "'a\\nb\\rc\\td'"},
        {"\xC3\xA9\xF0\x9F\xA7\xA0", "'\xC3\xA9\xF0\x9F\xA7\xA0'"},
        {"100%s", "'100%s'"},
        {"\x01 \x1b[0m \x7f", "'\\x01 \\x1b[0m \\x7f'"},
        {"'", "\"'\""},
        {"\"", "'\"'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct text text = {0};
        text_add_quoted(&text, row[i].value);
        assert_string_equal(text_get(&text), row[i].repr);
        text_fini(&text);
    }
}

static void lists_are_written_as_python_does(void **state)
{
    static const char *const NAMES[] = {"zz", "it's", ""};
    static const char *const EXPECTED[] = {"[]", "['zz']", "['zz', \"it's\"]",
                                           "['zz', \"it's\", '']"};

    (void)state;
    for (size_t n = 0; n <= 3; n++) {
        struct text text = {0};
        text_add_list(&text, NAMES, n);
        assert_string_equal(text_get(&text), EXPECTED[n]);
        text_fini(&text);
    }
}

static void numbers_are_written_as_python_does(void **state)
{
    static const struct {
        double value;
        const char *repr;
    } row[] = {
        {256, "256.0"},
        {1, "1.0"},
        {0.1, "0.1"},
        {249.7, "249.7"},
        {5000, "5000.0"},
        {100, "100.0"},
        {32768, "32768.0"},
        {1e7, "10000000.0"},
        {123456.5, "123456.5"},
        {1.0 / 3, "0.3333333333333333"},
        {512.0000000000001, "512.0000000000001"},
        {0.0001, "0.0001"},
        {1e-6, "1e-06"},
        {1.5e-5, "1.5e-05"},
        {1234567.25, "1234567.25"},
        {9999999.999999998, "9999999.999999998"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct text text = {0};
        text_add_number(&text, row[i].value);
        assert_string_equal(text_get(&text), row[i].repr);
        text_fini(&text);
    }
}

static void a_text_grows_to_its_limit_and_says_that_it_was_cut(void **state)
{
    struct text text = {0};

    (void)state;
    assert_string_equal(text_get(&text), "");
    for (int i = 0; i < 3000; i++)
        text_add(&text, "%09d,", i);
    assert_true(text.n < TEXT_MAX && text.n > TEXT_MAX - 20);
    assert_int_equal(strlen(text_get(&text)), text.n);
    assert_string_equal(text_get(&text) + text.n - 3, "...");
    assert_memory_equal(text_get(&text), "000000000,000000001,", 20);
    text_add(&text, "more");
    assert_string_equal(text_get(&text) + text.n - 3, "...");
    text_fini(&text);
    assert_string_equal(text_get(&text), "");
}

static void a_text_of_the_limits_length_is_whole(void **state)
{
    static char fill[TEXT_MAX + 2];

    (void)state;
    for (size_t n = TEXT_MAX - 1; n <= TEXT_MAX + 1; n++) {
        struct text text = {0};
        memset(fill, 'x', n);
        fill[n] = '\0';
        text_add(&text, "%s", fill);
        assert_int_equal(text.full, n > TEXT_MAX);
        assert_true(strlen(text_get(&text)) == (n > TEXT_MAX ? TEXT_MAX - 1 : n));
        text_fini(&text);
    }
}

/* Whatever a client sent is cut between characters: a reply must be UTF-8. */
static void a_cut_is_not_within_a_character(void **state)
{
    static const char *const CHARACTER[] = {"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\xA7\xA0"};

    (void)state;
    for (size_t c = 0; c < 3; c++) {
        for (size_t shift = 0; shift < 4; shift++) {
            struct text text = {0};
            size_t n = strlen(CHARACTER[c]);
            text_add(&text, "%.*s", (int)shift, "xxx");
            while (!text.full)
                text_add(&text, "%s", CHARACTER[c]);
            const char *end = text_get(&text) + text.n - 3;
            assert_string_equal(end, "...");
            assert_int_equal((text.n - 3 - shift) % n, 0);
            text_fini(&text);
        }
    }
}

static void a_list_without_end_is_cut_too(void **state)
{
    enum { N = 100000 };
    const char **names = malloc(N * sizeof *names);
    struct text text = {0};
    char *huge = malloc(4 << 20);

    (void)state;
    memset(huge, '\'', (4 << 20) - 1);
    huge[(4 << 20) - 1] = '\0';
    for (int i = 0; i < N; i++)
        names[i] = i == 5 ? huge : "name";
    text_add_list(&text, names, N);
    assert_true(text.n < TEXT_MAX && text.full);
    text_fini(&text);
    free(huge);
    free(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_quoted_as_python_does),
        cmocka_unit_test(lists_are_written_as_python_does),
        cmocka_unit_test(numbers_are_written_as_python_does),
        cmocka_unit_test(a_text_grows_to_its_limit_and_says_that_it_was_cut),
        cmocka_unit_test(a_text_of_the_limits_length_is_whole),
        cmocka_unit_test(a_cut_is_not_within_a_character),
        cmocka_unit_test(a_list_without_end_is_cut_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
