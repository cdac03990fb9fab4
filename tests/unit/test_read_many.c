/* test_read_many.c - stretches read at once: as if each were read by itself. */
#include <mef3/read.h>

#include <stdlib.h>
#include <string.h>

#include "help/memory_session.h"
#include "help/test.h"
#include "layout.h"

/* The golden session one_channel: five blocks of 1000 samples and one of 120. Stretches of
 * it are asked for until their blocks are many times what is decoded at once. */
enum { N_SAMPLES = 5120, N_STRETCHES = 150, MOST_DAMAGE = 2000 };

struct notes {
    size_t n;
    struct {
        void *arg;
        int64_t at, n, block;
        int status;
    } note[MOST_DAMAGE];
};
static struct notes alone, together;
static struct notes *notes;

static void note(void *arg, const struct mef3_damage *damage)
{
    assert_true(notes->n < MOST_DAMAGE);
    notes->note[notes->n].arg = arg;
    notes->note[notes->n].at = damage->at;
    notes->note[notes->n].n = damage->n;
    notes->note[notes->n].block = damage->block;
    notes->note[notes->n].status = damage->error.status;
    notes->n++;
}

static struct mef3_stretch stretch[N_STRETCHES];
static struct mef3_error errors[N_STRETCHES];
static int32_t counts[N_STRETCHES][N_SAMPLES];
static int32_t counts_alone[N_STRETCHES][N_SAMPLES];

static void plan(void)
{
    memset(&alone, 0, sizeof alone);
    memset(&together, 0, sizeof together);
    memset(errors, 0, sizeof errors);
    memset(counts, 0x55, sizeof counts);
    memset(counts_alone, 0x55, sizeof counts_alone);
    for (size_t i = 0; i < N_STRETCHES; i++) {
        int64_t first = (int64_t)(i * 37 % 3000);
        stretch[i] = (struct mef3_stretch){
            .first = first,
            .n = i % 5 == 4 ? 0 : (size_t)(N_SAMPLES - first) - i * 11 % 2000,
            .counts_out = counts[i],
            .arg = &stretch[i],
            .error = &errors[i],
        };
    }
}

/* Read one by one, then all at once: no difference. */
static void compare(struct mef3_session *session)
{
    int status_alone[N_STRETCHES];

    notes = &alone;
    for (size_t i = 0; i < N_STRETCHES; i++)
        status_alone[i] =
            mef3_read_samples(session, stretch[i].channel, stretch[i].segment, stretch[i].first,
                              stretch[i].n, counts_alone[i], note, stretch[i].arg, NULL);
    notes = &together;
    mef3_read_many(session, stretch, N_STRETCHES, note);
    for (size_t i = 0; i < N_STRETCHES; i++) {
        assert_int_equal(stretch[i].status, status_alone[i]);
        assert_int_equal(errors[i].status, status_alone[i]);
    }
    assert_memory_equal(counts, counts_alone, sizeof counts);
    assert_int_equal(together.n, alone.n);
    assert_memory_equal(&together, &alone, sizeof together);
}

static void many_stretches_are_what_each_is_by_itself(void **state)
{
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    struct mef3_session *session = memory_open(&m, NULL);
    plan();
    compare(session);
    assert_int_equal(together.n, 0);
    mef3_session_close(session);
    memory_free(&m);
}

static void damage_is_told_in_the_order_of_stretches_and_blocks(void **state)
{
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    memory_block(&m, 1)[400] ^= 1;           /* found when it is decoded, */
    memory_block(&m, 2)[RED_N_SAMPLES] ^= 1; /* when it is held against the index, */
    memory_seal_block(&m, 2);
    memory_entry(&m, 3)[INDEX_FILE_OFFSET + 7] = 0x80; /* and before it is looked for */
    memory_resize(&m, ".tdat", memory_file(&m, ".tdat")->n - 8);
    struct mef3_session *session = memory_open(&m, NULL);
    plan();
    compare(session);
    assert_true(together.n > 4 * 60);
    for (size_t i = 1; i < together.n; i++) {
        assert_true(together.note[i - 1].arg <= together.note[i].arg);
        if (together.note[i - 1].arg == together.note[i].arg)
            assert_true(together.note[i - 1].block < together.note[i].block);
    }
    mef3_session_close(session);
    memory_free(&m);
}

static void a_stretch_that_fails_leaves_the_others_alone(void **state)
{
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    struct mef3_session *session = memory_open(&m, NULL);
    plan();
    stretch[3].channel = 9;
    stretch[5].segment = 9;
    stretch[7].n = N_SAMPLES + 1;
    stretch[8].first = -1;
    compare(session);
    for (size_t i = 0; i < N_STRETCHES; i++)
        assert_int_equal(stretch[i].status,
                         i == 3 || i == 5 || i == 7 || i == 8 ? MEF3_EINVAL : MEF3_OK);
    mef3_session_close(session);
    memory_free(&m);
}

/* A source that counts, and fails as it is told. */
static struct {
    const struct mef3_source_ops *ops;
    size_t n_opened;
    size_t n_closed;
    size_t n_read;
    uint64_t bad; /* no read may touch this byte; 0: any may */
} told;

static int open_counted(void *self, const char *path, void **file_out, uint64_t *bytes_out)
{
    told.n_opened++;
    return told.ops->open(self, path, file_out, bytes_out);
}

static int read_counted(void *self, void *file, uint64_t offset, void *bytes_out, size_t n,
                        size_t *n_out)
{
    told.n_read++;
    if (told.bad != 0 && offset <= told.bad && told.bad - offset < n)
        return MEF3_EIO;
    return told.ops->read(self, file, offset, bytes_out, n, n_out);
}

static void close_counted(void *self, void *file)
{
    told.n_closed++;
    told.ops->close(self, file);
}

static struct mef3_session *open_told(struct memory_session *m, struct mef3_source_ops *ops)
{
    struct mef3_source source;
    struct mef3_session *session;

    assert_int_equal(mef3_source_memory("test", m->files, m->n, &source), MEF3_OK);
    memset(&told, 0, sizeof told);
    told.ops = source.ops;
    *ops = *source.ops;
    ops->open = open_counted;
    ops->read = read_counted;
    ops->close = close_counted;
    source.ops = ops;
    assert_int_equal(mef3_session_open(&source, NULL, &session, NULL), MEF3_OK);
    /* Its index is in memory from here on. */
    assert_int_equal(mef3_read_samples(session, 0, 0, 0, 1, counts[0], NULL, NULL, NULL), MEF3_OK);
    told.n_opened = 0;
    told.n_closed = 0;
    told.n_read = 0;
    return session;
}

static void a_file_is_opened_once_and_neighbours_are_read_at_one_go(void **state)
{
    struct memory_session m;
    struct mef3_source_ops ops;

    (void)state;
    memory_load(&m, "one_channel");
    struct mef3_session *session = open_told(&m, &ops);
    plan();
    mef3_read_many(session, stretch, 10, NULL);
    assert_int_equal(told.n_opened, 1);
    assert_int_equal(told.n_closed, 1);
    assert_int_equal(told.n_read, 1 + 8); /* its UUID; two of the stretches are empty */
    mef3_session_close(session);
    memory_free(&m);
}

static void a_bad_place_on_the_disk_costs_its_block_alone(void **state)
{
    struct memory_session m;
    struct mef3_source_ops ops;

    (void)state;
    memory_load(&m, "one_channel");
    struct mef3_session *session = open_told(&m, &ops);
    plan();
    told.bad = (uint64_t)(memory_block(&m, 3) - memory_bytes(&m, ".tdat")) + 500;
    compare(session);
    assert_true(together.n > 100);
    for (size_t i = 0; i < together.n; i++) {
        assert_int_equal(together.note[i].block, 3);
        assert_int_equal(together.note[i].status, MEF3_EIO);
    }
    mef3_session_close(session);
    memory_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_stretches_are_what_each_is_by_itself),
        cmocka_unit_test(damage_is_told_in_the_order_of_stretches_and_blocks),
        cmocka_unit_test(a_stretch_that_fails_leaves_the_others_alone),
        cmocka_unit_test(a_file_is_opened_once_and_neighbours_are_read_at_one_go),
        cmocka_unit_test(a_bad_place_on_the_disk_costs_its_block_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
