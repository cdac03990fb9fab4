/* test_look.c - whether a recording changed on disk, by what can be seen without reading it. */
#include "decode/look.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "help/test.h"

/* TOP/r.mefd has the channels A, of three segments, and B, of one. */
static char top[] = "/tmp/test_look_XXXXXX";
static char session[64];
static const char *const SEGMENTS[] = {
    "A.timd/A-000000.segd/A-000000", "A.timd/A-000001.segd/A-000001",
    "A.timd/A-000002.segd/A-000002", "B.timd/B-000000.segd/B-000000"};
enum { LAST_OF_A = 2, FIRST_OF_B, N_SEGMENTS, FILE_BYTES = 3000 };

static const char *in_session(const char *path)
{
    static char joined[4][2 * PATH_MAX];
    static unsigned next;
    char *to = joined[next++ % 4];

    snprintf(to, sizeof joined[0], "%s/%s", session, path);
    return to;
}

static const char *file(int segment, const char *type)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s.%s", SEGMENTS[segment], type);
    return in_session(path);
}

/* As if it had been written long ago. */
static void set_age(const char *path, time_t seconds)
{
    const struct timespec times[] = {{1500000000 + seconds, 0}, {1500000000 + seconds, 0}};

    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void write_file(const char *path, size_t n, char byte)
{
    char bytes[FILE_BYTES];
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);

    memset(bytes, byte, sizeof bytes);
    assert_int_equal(write(fd, bytes, n), n);
    close(fd);
    set_age(path, 0);
}

static void make_folders(const char *path)
{
    char folder[PATH_MAX];

    snprintf(folder, sizeof folder, "%s", path);
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(folder, 0777);
        *slash = '/';
    }
}

static int remove_any(const char *path, const struct stat *facts, int kind, struct FTW *ftw)
{
    (void)facts;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static int settle_any(const char *path, const struct stat *facts, int kind, struct FTW *ftw)
{
    (void)facts;
    (void)ftw;
    if (kind == FTW_DP)
        set_age(path, 0);
    return 0;
}

/* Folders change their times as files come. */
static void settle(void)
{
    assert_int_equal(nftw(session, settle_any, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static int set_up(void **state)
{
    static const char *const type[] = {"tmet", "tidx", "tdat"};

    (void)state;
    strcpy(top + sizeof top - 7, "XXXXXX");
    if (!mkdtemp(top))
        return -1;
    snprintf(session, sizeof session, "%s/r.mefd", top);
    for (int i = 0; i < N_SEGMENTS; i++)
        for (int k = 0; k < 3; k++) {
            make_folders(file(i, type[k]));
            write_file(file(i, type[k]), FILE_BYTES, (char)i);
        }
    settle();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return nftw(top, remove_any, 16, FTW_DEPTH | FTW_PHYS);
}

static void append_data(void)
{
    write_file(file(LAST_OF_A, "tdat"), 1, 0);
}

static void append_index_of_b(void)
{
    write_file(file(FIRST_OF_B, "tidx"), 56, 0);
}

static void rewrite_metadata(void)
{
    set_age(file(LAST_OF_A, "tmet"), 1);
}

static void replace_by_one_alike(void)
{
    const char *path = file(LAST_OF_A, "tdat");

    write_file(in_session("new"), FILE_BYTES, 9);
    assert_int_equal(rename(in_session("new"), path), 0);
    settle();
}

static void add_segment(void)
{
    assert_int_equal(mkdir(in_session("B.timd/B-000001.segd"), 0777), 0);
    settle();
}

static void remove_last_segment(void)
{
    const char *folder = in_session("A.timd/A-000002.segd");

    assert_int_equal(nftw(folder, remove_any, 16, FTW_DEPTH | FTW_PHYS), 0);
    settle();
}

static void add_channel(void)
{
    assert_int_equal(mkdir(in_session("C.timd"), 0777), 0);
    settle();
}

static void rename_channel(void)
{
    assert_int_equal(rename(in_session("B.timd"), in_session("D.timd")), 0);
    settle();
}

static void replace_session(void)
{
    char away[PATH_MAX];

    snprintf(away, sizeof away, "%s/away.mefd", top);
    assert_int_equal(rename(session, away), 0);
    assert_int_equal(mkdir(session, 0777), 0);
}

static void write_earlier(void)
{
    write_file(file(1, "tdat"), 1, 0);
}

static void write_other_files(void)
{
    write_file(in_session("A.timd/notes.txt"), 1, 0);
    settle();
}

static void what_is_written_is_seen(void **state)
{
    static const struct {
        const char *why;
        void (*change)(void);
        bool is_seen;
    } row[] = {
        {"samples at the end", append_data, true},
        {"an entry of an index, of another channel", append_index_of_b, true},
        {"metadata that are as long as before", rewrite_metadata, true},
        {"a file that is as long and as old", replace_by_one_alike, true},
        {"another segment", add_segment, true},
        {"a segment less", remove_last_segment, true},
        {"another channel", add_channel, true},
        {"a channel of another name", rename_channel, true},
        {"another folder in its place", replace_session, true},
        {"an earlier segment", write_earlier, false},
        {"what is no part of it", write_other_files, false},
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        uint64_t before = look_fingerprint(session);
        assert_row(before != 0 && look_fingerprint(session) == before, row[i].why);
        row[i].change();
        assert_row((look_fingerprint(session) != before) == row[i].is_seen, row[i].why);
        assert_int_equal(tear_down(state), 0);
        assert_int_equal(set_up(state), 0);
    }
}

static void what_was_written_this_moment_may_be_written_again(void **state)
{
    (void)state;
    assert_int_equal(utimensat(AT_FDCWD, file(LAST_OF_A, "tdat"), NULL, 0), 0);
    uint64_t one = look_fingerprint(session), other = look_fingerprint(session);
    struct stat facts;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    assert_int_equal(stat(file(LAST_OF_A, "tdat"), &facts), 0);
    int64_t age_ns =
        (now.tv_sec - facts.st_mtim.tv_sec) * 1000000000ll + now.tv_nsec - facts.st_mtim.tv_nsec;
    if (age_ns < 10000000) /* this test itself was quick enough */
        assert_true(one != other);
}

static void an_archive_is_another_one_whatever_is_written_to_it(void **state)
{
    const char *archive = in_session("x.mefd.tar");
    struct answer_stamp none = look_stamp(archive, "A", 0, 0);

    (void)state;
    assert_int_equal(look_fingerprint(archive), 0);
    assert_true(none.file == 0 && none.first == 0 && none.bytes == 0);
    write_file(archive, 1000, 1);
    uint64_t before = look_fingerprint(archive);
    struct answer_stamp stamp = look_stamp(archive, "A", 0, 0);
    assert_true(before != 0 && look_fingerprint(archive) == before);
    assert_true(stamp.file != 0 && stamp.first == stamp.file && stamp.bytes == 1000);
    assert_int_equal(look_stamp(archive, "B", 3, 4).file, stamp.file);
    write_file(archive, 1, 1);
    assert_true(look_fingerprint(archive) != before);
    /* It does not continue what it was: all that is in it may be elsewhere. */
    assert_true(look_stamp(archive, "A", 0, 0).file != stamp.file);
    assert_int_equal(unlink(archive), 0);
}

static void nothing_is_no_recording(void **state)
{
    (void)state;
    assert_int_equal(look_fingerprint("/nowhere/r.mefd"), 0);
    assert_int_equal(look_fingerprint(file(0, "tdat")), 0);
}

static bool same_file(struct answer_stamp a, struct answer_stamp b)
{
    return a.first == b.first && a.file == b.file;
}

/* Whether its files are found by name or, because there are none of such a name, in a list. */
static struct answer_stamp stamp_of(const char *channel)
{
    struct answer_stamp named = look_stamp(session, channel, 0, LAST_OF_A);
    struct answer_stamp listed = look_stamp(session, channel, 0, LAST_OF_A + 100);

    assert_true(same_file(named, listed) && named.bytes == listed.bytes &&
                named.changed_ns == listed.changed_ns && named.blocks == listed.blocks);
    return named;
}

/* What is seen with another byte there. */
static struct answer_stamp overwritten(const char *path, off_t at)
{
    char was;
    int fd = open(path, O_RDWR);

    assert_int_equal(pread(fd, &was, 1, at), 1);
    assert_int_equal(pwrite(fd, "x", 1, at), 1);
    struct answer_stamp stamp = stamp_of("A");
    assert_int_equal(pwrite(fd, &was, 1, at), 1);
    close(fd);
    return stamp;
}

static void a_file_that_grows_stays_the_same(void **state)
{
    enum { AT_UUID = 820 };
    struct answer_stamp was = stamp_of("A"), is;

    (void)state;
    assert_true(was.file != 0 && was.first != 0 && was.first != was.file);
    assert_int_equal(was.bytes, FILE_BYTES);
    write_file(file(LAST_OF_A, "tdat"), 10, 0);
    set_age(file(LAST_OF_A, "tdat"), 5);
    is = stamp_of("A");
    assert_true(same_file(was, is));
    assert_int_equal(is.bytes, FILE_BYTES + 10);
    assert_int_equal(is.changed_ns - was.changed_ns, 5000000000);
    assert_true(is.blocks != was.blocks);
    assert_true(overwritten(file(LAST_OF_A, "tdat"), 500).blocks == is.blocks);
    assert_true(overwritten(file(LAST_OF_A, "tdat"), 1030).blocks != is.blocks);
    assert_true(overwritten(file(LAST_OF_A, "tdat"), FILE_BYTES + 9).blocks != is.blocks);
    int fd = open(file(0, "tdat"), O_WRONLY);
    assert_int_equal(pwrite(fd, "x", 1, AT_UUID), 1);
    close(fd);
    was = stamp_of("A");
    assert_true(was.first != is.first && was.file == is.file);
    replace_by_one_alike();
    is = stamp_of("A");
    assert_true(was.first == is.first && was.file != is.file);
    assert_int_equal(truncate(file(LAST_OF_A, "tdat"), 860), 0);
    is = stamp_of("A");
    assert_true(was.first == is.first && is.file == 0 && is.bytes == 0);
    was = stamp_of("nobody");
    assert_true(was.first == 0 && was.file == 0 && was.bytes == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(what_is_written_is_seen),
        TEST(what_was_written_this_moment_may_be_written_again),
        TEST(an_archive_is_another_one_whatever_is_written_to_it),
        TEST(nothing_is_no_recording),
        TEST(a_file_that_grows_stays_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
