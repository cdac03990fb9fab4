/* test_source.c - a session's bytes from a folder and from memory. */
#include <mef3/source.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "help/test.h"

static char root[256]; /* a new folder, with a session x.mefd in it */

static char *beneath(const char *name)
{
    static char path[4][512];
    static size_t next;
    char *to = path[next++ % 4];

    snprintf(to, sizeof path[0], "%s/%s", root, name);
    return to;
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(beneath(name), "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/mef3-source-XXXXXX");
    assert_non_null(mkdtemp(root));
    char *real = realpath(root, NULL);
    snprintf(root, sizeof root, "%s", real);
    free(real);
    assert_int_equal(mkdir(beneath("x.mefd"), 0755), 0);
    assert_int_equal(mkdir(beneath("x.mefd/a.timd"), 0755), 0);
    assert_int_equal(mkdir(beneath("outside"), 0755), 0);
    write_file("x.mefd/a.timd/inside", "inside");
    write_file("x.mefd/file", "0123456789");
    write_file("outside/secret", "secret");
    write_file("outside/f.mefd", "no folder");
    assert_int_equal(symlink("a.timd/inside", beneath("x.mefd/link_in")), 0);
    assert_int_equal(symlink("../outside/secret", beneath("x.mefd/link_out")), 0);
    assert_int_equal(symlink("../outside", beneath("x.mefd/folder_out")), 0);
    assert_int_equal(symlink("nowhere", beneath("x.mefd/broken")), 0);
    assert_int_equal(symlink("loop", beneath("x.mefd/loop")), 0);
    assert_int_equal(mkfifo(beneath("x.mefd/pipe"), 0600), 0);
    assert_int_equal(symlink("x.mefd", beneath("y.mefd")), 0);
    return 0;
}

static int tear_down(void **state)
{
    static const char *const files[] = {
        "x.mefd/a.timd/inside", "x.mefd/file",    "x.mefd/link_in", "x.mefd/link_out",
        "x.mefd/folder_out",    "x.mefd/broken",  "x.mefd/loop",    "x.mefd/pipe",
        "outside/secret",       "outside/f.mefd", "y.mefd"};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        unlink(beneath(files[i]));
    rmdir(beneath("x.mefd/a.timd"));
    rmdir(beneath("x.mefd"));
    rmdir(beneath("outside"));
    return rmdir(root);
}

static void a_session_is_a_folder_that_ends_in_mefd(void **state)
{
    static const struct {
        const char *path;
        int status;
        const char *name;
    } row[] = {
        {"x.mefd", MEF3_OK, "x"},
        {"x.mefd///", MEF3_OK, "x"},
        {"y.mefd", MEF3_OK, "y"},
        {"missing.mefd", MEF3_ENOENT, NULL},
        {"missing", MEF3_ENOENT, NULL},
        {"outside", MEF3_EFORMAT, NULL},
        {"outside/f.mefd", MEF3_EFORMAT, NULL},
        {"x.mefd/a.timd", MEF3_EFORMAT, NULL},
        {"x.mefd/file/x.mefd", MEF3_ENOENT, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct mef3_source source = {0};
        struct mef3_error error;
        int status = mef3_source_folder(beneath(row[i].path), NULL, &source, &error);
        assert_row_int(status, row[i].status, row[i].path);
        if (status == MEF3_OK)
            assert_string_equal(source.name, row[i].name);
        else
            assert_row(source.ops == NULL && error.status == status, row[i].path);
        mef3_source_fini(&source);
    }
}

static void a_file_is_opened_where_it_may_be(void **state)
{
    static const struct {
        const char *why;
        const char *confine; /* beneath the root; NULL: not confined */
        const char *path;
        int status;
    } row[] = {
        {"a plain file", "x.mefd", "file", MEF3_OK},
        {"confined further up", "", "file", MEF3_OK},
        {"a link that stays inside", "x.mefd", "link_in", MEF3_OK},
        {"a link that leaves, confined", "x.mefd", "link_out", MEF3_EACCES},
        {"a link that leaves, within what is allowed", "", "link_out", MEF3_OK},
        {"a link that leaves, not confined", NULL, "link_out", MEF3_OK},
        {"a folder that leaves", "x.mefd", "folder_out/secret", MEF3_EACCES},
        {"a way up", "x.mefd", "../outside/secret", MEF3_EACCES},
        {"no such file", "x.mefd", "missing", MEF3_ENOENT},
        {"a link to nowhere", "x.mefd", "broken", MEF3_ENOENT},
        {"a link to itself", "x.mefd", "loop", MEF3_EFORMAT},
        {"a pipe, which must not keep us waiting", "x.mefd", "pipe", MEF3_EFORMAT},
        {"a folder", "x.mefd", "a.timd", MEF3_EFORMAT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct mef3_source source;
        void *file;
        uint64_t bytes;
        const char *confine = row[i].confine ? beneath(row[i].confine) : NULL;
        assert_row_int(mef3_source_folder(beneath("x.mefd"), confine, &source, NULL), MEF3_OK,
                       row[i].why);
        int status = source.ops->open(source.self, row[i].path, &file, &bytes);
        assert_row_int(status, row[i].status, row[i].why);
        if (status == MEF3_OK)
            source.ops->close(source.self, file);
        mef3_source_fini(&source);
    }
}

static void a_session_outside_the_confines_is_refused(void **state)
{
    struct mef3_source source;
    struct mef3_error error;

    (void)state;
    assert_int_equal(mef3_source_folder(beneath("x.mefd"), beneath("outside"), &source, &error),
                     MEF3_EACCES);
    /* A name that only begins alike. */
    assert_int_equal(mef3_source_folder(beneath("x.mefd"), beneath("x.mef"), &source, &error),
                     MEF3_EACCES);
}

static int count_names(void *arg, const char *name, bool is_folder)
{
    size_t *n = arg;

    n[is_folder]++;
    return strcmp(name, "stop") == 0 ? 77 : 0;
}

static void names_are_listed_with_what_they_are(void **state)
{
    struct mef3_source source;
    size_t n[2] = {0};

    (void)state;
    assert_int_equal(mef3_source_folder(beneath("x.mefd"), beneath("x.mefd"), &source, NULL),
                     MEF3_OK);
    assert_int_equal(source.ops->list(source.self, "", count_names, n), MEF3_OK);
    assert_int_equal(n[1], 2); /* a.timd and the link to a folder */
    assert_int_equal(n[0], 6);
    assert_int_equal(source.ops->list(source.self, "missing", count_names, n), MEF3_ENOENT);
    assert_int_equal(source.ops->list(source.self, "folder_out", count_names, n), MEF3_EACCES);
    mef3_source_fini(&source);
}

static void check_reading(struct mef3_source *source, const char *path)
{
    uint64_t bytes = 0;
    char text[16] = "";
    size_t n = 99;
    void *file;

    assert_int_equal(source->ops->open(source->self, path, &file, &bytes), MEF3_OK);
    assert_int_equal(bytes, 10);
    assert_int_equal(source->ops->read(source->self, file, 3, text, 4, &n), MEF3_OK);
    assert_int_equal(n, 4);
    assert_string_equal(text, "3456");
    assert_int_equal(source->ops->read(source->self, file, 8, text, 8, &n), MEF3_OK);
    assert_int_equal(n, 2);
    assert_int_equal(source->ops->read(source->self, file, 11, text, 8, &n), MEF3_OK);
    assert_int_equal(n, 0);
    assert_int_equal(source->ops->length(source->self, file, &bytes), MEF3_OK);
    assert_int_equal(bytes, 10);
    source->ops->close(source->self, file);
}

static void both_sources_read_alike(void **state)
{
    static const struct mef3_memory_file files[] = {
        {"file", (const uint8_t *)"0123456789", 10},
        {"a/b/c", NULL, 0},
        {"a/b/stop", NULL, 0},
        {"ab/c", NULL, 0},
        {"a/d", NULL, 0},
    };
    struct mef3_source source;
    size_t n[2] = {0};

    (void)state;
    assert_int_equal(mef3_source_folder(beneath("x.mefd"), NULL, &source, NULL), MEF3_OK);
    check_reading(&source, "file");
    mef3_source_fini(&source);
    assert_int_equal(mef3_source_memory("m", files, 5, &source), MEF3_OK);
    check_reading(&source, "file");
    assert_int_equal(source.ops->list(source.self, "", count_names, n), MEF3_OK);
    assert_int_equal(n[0], 1); /* file */
    assert_int_equal(n[1], 2); /* a, ab, each once */
    assert_int_equal(source.ops->list(source.self, "a", count_names, n), MEF3_OK);
    assert_int_equal(n[0], 2);
    assert_int_equal(n[1], 3);
    assert_int_equal(source.ops->list(source.self, "a/b", count_names, n), 77);
    assert_int_equal(source.ops->list(source.self, "c", count_names, n), MEF3_ENOENT);
    mef3_source_fini(&source);
    mef3_source_fini(&source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_a_folder_that_ends_in_mefd),
        cmocka_unit_test(a_file_is_opened_where_it_may_be),
        cmocka_unit_test(a_session_outside_the_confines_is_refused),
        cmocka_unit_test(names_are_listed_with_what_they_are),
        cmocka_unit_test(both_sources_read_alike),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
