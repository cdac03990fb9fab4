/* test_conf.c - the table of settings, their values, and their way to a child. */
#include "base/conf.h"

#include <stdio.h>
#include <string.h>

#include "help/test.h"

static struct conf conf;
static char why[CONF_WHY];

static const struct conf_setting *named(const char *name)
{
    const struct conf_setting *setting = conf_find(name, strlen(name));

    assert_row(setting, name);
    return setting;
}

static int with_defaults(void **state)
{
    (void)state;
    conf_defaults(&conf);
    return 0;
}

static void every_default_is_a_value_that_its_own_row_allows(void **state)
{
    static struct conf again;
    char text[CONF_PATH];

    (void)state;
    for (int i = 0; i < CONF_N; i++) {
        const struct conf_setting *s = &CONF_SETTING[i];
        conf_defaults(&again);
        if (conf_is_list(s))
            conf_clear(&again, s);
        assert_row(conf_set(&again, s, s->default_text, why), s->name);
        assert_row(conf_equal(&conf, &again, s), s->name);
        /* As people would write it, so that help and reference show it well. */
        conf_print(&conf, s, text);
        assert_row(strcmp(text, s->default_text) == 0, s->name);
    }
    assert_int_equal(conf.workers.min, 2);
    assert_int_equal(conf.workers.max, 2);
    assert_int_equal(conf.cache_bytes, 512ll << 20);
    assert_int_equal(conf.drain_ms, 30000);
    assert_int_equal(conf.damage, CONF_DAMAGE_REPORT);
    assert_string_equal(conf.listen, "127.0.0.1:50051");
}

static void names_are_words_of_small_letters_and_differ(void **state)
{
    (void)state;
    for (int i = 0; i < CONF_N; i++) {
        const char *name = CONF_SETTING[i].name;
        assert_row(strspn(name, "abcdefghijklmnopqrstuvwxyz-") == strlen(name), name);
        assert_row(conf_find(name, strlen(name)) == &CONF_SETTING[i], name);
    }
    assert_null(conf_find("work", 4));
    assert_null(conf_find("", 0));
}

static void values_at_the_limits_are_taken_and_beyond_refused(void **state)
{
    static const struct {
        const char *name, *value;
        bool is_taken;
    } row[] = {
        {"port", "65535", true},   {"port", "65536", false},     {"port", "-1", false},
        {"port", "5 ", false},     {"port", "5.0", false},       {"port", "", false},
        {"cache", "4M", true},     {"cache", "4194303", false},  {"cache", "4T", true},
        {"cache", "4097G", false}, {"workers", "0", true},       {"workers", "0-256", true},
        {"workers", "257", false}, {"workers", "1-257", false},  {"drain", "1h", true},
        {"drain", "3601", false},  {"damage", "Error", true},    {"damage", "ignore", false},
        {"cache-ttl", "0", true},  {"cache-ttl", "366d", false}, {"log-level", "2", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        static struct conf before;
        before = conf;
        assert_row_int(conf_set(&conf, named(row[i].name), row[i].value, why), row[i].is_taken,
                       row[i].value);
        if (!row[i].is_taken)
            assert_row(memcmp(&before, &conf, sizeof conf) == 0, row[i].value);
    }
}

static void what_is_wrong_names_the_value_and_what_is_allowed(void **state)
{
    static const struct {
        const char *name, *value, *words;
    } row[] = {
        {"port", "70000", "'70000' is not a number from 0 to 65535"},
        {"cache", "1M", "'1M' is not a size from 4M to 4T (such as 512M)"},
        {"drain", "2h", "'2h' is not a duration from 0 to 1h (such as 250ms, 5s, 30m, 1h)"},
        {"workers", "8-2", "'8-2' is not a number, or a range such as 2-8, from 0 to 256"},
        {"damage", "x", "'x' is not one of report, error"},
        {"log-level", "loud", "'loud' is not one of debug, info, warn, error"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        assert_false(conf_set(&conf, named(row[i].name), row[i].value, why));
        assert_string_equal(why, row[i].words);
    }
}

static void a_text_of_any_length_is_taken_or_refused(void **state)
{
    static char value[2 * CONF_PATH];

    (void)state;
    memset(value, 'x', CONF_PATH);
    assert_false(conf_set(&conf, named("password-file"), value, why));
    conf_clear(&conf, named("root"));
    assert_false(conf_set(&conf, named("root"), value, why));
    value[CONF_PATH - 1] = '\0';
    assert_true(conf_set(&conf, named("password-file"), value, why));
    assert_string_equal(conf.password_file, value);
    assert_true(conf_set(&conf, named("root"), value, why));
    assert_string_equal(conf.root, value);
    assert_false(conf_set(&conf, named("root"), "y", why));
    assert_string_equal(conf.root, value);
}

static void a_list_has_its_items_in_order(void **state)
{
    char item[CONF_PATH];

    (void)state;
    conf_clear(&conf, named("root"));
    assert_false(conf_item(conf.root, 0, item));
    assert_true(conf_set(&conf, named("root"), "/data/Smith, J", why));
    assert_true(conf_set(&conf, named("root"), "/b", why));
    assert_true(conf_item(conf.root, 0, item));
    assert_string_equal(item, "/data/Smith, J");
    assert_true(conf_item(conf.root, 1, item));
    assert_string_equal(item, "/b");
    assert_false(conf_item(conf.root, 2, item));
    conf_clear(&conf, named("listen"));
    assert_true(conf_set(&conf, named("listen"), "127.0.0.1:1,[::1]:2", why));
    assert_true(conf_set(&conf, named("listen"), "unix:/x", why));
    assert_string_equal(conf.listen, "127.0.0.1:1\n[::1]:2\nunix:/x");
}

/* A child's argv of `flags` and two roots. */
static int to_a_child(const struct conf_flags *flags, struct conf *child)
{
    static char program[] = "child", end[] = "--", first[] = "/data", second[] = "--odd";
    static char *argv[CONF_N + 5];
    int n = 1;

    argv[0] = program;
    for (size_t i = 0; i < flags->n; i++)
        argv[n++] = flags->arguments[i];
    argv[n++] = end;
    argv[n++] = first;
    argv[n++] = second;
    argv[n] = NULL;
    return conf_read_flags(child, n, argv);
}

static void settings_reach_a_child_exactly(void **state)
{
    static const char *const GIVEN[][2] = {
        {"cache", "34603009"},     {"port", "7"},       {"damage", "error"},
        {"listen", "a b,[::1]:1"}, {"drain", "1.5s"},   {"workers", "2-8"},
        {"root", "/a b"},          {"root", "/c,d=;#"}, {"path-map", "/=/host"},
        {"log-level", "warn"},     {"cache-ttl", "0"},  {"password-file", "\"\\n"},
    };
    static struct conf_flags flags;
    static struct conf child;

    (void)state;
    for (size_t i = 0; i < sizeof GIVEN / sizeof *GIVEN; i++)
        assert_true(conf_set(&conf, named(GIVEN[i][0]), GIVEN[i][1], why));
    conf_flags(&conf, &flags);
    assert_int_equal(flags.n, CONF_N);
    assert_int_equal(to_a_child(&flags, &child), 0);
    for (int i = 0; i < CONF_N; i++)
        assert_row(conf_equal(&conf, &child, &CONF_SETTING[i]), CONF_SETTING[i].name);
    assert_int_equal(child.cache_bytes, 34603009);
    assert_int_equal(child.n_roots, 2);
    assert_string_equal(child.roots[0], "/data");
    assert_string_equal(child.roots[1], "--odd");
}

static void a_live_value_goes_to_a_process_that_runs_as_numbers(void **state)
{
    static const char *const GIVEN[][2] = {{"drain", "1.5s"},
                                           {"damage", "error"},
                                           {"port", "7"},
                                           {"workers", "2-8"},
                                           {"log-level", "warn"}};
    static const struct {
        const char *name;
        struct conf_numbers numbers;
    } wrong[] = {
        {"drain", {{3600001, 0}}}, {"drain", {{-1, 0}}},    {"damage", {{2, 0}}},
        {"damage", {{-1, 0}}},     {"workers", {{3, 2}}},   {"workers", {{0, 257}}},
        {"root", {{0, 0}}},        {"log-level", {{4, 0}}}, {"password-file", {{0, 0}}},
    };
    static struct conf other, before;

    (void)state;
    for (size_t i = 0; i < sizeof GIVEN / sizeof *GIVEN; i++) {
        const struct conf_setting *s = named(GIVEN[i][0]);
        conf_defaults(&other);
        assert_true(conf_set(&conf, s, GIVEN[i][1], why));
        const struct conf_numbers numbers = conf_numbers(&conf, s);
        assert_row(conf_set_numbers(&other, s, &numbers), s->name);
        assert_row(conf_equal(&conf, &other, s), s->name);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        before = conf;
        assert_row(!conf_set_numbers(&conf, named(wrong[i].name), &wrong[i].numbers),
                   wrong[i].name);
        assert_row(memcmp(&before, &conf, sizeof conf) == 0, wrong[i].name);
    }
    /* What may change while it runs can be sent so. */
    for (int i = 0; i < CONF_N; i++)
        assert_row(!CONF_SETTING[i].live || !CONF_SETTING[i].sort, CONF_SETTING[i].name);
}

static void one_value_is_copied_and_no_other(void **state)
{
    static struct conf other;

    (void)state;
    conf_defaults(&other);
    assert_true(conf_set(&conf, named("root"), "/b", why));
    assert_true(conf_set(&conf, named("drain"), "7s", why));
    conf_copy(&other, &conf, named("root"));
    assert_string_equal(other.root, ".\n/b");
    assert_int_equal(other.drain_ms, 30000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, with_defaults)
        TEST(every_default_is_a_value_that_its_own_row_allows),
        TEST(names_are_words_of_small_letters_and_differ),
        TEST(values_at_the_limits_are_taken_and_beyond_refused),
        TEST(what_is_wrong_names_the_value_and_what_is_allowed),
        TEST(a_text_of_any_length_is_taken_or_refused),
        TEST(a_list_has_its_items_in_order),
        TEST(settings_reach_a_child_exactly),
        TEST(a_live_value_goes_to_a_process_that_runs_as_numbers),
        TEST(one_value_is_copied_and_no_other),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
