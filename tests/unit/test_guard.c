/* test_guard.c - readers of bytes, given bytes that end where the memory ends.
 *
 * One byte read too far kills the test, also where no sanitizer looks. Blocks, samples and
 * conversions, in all ways: tests/compare and test_red.c. */
#include <mef3/mef3.h>

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "crc.h"
#include "fuzz/read_all.h"
#include "help/guard.h"
#include "help/memory_session.h"
#include "help/test.h"
#include "layout.h"
#include "metadata.h"
#include "text.h"
#include "universal_header.h"

static void a_universal_header(void **state)
{
    struct universal_header header;
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    const char *const types[] = {"tmet", "tidx", "tdat"};
    for (size_t i = 0; i < 3; i++) {
        uint8_t *bytes = guard_copy(memory_bytes(&m, types[i]), UH_BYTES);
        assert_row_int(universal_header_parse(bytes, types[i], "x", &header, NULL), MEF3_OK,
                       types[i]);
        bytes[100] ^= 1;
        assert_row_int(universal_header_parse(bytes, types[i], "x", &header, NULL), MEF3_ECRC,
                       types[i]);
        guard_free(bytes, UH_BYTES);
    }
    memory_free(&m);
}

/* The sections by themselves too: a text of the last field may not have an end. */
static void metadata(void **state)
{
    static const struct {
        const char *name, *password;
    } row[] = {{"one_channel", NULL}, {"encrypted", "readall"}, {"encrypted", "readsignal"}};
    struct universal_header header;
    struct mef3_keys keys;
    struct metadata opened;
    struct section2 section2;
    struct memory_session m;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        memory_load(&m, row[i].name);
        uint8_t *bytes = guard_copy(memory_bytes(&m, ".tmet"), META_BYTES);
        assert_int_equal(universal_header_parse(bytes, "tmet", "x", &header, NULL), MEF3_OK);
        assert_int_equal(mef3_keys_from_password(row[i].password, header.level_1_field,
                                                 header.level_2_field, &keys),
                         MEF3_OK);
        assert_int_equal(metadata_open(bytes, &header, &keys, "x", &opened, NULL), MEF3_OK);
        uint8_t *section = guard_copy(opened.section2, META_SECTION_2_BYTES);
        assert_int_equal(section2_parse(section, "x", &section2, NULL), MEF3_OK);
        guard_free(section, META_SECTION_2_BYTES);
        guard_free(bytes, META_BYTES);
        memory_free(&m);
    }
}

static void texts_that_do_not_end(void **state)
{
    static const char *const texts[] = {"plain", "\xC5\xBE", "a\xC5",    "\xE2\x82", "\xF0\x9F\x98",
                                        "b'uV'", "b'",       "\xFF\xFE", "b\"",      ""};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t n = strlen(texts[i]);
        uint8_t *field = guard_copy(texts[i], n);
        char *text = text_new(field, n), *units = text_new_units(field, n);
        assert_row(text && units && strlen(text) >= n, texts[i]);
        free(text);
        free(units);
        guard_free(field, n);
        /* With its end, as a text that is mended where it stands. */
        char *whole = guard_copy(texts[i], n + 1);
        text_mend(whole);
        assert_row_int(strlen(whole), n, texts[i]);
        guard_free(whole, n + 1);
    }
}

static void checksums_of_any_length(void **state)
{
    enum { MOST = 700 };
    uint8_t from[MOST];

    (void)state;
    for (size_t i = 0; i < MOST; i++)
        from[i] = (uint8_t)(i * 7);
    for (size_t n = 0; n <= MOST; n++) {
        uint8_t *bytes = guard_copy(from, n);
        uint32_t crc = crc_plain(MEF3_CRC_START, bytes, n);
        assert_int_equal(crc_tables(MEF3_CRC_START, bytes, n), crc);
        assert_int_equal(mef3_crc32(MEF3_CRC_START, bytes, n), crc); /* the best way */
        guard_free(bytes, n);
    }
}

static void a_block_of_which_too_little_is_there(void **state)
{
    struct mef3_red_header header;
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    const uint8_t *block = memory_block(&m, 0);
    size_t n_block = le_u32(block + RED_BLOCK_BYTES);
    for (size_t n = 0; n <= n_block; n += n < RED_PAYLOAD + 8 ? 1 : 97) {
        uint8_t *bytes = guard_copy(block, n);
        if (n < n_block)
            assert_int_equal(mef3_red_parse(bytes, n, &header, NULL), MEF3_ETRUNCATED);
        else
            assert_int_equal(mef3_red_parse(bytes, n, &header, NULL), MEF3_OK);
        guard_free(bytes, n);
    }
    memory_free(&m);
}

static void passwords_and_the_fields_that_validate_them(void **state)
{
    static const char *const passwords[] = {
        "", "a", "readall", "sixteen letters!", "\xC5", "\xE2\x82", "seventeen letters"};
    struct mef3_keys keys;

    (void)state;
    uint8_t *level_1 = guard_copy("0123456789abcdef", 16), *level_2 = guard_copy(level_1, 16);
    for (size_t i = 0; i < sizeof passwords / sizeof *passwords; i++) {
        size_t n = strlen(passwords[i]) + 1;
        char *password = guard_copy(passwords[i], n);
        assert_row_int(mef3_keys_from_password(password, level_1, level_2, &keys),
                       n == 1 ? MEF3_OK : MEF3_EPASSWORD, passwords[i]);
        guard_free(password, n);
    }
    guard_free(level_1, 16);
    guard_free(level_2, 16);
}

static void an_error_as_text_of_any_length(void **state)
{
    struct mef3_error error;

    (void)state;
    mef3_error_set(&error, MEF3_ECRC, "\xC5\xBE.tdat", 1024, "block CRC", "\xC5\xBE", "0x2");
    for (size_t n = 1; n < 120; n++) {
        char *text = guard_new(n);
        assert_true(strlen(mef3_error_text(&error, text, n)) < n);
        guard_free(text, n);
    }
}

/* Files that end where the memory ends, whole and cut. */
static void whole_recordings(void **state)
{
    static const char *const names[] = {"one_channel", "segments", "gaps", "odd_blocks"};
    static const size_t cuts[] = {0, 1, 7, 50, 303, 1000, 2000};
    struct mef3_memory_file files[MEMORY_FILES];
    struct memory_session m;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        memory_load(&m, names[i]);
        for (size_t k = 0; k < sizeof cuts / sizeof *cuts; k++) {
            for (size_t f = 0; f < m.n; f++) {
                size_t n = f % 3 == k % 3 && cuts[k] < m.files[f].n ? m.files[f].n - cuts[k]
                                                                    : m.files[f].n;
                files[f] =
                    (struct mef3_memory_file){m.files[f].path, guard_copy(m.files[f].bytes, n), n};
            }
            read_all(files, m.n, NULL);
            for (size_t f = 0; f < m.n; f++)
                guard_free((void *)(uintptr_t)files[f].bytes, files[f].n);
        }
        memory_free(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_universal_header),
        cmocka_unit_test(metadata),
        cmocka_unit_test(texts_that_do_not_end),
        cmocka_unit_test(checksums_of_any_length),
        cmocka_unit_test(a_block_of_which_too_little_is_there),
        cmocka_unit_test(passwords_and_the_fields_that_validate_them),
        cmocka_unit_test(an_error_as_text_of_any_length),
        cmocka_unit_test(whole_recordings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
