/* test_status.c - status codes, and errors as text. */
#include <mef3/status.h>

#include <string.h>

#include "help/test.h"

static void every_status_has_its_own_name_and_text(void **state)
{
    (void)state;
    assert_string_equal(mef3_status_name(MEF3_OK), "OK");
    assert_string_equal(mef3_status_name(MEF3_ECRC), "ECRC");
    assert_string_equal(mef3_status_text(MEF3_ENOMEM), "out of memory");
    assert_string_equal(mef3_status_name(1), "E?");
    assert_string_equal(mef3_status_text(-1000), "unknown status");
    for (int a = MEF3_ECHANGED; a <= MEF3_OK; a++)
        for (int b = MEF3_ECHANGED; b < a; b++)
            assert_string_not_equal(mef3_status_text(a), mef3_status_text(b));
}

static void an_error_reads_as_one_line(void **state)
{
    struct mef3_error error;
    char text[256];

    (void)state;
    assert_int_equal(mef3_error_set(&error, MEF3_ECRC, "Cz.tdat", 1024, "block CRC", "0x1", "0x2"),
                     MEF3_ECRC);
    assert_string_equal(mef3_error_text(&error, text, sizeof text),
                        "Cz.tdat: at byte 1024: block CRC: expected 0x1, found 0x2 (the checksum "
                        "does not match)");
    mef3_error_set(&error, MEF3_ENOENT, "Cz.tdat", -1, NULL, NULL, NULL);
    assert_string_equal(mef3_error_text(&error, text, sizeof text), "Cz.tdat: does not exist");
    assert_int_equal(mef3_error_set(NULL, MEF3_EIO, "x", 0, NULL, NULL, NULL), MEF3_EIO);
}

static void what_is_too_long_is_cut(void **state)
{
    struct mef3_error error;
    char path[1000];
    char text[20];

    (void)state;
    memset(path, 'a', sizeof path);
    memcpy(path + sizeof path - 6, ".tdat", 6);
    mef3_error_set(&error, MEF3_EIO, path, 7, path, path, path);
    assert_int_equal(strlen(error.file), sizeof error.file - 1);
    assert_memory_equal(error.file, "...a", 4);
    assert_string_equal(error.file + sizeof error.file - 6, ".tdat");
    assert_int_equal(strlen(error.field), sizeof error.field - 1);
    assert_int_equal(strlen(mef3_error_text(&error, text, sizeof text)), sizeof text - 1);
    assert_string_equal(mef3_error_text(&error, text, 1), "");
}

static void what_is_not_utf8_is_shown_as_such(void **state)
{
    struct mef3_error error;
    char path[400];
    char text[8];

    (void)state;
    mef3_error_set(&error, MEF3_ENOENT, "\xC5\xBE\xFF\xC0\x80.timd", -1, "\xE2\x82", "\xC5\xBE",
                   "");
    assert_string_equal(error.file, "\xC5\xBE???.timd");
    assert_string_equal(error.field, "??");
    assert_string_equal(error.expected, "\xC5\xBE");
    /* Cut within a character, on the left and on the right. */
    for (size_t i = 0; i < sizeof path - 2; i += 2)
        memcpy(path + i, "\xC5\xBE", 3);
    mef3_error_set(&error, MEF3_ENOENT, path, -1, path, NULL, NULL);
    assert_string_equal(error.field + sizeof error.field - 4, "\xC5\xBE?");
    assert_memory_equal(error.file, "...\xC5\xBE", 5);
    mef3_error_set(&error, MEF3_ENOENT, path + 1, -1, NULL, NULL, NULL);
    assert_memory_equal(error.file, "...\xC5\xBE", 5);
    mef3_error_set(&error, MEF3_ENOENT, "aa\xC5\xBE", -1, NULL, NULL, NULL);
    assert_string_equal(mef3_error_text(&error, text, 4), "aa?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_its_own_name_and_text),
        cmocka_unit_test(an_error_reads_as_one_line),
        cmocka_unit_test(what_is_too_long_is_cut),
        cmocka_unit_test(what_is_not_utf8_is_shown_as_such),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
