/* value.c - the kinds of values that settings have, as people write and read them. */
#include "base/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct unit {
    const char *name;
    int64_t size;
};

/* The largest first, as they are tried for printing. */
static const struct unit BYTES[] = {
    {"T", 1ll << 40}, {"G", 1ll << 30}, {"M", 1ll << 20}, {"K", 1ll << 10}, {NULL, 0},
};
static const struct unit DURATIONS[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}, {NULL, 0},
};

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The digits at *at, which must be there; *at is moved behind them. */
static bool read_digits(const char **at, int64_t *number_out)
{
    int64_t number = 0;

    if (!digit(**at))
        return false;
    for (; digit(**at); (*at)++)
        if (__builtin_mul_overflow(number, (int64_t)10, &number) ||
            __builtin_add_overflow(number, (int64_t)(**at - '0'), &number))
            return false;
    *number_out = number;
    return true;
}

/* What follows the point: nine digits of it count. */
static bool read_fraction(const char **at, int64_t *billionths_out)
{
    int64_t billionths = 0, weight = 100000000;

    if (**at == '.') {
        (*at)++;
        if (!digit(**at))
            return false;
        for (; digit(**at); (*at)++, weight /= 10)
            billionths += (**at - '0') * weight;
    }
    *billionths_out = billionths;
    return true;
}

/* "M", "MB" or "MiB"; the letter in either case. */
static int64_t size_of_bytes(const char *name)
{
    for (const struct unit *unit = BYTES; unit->name; unit++)
        if (strncasecmp(name, unit->name, 1) == 0 &&
            (!name[1] || strcmp(name + 1, "B") == 0 || strcmp(name + 1, "iB") == 0))
            return unit->size;
    return strcmp(name, "B") == 0 ? 1 : 0;
}

static int64_t size_of_duration(const char *name)
{
    for (const struct unit *unit = DURATIONS; unit->name; unit++)
        if (strcmp(name, unit->name) == 0)
            return unit->size;
    return 0;
}

static bool read_measure(const char *text, int64_t plain, int64_t (*size_of)(const char *),
                         int64_t *value_out)
{
    int64_t whole, billionths, value, part;

    if (!read_digits(&text, &whole) || !read_fraction(&text, &billionths))
        return false;
    int64_t size = *text ? size_of(text) : plain;
    if (size == 0 || __builtin_mul_overflow(whole, size, &value))
        return false;
    /* In two steps: a size may be too large to be multiplied by a billion. */
    int64_t whole_parts = size / 1000000000, rest = size % 1000000000;
    part = whole_parts * billionths + rest * billionths / 1000000000;
    if (__builtin_add_overflow(value, part, &value))
        return false;
    *value_out = value;
    return true;
}

bool value_read_number(const char *text, int64_t *number_out)
{
    int64_t number;

    if (!read_digits(&text, &number) || *text)
        return false;
    *number_out = number;
    return true;
}

bool value_read_bytes(const char *text, int64_t plain, int64_t *bytes_out)
{
    return read_measure(text, plain, size_of_bytes, bytes_out);
}

bool value_read_duration(const char *text, int64_t plain_ms, int64_t *ms_out)
{
    return read_measure(text, plain_ms, size_of_duration, ms_out);
}

bool value_read_range(const char *text, struct value_range *range_out)
{
    struct value_range range;

    if (!read_digits(&text, &range.min))
        return false;
    range.max = range.min;
    if (*text == '-') {
        text++;
        if (!read_digits(&text, &range.max))
            return false;
    }
    if (*text || range.max < range.min)
        return false;
    *range_out = range;
    return true;
}

int value_choice(const char *text, const char *choices)
{
    size_t length = strlen(text);
    int choice = 0;

    while (length > 0) {
        size_t n = strcspn(choices, "|=");
        if (n == length && strncasecmp(text, choices, n) == 0)
            return choice;
        if (choices[n] == '\0')
            break;
        choice += choices[n] == '|';
        choices += n + 1;
    }
    return -1;
}

int value_n_choices(const char *choices)
{
    int n = 1;

    for (; *choices; choices++)
        n += *choices == '|';
    return n;
}

void value_print_choice(int choice, const char *choices, char *word)
{
    for (; choice > 0; choice--)
        choices = strchr(choices, '|') + 1;
    snprintf(word, VALUE_TEXT, "%.*s", (int)strcspn(choices, "|="), choices);
}

static void print_measure(int64_t value, const struct unit *units, char *text)
{
    for (const struct unit *unit = units; unit->name && value != 0; unit++)
        if (value % unit->size == 0) {
            snprintf(text, VALUE_TEXT, "%" PRId64 "%s", value / unit->size, unit->name);
            return;
        }
    snprintf(text, VALUE_TEXT, "%" PRId64, value);
}

void value_print_bytes(int64_t bytes, char *text)
{
    print_measure(bytes, BYTES, text);
}

void value_print_duration(int64_t ms, char *text)
{
    print_measure(ms, DURATIONS, text);
}

void value_print_range(const struct value_range *range, char *text)
{
    if (range->min == range->max)
        snprintf(text, VALUE_TEXT, "%" PRId64, range->min);
    else
        snprintf(text, VALUE_TEXT, "%" PRId64 "-%" PRId64, range->min, range->max);
}
