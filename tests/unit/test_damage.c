/* test_damage.c - what was unreadable, as text for a header: short, plain, each once. */
#include "service/damage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "help/test.h"

#define WHY "block 2: Cz-000000.tdat: at byte 4096: block CRC"

static void a_stretch_is_told_with_channel_segment_and_reason(void **state)
{
    struct damage damage = {0};

    (void)state;
    assert_string_equal(damage.text, "");
    damage_add(&damage, "Cz", 0, 500, WHY);
    assert_string_equal(damage.text, "channel=Cz segment=0 samples=500 " WHY);
    damage_add(&damage, "Pz", 3, 1, "another");
    assert_string_equal(damage.text, "channel=Cz segment=0 samples=500 " WHY
                                     "; channel=Pz segment=3 samples=1 another");
    assert_int_equal(damage.n_samples, 501);
    assert_int_equal(damage.n, strlen(damage.text));
}

/* Two messages share a block: each tells its part. */
static void the_same_block_is_told_once(void **state)
{
    struct damage damage = {0};

    (void)state;
    damage_add(&damage, "Cz", 0, 500, WHY);
    damage_add(&damage, "Cz", 0, 20, WHY);
    assert_string_equal(damage.text, "channel=Cz segment=0 samples=500 " WHY);
    assert_int_equal(damage.n_samples, 520);
}

/* A reason may be the same for all: "reading it ended one worker after another". */
static void the_same_reason_elsewhere_is_told_too(void **state)
{
    static const struct {
        const char *why, *channel;
        int32_t segment;
        const char *reason;
    } row[] = {
        {"another channel", "Pz", 0, "lost"},
        {"another segment", "Cz", 1, "lost"},
        {"a segment whose number begins alike", "Cz", 10, "lost"},
        {"a reason that is a part of the first", "Cz", 0, "los"},
        {"another one", "Cz", 0, "ost"},
        {"a channel whose name ends alike", "z", 0, "lost"},
        {"no reason at all", "Cz", 2, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct damage damage = {0};
        char expected[128];
        damage_add(&damage, "Cz", 0, 5, "lost");
        damage_add(&damage, row[i].channel, row[i].segment, 7, row[i].reason);
        snprintf(expected, sizeof expected,
                 "channel=Cz segment=0 samples=5 lost; channel=%s segment=%" PRId32 " samples=7 %s",
                 row[i].channel, row[i].segment, row[i].reason);
        assert_row(strcmp(damage.text, expected) == 0, row[i].why);
        for (int again = 0; again < 2; again++) {
            damage_add(&damage, row[i].channel, row[i].segment, 7, row[i].reason);
            damage_add(&damage, "Cz", 0, 5, "lost");
        }
        assert_row(strcmp(damage.text, expected) == 0, row[i].why);
    }
}

static void what_is_no_plain_character_is_encoded(void **state)
{
    struct damage damage = {0};

    (void)state;
    damage_add(&damage, "\xC3\xA9;%", 0, 1, "a;b\n100%\x7F~ ");
    assert_string_equal(damage.text,
                        "channel=%C3%A9%3B%25 segment=0 samples=1 a%3Bb%0A100%25%7F~ ");
}

static void long_names_and_reasons_are_cut(void **state)
{
    struct damage damage = {0};
    char name[2000], why[4000];

    (void)state;
    memset(name, 0xE9, sizeof name); /* three letters each */
    memset(why, '\n', sizeof why);
    name[sizeof name - 1] = why[sizeof why - 1] = '\0';
    damage_add(&damage, name, INT32_MIN, INT64_MAX, why);
    assert_in_range(damage.n, 900, 1100);
    assert_non_null(strstr(damage.text, "%E9 segment=-2147483648 samples=9223372036854775807 %0A"));
    damage_add(&damage, name, INT32_MIN, 1, why);
    assert_null(strstr(damage.text, ";")); /* still the same stretch */
}

static void what_does_not_fit_is_counted(void **state)
{
    struct damage damage = {0};
    char why[32];

    (void)state;
    for (int i = 0; i < 100000; i++) {
        snprintf(why, sizeof why, "block %d", i);
        damage_add(&damage, "Cz", 0, 1, why);
        assert_true(strlen(damage.text) < DAMAGE_TEXT);
    }
    const char *end = strstr(damage.text, "; and ");
    assert_non_null(end);
    unsigned long long n = 0;
    assert_int_equal(sscanf(end, "; and %llu more", &n), 1);
    assert_int_equal(n, damage.left_out);
    size_t told = 0;
    for (const char *at = damage.text; (at = strstr(at, "channel=")); at++)
        told++;
    assert_int_equal(told + n, 100000);
    assert_int_equal(damage.n_samples, 100000);
    for (const char *at = damage.text; *at; at++)
        assert_true(*at >= 0x20 && *at <= 0x7E);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stretch_is_told_with_channel_segment_and_reason),
        cmocka_unit_test(the_same_block_is_told_once),
        cmocka_unit_test(the_same_reason_elsewhere_is_told_too),
        cmocka_unit_test(what_is_no_plain_character_is_encoded),
        cmocka_unit_test(long_names_and_reasons_are_cut),
        cmocka_unit_test(what_does_not_fit_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
