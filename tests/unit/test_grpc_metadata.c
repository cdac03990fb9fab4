/* test_grpc_metadata.c - header values, and text that goes in and out. */
#include "help/test.h"

#include <string.h>

#include "grpc/metadata.h"
#include "base/character.h"
#include "grpc/utf8.h"

static void a_timeout_is_read_as_grpc_writes_it(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        int64_t ms; /* -1: malformed */
    } row[] = {
        {"30S", 30000},      {"1H", 3600000},
        {"2M", 120000},      {"250m", 250},
        {"1500u", 2},        {"1n", 1},
        {"1000000n", 1},     {"0S", 0},
        {"0n", 0},           {"99999999H", INT64_C(99999999) * 3600000},
        {"00000001S", 1000}, {"", -1},
        {"S", -1},           {"30", -1},
        {"30s", -1},         {"-1S", -1},
        {"1.5S", -1},        {" 1S", -1},
        {"1SS", -1},         {"123456789S", -1},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        uint64_t ms = 77;
        bool read = metadata_timeout((const uint8_t *)row[i].value, strlen(row[i].value), &ms);
        assert_row_int(read ? (int64_t)ms : -1, row[i].ms, row[i].value);
        if (!read)
            assert_row_int(ms, 77, row[i].value);
    }
}

static void a_content_type_is_grpc_or_not(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool is;
    } row[] = {
        {"application/grpc", true},      {"application/grpc+proto", true},
        {"application/grpc;x=y", true},  {"application/grpcweb", false},
        {"application/grpc-web", false}, {"application/json", false},
        {"application/grp", false},      {"", false},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        assert_row_int(metadata_is_grpc((const uint8_t *)row[i].value, strlen(row[i].value)),
                       row[i].is, row[i].value);
}

static void a_password_is_text_or_base64(void **state)
{
    static const struct {
        const char *value;
        bool is_base64;
        const char *password; /* NULL: malformed */
    } row[] = {
        {"rosebud", false, "rosebud"},
        {"", false, ""},
        {"with spaces", false, "with spaces"},
        {"p\xC3\xA4ss", false, "p\xC3\xA4ss"},
        {"p\xC3", false, NULL},
        {"cm9zZWJ1ZA==", true, "rosebud"},
        {"cm9zZWJ1ZA", true, "rosebud"},
        {"cm9zZWJ1", true, "rosebu"},
        {"cm9zZWI=", true, "roseb"},
        {"cMOkc3M", true, "p\xC3\xA4ss"},
        {"", true, ""},
        {"c", true, NULL},
        {"cm9z,WJ1", true, NULL},
        {"cm9zZWJ1=", true, NULL},
        {"====", true, NULL},
        {"AAAA", true, NULL},
        {"w3", true, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        char password[PASSWORD_ROOM] = "as it was";
        assert_row_int(password_of_field((const uint8_t *)row[i].value, strlen(row[i].value),
                                         row[i].is_base64, password),
                       row[i].password != NULL, row[i].value);
        assert_string_equal(password, row[i].password ? row[i].password : "as it was");
    }
}

static void a_password_is_as_long_as_its_room_and_no_longer(void **state)
{
    uint8_t value[2 * PASSWORD_ROOM];
    char password[PASSWORD_ROOM];

    (void)state;
    memset(value, 'A', sizeof value); /* in base64 three zero bytes each four */
    assert_true(password_of_field(value, PASSWORD_ROOM - 1, false, password));
    assert_int_equal(strlen(password), PASSWORD_ROOM - 1);
    assert_false(password_of_field(value, PASSWORD_ROOM, false, password));
    memset(value, 'x', sizeof value); /* not UTF-8, but the length is looked at first */
    assert_false(password_of_field(value, sizeof value, true, password));
}

static void a_message_is_percent_encoded_and_cut_between_characters(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t room;
        const char *encoded;
    } row[] = {
        {"plain text", 100, "plain text"},
        {"100%", 100, "100%25"},
        {"a\nb", 100, "a%0Ab"},
        {"\xC3\xA9", 100, "%C3%A9"},
        {"", 100, ""},
        {"abcdef", 3, "abc"},
        {"ab%", 4, "ab"},
        {"a\xC3\xA9", 6, "a"},
        {"a\xC3\xA9", 7, "a%C3%A9"},
        {"\xF0\x9F\xA7\xA0!", 11, ""},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        char out[101];
        size_t n = metadata_message(row[i].text, out, row[i].room);
        out[n] = '\0';
        assert_string_equal(out, row[i].encoded);
    }
}

static void a_value_of_ours_is_printable(void **state)
{
    (void)state;
    char out[8];
    assert_int_equal(metadata_printable("a\tb\xC3 ", out, sizeof out), 4);
    assert_memory_equal(out, "a?b?", 4);
    assert_int_equal(metadata_printable("much too long", out, sizeof out), 8);
    assert_int_equal(metadata_printable("seven c and more", out, 6), 5);
}

static void utf8_is_told_from_other_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *bytes;
        bool valid;
        const char *clean;
    } row[] = {
        {"ASCII", "Cz", true, "Cz"},
        {"two bytes", "\xC3\xA9", true, "\xC3\xA9"},
        {"three bytes", "\xE2\x82\xAC", true, "\xE2\x82\xAC"},
        {"four bytes", "\xF0\x9F\xA7\xA0", true, "\xF0\x9F\xA7\xA0"},
        {"the last number", "\xF4\x8F\xBF\xBF", true, "\xF4\x8F\xBF\xBF"},
        {"past the last number", "\xF4\x90\x80\x80", false, NULL},
        {"an overlong slash", "\xC0\xAF", false, "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"overlong in three", "\xE0\x80\xAF", false, NULL},
        {"overlong in four", "\xF0\x80\x80\xAF", false, NULL},
        {"a surrogate", "\xED\xA0\x80", false, NULL},
        {"a stray continuation", "a\x80z", false, "a\xEF\xBF\xBDz"},
        {"cut short", "a\xE2\x82", false, "a\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"Latin-1", "caf\xE9", false, "caf\xEF\xBF\xBD"},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct utf8_copies copies = {0};
        const uint8_t *bytes = (const uint8_t *)row[i].bytes;
        assert_row_int(characters_are_valid(bytes, strlen(row[i].bytes)), row[i].valid, row[i].why);
        const char *clean = utf8_clean(&copies, row[i].bytes);
        assert_row_int(clean == row[i].bytes, row[i].valid, row[i].why);
        assert_row(characters_are_valid(clean, strlen(clean)), row[i].why);
        if (row[i].clean)
            assert_string_equal(clean, row[i].clean);
        utf8_copies_fini(&copies);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_timeout_is_read_as_grpc_writes_it),
        cmocka_unit_test(a_content_type_is_grpc_or_not),
        cmocka_unit_test(a_password_is_text_or_base64),
        cmocka_unit_test(a_password_is_as_long_as_its_room_and_no_longer),
        cmocka_unit_test(a_message_is_percent_encoded_and_cut_between_characters),
        cmocka_unit_test(a_value_of_ours_is_printable),
        cmocka_unit_test(utf8_is_told_from_other_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
