/* test_session_lazy.c - a session that reads on demand: little, and the same in any order. */
#include <mef3/mef3.h>

#include <string.h>

#include "bytes.h"
#include "help/memory_session.h"
#include "help/test.h"
#include "layout.h"

/* A session in memory that counts what is opened and listed. */
struct counting {
    struct mef3_source inner;
    int *n_opened;
    int *n_listed;
};

static struct counting counting;

static int counting_list(void *self, const char *folder, mef3_name_fn *each, void *arg)
{
    struct counting *c = self;

    ++*c->n_listed;
    return c->inner.ops->list(c->inner.self, folder, each, arg);
}

static int counting_open(void *self, const char *path, void **file_out, uint64_t *bytes_out)
{
    struct counting *c = self;

    ++*c->n_opened;
    return c->inner.ops->open(c->inner.self, path, file_out, bytes_out);
}

static int counting_read(void *self, void *file, uint64_t offset, void *bytes_out, size_t n,
                         size_t *n_out)
{
    struct counting *c = self;

    return c->inner.ops->read(c->inner.self, file, offset, bytes_out, n, n_out);
}

static int counting_length(void *self, void *file, uint64_t *bytes_out)
{
    struct counting *c = self;

    return c->inner.ops->length(c->inner.self, file, bytes_out);
}

static void counting_close(void *self, void *file)
{
    struct counting *c = self;

    c->inner.ops->close(c->inner.self, file);
}

static void counting_free(void *self)
{
    struct counting *c = self;

    mef3_source_fini(&c->inner);
}

static const struct mef3_source_ops counting_ops = {
    .list = counting_list,
    .open = counting_open,
    .read = counting_read,
    .length = counting_length,
    .close = counting_close,
    .free = counting_free,
};

static struct mef3_session *open_lazy(struct memory_session *m, const char *password, int *n_opened,
                                      int *n_listed)
{
    struct mef3_source source = {.ops = &counting_ops, .self = &counting, .name = "test"};
    struct mef3_session *session;

    counting = (struct counting){.n_opened = n_opened, .n_listed = n_listed};
    assert_int_equal(mef3_source_memory("test", m->files, m->n, &counting.inner), MEF3_OK);
    assert_int_equal(mef3_session_open_lazy(&source, password, &session, NULL), MEF3_OK);
    return session;
}

static void only_what_is_asked_for_is_read(void **state)
{
    int n_opened = 0, n_listed = 0;
    const struct mef3_run *runs;
    struct memory_session m;
    int32_t counts[10];
    size_t n;

    (void)state;
    memory_load(&m, "segments");
    struct mef3_session *session = open_lazy(&m, NULL, &n_opened, &n_listed);
    assert_int_equal(mef3_session_info(session)->n_channels, 1);
    assert_non_null(mef3_channel_info(session, 0)->name);
    assert_int_equal(mef3_channel_info(session, 0)->n_segments, 0);
    assert_true(n_opened == 0 && n_listed == 1);

    assert_int_equal(mef3_channel_list(session, 0, NULL), MEF3_OK);
    assert_int_equal(mef3_channel_info(session, 0)->n_segments, 4);
    assert_int_equal(mef3_segment_find(session, 0, 3), 3);
    assert_int_equal(mef3_segment_find(session, 0, 4), -1);
    assert_true(n_opened == 0 && n_listed == 2);

    /* The first segment says rate and factor, the third its own. */
    assert_int_equal(mef3_segment_learn(session, 0, 2, NULL), MEF3_OK);
    assert_int_equal(n_opened, 2);
    /* Its index, how long its samples are, and whether all is of one recording; then these. */
    assert_int_equal(mef3_segment_runs(session, 0, 2, &runs, &n, NULL), MEF3_OK);
    assert_int_equal(n_opened, 5);
    assert_int_equal(mef3_read_samples(session, 0, 2, 0, 10, counts, NULL, NULL, NULL), MEF3_OK);
    assert_int_equal(n_opened, 6);

    assert_int_equal(mef3_channel_learn(session, 0, NULL), MEF3_OK);
    assert_int_equal(n_opened, 8);
    assert_int_equal(mef3_channel_learn(session, 0, NULL), MEF3_OK);
    assert_true(n_opened == 8 && n_listed == 2);
    mef3_session_close(session);
    memory_free(&m);
}

static void no_such_channel_or_segment_is_said(void **state)
{
    int n_opened = 0, n_listed = 0;
    struct memory_session m;
    struct mef3_error error;

    (void)state;
    memory_load(&m, "segments");
    struct mef3_session *session = open_lazy(&m, NULL, &n_opened, &n_listed);
    assert_int_equal(mef3_segment_find(session, 0, 0), -1); /* nothing was listed */
    assert_int_equal(mef3_channel_list(session, 1, &error), MEF3_EINVAL);
    assert_int_equal(mef3_channel_learn(session, 1, &error), MEF3_EINVAL);
    assert_int_equal(mef3_segment_learn(session, 1, 0, &error), MEF3_EINVAL);
    assert_int_equal(mef3_segment_learn(session, 0, 4, &error), MEF3_EINVAL);
    assert_string_equal(error.field, "segment");
    mef3_session_close(session);
    memory_free(&m);
}

static void spoil_nothing(struct memory_session *m)
{
    (void)m;
}

static void spoil_first_body(struct memory_session *m)
{
    memory_bytes(m, "-000000.tmet")[6000] ^= 1;
}

static void spoil_rate(struct memory_session *m)
{
    le_put_f64(memory_bytes(m, "-000002.tmet") + META_SECTION_2 + S2_RATE, 123);
    memory_seal(m, "-000002.tmet");
}

/* The first cannot be read, so the second says the rate, and others are wrong. */
static void spoil_first_and_second(struct memory_session *m)
{
    spoil_first_body(m);
    le_put_f64(memory_bytes(m, "-000001.tmet") + META_SECTION_2 + S2_RATE, 123);
    memory_seal(m, "-000001.tmet");
}

static void spoil_all(struct memory_session *m)
{
    for (int i = 0; i < 4; i++) {
        char end[] = "-000000.tmet";
        end[6] = (char)('0' + i);
        memory_resize(m, end, i == 2 ? 500 : 5000);
    }
}

static void lose_third(struct memory_session *m)
{
    memory_remove(m, "-000002.tmet");
}

/* Its times say that an offset is to be added, which others tell. */
static void spoil_offset(struct memory_session *m)
{
    for (int i = 0; i < 4; i++) {
        char end[] = "-000000.tmet";
        end[6] = (char)('0' + i);
        le_put_i64(memory_bytes(m, end) + META_SECTION_3 + S3_TIME_OFFSET, 1000000);
        le_put_i64(memory_bytes(m, end) + UH_START_TIME, -500000000 - 4000000 * i);
        le_put_i64(memory_bytes(m, end) + UH_END_TIME, -500000000 - 4000000 * (i + 1));
        memory_seal(m, end);
    }
    spoil_first_body(m);
}

static const struct {
    const char *why;
    const char *name;
    const char *password;
    void (*spoil)(struct memory_session *m);
} row[] = {
    {"whole", "segments", NULL, spoil_nothing},
    {"many channels", "many_channels", NULL, spoil_nothing},
    {"no password", "encrypted", NULL, spoil_nothing},
    {"a password", "encrypted", "readall", spoil_nothing},
    {"the first unreadable", "segments", NULL, spoil_first_body},
    {"another rate", "segments", NULL, spoil_rate},
    {"the second says the rate", "segments", NULL, spoil_first_and_second},
    {"none readable", "segments", NULL, spoil_all},
    {"one without metadata", "segments", NULL, lose_third},
    {"times with an offset", "segments", NULL, spoil_offset},
};

static void compare_segments(const char *why, const struct mef3_segment_info *lazy,
                             const struct mef3_segment_info *whole, bool has_span)
{
    assert_row_int(lazy->status, whole->status, why);
    assert_row(!lazy->error == !whole->error, why);
    if (whole->error)
        assert_row(strcmp(lazy->error->field, whole->error->field) == 0 &&
                       strcmp(lazy->error->expected, whole->error->expected) == 0 &&
                       strcmp(lazy->error->found, whole->error->found) == 0 &&
                       strcmp(lazy->error->file, whole->error->file) == 0 &&
                       lazy->error->offset == whole->error->offset,
                   why);
    assert_row_int(lazy->number, whole->number, why);
    assert_row_int(lazy->n_samples, whole->n_samples, why);
    assert_row(lazy->rate_hz == whole->rate_hz, why);
    if (!has_span)
        return;
    assert_row_int(lazy->start_uutc, whole->start_uutc, why);
    assert_row_int(lazy->end_uutc, whole->end_uutc, why);
}

static void compare_channels(const char *why, struct mef3_session *lazy, struct mef3_session *whole,
                             size_t channel)
{
    const struct mef3_channel_info *info = mef3_channel_info(whole, channel);
    const struct mef3_channel_info *other = mef3_channel_info(lazy, channel);
    bool is_lost = info->status != MEF3_OK;

    assert_int_equal(mef3_channel_list(lazy, channel, NULL), MEF3_OK);
    assert_row_int(other->n_segments, info->n_segments, why);
    for (size_t i = info->n_segments; i-- > 0;) {
        assert_int_equal(mef3_segment_learn(lazy, channel, i, NULL), MEF3_OK);
        compare_segments(why, mef3_segment_info(lazy, channel, i),
                         mef3_segment_info(whole, channel, i), false);
        assert_row(other->rate_hz == info->rate_hz, why);
    }
    assert_int_equal(mef3_channel_learn(lazy, channel, NULL), MEF3_OK);
    for (size_t i = 0; i < info->n_segments; i++)
        compare_segments(why, mef3_segment_info(lazy, channel, i),
                         mef3_segment_info(whole, channel, i), !is_lost);
    assert_string_equal(other->name, info->name);
    assert_string_equal(other->units, info->units);
    assert_string_equal(other->description, info->description);
    assert_row_int(other->status, info->status, why);
    assert_row_int(other->n_samples, info->n_samples, why);
    assert_row_int(other->start_uutc, info->start_uutc, why);
    assert_row_int(other->end_uutc, info->end_uutc, why);
    assert_row(other->rate_hz == info->rate_hz && other->units_factor == info->units_factor, why);
}

static void what_is_read_in_any_order_is_what_opening_tells(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int n_opened = 0, n_listed = 0;
        struct memory_session m;
        memory_load(&m, row[i].name);
        row[i].spoil(&m);
        struct mef3_session *whole = memory_open(&m, row[i].password);
        struct mef3_session *lazy = open_lazy(&m, row[i].password, &n_opened, &n_listed);
        assert_row_int(mef3_session_info(lazy)->n_channels, mef3_session_info(whole)->n_channels,
                       row[i].why);
        for (size_t c = mef3_session_info(whole)->n_channels; c-- > 0;)
            compare_channels(row[i].why, lazy, whole, c);
        mef3_session_close(lazy);
        mef3_session_close(whole);
        memory_free(&m);
    }
}

/* Else whoever asks for one locked channel would read the metadata of all. */
static void a_locked_channel_costs_no_other(void **state)
{
    int n_opened = 0, n_listed = 0;
    struct memory_session m;

    (void)state;
    memory_load(&m, "encrypted");
    struct mef3_session *session = open_lazy(&m, NULL, &n_opened, &n_listed);
    assert_true(mef3_session_info(session)->n_channels > 1);
    assert_int_equal(mef3_channel_learn(session, 1, NULL), MEF3_OK);
    assert_int_equal(mef3_channel_info(session, 1)->status, MEF3_EPASSWORD);
    assert_true(n_listed == 2 && n_opened == (int)mef3_channel_info(session, 1)->n_segments);
    mef3_session_close(session);
    memory_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_asked_for_is_read),
        cmocka_unit_test(no_such_channel_or_segment_is_said),
        cmocka_unit_test(what_is_read_in_any_order_is_what_opening_tells),
        cmocka_unit_test(a_locked_channel_costs_no_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
