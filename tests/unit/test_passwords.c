/* test_passwords.c - lists of passwords: what fits, and what is refused. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/passwords.h"
#include "help/test.h"

static struct passwords list_of(const char *text)
{
    return (struct passwords){text, strlen(text)};
}

static void the_first_line_that_fits_has_the_password(void **state)
{
    static const struct {
        const char *list;
        const char *password; /* NULL: none */
    } row[] = {
        {"", NULL},
        {"* all", "all"},
        {"\t *\t  all\r\n", "all"},
        {"* with spaces in it ", "with spaces in it "},
        {"* p\xC3\xA4ss", "p\xC3\xA4ss"},
        {"#* not\n* this", "this"},
        {"\n\n  # * not\n* this", "this"},
        {"x.mefd other\n* all", "all"},
        {"a.mefd one\n* all", "one"},
        {"* all\na.mefd one", "all"},
        {"/data/in/a.mefd whole", "whole"},
        {"in/a.mefd within", "within"},
        {"/in/a.mefd not", NULL},
        {"in/* folder", "folder"},
        {"/data/* root", "root"},
        {"/dat* slash", "slash"},
        {"*/a.mefd deep", "deep"},
        {"[ab].mefd set", "set"},
        {"?.mefd one", "one"},
        {"a not", NULL},
        {"a\\.mefd escaped", "escaped"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct passwords list = list_of(row[i].list);
        char password[PASSWORD_ROOM] = "";
        size_t line;
        assert_null(passwords_check(&list, &line));
        assert_row_int(passwords_find(&list, "/data/in/a.mefd", "/data", password),
                       row[i].password != NULL, row[i].list);
        assert_row(strcmp(password, row[i].password ? row[i].password : "") == 0, row[i].list);
    }
}

static void a_space_in_a_pattern_is_escaped(void **state)
{
    struct passwords list = list_of("my\\ own.mefd its password\n");
    char password[PASSWORD_ROOM];

    (void)state;
    assert_true(passwords_find(&list, "/my own.mefd", "/", password));
    assert_string_equal(password, "its password");
}

static void a_wrong_line_is_named_and_not_quoted(void **state)
{
    static char long_password[PASSWORD_ROOM + 8];
    static const char with_zero[] = "* secr\0et";
    static const struct {
        const char *list;
        size_t n;
        size_t line;
    } row[] = {
        {"secret", 6, 1},
        {"secret\n", 7, 1},
        {"* a\n\n# c\nsecret\n", 16, 4},
        {"* a\nsecret  \n", 13, 2},
        {with_zero, sizeof with_zero - 1, 1},
        {long_password, sizeof long_password - 1, 1},
    };

    (void)state;
    memset(long_password, 'x', sizeof long_password - 1);
    long_password[1] = ' ';
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct passwords list = {row[i].list, row[i].n};
        size_t line = 0;
        const char *why = passwords_check(&list, &line);
        assert_non_null(why);
        assert_null(strstr(why, "secr"));
        assert_row_int(line, row[i].line, row[i].list);
    }
}

static void what_is_shared_is_what_is_taken_and_cannot_be_changed(void **state)
{
    struct passwords list = list_of("* all\n");
    int fd = passwords_share(&list);

    (void)state;
    assert_true(fd >= 0);
    assert_true(write(fd, "x", 1) < 0);
    assert_true(ftruncate(fd, 0) < 0);
    struct passwords taken = passwords_take(fd);
    assert_int_equal(taken.n, list.n);
    assert_memory_equal(taken.list, list.list, list.n);
    close(fd);
}

static void no_list_is_an_empty_one(void **state)
{
    struct passwords none = {"", 0};
    int fd = passwords_share(&none);

    (void)state;
    assert_int_equal(passwords_take(fd).n, 0);
    close(fd);
    assert_int_equal(passwords_take(fd).n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_line_that_fits_has_the_password),
        cmocka_unit_test(a_space_in_a_pattern_is_escaped),
        cmocka_unit_test(a_wrong_line_is_named_and_not_quoted),
        cmocka_unit_test(what_is_shared_is_what_is_taken_and_cannot_be_changed),
        cmocka_unit_test(no_list_is_an_empty_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
