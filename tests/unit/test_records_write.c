/* test_records_write.c - records appended to sessions: read back, counted, encrypted, and what a
 * writer that was killed left behind. */
#include <mef3/mef3.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "help/records.h"
#include "help/test.h"
#include "layout.h"

static const int64_t T = 1700000000000000;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

/* A folder of its own for each test; the session in it is "night". */
static int make_folder(void **state)
{
    char *folder = strdup("/tmp/test_records.XXXXXX");

    if (!folder || !mkdtemp(folder))
        return -1;
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    int status = nftw(*state, remove_one, 8, FTW_DEPTH | FTW_PHYS);

    free(*state);
    return status;
}

static const char *path_of(void **state, const char *inner)
{
    static char path[512];

    snprintf(path, sizeof path, "%s/night.mefd%s%s", (const char *)*state, inner[0] ? "/" : "",
             inner);
    return path;
}

static void begin(void **state, const struct mef3_writer_options *options,
                  struct mef3_writer **writer_out)
{
    struct mef3_writer_channel channel;
    int32_t counts[100] = {0};
    size_t number;

    mef3_writer_channel_defaults(&channel);
    channel.name = "Cz";
    channel.rate_hz = 100;
    assert_int_equal(mef3_writer_create(path_of(state, ""), options, writer_out, NULL), MEF3_OK);
    assert_int_equal(mef3_writer_add_channel(*writer_out, &channel, &number, NULL), MEF3_OK);
    assert_int_equal(mef3_writer_append(*writer_out, 0, T, counts, 100, NULL), MEF3_OK);
}

static void make_session(void **state, const struct mef3_writer_options *options)
{
    struct mef3_writer *writer;

    begin(state, options, &writer);
    assert_int_equal(mef3_writer_finish(writer, NULL), MEF3_OK);
}

static struct mef3_record note(const char *text, int64_t uutc)
{
    return (struct mef3_record){.type = "Note",
                                .time_uutc = uutc,
                                .body = (const uint8_t *)text,
                                .n_body = strlen(text) + 1};
}

static void append(void **state, const char *channel, const char *text, int64_t uutc)
{
    struct mef3_record record = note(text, uutc);
    struct mef3_error error;
    char line[1024];

    if (mef3_records_append(path_of(state, ""), channel, NULL, &record, 1, &error) != MEF3_OK)
        fail_msg("%s", mef3_error_text(&error, line, sizeof line));
}

static void read_back(void **state, size_t channel, const char *password,
                      struct records_seen *seen_out)
{
    struct mef3_session *session;

    assert_int_equal(mef3_session_open_folder(path_of(state, ""), password, &session, NULL),
                     MEF3_OK);
    records_read(session, channel, NULL, seen_out);
    mef3_session_close(session);
}

static void expect(void **state, const char *words, const char *why)
{
    struct records_seen seen;

    read_back(state, MEF3_SESSION_RECORDS, NULL, &seen);
    if (strcmp(seen.words, words) != 0)
        fail_msg("row \"%s\": expected %s, got %s", why, words, seen.words);
}

struct bytes {
    uint8_t bytes[4096];
    size_t n;
};

static void load(void **state, const char *inner, struct bytes *to)
{
    FILE *file = fopen(path_of(state, inner), "rb");

    assert_non_null(file);
    to->n = fread(to->bytes, 1, sizeof to->bytes, file);
    assert_true(to->n < sizeof to->bytes);
    fclose(file);
}

static void store(void **state, const char *inner, const struct bytes *from, size_t n)
{
    FILE *file = fopen(path_of(state, inner), "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(from->bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

/* The headers say what the files hold. */
static void check_headers(void **state, const char *stem, int32_t segment, const char *channel,
                          int64_t n, int64_t start, int64_t end)
{
    static const char *const types[] = {"rdat", "ridx"};
    char inner[64];
    struct bytes file;

    for (size_t i = 0; i < 2; i++) {
        snprintf(inner, sizeof inner, "%s.%s", stem, types[i]);
        load(state, inner, &file);
        const uint8_t *h = file.bytes;
        assert_int_equal(mef3_crc32(MEF3_CRC_START, h + 4, UH_BYTES - 4), le_u32(h));
        assert_int_equal(mef3_crc32(MEF3_CRC_START, h + UH_BYTES, file.n - UH_BYTES),
                         le_u32(h + UH_BODY_CRC));
        assert_memory_equal(h + UH_TYPE, types[i], 5);
        assert_int_equal(le_i64(h + UH_N_ENTRIES), n);
        assert_int_equal(le_i32(h + UH_SEGMENT_NUMBER), segment);
        assert_true(le_i64(h + UH_START_TIME) == start && le_i64(h + UH_END_TIME) == end);
        assert_string_equal((const char *)h + UH_CHANNEL_NAME, channel);
        assert_string_equal((const char *)h + UH_SESSION_NAME, "night");
        if (i == 1)
            assert_true(file.n == UH_BYTES + RIDX_BYTES * (size_t)n &&
                        le_i64(h + UH_MAX_ENTRY_BYTES) == RIDX_BYTES);
    }
}

static void records_are_appended_and_counted(void **state)
{
    struct records_seen seen;
    struct bytes file;

    make_session(state, NULL);
    append(state, NULL, "second", T + 2000000);
    check_headers(state, "night", UH_OF_SESSION, "", 1, T + 2000000, T + 2000000);
    append(state, NULL, "a longer one: first, though", T + 1000000);
    append(state, "Cz", "of the channel", T);
    check_headers(state, "night", UH_OF_SESSION, "", 2, T + 1000000, T + 2000000);
    check_headers(state, "Cz.timd/Cz", UH_OF_CHANNEL, "Cz", 1, T, T);
    load(state, "night.rdat", &file);
    assert_int_equal(le_i64(file.bytes + UH_MAX_ENTRY_BYTES), 24 + 32);
    assert_int_equal(file.n, UH_BYTES + 24 + 16 + 24 + 32);
    read_back(state, MEF3_SESSION_RECORDS, NULL, &seen);
    assert_string_equal(seen.words, "Note Note");
    assert_string_equal(seen.last_text, "a longer one: first, though");
    assert_true(seen.last.time_uutc == T + 1000000);
    read_back(state, 0, NULL, &seen);
    assert_string_equal(seen.last_text, "of the channel");
}

static void records_are_added_while_a_session_is_written(void **state)
{
    struct mef3_record record = note("during", T + 5);
    struct mef3_writer *writer;
    struct records_seen seen;

    begin(state, NULL, &writer);
    assert_int_equal(mef3_writer_add_record(writer, MEF3_SESSION_RECORDS, &record, NULL), MEF3_OK);
    expect(state, "Note", "at once");
    append(state, NULL, "by another", T + 6); /* the session itself is locked */
    record = note("after that", T + 7);
    assert_int_equal(mef3_writer_add_record(writer, MEF3_SESSION_RECORDS, &record, NULL), MEF3_OK);
    assert_int_equal(mef3_writer_add_record(writer, 0, &record, NULL), MEF3_OK);
    assert_int_equal(mef3_writer_add_record(writer, 1, &record, NULL), MEF3_EINVAL);
    assert_int_equal(mef3_writer_finish(writer, NULL), MEF3_OK);
    read_back(state, MEF3_SESSION_RECORDS, NULL, &seen);
    assert_string_equal(seen.words, "Note Note Note");
    assert_string_equal(seen.last_text, "after that");
    check_headers(state, "night", UH_OF_SESSION, "", 3, T + 5, T + 7);
    check_headers(state, "Cz.timd/Cz", UH_OF_CHANNEL, "Cz", 1, T + 7, T + 7);
}

static void an_abort_removes_the_records_too(void **state)
{
    struct mef3_record record = note("in vain", T);
    struct mef3_writer *writer;
    struct stat st;

    begin(state, NULL, &writer);
    assert_int_equal(mef3_writer_add_record(writer, MEF3_SESSION_RECORDS, &record, NULL), MEF3_OK);
    assert_int_equal(mef3_writer_add_record(writer, 0, &record, NULL), MEF3_OK);
    mef3_writer_abort(writer);
    assert_int_equal(stat(path_of(state, ""), &st), -1);
}

static void a_record_is_encrypted_with_the_key_of_its_level(void **state)
{
    const struct mef3_writer_options options = {
        .password_1 = "one", .password_2 = "two", .gmt_offset_s = -86401};
    static const struct {
        const char *password;
        const char *words;
    } row[] = {
        {NULL, "Note ?Note ?Note"},
        {"three", "Note ?Note ?Note"},
        {"one", "Note Note ?Note"},
        {"two", "Note Note Note"},
    };
    struct mef3_record records[3];
    struct records_seen seen;
    struct bytes file;

    make_session(state, &options);
    for (int i = 0; i < 3; i++) {
        records[i] = note("secret text", T + i);
        records[i].level = i;
    }
    assert_int_equal(mef3_records_append(path_of(state, ""), NULL, "one", records, 3, NULL),
                     MEF3_EPASSWORD);
    assert_int_equal(mef3_records_append(path_of(state, ""), NULL, NULL, records, 1, NULL),
                     MEF3_EPASSWORD);
    assert_int_equal(mef3_records_append(path_of(state, ""), NULL, "two", records, 3, NULL),
                     MEF3_OK);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        read_back(state, MEF3_SESSION_RECORDS, row[i].password, &seen);
        assert_string_equal(seen.words, row[i].words);
    }
    assert_string_equal(seen.last_text, "secret text");
    load(state, "night.rdat", &file);
    const uint8_t *first = memmem(file.bytes, file.n, "secret text", 11);
    assert_non_null(first);
    size_t left = file.n - (size_t)(first + 1 - file.bytes);
    assert_null(memmem(first + 1, left, "secret text", 11));
}

static void times_are_stored_as_the_session_stores_times(void **state)
{
    const struct mef3_writer_options options = {.recording_time_offset = T - 1000,
                                                .gmt_offset_s = -86401};
    struct mef3_record early = note("too early", T - 1000);
    struct records_seen seen;

    make_session(state, &options);
    append(state, NULL, "one", T + 5);
    check_headers(state, "night", UH_OF_SESSION, "", 1, -1005, -1005);
    read_back(state, MEF3_SESSION_RECORDS, NULL, &seen);
    assert_true(seen.last.time_uutc == T + 5);
    assert_int_equal(mef3_records_append(path_of(state, ""), NULL, NULL, &early, 1, NULL),
                     MEF3_EINVAL);
}

static void what_cannot_be_written_is_refused_and_nothing_is(void **state)
{
    struct mef3_record good = note("good", T);
    const struct {
        const char *why;
        const char *channel;
        struct mef3_record record;
        int status;
    } row[] = {
        {"no such channel", "Pz", good, MEF3_ENOENT},
        {"a time before 1970", NULL, note("x", -1), MEF3_EINVAL},
        {"no time", NULL, note("x", MEF3_NO_TIME), MEF3_EINVAL},
        {"a level without a password",
         NULL,
         {.type = "Note", .level = 1, .time_uutc = T},
         MEF3_EINVAL},
        {"level 3", NULL, {.type = "Note", .level = 3, .time_uutc = T}, MEF3_EINVAL},
        {"a type of three", NULL, {.type = "Not", .time_uutc = T}, MEF3_EINVAL},
        {"a type that cannot be shown", NULL, {.type = "N\xE9te", .time_uutc = T}, MEF3_EINVAL},
        {"a body too long",
         NULL,
         {.type = "Note", .time_uutc = T, .n_body = (1u << 26) + 1},
         MEF3_ELIMIT},
    };
    struct stat st;

    make_session(state, NULL);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct mef3_record records[] = {good, row[i].record};
        struct mef3_error error = {0};
        assert_row_int(
            mef3_records_append(path_of(state, ""), row[i].channel, NULL, records, 2, &error),
            row[i].status, row[i].why);
        assert_row(error.field[0], row[i].why);
        assert_row(stat(path_of(state, "night.rdat"), &st) != 0, row[i].why);
    }
    assert_int_equal(mef3_records_append(path_of(state, ""), NULL, NULL, NULL, 0, NULL), MEF3_OK);
    assert_int_equal(mef3_records_append("/nowhere.mefd", NULL, NULL, &good, 1, NULL), MEF3_ENOENT);
}

/* Every state of the files that a writer can be killed in: so many bytes of the .rdat, then of the
 * .ridx, then the header of either. A reader sees the record or not; the next one is appended. */
static void whenever_a_writer_is_killed_the_next_one_goes_on(void **state)
{
    struct bytes data[2], index[2];

    make_session(state, NULL);
    append(state, NULL, "one", T);
    load(state, "night.rdat", &data[0]);
    load(state, "night.ridx", &index[0]);
    append(state, NULL, "two", T + 1);
    load(state, "night.rdat", &data[1]);
    load(state, "night.ridx", &index[1]);
    size_t n_data = data[1].n - data[0].n, n_index = index[1].n - index[0].n;
    for (size_t step = 0; step <= n_data + n_index + 1; step++) {
        size_t more = step < n_data ? step : n_data;
        size_t more_index = step < n_data ? 0 : step - n_data < n_index ? step - n_data : n_index;
        struct bytes now = data[1], now_index = index[1];
        memcpy(now.bytes, data[0].bytes, UH_BYTES);
        if (step < n_data + n_index + 1)
            memcpy(now_index.bytes, index[0].bytes, UH_BYTES);
        store(state, "night.rdat", &now, data[0].n + more);
        store(state, "night.ridx", &now_index, index[0].n + more_index);
        expect(state, step < n_data ? "Note" : "Note Note", "killed");
        append(state, NULL, "three", T + 2);
        expect(state, step < n_data ? "Note Note" : "Note Note Note", "gone on");
        check_headers(state, "night", UH_OF_SESSION, "", step < n_data ? 2 : 3, T, T + 2);
    }
    /* Or before there was an index. */
    store(state, "night.rdat", &data[1], data[1].n);
    assert_int_equal(unlink(path_of(state, "night.ridx")), 0);
    append(state, NULL, "three", T + 2);
    expect(state, "Note Note Note", "an index made anew");
    check_headers(state, "night", UH_OF_SESSION, "", 3, T, T + 2);
}

static void damage_stays_and_does_not_keep_from_appending(void **state)
{
    struct bytes data;

    make_session(state, NULL);
    append(state, NULL, "one", T);
    append(state, NULL, "two", T + 1);
    load(state, "night.rdat", &data);
    data.bytes[UH_BYTES + 30] ^= 1;
    store(state, "night.rdat", &data, data.n);
    append(state, NULL, "three", T + 2);
    expect(state, "!ECRC Note Note", "in the middle");
    load(state, "night.rdat", &data);
    store(state, "night.rdat", &data, data.n - 7); /* the last is cut, and was counted */
    expect(state, "!ECRC Note !ETRUNCATED", "and at the end");
    append(state, NULL, "four", T + 3);
    expect(state, "!ECRC Note !ECRC Note", "behind it");

    /* A damaged header would be sealed by writing it anew. */
    load(state, "night.rdat", &data);
    data.bytes[UH_SESSION_NAME] ^= 1;
    store(state, "night.rdat", &data, data.n);
    struct mef3_record record = note("five", T + 4);
    assert_int_equal(mef3_records_append(path_of(state, ""), NULL, NULL, &record, 1, NULL),
                     MEF3_ECRC);
}

static void a_renamed_session_keeps_its_files(void **state)
{
    char renamed[512];
    struct stat st;
    struct mef3_record record = note("two", T + 1);

    make_session(state, NULL);
    append(state, NULL, "one", T);
    snprintf(renamed, sizeof renamed, "%s/day.mefd", (const char *)*state);
    assert_int_equal(rename(path_of(state, ""), renamed), 0);
    assert_int_equal(mef3_records_append(renamed, NULL, NULL, &record, 1, NULL), MEF3_OK);
    assert_int_equal(rename(renamed, path_of(state, "")), 0);
    assert_int_equal(stat(path_of(state, "day.rdat"), &st), -1);
    expect(state, "Note Note", "in the file that was there");
}

/* Whoever gives away a session is not to choose which other file a note goes into. */
static void a_link_in_place_of_the_file_is_not_followed(void **state)
{
    struct mef3_record record = note("astray", T);
    char elsewhere[512];
    struct bytes before, after;

    make_session(state, NULL);
    append(state, NULL, "one", T);
    load(state, "night.rdat", &before);
    snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", (const char *)*state);
    assert_int_equal(rename(path_of(state, "night.rdat"), elsewhere), 0);
    assert_int_equal(symlink("../elsewhere", path_of(state, "night.rdat")), 0);
    assert_int_equal(mef3_records_append(path_of(state, ""), NULL, NULL, &record, 1, NULL),
                     MEF3_EIO);
    load(state, "../elsewhere", &after);
    assert_int_equal(after.n, before.n);
    assert_memory_equal(after.bytes, before.bytes, before.n);
}

static void many_records_are_appended_at_once_and_one_by_one(void **state)
{
    enum { N = 1000 };
    static struct mef3_record records[N];
    struct mef3_writer *writer;
    struct records_seen seen;

    begin(state, NULL, &writer);
    for (int i = 0; i < N; i++)
        records[i] = note("many", T + i);
    assert_int_equal(mef3_writer_add_records(writer, 0, records, N, NULL), MEF3_OK);
    for (int i = 0; i < N; i++)
        assert_int_equal(mef3_writer_add_record(writer, 0, &records[i], NULL), MEF3_OK);
    assert_int_equal(mef3_writer_finish(writer, NULL), MEF3_OK);
    read_back(state, 0, NULL, &seen);
    assert_int_equal(seen.n, 2 * N);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(records_are_appended_and_counted),
        IN_A_FOLDER(records_are_added_while_a_session_is_written),
        IN_A_FOLDER(an_abort_removes_the_records_too),
        IN_A_FOLDER(a_record_is_encrypted_with_the_key_of_its_level),
        IN_A_FOLDER(times_are_stored_as_the_session_stores_times),
        IN_A_FOLDER(what_cannot_be_written_is_refused_and_nothing_is),
        IN_A_FOLDER(whenever_a_writer_is_killed_the_next_one_goes_on),
        IN_A_FOLDER(damage_stays_and_does_not_keep_from_appending),
        IN_A_FOLDER(a_renamed_session_keeps_its_files),
        IN_A_FOLDER(a_link_in_place_of_the_file_is_not_followed),
        IN_A_FOLDER(many_records_are_appended_at_once_and_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
