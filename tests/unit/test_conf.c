/* test_conf.c - the settings: flags beat the environment, which beats the defaults. */
#include "base/conf.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "help/test.h"

enum { MOST_ARGUMENTS = 8 };

static struct conf conf;
static char *arguments[MOST_ARGUMENTS + 2];
static char said[4096]; /* on stderr */

/* Read the arguments (up to the first NULL), and catch what is said. */
static enum conf_result read_conf(const char *const *given)
{
    char path[] = "/tmp/test_conf_XXXXXX";
    int caught = mkstemp(path), saved = dup(STDERR_FILENO);
    int n = 1;

    unlink(path);
    arguments[0] = (char *)(uintptr_t) "mef3d";
    for (; given[n - 1]; n++)
        arguments[n] = (char *)(uintptr_t)given[n - 1];
    arguments[n] = NULL;
    optind = 0; /* getopt starts anew */
    dup2(caught, STDERR_FILENO);
    enum conf_result result = conf_read(&conf, "mef3d", n, arguments);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    ssize_t length = pread(caught, said, sizeof said - 1, 0);
    said[length > 0 ? length : 0] = '\0';
    close(caught);
    close(saved);
    return result;
}

static int forget_environment(void **state)
{
    (void)state;
#define NUMBER(field, flag, env, ...) unsetenv(env);
#define BYTES(field, flag, env, ...) unsetenv(env);
#define TEXT(field, flag, env, ...) unsetenv(env);
#include "base/conf.def"
#undef NUMBER
#undef BYTES
#undef TEXT
    return 0;
}

static void the_defaults_are_those_of_the_table(void **state)
{
    (void)state;
    assert_int_equal(read_conf((const char *[]){NULL}), CONF_GO);
#define NUMBER(field, flag, env, def, ...) assert_row_int(conf.field, def, flag);
#define BYTES(field, flag, env, def, ...) assert_row_int(conf.field, def, flag);
#define TEXT(field, flag, env, def, ...) assert_row(strcmp(conf.field, def) == 0, flag);
#include "base/conf.def"
#undef NUMBER
#undef BYTES
#undef TEXT
    assert_int_equal(conf.n_roots, 0);
    assert_string_equal(said, "");
}

static void every_default_is_within_its_own_limits(void **state)
{
    (void)state;
#define NUMBER(field, flag, env, def, low, high, ...) \
    assert_row((def) >= (low) && (def) <= (high), flag);
#define BYTES(field, flag, env, def, low, high, ...) \
    assert_row((def) >= (low) && (def) <= (high), flag);
#define TEXT(field, flag, env, def, ...) assert_row(strlen(def) < CONF_PATH, flag);
#include "base/conf.def"
#undef NUMBER
#undef BYTES
#undef TEXT
}

static void the_environment_beats_the_default_and_a_flag_beats_both(void **state)
{
    (void)state;
    setenv("N_PROCESS_WORKERS", "7", 1);
    setenv("MEF3D_LISTEN", "0.0.0.0:1", 1);
    assert_int_equal(read_conf((const char *[]){NULL}), CONF_GO);
    assert_int_equal(conf.workers, 7);
    assert_string_equal(conf.listen, "0.0.0.0:1");
    assert_int_equal(read_conf((const char *[]){"--workers", "9", "--listen=[::1]:2", NULL}),
                     CONF_GO);
    assert_int_equal(conf.workers, 9);
    assert_string_equal(conf.listen, "[::1]:2");
}

static void an_empty_variable_says_nothing(void **state)
{
    (void)state;
    setenv("PORT", "", 1);
    assert_int_equal(read_conf((const char *[]){NULL}), CONF_GO);
    assert_int_equal(conf.port, 0);
}

static void the_last_of_two_flags_counts(void **state)
{
    (void)state;
    assert_int_equal(read_conf((const char *[]){"--port=1", "--port=2", NULL}), CONF_GO);
    assert_int_equal(conf.port, 2);
}

static void what_stands_beside_the_flags_are_roots(void **state)
{
    (void)state;
    assert_int_equal(read_conf((const char *[]){"/data", "--port", "5", "b", "--", "--odd", NULL}),
                     CONF_GO);
    assert_int_equal(conf.n_roots, 3);
    assert_string_equal(conf.roots[0], "/data");
    assert_string_equal(conf.roots[1], "b");
    assert_string_equal(conf.roots[2], "--odd");
}

static void sizes_have_units(void **state)
{
    static const struct {
        const char *text;
        int64_t bytes; /* 0: refused */
    } row[] = {
        {"67108864", 64ll << 20},
        {"65536K", 64ll << 20},
        {"65536k", 64ll << 20},
        {"64M", 64ll << 20},
        {"64MB", 64ll << 20},
        {"64MiB", 64ll << 20},
        {"1g", 1ll << 30},
        {"2T", 2ll << 40},
        {"4T", 4ll << 40},
        {"5T", 0},
        {"3M", 0},
        {"0", 0},
        {"-64M", 0},
        {"-9223372036854775808", 0},
        {"9223372036854775807T", 0},
        {"9999999999999999999999", 0},
        {"64 M", 0},
        {"64X", 0},
        {"64MX", 0},
        {"64Mi", 0},
        {"64{", 0},
        {"64\xED", 0},
        {"M", 0},
        {"", 0},
        {"1e9", 0},
        {"0x40000000", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        const char *given[] = {"--cache", row[i].text, NULL};
        enum conf_result result = read_conf(given);
        assert_row_int(result, row[i].bytes ? CONF_GO : CONF_WRONG, row[i].text);
        if (row[i].bytes)
            assert_row_int(conf.cache_bytes, row[i].bytes, row[i].text);
    }
}

static void wrong_numbers_are_refused(void **state)
{
    static const char *const WRONG[] = {"-1", "65536", "1M", "abc", "5 ", "5.0", "", "1;2"};

    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++)
        assert_row_int(read_conf((const char *[]){"--port", WRONG[i], NULL}), CONF_WRONG, WRONG[i]);
    assert_int_equal(read_conf((const char *[]){"--port", "65535", NULL}), CONF_GO);
}

static void what_is_wrong_is_named_in_one_line(void **state)
{
    static const struct {
        const char *const given[3];
        const char *environment, *value;
        const char *named[3];
    } row[] = {
        {{"--workers", "many"}, NULL, NULL, {"--workers", "'many'", "256"}},
        {{"--cache=1M"}, NULL, NULL, {"--cache", "'1M'", "512M"}},
        {{NULL}, "N_PROCESS_WORKERS", "-3", {"N_PROCESS_WORKERS", "'-3'", "environment"}},
        {{"--nonsense"}, NULL, NULL, {"nonsense", "--help", "mef3d"}},
        {{"--port"}, NULL, NULL, {"port", "--help", "mef3d"}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        forget_environment(NULL);
        if (row[i].environment)
            setenv(row[i].environment, row[i].value, 1);
        assert_row_int(read_conf(row[i].given), CONF_WRONG, row[i].named[0]);
        for (int k = 0; k < 3; k++)
            assert_row(strstr(said, row[i].named[k]), row[i].named[k]);
    }
}

static void a_text_of_any_length_is_taken_or_refused(void **state)
{
    static char value[CONF_PATH + 1];

    (void)state;
    memset(value, 'x', CONF_PATH);
    assert_int_equal(read_conf((const char *[]){"--password-file", value, NULL}), CONF_WRONG);
    value[CONF_PATH - 1] = '\0';
    assert_int_equal(read_conf((const char *[]){"--password-file", value, NULL}), CONF_GO);
    assert_string_equal(conf.password_file, value);
}

static void settings_survive_the_way_to_a_child(void **state)
{
    static struct conf_flags flags;
    static struct conf first;
    const char *given[CONF_FLAGS + 1] = {NULL};

    (void)state;
    assert_int_equal(read_conf((const char *[]){"--cache=33M", "--port=7", "--damage=error",
                                                "--listen=a b", "--drain", "0", NULL}),
                     CONF_GO);
    first = conf;
    conf_flags(&first, &flags);
    assert_true(flags.n <= CONF_FLAGS);
    setenv("PORT", "9", 1); /* a child's environment changes nothing */
    for (size_t at = 0; at < flags.n; at += MOST_ARGUMENTS / 2) {
        size_t n = flags.n - at < MOST_ARGUMENTS / 2 ? flags.n - at : MOST_ARGUMENTS / 2;
        memcpy(given, flags.arguments + at, n * sizeof *given);
        given[n] = NULL;
        assert_int_equal(read_conf(given), CONF_GO);
        if (at == 0)
            assert_int_equal(conf.port, 7);
    }
    assert_string_equal(flags.arguments[0], "--listen=a b");
    for (size_t i = 0; i < flags.n; i++)
        if (strncmp(flags.arguments[i], "--cache", 7) == 0)
            assert_string_equal(flags.arguments[i], "--cache=34603008");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, forget_environment)
        TEST(the_defaults_are_those_of_the_table),
        TEST(every_default_is_within_its_own_limits),
        TEST(the_environment_beats_the_default_and_a_flag_beats_both),
        TEST(an_empty_variable_says_nothing),
        TEST(the_last_of_two_flags_counts),
        TEST(what_stands_beside_the_flags_are_roots),
        TEST(sizes_have_units),
        TEST(wrong_numbers_are_refused),
        TEST(what_is_wrong_is_named_in_one_line),
        TEST(a_text_of_any_length_is_taken_or_refused),
        TEST(settings_survive_the_way_to_a_child),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
