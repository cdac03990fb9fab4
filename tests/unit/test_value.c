/* test_value.c - values as people write them: sizes, durations, ranges, choices. */
#include "base/value.h"

#include <string.h>

#include "help/test.h"

static void sizes_have_units(void **state)
{
    static const struct {
        const char *text;
        int64_t bytes; /* -1: refused */
    } row[] = {
        {"0", 0},
        {"67108864", 64ll << 20},
        {"65536K", 64ll << 20},
        {"65536k", 64ll << 20},
        {"64M", 64ll << 20},
        {"64m", 64ll << 20},
        {"64MB", 64ll << 20},
        {"64MiB", 64ll << 20},
        {"512.0M", 512ll << 20},
        {"1.5G", 3ll << 29},
        {"0.5K", 512},
        {"0.1K", 102},
        {"7B", 7},
        {"1g", 1ll << 30},
        {"2T", 2ll << 40},
        {"9223372036854775807", INT64_MAX},
        {"9223372036854775808", -1},
        {"9223372036854775807T", -1},
        {"8388608T", -1},
        {"9999999999999999999999", -1},
        {"-64M", -1},
        {"+64M", -1},
        {" 64M", -1},
        {"64 M", -1},
        {"64X", -1},
        {"64MX", -1},
        {"64Mi", -1},
        {"64{", -1},
        {"64\xED", -1},
        {"64.", -1},
        {"64.M", -1},
        {".5M", -1},
        {"M", -1},
        {"", -1},
        {"1e9", -1},
        {"0x40000000", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        int64_t bytes = -1;
        assert_row_int(value_read_bytes(row[i].text, 1, &bytes), row[i].bytes >= 0, row[i].text);
        assert_row_int(bytes, row[i].bytes, row[i].text);
    }
}

static void durations_have_units_and_a_plain_number_the_old_one(void **state)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } row[] = {
        {"0", 0},
        {"30", 30000},
        {"1800.5", 1800500},
        {"250ms", 250},
        {"0.5ms", 0},
        {"5s", 5000},
        {"0.25s", 250},
        {"30m", 1800000},
        {"1h", 3600000},
        {"2d", 172800000},
        {"1.5h", 5400000},
        {"106751991167d", 106751991167ll * 86400000},
        {"106751991168d", -1},
        {"5S", -1},
        {"5 s", -1},
        {"5min", -1},
        {"-5s", -1},
        {"1h30m", -1},
        {"s", -1},
        {"", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        int64_t ms = -1;
        assert_row_int(value_read_duration(row[i].text, 1000, &ms), row[i].ms >= 0, row[i].text);
        assert_row_int(ms, row[i].ms, row[i].text);
    }
}

static void a_range_is_one_number_or_two(void **state)
{
    static const struct {
        const char *text;
        int64_t min, max; /* -1: refused */
    } row[] = {
        {"4", 4, 4},       {"2-8", 2, 8},  {"0-0", 0, 0},    {"8-2", -1, -1},
        {"-8", -1, -1},    {"2-", -1, -1}, {"2--8", -1, -1}, {"2 - 8", -1, -1},
        {"2-8-9", -1, -1}, {"", -1, -1},   {"a", -1, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct value_range range = {-1, -1};
        assert_row_int(value_read_range(row[i].text, &range), row[i].min >= 0, row[i].text);
        assert_row_int(range.min, row[i].min, row[i].text);
        assert_row_int(range.max, row[i].max, row[i].text);
    }
}

static void a_choice_is_found_by_each_of_its_names(void **state)
{
    static const char LEVELS[] = "debug|info|warn=warning|error=critical";
    static const struct {
        const char *text;
        int choice;
    } row[] = {
        {"debug", 0},    {"INFO", 1},       {"warn", 2},    {"Warning", 2}, {"error", 3},
        {"CRITICAL", 3}, {"", -1},          {"warn=", -1},  {"war", -1},    {"errors", -1},
        {"|", -1},       {"info|warn", -1}, {"debug|", -1},
    };
    char word[VALUE_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        assert_row_int(value_choice(row[i].text, LEVELS), row[i].choice, row[i].text);
    assert_int_equal(value_n_choices(LEVELS), 4);
    value_print_choice(2, LEVELS, word);
    assert_string_equal(word, "warn");
    value_print_choice(3, LEVELS, word);
    assert_string_equal(word, "error");
}

static void what_is_printed_is_short_and_reads_as_the_same(void **state)
{
    static const struct {
        int64_t value;
        const char *bytes, *duration;
    } row[] = {
        {0, "0", "0"},
        {1, "1", "1ms"},
        {1000, "1000", "1s"},
        {1024, "1K", "1024ms"},
        {90000, "90000", "90s"},
        {1800000, "1800000", "30m"},
        {512ll << 20, "512M", "536870912ms"},
        {3ll << 29, "1536M", "1610612736ms"},
        {172800000, "168750K", "2d"},
        {INT64_MAX, "9223372036854775807", "9223372036854775807ms"},
    };
    char text[VALUE_TEXT];
    int64_t again;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        value_print_bytes(row[i].value, text);
        assert_row(strcmp(text, row[i].bytes) == 0, text);
        assert_row(value_read_bytes(text, 1, &again) && again == row[i].value, text);
        value_print_duration(row[i].value, text);
        assert_row(strcmp(text, row[i].duration) == 0, text);
        assert_row(value_read_duration(text, 1000, &again) && again == row[i].value, text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_have_units),
        cmocka_unit_test(durations_have_units_and_a_plain_number_the_old_one),
        cmocka_unit_test(a_range_is_one_number_or_two),
        cmocka_unit_test(a_choice_is_found_by_each_of_its_names),
        cmocka_unit_test(what_is_printed_is_short_and_reads_as_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
