/* edf_fields.h - numbers and dates of EDF, as they stand in fields of fixed length. */
#ifndef CLI_EDF_FIELDS_H
#define CLI_EDF_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A number in n bytes (at most 16), with spaces or zeros around it. False: there
 * is none, or something else is there too, or it is not finite. */
bool edf_number(const uint8_t *bytes, size_t n, double *number_out);

/* A whole number in [least, most]. */
bool edf_whole(const uint8_t *bytes, size_t n, int64_t least, int64_t most, int64_t *number_out);

struct edf_date {
    int year;
    int month;
    int day;
};

/* "16.09.87": years 85 to 99 are 1985 to 1999, 00 to 84 are 2000 to 2084. */
bool edf_short_date(const uint8_t bytes[8], struct edf_date *date_out);

/* "Startdate 02-MAR-2002 ..." */
bool edf_startdate(const char *recording, struct edf_date *date_out);

/* A date and "20.35.00" as uUTC, MEF3_NO_TIME when there is no such moment. */
int64_t edf_start_uutc(const struct edf_date *date, const uint8_t time[8]);

/* "12.5" in microseconds; at most `n` bytes are looked at. *used_out is how many
 * belong to it, 0 when it is no number or too large. */
int64_t edf_seconds(const char *text, size_t n, size_t *used_out);

#endif
