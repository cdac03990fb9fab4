/* test_verify_flips.c - a check of recordings: what is found where one bit is wrong, and how bad it
 * is. */
#include <mef3/mef3.h>

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "help/checked.h"
#include "help/test.h"
#include "layout.h"

/* What is made true again after the byte was changed. */
enum seal { NOTHING, FILE_TOO, BLOCK_TOO };

enum { BLOCK_1 = 4440, ENTRY_1 = UH_BYTES + INDEX_BYTES };
#define S2(field) (META_SECTION_2 + (field))

/* One bit of one_channel flipped: six blocks, the second of 1,000 samples. */
static const struct {
    const char *why;
    const char *file;
    int at;
    uint8_t flip;
    enum seal seal;
    enum mef3_finding_kind kind;
    const char *field;
    int64_t n_lost; /* samples */
} flips[] = {
    /* clang-format off */
    {"a name in a header", ".tmet", UH_CHANNEL_NAME + 8, 1, NOTHING, MEF3_FINDING_HEADER_CRC, "header CRC", 5120},
    {"the same of the index", ".tidx", UH_ANONYMIZED_NAME, 1, NOTHING, MEF3_FINDING_HEADER_CRC, "header CRC", 5120},
    {"the same of the data: blocks stand for themselves", ".tdat", UH_START_TIME, 1, NOTHING, MEF3_FINDING_HEADER_CRC, "header CRC", 0},
    {"a header's checksum", ".tmet", UH_HEADER_CRC, 1, NOTHING, MEF3_FINDING_HEADER_CRC, "header CRC", 5120},
    {"a header's other region", ".tmet", 970, 1, NOTHING, MEF3_FINDING_HEADER_CRC, "header CRC", 5120},
    {"a file's type", ".tmet", UH_TYPE, 1, FILE_TOO, MEF3_FINDING_NOT_MEF, "file type", 5120},
    {"a version", ".tidx", UH_VERSION_MAJOR, 1, FILE_TOO, MEF3_FINDING_NOT_MEF, "version", 5120},
    {"a byte order", ".tmet", UH_BYTE_ORDER, 1, FILE_TOO, MEF3_FINDING_NOT_MEF, "byte order", 5120},
    {"a start time in the metadata's header", ".tmet", UH_START_TIME + 2, 8, FILE_TOO, MEF3_FINDING_HEADER_TIMES, "start time", 0},
    {"an end time in the metadata's header", ".tmet", UH_END_TIME + 2, 8, FILE_TOO, MEF3_FINDING_HEADER_TIMES, "end time", 0},
    {"an end time in the index' header", ".tidx", UH_END_TIME + 2, 8, FILE_TOO, MEF3_FINDING_HEADER_TIMES, "end time", 0},
    {"a start time in the data's header", ".tdat", UH_START_TIME + 2, 8, FILE_TOO, MEF3_FINDING_HEADER_TIMES, "start time", 0},
    {"more metadata than one", ".tmet", UH_N_ENTRIES, 2, FILE_TOO, MEF3_FINDING_HEADER_LARGEST, "number of entries", 0},
    {"entries that are not there", ".tidx", UH_N_ENTRIES, 8, FILE_TOO, MEF3_FINDING_HEADER_COUNT, "number of entries", 0},
    {"entries that are not counted", ".tidx", UH_N_ENTRIES, 2, FILE_TOO, MEF3_FINDING_GROWING, "number of entries", 0},
    {"blocks that are not there", ".tdat", UH_N_ENTRIES, 8, FILE_TOO, MEF3_FINDING_HEADER_COUNT, "number of entries", 0},
    {"entries of another size", ".tidx", UH_MAX_ENTRY_BYTES, 1, FILE_TOO, MEF3_FINDING_HEADER_LARGEST, "largest entry", 0},
    {"blocks of another size", ".tdat", UH_MAX_ENTRY_BYTES, 1, FILE_TOO, MEF3_FINDING_HEADER_LARGEST, "largest entry", 0},
    {"another segment's number", ".tidx", UH_SEGMENT_NUMBER, 1, FILE_TOO, MEF3_FINDING_SEGMENT_NUMBER, "segment number", 0},
    {"another channel's name", ".tdat", UH_CHANNEL_NAME, 1, FILE_TOO, MEF3_FINDING_NAME, "channel name", 0},
    {"another session's name", ".tmet", UH_SESSION_NAME, 1, FILE_TOO, MEF3_FINDING_NAME, "session name", 0},
    {"another segment's UUID in the index", ".tidx", UH_LEVEL_UUID, 1, FILE_TOO, MEF3_FINDING_UUID, "level UUID", 0},
    {"another password", ".tdat", UH_LEVEL_1_FIELD, 1, FILE_TOO, MEF3_FINDING_PASSWORD_FIELDS, "password validation", 0},

    {"a byte of a text", ".tmet", S2(S2_CHANNEL_DESCRIPTION), 1, NOTHING, MEF3_FINDING_BODY_CRC, "body CRC", 5120},
    {"a byte that nobody reads", ".tmet", META_SECTION_1 + 700, 1, NOTHING, MEF3_FINDING_BODY_CRC, "body CRC", 5120},
    {"a byte of section 3", ".tmet", META_SECTION_3 + S3_SUBJECT_ID, 1, NOTHING, MEF3_FINDING_BODY_CRC, "body CRC", 5120},
    {"a level of encryption that does not exist", ".tmet", META_SECTION_2_LEVEL, 0xF8, FILE_TOO, MEF3_FINDING_UNREADABLE_SEGMENT, "section encryption level", 5120},
    {"no rate", ".tmet", S2(S2_RATE) + 7, 0x40, FILE_TOO, MEF3_FINDING_UNREADABLE_SEGMENT, "sampling frequency", 5120},
    {"a duration", ".tmet", S2(S2_DURATION), 8, FILE_TOO, MEF3_FINDING_DURATION, "recording duration", 0},
    {"a sample too many", ".tmet", S2(S2_N_SAMPLES), 1, FILE_TOO, MEF3_FINDING_SAMPLE_COUNT, "number of samples", 1},
    {"a block too many", ".tmet", S2(S2_N_BLOCKS), 1, FILE_TOO, MEF3_FINDING_BLOCK_COUNT, "number of blocks", 0},
    {"another start sample", ".tmet", S2(S2_START_SAMPLE), 1, FILE_TOO, MEF3_FINDING_START_SAMPLE, "start sample", 0},
    {"a bound of bytes that is too small", ".tmet", S2(S2_MAX_BLOCK_BYTES) + 1, 1, FILE_TOO, MEF3_FINDING_LARGEST_BLOCK, "maximum block bytes", 0},
    {"one that is too large", ".tmet", S2(S2_MAX_BLOCK_BYTES) + 2, 1, FILE_TOO, MEF3_FINDING_LOOSE_BOUND, "maximum block bytes", 0},
    {"a bound of samples that is too small", ".tmet", S2(S2_MAX_BLOCK_SAMPLES), 8, FILE_TOO, MEF3_FINDING_LARGEST_BLOCK, "maximum block samples", 0},
    {"a bound of differences that is too small", ".tmet", S2(S2_MAX_DIFFERENCE_BYTES), 4, FILE_TOO, MEF3_FINDING_LARGEST_BLOCK, "maximum difference bytes", 0},
    {"a greatest value", ".tmet", S2(S2_MAX_VALUE) + 6, 1, FILE_TOO, MEF3_FINDING_NATIVE_EXTREMES, "maximum native sample value", 0},
    {"a least value", ".tmet", S2(S2_MIN_VALUE) + 6, 1, FILE_TOO, MEF3_FINDING_NATIVE_EXTREMES, "minimum native sample value", 0},
    {"longest stretches", ".tmet", S2(S2_MAX_CONTIGUOUS_BLOCKS), 1, FILE_TOO, MEF3_FINDING_CONTIGUOUS, "maximum contiguous blocks", 0},

    {"an entry's reserved byte", ".tidx", ENTRY_1 + 50, 1, NOTHING, MEF3_FINDING_BODY_CRC, "body CRC", 0},
    {"an offset that is none", ".tidx", ENTRY_1 + INDEX_FILE_OFFSET + 7, 0x80, FILE_TOO, MEF3_FINDING_INDEX_ENTRY, "index entry's file offset", 1000},
    {"an offset into the block before", ".tidx", ENTRY_1 + INDEX_FILE_OFFSET, 8, FILE_TOO, MEF3_FINDING_INDEX_PLACE, "index entry's file offset", 1000},
    {"an offset beyond the data", ".tidx", ENTRY_1 + INDEX_FILE_OFFSET + 3, 1, FILE_TOO, MEF3_FINDING_BLOCK_MISSING, "end of the file", 1000},
    {"an entry's time", ".tidx", ENTRY_1 + INDEX_START_TIME, 8, FILE_TOO, MEF3_FINDING_INDEX_BLOCK, "index entry's start time", 1000},
    {"an entry's start sample", ".tidx", ENTRY_1 + INDEX_START_SAMPLE, 1, FILE_TOO, MEF3_FINDING_INDEX_START_SAMPLE, "index entry's start sample", 0},
    {"an entry's samples", ".tidx", ENTRY_1 + INDEX_N_SAMPLES, 1, FILE_TOO, MEF3_FINDING_INDEX_BLOCK, "index entry's number of samples", 1001},
    {"an entry's bytes", ".tidx", ENTRY_1 + INDEX_BLOCK_BYTES, 0x10, FILE_TOO, MEF3_FINDING_INDEX_BLOCK, "index entry's block bytes", 1000},
    {"an entry's maximum", ".tidx", ENTRY_1 + INDEX_MAX, 1, FILE_TOO, MEF3_FINDING_INDEX_EXTREMES, "index entry's extremes", 0},
    {"an entry's minimum", ".tidx", ENTRY_1 + INDEX_MIN, 1, FILE_TOO, MEF3_FINDING_INDEX_EXTREMES, "index entry's extremes", 0},
    {"an entry's flag", ".tidx", ENTRY_1 + INDEX_FLAGS, 1, FILE_TOO, MEF3_FINDING_INDEX_BLOCK, "index entry's discontinuity", 0},
    {"the first block's flag", ".tidx", UH_BYTES + INDEX_FLAGS, 1, FILE_TOO, MEF3_FINDING_INDEX_BLOCK, "index entry's discontinuity", 0},

    {"a block's checksum", ".tdat", BLOCK_1 + RED_CRC, 1, FILE_TOO, MEF3_FINDING_BLOCK_CRC, "block CRC", 1000},
    {"a block's flags", ".tdat", BLOCK_1 + RED_FLAGS, 1, FILE_TOO, MEF3_FINDING_BLOCK_CRC, "block CRC", 1000},
    {"a block's reserved byte", ".tdat", BLOCK_1 + 10, 1, FILE_TOO, MEF3_FINDING_BLOCK_CRC, "block CRC", 1000},
    {"a block's statistics", ".tdat", BLOCK_1 + RED_STATISTICS + 3, 1, FILE_TOO, MEF3_FINDING_BLOCK_CRC, "block CRC", 1000},
    {"a block's payload", ".tdat", BLOCK_1 + RED_PAYLOAD + 77, 1, FILE_TOO, MEF3_FINDING_BLOCK_CRC, "block CRC", 1000},
    {"a block's payload, and no other checksum", ".tdat", BLOCK_1 + RED_PAYLOAD + 77, 1, NOTHING, MEF3_FINDING_STALE_CRC, "body CRC", 1000},
    {"a block's difference bytes", ".tdat", BLOCK_1 + RED_DIFFERENCE_BYTES, 1, BLOCK_TOO, MEF3_FINDING_BLOCK_DATA, "difference bytes", 1000},
    {"too few of them", ".tdat", BLOCK_1 + RED_DIFFERENCE_BYTES + 1, 0x13, BLOCK_TOO, MEF3_FINDING_BLOCK_HEADER, "difference bytes", 1000},
    {"a block's own samples", ".tdat", BLOCK_1 + RED_N_SAMPLES, 1, BLOCK_TOO, MEF3_FINDING_BLOCK_DATA, NULL, 1000},
    {"a block's own time", ".tdat", BLOCK_1 + RED_START_TIME, 8, BLOCK_TOO, MEF3_FINDING_INDEX_BLOCK, "index entry's start time", 1000},
    {"a block's own flag", ".tdat", BLOCK_1 + RED_FLAGS, 1, BLOCK_TOO, MEF3_FINDING_INDEX_BLOCK, "index entry's discontinuity", 0},
    {"a scale that is no number", ".tdat", BLOCK_1 + RED_SCALE + 3, 0x40, BLOCK_TOO, MEF3_FINDING_BLOCK_HEADER, "scale factor", 1000},
    /* clang-format on */
};

static void seal(struct memory_session *m, const char *file, enum seal what)
{
    if (what == BLOCK_TOO)
        memory_seal_block(m, 1);
    if (what != NOTHING)
        memory_seal(m, file);
}

static void a_flipped_bit_is_found_and_named(void **state)
{
    static struct checked found, before;
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    checked_session(&m, "one_channel", NULL, NULL, &before);
    assert_int_equal(le_u64(memory_entry(&m, 1)), BLOCK_1);
    memory_free(&m);
    for (size_t i = 0; i < sizeof flips / sizeof *flips; i++) {
        memory_load(&m, "one_channel");
        memory_bytes(&m, flips[i].file)[flips[i].at] ^= flips[i].flip;
        seal(&m, flips[i].file, flips[i].seal);
        checked_session(&m, "one_channel", NULL, NULL, &found);
        const struct mef3_finding *first = &found.first[flips[i].kind];
        bool is_error = mef3_finding_severity(flips[i].kind) == MEF3_ERROR;
        assert_row(found.n_of_kind[flips[i].kind] > before.n_of_kind[flips[i].kind], flips[i].why);
        if (flips[i].field && before.n_of_kind[flips[i].kind] == 0 &&
            strcmp(first->error.field, flips[i].field) != 0)
            fail_msg("row \"%s\": the field is \"%s\"", flips[i].why, first->error.field);
        assert_row(strlen(first->error.file) > 0, flips[i].why);
        if (is_error)
            assert_row(found.totals.n_errors > 0, flips[i].why);
        assert_row_int(checked_errors(&found), found.totals.n_errors, flips[i].why);
        if (!is_error && flips[i].n_lost == 0)
            assert_row_int(found.totals.n_errors, 0, flips[i].why);
        assert_row_int(found.totals.n_samples - found.totals.n_readable, flips[i].n_lost,
                       flips[i].why);
        memory_free(&m);
    }
}

static void a_check_and_a_reader_agree_on_what_can_be_read(void **state)
{
    static struct checked found;
    struct memory_session m;

    (void)state;
    for (size_t i = 0; i < sizeof flips / sizeof *flips; i++) {
        memory_load(&m, "one_channel");
        memory_bytes(&m, flips[i].file)[flips[i].at] ^= flips[i].flip;
        seal(&m, flips[i].file, flips[i].seal);
        checked_session(&m, "one_channel", NULL, NULL, &found);
        assert_row_int(found.totals.n_readable, checked_readable(&m, "one_channel"), flips[i].why);
        memory_free(&m);
    }
}

static void records_are_held_against_their_index(void **state)
{
    enum { RECORD_1 = 1080, RENTRY_1 = UH_BYTES + RIDX_BYTES };
    static const struct {
        const char *why;
        const char *file;
        int at;
        uint8_t flip;
        bool seals;
        enum mef3_finding_kind kind;
        int n_lost;
    } row[] = {
        {"a record's text", "Cz.rdat", RECORD_1 + 28, 1, true, MEF3_FINDING_RECORD_CRC, 1},
        {"a record's time", "Cz.rdat", RECORD_1 + REC_TIME, 1, true, MEF3_FINDING_RECORD_CRC, 1},
        {"a record's checksum", "s.rdat", RECORD_1, 1, true, MEF3_FINDING_RECORD_CRC, 1},
        {"a record's length", "Cz.rdat", RECORD_1 + REC_BODY_BYTES + 2, 1, true,
         MEF3_FINDING_TRUNCATED, 1},
        {"an entry's type", "Cz.ridx", RENTRY_1, 1, true, MEF3_FINDING_RECORD_ENTRY, 0},
        {"an entry's version", "Cz.ridx", RENTRY_1 + 5, 2, true, MEF3_FINDING_RECORD_ENTRY, 0},
        {"an entry's level", "Cz.ridx", RENTRY_1 + 7, 0xFF, true, MEF3_FINDING_RECORD_ENTRY, 0},
        {"an entry's time", "Cz.ridx", RENTRY_1 + RIDX_TIME, 1, true, MEF3_FINDING_RECORD_ENTRY, 0},
        {"an entry's offset", "Cz.ridx", RENTRY_1 + RIDX_FILE_OFFSET, 8, true,
         MEF3_FINDING_RECORD_ENTRY, 1},
        {"an offset beyond", "Cz.ridx", RENTRY_1 + RIDX_FILE_OFFSET + 5, 8, true,
         MEF3_FINDING_RECORD_ENTRY, 1},
        {"an index' body", "s.ridx", RENTRY_1 + 4, 1, false, MEF3_FINDING_BODY_CRC, 0},
        {"an index' header", "s.ridx", UH_N_ENTRIES, 1, false, MEF3_FINDING_HEADER_CRC, 0},
        {"a count", "s.ridx", UH_N_ENTRIES, 4, true, MEF3_FINDING_HEADER_COUNT, 0},
        {"a largest record", "s.rdat", UH_MAX_ENTRY_BYTES, 1, true, MEF3_FINDING_HEADER_LARGEST, 0},
        {"a span", "s.rdat", UH_END_TIME, 1, true, MEF3_FINDING_HEADER_TIMES, 0},
        {"a UUID", "s.rdat", UH_LEVEL_UUID, 1, true, MEF3_FINDING_UUID, 0},
    };
    static struct checked found;
    struct memory_session m;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        memory_load(&m, "annotations");
        memory_bytes(&m, row[i].file)[row[i].at] ^= row[i].flip;
        if (row[i].seals)
            memory_seal(&m, row[i].file);
        checked_session(&m, "annotations", NULL, NULL, &found);
        assert_row(found.n_of_kind[row[i].kind] > 0, row[i].why);
        assert_row_int(found.totals.n_records, 6, row[i].why);
        assert_row_int(found.totals.n_readable_records, 6 - row[i].n_lost, row[i].why);
        assert_row_int(found.totals.n_readable, 5120, row[i].why);
        memory_free(&m);
    }
    memory_load(&m, "annotations");
    memory_remove(&m, "Cz.ridx");
    checked_session(&m, "annotations", NULL, NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_MISSING_FILE], 1);
    memory_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flipped_bit_is_found_and_named),
        cmocka_unit_test(a_check_and_a_reader_agree_on_what_can_be_read),
        cmocka_unit_test(records_are_held_against_their_index),
    };

    return cmocka_run_group_tests_name("verify_flips", tests, NULL, NULL);
}
