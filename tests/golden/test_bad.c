/* test_bad.c - recordings with one fault each: what the library says of it, and what it still
 * reads.
 *
 *   test_bad [--print] TABLE GOLDEN FOLDER
 *
 * The table (bad/faults.json) has, for each, the status and the text of the first thing that was
 * told, and what became of the samples of the recording it was made of, in order: "2000 data, 1000
 * unreadable, 2120 data". Data that are elsewhere than they were say so: "1000 data from 2000".
 * --print prints these as they are found, a line of JSON each, for who adds a fault. */
#include <mef3/mef3.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/read_all.h"
#include "help/test.h"

static const char *golden, *folder;
static json_t *table;

enum { MOST_SAMPLES = 1 << 16, TEXT = 2048 };

/* The first channel of a recording, over the span that it should have. */
struct view {
    size_t n;
    int32_t counts[MOST_SAMPLES];
    uint8_t truth[MOST_SAMPLES];
};
static struct view whole, view;

struct verdict {
    int status;
    char text[TEXT];
    char read[TEXT];
};

static const char *text_of(const json_t *fault, const char *key)
{
    const char *text = json_string_value(json_object_get(fault, key));

    return text ? text : "";
}

static void take(struct verdict *verdict, const struct mef3_error *error)
{
    if (verdict->status != MEF3_OK)
        return;
    verdict->status = error->status;
    mef3_error_text(error, verdict->text, sizeof verdict->text);
}

static void note(void *arg, const struct mef3_damage *damage)
{
    take(arg, &damage->error);
}

static struct mef3_session *open_golden(const char *name, const char *password)
{
    struct mef3_session *session;
    char path[4096];

    snprintf(path, sizeof path, "%s/%s.mefd", golden, name);
    assert_row_int(mef3_session_open_folder(path, password, &session, NULL), MEF3_OK, name);
    return session;
}

/* What the recording holds that a fault is made of; the span and the channel are its. */
static const struct mef3_channel_info *read_whole(struct mef3_session *session)
{
    const struct mef3_channel_info *info = mef3_channel_info(session, 0);
    int64_t n;

    assert_int_equal(mef3_window_samples(info->start_uutc, info->end_uutc, info->rate_hz, &n),
                     MEF3_OK);
    assert_in_range(n, 1, MOST_SAMPLES);
    whole.n = (size_t)n;
    assert_int_equal(mef3_read_window(session, 0, info->start_uutc, info->end_uutc, whole.counts,
                                      whole.truth, whole.n, NULL, NULL, NULL),
                     MEF3_OK);
    return info;
}

/* Where `count` data at `at` of the view were in the whole; -1: nowhere. */
static int64_t origin_of(size_t at, size_t n)
{
    if (memcmp(view.counts + at, whole.counts + at, n * sizeof *view.counts) == 0)
        return (int64_t)at;
    for (size_t from = 0; from + n <= whole.n; from++)
        if (memcmp(view.counts + at, whole.counts + from, n * sizeof *view.counts) == 0)
            return (int64_t)from;
    return -1;
}

/* Data that are one stretch in the view may be several of the whole. What is shorter than this
 * may be there by chance. */
static size_t longest(size_t at, size_t end, int64_t *from_out)
{
    enum { LEAST = 16 };
    size_t n = end - at;

    while (n > LEAST && origin_of(at, n) < 0)
        n = n / 2 > LEAST ? n / 2 : LEAST;
    *from_out = origin_of(at, n);
    if (*from_out < 0)
        return end - at;
    while (at + n < end && origin_of(at, n + 1) >= 0)
        n++;
    *from_out = origin_of(at, n);
    return n;
}

static void describe(char text[TEXT])
{
    static const char *const names[] = {"gap", "data", "unreadable"};
    size_t used = 0;

    text[0] = '\0';
    for (size_t at = 0, n; at < view.n; at += n) {
        int64_t from = (int64_t)at;
        for (n = 1; at + n < view.n && view.truth[at + n] == view.truth[at]; n++)
            continue;
        if (view.truth[at] == MEF3_DATA)
            n = longest(at, at + n, &from);
        used += (size_t)snprintf(text + used, TEXT - used, "%s%zu %s", at ? ", " : "", n,
                                 names[view.truth[at]]);
        if (from < 0)
            used += (size_t)snprintf(text + used, TEXT - used, " from nowhere");
        else if (from != (int64_t)at)
            used += (size_t)snprintf(text + used, TEXT - used, " from %lld", (long long)from);
        assert_true(used < TEXT - 100);
    }
}

/* The channel of that name, and then everything else that can be asked. */
static void read_session(struct mef3_session *session, const struct mef3_channel_info *base,
                         struct verdict *verdict)
{
    int64_t channel = mef3_channel_find(session, base->name);
    struct mef3_error error;
    int64_t n;

    view.n = 0;
    snprintf(verdict->read, sizeof verdict->read, "no channel");
    const struct mef3_channel_info *info = mef3_channel_info(session, (size_t)channel);
    if (info) {
        double rate_hz = info->rate_hz > 0 ? info->rate_hz : base->rate_hz;
        assert_int_equal(mef3_window_samples(base->start_uutc, base->end_uutc, rate_hz, &n),
                         MEF3_OK);
        assert_in_range(n, 1, MOST_SAMPLES);
        view.n = (size_t)n;
        int status = mef3_read_window(session, (size_t)channel, base->start_uutc, base->end_uutc,
                                      view.counts, view.truth, view.n, note, verdict, &error);
        if (status != MEF3_OK) {
            take(verdict, &error);
            snprintf(verdict->read, sizeof verdict->read, "nothing");
        } else {
            describe(verdict->read);
        }
    }
    read_all_of(session);
}

static void look(const json_t *fault, struct verdict *verdict)
{
    const char *name = text_of(fault, "name"), *of = text_of(fault, "of");
    struct mef3_session *session, *base = open_golden(of, "readall");
    const struct mef3_channel_info *info = read_whole(base);
    struct mef3_error error = {0};
    char path[4096];

    *verdict = (struct verdict){.read = "nothing"};
    snprintf(path, sizeof path, "%s/%s.mefd", folder, name);
    int status = mef3_session_open_folder(
        path, json_string_value(json_object_get(fault, "password")), &session, &error);
    if (status == MEF3_OK) {
        read_session(session, info, verdict);
        mef3_session_close(session);
    } else {
        assert_row_int(error.status, status, name);
        take(verdict, &error);
    }
    mef3_session_close(base);
}

static void each_fault_is_told_with_its_place_and_the_rest_is_read(void **state)
{
    static struct verdict verdict;
    json_t *fault;
    size_t i;
    int n_wrong = 0;

    (void)state;
    assert_true(json_array_size(table) >= 60);
    json_array_foreach(table, i, fault)
    {
        const char *name = text_of(fault, "name");
        look(fault, &verdict);
        if (strcmp(mef3_status_name(verdict.status), text_of(fault, "status")) == 0 &&
            strcmp(verdict.text, text_of(fault, "text")) == 0 &&
            strcmp(verdict.read, text_of(fault, "read")) == 0)
            continue;
        print_error("%s: %s: %s\n    %s\nnot: %s: %s\n    %s\n", name,
                    mef3_status_name(verdict.status), verdict.text, verdict.read,
                    text_of(fault, "status"), text_of(fault, "text"), text_of(fault, "read"));
        n_wrong++;
    }
    assert_int_equal(n_wrong, 0);
}

/* A person must be able to go there: the file, and what of it is wrong. */
static void each_text_names_a_file_and_more(void **state)
{
    json_t *fault;
    size_t i;

    (void)state;
    json_array_foreach(table, i, fault)
    {
        const char *text = text_of(fault, "text"), *status = text_of(fault, "status");
        if (strcmp(status, "OK") == 0) {
            assert_row(text[0] == '\0', text_of(fault, "name"));
            continue;
        }
        assert_row(strstr(text, "-000") || strstr(text, ".mefd") || strstr(text, ".timd"),
                   text_of(fault, "name"));
        bool is_bare = strcmp(status, "ENOENT") == 0 || strcmp(status, "EACCES") == 0 ||
                       strcmp(status, "EIO") == 0;
        assert_row(is_bare || strstr(text, "found "), text_of(fault, "name"));
    }
}

static int print_all(void)
{
    static struct verdict verdict;
    json_t *fault;
    size_t i;

    json_array_foreach(table, i, fault)
    {
        look(fault, &verdict);
        json_t *line =
            json_pack("{s:s, s:s, s:s, s:s}", "name", text_of(fault, "name"), "status",
                      mef3_status_name(verdict.status), "text", verdict.text, "read", verdict.read);
        json_dumpf(line, stdout, 0);
        putchar('\n');
        json_decref(line);
    }
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_is_told_with_its_place_and_the_rest_is_read),
        cmocka_unit_test(each_text_names_a_file_and_more),
    };
    bool prints = argc > 1 && strcmp(argv[1], "--print") == 0;
    json_error_t error;

    if (argc - prints != 4) {
        fprintf(stderr, "usage: test_bad [--print] TABLE GOLDEN FOLDER\n");
        return 2;
    }
    argv += prints;
    golden = argv[2];
    folder = argv[3];
    table = json_load_file(argv[1], 0, &error);
    if (!table) {
        fprintf(stderr, "%s: %s\n", argv[1], error.text);
        return 1;
    }
    int failed = prints ? print_all() : cmocka_run_group_tests(tests, NULL, NULL);
    json_decref(table);
    return failed;
}
