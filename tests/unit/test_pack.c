/* test_pack.c - numbers and texts into bytes and back, never past the end. */
#include "base/pack.h"

#include "help/guard.h"
#include "help/test.h"

enum { ROOM = 64 };

/* One of everything, as a message. */
static void pack_all(struct packer *p)
{
    pack_u32(p, 0xDEADBEEF);
    pack_i32(p, -5);
    pack_u64(p, UINT64_MAX - 1);
    pack_i64(p, INT64_MIN);
    pack_f64(p, -0.1);
    pack_text(p, "Cz");
    pack_text(p, NULL);
}

enum { ALL = 4 + 4 + 8 + 8 + 8 + (4 + 3) + (4 + 1) };

static void what_is_packed_is_unpacked(void **state)
{
    uint8_t bytes[ROOM];
    struct packer p = {bytes, bytes + sizeof bytes, false};

    (void)state;
    pack_all(&p);
    assert_false(p.failed);
    assert_int_equal(p.at - bytes, ALL);

    struct unpacker u = {bytes, p.at, false};
    assert_int_equal(unpack_u32(&u), 0xDEADBEEF);
    assert_int_equal(unpack_i32(&u), -5);
    assert_true(unpack_u64(&u) == UINT64_MAX - 1);
    assert_true(unpack_i64(&u) == INT64_MIN);
    assert_true(unpack_f64(&u) == -0.1);
    assert_string_equal(unpack_text(&u), "Cz");
    assert_string_equal(unpack_text(&u), "");
    assert_false(u.failed);
    assert_ptr_equal(u.at, u.end);
}

static void what_does_not_fit_fails_and_writes_nothing_outside(void **state)
{
    (void)state;
    for (size_t room = 0; room < ALL; room++) {
        uint8_t *bytes = guard_new(room);
        struct packer p = {bytes, bytes + room, false};

        pack_all(&p);
        assert_true(p.failed);
        assert_true(p.at <= p.end);
        guard_free(bytes, room);
    }
}

/* Even where a later, smaller piece would have fitted. */
static void after_a_failure_nothing_more_is_written(void **state)
{
    uint8_t bytes[6] = {0};
    struct packer p = {bytes, bytes + sizeof bytes, false};

    (void)state;
    pack_u64(&p, UINT64_MAX);
    pack_u32(&p, UINT32_MAX);
    assert_true(p.failed);
    assert_ptr_equal(p.at, bytes);
    assert_int_equal(bytes[0], 0);
}

static void a_message_cut_short_fails_and_reads_zeros(void **state)
{
    uint8_t whole[ROOM];
    struct packer p = {whole, whole + sizeof whole, false};

    (void)state;
    pack_all(&p);
    for (size_t n = 0; n < ALL; n++) {
        uint8_t *bytes = guard_copy(whole, n);
        struct unpacker u = {bytes, bytes + n, false};

        unpack_u32(&u);
        unpack_i32(&u);
        unpack_u64(&u);
        unpack_i64(&u);
        unpack_f64(&u);
        unpack_text(&u);
        unpack_text(&u);
        assert_true(u.failed);
        assert_int_equal(unpack_u64(&u), 0);
        assert_string_equal(unpack_text(&u), "");
        guard_free(bytes, n);
    }
}

static void texts_that_are_none(void **state)
{
    static const struct {
        const char *why;
        uint32_t length;
        const char bytes[8];
        size_t n_bytes;
        bool failed;
    } row[] = {
        {"a text", 2, "Cz", 3, false},
        {"an empty one", 0, "", 1, false},
        {"without its zero", 2, {'C', 'z', 'x'}, 3, true},
        {"the zero beyond the end", 3, {'C', 'z', 'x'}, 3, true},
        {"a zero within", 2, {'C', 0, 0}, 3, true},
        {"longer than the message", 100, "Cz", 3, true},
        {"as long as can be", UINT32_MAX, "Cz", 3, true},
        {"nothing after the length", 0, "", 0, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        size_t n = 4 + row[i].n_bytes;
        uint8_t *bytes = guard_new(n);
        struct unpacker u = {bytes, bytes + n, false};

        memcpy(bytes, &row[i].length, 4);
        memcpy(bytes + 4, row[i].bytes, row[i].n_bytes);
        const char *text = unpack_text(&u);
        assert_row(u.failed == row[i].failed, row[i].why);
        assert_row(strcmp(text, row[i].failed ? "" : row[i].bytes) == 0, row[i].why);
        guard_free(bytes, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_packed_is_unpacked),
        cmocka_unit_test(what_does_not_fit_fails_and_writes_nothing_outside),
        cmocka_unit_test(after_a_failure_nothing_more_is_written),
        cmocka_unit_test(a_message_cut_short_fails_and_reads_zeros),
        cmocka_unit_test(texts_that_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
