/* edf_fields.c - numbers and dates of EDF, as they stand in fields of fixed length. */
#include "edf_fields.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <mef3/time.h>

static const int64_t US = 1000000;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_padding(uint8_t byte)
{
    return byte == ' ' || byte == 0;
}

bool edf_number(const uint8_t *bytes, size_t n, double *number_out)
{
    char text[17];
    char *end;

    while (n > 0 && is_padding(bytes[n - 1]))
        n--;
    while (n > 0 && is_padding(*bytes)) {
        bytes++;
        n--;
    }
    if (n == 0 || n >= sizeof text)
        return false;
    /* strtod knows more kinds of numbers than EDF has. */
    for (size_t i = 0; i < n; i++)
        if (bytes[i] == 0 || !strchr("0123456789+-.eE", bytes[i]))
            return false;
    memcpy(text, bytes, n);
    text[n] = '\0';
    double number = strtod(text, &end);
    if (*end || !isfinite(number))
        return false;
    *number_out = number;
    return true;
}

bool edf_whole(const uint8_t *bytes, size_t n, int64_t least, int64_t most, int64_t *number_out)
{
    double number;

    if (!edf_number(bytes, n, &number) || number != trunc(number) || number < (double)least ||
        number > (double)most)
        return false;
    *number_out = (int64_t)number;
    return true;
}

/* Three numbers of two digits, with something between them. */
static bool take_three(const uint8_t bytes[8], int numbers_out[3])
{
    for (size_t i = 0; i < 3; i++) {
        const char *at = (const char *)bytes + 3 * i;
        bool has_tens = is_digit(at[0]) || at[0] == ' ';
        if (!has_tens || !is_digit(at[1]) || (i < 2 && (is_digit(at[2]) || at[2] == '\0')))
            return false;
        numbers_out[i] = (at[0] == ' ' ? 0 : 10 * (at[0] - '0')) + (at[1] - '0');
    }
    return true;
}

bool edf_short_date(const uint8_t bytes[8], struct edf_date *date_out)
{
    int n[3];

    if (!take_three(bytes, n))
        return false;
    *date_out = (struct edf_date){.day = n[0], .month = n[1], .year = n[2]};
    date_out->year += n[2] >= 85 ? 1900 : 2000;
    return true;
}

bool edf_startdate(const char *recording, struct edf_date *date_out)
{
    static const char months[][4] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                     "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
    const char *at = recording + strlen("Startdate ");

    if (strncmp(recording, "Startdate ", strlen("Startdate ")) != 0 || strlen(at) < 11)
        return false;
    if (!is_digit(at[0]) || !is_digit(at[1]) || at[2] != '-' || at[6] != '-' ||
        (at[11] != '\0' && at[11] != ' '))
        return false;
    for (size_t i = 7; i < 11; i++)
        if (!is_digit(at[i]))
            return false;
    for (int i = 0; i < 12; i++) {
        if (strncasecmp(at + 3, months[i], 3) == 0) {
            *date_out = (struct edf_date){.day = 10 * (at[0] - '0') + (at[1] - '0'),
                                          .month = i + 1,
                                          .year = (int)strtol(at + 7, NULL, 10)};
            return true;
        }
    }
    return false;
}

int64_t edf_start_uutc(const struct edf_date *date, const uint8_t bytes[8])
{
    int n[3];

    if (!take_three(bytes, n) || n[0] > 23 || n[1] > 59 || n[2] > 59)
        return MEF3_NO_TIME;
    struct tm tm = {.tm_year = date->year - 1900,
                    .tm_mon = date->month - 1,
                    .tm_mday = date->day,
                    .tm_hour = n[0],
                    .tm_min = n[1],
                    .tm_sec = n[2]};
    int64_t seconds = timegm(&tm);
    /* timegm makes the second of March of a thirtieth of February. */
    if (tm.tm_mday != date->day || tm.tm_mon != date->month - 1)
        return MEF3_NO_TIME;
    return seconds * US;
}

int64_t edf_seconds(const char *text, size_t n, size_t *used_out)
{
    int64_t us = 0;
    int64_t unit = US / 10;
    size_t i = 0;

    *used_out = 0;
    for (; i < n && is_digit(text[i]); i++)
        if (us > INT64_MAX / 100)
            return 0;
        else
            us = 10 * us + (text[i] - '0');
    if (i == 0 || us > INT64_MAX / US / 4)
        return 0;
    us *= US;
    if (i < n && text[i] == '.') {
        for (i++; i < n && is_digit(text[i]); i++, unit /= 10) {
            us += (text[i] - '0') * unit;
            if (unit == 1 && i + 1 < n && is_digit(text[i + 1]) && text[i + 1] >= '5')
                us++;
        }
    }
    *used_out = i;
    return us;
}
