/* test_writer.c - sessions written and read back: samples, gaps, headers, passwords, and
 * what is refused or removed. */
#include <mef3/mef3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "help/test.h"
#include "layout.h"

static const int64_t START = 1700000000000000;

/* A folder of its own for each test, which must be empty at its end. */
static int make_folder(void **state)
{
    char *folder = strdup("/tmp/test_writer.XXXXXX");

    if (!folder || !mkdtemp(folder))
        return -1;
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    int status = rmdir(*state);

    free(*state);
    return status;
}

static void session_path(void **state, char path[128])
{
    snprintf(path, 128, "%s/night.mefd", (const char *)*state);
}

static void file_path(void **state, const char *channel, const char *type, char path[512])
{
    snprintf(path, 512, "%s/night.mefd/%s.timd/%s-000000.segd/%s-000000.%s", (const char *)*state,
             channel, channel, channel, type);
}

/* Remove the files of a finished session: it has no more than these. */
static void remove_session(void **state, const char *const *channels, size_t n)
{
    static const char *const types[] = {"tmet", "tidx", "tdat"};
    char path[512];

    for (size_t i = 0; i < n; i++) {
        for (int k = 0; k < 3; k++) {
            file_path(state, channels[i], types[k], path);
            assert_int_equal(unlink(path), 0);
        }
        *strrchr(path, '/') = '\0';
        assert_int_equal(rmdir(path), 0);
        *strrchr(path, '/') = '\0';
        assert_int_equal(rmdir(path), 0);
    }
    session_path(state, path);
    assert_int_equal(rmdir(path), 0);
}

static struct mef3_writer_channel channel_of(const char *name, double rate_hz)
{
    struct mef3_writer_channel channel;

    mef3_writer_channel_defaults(&channel);
    channel.name = name;
    channel.rate_hz = rate_hz;
    channel.units_factor = -0.5;
    channel.description = "a description";
    channel.block_samples = 100;
    channel.line_hz = 50;
    return channel;
}

static struct mef3_writer *begin(void **state, const struct mef3_writer_options *options)
{
    struct mef3_writer *writer;
    char path[128];

    session_path(state, path);
    assert_int_equal(mef3_writer_create(path, options, &writer, NULL), MEF3_OK);
    return writer;
}

static size_t add(struct mef3_writer *writer, const char *name, double rate_hz)
{
    struct mef3_writer_channel channel = channel_of(name, rate_hz);
    size_t number;

    assert_int_equal(mef3_writer_add_channel(writer, &channel, &number, NULL), MEF3_OK);
    return number;
}

static struct mef3_session *open_session(void **state, const char *password)
{
    struct mef3_session *session;
    struct mef3_error error;
    char path[128], text[600];

    session_path(state, path);
    if (mef3_session_open_folder(path, password, &session, &error) != MEF3_OK)
        fail_msg("%s", mef3_error_text(&error, text, sizeof text));
    return session;
}

static void ramp(int32_t *counts, size_t n, int32_t from)
{
    for (size_t i = 0; i < n; i++)
        counts[i] = from + (int32_t)(i * 3 % 700);
}

static void samples_and_gaps_come_back_as_they_were_written(void **state)
{
    static const char *const names[] = {"Cz", "T3 č"};
    struct mef3_writer *writer = begin(state, NULL);
    int32_t counts[350], back[600];
    uint8_t truth[600];

    size_t second = add(writer, "T3 č", 100), first = add(writer, "Cz", 100);
    ramp(counts, 350, -200);
    /* In uneven pieces; the third begins two microseconds late, which is the
     * same run, the fourth after a gap of half a second. */
    assert_int_equal(mef3_writer_append(writer, first, START, counts, 130, NULL), 0);
    assert_int_equal(mef3_writer_append(writer, second, START, counts, 350, NULL), 0);
    assert_int_equal(mef3_writer_append(writer, first, START + 1300000, counts + 130, 0, NULL), 0);
    assert_int_equal(mef3_writer_append(writer, first, START + 1300002, counts + 130, 120, NULL),
                     0);
    assert_int_equal(mef3_writer_append(writer, first, START + 3000000, counts + 250, 100, NULL),
                     0);
    assert_int_equal(mef3_writer_finish(writer, NULL), MEF3_OK);

    struct mef3_session *session = open_session(state, NULL);
    const struct mef3_run *runs;
    size_t n_runs;
    assert_int_equal(mef3_session_info(session)->n_channels, 2);
    assert_int_equal(mef3_segment_runs(session, 0, 0, &runs, &n_runs, NULL), MEF3_OK);
    assert_int_equal(n_runs, 2);
    assert_int_equal(runs[0].n_samples, 250);
    assert_int_equal(
        mef3_read_window(session, 0, START, START + 6000000, back, truth, 600, NULL, NULL, NULL),
        MEF3_OK);
    assert_memory_equal(back, counts, 250 * sizeof *back);
    assert_memory_equal(back + 300, counts + 250, 100 * sizeof *back);
    for (int i = 0; i < 600; i++)
        assert_int_equal(truth[i], i < 250 || (i >= 300 && i < 400) ? MEF3_DATA : MEF3_GAP);
    assert_int_equal(mef3_read_samples(session, 1, 0, 0, 350, back, NULL, NULL, NULL), MEF3_OK);
    assert_memory_equal(back, counts, sizeof counts);
    mef3_session_close(session);
    remove_session(state, names, 2);
}

static void a_channel_goes_on_in_the_next_segment(void **state)
{
    struct mef3_writer *writer = begin(state, NULL);
    int32_t counts[350], back[350];
    char path[512];

    ramp(counts, 350, 5);
    size_t channel = add(writer, "Cz", 100);
    assert_int_equal(mef3_writer_append(writer, channel, START, counts, 150, NULL), MEF3_OK);
    assert_int_equal(mef3_writer_next_segment(writer, channel, NULL), MEF3_OK);
    assert_int_equal(mef3_writer_next_segment(writer, 1, NULL), MEF3_EINVAL);
    assert_int_equal(mef3_writer_append(writer, channel, START + 1490000, counts + 150, 200, NULL),
                     MEF3_EINVAL); /* before the end of the first */
    assert_int_equal(mef3_writer_append(writer, channel, START + 1500000, counts + 150, 200, NULL),
                     MEF3_OK);
    assert_int_equal(mef3_writer_finish(writer, NULL), MEF3_OK);

    struct mef3_session *session = open_session(state, NULL);
    assert_int_equal(mef3_channel_info(session, 0)->n_segments, 2);
    const struct mef3_segment_info *second = mef3_segment_info(session, 0, 1);
    assert_true(second->number == 1 && second->start_sample == 150 && second->n_samples == 200);
    assert_true(second->start_uutc == START + 1500000 && second->end_uutc == START + 3500000);
    assert_int_equal(
        mef3_read_window(session, 0, START, START + 3500000, back, NULL, 350, NULL, NULL, NULL),
        MEF3_OK);
    assert_memory_equal(back, counts, sizeof counts);
    mef3_session_close(session);

    for (int k = 0; k < 3; k++) {
        static const char *const types[] = {"tmet", "tidx", "tdat"};
        snprintf(path, sizeof path, "%s/night.mefd/Cz.timd/Cz-000001.segd/Cz-000001.%s",
                 (const char *)*state, types[k]);
        assert_int_equal(unlink(path), 0);
    }
    *strrchr(path, '/') = '\0';
    assert_int_equal(rmdir(path), 0);
    remove_session(state, (const char *const[]){"Cz"}, 1);
}

static void an_abort_removes_all_segments(void **state)
{
    struct mef3_writer *writer = begin(state, NULL);
    int32_t counts[150] = {0};

    size_t channel = add(writer, "Cz", 100);
    assert_int_equal(mef3_writer_append(writer, channel, START, counts, 150, NULL), MEF3_OK);
    assert_int_equal(mef3_writer_next_segment(writer, channel, NULL), MEF3_OK);
    assert_int_equal(mef3_writer_next_segment(writer, channel, NULL), MEF3_OK);
    mef3_writer_abort(writer);
}

static void read_section_2(void **state, const char *channel, uint8_t metadata[META_BYTES])
{
    char path[512];

    file_path(state, channel, "tmet", path);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(metadata, 1, META_BYTES, file), META_BYTES);
    assert_int_equal(fgetc(file), EOF);
    fclose(file);
}

static void the_metadata_are_true(void **state)
{
    static const char *const names[] = {"Cz"};
    struct mef3_writer *writer = begin(state, NULL);
    uint8_t metadata[META_BYTES], *s2 = metadata + META_SECTION_2;
    int32_t counts[400];

    ramp(counts, 400, -200);
    size_t channel = add(writer, "Cz", 100);
    assert_int_equal(mef3_writer_append(writer, channel, START, counts, 250, NULL), 0);
    assert_int_equal(mef3_writer_append(writer, channel, START + 5000000, counts, 150, NULL), 0);
    assert_int_equal(mef3_writer_finish(writer, NULL), MEF3_OK);

    read_section_2(state, "Cz", metadata);
    const struct {
        const char *why;
        int at;
        int64_t value;
    } row[] = {
        {"duration to the end of the last block", S2_DURATION, 6500000},
        {"samples", S2_N_SAMPLES, 400},
        {"blocks: 100, 100, 50; 100, 50", S2_N_BLOCKS, 5},
        {"block interval", S2_BLOCK_INTERVAL, 1000000},
        {"discontinuities, the first included", S2_N_DISCONTINUITIES, 2},
        {"longest stretch in blocks", S2_MAX_CONTIGUOUS_BLOCKS, 3},
        {"longest stretch in samples", S2_MAX_CONTIGUOUS_SAMPLES, 250},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        assert_row_int(le_i64(s2 + row[i].at), row[i].value, row[i].why);
    assert_int_equal(le_u32(s2 + S2_MAX_BLOCK_SAMPLES), 100);
    /* Counts -200 .. 499, times -0.5. */
    assert_true(le_f64(s2 + S2_MAX_VALUE) == 100 && le_f64(s2 + S2_MIN_VALUE) == -249.5);
    assert_int_equal((int8_t)metadata[META_SECTION_2_LEVEL], -1);
    assert_int_equal((int8_t)metadata[META_SECTION_3_LEVEL], -2);
    assert_int_equal(mef3_crc32(MEF3_CRC_START, metadata + UH_BODY_CRC, UH_BYTES - UH_BODY_CRC),
                     le_u32(metadata + UH_HEADER_CRC));
    assert_int_equal(mef3_crc32(MEF3_CRC_START, metadata + UH_BYTES, META_BYTES - UH_BYTES),
                     le_u32(metadata + UH_BODY_CRC));
    assert_int_equal(le_i64(metadata + UH_START_TIME), START);
    assert_int_equal(le_i64(metadata + UH_END_TIME), START + 6500000);
    remove_session(state, names, 1);
}

static void a_password_of_either_level_opens_what_it_should(void **state)
{
    static const char *const names[] = {"Cz"};
    static const struct {
        const char *why;
        const char *password_2; /* of the session; level 1 is "one" */
        const char *given;
        int level;
        bool data, subject;
    } row[] = {
        {"none", "two", NULL, 0, false, false},
        {"a wrong one", "two", "three", 0, false, false},
        {"level 1: data, no subject", "two", "one", 1, true, false},
        {"level 2: all", "two", "two", 2, true, true},
        {"level 1 where it is the highest: all", NULL, "one", 1, true, true},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct mef3_writer_options options = {
            .password_1 = "one", .password_2 = row[i].password_2, .subject_id = "somebody"};
        struct mef3_writer *writer = begin(state, &options);
        int32_t counts[150], back[150];
        ramp(counts, 150, 7);
        assert_int_equal(
            mef3_writer_append(writer, add(writer, "Cz", 256), START, counts, 150, NULL), 0);
        assert_int_equal(mef3_writer_finish(writer, NULL), MEF3_OK);

        struct mef3_session *session = open_session(state, row[i].given);
        const struct mef3_session_info *info = mef3_session_info(session);
        assert_row_int(info->n_channels, 1, row[i].why);
        assert_row_int(info->access_level, row[i].level, row[i].why);
        assert_row_int(info->n_locked, row[i].data ? 0 : 1, row[i].why);
        assert_row(strcmp(info->subject_id, row[i].subject ? "somebody" : "") == 0, row[i].why);
        if (row[i].data) {
            assert_row_int(mef3_read_samples(session, 0, 0, 0, 150, back, NULL, NULL, NULL),
                           MEF3_OK, row[i].why);
            assert_row(memcmp(back, counts, sizeof counts) == 0, row[i].why);
        }
        mef3_session_close(session);
        remove_session(state, names, 1);
    }
}

static void a_channel_without_samples_is_written_and_read(void **state)
{
    static const char *const names[] = {"Cz"};
    struct mef3_writer *writer = begin(state, NULL);

    add(writer, "Cz", 256);
    assert_int_equal(mef3_writer_finish(writer, NULL), MEF3_OK);
    struct mef3_session *session = open_session(state, NULL);
    assert_int_equal(mef3_channel_info(session, 0)->n_samples, 0);
    assert_int_equal(mef3_session_info(session)->n_damaged, 0);
    mef3_session_close(session);
    remove_session(state, names, 1);
}

static void channels_that_make_no_sense_are_refused(void **state)
{
    char long_name[241] = "";
    memset(long_name, 'x', 240);
    const struct {
        const char *why;
        const char *name;
        double rate_hz, factor;
        uint32_t block_samples;
    } row[] = {
        {"a name of nothing", "", 256, 1, 100},
        {"a name of 240 bytes", long_name, 256, 1, 100},
        {"a path", "a/b", 256, 1, 100},
        {"a step up", "..", 256, 1, 100},
        {"a hidden folder", ".x", 256, 1, 100},
        {"a name twice", "Cz", 256, 1, 100},
        {"no rate", "a", 0, 1, 100},
        {"a rate that is no number", "a", __builtin_nan(""), 1, 100},
        {"no factor", "a", 256, 0, 100},
        {"an infinite factor", "a", 256, __builtin_inf(), 100},
        {"no block", "a", 256, 1, 0},
        {"too long a block", "a", 256, 1, MEF3_RED_MAX_SAMPLES + 1},
    };
    struct mef3_writer *writer = begin(state, NULL);

    add(writer, "Cz", 256);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct mef3_writer_channel channel = channel_of(row[i].name, row[i].rate_hz);
        struct mef3_error error = {0};
        size_t number = 77;
        channel.units_factor = row[i].factor;
        channel.block_samples = row[i].block_samples;
        assert_row_int(mef3_writer_add_channel(writer, &channel, &number, &error), MEF3_EINVAL,
                       row[i].why);
        assert_row(number == 77 && error.field[0], row[i].why);
    }
    mef3_writer_abort(writer);
}

static void samples_out_of_place_are_refused(void **state)
{
    struct mef3_writer *writer = begin(state, NULL);
    int32_t counts[10] = {0};
    size_t channel = add(writer, "Cz", 100);

    assert_int_equal(mef3_writer_append(writer, 1, START, counts, 10, NULL), MEF3_EINVAL);
    assert_int_equal(mef3_writer_append(writer, channel, -1, counts, 10, NULL), MEF3_EINVAL);
    assert_int_equal(mef3_writer_append(writer, channel, START, counts, 10, NULL), MEF3_OK);
    assert_int_equal(mef3_writer_append(writer, channel, START + 95000, counts, 10, NULL),
                     MEF3_EINVAL);
    assert_int_equal(mef3_writer_append(writer, channel, START, counts, 10, NULL), MEF3_EINVAL);
    mef3_writer_abort(writer);
}

/* Half a sample is 5000 microseconds. */
static void a_clock_that_drifts_begins_a_run_where_it_says(void **state)
{
    static const char *const names[] = {"Cz"};
    struct mef3_writer *writer = begin(state, NULL);
    int32_t counts[10] = {0};
    size_t channel = add(writer, "Cz", 100);
    const struct mef3_run *runs;
    size_t n;

    assert_int_equal(mef3_writer_append(writer, channel, START, counts, 10, NULL), MEF3_OK);
    assert_int_equal(mef3_writer_append(writer, channel, START + 99997, counts, 10, NULL), MEF3_OK);
    assert_int_equal(mef3_writer_append(writer, channel, START + 194998, counts, 10, NULL),
                     MEF3_OK);
    assert_int_equal(mef3_writer_finish(writer, NULL), MEF3_OK);
    struct mef3_session *session = open_session(state, NULL);
    assert_int_equal(mef3_segment_runs(session, 0, 0, &runs, &n, NULL), MEF3_OK);
    assert_int_equal(n, 3);
    assert_true(runs[1].origin_uutc == START + 99997 && runs[1].n_samples == 10);
    assert_true(runs[2].origin_uutc == START + 194998 && runs[2].n_samples == 10);
    mef3_session_close(session);
    remove_session(state, names, 1);
}

static void folders_and_options_that_cannot_be_used_are_refused(void **state)
{
    static const struct {
        const char *why;
        const char *name; /* in the test's folder */
        struct mef3_writer_options options;
        int status;
    } row[] = {
        {"another suffix", "night", {0}, MEF3_EINVAL},
        {"a suffix alone", ".mefd", {0}, MEF3_EINVAL},
        {"a folder that is not there", "none/night.mefd", {0}, MEF3_ENOENT},
        {"level 2 without level 1", "a.mefd", {.password_2 = "two"}, MEF3_EINVAL},
        {"too long a password", "a.mefd", {.password_1 = "12345678901234567"}, MEF3_EINVAL},
    };
    struct mef3_writer *writer = begin(state, NULL), *second = NULL;
    struct mef3_error error;
    char path[200];

    session_path(state, path);
    assert_int_equal(mef3_writer_create(path, NULL, &second, &error), MEF3_EINVAL);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", (const char *)*state, row[i].name);
        assert_row_int(mef3_writer_create(path, &row[i].options, &second, &error), row[i].status,
                       row[i].why);
        assert_row(second == NULL, row[i].why);
    }
    mef3_writer_abort(writer);
}

static void an_abort_leaves_nothing_behind(void **state)
{
    struct mef3_writer *writer = begin(state, NULL);
    int32_t counts[250] = {0};

    assert_int_equal(mef3_writer_append(writer, add(writer, "Cz", 100), START, counts, 250, NULL),
                     MEF3_OK);
    add(writer, "empty", 100);
    mef3_writer_abort(writer);
    mef3_writer_abort(NULL);
    /* remove_folder fails when anything is left. */
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(samples_and_gaps_come_back_as_they_were_written),
        IN_A_FOLDER(a_channel_goes_on_in_the_next_segment),
        IN_A_FOLDER(an_abort_removes_all_segments),
        IN_A_FOLDER(the_metadata_are_true),
        IN_A_FOLDER(a_password_of_either_level_opens_what_it_should),
        IN_A_FOLDER(a_channel_without_samples_is_written_and_read),
        IN_A_FOLDER(channels_that_make_no_sense_are_refused),
        IN_A_FOLDER(samples_out_of_place_are_refused),
        IN_A_FOLDER(a_clock_that_drifts_begins_a_run_where_it_says),
        IN_A_FOLDER(folders_and_options_that_cannot_be_used_are_refused),
        IN_A_FOLDER(an_abort_leaves_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
