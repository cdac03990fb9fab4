/* test_index_header.c - the header of an index that is read while a writer changes it. */
#include <stdlib.h>
#include <string.h>

#include "help/memory_session.h"
#include "help/test.h"

/* A source in front of another: the first n_torn times that a header of an index is read, it is
 * half the one and half the other. */
struct torn_source {
    struct mef3_source behind;
    void *index; /* the file, open */
    int n_torn;
};

static int list(void *self, const char *folder, mef3_name_fn *each, void *arg)
{
    struct torn_source *torn = self;

    return torn->behind.ops->list(torn->behind.self, folder, each, arg);
}

static int open_file(void *self, const char *path, void **file_out, uint64_t *bytes_out)
{
    struct torn_source *torn = self;
    int status = torn->behind.ops->open(torn->behind.self, path, file_out, bytes_out);

    if (status == MEF3_OK && strcmp(path + strlen(path) - 5, ".tidx") == 0)
        torn->index = *file_out;
    return status;
}

static int read_file(void *self, void *file, uint64_t offset, void *bytes_out, size_t n,
                     size_t *n_out)
{
    struct torn_source *torn = self;
    int status = torn->behind.ops->read(torn->behind.self, file, offset, bytes_out, n, n_out);

    if (file == torn->index && offset == 0 && n > 100 && torn->n_torn > 0) {
        ((uint8_t *)bytes_out)[100] ^= 1;
        torn->n_torn--;
    }
    return status;
}

static int length(void *self, void *file, uint64_t *bytes_out)
{
    struct torn_source *torn = self;

    return torn->behind.ops->length(torn->behind.self, file, bytes_out);
}

static void close_file(void *self, void *file)
{
    struct torn_source *torn = self;

    torn->index = file == torn->index ? NULL : torn->index;
    torn->behind.ops->close(torn->behind.self, file);
}

static void free_source(void *self)
{
    struct torn_source *torn = self;

    mef3_source_fini(&torn->behind);
}

static void a_header_that_is_being_written_is_read_again(void **state)
{
    static const struct mef3_source_ops ops = {list,   open_file,  read_file,
                                               length, close_file, free_source};
    static const struct {
        const char *why;
        int n_torn;
        int status;
    } row[] = {
        {"never torn", 0, MEF3_OK},
        {"once", 1, MEF3_OK},
        {"always: it is damaged", 1000, MEF3_ECRC},
    };
    struct memory_session m;

    (void)state;
    memory_load(&m, "one_channel");
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct torn_source torn = {.n_torn = row[i].n_torn};
        struct mef3_source source = {.ops = &ops, .self = &torn, .name = "test"};
        struct mef3_session *session = NULL;
        const struct mef3_run *runs;
        size_t n_runs;
        assert_int_equal(mef3_source_memory("test", m.files, m.n, &torn.behind), MEF3_OK);
        assert_int_equal(mef3_session_open(&source, NULL, &session, NULL), MEF3_OK);
        assert_row_int(mef3_segment_runs(session, 0, 0, &runs, &n_runs, NULL), row[i].status,
                       row[i].why);
        mef3_session_close(session);
    }
    memory_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_that_is_being_written_is_read_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
