/* test_source_tar.c - a session in a tar on disk: where it may lie, and what a change means. */
#include <mef3/source.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "help/tar_source.h"
#include "help/test.h"

/* On disk: FOLDER/x.mefd.tar and what is around it. */
static char root[256];

static char *beneath(const char *name)
{
    static char path[4][512];
    static size_t next;
    char *to = path[next++ % 4];

    snprintf(to, sizeof path[0], "%s/%s", root, name);
    return to;
}

static void write_tar(const char *name, const char *text)
{
    struct tar_maker tar = {0};

    tar_maker_file(&tar, "x.mefd/f", text);
    tar_maker_end(&tar);
    FILE *file = fopen(beneath(name), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(tar.bytes, 1, tar.n, file), tar.n);
    assert_int_equal(fclose(file), 0);
    tar_maker_fini(&tar);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/mef3-source-tar-XXXXXX");
    assert_non_null(mkdtemp(root));
    char *real = realpath(root, NULL);
    snprintf(root, sizeof root, "%s", real);
    free(real);
    assert_int_equal(mkdir(beneath("in"), 0755), 0);
    assert_int_equal(mkdir(beneath("out"), 0755), 0);
    assert_int_equal(mkdir(beneath("in/folder.mefd.tar"), 0755), 0);
    assert_int_equal(mkdir(beneath("in/folder.mefd"), 0755), 0);
    write_tar("in/x.mefd.tar", "inside");
    write_tar("in/x.tar", "of another name");
    write_tar("out/y.mefd.tar", "outside");
    assert_int_equal(symlink("x.mefd.tar", beneath("in/link.mefd.tar")), 0);
    assert_int_equal(symlink("../out/y.mefd.tar", beneath("in/away.mefd.tar")), 0);
    assert_int_equal(symlink("nowhere", beneath("in/broken.mefd.tar")), 0);
    assert_int_equal(mkfifo(beneath("in/pipe.mefd.tar"), 0600), 0);
    return 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"in/x.mefd.tar",     "in/x.tar",         "out/y.mefd.tar",
                                        "in/link.mefd.tar",  "in/away.mefd.tar", "in/pipe.mefd.tar",
                                        "in/broken.mefd.tar"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(beneath(names[i]));
    rmdir(beneath("in/folder.mefd.tar"));
    rmdir(beneath("in/folder.mefd"));
    rmdir(beneath("in"));
    rmdir(beneath("out"));
    return rmdir(root);
}

static void an_archive_is_opened_where_it_may_be(void **state)
{
    static const struct {
        const char *why;
        const char *path;
        const char *confine; /* NULL: anywhere */
        int status;
        const char *name;
    } row[] = {
        {"a tar", "in/x.mefd.tar", NULL, MEF3_OK, "x"},
        {"within what is allowed", "in/x.mefd.tar", "in", MEF3_OK, "x"},
        {"a link that stays there", "in/link.mefd.tar", "in", MEF3_OK, "x"},
        {"a link that leaves", "in/away.mefd.tar", NULL, MEF3_OK, "x"},
        {"a link that leaves, confined", "in/away.mefd.tar", "in", MEF3_EACCES, NULL},
        {"outside", "out/y.mefd.tar", "in", MEF3_EACCES, NULL},
        {"outside, by a name that begins alike", "in/x.mefd.tar", "i", MEF3_EACCES, NULL},
        {"another suffix", "in/x.tar", NULL, MEF3_EFORMAT, NULL},
        {"a folder", "in/folder.mefd.tar", NULL, MEF3_EFORMAT, NULL},
        {"a pipe, which must not keep us waiting", "in/pipe.mefd.tar", NULL, MEF3_EFORMAT, NULL},
        {"a link to nowhere", "in/broken.mefd.tar", NULL, MEF3_ENOENT, NULL},
        {"nothing", "in/none.mefd.tar", NULL, MEF3_ENOENT, NULL},
        {"beneath a tar", "in/x.mefd.tar/y.mefd.tar", NULL, MEF3_ENOENT, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct mef3_source source = {0};
        struct mef3_error error;
        const char *confine = row[i].confine ? beneath(row[i].confine) : NULL;
        int status = mef3_source_tar(beneath(row[i].path), confine, &source, &error);
        assert_row_int(status, row[i].status, row[i].why);
        if (status == MEF3_OK)
            assert_row(strcmp(source.name, row[i].name) == 0, row[i].why);
        else
            assert_row(!source.ops && error.status == status, row[i].why);
        mef3_source_fini(&source);
    }
}

static void a_path_is_a_folder_or_an_archive_by_its_suffix(void **state)
{
    struct mef3_source source;
    struct mef3_error error;

    (void)state;
    assert_int_equal(mef3_source_path(beneath("in/x.mefd.tar"), NULL, &source, &error), MEF3_OK);
    assert_content(&source, "f", "inside");
    mef3_source_fini(&source);
    assert_int_equal(mef3_source_path(beneath("in/folder.mefd/"), NULL, &source, &error), MEF3_OK);
    assert_listed(&source, "", "");
    mef3_source_fini(&source);
    assert_int_equal(mef3_source_path(beneath("in/x.tar"), NULL, &source, &error), MEF3_EFORMAT);
    assert_int_equal(mef3_source_path(beneath("in/folder.mefd.tar"), NULL, &source, &error),
                     MEF3_EFORMAT);
    assert_int_equal(mef3_source_path(beneath("in/away.mefd.tar"), beneath("in"), &source, &error),
                     MEF3_EACCES);
}

static void an_archive_that_was_written_to_is_not_read_on(void **state)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1600000000}};
    struct mef3_source source;
    uint64_t bytes;
    void *file;

    (void)state;
    write_tar("in/x.mefd.tar", "before");
    assert_int_equal(mef3_source_tar(beneath("in/x.mefd.tar"), NULL, &source, NULL), MEF3_OK);
    assert_content(&source, "f", "before");
    /* Another file in its place: what is open stays what it was. */
    assert_int_equal(rename(beneath("in/x.mefd.tar"), beneath("in/old.mefd.tar")), 0);
    write_tar("in/x.mefd.tar", "inside");
    assert_content(&source, "f", "before");
    /* Written to: members may be anywhere. */
    assert_int_equal(utimensat(AT_FDCWD, beneath("in/old.mefd.tar"), times, 0), 0);
    assert_int_equal(source.ops->open(source.self, "f", &file, &bytes), MEF3_ECHANGED);
    assert_int_equal(unlink(beneath("in/old.mefd.tar")), 0);
    mef3_source_fini(&source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_archive_is_opened_where_it_may_be),
        cmocka_unit_test(a_path_is_a_folder_or_an_archive_by_its_suffix),
        cmocka_unit_test(an_archive_that_was_written_to_is_not_read_on),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
