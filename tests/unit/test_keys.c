/* test_keys.c - passwords and keys: what gives which access, what is refused. */
#include <mef3/red.h>

#include <string.h>

#include "crypt.h"
#include "help/test.h"

#define SIXTEEN "sixteen letters!"

static void what_a_password_gives(void **state)
{
    static const struct {
        const char *why;
        const char *level1, *level2; /* of the session */
        const char *given;
        int status;
        int level;
    } row[] = {
        {"none for an open session", NULL, NULL, NULL, MEF3_OK, 0},
        {"some for an open session", NULL, NULL, "whatever", MEF3_OK, 0},
        {"none for a locked session", "one", "two", NULL, MEF3_OK, 0},
        {"the empty one is none", "one", "two", "", MEF3_OK, 0},
        {"level 1", "one", "two", "one", MEF3_OK, 1},
        {"level 2", "one", "two", "two", MEF3_OK, 2},
        {"level 1 where there is no level 2", "one", NULL, "one", MEF3_OK, 1},
        {"both levels alike: no more than level 1", "same", "same", "same", MEF3_OK, 1},
        {"a wrong one", "one", "two", "three", MEF3_EPASSWORD, 0},
        {"the beginning of the right one", "one", "two", "on", MEF3_EPASSWORD, 0},
        {"more than the right one", "one", "two", "one ", MEF3_EPASSWORD, 0},
        {"sixteen characters", SIXTEEN, "two", SIXTEEN, MEF3_OK, 1},
        {"seventeen", SIXTEEN, "two", SIXTEEN "x", MEF3_EPASSWORD, 0},
        {"sixteen characters of two bytes", "éééééééééééééééé", NULL, "éééééééééééééééé", MEF3_OK,
         1},
        {"low bytes alone count: U+0141 is U+0041", "A", NULL, "\xC5\x81", MEF3_OK, 1},
        {"beyond the basic plane", "two", "\xF0\x9F\xA7\xA0", "\xF0\x9F\xA7\xA0", MEF3_OK, 2},
        {"not UTF-8: a lone continuation", "one", "two", "\x80", MEF3_EPASSWORD, 0},
        {"not UTF-8: cut short", "one", "two", "\xE2\x82", MEF3_EPASSWORD, 0},
        {"not UTF-8: overlong", "/", "two", "\xC0\xAF", MEF3_EPASSWORD, 0},
        {"not UTF-8: a surrogate", "one", "two", "\xED\xA0\x80", MEF3_EPASSWORD, 0},
        {"not UTF-8: beyond U+10FFFF", "one", "two", "\xF4\x90\x80\x80", MEF3_EPASSWORD, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        uint8_t field1[16], field2[16];
        struct mef3_keys made, found = {.level = 77};

        assert_row_int(mef3_keys_make(row[i].level1, row[i].level2, field1, field2, &made), MEF3_OK,
                       row[i].why);
        int status = mef3_keys_from_password(row[i].given, field1, field2, &found);
        assert_row_int(status, row[i].status, row[i].why);
        assert_row_int(found.level, status == MEF3_OK ? row[i].level : 77, row[i].why);
        if (row[i].level >= 1)
            assert_row(memcmp(found.key[0], made.key[0], 16) == 0, row[i].why);
        if (row[i].level >= 2)
            assert_row(memcmp(found.key[1], made.key[1], 16) == 0, row[i].why);
    }
}

static void what_a_writer_may_not_use(void **state)
{
    static const struct {
        const char *why;
        const char *level1, *level2;
    } row[] = {
        {"level 2 without level 1", NULL, "two"}, {"an empty level 1", "", NULL},
        {"an empty level 2", "one", ""},          {"a long level 1", SIXTEEN "x", NULL},
        {"a long level 2", "one", SIXTEEN "x"},   {"not UTF-8", "\xFF", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        uint8_t field1[16] = "untouched", field2[16] = "untouched";
        struct mef3_keys keys = {.level = 77};

        assert_row_int(mef3_keys_make(row[i].level1, row[i].level2, field1, field2, &keys),
                       MEF3_EINVAL, row[i].why);
        assert_row(keys.level == 77 && field1[0] == 'u' && field2[0] == 'u', row[i].why);
    }
}

static void keys_are_wiped(void **state)
{
    static const struct mef3_keys zero;
    uint8_t field1[16], field2[16];
    struct mef3_keys keys;

    (void)state;
    assert_int_equal(mef3_keys_make("one", "two", field1, field2, &keys), MEF3_OK);
    mef3_keys_wipe(&keys);
    assert_memory_equal(&keys, &zero, sizeof keys);
}

/* FIPS 197, appendix C.1. */
static void the_cipher_is_aes_128(void **state)
{
    uint8_t key[16], bytes[32];
    static const uint8_t sealed[16] = {0x69, 0xC4, 0xE0, 0xD8, 0x6A, 0x7B, 0x04, 0x30,
                                       0xD8, 0xCD, 0xB7, 0x80, 0x70, 0xB4, 0xC5, 0x5A};

    (void)state;
    for (int i = 0; i < 16; i++) {
        key[i] = (uint8_t)i;
        bytes[i] = bytes[16 + i] = (uint8_t)(i * 0x11);
    }
    assert_int_equal(crypt_encrypt(key, bytes, 32), MEF3_OK);
    assert_memory_equal(bytes, sealed, 16);
    assert_memory_equal(bytes + 16, sealed, 16);
    assert_int_equal(crypt_decrypt(key, bytes, 32), MEF3_OK);
    for (int i = 0; i < 32; i++)
        assert_int_equal(bytes[i], i % 16 * 0x11);
    assert_int_equal(crypt_decrypt(key, bytes, 31), MEF3_EINVAL);
    assert_int_equal(crypt_decrypt(key, bytes, 0), MEF3_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_password_gives),
        cmocka_unit_test(what_a_writer_may_not_use),
        cmocka_unit_test(keys_are_wiped),
        cmocka_unit_test(the_cipher_is_aes_128),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
