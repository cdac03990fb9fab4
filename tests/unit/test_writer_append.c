/* test_writer_append.c - what is appended, and what becomes of it: times before 1970, values,
 * gaps that NaN makes, flushing, and every field that can be given. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mef3/mef3.h>

#include "bytes.h"
#include "help/session_files.h"
#include "help/test.h"
#include "layout.h"

static const int64_t START = 1700000000000000;

static char folder[] = "/tmp/test_writer_append.XXXXXX";
static char path[128];

static struct mef3_writer *begin(const struct mef3_writer_options *options)
{
    struct mef3_writer *writer = NULL;

    files_remove(path);
    assert_int_equal(mef3_writer_create(path, options, &writer, NULL), MEF3_OK);
    return writer;
}

static size_t add(struct mef3_writer *writer, double rate_hz, double factor)
{
    struct mef3_writer_channel channel;
    size_t number = 77;

    mef3_writer_channel_defaults(&channel);
    channel.name = "Cz";
    channel.rate_hz = rate_hz;
    channel.units_factor = factor;
    channel.block_samples = 10;
    assert_int_equal(mef3_writer_add_channel(writer, &channel, &number, NULL), MEF3_OK);
    return number;
}

static struct mef3_session *open_session(void)
{
    struct mef3_session *session = NULL;

    assert_int_equal(mef3_session_open_folder(path, NULL, &session, NULL), MEF3_OK);
    return session;
}

static void read_file(const char *type, uint8_t *bytes_out, size_t n)
{
    char file[512];
    size_t n_there;

    snprintf(file, sizeof file, "%s/Cz.timd/Cz-000000.segd/Cz-000000.%s", path, type);
    uint8_t *bytes = files_read(file, &n_there);
    assert_true(n_there >= n);
    memcpy(bytes_out, bytes, n);
    free(bytes);
}

static void times_before_1970_need_an_offset_and_come_back(void **state)
{
    static const struct {
        const char *why;
        int64_t offset, start;
        int status;
    } row[] = {
        {"1969, without an offset", 0, -1000000, MEF3_EINVAL},
        {"1970, without an offset", 0, 0, MEF3_OK},
        {"1969, with one before it", -2000000, -1000000, MEF3_OK},
        {"the offset itself", -2000000, -2000000, MEF3_EINVAL},
        {"before the offset", START, START - 5, MEF3_EINVAL},
        {"a microsecond after it", START, START + 1, MEF3_OK},
        {"1492", -20000000000000000, -15062000000000000, MEF3_OK},
        {"36,000 years from now", 0, INT64_MAX / 8, MEF3_EINVAL},
    };
    uint8_t header[UH_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct mef3_writer_options options;
        int32_t counts[25] = {1, 2, 3}, back[25];
        mef3_writer_defaults(&options);
        options.recording_time_offset = row[i].offset;
        struct mef3_writer *writer = begin(&options);
        size_t channel = add(writer, 100, 1);
        assert_row_int(mef3_writer_append(writer, channel, row[i].start, counts, 25, NULL),
                       row[i].status, row[i].why);
        assert_int_equal(mef3_writer_finish(writer, NULL), MEF3_OK);
        if (row[i].status != MEF3_OK)
            continue;
        struct mef3_session *session = open_session();
        const struct mef3_channel_info *info = mef3_channel_info(session, 0);
        assert_row_int(info->start_uutc, row[i].start, row[i].why);
        assert_row_int(info->end_uutc, row[i].start + 250000, row[i].why);
        assert_int_equal(mef3_read_window(session, 0, row[i].start, row[i].start + 250000, back,
                                          NULL, 25, NULL, NULL, NULL),
                         MEF3_OK);
        assert_memory_equal(back, counts, sizeof counts);
        mef3_session_close(session);
        read_file("tidx", header, sizeof header);
        assert_row_int(le_i64(header + UH_START_TIME),
                       row[i].offset ? -(row[i].start - row[i].offset) : row[i].start, row[i].why);
    }
}

static void values_are_rounded_to_counts(void **state)
{
    static const struct {
        double value, factor;
        int32_t count;
    } row[] = {
        {0.25, 0.5, 1}, /* a half, away from zero */
        {-0.25, 0.5, -1},
        {0.2499, 0.5, 0},
        {-3, -0.5, 6},
        {1e9, 1, 1000000000},
        {2147483646.4, 1, INT32_MAX - 1},
        {-2147483646.4, 1, INT32_MIN + 2},
        {(double)INFINITY, -2, MEF3_COUNT_POS_INF},
        {(double)-INFINITY, -2, MEF3_COUNT_NEG_INF},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct mef3_writer *writer = begin(NULL);
        int32_t back;
        size_t channel = add(writer, 100, row[i].factor);
        assert_int_equal(mef3_writer_append_f64(writer, channel, START, &row[i].value, 1, NULL),
                         MEF3_OK);
        assert_int_equal(mef3_writer_finish(writer, NULL), MEF3_OK);
        struct mef3_session *session = open_session();
        assert_int_equal(mef3_read_samples(session, 0, 0, 0, 1, &back, NULL, NULL, NULL), MEF3_OK);
        assert_int_equal(back, row[i].count);
        mef3_session_close(session);
    }
}

static void a_value_beyond_counts_is_refused_and_nothing_is_written(void **state)
{
    static const double values[][3] = {
        {1, 2, 2147483647}, {1, 2, -2147483647}, {1, -1e300, 3}, {1, 2, 2147483646.5}};
    struct mef3_writer *writer = begin(NULL);
    struct mef3_error error = {0};
    size_t channel = add(writer, 100, 1);

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_int_equal(mef3_writer_append_f64(writer, channel, START, values[i], 3, &error),
                         MEF3_EINVAL);
        assert_string_equal(error.field, "value");
        assert_true(mef3_writer_end(writer, channel) == MEF3_NO_TIME);
    }
    assert_int_equal(mef3_writer_append_f64(writer, channel, START, values[0], 2, NULL), MEF3_OK);
    assert_int_equal(mef3_writer_end(writer, channel), START + 20000);
    mef3_writer_abort(writer);
}

/* Of an array with NaN in it: the runs that are stored. */
static void nan_makes_gaps(void **state)
{
    static const struct {
        const char *why;
        double rate_hz;
        const char *samples; /* a dot: NaN */
        const char *stored;
        size_t n_runs;
    } row[] = {
        {"none", 100, "abcdefghijkl", "abcdefghijkl", 1},
        {"one", 100, "abc.efghijkl", "abcefghijkl", 2},
        {"at both ends", 100, "..cdefg..", "cdefg", 1},
        {"nothing else", 100, ".....", "", 0},
        {"several, longer than a block", 100, "a..............bc.d", "abcd", 3},
        {"one at 400 kHz lasts 2.5 us, which no times can tell", 400000, "abc.ef", "abc.ef", 1},
        {"two last 5", 400000, "abc..f", "abcf", 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct mef3_writer *writer = begin(NULL);
        size_t n = strlen(row[i].samples), n_stored = strlen(row[i].stored), n_runs;
        int32_t counts[20], back[20];
        const struct mef3_run *runs;
        for (size_t k = 0; k < n; k++)
            counts[k] = row[i].samples[k] == '.' ? MEF3_COUNT_NAN : row[i].samples[k];
        size_t channel = add(writer, row[i].rate_hz, 1);
        assert_int_equal(mef3_writer_append(writer, channel, START, counts, n, NULL), MEF3_OK);
        assert_int_equal(mef3_writer_finish(writer, NULL), MEF3_OK);
        struct mef3_session *session = open_session();
        assert_int_equal(mef3_segment_runs(session, 0, 0, &runs, &n_runs, NULL), MEF3_OK);
        assert_row_int(n_runs, row[i].n_runs, row[i].why);
        assert_row_int(mef3_segment_info(session, 0, 0)->n_samples, n_stored, row[i].why);
        assert_int_equal(mef3_read_samples(session, 0, 0, 0, n_stored, back, NULL, NULL, NULL),
                         MEF3_OK);
        for (size_t k = 0; k < n_stored; k++)
            assert_row_int(back[k], row[i].stored[k] == '.' ? MEF3_COUNT_NAN : row[i].stored[k],
                           row[i].why);
        mef3_session_close(session);
    }
}

static void what_was_flushed_is_counted_and_the_run_goes_on(void **state)
{
    struct mef3_writer *writer = begin(NULL);
    int32_t counts[40];
    const struct mef3_run *runs;
    size_t n_runs;

    (void)state;
    for (int i = 0; i < 40; i++)
        counts[i] = i;
    size_t channel = add(writer, 100, 1);
    for (int k = 0; k < 10; k++) { /* blocks of 4 */
        assert_int_equal(
            mef3_writer_append(writer, channel, START + k * 40000, counts + 4 * k, 4, NULL), 0);
        assert_int_equal(mef3_writer_flush(writer, k % 2 ? channel : MEF3_WRITER_ALL, NULL), 0);
        files_check(path);
        struct mef3_session *session = open_session();
        assert_int_equal(mef3_channel_info(session, 0)->n_samples, 4 * (k + 1));
        assert_int_equal(mef3_channel_info(session, 0)->end_uutc, START + (k + 1) * 40000);
        assert_int_equal(mef3_segment_runs(session, 0, 0, &runs, &n_runs, NULL), MEF3_OK);
        assert_int_equal(n_runs, 1);
        mef3_session_close(session);
    }
    assert_int_equal(mef3_writer_flush(writer, 1, NULL), MEF3_EINVAL);
    assert_int_equal(mef3_writer_finish(writer, NULL), MEF3_OK);
}

static void all_fields_are_written(void **state)
{
    struct mef3_writer_options options;
    struct mef3_writer_channel channel;
    uint8_t bytes[META_BYTES], *s3 = bytes + META_SECTION_3;
    size_t number;

    (void)state;
    mef3_writer_defaults(&options);
    options.session_description = "a night";
    options.subject_name_1 = "Ada";
    options.subject_name_2 = "Λ";
    options.subject_id = "7";
    options.recording_location = "Brno";
    options.anonymized_name = "S-7";
    options.dst_start_uutc = START;
    options.dst_end_uutc = START + 1;
    options.gmt_offset_s = 3600;
    struct mef3_writer *writer = begin(&options);
    mef3_writer_channel_defaults(&channel);
    channel.name = "Cz";
    channel.rate_hz = 100;
    channel.units = "mV";
    channel.description = "vertex";
    channel.reference = "ears";
    channel.acquisition_number = 42;
    channel.low_filter_hz = 0.5;
    channel.high_filter_hz = 70;
    channel.notch_hz = 50;
    channel.line_hz = 60;
    assert_int_equal(mef3_writer_add_channel(writer, &channel, &number, NULL), MEF3_OK);
    assert_int_equal(mef3_writer_finish(writer, NULL), MEF3_OK);
    struct mef3_session *session = open_session();
    const struct mef3_session_info *info = mef3_session_info(session);
    const struct mef3_channel_info *c = mef3_channel_info(session, 0);
    assert_string_equal(info->session_description, "a night");
    assert_string_equal(info->subject_name_1, "Ada");
    assert_string_equal(info->subject_name_2, "Λ");
    assert_string_equal(info->subject_id, "7");
    assert_string_equal(info->recording_location, "Brno");
    assert_int_equal(info->gmt_offset_s, 3600);
    assert_string_equal(c->units, "mV");
    assert_string_equal(c->description, "vertex");
    assert_string_equal(c->reference, "ears");
    assert_int_equal(c->acquisition_number, 42);
    assert_true(c->low_filter_hz == 0.5 && c->high_filter_hz == 70);
    assert_true(c->notch_hz == 50 && c->line_hz == 60);
    mef3_session_close(session);
    read_file("tmet", bytes, sizeof bytes);
    assert_string_equal((const char *)bytes + UH_ANONYMIZED_NAME, "S-7");
    assert_string_equal((const char *)bytes + UH_SESSION_NAME, "s");
    assert_int_equal(le_i64(s3 + S3_DST_START), START);
    assert_int_equal(le_i64(s3 + S3_DST_END), START + 1);
}

static void options_that_make_no_sense_are_refused(void **state)
{
    char long_text[129];

    memset(long_text, 'x', 128);
    long_text[128] = '\0';
    const struct {
        const char *field;
        struct mef3_writer_options options;
    } row[] = {
        {"subject name 1", {.subject_name_1 = long_text}},
        {"recording time offset", {.recording_time_offset = INT64_MIN}},
        {"GMT offset", {.gmt_offset_s = 86401}},
        {"GMT offset", {.gmt_offset_s = -86402}},
    };
    struct mef3_writer *writer = NULL;
    struct mef3_error error;

    (void)state;
    files_remove(path);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        assert_row_int(mef3_writer_create(path, &row[i].options, &writer, &error), MEF3_EINVAL,
                       row[i].field);
        assert_string_equal(error.field, row[i].field);
    }
    struct mef3_writer_channel channel;
    size_t number;
    writer = begin(NULL);
    mef3_writer_channel_defaults(&channel);
    channel.name = "Cz";
    channel.rate_hz = 100;
    channel.notch_hz = -2;
    assert_int_equal(mef3_writer_add_channel(writer, &channel, &number, &error), MEF3_EINVAL);
    assert_string_equal(error.field, "notch filter");
    channel.notch_hz = (double)NAN;
    assert_int_equal(mef3_writer_add_channel(writer, &channel, &number, &error), MEF3_EINVAL);
    mef3_writer_abort(writer);
}

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/s.mefd", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    files_remove(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_before_1970_need_an_offset_and_come_back),
        cmocka_unit_test(values_are_rounded_to_counts),
        cmocka_unit_test(a_value_beyond_counts_is_refused_and_nothing_is_written),
        cmocka_unit_test(nan_makes_gaps),
        cmocka_unit_test(what_was_flushed_is_counted_and_the_run_goes_on),
        cmocka_unit_test(all_fields_are_written),
        cmocka_unit_test(options_that_make_no_sense_are_refused),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
