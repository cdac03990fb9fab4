/* test_session.c - the tree of a recording: odd names, segments missing, damaged, different. */
#include <mef3/mef3.h>

#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "help/memory_session.h"
#include "help/test.h"
#include "layout.h"

static void an_empty_folder_is_a_session_without_channels(void **state)
{
    struct memory_session m = {.n = 0};

    (void)state;
    struct mef3_session *session = memory_open(&m, "any password");
    const struct mef3_session_info *info = mef3_session_info(session);
    assert_string_equal(info->name, "test");
    assert_int_equal(info->n_channels, 0);
    assert_true(info->start_uutc == MEF3_NO_TIME && info->end_uutc == MEF3_NO_TIME);
    assert_false(info->encrypted);
    assert_string_equal(info->subject_id, "");
    assert_null(mef3_channel_info(session, 0));
    assert_null(mef3_segment_info(session, 0, 0));
    assert_int_equal(mef3_channel_find(session, ""), -1);
    mef3_session_close(session);
    mef3_session_close(NULL);
}

static void what_is_no_channel_is_passed_over(void **state)
{
    static const char *const junk[] = {
        ".DS_Store",
        "._Cz.timd/x",
        "notes.txt",
        "b.timd", /* a file, no folder */
        ".timd/x",
        "Cz.TIMD/x",
        "Cz.timd.tmp/x",
        "camera.vidd/x",
        "Cz.timd/.DS_Store",
        "Cz.timd/._Cz-000000.segd/x",
        "Cz.timd/Cz-00001.segd/x", /* five digits */
        "Cz.timd/Cz-abcdef.segd/x",
        "Cz.timd/Cz000001.segd/x",
        "Cz.timd/-000001.segd/x",
        "Cz.timd/Cz-99999999999.segd/x", /* beyond any number */
        "Cz.timd/Cz-000001.segd",        /* a file */
        "Cz.timd/Cz.rdat",
    };
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++)
        memory_add(&m, junk[i], "x", 1);
    struct mef3_session *session = memory_open(&m, NULL);
    assert_int_equal(mef3_session_info(session)->n_channels, 1);
    assert_int_equal(mef3_session_info(session)->n_video_channels, 1);
    assert_int_equal(mef3_session_info(session)->n_damaged, 0);
    assert_int_equal(mef3_channel_info(session, 0)->n_segments, 1);
    mef3_session_close(session);
    memory_free(&m);
}

static void channels_stand_in_the_order_of_their_bytes(void **state)
{
    static const char *const paths[] = {"b.timd/x", "a b.timd/x",  "\xC3\xA9.timd/x", "B.timd/x",
                                        "a.timd/x", "\xFF.timd/x", "a1.timd/x"};
    static const char *const names[] = {"B", "a", "a b", "a1", "b", "\xC3\xA9", "\xEF\xBF\xBD"};
    struct memory_session m = {.n = 0};

    (void)state;
    for (size_t i = 0; i < 7; i++)
        memory_add(&m, paths[i], NULL, 0);
    struct mef3_session *session = memory_open(&m, NULL);
    assert_int_equal(mef3_session_info(session)->n_channels, 7);
    for (size_t i = 0; i < 7; i++) {
        const struct mef3_channel_info *info = mef3_channel_info(session, i);
        assert_string_equal(info->name, names[i]);
        assert_int_equal(mef3_channel_find(session, names[i]), i);
        /* A channel without segments is empty, not damaged. */
        assert_int_equal(info->status, MEF3_OK);
        assert_int_equal(info->n_segments, 0);
        assert_true(info->start_uutc == MEF3_NO_TIME);
        assert_true(info->rate_hz == 0 && info->units_factor == 1);
    }
    assert_int_equal(mef3_channel_find(session, "c"), -1);
    mef3_session_close(session);
    memory_free(&m);
}

static void one_damaged_segment_leaves_the_others(void **state)
{
    struct memory_session m;

    (void)state;
    memory_load(&m, "segments");
    memory_bytes(&m, "-000001.tmet")[6000] ^= 1;
    struct mef3_session *session = memory_open(&m, NULL);
    const struct mef3_channel_info *info = mef3_channel_info(session, 0);
    assert_int_equal(info->status, MEF3_OK);
    assert_int_equal(info->n_segments, 4);
    assert_int_equal(info->n_samples, 6400 - 1600);
    assert_int_equal(mef3_session_info(session)->n_damaged, 1);
    const struct mef3_segment_info *bad = mef3_segment_info(session, 0, 1);
    assert_int_equal(bad->status, MEF3_ECRC);
    assert_int_equal(bad->number, 1);
    /* Its span is told by the header, which is whole. */
    assert_true(bad->start_uutc == 1600000011000000 && bad->end_uutc == 1600000015000000);
    mef3_session_close(session);
    memory_free(&m);
}

static void the_span_of_a_segment_is_found_in_its_other_files(void **state)
{
    struct memory_session m;

    (void)state;
    memory_load(&m, "segments");
    memory_remove(&m, "-000001.tmet");
    memory_bytes(&m, "-000002.tmet")[20] ^= 1;
    memory_bytes(&m, "-000002.tidx")[20] ^= 1;
    struct mef3_session *session = memory_open(&m, NULL);
    assert_int_equal(mef3_session_info(session)->n_damaged, 2);
    assert_int_equal(mef3_segment_info(session, 0, 1)->status, MEF3_ENOENT);
    assert_true(mef3_segment_info(session, 0, 1)->start_uutc == 1600000011000000);
    assert_int_equal(mef3_segment_info(session, 0, 2)->status, MEF3_ECRC);
    assert_true(mef3_segment_info(session, 0, 2)->start_uutc != MEF3_NO_TIME);
    mef3_session_close(session);
    memory_free(&m);
}

static void segments_missing_from_the_middle_are_not_looked_for(void **state)
{
    struct memory_session m;

    (void)state;
    memory_load(&m, "segments");
    memory_remove(&m, "-000001.tmet");
    memory_remove(&m, "-000001.tidx");
    memory_remove(&m, "-000001.tdat");
    struct mef3_session *session = memory_open(&m, NULL);
    assert_int_equal(mef3_session_info(session)->n_damaged, 0);
    assert_int_equal(mef3_channel_info(session, 0)->n_segments, 3);
    assert_int_equal(mef3_segment_info(session, 0, 1)->number, 2);
    assert_null(mef3_segment_info(session, 0, 3));
    mef3_session_close(session);
    memory_free(&m);
}

static void a_segment_of_another_rate_or_factor_is_refused(void **state)
{
    static const struct {
        int at;
        const char *field;
    } row[] = {
        {S2_RATE, "sampling frequency"},
        {S2_UNITS_FACTOR, "units conversion factor"},
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct memory_session m;
        memory_load(&m, "segments");
        le_put_f64(memory_bytes(&m, "-000002.tmet") + META_SECTION_2 + row[i].at, 123);
        memory_seal(&m, "-000002.tmet");
        struct mef3_session *session = memory_open(&m, NULL);
        assert_int_equal(mef3_segment_info(session, 0, 2)->status, MEF3_EUNSUPPORTED);
        assert_string_equal(mef3_segment_info(session, 0, 2)->error->field, row[i].field);
        assert_string_equal(mef3_segment_info(session, 0, 2)->error->found, "123");
        assert_int_equal(mef3_segment_info(session, 0, 3)->status, MEF3_OK);
        assert_int_equal(mef3_session_info(session)->n_damaged, 1);
        mef3_session_close(session);
        memory_free(&m);
    }
}

static void an_empty_segment_has_no_span_and_no_runs(void **state)
{
    struct memory_session m;
    const struct mef3_run *runs;
    struct mef3_error error;
    size_t n = 9;

    (void)state;
    memory_load(&m, "one_channel");
    uint8_t *bytes = memory_bytes(&m, ".tmet");
    le_put_i64(bytes + META_SECTION_2 + S2_N_SAMPLES, 0);
    le_put_i64(bytes + META_SECTION_2 + S2_N_BLOCKS, 0);
    le_put_i64(bytes + UH_START_TIME, INT64_MIN);
    le_put_i64(bytes + UH_END_TIME, INT64_MIN);
    memory_seal(&m, ".tmet");
    memory_remove(&m, ".tidx");
    memory_remove(&m, ".tdat");
    struct mef3_session *session = memory_open(&m, NULL);
    assert_int_equal(mef3_segment_info(session, 0, 0)->status, MEF3_OK);
    assert_true(mef3_segment_info(session, 0, 0)->start_uutc == MEF3_NO_TIME);
    assert_int_equal(mef3_segment_runs(session, 0, 0, &runs, &n, &error), MEF3_OK);
    assert_int_equal(n, 0);
    mef3_session_close(session);
    memory_free(&m);
}

static int refuse_list(void *self, const char *folder, mef3_name_fn *each, void *arg)
{
    (void)self, (void)folder, (void)each, (void)arg;
    return MEF3_EACCES;
}

static void count_free(void *self)
{
    ++*(int *)self;
}

static void a_folder_that_cannot_be_listed_fails_and_frees_the_source(void **state)
{
    static const struct mef3_source_ops ops = {.list = refuse_list, .free = count_free};
    int n_freed = 0;
    struct mef3_source source = {.ops = &ops, .self = &n_freed, .name = "x"};
    struct mef3_session *session = NULL;
    struct mef3_error error;

    (void)state;
    assert_int_equal(mef3_session_open(&source, NULL, &session, &error), MEF3_EACCES);
    assert_int_equal(error.status, MEF3_EACCES);
    assert_null(session);
    assert_int_equal(n_freed, 1);
    mef3_source_fini(&source); /* was taken over: nothing left to free */
    assert_int_equal(n_freed, 1);
}

static int list_many(void *self, const char *folder, mef3_name_fn *each, void *arg)
{
    char name[32];
    int status = 0;

    (void)self;
    for (int i = 0; status == 0 && folder[0] == '\0' && i <= MEF3_MAX_CHANNELS; i++) {
        snprintf(name, sizeof name, "%d.timd", i);
        status = each(arg, name, true);
    }
    return status;
}

static void more_channels_than_allowed_are_refused(void **state)
{
    static const struct mef3_source_ops ops = {.list = list_many, .free = count_free};
    int n_freed = 0;
    struct mef3_source source = {.ops = &ops, .self = &n_freed, .name = "x"};
    struct mef3_session *session = NULL;
    struct mef3_error error;

    (void)state;
    assert_int_equal(mef3_session_open(&source, NULL, &session, &error), MEF3_ELIMIT);
    assert_int_equal(n_freed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_folder_is_a_session_without_channels),
        cmocka_unit_test(what_is_no_channel_is_passed_over),
        cmocka_unit_test(channels_stand_in_the_order_of_their_bytes),
        cmocka_unit_test(one_damaged_segment_leaves_the_others),
        cmocka_unit_test(the_span_of_a_segment_is_found_in_its_other_files),
        cmocka_unit_test(segments_missing_from_the_middle_are_not_looked_for),
        cmocka_unit_test(a_segment_of_another_rate_or_factor_is_refused),
        cmocka_unit_test(an_empty_segment_has_no_span_and_no_runs),
        cmocka_unit_test(a_folder_that_cannot_be_listed_fails_and_frees_the_source),
        cmocka_unit_test(more_channels_than_allowed_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
