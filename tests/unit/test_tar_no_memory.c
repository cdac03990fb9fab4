/* test_tar_no_memory.c - each allocation of opening a tar fails once: the call says so, and what
 * is opened all the same is whole. (What leaks, the sanitizers find.)
 *
 * Linked with --wrap, so that the library's calls of malloc and the like come here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "help/tar_source.h"
#include "help/test.h"

static long n_asked; /* allocations so far */
static long failing; /* number of the one that fails, from 0; -1: none */

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t bytes);
void *__real_realloc(void *memory, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t bytes);
void *__wrap_realloc(void *memory, size_t n);

void *__wrap_malloc(size_t n)
{
    return n_asked++ == failing ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t bytes)
{
    return n_asked++ == failing ? NULL : __real_calloc(n, bytes);
}

void *__wrap_realloc(void *memory, size_t n)
{
    return n_asked++ == failing ? NULL : __real_realloc(memory, n);
}

enum { N_FILES = 500 };

/* Tables grow several times; one path comes from a pax header. */
static void make(struct tar_maker *tar)
{
    char path[64];

    for (int i = 0; i < N_FILES; i++) {
        snprintf(path, sizeof path, "x.mefd/file %d", i);
        tar_maker_file(tar, path, "content");
    }
    tar_maker_pax(tar, 'x', "path", "x.mefd/other");
    tar_maker_file(tar, "x.mefd/f", "content");
    tar_maker_end(tar);
}

static int count(void *arg, const char *name, bool is_folder)
{
    (void)name;
    (void)is_folder;
    ++*(int *)arg;
    return 0;
}

static void memory_that_runs_out_is_told(void **state)
{
    struct tar_maker tar = {0};
    bool has_failed = true;

    (void)state;
    failing = -1;
    make(&tar);
    for (failing = 0; has_failed; failing++) {
        struct mef3_source source = {0};
        struct mef3_error error;
        n_asked = 0;
        int status = tar_source_open(&tar, &source, &error);
        has_failed = n_asked > failing;
        assert_int_equal(status, has_failed ? MEF3_ENOMEM : MEF3_OK);
        if (has_failed) {
            assert_int_equal(error.status, MEF3_ENOMEM);
            assert_true(!source.ops);
            continue;
        }
        int n = 0;
        assert_int_equal(source.ops->list(source.self, "", count, &n), MEF3_OK);
        assert_int_equal(n, N_FILES + 1);
        assert_content(&source, "other", "content");
        mef3_source_fini(&source);
    }
    assert_true(failing > 5);
    tar_maker_fini(&tar);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_that_runs_out_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
