/* test_salvage.c - what is whole in a damaged recording: blocks found, losses told, rates worked
 * out. */
#include <mef3/mef3.h>

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "help/memory_session.h"
#include "help/test.h"
#include "layout.h"
#include "salvage.h"

enum { MOST_LOSSES = 16, MOST_SAMPLES = 65536 };

/* What a salvage of a channel gave. */
struct saved {
    struct mef3_salvage_facts facts;
    size_t n_facts, n_segments;
    struct mef3_loss losses[MOST_LOSSES];
    size_t n_losses;
    int64_t n_samples;
    int64_t end_uutc; /* of the last */
    int32_t counts[MOST_SAMPLES];
    int64_t uutc[MOST_SAMPLES]; /* of each sample */
    int answer;                 /* of the call for samples */
};

static int each_fact(void *arg, const struct mef3_salvage_facts *facts)
{
    struct saved *saved = arg;

    saved->facts = *facts;
    saved->n_facts++;
    return 0;
}

static int each_segment(void *arg, int32_t number)
{
    struct saved *saved = arg;

    assert_int_equal(saved->n_facts, 1);
    assert_int_equal(number, saved->n_segments++);
    return 0;
}

static int each_loss(void *arg, const struct mef3_loss *loss)
{
    struct saved *saved = arg;

    assert_true(saved->n_losses < MOST_LOSSES);
    assert_true(loss->error.status < 0);
    saved->losses[saved->n_losses++] = *loss;
    return 0;
}

static int each_stretch(void *arg, const struct mef3_salvaged *samples)
{
    struct saved *saved = arg;

    assert_true(samples->n_samples > 0);
    assert_true(samples->start_uutc >= saved->end_uutc - MEF3_RUN_TOLERANCE_US);
    assert_true(saved->n_samples + samples->n_samples <= MOST_SAMPLES);
    for (uint32_t i = 0; i < samples->n_samples; i++) {
        saved->counts[saved->n_samples] = samples->counts[i];
        saved->uutc[saved->n_samples++] =
            mef3_index_to_time(i, samples->start_uutc, saved->facts.rate_hz);
    }
    saved->end_uutc =
        mef3_index_to_time(samples->n_samples, samples->start_uutc, saved->facts.rate_hz);
    return saved->answer;
}

static int salvage(struct memory_session *m, const char *password, struct saved *saved)
{
    static const struct mef3_salvage_calls calls = {
        .facts = each_fact, .segment = each_segment, .loss = each_loss, .samples = each_stretch};
    struct mef3_error error;
    int answer = saved->answer;

    memset(saved, 0, sizeof *saved);
    saved->answer = answer;
    saved->end_uutc = INT64_MIN / 2;
    struct mef3_session *session = memory_open(m, password);
    int status = mef3_salvage_channel(session, 0, &calls, saved, &error);
    mef3_session_close(session);
    return status;
}

/* What is saved is what the whole recording has at the same times. */
static void check_samples(const struct saved *saved, const char *name, const char *password,
                          const char *why)
{
    struct memory_session m;
    struct mef3_error error;

    memory_load(&m, name);
    struct mef3_session *session = memory_open(&m, password);
    for (int64_t i = 0, n; i < saved->n_samples; i += n) {
        int32_t counts[256];
        /* As many as follow one another on the clock. */
        for (n = 1; n < 256 && i + n < saved->n_samples; n++)
            if (llabs(saved->uutc[i + n] -
                      mef3_index_to_time(n, saved->uutc[i], saved->facts.rate_hz)) > 2)
                break;
        int64_t end = mef3_index_to_time(n, saved->uutc[i], saved->facts.rate_hz);
        assert_row_int(mef3_read_window(session, 0, saved->uutc[i], end, counts, NULL, (size_t)n,
                                        NULL, NULL, &error),
                       MEF3_OK, why);
        assert_row(memcmp(counts, saved->counts + i, (size_t)n * sizeof *counts) == 0, why);
    }
    mef3_session_close(session);
    memory_free(&m);
}

enum { BLOCK_1 = 4440, BLOCK_2 = 7864 };

static void destroy_block(struct memory_session *m)
{
    memset(memory_bytes(m, ".tdat") + BLOCK_1, 0xFF, 400);
}

static void flip_block(struct memory_session *m)
{
    memory_bytes(m, ".tdat")[BLOCK_1 + 500] ^= 1;
}

static void take_bytes_out(struct memory_session *m)
{
    uint8_t *data = memory_bytes(m, ".tdat");
    size_t n = memory_file(m, ".tdat")->n;

    memmove(data + BLOCK_1 + 600, data + BLOCK_1 + 701, n - BLOCK_1 - 701);
    memory_resize(m, ".tdat", n - 101);
}

static void put_bytes_in(struct memory_session *m)
{
    size_t n = memory_file(m, ".tdat")->n;

    memory_resize(m, ".tdat", n + 33);
    uint8_t *data = memory_bytes(m, ".tdat");
    memmove(data + BLOCK_1 + 33, data + BLOCK_1, n - BLOCK_1);
}

static void tear(struct memory_session *m)
{
    memory_resize(m, ".tdat", BLOCK_2 + 100);
}

static void lose_header(struct memory_session *m)
{
    memset(memory_bytes(m, ".tdat"), 0, UH_BYTES);
}

static void nothing(struct memory_session *m)
{
    (void)m;
}

static void blocks_are_found_with_and_without_an_index(void **state)
{
    static const struct {
        const char *why;
        void (*damage)(struct memory_session *m);
        size_t n_losses;
        int64_t n_lost; /* as it is told */
        int64_t n_saved;
        size_t n_losses_blind; /* without an index */
        int64_t n_lost_blind;
    } row[] = {
        {"whole", nothing, 0, 0, 5120, 0, 0},
        {"a block's header destroyed", destroy_block, 1, 1000, 4120, 1, 1000},
        {"a block's payload damaged", flip_block, 1, 1000, 4120, 1, 1000},
        {"bytes missing: the blocks after them moved", take_bytes_out, 1, 1000, 4120, 1, 1000},
        {"bytes too many", put_bytes_in, 1, 0, 5120, 1, 0},
        {"torn in the third block", tear, 4, 3120, 2000, 1, -1},
        {"the file's header lost", lose_header, 0, 0, 5120, 0, 0},
    };
    static struct saved saved;
    struct memory_session m;

    (void)state;
    for (size_t i = 0; i < 2 * sizeof row / sizeof *row; i++) {
        size_t k = i / 2;
        bool is_blind = i % 2;
        int64_t n_lost = 0;
        memory_load(&m, "one_channel");
        row[k].damage(&m);
        if (is_blind)
            memory_remove(&m, ".tidx");
        assert_row_int(salvage(&m, NULL, &saved), MEF3_OK, row[k].why);
        for (size_t j = 0; j < saved.n_losses; j++)
            n_lost += saved.losses[j].n_samples;
        assert_row_int(saved.n_losses, is_blind ? row[k].n_losses_blind : row[k].n_losses,
                       row[k].why);
        assert_row_int(n_lost, is_blind ? row[k].n_lost_blind : row[k].n_lost, row[k].why);
        assert_row_int(saved.n_samples, row[k].n_saved, row[k].why);
        assert_row_int(saved.n_segments, 1, row[k].why);
        assert_row(saved.facts.rate_hz == 256 && saved.facts.units_factor == 0.001, row[k].why);
        assert_row_int(saved.facts.block_samples, 1000, row[k].why);
        check_samples(&saved, "one_channel", NULL, row[k].why);
        memory_free(&m);
    }
}

static void a_loss_says_where_and_when(void **state)
{
    static struct saved saved;
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    destroy_block(&m);
    assert_int_equal(salvage(&m, NULL, &saved), MEF3_OK);
    const struct mef3_loss *loss = &saved.losses[0];
    assert_int_equal(loss->kind, MEF3_LOSS_BLOCK);
    assert_int_equal(loss->block, 1);
    assert_int_equal(loss->file_offset, BLOCK_1);
    assert_int_equal(loss->n_bytes, BLOCK_2 - BLOCK_1);
    assert_int_equal(loss->start_uutc, 1600000010906250);
    assert_int_equal(loss->end_uutc, 1600000014812500);
    assert_false(loss->is_estimate);
    assert_true(strstr(loss->error.file, "Cz-000000.tdat") != NULL);
    memory_remove(&m, ".tidx");
    assert_int_equal(salvage(&m, NULL, &saved), MEF3_OK);
    assert_int_equal(loss->kind, MEF3_LOSS_BYTES);
    assert_int_equal(loss->block, -1);
    assert_int_equal(loss->start_uutc, 1600000010906250);
    assert_int_equal(loss->end_uutc, 1600000014812500);
    assert_true(loss->is_estimate);
    memory_free(&m);
}

static void metadata_that_are_lost_are_made_up_for(void **state)
{
    static const struct {
        const char *name;
        const char *password;
        const char *file;
        double rate_hz;
        enum mef3_rate_source source;
        bool is_factor_known;
        int64_t n_samples;
    } row[] = {
        {"one_channel", NULL, "Cz-000000.tmet", 256, MEF3_RATE_BLOCKS, false, 5120},
        {"fractional_rate", NULL, ".tmet", 249.7, MEF3_RATE_BLOCKS, false, 4000},
        {"one_sample_blocks", NULL, ".tmet", 10, MEF3_RATE_BLOCKS, false, 40},
        {"gaps", NULL, "gappy-000000.tmet", 256, MEF3_RATE_BLOCKS, false, 6867},
        {"one_block", NULL, ".tmet", 1000, MEF3_RATE_HEADER, false, 900},
        {"encrypted", "readall", "secret1-000000.tmet", 256, MEF3_RATE_BLOCKS, false, 1280},
        /* Of one segment: the others tell. */
        {"segments", NULL, "seg-000000.tmet", 400, MEF3_RATE_METADATA, true, 6400},
    };
    static struct saved saved;
    struct memory_session m;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        memory_load(&m, row[i].name);
        memory_remove(&m, row[i].file);
        assert_row_int(salvage(&m, row[i].password, &saved), MEF3_OK, row[i].name);
        assert_row(saved.facts.rate_hz == row[i].rate_hz, row[i].name);
        assert_row_int(saved.facts.rate_source, row[i].source, row[i].name);
        assert_row_int(saved.facts.is_factor_known, row[i].is_factor_known, row[i].name);
        assert_row(row[i].is_factor_known || saved.facts.units_factor == 1, row[i].name);
        assert_row_int(saved.n_samples, row[i].n_samples, row[i].name);
        assert_row_int(saved.n_losses, 0, row[i].name);
        check_samples(&saved, row[i].name, row[i].password, row[i].name);
        memory_free(&m);
    }
}

static void a_damaged_header_does_not_cost_metadata_that_are_whole(void **state)
{
    static struct saved saved;
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    memory_bytes(&m, ".tmet")[UH_START_TIME] ^= 1;
    assert_int_equal(salvage(&m, NULL, &saved), MEF3_OK);
    assert_int_equal(saved.facts.rate_source, MEF3_RATE_METADATA);
    assert_true(saved.facts.is_factor_known && saved.facts.units_factor == 0.001);
    assert_string_equal(saved.facts.units, "uV");
    memory_bytes(&m, ".tmet")[META_SECTION_2 + S2_RATE] ^= 1;
    assert_int_equal(salvage(&m, NULL, &saved), MEF3_OK);
    assert_int_equal(saved.facts.rate_source, MEF3_RATE_BLOCKS);
    assert_false(saved.facts.is_factor_known);
    memory_free(&m);
}

static void passwords_are_given_on(void **state)
{
    static struct saved saved;
    struct memory_session m;

    (void)state;
    memory_load(&m, "encrypted");
    assert_int_equal(salvage(&m, "readall", &saved), MEF3_OK);
    assert_string_equal(saved.facts.password_1, "readsignal");
    assert_string_equal(saved.facts.password_2, "readall");
    assert_int_equal(salvage(&m, "readsignal", &saved), MEF3_OK);
    assert_string_equal(saved.facts.password_1, "readsignal");
    assert_string_equal(saved.facts.password_2, "");
    assert_int_equal(saved.n_samples, 1280);
    memory_free(&m);
    memory_load(&m, "encrypted_utf8");
    assert_int_equal(salvage(&m, "klíč-ř", &saved), MEF3_OK);
    /* The low byte of ř is that of Y, and so on: another text with the same key. */
    uint8_t level_1[16], level_2[16];
    struct mef3_keys keys;
    assert_int_equal(mef3_keys_make(saved.facts.password_1,
                                    saved.facts.password_2[0] ? saved.facts.password_2 : NULL,
                                    level_1, level_2, &keys),
                     MEF3_OK);
    assert_memory_equal(level_1, memory_bytes(&m, ".tmet") + UH_LEVEL_1_FIELD, 16);
    memory_free(&m);
}

static void overlaps_are_settled_and_told(void **state)
{
    static struct saved saved;
    struct memory_session m;

    (void)state;
    /* The sixth block, of 120 samples, moves 200 samples back: into the fifth. */
    memory_load(&m, "one_channel");
    memory_move_block(&m, 5, 1600000026531250 - 781250);
    memory_seal(&m, ".tidx");
    assert_int_equal(salvage(&m, NULL, &saved), MEF3_OK);
    assert_int_equal(saved.n_losses, 1);
    assert_int_equal(saved.losses[0].kind, MEF3_LOSS_OVERLAP);
    assert_int_equal(saved.losses[0].n_samples, 200);
    assert_int_equal(saved.n_samples, 4920);
    /* And to the front of all: out of order, but not lost. */
    memory_move_block(&m, 5, 1600000000000000);
    assert_int_equal(salvage(&m, NULL, &saved), MEF3_OK);
    assert_int_equal(saved.n_losses, 0);
    assert_int_equal(saved.n_samples, 5120);
    assert_int_equal(saved.uutc[0], 1600000000000000);
    memory_free(&m);
}

static void what_cannot_be_saved_is_said(void **state)
{
    static struct saved saved;
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    memory_remove(&m, ".tdat");
    assert_int_equal(salvage(&m, NULL, &saved), MEF3_OK);
    assert_int_equal(saved.n_losses, 1);
    assert_int_equal(saved.losses[0].kind, MEF3_LOSS_SEGMENT);
    assert_int_equal(saved.losses[0].n_samples, 5120);
    memory_free(&m);

    /* A header of a data file and nothing behind it, while the metadata count blocks. */
    memory_load(&m, "one_channel");
    memory_resize(&m, ".tdat", UH_BYTES);
    memory_remove(&m, ".tidx");
    assert_int_equal(salvage(&m, NULL, &saved), MEF3_OK);
    assert_int_equal(saved.n_losses, 1);
    assert_int_equal(saved.losses[0].kind, MEF3_LOSS_MISSING_END);
    assert_int_equal(saved.losses[0].n_samples, 5120);
    memory_remove(&m, ".tmet");
    assert_int_equal(salvage(&m, NULL, &saved), MEF3_OK);
    assert_true(saved.facts.rate_hz == 0);
    assert_int_equal(saved.losses[0].kind, MEF3_LOSS_SEGMENT);
    memory_free(&m);
}

static void a_caller_may_end_it(void **state)
{
    static struct saved saved = {.answer = 55};
    struct mef3_error error;
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    assert_int_equal(salvage(&m, NULL, &saved), 55);
    assert_int_equal(saved.n_samples, 1000);
    struct mef3_session *session = memory_open(&m, NULL);
    static const struct mef3_salvage_calls none;
    assert_int_equal(mef3_salvage_channel(session, 0, &none, NULL, &error), MEF3_OK);
    assert_int_equal(mef3_salvage_channel(session, 1, &none, NULL, &error), MEF3_EINVAL);
    mef3_session_close(session);
    memory_free(&m);
}

static void the_simplest_rate_is_taken(void **state)
{
    static const struct {
        int64_t n;
        int64_t span_us;
        double rate_hz;
    } row[] = {
        {256, 1000000, 256},      {4000, 16019223, 249.7},
        {1000, 30030, 33300},     {1, 10000000, 0.1},
        {500, 1501502, 333},      {32000, 1000000, 32000},
        {0, 1000000, 0},          {5, 0, 0},
        {1, 2000000000000000, 0}, {1000000000, 1000000, 0},
        {3, 10000000, 0.3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (salvage_simplest_rate(row[i].n, row[i].span_us) != row[i].rate_hz)
            fail_msg("%lld in %lld us: %.10g", (long long)row[i].n, (long long)row[i].span_us,
                     salvage_simplest_rate(row[i].n, row[i].span_us));
}

/* Bytes of which each place looks like a block's header, with a checksum that is wrong. */
static void a_file_made_to_be_slow_ends(void **state)
{
    enum { BYTES = 1 << 20 };
    static struct saved saved;
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    memory_resize(&m, ".tdat", UH_BYTES + BYTES);
    uint8_t *data = memory_bytes(&m, ".tdat") + UH_BYTES;
    memset(data, 0, BYTES);
    for (size_t i = 0; i + 304 < BYTES; i += 8) {
        le_put_u32(data + i, 0x00010000); /* bytes, samples, differences: whichever it is */
    }
    memory_remove(&m, ".tidx");
    assert_int_equal(salvage(&m, NULL, &saved), MEF3_OK);
    assert_int_equal(saved.n_samples, 0);
    memory_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_found_with_and_without_an_index),
        cmocka_unit_test(a_loss_says_where_and_when),
        cmocka_unit_test(metadata_that_are_lost_are_made_up_for),
        cmocka_unit_test(a_damaged_header_does_not_cost_metadata_that_are_whole),
        cmocka_unit_test(passwords_are_given_on),
        cmocka_unit_test(overlaps_are_settled_and_told),
        cmocka_unit_test(what_cannot_be_saved_is_said),
        cmocka_unit_test(a_caller_may_end_it),
        cmocka_unit_test(the_simplest_rate_is_taken),
        cmocka_unit_test(a_file_made_to_be_slow_ends),
    };

    return cmocka_run_group_tests_name("salvage", tests, NULL, NULL);
}
