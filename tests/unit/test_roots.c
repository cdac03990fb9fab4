/* test_roots.c - which paths may be read: what lies beneath the roots, and nothing else. */
#include "decode/roots.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mef3/status.h>

#include "help/test.h"

/* TOP/data            a root
 *     data/a.mefd     a session; data/deep/b.mefd another
 *     data/plain      a folder that is none, data/file.mefd a file
 *     data/t.mefd.tar an archive, data/t.tar a file, data/folder.mefd.tar a folder
 *     data/in.mefd    a link to deep/b.mefd, data/link to a.mefd, both within
 *     data/out.mefd   a link to other/c.mefd, data/away to other: both outside
 *     data/loop.mefd  a link to itself
 *     data2/d.mefd    beside the root, its name begins alike
 *     more/e.mefd     another root, with an a.mefd of its own */
static char top[PATH_MAX];
/* The roots of most tests. */
static char data_root[PATH_MAX + 8], more_root[PATH_MAX + 8];
static const char *const BOTH[] = {data_root, more_root};

static const char *const FOLDERS[] = {"data",         "data/a.mefd",
                                      "data/deep",    "data/deep/b.mefd",
                                      "data/plain",   "other",
                                      "other/c.mefd", "other/plain",
                                      "data2",        "data2/d.mefd",
                                      "more",         "more/e.mefd",
                                      "more/a.mefd",  "data/folder.mefd.tar"};
static const char *const LINKS[][2] = {
    {"data/in.mefd", "deep/b.mefd"},      {"data/link", "a.mefd"},
    {"data/out.mefd", "../other/c.mefd"}, {"data/away", "../other"},
    {"data/loop.mefd", "loop.mefd"},      {"data/dangling.mefd", "nowhere.mefd"},
    {"data/plain.mefd", "plain"},         {"data/in.mefd.tar", "t.mefd.tar"},
    {"data/t.mefd", "t.mefd.tar"},        {"data/a.mefd.tar", "a.mefd"}};
static const char *const FILES[] = {"data/file.mefd", "data/t.mefd.tar", "data/t.tar"};
enum {
    N_FOLDERS = sizeof FOLDERS / sizeof *FOLDERS,
    N_LINKS = sizeof LINKS / sizeof *LINKS,
    N_FILES = sizeof FILES / sizeof *FILES
};

static const char *in_top(const char *path)
{
    static char joined[4][2 * PATH_MAX];
    static unsigned next;
    char *to = joined[next++ % 4];

    snprintf(to, sizeof joined[0], "%s%s%s", top, path[0] ? "/" : "", path);
    return to;
}

static int set_up(void **state)
{
    char made[] = "/tmp/test_roots_XXXXXX";

    (void)state;
    if (!mkdtemp(made) || !realpath(made, top))
        return -1;
    snprintf(data_root, sizeof data_root, "%s/data", top);
    snprintf(more_root, sizeof more_root, "%s/more", top);
    for (int i = 0; i < N_FOLDERS; i++)
        if (mkdir(in_top(FOLDERS[i]), 0777) < 0)
            return -1;
    for (int i = 0; i < N_LINKS; i++)
        if (symlink(LINKS[i][1], in_top(LINKS[i][0])) < 0)
            return -1;
    for (int i = 0; i < N_FILES; i++)
        close(open(in_top(FILES[i]), O_CREAT | O_WRONLY, 0666));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < N_FILES; i++)
        unlink(in_top(FILES[i]));
    for (int i = N_LINKS; i-- > 0;)
        unlink(in_top(LINKS[i][0]));
    for (int i = N_FOLDERS; i-- > 0;)
        rmdir(in_top(FOLDERS[i]));
    return rmdir(top);
}

/* `canonical` is beneath top; NULL: refused with that status. */
struct row {
    const char *path;
    int status;
    const char *canonical;
    const char *text; /* a part of what is told */
};

static void check(const struct roots *roots, const struct row *row, const char *path)
{
    char canonical[PATH_MAX] = "untouched", text[1024] = "";
    const char *root = NULL;
    int status = roots_resolve(roots, path, canonical, &root, text, sizeof text);

    assert_row_int(status, row->status, path);
    if (status != MEF3_OK) {
        assert_row(strstr(text, row->text), path);
        assert_row(strcmp(canonical, "untouched") == 0 && !root, path);
        return;
    }
    assert_row(strcmp(canonical, in_top(row->canonical)) == 0, path);
    size_t n = strlen(root);
    assert_row(strcmp(root, "/") == 0 || strncmp(canonical, root, n) == 0, path);
}

static const struct row ROW[] = {
    {"data/a.mefd", MEF3_OK, "data/a.mefd", NULL},
    {"data/a.mefd/", MEF3_OK, "data/a.mefd", NULL},
    {"data//deep/./b.mefd", MEF3_OK, "data/deep/b.mefd", NULL},
    {"data/deep/../a.mefd", MEF3_OK, "data/a.mefd", NULL},
    {"data2/../data/a.mefd", MEF3_OK, "data/a.mefd", NULL},
    {"data/in.mefd", MEF3_OK, "data/deep/b.mefd", NULL},
    {"data/link", MEF3_OK, "data/a.mefd", NULL},
    {"more/e.mefd", MEF3_OK, "more/e.mefd", NULL},
    {"data/out.mefd", MEF3_EACCES, NULL, "outside"},
    {"data/away/c.mefd", MEF3_EACCES, NULL, "outside"},
    {"data/../other/c.mefd", MEF3_EACCES, NULL, "outside"},
    {"data2/d.mefd", MEF3_EACCES, NULL, "outside"},
    {"data/none.mefd", MEF3_ENOENT, NULL, "File does not exist: "},
    {"data/dangling.mefd", MEF3_ENOENT, NULL, "File does not exist: "},
    {"data/file.mefd/x.mefd", MEF3_ENOENT, NULL, "File does not exist: "},
    {"other/plain", MEF3_ENOENT, NULL, "File does not exist: "}, /* of outside nothing is told */
    {"data/away/plain", MEF3_ENOENT, NULL, "File does not exist: "},
    {"", MEF3_ENOENT, NULL, "File does not exist: "},
    {"data/plain", MEF3_EFORMAT, NULL, "Session path must end with .mefd suffix!"},
    {"data/plain.mefd", MEF3_EFORMAT, NULL, "Session path must end with .mefd suffix!"},
    {"data", MEF3_EFORMAT, NULL, "Session path must end with .mefd suffix!"},
    {"data/file.mefd", MEF3_EFORMAT, NULL, "Not a session folder: "},
    {"data/loop.mefd", MEF3_EIO, NULL, "data/loop.mefd"},
    {"data/t.mefd.tar", MEF3_OK, "data/t.mefd.tar", NULL},
    {"data/in.mefd.tar", MEF3_OK, "data/t.mefd.tar", NULL},
    {"data/t.mefd", MEF3_OK, "data/t.mefd.tar", NULL}, /* it is what the link leads to */
    {"data/a.mefd.tar", MEF3_OK, "data/a.mefd", NULL},
    {"data/t.mefd.tar/x.mefd", MEF3_ENOENT, NULL, "File does not exist: "},
    {"data/t.tar", MEF3_EFORMAT, NULL, "Session path must end with .mefd suffix!"},
    {"data/folder.mefd.tar", MEF3_EFORMAT, NULL, "Not a session archive: "},
};

static void absolute_paths_are_those_beneath_a_root(void **state)
{
    struct roots roots = {BOTH, 2, NULL};

    (void)state;
    for (size_t i = 0; i < sizeof ROW / sizeof ROW[0]; i++)
        check(&roots, &ROW[i], in_top(ROW[i].path));
}

static void relative_paths_are_of_the_first_root_that_has_them(void **state)
{
    static const struct row relative[] = {
        {"a.mefd", MEF3_OK, "data/a.mefd", NULL},
        {"./a.mefd/", MEF3_OK, "data/a.mefd", NULL},
        {"deep/b.mefd", MEF3_OK, "data/deep/b.mefd", NULL},
        {"e.mefd", MEF3_OK, "more/e.mefd", NULL},
        {"../more/e.mefd", MEF3_OK, "more/e.mefd", NULL},
        {"../data2/d.mefd", MEF3_EACCES, NULL, "outside"},
        {"../../../../../../../../etc", MEF3_ENOENT, NULL, "File does not exist: ../../"},
        {"out.mefd", MEF3_EACCES, NULL, "outside"},
        {"none.mefd", MEF3_ENOENT, NULL, "File does not exist: none.mefd"},
        {"", MEF3_ENOENT, NULL, "File does not exist: "},
        {".", MEF3_EFORMAT, NULL, "suffix"},
        {"plain", MEF3_EFORMAT, NULL, "suffix"},
    };
    struct roots roots = {BOTH, 2, NULL};

    (void)state;
    for (size_t i = 0; i < sizeof relative / sizeof relative[0]; i++)
        check(&roots, &relative[i], relative[i].path);
}

static void a_root_may_be_a_session_or_everything(void **state)
{
    static const struct row session = {"", MEF3_OK, "data/a.mefd", NULL};
    static const struct row everything = {"", MEF3_OK, "data2/d.mefd", NULL};
    char *of_session = strdup(in_top("data/a.mefd"));
    const char *folders[] = {of_session, "/"};

    (void)state;
    check(&(struct roots){folders, 1, NULL}, &session, in_top("data/a.mefd"));
    check(&(struct roots){folders, 1, NULL}, &session, in_top("data/link"));
    check(&(struct roots){folders + 1, 1, NULL}, &everything, in_top("data2/d.mefd"));
    check(&(struct roots){folders + 1, 1, NULL}, &everything, in_top("data2/d.mefd") + 1);
    free(of_session);
}

static void without_roots_nothing_may_be_read(void **state)
{
    static const struct row refused = {"", MEF3_EACCES, NULL, "outside"};
    static const struct row missing = {"", MEF3_ENOENT, NULL, "does not exist"};
    struct roots none = {NULL, 0, NULL};

    (void)state;
    check(&none, &refused, in_top("data/a.mefd"));
    check(&none, &missing, "a.mefd");
}

static void paths_without_end_are_refused(void **state)
{
    static char path[3 * PATH_MAX];
    struct roots roots = {BOTH, 1, NULL};
    static const struct row row = {"", MEF3_EIO, NULL, ""};

    (void)state;
    memset(path, 'x', sizeof path - 1);
    check(&roots, &row, path);
    path[0] = '/';
    check(&roots, &row, path);
}

static void a_path_is_looked_for_where_the_map_says(void **state)
{
    static const struct {
        const char *map; /* TOP stands for the folder of this test */
        struct row row;
    } row[] = {
        {"/=TOP", {"/data/a.mefd", MEF3_OK, "data/a.mefd", NULL}},
        {"/=TOP", {"/none.mefd", MEF3_ENOENT, NULL, "File does not exist: /none.mefd"}},
        {"/rec=TOP/data", {"/rec/a.mefd", MEF3_OK, "data/a.mefd", NULL}},
        {"/rec/=TOP/data/", {"/rec/a.mefd", MEF3_OK, "data/a.mefd", NULL}},
        {"/rec=TOP/data", {"/record/a.mefd", MEF3_ENOENT, NULL, "/record/a.mefd"}},
        {"/one.mefd=TOP/data/a.mefd", {"/one.mefd", MEF3_OK, "data/a.mefd", NULL}},
        {"/rec=TOP/none\n/rec/b=TOP/data", {"/rec/b/a.mefd", MEF3_OK, "data/a.mefd", NULL}},
        {"/rec/b=TOP/data\n/rec=TOP/none", {"/rec/b/a.mefd", MEF3_OK, "data/a.mefd", NULL}},
        /* What lies outside the roots stays there, and what is relative is not mapped. */
        {"/rec=TOP/other", {"/rec/c.mefd", MEF3_EACCES, NULL, "outside"}},
        {"/rec=TOP/data", {"/rec/../other/c.mefd", MEF3_EACCES, NULL, "outside"}},
        {"/rec=TOP/data", {"rec/a.mefd", MEF3_ENOENT, NULL, "rec/a.mefd"}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        char map[4 * PATH_MAX], *to = map;
        for (const char *from = row[i].map; *from;) {
            bool is_top = strncmp(from, "TOP", 3) == 0;
            to += sprintf(to, "%.*s", is_top ? (int)strlen(top) : 1, is_top ? top : from);
            from += is_top ? 3 : 1;
        }
        check(&(struct roots){BOTH, 2, map}, &row[i].row, row[i].row.path);
    }
}

static void a_mapped_path_without_end_is_refused(void **state)
{
    static char path[PATH_MAX - 2];
    static const struct row row = {"", MEF3_EIO, NULL, ""};

    (void)state;
    memset(path, 'x', sizeof path - 1);
    path[0] = '/';
    check(&(struct roots){BOTH, 2, "/=/host_root"}, &row, path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absolute_paths_are_those_beneath_a_root),
        cmocka_unit_test(relative_paths_are_of_the_first_root_that_has_them),
        cmocka_unit_test(a_root_may_be_a_session_or_everything),
        cmocka_unit_test(without_roots_nothing_may_be_read),
        cmocka_unit_test(paths_without_end_are_refused),
        cmocka_unit_test(a_path_is_looked_for_where_the_map_says),
        cmocka_unit_test(a_mapped_path_without_end_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
