/* test_tar_hostile.c - tars that are damaged, cut, or made to deceive: refused, with the place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "help/tar_source.h"
#include "help/test.h"
#include "source_tar.h"

/* What is put behind a good file; its header is at byte 1024. */
struct wrong {
    const char *why;
    char type;
    const char *path;
    const char *content;
    int status;
    const char *said; /* a part of the words */
};

static const struct wrong WRONG[] = {
    {"up", '0', "x.mefd/../../f", "", MEF3_EFORMAT, "x.mefd/../../f"},
    {"up at the end", '5', "x.mefd/..", "", MEF3_EFORMAT, "x.mefd/.."},
    {"only up", '5', "../", "", MEF3_EFORMAT, "name of a member"},
    {"from the root", '0', "/x.mefd/f", "", MEF3_EFORMAT, "/x.mefd/f"},
    {"a file without a name", '0', "", "abc", MEF3_EFORMAT, "name of a member"},
    {"a file that is the top", '0', "./", "abc", MEF3_EFORMAT, "name of a member"},
    {"a hard link", '1', "x.mefd/f", "", MEF3_EUNSUPPORTED, "a hard link: x.mefd/f"},
    {"a symbolic link", '2', "x.mefd/f", "", MEF3_EUNSUPPORTED, "a symbolic link: x.mefd/f"},
    {"a device", '3', "x.mefd/f", "", MEF3_EUNSUPPORTED, "a device: x.mefd/f"},
    {"another device", '4', "x.mefd/f", "", MEF3_EUNSUPPORTED, "a device: x.mefd/f"},
    {"a pipe", '6', "x.mefd/f", "", MEF3_EUNSUPPORTED, "a pipe: x.mefd/f"},
    {"a sparse file", 'S', "x.mefd/f", "", MEF3_EUNSUPPORTED, "a sparse file: x.mefd/f"},
    {"of several volumes", 'M', "x.mefd/f", "", MEF3_EUNSUPPORTED, "another volume: x.mefd/f"},
    {"nobody knows", 'Z', "x.mefd/f", "", MEF3_EUNSUPPORTED, "not known: x.mefd/f"},
    {"a folder where a file is", '5', "x.mefd/good", "", MEF3_EFORMAT, "x.mefd/good"},
    {"a file in a file", '0', "x.mefd/good/f", "", MEF3_EFORMAT, "x.mefd/good"},
    {"pax: sparse", 'x', "p", "22 GNU.sparse.major=1\n", MEF3_EUNSUPPORTED, "a sparse file"},
    {"pax: up", 'x', "p", "17 path=a/../../b\n", MEF3_EFORMAT, "pax header"},
    {"pax: up, rightly counted", 'x', "p", "18 path=a/../../b\n", MEF3_EFORMAT, "a/../../b"},
    {"pax: no length", 'x', "p", "path=b\n", MEF3_EFORMAT, "pax header"},
    {"pax: too long", 'x', "p", "99 path=b\n", MEF3_EFORMAT, "pax header"},
    {"pax: too short", 'x', "p", "3 path=b\n", MEF3_EFORMAT, "pax header"},
    {"pax: nothing in it", 'x', "p", "2 \n", MEF3_EFORMAT, "pax header"},
    {"pax: no key", 'x', "p", "5 =b\n", MEF3_EFORMAT, "pax header"},
    {"pax: no value", 'x', "p", "7 path\n", MEF3_EFORMAT, "pax header"},
    {"pax: no end", 'x', "p", "10 path=b", MEF3_EFORMAT, "pax header"},
    {"pax: a huge length", 'x', "p", "99999999999999999999999 path=b\n", MEF3_EFORMAT, "pax"},
    {"pax: a length less than 0", 'x', "p", "11 size=-1\n", MEF3_EFORMAT, "pax header"},
    {"pax: no number", 'x', "p", "10 size=x\n", MEF3_EFORMAT, "pax header"},
    {"pax: a name for all", 'g', "p", "10 path=b\n", MEF3_EUNSUPPORTED, "for all members"},
    {"pax: a length for all", 'g', "p", "10 size=1\n", MEF3_EUNSUPPORTED, "for all members"},
    {"GNU: up", 'L', "p", "../f", MEF3_EFORMAT, "../f"},
};

static void what_is_no_plain_file_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        const struct wrong *wrong = &WRONG[i];
        struct tar_maker tar = {0};
        struct mef3_source source = {0};
        struct mef3_error error;
        char text[1024];
        tar_maker_file(&tar, "x.mefd/good", "good");
        tar_maker_put(&tar, wrong->type, wrong->path, wrong->content, strlen(wrong->content));
        tar_maker_end(&tar);
        assert_row_int(tar_source_open(&tar, &source, &error), wrong->status, wrong->why);
        assert_row(!source.ops && strcmp(error.file, "some/x.mefd.tar") == 0, wrong->why);
        assert_row(error.offset == 1024 || error.offset == -1, wrong->why);
        mef3_error_text(&error, text, sizeof text);
        if (!strstr(text, wrong->said))
            fail_msg("row \"%s\": not \"%s\" in: %s", wrong->why, wrong->said, text);
        tar_maker_fini(&tar);
    }
}

static void a_zero_in_a_path_of_pax_is_refused(void **state)
{
    struct tar_maker tar = {0};
    struct mef3_source source;

    (void)state;
    tar_maker_put(&tar, 'x', "p", "19 path=x.mefd/f\0g\n", 19);
    tar_maker_file(&tar, "x.mefd/f", "");
    tar_maker_end(&tar);
    assert_int_equal(tar_source_open(&tar, &source, NULL), MEF3_EFORMAT);
    tar_maker_fini(&tar);
}

static void too_much_is_refused(void **state)
{
    enum { LONG = 3000, HUGE_PAX = (1 << 20) + 1 };
    static char path[LONG + 1];
    struct tar_maker tar = {0};
    struct mef3_source source;
    struct mef3_error error;

    (void)state;
    memset(path, 'p', LONG);
    tar_maker_put(&tar, 'L', "p", path, 256); /* no name has more than 255 bytes */
    tar_maker_file(&tar, "x.mefd/f", "");
    tar_maker_end(&tar);
    assert_int_equal(tar_source_open(&tar, &source, &error), MEF3_ELIMIT);
    tar_maker_fini(&tar);
    for (size_t i = 1; i < LONG; i += 2)
        path[i] = '/';
    tar_maker_put(&tar, 'L', "p", path, 2049);
    tar_maker_file(&tar, "x.mefd/f", "");
    tar_maker_end(&tar);
    assert_int_equal(tar_source_open(&tar, &source, &error), MEF3_ELIMIT);
    tar_maker_fini(&tar);
    char *pax = calloc(1, HUGE_PAX);
    assert_non_null(pax);
    tar_maker_put(&tar, 'x', "p", pax, HUGE_PAX);
    tar_maker_file(&tar, "x.mefd/f", "");
    tar_maker_end(&tar);
    assert_int_equal(tar_source_open(&tar, &source, &error), MEF3_ELIMIT);
    free(pax);
    tar_maker_fini(&tar);
}

/* Wherever an archive is cut off, it is refused: what is missing cannot be known. */
static void an_archive_without_its_end_is_refused(void **state)
{
    struct tar_maker tar = {0};
    struct mef3_source source;
    struct mef3_error error;

    (void)state;
    tar_maker_pax(&tar, 'x', "path", "x.mefd/first");
    tar_maker_file(&tar, "x.mefd/f", "0123456789");
    tar_maker_file(&tar, "x.mefd/g", "");
    tar_maker_end(&tar);
    size_t whole = tar.n;
    for (size_t n = 0; n < whole - 512; n++) {
        tar.n = n;
        int status = tar_source_open(&tar, &source, &error);
        assert_int_equal(status, n < 512 ? MEF3_EFORMAT : MEF3_ETRUNCATED);
        assert_true(error.offset >= 0 && error.offset <= (int64_t)n);
    }
    /* One block of zeros is enough, as for most readers. */
    tar.n = whole - 512;
    assert_int_equal(tar_source_open(&tar, &source, &error), MEF3_OK);
    assert_content(&source, "first", "0123456789");
    mef3_source_fini(&source);
    tar.n = whole;
    tar_maker_fini(&tar);
}

static void a_member_longer_than_the_file_is_told(void **state)
{
    struct tar_maker tar = {0};
    struct mef3_source source;
    struct mef3_error error;
    char text[1024];

    (void)state;
    tar_maker_file(&tar, "x.mefd/f", "");
    tar_maker_file(&tar, "x.mefd/long", "0123456789");
    tar_maker_change(&tar, 124, "00000007777", 12);
    tar_maker_end(&tar);
    assert_int_equal(tar_source_open(&tar, &source, &error), MEF3_ETRUNCATED);
    assert_string_equal(mef3_error_text(&error, text, sizeof text),
                        "some/x.mefd.tar: at byte 512: member: expected 4095 bytes of "
                        "x.mefd/long, found 1536 (is shorter than it says)");
    tar_maker_fini(&tar);
}

static void a_damaged_header_is_told(void **state)
{
    struct tar_maker tar = {0};
    struct mef3_source source;
    struct mef3_error error;

    (void)state;
    tar_maker_file(&tar, "x.mefd/f", "0123456789");
    tar_maker_file(&tar, "x.mefd/g", "");
    tar_maker_end(&tar);
    tar.bytes[tar.header + 3] ^= 1;
    assert_int_equal(tar_source_open(&tar, &source, &error), MEF3_ECRC);
    assert_int_equal(error.offset, 1024);
    tar_maker_fini(&tar);
}

static void a_checksum_may_be_of_signed_bytes(void **state)
{
    struct tar_maker tar = {0};
    struct mef3_source source;
    char text[16];
    int sum = 0;

    (void)state;
    tar_maker_file(&tar, "x.mefd/\xC3\xA4", "umlaut");
    memset(tar.bytes + 148, ' ', 8);
    for (size_t i = 0; i < 512; i++)
        sum += (int8_t)tar.bytes[i];
    snprintf(text, sizeof text, "%06o", (unsigned)sum);
    memcpy(tar.bytes + 148, text, 7);
    tar_maker_end(&tar);
    assert_int_equal(tar_source_open(&tar, &source, NULL), MEF3_OK);
    assert_content(&source, "\xC3\xA4", "umlaut");
    mef3_source_fini(&source);
    tar_maker_fini(&tar);
}

static void what_is_no_tar_is_called_what_it_is(void **state)
{
    static const struct {
        const char *magic;
        int status;
        const char *said;
    } row[] = {
        {"\x1F\x8B\x08", MEF3_EUNSUPPORTED, "gzip"},
        {"BZh9", MEF3_EUNSUPPORTED, "bzip2"},
        {"\xFD\x37zXZ", MEF3_EUNSUPPORTED, "xz"},
        {"\x28\xB5\x2F\xFD", MEF3_EUNSUPPORTED, "zstd"},
        {"\x04\x22\x4D\x18", MEF3_EUNSUPPORTED, "lz4"},
        {"PK\3\4", MEF3_EUNSUPPORTED, "zip"},
        {"LZIP", MEF3_EUNSUPPORTED, "lzip"},
        {"\x1F\x9D", MEF3_EUNSUPPORTED, "compress"},
        {"7z\xBC\xAF", MEF3_EUNSUPPORTED, "7-Zip"},
        {"hello", MEF3_EFORMAT, "expected a tar file"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct tar_maker tar = {0};
        struct mef3_source source;
        struct mef3_error error;
        char text[1024];
        tar_maker_zeros(&tar, 2048);
        memcpy(tar.bytes, row[i].magic, strlen(row[i].magic));
        assert_row_int(tar_source_open(&tar, &source, &error), row[i].status, row[i].said);
        assert_row(strstr(mef3_error_text(&error, text, sizeof text), row[i].said), row[i].said);
        tar_maker_fini(&tar);
    }
}

static int read_too_little(void *self, uint64_t offset, void *bytes_out, size_t n, size_t *n_out)
{
    int status = tar_source_read(self, offset, bytes_out, n, n_out);

    if (offset >= 512)
        *n_out /= 2;
    return status;
}

static int read_badly(void *self, uint64_t offset, void *bytes_out, size_t n, size_t *n_out)
{
    return offset >= 512 ? MEF3_EIO : tar_source_read(self, offset, bytes_out, n, n_out);
}

static void reading_may_fail(void **state)
{
    struct tar_maker tar = {0};
    struct tar_input input = {.self = &tar};
    struct mef3_source source;
    struct mef3_error error;

    (void)state;
    tar_maker_file(&tar, "x.mefd/f", "");
    tar_maker_end(&tar);
    input.bytes = tar.n;
    input.read = read_badly;
    assert_int_equal(source_tar_over(&input, "x.mefd.tar", &source, &error), MEF3_EIO);
    assert_int_equal(error.offset, 512);
    input.read = read_too_little;
    assert_int_equal(source_tar_over(&input, "x.mefd.tar", &source, &error), MEF3_ECHANGED);
    tar_maker_fini(&tar);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_plain_file_is_refused),
        cmocka_unit_test(a_zero_in_a_path_of_pax_is_refused),
        cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(an_archive_without_its_end_is_refused),
        cmocka_unit_test(a_member_longer_than_the_file_is_told),
        cmocka_unit_test(a_damaged_header_is_told),
        cmocka_unit_test(a_checksum_may_be_of_signed_bytes),
        cmocka_unit_test(what_is_no_tar_is_called_what_it_is),
        cmocka_unit_test(reading_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
