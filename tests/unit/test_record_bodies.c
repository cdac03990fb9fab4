/* test_record_bodies.c - bodies of records: made and seen through again, too short, cut, odd. */
#include <mef3/records.h>

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "help/test.h"
#include "layout.h"

static const int64_t T = 1600000000000000;

enum { ROOM = 4096 };

static struct mef3_text text_of(const char *text)
{
    return (struct mef3_text){text, strlen(text)};
}

static bool says(struct mef3_text text, const char *expected)
{
    return text.n == strlen(expected) && memcmp(text.at, expected, text.n) == 0;
}

/* As it comes back from a file: filled up to a multiple of 16. */
static struct mef3_record stored(const char *type, uint8_t *body, size_t n)
{
    struct mef3_record record = {.body = body, .n_body = (n + 15) / 16 * 16};

    memset(body + n, REC_FILL, record.n_body - n);
    memcpy(record.type, type, 5);
    return record;
}

static void texts_come_back(void **state)
{
    static const char *const texts[] = {"", "start of sleep", "ěšč arte", "fifteen bytes..",
                                        "ends in ~~~"};
    uint8_t body[ROOM];
    struct mef3_text text;
    struct mef3_edfa edfa;
    size_t n;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(mef3_record_make_note(texts[i], body, ROOM, &n), MEF3_OK);
        assert_int_equal(n, strlen(texts[i]) + 1);
        struct mef3_record record = stored(i % 2 ? "SyLg" : "Note", body, n);
        assert_int_equal(mef3_record_note(&record, &text, NULL), MEF3_OK);
        assert_row(says(text, texts[i]), texts[i]);

        assert_int_equal(mef3_record_make_edfa(-5, texts[i], body, ROOM, &n), MEF3_OK);
        record = stored("EDFA", body, n);
        assert_int_equal(mef3_record_edfa(&record, &edfa, NULL), MEF3_OK);
        assert_row(edfa.duration_us == -5 && says(edfa.text, texts[i]), texts[i]);
    }
    assert_int_equal(mef3_record_make_note(NULL, body, ROOM, &n), MEF3_OK);
    assert_true(n == 1 && body[0] == 0);
}

/* One writer cuts texts short, so that no zero is left. */
static void a_text_without_an_end_is_what_there_is_of_it(void **state)
{
    static const struct {
        const char *why;
        const char *body;
        size_t n;
        const char *text;
    } row[] = {
        {"no room for the fill", "sixteen bytes...", 16, "sixteen bytes..."},
        {"filled up", "cut short~~~~~~~", 16, "cut short"},
        {"cut in a character", "edf \xC4\x9B\xC5~~~~~~~~~", 16, "edf \xC4\x9B\xC5"},
        {"what follows the zero is no text", "a\0b", 3, "a"},
        {"nothing", "", 0, ""},
        {"fifteen of fill at most", "~~~~~~~~~~~~~~~~", 16, "~"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct mef3_record record = {
            .type = "Note", .body = (const uint8_t *)row[i].body, .n_body = row[i].n};
        struct mef3_text text;
        assert_int_equal(mef3_record_note(&record, &text, NULL), MEF3_OK);
        assert_row(says(text, row[i].text), row[i].why);
    }
}

static void a_text_is_made_utf_8_within_the_room_that_there_is(void **state)
{
    static const char cut[] = "ab\xC4\x9B\xC5";
    struct mef3_text text = {cut, sizeof cut - 1};
    char to[16];

    (void)state;
    assert_int_equal(mef3_text_utf8(text, NULL, 0), 7);
    assert_int_equal(mef3_text_utf8(text, to, sizeof to), 7);
    assert_string_equal(to, "ab\xC4\x9B\xEF\xBF\xBD");
    static const char *const in_room[] = {"",           "a",          "ab",        "ab",
                                          "ab\xC4\x9B", "ab\xC4\x9B", "ab\xC4\x9B"};
    for (size_t room = 1; room <= 7; room++) {
        memset(to, 'x', sizeof to);
        assert_int_equal(mef3_text_utf8(text, to, room), 7);
        assert_string_equal(to, in_room[room - 1]);
        assert_int_equal(to[room], 'x');
    }
}

static void a_seizure_comes_back(void **state)
{
    const struct mef3_seizure_channel channels[] = {{text_of("Cz"), T + 1, T + 20},
                                                    {text_of("T3 č"), T + 3, T + 19}};
    struct mef3_seizure seizure = {
        .onset_uutc = T,
        .end_uutc = T + 20,
        .duration_us = 20,
        .onset_code = 2,
        .marker_1 = text_of("m1"),
        .annotation = text_of("left temple"),
        .n_channels = 2,
    };
    uint8_t body[ROOM];
    struct mef3_seizure back;
    struct mef3_seizure_channel channel;
    size_t n;

    (void)state;
    assert_int_equal(mef3_record_make_seizure(&seizure, channels, body, ROOM, &n), MEF3_OK);
    assert_int_equal(n, MEF3_SEIZURE_BYTES + 2 * MEF3_SEIZURE_CHANNEL_BYTES);
    struct mef3_record record = stored("Seiz", body, n);
    assert_int_equal(mef3_record_seizure(&record, &back, NULL), MEF3_OK);
    assert_true(back.onset_uutc == T && back.end_uutc == T + 20 && back.duration_us == 20);
    assert_true(back.onset_code == 2 && back.n_channels == 2);
    assert_true(says(back.marker_1, "m1") && says(back.marker_2, ""));
    assert_true(says(back.annotation, "left temple"));
    assert_int_equal(mef3_record_seizure_channel(&record, 1, &channel, NULL), MEF3_OK);
    assert_true(says(channel.name, "T3 č") && channel.onset_uutc == T + 3 &&
                channel.end_uutc == T + 19);
    assert_int_equal(mef3_record_seizure_channel(&record, 2, &channel, NULL), MEF3_EINVAL);

    /* More channels than there are bytes. */
    le_put_i32(body + SEIZ_N_CHANNELS, 3);
    assert_int_equal(mef3_record_seizure(&record, &back, NULL), MEF3_EFORMAT);
    le_put_i32(body + SEIZ_N_CHANNELS, -1);
    assert_int_equal(mef3_record_seizure(&record, &back, NULL), MEF3_EFORMAT);
}

static void stimuli_cursors_and_epochs_come_back(void **state)
{
    struct mef3_csti csti = {text_of("task"), 77, text_of("picture"), text_of("left")};
    struct mef3_esti esti = {1.5, 50, 200, 1, 2, text_of("sq"), text_of("A1"), text_of("A2")};
    struct mef3_cursor cursor = {9, T + 80, -5, -2.5, text_of("peak")};
    struct mef3_epoch epoch = {10, T + 100, T + 200, 100, text_of("N2"), text_of("sleep")};
    struct mef3_record record;
    uint8_t body[ROOM];
    size_t n;

    (void)state;
    assert_int_equal(mef3_record_make_csti(&csti, body, ROOM, &n), MEF3_OK);
    assert_int_equal(n, MEF3_CSTI_BYTES);
    record = stored("CSti", body, n);
    memset(&csti, 0, sizeof csti);
    assert_int_equal(mef3_record_csti(&record, &csti, NULL), MEF3_OK);
    assert_true(says(csti.task, "task") && csti.duration_us == 77 &&
                says(csti.stimulus, "picture") && says(csti.response, "left"));

    assert_int_equal(mef3_record_make_esti(&esti, body, ROOM, &n), MEF3_OK);
    assert_int_equal(n, MEF3_ESTI_BYTES);
    record = stored("ESti", body, n);
    memset(&esti, 0, sizeof esti);
    assert_int_equal(mef3_record_esti(&record, &esti, NULL), MEF3_OK);
    assert_true(esti.amplitude == 1.5 && esti.frequency_hz == 50 && esti.pulse_width_us == 200 &&
                esti.amplitude_unit == 1 && esti.mode == 2 && says(esti.waveform, "sq") &&
                says(esti.anode, "A1") && says(esti.cathode, "A2"));

    assert_int_equal(mef3_record_make_cursor(&cursor, body, ROOM, &n), MEF3_OK);
    assert_int_equal(n, MEF3_CURSOR_BYTES);
    record = stored("Curs", body, n);
    memset(&cursor, 0, sizeof cursor);
    assert_int_equal(mef3_record_cursor(&record, &cursor, NULL), MEF3_OK);
    assert_true(cursor.id == 9 && cursor.trace_uutc == T + 80 && cursor.latency_us == -5 &&
                cursor.value == -2.5 && says(cursor.name, "peak"));

    assert_int_equal(mef3_record_make_epoch(&epoch, body, ROOM, &n), MEF3_OK);
    assert_int_equal(n, MEF3_EPOCH_BYTES);
    record = stored("Epoc", body, n);
    memset(&epoch, 0, sizeof epoch);
    assert_int_equal(mef3_record_epoch(&record, &epoch, NULL), MEF3_OK);
    assert_true(epoch.id == 10 && epoch.start_uutc == T + 100 && epoch.end_uutc == T + 200 &&
                epoch.duration_us == 100 && says(epoch.type, "N2") && says(epoch.text, "sleep"));
}

static void line_noise_comes_back_in_either_width(void **state)
{
    static const int32_t counts[] = {1, -2, INT32_MAX, INT32_MIN, 5};
    int32_t back[5];
    uint8_t body[ROOM];
    struct mef3_lntp lntp;
    size_t n;

    (void)state;
    for (size_t k = 0; k <= 5; k++) {
        assert_int_equal(mef3_record_make_lntp(counts, k, body, ROOM, &n), MEF3_OK);
        struct mef3_record record = stored("LNTP", body, n);
        assert_int_equal(mef3_record_lntp(&record, &lntp, NULL), MEF3_OK);
        assert_true(lntp.n == k && (k == 0 || lntp.count_bytes == 4));
        mef3_lntp_counts(&lntp, back);
        assert_memory_equal(back, counts, k * sizeof *back);

        /* As one writer makes them, with 64 bits a count; some that do not fit. */
        le_put_i64(body + LNTP_LENGTH, (int64_t)k);
        for (size_t i = 0; i < k; i++)
            le_put_i64(body + LNTP_COUNTS + 8 * i, i == 2   ? INT64_MAX
                                                   : i == 3 ? INT64_MIN
                                                            : counts[i]);
        record = stored("LNTP", body, LNTP_COUNTS + 8 * k);
        assert_int_equal(mef3_record_lntp(&record, &lntp, NULL), MEF3_OK);
        assert_true(lntp.n == k && (k == 0 || lntp.count_bytes == 8));
        mef3_lntp_counts(&lntp, back);
        assert_memory_equal(back, counts, k * sizeof *back);
    }
    struct mef3_record record = stored("LNTP", body, 48);
    le_put_i64(body + LNTP_LENGTH, 11);
    assert_int_equal(mef3_record_lntp(&record, &lntp, NULL), MEF3_EFORMAT);
    le_put_i64(body + LNTP_LENGTH, -1);
    assert_int_equal(mef3_record_lntp(&record, &lntp, NULL), MEF3_EFORMAT);
    le_put_i64(body + LNTP_LENGTH, INT64_MAX);
    assert_int_equal(mef3_record_lntp(&record, &lntp, NULL), MEF3_EFORMAT);
}

union view {
    struct mef3_text note;
    struct mef3_edfa edfa;
    struct mef3_lntp lntp;
    struct mef3_seizure seizure;
    struct mef3_csti csti;
    struct mef3_esti esti;
    struct mef3_cursor cursor;
    struct mef3_epoch epoch;
};

static int look(const struct mef3_record *record, const char *as, union view *view,
                struct mef3_error *error)
{
    return strcmp(as, "EDFA") == 0   ? mef3_record_edfa(record, &view->edfa, error)
           : strcmp(as, "LNTP") == 0 ? mef3_record_lntp(record, &view->lntp, error)
           : strcmp(as, "Seiz") == 0 ? mef3_record_seizure(record, &view->seizure, error)
           : strcmp(as, "CSti") == 0 ? mef3_record_csti(record, &view->csti, error)
           : strcmp(as, "ESti") == 0 ? mef3_record_esti(record, &view->esti, error)
           : strcmp(as, "Curs") == 0 ? mef3_record_cursor(record, &view->cursor, error)
           : strcmp(as, "Epoc") == 0 ? mef3_record_epoch(record, &view->epoch, error)
                                     : mef3_record_note(record, &view->note, error);
}

static void a_body_too_short_for_its_type_is_refused(void **state)
{
    static const struct {
        char type[5];
        size_t bytes;
    } row[] = {
        {"EDFA", MEF3_EDFA_BYTES},  {"LNTP", MEF3_LNTP_BYTES}, {"Seiz", MEF3_SEIZURE_BYTES},
        {"CSti", MEF3_CSTI_BYTES},  {"ESti", MEF3_ESTI_BYTES}, {"Curs", MEF3_CURSOR_BYTES},
        {"Epoc", MEF3_EPOCH_BYTES},
    };
    struct mef3_error error;
    union view view;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        for (int less = 0; less < 2; less++) {
            /* Exactly so long: a sanitizer sees the first byte too far. */
            size_t n = row[i].bytes - (size_t)less;
            uint8_t *body = calloc(n, 1);
            assert_non_null(body);
            struct mef3_record record = {.body = body, .n_body = n};
            memcpy(record.type, row[i].type, 5);
            memset(&error, 0, sizeof error);
            assert_row_int(look(&record, row[i].type, &view, &error), less ? MEF3_EFORMAT : MEF3_OK,
                           row[i].type);
            assert_row(!less || error.field[0], row[i].type);
            assert_row_int(mef3_record_shift(row[i].type, body, n, 0, 5), MEF3_OK, row[i].type);
            free(body);
        }
    }
}

static void a_record_of_another_type_or_without_a_body_is_refused(void **state)
{
    static const char *const types[] = {"Note", "EDFA", "LNTP", "Seiz",
                                        "CSti", "ESti", "Curs", "Epoc"};
    static const uint8_t body[2048];
    struct mef3_record record = {.type = "Vote", .body = body, .n_body = sizeof body};
    union view view;

    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        assert_row_int(look(&record, types[i], &view, NULL), MEF3_EINVAL, types[i]);
        struct mef3_record damaged = {.status = MEF3_ECRC};
        memcpy(damaged.type, types[i], 5);
        assert_row_int(look(&damaged, types[i], &view, NULL), MEF3_EINVAL, types[i]);
    }
}

static void what_does_not_fit_is_not_made(void **state)
{
    char long_text[SEIZ_ANNOTATION_BYTES + 1];
    uint8_t body[ROOM];
    size_t n = 77;

    (void)state;
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    struct mef3_text too_long = text_of(long_text);
    assert_int_equal(mef3_record_make_note("1234", body, 4, &n), MEF3_ENOSPC);
    assert_int_equal(mef3_record_make_edfa(0, "", body, 8, &n), MEF3_ENOSPC);
    assert_int_equal(mef3_record_make_lntp(NULL, SIZE_MAX / 4, body, ROOM, &n), MEF3_EINVAL);
    struct mef3_seizure seizure = {.onset_uutc = T, .end_uutc = T, .annotation = too_long};
    assert_int_equal(mef3_record_make_seizure(&seizure, NULL, body, ROOM, &n), MEF3_EINVAL);
    seizure = (struct mef3_seizure){.onset_uutc = -1, .end_uutc = T};
    assert_int_equal(mef3_record_make_seizure(&seizure, NULL, body, ROOM, &n), MEF3_EINVAL);
    seizure = (struct mef3_seizure){.onset_uutc = T, .end_uutc = T, .n_channels = SIZE_MAX};
    assert_int_equal(mef3_record_make_seizure(&seizure, NULL, body, ROOM, &n), MEF3_EINVAL);
    struct mef3_csti csti = {.response = too_long};
    assert_int_equal(mef3_record_make_csti(&csti, body, ROOM, &n), MEF3_EINVAL);
    struct mef3_esti esti = {.cathode = too_long};
    assert_int_equal(mef3_record_make_esti(&esti, body, ROOM, &n), MEF3_EINVAL);
    struct mef3_cursor cursor = {.trace_uutc = MEF3_NO_TIME};
    assert_int_equal(mef3_record_make_cursor(&cursor, body, ROOM, &n), MEF3_EINVAL);
    struct mef3_epoch epoch = {.start_uutc = T, .end_uutc = T, .type = too_long};
    assert_int_equal(mef3_record_make_epoch(&epoch, body, ROOM, &n), MEF3_EINVAL);
    assert_int_equal(n, 77);
}

static void times_in_a_body_are_moved(void **state)
{
    const struct mef3_seizure_channel channel = {text_of("Cz"), T + 1, T + 20};
    struct mef3_seizure seizure = {.onset_uutc = T, .end_uutc = T + 20, .n_channels = 1};
    struct mef3_seizure_channel moved;
    uint8_t body[ROOM];
    size_t n;

    (void)state;
    assert_int_equal(mef3_record_make_seizure(&seizure, &channel, body, ROOM, &n), MEF3_OK);
    /* As stored with a recording time offset of 1000. */
    le_put_i64(body + SEIZ_ONSET, -(T - 1000));
    le_put_i64(body + SEIZ_END, 0);
    struct mef3_record record = stored("Seiz", body, n);
    record.time_offset = 1000;
    assert_int_equal(mef3_record_seizure(&record, &seizure, NULL), MEF3_OK);
    assert_true(seizure.onset_uutc == T);

    assert_int_equal(mef3_record_shift("Seiz", body, n, 1000, -7), MEF3_OK);
    record.time_offset = 0;
    assert_int_equal(mef3_record_seizure(&record, &seizure, NULL), MEF3_OK);
    assert_true(seizure.onset_uutc == T - 7 && seizure.end_uutc == 0);
    assert_int_equal(mef3_record_seizure_channel(&record, 0, &moved, NULL), MEF3_OK);
    assert_true(moved.onset_uutc == T - 6 && moved.end_uutc == T + 13);
    assert_int_equal(mef3_record_shift("Seiz", body, n, 0, -T), MEF3_EINVAL);
    assert_int_equal(mef3_record_shift("Note", body, n, 0, -T), MEF3_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_come_back),
        cmocka_unit_test(a_text_without_an_end_is_what_there_is_of_it),
        cmocka_unit_test(a_text_is_made_utf_8_within_the_room_that_there_is),
        cmocka_unit_test(a_seizure_comes_back),
        cmocka_unit_test(stimuli_cursors_and_epochs_come_back),
        cmocka_unit_test(line_noise_comes_back_in_either_width),
        cmocka_unit_test(a_body_too_short_for_its_type_is_refused),
        cmocka_unit_test(a_record_of_another_type_or_without_a_body_is_refused),
        cmocka_unit_test(what_does_not_fit_is_not_made),
        cmocka_unit_test(times_in_a_body_are_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
