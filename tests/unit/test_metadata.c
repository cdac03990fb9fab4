/* test_metadata.c - a .tmet with one thing wrong: what is said, and that it is said exactly. */
#include <mef3/session.h>

#include <math.h>
#include <string.h>

#include "bytes.h"
#include "help/memory_session.h"
#include "help/test.h"
#include "layout.h"

enum how { BYTE, I64, F64, U32, CUT, GROW, GROW_UNSEALED };

static const struct {
    const char *why;
    enum how how;
    size_t at;
    int64_t whole; /* of BYTE, I64, U32; new length of CUT and GROW */
    double number; /* of F64 */
    bool sealed;   /* the CRCs are made true again */
    int status;
    const char *field;
} rows[] = {
    {"nothing", BYTE, UH_TYPE, 't', 0, true, MEF3_OK, ""},
    {"a flipped byte in the header", BYTE, 900, 1, 0, false, MEF3_ECRC, "header CRC"},
    {"a flipped byte in the body", BYTE, 5000, 1, 0, false, MEF3_ECRC, "body CRC"},
    {"big-endian", BYTE, UH_BYTE_ORDER, 0, 0, true, MEF3_EUNSUPPORTED, "byte order"},
    {"no byte order", BYTE, UH_BYTE_ORDER, 7, 0, true, MEF3_EFORMAT, "byte order"},
    {"another type", BYTE, UH_TYPE, 'v', 0, true, MEF3_EFORMAT, "file type"},
    {"a longer type", BYTE, UH_TYPE + 4, 'x', 0, true, MEF3_EFORMAT, "file type"},
    {"version 4", BYTE, UH_VERSION_MAJOR, 4, 0, true, MEF3_EUNSUPPORTED, "version"},
    {"version 3.1", BYTE, UH_VERSION_MINOR, 1, 0, true, MEF3_EUNSUPPORTED, "version"},
    {"empty", CUT, 0, 0, 0, false, MEF3_ETRUNCATED, ""},
    {"cut in the header", CUT, 0, 1023, 0, false, MEF3_ETRUNCATED, ""},
    {"cut at the header", CUT, 0, 1024, 0, false, MEF3_ETRUNCATED, ""},
    {"cut in the body", CUT, 0, META_BYTES - 1, 0, false, MEF3_ETRUNCATED, ""},
    {"longer, its CRC of the right length", GROW_UNSEALED, 0, META_BYTES + 9, 0, false, MEF3_OK,
     ""},
    {"longer, its CRC of the wrong length", GROW, 0, META_BYTES + 9, 0, true, MEF3_ECRC,
     "body CRC"},
    {"section 2 at level 3", BYTE, META_SECTION_2_LEVEL, 3, 0, true, MEF3_EUNSUPPORTED,
     "section encryption level"},
    {"section 3 at level 127", BYTE, META_SECTION_3_LEVEL, 127, 0, true, MEF3_EUNSUPPORTED,
     "section encryption level"},
    {"section 2 encrypted, no password", BYTE, META_SECTION_2_LEVEL, 1, 0, true, MEF3_EPASSWORD,
     "section 2"},
    {"section 2 negative and far", BYTE, META_SECTION_2_LEVEL, -128, 0, true, MEF3_OK, ""},
    {"no rate", F64, META_SECTION_2 + S2_RATE, 0, -1, true, MEF3_EFORMAT, "sampling frequency"},
    {"rate 0", F64, META_SECTION_2 + S2_RATE, 0, 0, true, MEF3_EFORMAT, "sampling frequency"},
    {"a rate that is no number", F64, META_SECTION_2 + S2_RATE, 0, (double)NAN, true, MEF3_EFORMAT,
     "sampling frequency"},
    {"an infinite rate", F64, META_SECTION_2 + S2_RATE, 0, (double)INFINITY, true, MEF3_EFORMAT,
     "sampling frequency"},
    {"too fast", F64, META_SECTION_2 + S2_RATE, 0, 1e8, true, MEF3_EFORMAT, "sampling frequency"},
    {"factor 0 counts as 1", F64, META_SECTION_2 + S2_UNITS_FACTOR, 0, 0, true, MEF3_OK, ""},
    {"a negative factor", F64, META_SECTION_2 + S2_UNITS_FACTOR, 0, -0.5, true, MEF3_OK, ""},
    {"a factor that is no number", F64, META_SECTION_2 + S2_UNITS_FACTOR, 0, (double)NAN, true,
     MEF3_EFORMAT, "units conversion factor"},
    {"samples not known", I64, META_SECTION_2 + S2_N_SAMPLES, -1, 0, true, MEF3_OK, ""},
    {"negative samples", I64, META_SECTION_2 + S2_N_SAMPLES, -2, 0, true, MEF3_EFORMAT,
     "number of samples"},
    {"too many samples", I64, META_SECTION_2 + S2_N_SAMPLES, INT64_MAX, 0, true, MEF3_EFORMAT,
     "number of samples"},
    {"negative blocks", I64, META_SECTION_2 + S2_N_BLOCKS, INT64_MIN, 0, true, MEF3_EFORMAT,
     "number of blocks"},
    {"no start", I64, UH_START_TIME, INT64_MIN, 0, true, MEF3_EFORMAT, "start time"},
    {"a start beyond all time", I64, UH_START_TIME, INT64_MAX, 0, true, MEF3_EFORMAT, "start time"},
    {"an end before the start", I64, UH_END_TIME, 5, 0, true, MEF3_EFORMAT, "end time"},
    {"a time offset that makes no time", I64, META_SECTION_3 + S3_TIME_OFFSET, INT64_MAX, 0, true,
     MEF3_EFORMAT, "start time"},
    {"no time offset", I64, META_SECTION_3 + S3_TIME_OFFSET, INT64_MIN, 0, true, MEF3_OK, ""},
};

static void change(struct memory_session *m, size_t i)
{
    uint8_t *bytes = memory_bytes(m, ".tmet") + rows[i].at;

    switch (rows[i].how) {
    case BYTE:
        *bytes = (uint8_t)rows[i].whole;
        break;
    case I64:
        le_put_i64(bytes, rows[i].whole);
        break;
    case F64:
        le_put_f64(bytes, rows[i].number);
        break;
    case U32:
        le_put_u32(bytes, (uint32_t)rows[i].whole);
        break;
    case CUT:
    case GROW:
    case GROW_UNSEALED:
        memory_resize(m, ".tmet", (size_t)rows[i].whole);
        break;
    }
    if (rows[i].sealed)
        memory_seal(m, ".tmet");
}

static void one_thing_wrong_is_said_exactly(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct memory_session m;
        memory_load(&m, "one_channel");
        change(&m, i);
        struct mef3_session *session = memory_open(&m, NULL);
        const struct mef3_segment_info *info = mef3_segment_info(session, 0, 0);
        assert_row_int(info->status, rows[i].status, rows[i].why);
        assert_row_int(mef3_channel_info(session, 0)->status, rows[i].status, rows[i].why);
        assert_row_int(mef3_session_info(session)->n_damaged,
                       rows[i].status != MEF3_OK && rows[i].status != MEF3_EPASSWORD, rows[i].why);
        assert_row_int(mef3_session_info(session)->n_locked, rows[i].status == MEF3_EPASSWORD,
                       rows[i].why);
        if (rows[i].status != MEF3_OK) {
            assert_row_int(info->error->status, rows[i].status, rows[i].why);
            assert_string_equal(info->error->field, rows[i].field);
            assert_string_equal(info->error->file, "Cz.timd/Cz-000000.segd/Cz-000000.tmet");
            assert_row(strlen(info->error->expected) > 0, rows[i].why);
            assert_row(strlen(info->error->found) > 0, rows[i].why);
        }
        mef3_session_close(session);
        memory_free(&m);
    }
}

static void a_crc_begun_at_0_is_as_good(void **state)
{
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    uint8_t *bytes = memory_bytes(&m, ".tmet");
    le_put_u32(bytes + UH_BODY_CRC, mef3_crc32(0, bytes + UH_BYTES, META_BYTES - UH_BYTES));
    le_put_u32(bytes + UH_HEADER_CRC, mef3_crc32(MEF3_CRC_START, bytes + 4, UH_BYTES - 4));
    struct mef3_session *session = memory_open(&m, NULL);
    assert_int_equal(mef3_segment_info(session, 0, 0)->status, MEF3_OK);
    mef3_session_close(session);
    memory_free(&m);
}

static void the_time_offset_goes_onto_negated_times(void **state)
{
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    uint8_t *bytes = memory_bytes(&m, ".tmet");
    le_put_i64(bytes + META_SECTION_3 + S3_TIME_OFFSET, 1000);
    le_put_i64(bytes + UH_START_TIME, -4000);
    le_put_i64(bytes + UH_END_TIME, 4000); /* not negative: as it is */
    memory_seal(&m, ".tmet");
    struct mef3_session *session = memory_open(&m, NULL);
    assert_int_equal(mef3_segment_info(session, 0, 0)->status, MEF3_EFORMAT); /* 5000 to 4000 */
    mef3_session_close(session);
    le_put_i64(bytes + UH_END_TIME, -9000);
    memory_seal(&m, ".tmet");
    session = memory_open(&m, NULL);
    assert_int_equal(mef3_channel_info(session, 0)->start_uutc, 5000);
    assert_int_equal(mef3_channel_info(session, 0)->end_uutc, 10000);
    assert_int_equal(mef3_session_info(session)->recording_time_offset, 1000);
    mef3_session_close(session);
    memory_free(&m);
}

static void texts_and_settings_are_told(void **state)
{
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    uint8_t *bytes = memory_bytes(&m, ".tmet");
    memset(bytes + META_SECTION_2 + S2_CHANNEL_DESCRIPTION, 'd', S2_DESCRIPTION_BYTES);
    memcpy(bytes + META_SECTION_2 + S2_UNITS, "\xB5V", 3);
    le_put_f64(bytes + META_SECTION_2 + S2_LOW_FILTER, (double)NAN);
    le_put_f64(bytes + META_SECTION_2 + S2_LINE, 50);
    le_put_f64(bytes + META_SECTION_2 + S2_UNITS_FACTOR, 0);
    memcpy(bytes + META_SECTION_3 + S3_SUBJECT_ID, "P7", 3);
    memory_seal(&m, ".tmet");
    struct mef3_session *session = memory_open(&m, NULL);
    const struct mef3_channel_info *info = mef3_channel_info(session, 0);
    assert_int_equal(strlen(info->description), S2_DESCRIPTION_BYTES);
    assert_string_equal(info->units, "\xEF\xBF\xBDV");
    assert_true(info->low_filter_hz == -1);
    assert_true(info->line_hz == 50);
    assert_true(info->units_factor == 1);
    assert_string_equal(mef3_session_info(session)->subject_id, "P7");
    mef3_session_close(session);
    memory_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_thing_wrong_is_said_exactly),
        cmocka_unit_test(a_crc_begun_at_0_is_as_good),
        cmocka_unit_test(the_time_offset_goes_onto_negated_times),
        cmocka_unit_test(texts_and_settings_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
