/* clock.c - times on a page as people read them. */
#include "clock.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

static int64_t floor_to(int64_t value, int64_t unit)
{
    int64_t rest = value % unit;

    return value - (rest < 0 ? rest + unit : rest);
}

static int64_t local(int64_t uutc, int32_t offset_s)
{
    int64_t sum;

    return __builtin_add_overflow(uutc, offset_s * CLOCK_SECOND, &sum) ? uutc : sum;
}

static int64_t unit_of(int digits)
{
    int64_t unit = CLOCK_SECOND;

    while (digits-- > 0)
        unit /= 10;
    return unit;
}

/* ".05" of 50 ms with two digits; of none nothing. */
static const char *fraction(int64_t us, int digits, char text[16])
{
    snprintf(text, 16, ".%06d", (int)us);
    text[digits > 0 ? digits + 1 : 0] = '\0';
    return text;
}

char *clock_text(int64_t uutc, int32_t offset_s, int digits, char text[CLOCK_BYTES])
{
    int64_t at = floor_to(local(uutc, offset_s), unit_of(digits));
    int64_t in_day = at - floor_to(at, CLOCK_DAY);
    int seconds = (int)(in_day / CLOCK_SECOND);
    char rest[16];

    snprintf(text, CLOCK_BYTES, "%02d:%02d:%02d%s", seconds / 3600, seconds / 60 % 60, seconds % 60,
             fraction(in_day % CLOCK_SECOND, digits, rest));
    return text;
}

/* Years are counted from March, so that a leap day is the last of one. */
char *clock_date(int64_t uutc, int32_t offset_s, char text[CLOCK_BYTES])
{
    enum { DAYS_TO_1970 = 719468, DAYS_OF_400_YEARS = 146097 };
    int64_t days = floor_to(local(uutc, offset_s), CLOCK_DAY) / CLOCK_DAY + DAYS_TO_1970;
    int64_t era = floor_to(days, DAYS_OF_400_YEARS) / DAYS_OF_400_YEARS;
    int64_t day = days - era * DAYS_OF_400_YEARS;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t in_year = day - (365 * year + year / 4 - year / 100);
    int month = (int)((5 * in_year + 2) / 153);

    /* Not by gmtime_r, which opens a file. */
    snprintf(text, CLOCK_BYTES, "%04" PRId64 "-%02d-%02d", year + 400 * era + (month >= 10),
             month < 10 ? month + 3 : month - 9, (int)(in_year - (153 * month + 2) / 5 + 1));
    return text;
}

char *clock_zone(int32_t offset_s, char text[CLOCK_BYTES])
{
    int size = offset_s < 0 ? -offset_s : offset_s;

    if (size == 0)
        snprintf(text, CLOCK_BYTES, "UTC");
    else
        snprintf(text, CLOCK_BYTES, "UTC%s%02d:%02d", offset_s < 0 ? "\u2212" : "+", size / 3600,
                 size / 60 % 60);
    return text;
}

char *clock_elapsed(int64_t us, int digits, char text[CLOCK_BYTES])
{
    int64_t size = us >= 0 ? us : us == INT64_MIN ? INT64_MAX : -us;
    int64_t all = floor_to(size, unit_of(digits)), seconds = all / CLOCK_SECOND;
    char rest[16];

    snprintf(text, CLOCK_BYTES, "%s%" PRId64 ":%02d:%02d%s", us < 0 ? "\u2212" : "+",
             seconds / 3600, (int)(seconds / 60 % 60), (int)(seconds % 60),
             fraction(all % CLOCK_SECOND, digits, rest));
    return text;
}

char *clock_span(int64_t us, char text[CLOCK_BYTES])
{
    static const struct {
        const char *unit;
        int64_t size;
    } units[] = {{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}};
    int64_t rest = (us + CLOCK_SECOND / 2) / CLOCK_SECOND;
    size_t at = 0;

    if (us < 60 * CLOCK_SECOND) {
        bool is_short = us < CLOCK_SECOND;
        snprintf(text, CLOCK_BYTES, "%.4g %s", (double)us / (is_short ? 1e3 : 1e6),
                 is_short ? "ms" : "s");
        return text;
    }
    while (rest < units[at].size)
        at++;
    int n = snprintf(text, CLOCK_BYTES, "%" PRId64 " %s", rest / units[at].size, units[at].unit);
    rest %= units[at].size;
    if (at + 1 < sizeof units / sizeof *units && rest / units[at + 1].size > 0)
        snprintf(text + n, CLOCK_BYTES - (size_t)n, " %" PRId64 " %s", rest / units[at + 1].size,
                 units[at + 1].unit);
    return text;
}

int64_t clock_step(int64_t span_us, int at_most)
{
    static const int64_t steps_ms[] = {
        1,        2,        5,         10,        20,        50,      100,     200,
        500,      1000,     2000,      5000,      10000,     15000,   30000,   60000,
        120000,   300000,   600000,    900000,    1800000,   3600000, 7200000, 21600000,
        43200000, 86400000, 172800000, 604800000, 1209600000};
    const int64_t month = 2592000 * CLOCK_SECOND;
    int64_t wanted = span_us / (at_most > 0 ? at_most : 1);

    for (size_t i = 0; i < sizeof steps_ms / sizeof *steps_ms; i++)
        if (steps_ms[i] * 1000 >= wanted)
            return steps_ms[i] * 1000;
    return (wanted / month + 1) * month;
}
