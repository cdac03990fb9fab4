/* test_tar.c - the members of a tar: found, named and read where they lie. */
#include <stdio.h>
#include <string.h>

#include "help/tar_source.h"
#include "help/test.h"

static int count_name(void *arg, const char *name, bool is_folder)
{
    (void)name;
    (void)is_folder;
    ++*(size_t *)arg;
    return 0;
}

static void a_member_is_read_where_it_lies(void **state)
{
    struct tar_maker tar = {0};
    struct mef3_source source;
    char text[16] = "";
    uint64_t bytes;
    size_t n;
    void *file;

    (void)state;
    tar_maker_put(&tar, '5', "x.mefd/", "", 0);
    tar_maker_file(&tar, "x.mefd/file", "0123456789");
    tar_maker_file(&tar, "x.mefd/next", "abc");
    tar_maker_end(&tar);
    assert_int_equal(tar_source_open(&tar, &source, NULL), MEF3_OK);
    assert_string_equal(source.name, "x");
    assert_int_equal(source.ops->open(source.self, "file", &file, &bytes), MEF3_OK);
    assert_int_equal(bytes, 10);
    assert_int_equal(source.ops->read(source.self, file, 3, text, 4, &n), MEF3_OK);
    assert_int_equal(n, 4);
    assert_string_equal(text, "3456");
    /* Not a byte of what follows it. */
    assert_int_equal(source.ops->read(source.self, file, 8, text, 8, &n), MEF3_OK);
    assert_int_equal(n, 2);
    assert_int_equal(source.ops->read(source.self, file, 10, text, 8, &n), MEF3_OK);
    assert_int_equal(n, 0);
    assert_int_equal(source.ops->read(source.self, file, UINT64_MAX, text, 8, &n), MEF3_OK);
    assert_int_equal(n, 0);
    assert_int_equal(source.ops->length(source.self, file, &bytes), MEF3_OK);
    assert_int_equal(bytes, 10);
    source.ops->close(source.self, file);
    assert_int_equal(source.ops->open(source.self, "missing", &file, &bytes), MEF3_ENOENT);
    assert_int_equal(source.ops->open(source.self, "fil", &file, &bytes), MEF3_ENOENT);
    assert_int_equal(source.ops->open(source.self, "file/x", &file, &bytes), MEF3_ENOENT);
    assert_int_equal(source.ops->open(source.self, "", &file, &bytes), MEF3_EFORMAT);
    mef3_source_fini(&source);
    tar_maker_fini(&tar);
}

static int stop_at_second(void *arg, const char *name, bool is_folder)
{
    return count_name(arg, name, is_folder) + (*(size_t *)arg == 2 ? 77 : 0);
}

static void folders_are_those_that_paths_go_through(void **state)
{
    struct tar_maker tar = {0};
    struct mef3_source source;
    size_t n = 0;
    uint64_t bytes;
    void *file;

    (void)state;
    tar_maker_file(&tar, "x.mefd/b/2/file", "1");
    tar_maker_file(&tar, "x.mefd/b-", "2");
    tar_maker_file(&tar, "x.mefd/b/1", "3");
    tar_maker_put(&tar, '5', "x.mefd/empty/", "", 0);
    tar_maker_file(&tar, "x.mefd/b\x01", "4");
    tar_maker_file(&tar, "x.mefd/a", "5");
    tar_maker_end(&tar);
    assert_int_equal(tar_source_open(&tar, &source, NULL), MEF3_OK);
    assert_listed(&source, "", "a b/ b\x01 b- empty/ ");
    assert_listed(&source, "b", "1 2/ ");
    assert_int_equal(source.ops->list(source.self, "", stop_at_second, &n), 77);
    assert_int_equal(n, 2);
    assert_listed(&source, "b/2", "file ");
    assert_listed(&source, "empty", "");
    assert_int_equal(source.ops->list(source.self, "a", count_name, &n), MEF3_ENOENT);
    assert_int_equal(source.ops->list(source.self, "x.mefd", count_name, &n), MEF3_ENOENT);
    assert_int_equal(source.ops->open(source.self, "b", &file, &bytes), MEF3_EFORMAT);
    assert_int_equal(source.ops->open(source.self, "empty", &file, &bytes), MEF3_EFORMAT);
    assert_content(&source, "b/2/file", "1");
    assert_content(&source, "b\x01", "4");
    mef3_source_fini(&source);
    tar_maker_fini(&tar);
}

/* Up to four paths of files, each with its number as the content. */
static void the_sessions_folder_is_found(void **state)
{
    static const struct {
        const char *why;
        const char *paths[4];
        int status;
        const char *name;
        const char *listed;
    } row[] = {
        {"a folder *.mefd", {"y.mefd/a.timd/f"}, MEF3_OK, "y", "a.timd/ "},
        {"with ./ before it", {"./y.mefd/a.timd/f"}, MEF3_OK, "y", "a.timd/ "},
        {"with more of ./ and //", {".//y.mefd//./a.timd/./f"}, MEF3_OK, "y", "a.timd/ "},
        {"further down", {"home/data/y.mefd/a.timd/f"}, MEF3_OK, "y", "a.timd/ "},
        {"the archive's top", {"a.timd/f", "./b.timd/f"}, MEF3_OK, "x", "a.timd/ b.timd/ "},
        {"one channel at the top", {"a.timd/f"}, MEF3_OK, "x", "a.timd/ "},
        {"another name", {"renamed/a.timd/f"}, MEF3_OK, "x", "a.timd/ "},
        {"what systems leave behind", {"._y.mefd", ".DS_Store", "y.mefd/f"}, MEF3_OK, "y", "f "},
        {"folders of theirs", {".y.mefd/f", ".z/f", "y.mefd/f"}, MEF3_OK, "y", "f "},
        {"a file beside it", {"README", "y.mefd/f"}, MEF3_OK, "y", "f "},
        {"a folder beside it", {"notes/f", "y.mefd/f"}, MEF3_OK, "y", "f "},
        {"folders of other names", {"a/f", "b/f"}, MEF3_OK, "x", "a/ b/ "},
        {"within itself", {"y.mefd/y.mefd/f"}, MEF3_OK, "y", "y.mefd/ "},
        {"two of them", {"y.mefd/f", "z.mefd/f"}, MEF3_EFORMAT, NULL, NULL},
        {"two, one further down", {"y.mefd/f", "a/y.mefd/f"}, MEF3_EFORMAT, NULL, NULL},
        {"a channel beside it", {"y.mefd/f", "a.timd/f"}, MEF3_EFORMAT, NULL, NULL},
        {"a channel beside it, in a folder", {"y.mefd/f", "q/a.timd/f"}, MEF3_EFORMAT, NULL, NULL},
        {"a file of that name", {"y.mefd", "a.timd/f"}, MEF3_OK, "x", "a.timd/ y.mefd "},
        {"nothing at all", {NULL}, MEF3_OK, "x", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct tar_maker tar = {0};
        struct mef3_source source = {0};
        struct mef3_error error;
        for (size_t k = 0; k < 4 && row[i].paths[k]; k++)
            tar_maker_file(&tar, row[i].paths[k], "");
        tar_maker_end(&tar);
        assert_row_int(tar_source_open(&tar, &source, &error), row[i].status, row[i].why);
        if (row[i].status == MEF3_OK) {
            assert_row(strcmp(source.name, row[i].name) == 0, row[i].why);
            assert_listed(&source, "", row[i].listed);
        } else {
            assert_row(strcmp(error.file, "some/x.mefd.tar") == 0 && !source.ops, row[i].why);
        }
        mef3_source_fini(&source);
        tar_maker_fini(&tar);
    }
}

static void the_later_of_two_members_counts(void **state)
{
    struct tar_maker tar = {0};
    struct mef3_source source;

    (void)state;
    tar_maker_file(&tar, "x.mefd/f", "first");
    tar_maker_file(&tar, "x.mefd/g", "other");
    tar_maker_put(&tar, '5', "x.mefd/d/", "", 0);
    tar_maker_file(&tar, "x.mefd/./f", "second");
    tar_maker_put(&tar, '5', "x.mefd/d", "", 0);
    tar_maker_file(&tar, "x.mefd/f", "third");
    tar_maker_end(&tar);
    assert_int_equal(tar_source_open(&tar, &source, NULL), MEF3_OK);
    assert_listed(&source, "", "d/ f g ");
    assert_content(&source, "f", "third");
    mef3_source_fini(&source);
    tar_maker_fini(&tar);
}

static void paths_may_be_long(void **state)
{
    char path[301], pax[301];
    struct tar_maker tar = {0};
    struct mef3_source source;

    (void)state;
    for (size_t i = 0; i < 300; i++)
        path[i] = i % 50 == 49 ? '/' : 'p';
    memcpy(path, "x.mefd/", 7);
    path[299] = 'e';
    path[300] = '\0';
    memcpy(pax, path, sizeof pax);
    pax[299] = 'f';
    /* GNU: a member of its own, with a zero at its end or without. */
    tar_maker_put(&tar, 'L', "././@LongLink", path, 301);
    tar_maker_file(&tar, path, "gnu");
    tar_maker_pax(&tar, 'x', "path", pax);
    tar_maker_file(&tar, path, "pax");
    /* ustar: the prefix before the name. */
    tar_maker_file(&tar, "name", "ustar");
    tar_maker_change(&tar, 345, "x.mefd/prefix", 13);
    /* In GNU's headers there is something else. */
    tar_maker_file(&tar, "x.mefd/gnu", "no prefix");
    tar_maker_change(&tar, 257, "ustar  ", 8);
    tar_maker_change(&tar, 345, "14000000000", 12);
    /* Both full: nothing has a zero at its end. */
    tar_maker_file(&tar, path, "full");
    tar_maker_change(&tar, 0, path + 7, 99);
    tar_maker_change(&tar, 99, "q", 1);
    tar_maker_change(&tar, 345, path, 155);
    tar_maker_end(&tar);
    assert_int_equal(tar_source_open(&tar, &source, NULL), MEF3_OK);
    assert_content(&source, path + 7, "gnu");
    assert_content(&source, pax + 7, "pax");
    assert_content(&source, "prefix/name", "ustar");
    assert_content(&source, "gnu", "no prefix");
    char full[300];
    snprintf(full, sizeof full, "%.148s/%.99sq", path + 7, path + 7);
    assert_content(&source, full, "full");
    mef3_source_fini(&source);
    tar_maker_fini(&tar);
}

static void what_pax_says_of_a_member_counts(void **state)
{
    struct tar_maker tar = {0};
    struct mef3_source source;

    (void)state;
    tar_maker_pax(&tar, 'g', "comment", "of all");
    tar_maker_pax(&tar, 'x', "size", "5");
    tar_maker_file(&tar, "x.mefd/short", "0123456789"); /* the header says 10 */
    tar_maker_pax(&tar, 'x', "mtime", "1600000000.5");
    tar_maker_pax(&tar, 'X', "path", "x.mefd/g");
    tar_maker_file(&tar, "x.mefd/f", "a");
    tar_maker_file(&tar, "x.mefd/h", "b"); /* it was for the next one only */
    tar_maker_put(&tar, 'x', "p", "18 path=x.mefd/no\n8 path=\n\0\0\0", 29);
    tar_maker_file(&tar, "x.mefd/i", "c"); /* taken back */
    tar_maker_put(&tar, 'K', "././@LongLink", "nowhere", 8);
    tar_maker_put(&tar, 'V', "title", "", 0);
    tar_maker_file(&tar, "x.mefd/j", "d");
    tar_maker_end(&tar);
    assert_int_equal(tar_source_open(&tar, &source, NULL), MEF3_OK);
    assert_listed(&source, "", "g h i j short ");
    assert_content(&source, "short", "01234");
    assert_content(&source, "g", "a");
    assert_content(&source, "i", "c");
    mef3_source_fini(&source);
    tar_maker_fini(&tar);
}

static void numbers_are_octal_or_binary(void **state)
{
    static const struct {
        const char *why;
        const char *size;
        int status;
    } row[] = {
        {"digits and a zero", "00000000004\0", MEF3_OK},
        {"digits and a space", "00000000004 ", MEF3_OK},
        {"spaces before them", "         4 \0", MEF3_OK},
        {"digits to the end", "000000000004", MEF3_OK},
        {"zeros and spaces after them", "4 \0 \0 \0 \0 \0 ", MEF3_OK},
        {"binary", "\x80\0\0\0\0\0\0\0\0\0\0\4", MEF3_OK},
        {"a decimal digit", "00000000009\0", MEF3_EFORMAT},
        {"a letter", "0000000000x\0", MEF3_EFORMAT},
        {"something after it", "4 0000000000", MEF3_EFORMAT},
        {"a sign", "-0000000004\0", MEF3_EFORMAT},
        {"binary, less than 0", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFC", MEF3_EFORMAT},
        {"binary, beyond 64 bits", "\x80\1\0\0\0\0\0\0\0\0\0\4", MEF3_EFORMAT},
        {"binary, 2^63 and more", "\x80\0\0\0\x80\0\0\0\0\0\0\4", MEF3_EFORMAT},
        {"binary, 2^63 - 1", "\x80\0\0\0\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", MEF3_ETRUNCATED},
        {"more than there is", "77777777777\0", MEF3_ETRUNCATED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct tar_maker tar = {0};
        struct mef3_source source = {0};
        tar_maker_file(&tar, "x.mefd/f", "four");
        tar_maker_change(&tar, 124, row[i].size, 12);
        tar_maker_end(&tar);
        assert_row_int(tar_source_open(&tar, &source, NULL), row[i].status, row[i].why);
        if (row[i].status == MEF3_OK)
            assert_content(&source, "f", "four");
        mef3_source_fini(&source);
        tar_maker_fini(&tar);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_is_read_where_it_lies),
        cmocka_unit_test(folders_are_those_that_paths_go_through),
        cmocka_unit_test(the_sessions_folder_is_found),
        cmocka_unit_test(the_later_of_two_members_counts),
        cmocka_unit_test(paths_may_be_long),
        cmocka_unit_test(what_pax_says_of_a_member_counts),
        cmocka_unit_test(numbers_are_octal_or_binary),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
