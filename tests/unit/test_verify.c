/* test_verify.c - a check of recordings: whole ones, ones that grow, files and segments that are
 * gone. */
#include <mef3/mef3.h>

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "help/checked.h"
#include "help/test.h"
#include "layout.h"

static void every_kind_has_a_word_of_its_own_and_a_text(void **state)
{
    (void)state;
    for (int a = 0; a < MEF3_N_FINDING_KINDS; a++) {
        assert_true(strlen(mef3_finding_word((enum mef3_finding_kind)a)) > 2);
        assert_true(strlen(mef3_finding_text((enum mef3_finding_kind)a)) > 10);
        for (int b = 0; b < a; b++)
            assert_string_not_equal(mef3_finding_word((enum mef3_finding_kind)a),
                                    mef3_finding_word((enum mef3_finding_kind)b));
    }
    assert_string_equal(mef3_finding_word(MEF3_N_FINDING_KINDS), "?");
    assert_string_equal(mef3_finding_text(MEF3_N_FINDING_KINDS), "unknown");
    assert_int_equal(mef3_finding_severity(MEF3_N_FINDING_KINDS), MEF3_ERROR);
}

/* What the reference software leaves wrong, and nothing else. */
static const enum mef3_finding_kind known[] = {
    MEF3_FINDING_STALE_CRC,           MEF3_FINDING_RECORD_LEVEL,   MEF3_FINDING_BLOCK_INTERVAL,
    MEF3_FINDING_DISCONTINUITY_COUNT, MEF3_FINDING_CONTIGUOUS,     MEF3_FINDING_DURATION,
    MEF3_FINDING_NATIVE_EXTREMES,     MEF3_FINDING_HEADER_LARGEST, MEF3_FINDING_HEADER_TIMES,
};

static void recordings_of_the_reference_software_have_no_errors(void **state)
{
    static const struct {
        const char *name;
        const char *password;
        int64_t n_samples;
    } row[] = {
        {"one_channel", NULL, 5120},
        {"many_channels", NULL, 36864},
        {"fractional_rate", NULL, 4000},
        {"names_utf8", NULL, 2000},
        {"one_block", NULL, 900},
        {"one_sample_blocks", NULL, 40},
        {"odd_blocks", NULL, 3331},
        {"long_block", NULL, 60000},
        {"constant", NULL, 2500},
        {"zero", NULL, 2500},
        {"jumps", NULL, 5000},
        {"white_wide", NULL, 5000},
        {"extremes", NULL, 1000},
        {"steps_128", NULL, 1000},
        {"noisy_eeg", NULL, 20000},
        {"gaps", NULL, 14547},
        {"gap_offgrid", NULL, 2000},
        {"segments", NULL, 6400},
        {"appended", NULL, 2250},
        {"mixed_rates", NULL, 5000},
        {"encrypted", "readall", 2560},
        {"encrypted", "readsignal", 2560},
        {"encrypted_utf8", "klíč-ř", 512},
        {"annotations", NULL, 5120},
    };
    static struct checked found;
    struct memory_session m;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        memory_load(&m, row[i].name);
        checked_session(&m, row[i].name, row[i].password, NULL, &found);
        for (size_t k = 0; k < sizeof known / sizeof *known; k++)
            found.n_of_kind[known[k]] = 0;
        found.n_of_kind[MEF3_FINDING_LOCKED_SUBJECT] = 0;
        for (int kind = 0; kind < MEF3_N_FINDING_KINDS; kind++)
            if (found.n_of_kind[kind] > 0)
                fail_msg("%s: %s", row[i].name, mef3_finding_word((enum mef3_finding_kind)kind));
        assert_row_int(found.totals.n_errors, 0, row[i].name);
        assert_row_int(found.totals.n_samples, row[i].n_samples, row[i].name);
        assert_row_int(found.totals.n_readable, row[i].n_samples, row[i].name);
        assert_row_int(found.totals.n_readable_blocks, found.totals.n_blocks, row[i].name);
        memory_free(&m);
    }
}

/* Headers that count n blocks of 1,000 samples, with the checksums of so many. */
static void count_blocks(struct memory_session *m, int64_t n)
{
    uint8_t *section = memory_bytes(m, ".tmet") + META_SECTION_2;
    size_t n_data = memory_file(m, ".tdat")->n, n_index = memory_file(m, ".tidx")->n;
    uint8_t *data = malloc(n_data), *index = malloc(n_index);

    assert_true(data && index);
    memcpy(data, memory_bytes(m, ".tdat"), n_data);
    memcpy(index, memory_bytes(m, ".tidx"), n_index);
    le_put_i64(section + S2_N_BLOCKS, n);
    le_put_i64(section + S2_N_SAMPLES, 1000 * n);
    memory_seal(m, ".tmet");
    le_put_i64(memory_bytes(m, ".tdat") + UH_N_ENTRIES, n);
    memory_resize(m, ".tdat", le_u64(memory_entry(m, (size_t)n)));
    memory_seal(m, ".tdat");
    le_put_i64(memory_bytes(m, ".tidx") + UH_N_ENTRIES, n);
    memory_resize(m, ".tidx", UH_BYTES + INDEX_BYTES * (size_t)n);
    memory_seal(m, ".tidx");
    memory_resize(m, ".tdat", n_data);
    memory_resize(m, ".tidx", n_index);
    memcpy(memory_bytes(m, ".tdat") + UH_BYTES, data + UH_BYTES, n_data - UH_BYTES);
    memcpy(memory_bytes(m, ".tidx") + UH_BYTES, index + UH_BYTES, n_index - UH_BYTES);
    free(data);
    free(index);
}

static void a_recording_that_is_written_is_no_damage(void **state)
{
    static struct checked found;
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    count_blocks(&m, 4);
    checked_session(&m, "one_channel", NULL, NULL, &found);
    assert_int_equal(found.totals.n_errors, 0);
    assert_int_equal(found.totals.n_readable, 5120);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_STALE_CRC], 0);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_GROWING], 3);

    /* The last block is torn, and so is an entry after the last. */
    memory_resize(&m, ".tdat", 18080 + 100);
    memory_resize(&m, ".tidx", memory_file(&m, ".tidx")->n + 20);
    checked_session(&m, "one_channel", NULL, NULL, &found);
    assert_int_equal(found.totals.n_errors, 0);
    assert_int_equal(found.totals.n_readable, 5000);
    assert_int_equal(found.totals.n_samples, 5000);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_GROWING], 5);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_UNCOVERED], 1);
    assert_int_equal(found.totals.n_readable, checked_readable(&m, "one_channel"));
    memory_free(&m);

    /* Blocks that the metadata promise are missing, not growing. */
    memory_load(&m, "one_channel");
    memory_resize(&m, ".tdat", 18080 + 100);
    memory_seal(&m, ".tdat");
    checked_session(&m, "one_channel", NULL, NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_BLOCK_MISSING], 1);
    assert_int_equal(found.totals.n_readable, 5000);
    memory_free(&m);
}

static void files_that_are_gone_or_short_are_named(void **state)
{
    static const struct {
        const char *file;
        long n; /* -1: gone */
        enum mef3_finding_kind kind;
    } row[] = {
        {".tmet", -1, MEF3_FINDING_MISSING_FILE},    {".tidx", -1, MEF3_FINDING_MISSING_FILE},
        {".tdat", -1, MEF3_FINDING_MISSING_FILE},    {".tmet", 0, MEF3_FINDING_TRUNCATED},
        {".tidx", 1000, MEF3_FINDING_TRUNCATED},     {".tdat", 1023, MEF3_FINDING_TRUNCATED},
        {".tmet", 16383, MEF3_FINDING_TRUNCATED},    {".tidx", 1024, MEF3_FINDING_BLOCK_COUNT},
        {".tdat", 1024, MEF3_FINDING_BLOCK_MISSING}, {".tmet", 16385, MEF3_FINDING_TOO_LONG},
    };
    static struct checked found;
    struct memory_session m;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        memory_load(&m, "one_channel");
        if (row[i].n < 0)
            memory_remove(&m, row[i].file);
        else
            memory_resize(&m, row[i].file, (size_t)row[i].n);
        checked_session(&m, "one_channel", NULL, NULL, &found);
        assert_row(found.n_of_kind[row[i].kind] > 0, row[i].file);
        assert_row_int(found.totals.n_readable, row[i].n == 16385 ? 5120 : 0, row[i].file);
        memory_free(&m);
    }
}

static void segments_are_held_against_one_another(void **state)
{
    static struct checked found;
    struct memory_session m;

    (void)state;
    memory_load(&m, "segments");
    le_put_i64(memory_bytes(&m, "seg-000002.tmet") + META_SECTION_2 + S2_START_SAMPLE, 3199);
    memory_seal(&m, "seg-000002.tmet");
    checked_session(&m, "segments", NULL, NULL, &found);
    /* The third begins too early, and so the fourth too late. */
    assert_int_equal(found.n_of_kind[MEF3_FINDING_START_SAMPLE], 2);
    assert_int_equal(found.first[MEF3_FINDING_START_SAMPLE].segment, 2);
    memory_free(&m);

    memory_load(&m, "segments");
    for (size_t i = 0; i < 3; i++)
        memory_remove(&m,
                      (const char *[]){"seg-000001.tmet", "seg-000001.tidx", "seg-000001.tdat"}[i]);
    checked_session(&m, "segments", NULL, NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_SEGMENT_MISSING], 1);
    assert_int_equal(found.totals.n_errors, 0);
    memory_free(&m);

    memory_load(&m, "segments");
    const struct mef3_memory_file *file = memory_file(&m, "seg-000001.tmet");
    memory_add(&m, "seg.timd/other-000001.segd/other-000001.tmet", file->bytes, file->n);
    checked_session(&m, "segments", NULL, NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_SEGMENT_TWICE], 1);
    memory_free(&m);
}

static void what_is_locked_is_said_to_be(void **state)
{
    static struct checked found;
    struct memory_session m;

    (void)state;
    memory_load(&m, "encrypted");
    checked_session(&m, "encrypted", NULL, NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_LOCKED], 2);
    assert_int_equal(found.totals.n_errors, 0);
    assert_int_equal(found.totals.n_readable, 0);
    checked_session(&m, "encrypted", "readsignal", NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_LOCKED_SUBJECT], 2);
    assert_int_equal(found.totals.n_readable, 2560);
    checked_session(&m, "encrypted", "wrong", NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_LOCKED], 2);
    /* One channel with another password than the others. */
    memory_bytes(&m, "secret2-000000.tmet")[UH_LEVEL_1_FIELD] ^= 1;
    memory_seal(&m, "secret2-000000.tmet");
    checked_session(&m, "encrypted", "readall", NULL, &found);
    assert_true(found.n_of_kind[MEF3_FINDING_PASSWORD_FIELDS] >= 2);
    memory_free(&m);
}

static int stop(void *arg, int64_t n_samples)
{
    int64_t *sum = arg;

    *sum += n_samples;
    return *sum > 3000 ? 77 : 0;
}

static int go_on(void *arg, int64_t n_samples)
{
    *(int64_t *)arg += n_samples;
    return 0;
}

static void a_quick_check_reads_no_block(void **state)
{
    int64_t sum = 0;
    const struct mef3_verify_options quick = {
        .quick = true, .progress = go_on, .progress_arg = &sum};
    static struct checked found;
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    memory_block(&m, 2)[400] ^= 1;
    checked_session(&m, "one_channel", NULL, &quick, &found);
    assert_int_equal(found.totals.n_errors, 0);
    assert_int_equal(found.totals.n_readable, 5120);
    assert_int_equal(sum, 5120);
    memory_bytes(&m, ".tidx")[UH_BYTES + 50] ^= 1;
    checked_session(&m, "one_channel", NULL, &quick, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_BODY_CRC], 1);
    memory_free(&m);
}

static void a_caller_may_end_it(void **state)
{
    int64_t sum = 0;
    const struct mef3_verify_options options = {.progress = stop, .progress_arg = &sum};
    struct mef3_verify_totals totals = {.n_samples = -5};
    struct mef3_source source;
    struct mef3_session *session;
    struct mef3_error error;
    struct memory_session m;

    (void)state;
    memory_load(&m, "many_channels");
    assert_int_equal(mef3_source_memory("many_channels", m.files, m.n, &source), MEF3_OK);
    assert_int_equal(mef3_session_open_lazy(&source, NULL, &session, &error), MEF3_OK);
    assert_int_equal(mef3_verify_channel(session, 0, &options, NULL, NULL, &totals, &error), 77);
    assert_int_equal(totals.n_samples, -5);
    assert_int_equal(mef3_verify_channel(session, 12, NULL, NULL, NULL, &totals, &error),
                     MEF3_EINVAL);
    mef3_session_close(session);
    memory_free(&m);
}

static void gaps_and_overlaps_that_no_flag_tells_are_warnings(void **state)
{
    static const struct {
        const char *why;
        int64_t by_us;
        enum mef3_finding_kind kind;
    } row[] = {
        {"ten seconds later", 10000000, MEF3_FINDING_UNFLAGGED_GAP},
        {"two samples later", 7813, MEF3_FINDING_UNFLAGGED_GAP},
        {"two samples earlier", -7813, MEF3_FINDING_TIME_ORDER},
    };
    static struct checked found;
    struct memory_session m;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        memory_load(&m, "one_channel");
        memory_move_block(&m, 5, 1600000026531250 + row[i].by_us);
        memory_seal(&m, ".tidx");
        checked_session(&m, "one_channel", NULL, NULL, &found);
        assert_row_int(found.n_of_kind[row[i].kind], 1, row[i].why);
        assert_row_int(found.n_of_kind[MEF3_FINDING_HEADER_TIMES], 3, row[i].why);
        assert_row_int(found.totals.n_errors, 0, row[i].why);
        assert_row_int(found.totals.n_readable, 5120, row[i].why);
        memory_free(&m);
    }
    memory_load(&m, "one_channel");
    memory_move_block(&m, 5, 1600000026531250 + 2); /* a clock's rounding */
    memory_seal(&m, ".tidx");
    checked_session(&m, "one_channel", NULL, NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_UNFLAGGED_GAP], 0);
    memory_entry(&m, 0)[INDEX_FLAGS] = 0;
    memory_block(&m, 0)[RED_FLAGS] = 0;
    memory_seal_block(&m, 0);
    memory_seal(&m, ".tidx");
    checked_session(&m, "one_channel", NULL, NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_UNFLAGGED_GAP], 1);
    assert_int_equal(found.totals.n_errors, 0);
    memory_free(&m);
}

static void an_entry_twice_is_an_error(void **state)
{
    static struct checked found;
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    memcpy(memory_entry(&m, 2), memory_entry(&m, 1), INDEX_BYTES);
    memory_seal(&m, ".tidx");
    checked_session(&m, "one_channel", NULL, NULL, &found);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_INDEX_PLACE], 1);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_INDEX_START_SAMPLE], 2);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_UNCOVERED], 1);
    assert_int_equal(found.n_of_kind[MEF3_FINDING_TIME_ORDER], 1);
    memory_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_word_of_its_own_and_a_text),
        cmocka_unit_test(recordings_of_the_reference_software_have_no_errors),
        cmocka_unit_test(a_recording_that_is_written_is_no_damage),
        cmocka_unit_test(files_that_are_gone_or_short_are_named),
        cmocka_unit_test(segments_are_held_against_one_another),
        cmocka_unit_test(what_is_locked_is_said_to_be),
        cmocka_unit_test(a_quick_check_reads_no_block),
        cmocka_unit_test(a_caller_may_end_it),
        cmocka_unit_test(gaps_and_overlaps_that_no_flag_tells_are_warnings),
        cmocka_unit_test(an_entry_twice_is_an_error),
    };

    return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
