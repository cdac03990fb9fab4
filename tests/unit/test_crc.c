/* test_crc.c - the CRC: known values, and the fast loop against the definition. */
#include <mef3/red.h>

#include <stdlib.h>
#include <string.h>

#include "help/test.h"

/* The definition, a bit at a time. */
static uint32_t crc_by_bits(uint32_t crc, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xEB31D82Eu : crc >> 1;
    }
    return crc;
}

static void known_values_are_met(void **state)
{
    static const uint8_t zeros[1024];
    static const struct {
        const char *why;
        uint32_t start;
        const void *bytes;
        size_t n;
        uint32_t crc;
    } row[] = {
        {"nothing leaves the start value", MEF3_CRC_START, "", 0, 0xFFFFFFFF},
        {"the usual check text", MEF3_CRC_START, "123456789", 9, 0xD2C22F51},
        {"a header of zeros", MEF3_CRC_START, zeros, 1024, 0xF433C385},
        {"the table's entry for 1", 0, "\x01", 1, 0x9695C4CA},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        assert_row_int(mef3_crc32(row[i].start, row[i].bytes, row[i].n), row[i].crc, row[i].why);
}

static void every_byte_at_every_place_of_the_fast_loop_counts_as_defined(void **state)
{
    uint8_t bytes[8] = {0};

    (void)state;
    for (int at = 0; at < 8; at++) {
        for (int value = 0; value < 256; value++) {
            bytes[at] = (uint8_t)value;
            assert_int_equal(mef3_crc32(0, bytes, 8), crc_by_bits(0, bytes, 8));
        }
        bytes[at] = 0;
    }
}

static void lengths_and_addresses_of_any_kind_agree_with_the_definition(void **state)
{
    uint8_t bytes[400]; /* whole rounds of 64, and what is left of all lengths */

    (void)state;
    srand(7);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(rand() & 0xFF);
    for (size_t first = 0; first < 9; first++)
        for (size_t n = 0; n <= sizeof bytes - first; n++)
            assert_int_equal(mef3_crc32(MEF3_CRC_START, bytes + first, n),
                             crc_by_bits(MEF3_CRC_START, bytes + first, n));
}

static void a_crc_can_be_taken_in_pieces(void **state)
{
    const char *text = "a CRC is continued from the CRC of what came before";
    size_t n = strlen(text);
    uint32_t whole = mef3_crc32(MEF3_CRC_START, text, n);

    (void)state;
    for (size_t cut = 0; cut <= n; cut++)
        assert_int_equal(mef3_crc32(mef3_crc32(MEF3_CRC_START, text, cut), text + cut, n - cut),
                         whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values_are_met),
        cmocka_unit_test(every_byte_at_every_place_of_the_fast_loop_counts_as_defined),
        cmocka_unit_test(lengths_and_addresses_of_any_kind_agree_with_the_definition),
        cmocka_unit_test(a_crc_can_be_taken_in_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
