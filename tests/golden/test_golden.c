/* test_golden.c - libmef3 against what the reference software reads, bit for bit. */
#include <mef3/mef3.h>

#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "help/test.h"

static const char *golden; /* the folder of manifest.json */
static json_t *manifest;
static size_t n_windows;

static double *read_expected(const char *name, size_t *n_out)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/%s", golden, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size_t n = (size_t)ftell(file) / sizeof(double);
    rewind(file);
    double *values = malloc(n * sizeof *values + 1);
    assert_int_equal(fread(values, sizeof *values, n, file), n);
    fclose(file);
    *n_out = n;
    return values;
}

static void no_damage(void *arg, const struct mef3_damage *damage)
{
    char text[1024];

    fail_msg("%s: %s", (const char *)arg, mef3_error_text(&damage->error, text, sizeof text));
}

/* Truth goes with the numbers: what is not data is NaN, and nothing is unreadable. */
static void check_truth(const uint8_t *truth, const int32_t *counts, size_t n, const char *why)
{
    for (size_t i = 0; i < n; i++) {
        assert_row(truth[i] == MEF3_DATA || truth[i] == MEF3_GAP, why);
        assert_row(truth[i] == MEF3_DATA || counts[i] == MEF3_COUNT_NAN, why);
    }
}

static void check_window(struct mef3_session *session, size_t channel, int64_t start, int64_t end,
                         const char *file)
{
    char why[512];
    struct mef3_error error;
    size_t n;
    int64_t n_window = -1;

    snprintf(why, sizeof why, "%s", file);
    double *expected = read_expected(file, &n);
    double rate = mef3_channel_info(session, channel)->rate_hz;
    assert_row_int(mef3_window_samples(start, end, rate, &n_window), MEF3_OK, why);
    assert_row_int(n_window, n, why);
    int32_t *counts = malloc(n * sizeof *counts + 1);
    int32_t *parts = malloc(n * sizeof *parts + 1);
    uint8_t *truth = malloc(n + 1);
    double *values = malloc(n * sizeof *values + 1);

    assert_row_int(
        mef3_read_window(session, channel, start, end, counts, truth, n, no_damage, why, &error),
        MEF3_OK, why);
    check_truth(truth, counts, n, why);
    mef3_counts_to_f64(counts, n, 1, values);
    for (size_t i = 0; i < n; i++) {
        bool same =
            values[i] == expected[i] || (values[i] != values[i] && expected[i] != expected[i]);
        if (!same)
            fail_msg("%s: sample %zu is %.17g, not %.17g", why, i, values[i], expected[i]);
    }
    /* In pieces it is the same. */
    for (size_t first = 0; first < n; first += 777) {
        size_t some = n - first < 777 ? n - first : 777;
        assert_row_int(mef3_read_window_part(session, channel, start, end, (int64_t)first, some,
                                             parts + first, NULL, no_damage, why, &error),
                       MEF3_OK, why);
    }
    assert_row(n == 0 || memcmp(parts, counts, n * sizeof *counts) == 0, why);
    free(expected);
    free(counts);
    free(parts);
    free(truth);
    free(values);
    n_windows++;
}

static int64_t whole(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void check_channel(struct mef3_session *session, const char *name, const json_t *expected)
{
    int64_t number = mef3_channel_find(session, name);
    json_t *window;
    size_t k;

    assert_row(number >= 0, name);
    const struct mef3_channel_info *info = mef3_channel_info(session, (size_t)number);
    assert_row_int(info->status, MEF3_OK, name);
    assert_row(info->rate_hz == json_number_value(json_object_get(expected, "fs")), name);
    assert_row(info->units_factor == json_number_value(json_object_get(expected, "ufact")), name);
    assert_row_int(info->start_uutc, whole(expected, "start_uutc"), name);
    assert_row_int(info->end_uutc, whole(expected, "end_uutc"), name);
    assert_row_int(info->n_samples, whole(expected, "stored_samples"), name);
    assert_string_equal(info->units, "uV");

    check_window(session, (size_t)number, info->start_uutc, info->end_uutc,
                 json_string_value(json_object_get(expected, "file")));
    json_array_foreach(json_object_get(expected, "windows"), k, window)
        check_window(session, (size_t)number, whole(window, "start_uutc"),
                     whole(window, "end_uutc"), json_string_value(json_object_get(window, "file")));
}

static struct mef3_session *open_session(const json_t *fixture, const char *password)
{
    struct mef3_session *session;
    struct mef3_error error;
    char path[1024];
    char text[1024];

    snprintf(path, sizeof path, "%s/%s", golden,
             json_string_value(json_object_get(fixture, "session")));
    if (mef3_session_open_folder(path, password, &session, &error) != MEF3_OK)
        fail_msg("%s", mef3_error_text(&error, text, sizeof text));
    return session;
}

static void check_session(const char *name, const char *password, int access_level)
{
    json_t *fixture = json_object_get(manifest, name);
    json_t *channel;
    const char *channel_name;

    assert_non_null(fixture);
    struct mef3_session *session = open_session(fixture, password);
    const struct mef3_session_info *info = mef3_session_info(session);
    assert_string_equal(info->name, name);
    assert_int_equal(info->n_channels, json_object_size(json_object_get(fixture, "channels")));
    assert_int_equal(info->n_damaged, 0);
    assert_int_equal(info->n_locked, 0);
    assert_int_equal(info->access_level, access_level);
    json_object_foreach(json_object_get(fixture, "channels"), channel_name, channel)
        check_channel(session, channel_name, channel);
    mef3_session_close(session);
}

static void every_fixture_is_read_bit_for_bit(void **state)
{
    const char *name;
    json_t *fixture;
    char pattern[1024];
    glob_t files;

    (void)state;
    snprintf(pattern, sizeof pattern, "%s/*.expected/*.f64", golden);
    assert_int_equal(glob(pattern, 0, NULL, &files), 0);
    n_windows = 0;
    json_object_foreach(manifest, name, fixture)
    {
        const char *password = json_string_value(json_object_get(fixture, "password"));
        check_session(name, password, password ? 2 : 0);
    }
    assert_int_equal(n_windows, files.gl_pathc); /* no file was left out */
    globfree(&files);
}

static void a_level_1_password_reads_the_same_samples(void **state)
{
    (void)state;
    check_session("encrypted", "readsignal", 1);
    check_session("encrypted_utf8", "heslo-\xC5\xBE", 1);
}

static void a_level_1_password_says_that_times_are_relative(void **state)
{
    json_t *fixture = json_object_get(manifest, "encrypted");

    (void)state;
    struct mef3_session *session = open_session(fixture, "readsignal");
    assert_true(mef3_session_info(session)->encrypted);
    assert_true(mef3_session_info(session)->times_relative);
    mef3_session_close(session);
    session = open_session(fixture, "readall");
    assert_false(mef3_session_info(session)->times_relative);
    mef3_session_close(session);
}

static void a_missing_or_wrong_password_still_lists_the_channels(void **state)
{
    static const char *const password[] = {NULL, "wrong", "seventeen letters"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct mef3_session *session =
            open_session(json_object_get(manifest, "encrypted"), password[i]);
        const struct mef3_session_info *info = mef3_session_info(session);
        assert_int_equal(info->n_channels, 2);
        assert_int_equal(info->n_locked, 2);
        assert_int_equal(info->n_damaged, 0);
        assert_true(info->encrypted);
        assert_int_equal(info->access_level, 0);
        assert_string_equal(mef3_channel_info(session, 1)->name, "secret2");
        assert_int_equal(mef3_channel_info(session, 1)->status, MEF3_EPASSWORD);
        assert_int_equal(mef3_segment_info(session, 0, 0)->status, MEF3_EPASSWORD);
        assert_string_equal(mef3_segment_info(session, 0, 0)->error->found,
                            password[i] ? "a wrong one" : "none");
        mef3_session_close(session);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fixture_is_read_bit_for_bit),
        cmocka_unit_test(a_level_1_password_reads_the_same_samples),
        cmocka_unit_test(a_level_1_password_says_that_times_are_relative),
        cmocka_unit_test(a_missing_or_wrong_password_still_lists_the_channels),
    };
    char path[1024];
    json_error_t error;

    if (argc != 2) {
        fprintf(stderr, "usage: test_golden FOLDER\n");
        return 2;
    }
    golden = argv[1];
    snprintf(path, sizeof path, "%s/manifest.json", golden);
    manifest = json_load_file(path, 0, &error);
    if (!manifest) {
        fprintf(stderr, "%s: %s\n", path, error.text);
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    json_decref(manifest);
    return failed;
}
