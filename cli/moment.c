/* moment.c - times as people write and read them. */
#include "moment.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const int64_t US = 1000000; /* microseconds a second */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A whole number at *at, at most INT64_MAX. */
static bool take_whole(const char **at, int64_t *number_out)
{
    int64_t number = 0;

    if (!is_digit(**at))
        return false;
    for (; is_digit(**at); (*at)++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, **at - '0', &number))
            return false;
    *number_out = number;
    return true;
}

/* ".5" in microseconds; nothing there is 0. Digits beyond the sixth round. */
static bool take_fraction(const char **at, int64_t *us_out)
{
    int64_t us = 0;
    int64_t unit = US / 10;

    if (**at == '.' || **at == ',') {
        (*at)++;
        if (!is_digit(**at))
            return false;
        for (; is_digit(**at); (*at)++, unit /= 10) {
            us += (**at - '0') * unit;
            if (unit == 1 && is_digit((*at)[1]) && (*at)[1] >= '5')
                us++;
        }
    }
    *us_out = us;
    return true;
}

static bool take_digits(const char **at, int n, int *number_out)
{
    int number = 0;

    for (; n > 0; n--, (*at)++) {
        if (!is_digit(**at))
            return false;
        number = 10 * number + (**at - '0');
    }
    *number_out = number;
    return true;
}

/* "Z", "+01:00", "-0730", "+01" or nothing, in seconds to take off. */
static bool take_zone(const char **at, int *seconds_out)
{
    int hours;
    int minutes = 0;
    int sign = **at == '-' ? -1 : 1;

    *seconds_out = 0;
    if (**at == 'Z' || **at == 'z') {
        (*at)++;
        return true;
    }
    if (**at != '+' && **at != '-')
        return true;
    (*at)++;
    if (!take_digits(at, 2, &hours))
        return false;
    if (**at == ':')
        (*at)++;
    if (is_digit(**at) && !take_digits(at, 2, &minutes))
        return false;
    *seconds_out = sign * (3600 * hours + 60 * minutes);
    return hours < 24 && minutes < 60;
}

static bool take_clock(const char **at, struct tm *tm, int64_t *us_out)
{
    *us_out = 0;
    if (**at != 'T' && **at != 't' && **at != ' ')
        return true;
    (*at)++;
    if (!take_digits(at, 2, &tm->tm_hour) || **at != ':')
        return false;
    (*at)++;
    if (!take_digits(at, 2, &tm->tm_min))
        return false;
    if (**at == ':') {
        (*at)++;
        if (!take_digits(at, 2, &tm->tm_sec) || !take_fraction(at, us_out))
            return false;
    }
    return tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec < 60;
}

static bool parse_iso(const char *at, int64_t *uutc_out)
{
    struct tm tm = {0};
    struct tm back;
    int64_t us;
    int zone;

    if (!take_digits(&at, 4, &tm.tm_year) || *at++ != '-' || !take_digits(&at, 2, &tm.tm_mon) ||
        *at++ != '-' || !take_digits(&at, 2, &tm.tm_mday))
        return false;
    if (!take_clock(&at, &tm, &us) || !take_zone(&at, &zone) || *at)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    int day = tm.tm_mday;
    int month = tm.tm_mon;
    time_t seconds = timegm(&tm);
    /* timegm makes the second of March of a thirtieth of February. */
    if (!gmtime_r(&seconds, &back) || back.tm_mday != day || back.tm_mon != month)
        return false;
    *uutc_out = ((int64_t)seconds - zone) * US + us;
    return true;
}

static bool parse_offset(const char *at, int64_t start_uutc, int64_t *uutc_out)
{
    int64_t seconds = 0;
    int64_t us;
    int64_t uutc;

    if (*at != '.' && !take_whole(&at, &seconds))
        return false;
    if (!take_fraction(&at, &us) || *at)
        return false;
    if (__builtin_mul_overflow(seconds, US, &uutc) || __builtin_add_overflow(uutc, us, &uutc) ||
        __builtin_add_overflow(uutc, start_uutc, &uutc))
        return false;
    *uutc_out = uutc;
    return true;
}

bool moment_parse(const char *text, int64_t start_uutc, int64_t *uutc_out)
{
    const char *at = text + (text[0] == '-');
    int64_t number;

    if (text[0] == '+')
        return parse_offset(text + 1, start_uutc, uutc_out);
    if (take_whole(&at, &number) && !*at) {
        *uutc_out = text[0] == '-' ? -number : number;
        return true;
    }
    return parse_iso(text, uutc_out);
}

bool moment_zone(const char *text, int *seconds_out)
{
    int seconds;

    if (!*text || !take_zone(&text, &seconds) || *text)
        return false;
    *seconds_out = seconds;
    return true;
}
