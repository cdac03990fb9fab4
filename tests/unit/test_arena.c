/* test_arena.c - the memory of samples: the reader cannot write it, nobody can shrink it. */
#include "ipc/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mef3/status.h>

#include "help/test.h"

enum { BYTES = 1 << 20 };

struct ends {
    int write_fd;
    int read_fd;
};

static int set_up(void **state)
{
    static struct ends ends;

    *state = &ends;
    return arena_create(BYTES, &ends.write_fd, &ends.read_fd);
}

static int tear_down(void **state)
{
    struct ends *ends = *state;

    close(ends->write_fd);
    close(ends->read_fd);
    return 0;
}

static void what_one_writes_the_other_reads(void **state)
{
    struct ends *ends = *state;
    size_t written, readable;
    int32_t *to = arena_map_write(ends->write_fd, &written);
    const int32_t *from = arena_map_read(ends->read_fd, &readable);

    assert_non_null(to);
    assert_non_null(from);
    assert_int_equal(written, BYTES);
    assert_int_equal(readable, BYTES);
    to[BYTES / 4 - 1] = -77;
    assert_int_equal(from[BYTES / 4 - 1], -77);
    assert_int_equal(from[0], 0);
    munmap(to, BYTES);
    munmap((void *)(uintptr_t)from, BYTES);
}

static void the_read_end_cannot_be_made_writable(void **state)
{
    struct ends *ends = *state;
    size_t n;

    errno = 0;
    assert_ptr_equal(mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, ends->read_fd, 0),
                     MAP_FAILED);
    assert_int_equal(errno, EACCES);
    assert_null(arena_map_write(ends->read_fd, &n));

    void *memory = (void *)(uintptr_t)arena_map_read(ends->read_fd, &n);
    errno = 0;
    assert_int_equal(mprotect(memory, BYTES, PROT_READ | PROT_WRITE), -1);
    assert_int_equal(errno, EACCES);
    assert_int_equal(write(ends->read_fd, "x", 1), -1);
    munmap(memory, BYTES);
}

static void nobody_can_change_its_size_or_its_seals(void **state)
{
    struct ends *ends = *state;
    struct stat facts;

    assert_int_equal(ftruncate(ends->write_fd, BYTES / 2), -1);
    assert_int_equal(ftruncate(ends->write_fd, 0), -1);
    assert_int_equal(ftruncate(ends->write_fd, 2 * BYTES), -1);
    assert_int_equal(ftruncate(ends->read_fd, 0), -1);
    assert_int_equal(fcntl(ends->write_fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
    assert_int_equal(fallocate(ends->write_fd, 0, BYTES, 4096), -1);
    assert_int_equal(fstat(ends->write_fd, &facts), 0);
    assert_int_equal(facts.st_size, BYTES);
}

static void both_ends_are_closed_on_exec(void **state)
{
    struct ends *ends = *state;

    assert_true(fcntl(ends->write_fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(ends->read_fd, F_GETFD) & FD_CLOEXEC);
}

static void what_is_no_arena_is_not_mapped(void **state)
{
    size_t n = 7;
    int fds[2];

    (void)state;
    assert_null(arena_map_read(-1, &n));
    assert_int_equal(pipe(fds), 0);
    assert_null(arena_map_read(fds[0], &n));
    assert_null(arena_map_write(fds[1], &n));
    assert_int_equal(n, 7);
    close(fds[0]);
    close(fds[1]);
}

static void an_arena_larger_than_any_file_fails_and_leaves_no_descriptor(void **state)
{
    int write_fd = -7, read_fd = -7;
    int before = dup(0);

    (void)state;
    close(before);
    assert_int_equal(arena_create(SIZE_MAX, &write_fd, &read_fd), MEF3_EIO);
    assert_true(write_fd == -7 && read_fd == -7);
    int after = dup(0);
    close(after);
    assert_int_equal(before, after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_one_writes_the_other_reads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_read_end_cannot_be_made_writable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_can_change_its_size_or_its_seals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(both_ends_are_closed_on_exec, set_up, tear_down),
        cmocka_unit_test(what_is_no_arena_is_not_mapped),
        cmocka_unit_test(an_arena_larger_than_any_file_fails_and_leaves_no_descriptor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
