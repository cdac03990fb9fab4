/* test_envelope.c - an envelope, whatever it is made of, is that of all samples.
 *
 * Recordings are made at random, and written; the truth is what was appended, sample by sample. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "decode/sheets.h"
#include "facts/losses.h"
#include "help/channel_model.h"
#include "help/session_files.h"
#include "help/sanitizer.h"
#include "help/test.h"

enum { MOST_SAMPLES = 40000, N_RECORDINGS = UNDER_ASAN ? 2 : 6, N_WINDOWS = UNDER_ASAN ? 5 : 30 };
static const int64_t BEGIN = 1600000000000000;

/* What was written, by sample. */
struct truth {
    struct model model;
    size_t n;
    int64_t times[MOST_SAMPLES];
    bool is_lost[MOST_SAMPLES]; /* its block was damaged */
};

static char folder[] = "/tmp/test_envelope_XXXXXX";
static char path[64];
static uint64_t seed = 1;
static uint32_t least_block = 1; /* samples */
static struct truth truth;

static void take_times(void)
{
    const struct model *model = &truth.model;

    for (size_t r = 0; r < model->n_runs; r++)
        for (size_t i = 0; i < model->runs[r].n; i++)
            truth.times[model->runs[r].first + i] =
                mef3_index_to_time((int64_t)i, model->runs[r].start_uutc, model->rate_hz);
    truth.n = model->n;
}

static uint32_t random_below(uint32_t n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((seed >> 33) % n);
}

static int32_t random_count(unsigned odd)
{
    static const int32_t ODD[] = {MEF3_COUNT_NAN, MEF3_COUNT_NEG_INF, MEF3_COUNT_POS_INF};

    return odd && random_below(odd) == 0 ? ODD[random_below(3)]
                                         : (int32_t)random_below(20000) - 10000;
}

/* --- Recordings --------------------------------------------------------------------- */

struct making {
    struct mef3_writer *writer;
    size_t channel;
    unsigned odd; /* one in so many counts is none (a gap), or infinite; 0: all are numbers */
};

/* A run: after a gap, or in another segment. */
static void append_run(struct making *making, size_t n)
{
    static int32_t counts[MOST_SAMPLES];
    struct model *model = &truth.model;
    struct mef3_error error;
    int64_t start = BEGIN;

    if (model->n > 0)
        start = model_end(model) + random_below(999) +
                (int64_t)((5 + random_below(3000)) * 1e6 / model->rate_hz);
    n = n < MOST_SAMPLES - model->n ? n : MOST_SAMPLES - model->n;
    for (size_t i = 0; i < n; i++)
        counts[i] = i == 0 ? 0 : random_count(making->odd);
    if (model->n > 0 && random_below(3) == 0) {
        assert_int_equal(mef3_writer_next_segment(making->writer, making->channel, &error), 0);
        model->is_cut = true;
    }
    assert_int_equal(mef3_writer_append(making->writer, making->channel, start, counts, n, &error),
                     0);
    model_append(model, start, counts, n);
    take_times();
}

static void begin_recording(struct making *making)
{
    static const double RATES[] = {1, 250, 256, 999.5, 32000.0 / 7};
    struct mef3_writer_options options;
    struct mef3_writer_channel channel;
    struct mef3_error error;

    files_remove(path);
    model_fini(&truth.model);
    memset(&truth, 0, sizeof truth);
    truth.model.rate_hz = RATES[random_below(5)];
    making->odd = (unsigned[]){0, 0, 1000, 10, 2}[random_below(5)];
    mef3_writer_defaults(&options);
    mef3_writer_channel_defaults(&channel);
    channel.name = "c";
    channel.rate_hz = truth.model.rate_hz;
    /* Blocks that the index does not tell of are decoded one by one: no thousands of them. */
    bool is_odd = making->odd > 0 && making->odd < 1000;
    channel.block_samples =
        is_odd ? 200 + random_below(200) : least_block + random_below(random_below(2) ? 400 : 10);
    assert_int_equal(mef3_writer_create(path, &options, &making->writer, &error), 0);
    assert_int_equal(mef3_writer_add_channel(making->writer, &channel, &making->channel, &error),
                     0);
    for (unsigned i = 0, n = 1 + random_below(8); i < n; i++)
        append_run(making, 1 + random_below(5000));
}

static void make_recording(void)
{
    struct making making;
    struct mef3_error error;

    begin_recording(&making);
    assert_int_equal(mef3_writer_finish(making.writer, &error), 0);
}

static struct mef3_session *open_it(void)
{
    struct mef3_session *session;
    struct mef3_error error;

    assert_int_equal(mef3_session_open_folder(path, NULL, &session, &error), 0);
    return session;
}

/* --- What is right ------------------------------------------------------------------ */

static size_t first_at(int64_t time)
{
    size_t low = 0, high = truth.n;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (truth.times[middle] < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A row is the least and greatest of all numbers from its start to its end, or tells just of what
 * was lost. */
static void check_row(const struct envelope_row *row, bool sees_damage)
{
    size_t first = first_at(row->start_uutc), end = first_at(row->end_uutc);
    int32_t max = INT32_MIN, min = INT32_MAX;

    assert_true(row->start_uutc < row->end_uutc);
    assert_true(first < end);
    assert_true(truth.times[first] == row->start_uutc);
    for (size_t i = first; i < end; i++) {
        if (sees_damage)
            assert_int_equal(truth.is_lost[i], row->is_unreadable);
        if (i > first) /* no gap within it */
            assert_true((double)(truth.times[i] - truth.times[i - 1]) < 2e6 / truth.model.rate_hz);
        max = truth.model.counts[i] > max ? truth.model.counts[i] : max;
        min = truth.model.counts[i] < min ? truth.model.counts[i] : min;
    }
    if (!row->is_unreadable) {
        assert_int_equal(row->max, max);
        assert_int_equal(row->min, min);
    }
}

/* In order and disjoint; each is right; every number within the window is in one. */
static void check_rows(const struct envelope_rows *rows, const struct envelope *window,
                       bool sees_damage)
{
    int64_t period = (int64_t)(1e6 / truth.model.rate_hz) + 1;
    size_t at = 0, n_unreadable = 0;

    for (size_t i = 0; i < rows->n; i++) {
        check_row(&rows->items[i], sees_damage);
        n_unreadable += rows->items[i].is_unreadable;
        if (i > 0)
            assert_true(rows->items[i - 1].end_uutc <= rows->items[i].start_uutc);
    }
    for (size_t i = 0; i < truth.n; i++) {
        int64_t time = truth.times[i];
        if (time < window->start_uutc + period || time >= window->end_uutc - period)
            continue;
        while (at < rows->n && rows->items[at].end_uutc <= time)
            at++;
        assert_true(at < rows->n && rows->items[at].start_uutc <= time);
    }
    /* No finer than it was asked for, but where a gap, or damage, cuts a column. */
    if (n_unreadable == 0)
        assert_true(rows->n <=
                    (size_t)window->width + truth.model.n_runs + (sees_damage ? truth.n : 0));
}

static struct envelope random_window(struct mef3_session *session)
{
    static const int64_t WIDTHS[] = {1, 2, 7, 100, 1000, 16384};
    int64_t start = truth.times[0], span = truth.times[truth.n - 1] - start + 1000;
    struct envelope window = {
        .session = session, .start_uutc = start, .width = WIDTHS[random_below(6)]};

    window.end_uutc = start + (int64_t)ceil((double)span + 1e6 / truth.model.rate_hz);
    if (random_below(3) > 0) {
        int64_t part = span / (1 + random_below(50)) + 1;
        window.start_uutc = start - part / 2 + (int64_t)((double)span * random_below(1000) / 1000);
        window.end_uutc = window.start_uutc + part;
    }
    return window;
}

typedef int way_fn(struct sheets *sheets, struct envelope *window, struct envelope_rows *rows,
                   struct mef3_error *error);

static int by_index(struct sheets *sheets, struct envelope *window, struct envelope_rows *rows,
                    struct mef3_error *error)
{
    (void)sheets;
    return envelope_from_index(window, 0, rows, error);
}

static int by_samples(struct sheets *sheets, struct envelope *window, struct envelope_rows *rows,
                      struct mef3_error *error)
{
    (void)sheets;
    return envelope_from_samples(window, 0, rows, error);
}

static int by_sheet(struct sheets *sheets, struct envelope *window, struct envelope_rows *rows,
                    struct mef3_error *error)
{
    return envelope_from_sheet(sheets, window, 0, rows, error);
}

static void check_windows(way_fn *way, bool sees_damage)
{
    struct mef3_session *session = open_it();
    struct sheets *sheets = sheets_new();

    for (unsigned i = 0; i < N_WINDOWS; i++) {
        struct envelope window = random_window(session);
        struct envelope_rows rows = {0};
        struct mef3_error error;
        assert_int_equal(way(sheets, &window, &rows, &error), MEF3_OK);
        check_rows(&rows, &window, sees_damage);
        free(rows.items);
    }
    sheets_free(sheets);
    mef3_session_close(session);
}

/* --- Tests -------------------------------------------------------------------------- */

static void an_envelope_is_that_of_all_samples_at_every_zoom(void **state)
{
    (void)state;
    for (unsigned i = 0; i < N_RECORDINGS; i++) {
        make_recording();
        check_windows(by_index, false);
        check_windows(by_samples, false);
        check_windows(by_sheet, false);
    }
}

/* Spoil some blocks where their samples are. */
static void spoil_blocks(void)
{
    struct mef3_session *session = open_it();
    size_t n_segments = mef3_channel_info(session, 0)->n_segments, at = 0;

    for (size_t s = 0; s < n_segments; s++) {
        const struct mef3_segment_info *info = mef3_segment_info(session, 0, s);
        char file[128];
        size_t n;
        snprintf(file, sizeof file, "%s/c.timd/c-%06d.segd/c-%06d.tdat", path, info->number,
                 info->number);
        uint8_t *bytes = files_read(file, &n);
        for (size_t b = 0; b < (size_t)info->n_blocks; b++) {
            struct mef3_block block;
            struct mef3_error error;
            assert_int_equal(mef3_segment_block(session, 0, s, b, &block, &error), 0);
            bool is_lost = random_below(4) == 0;
            bytes[block.file_offset + block.block_bytes - 1] ^= is_lost ? 0xFF : 0;
            for (uint32_t i = 0; i < block.n_samples; i++)
                truth.is_lost[at++] = is_lost;
        }
        files_write(file, bytes, n);
        free(bytes);
    }
    assert_int_equal(at, truth.n);
    mef3_session_close(session);
}

static void what_cannot_be_read_is_marked_where_it_is(void **state)
{
    (void)state;
    for (unsigned i = 0; i < N_RECORDINGS; i++) {
        make_recording();
        spoil_blocks();
        check_windows(by_samples, true);
        /* The index knows nothing of it, and is right of what was there. Where it does not tell,
         * as of blocks with counts that are no numbers, they are decoded, and it is seen. */
        check_windows(by_index, false);
        check_windows(by_sheet, false);
    }
}

/* Once somebody came upon it, index and sheet mark it too, though a sheet was made before. */
static void damage_that_was_met_is_remembered(void **state)
{
    static way_fn *const WAYS[] = {by_index, by_sheet};

    (void)state;
    least_block = 20; /* more places than a few thousand are not remembered */
    for (unsigned i = 0; i < N_RECORDINGS; i++) {
        make_recording();
        spoil_blocks();
        struct mef3_session *session = open_it();
        struct sheets *sheets = sheets_new();
        struct losses *losses = losses_new();
        struct envelope window = {.session = session,
                                  .losses = losses,
                                  .start_uutc = truth.times[0],
                                  .end_uutc = truth.times[truth.n - 1] + 1000000,
                                  .width = 1};
        struct envelope_rows before = {0}, all = {0};
        struct mef3_error error;
        assert_int_equal(by_sheet(sheets, &window, &before, &error), MEF3_OK);
        assert_int_equal(by_samples(sheets, &window, &all, &error), MEF3_OK);
        free(before.items);
        free(all.items);
        for (unsigned k = 0; k < N_WINDOWS; k++) {
            struct envelope_rows rows = {0};
            window = random_window(session);
            window.losses = losses;
            assert_int_equal(WAYS[k % 2](sheets, &window, &rows, &error), MEF3_OK);
            check_rows(&rows, &window, true);
            free(rows.items);
        }
        sheets_free(sheets);
        losses_free(losses);
        mef3_session_close(session);
    }
    least_block = 1;
}

static void a_segment_whose_index_is_gone_is_marked(void **state)
{
    (void)state;
    for (unsigned i = 0; i < N_RECORDINGS; i++) {
        char file[128];
        make_recording();
        snprintf(file, sizeof file, "%s/c.timd/c-000000.segd/c-000000.tidx", path);
        assert_int_equal(unlink(file), 0);
        struct mef3_session *session = open_it();
        const struct mef3_segment_info *info = mef3_segment_info(session, 0, 0);
        struct envelope window = {.session = session,
                                  .start_uutc = truth.times[0],
                                  .end_uutc = truth.times[truth.n - 1],
                                  .width = 10};
        struct envelope_rows rows = {0};
        struct mef3_error error;
        assert_int_equal(envelope_from_index(&window, 0, &rows, &error), MEF3_OK);
        if (window.end_uutc > window.start_uutc) {
            assert_true(rows.n > 0 && rows.items[0].is_unreadable);
            assert_true(rows.items[0].start_uutc == info->start_uutc);
        }
        for (size_t k = 1; k < rows.n; k++)
            check_row(&rows.items[k], false);
        free(rows.items);
        mef3_session_close(session);
    }
}

static void a_sheet_of_a_recording_that_grew_is_made_anew(void **state)
{
    (void)state;
    for (unsigned i = 0; i < N_RECORDINGS; i++) {
        struct sheets *sheets = sheets_new();
        struct making making;
        struct mef3_error error;
        begin_recording(&making);
        for (unsigned k = 0; k < 3; k++) {
            assert_int_equal(mef3_writer_flush(making.writer, MEF3_WRITER_ALL, &error), 0);
            struct mef3_session *session = open_it();
            struct envelope window = random_window(session);
            struct envelope_rows rows = {0};
            assert_int_equal(by_sheet(sheets, &window, &rows, &error), MEF3_OK);
            check_rows(&rows, &window, false);
            free(rows.items);
            mef3_session_close(session);
            append_run(&making, 1 + random_below(3000));
        }
        assert_int_equal(mef3_writer_finish(making.writer, &error), 0);
        sheets_free(sheets);
    }
}

static void a_sheet_suffices_where_its_columns_are_as_many_as_are_wanted(void **state)
{
    static const struct {
        int64_t part;
        int64_t width;
        bool suffices;
    } row[] = {
        {1, SHEET_COLUMNS, true},      {1, SHEET_COLUMNS + 1, false}, {2, SHEET_COLUMNS / 2, true},
        {2, SHEET_COLUMNS / 2 + 1, 0}, {SHEET_COLUMNS, 1, true},      {2 * SHEET_COLUMNS, 1, false},
    };

    (void)state;
    make_recording();
    struct mef3_session *session = open_it();
    const struct mef3_channel_info *info = mef3_channel_info(session, 0);
    double whole = (double)(info->end_uutc - info->start_uutc);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct envelope window = {
            .session = session,
            .start_uutc = BEGIN,
            .end_uutc = BEGIN + (int64_t)ceil(whole / (double)row[i].part),
            .width = row[i].width,
        };
        if (!row[i].suffices)
            window.end_uutc = BEGIN + (int64_t)floor(whole / (double)row[i].part);
        assert_int_equal(sheets_suffice(&window, 0), row[i].suffices);
    }
    mef3_session_close(session);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/r.mefd", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    model_fini(&truth.model);
    files_remove(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_envelope_is_that_of_all_samples_at_every_zoom),
        cmocka_unit_test(what_cannot_be_read_is_marked_where_it_is),
        cmocka_unit_test(damage_that_was_met_is_remembered),
        cmocka_unit_test(a_segment_whose_index_is_gone_is_marked),
        cmocka_unit_test(a_sheet_of_a_recording_that_grew_is_made_anew),
        cmocka_unit_test(a_sheet_suffices_where_its_columns_are_as_many_as_are_wanted),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
