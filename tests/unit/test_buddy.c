/* test_buddy.c - the arena's books: pieces never overlap, and grow together again. */
#include "cache/buddy.h"

#include <stdbool.h>
#include <string.h>

#include "help/signal.h"
#include "help/test.h"

enum { LARGEST = 16 << 20, N_PAGES = 2 * LARGEST / BUDDY_PAGE };

static void the_order_of_a_size(void **state)
{
    static const struct {
        size_t bytes;
        unsigned order;
    } row[] = {
        {0, 0},
        {1, 0},
        {4096, 0},
        {4097, 1},
        {8192, 1},
        {8193, 2},
        {65536, 4},
        {65540, 5},
        {LARGEST, 12},
        {LARGEST - 1, 12},
        {LARGEST + 1, 13},
        {SIZE_MAX, 13},
        {LARGEST / 2, 11},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        assert_int_equal(buddy_order(row[i].bytes), row[i].order);
}

static void an_arena_has_the_largest_pieces_that_fit(void **state)
{
    static const struct {
        const char *why;
        size_t bytes;
        size_t pieces;
        unsigned order;
    } row[] = {
        {"nothing", 0, 0, 0},          {"less than a page", BUDDY_PAGE - 1, 0, 0},
        {"a page", BUDDY_PAGE, 1, 0},  {"three pages", 3 * BUDDY_PAGE, 1, 1},
        {"4 MiB", LARGEST / 4, 1, 10}, {"one byte less than a largest piece", LARGEST - 1, 1, 11},
        {"one", LARGEST, 1, 12},       {"the rest is not used", 2 * LARGEST - 1, 1, 12},
        {"two", 2 * LARGEST, 2, 12},   {"more pages than can be numbered", SIZE_MAX, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct buddy *buddy = buddy_new(row[i].bytes);
        size_t bytes = buddy_bytes(row[i].order);
        assert_row((buddy != NULL) == (row[i].pieces > 0), row[i].why);
        if (!buddy)
            continue;
        assert_row_int(buddy_largest(buddy), bytes, row[i].why);
        assert_row(buddy_take(buddy, row[i].order + 1) == BUDDY_NONE, row[i].why);
        for (size_t n = 0; n < row[i].pieces; n++)
            assert_row(buddy_take(buddy, row[i].order) == n * bytes, row[i].why);
        assert_row(buddy_take(buddy, 0) == BUDDY_NONE, row[i].why);
        for (size_t n = 0; n < row[i].pieces; n++)
            buddy_give(buddy, n * bytes, row[i].order);
        assert_row(buddy_take(buddy, row[i].order) != BUDDY_NONE, row[i].why);
        buddy_free(buddy);
    }
}

static void every_page_can_be_given_out_and_comes_back(void **state)
{
    static bool taken[N_PAGES];
    struct buddy *buddy = buddy_new(N_PAGES * (size_t)BUDDY_PAGE);

    (void)state;
    memset(taken, 0, sizeof taken);
    for (size_t i = 0; i < N_PAGES; i++) {
        size_t offset = buddy_take(buddy, 0);
        assert_true(offset % BUDDY_PAGE == 0 && offset / BUDDY_PAGE < N_PAGES);
        assert_false(taken[offset / BUDDY_PAGE]);
        taken[offset / BUDDY_PAGE] = true;
    }
    assert_true(buddy_take(buddy, 0) == BUDDY_NONE);
    assert_int_equal(buddy_used(buddy), N_PAGES * (size_t)BUDDY_PAGE);
    /* Odd pages first: nothing can be joined until the even ones come. */
    for (size_t i = 1; i < N_PAGES; i += 2)
        buddy_give(buddy, i * BUDDY_PAGE, 0);
    assert_true(buddy_take(buddy, 1) == BUDDY_NONE);
    for (size_t i = 0; i < N_PAGES; i += 2)
        buddy_give(buddy, i * BUDDY_PAGE, 0);
    assert_int_equal(buddy_used(buddy), 0);
    assert_true(buddy_take(buddy, BUDDY_MAX_ORDER) != BUDDY_NONE);
    assert_true(buddy_take(buddy, BUDDY_MAX_ORDER) != BUDDY_NONE);
    buddy_free(buddy);
}

/* The model: which pages are taken. */
struct model {
    struct buddy *buddy;
    uint8_t taken[N_PAGES];
    struct {
        size_t offset;
        unsigned order;
    } piece[N_PAGES];
    size_t n_pieces;
    size_t n_taken;
};

static bool has_free(const struct model *model, unsigned order)
{
    size_t n = (size_t)1 << order;

    for (size_t at = 0; at < N_PAGES; at += n)
        if (!memchr(model->taken + at, 1, n))
            return true;
    return false;
}

static void take(struct model *model, unsigned order)
{
    size_t n = (size_t)1 << order;
    size_t offset = buddy_take(model->buddy, order);

    /* It fails only when there is no aligned free piece of that size. */
    assert_int_equal(offset == BUDDY_NONE, !has_free(model, order));
    if (offset == BUDDY_NONE)
        return;
    assert_int_equal(offset % buddy_bytes(order), 0);
    assert_true(offset / BUDDY_PAGE <= N_PAGES - n);
    assert_null(memchr(model->taken + offset / BUDDY_PAGE, 1, n));
    memset(model->taken + offset / BUDDY_PAGE, 1, n);
    model->piece[model->n_pieces].offset = offset;
    model->piece[model->n_pieces++].order = order;
    model->n_taken += n;
}

static void give(struct model *model, size_t which)
{
    size_t offset = model->piece[which].offset;
    unsigned order = model->piece[which].order;

    buddy_give(model->buddy, offset, order);
    memset(model->taken + offset / BUDDY_PAGE, 0, (size_t)1 << order);
    model->n_taken -= (size_t)1 << order;
    model->piece[which] = model->piece[--model->n_pieces];
}

static void random_pieces_never_overlap_and_grow_together_again(void **state)
{
    static struct model model;
    struct signal_random random = {3};

    (void)state;
    model.buddy = buddy_new(N_PAGES * (size_t)BUDDY_PAGE);
    for (int i = 0; i < 20000; i++) {
        /* By turns mostly taking and mostly giving. */
        bool taking = signal_below(&random, 10) < (i / 2000 % 2 ? 3u : 7u);
        if (taking)
            take(&model, signal_below(&random, signal_below(&random, BUDDY_MAX_ORDER + 1) + 1));
        else if (model.n_pieces > 0)
            give(&model, signal_below(&random, (uint32_t)model.n_pieces));
        assert_int_equal(buddy_used(model.buddy), model.n_taken * BUDDY_PAGE);
    }
    while (model.n_pieces > 0)
        give(&model, signal_below(&random, (uint32_t)model.n_pieces));
    take(&model, BUDDY_MAX_ORDER);
    take(&model, BUDDY_MAX_ORDER);
    assert_int_equal(model.n_pieces, 2);
    buddy_free(model.buddy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_of_a_size),
        cmocka_unit_test(an_arena_has_the_largest_pieces_that_fit),
        cmocka_unit_test(every_page_can_be_given_out_and_comes_back),
        cmocka_unit_test(random_pieces_never_overlap_and_grow_together_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
