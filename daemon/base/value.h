/* value.h - the kinds of values that settings have, as people write and read them.
 *
 * Each value_read_* takes the whole text or refuses it: true, or false with the
 * output untouched. Limits are the caller's. Each value_print_* writes what its
 * reader reads as the same value, in the largest unit that is exact. */
#ifndef BASE_VALUE_H
#define BASE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VALUE_TEXT 48 /* room for a printed value */

/* "4" is from 4 to 4; "2-8" from 2 to 8. */
struct value_range {
    int64_t min;
    int64_t max;
};

bool value_read_number(const char *text, int64_t *number_out);

/* "512M", "1.5G", "64MiB"; a plain number counts `plain` bytes each. */
bool value_read_bytes(const char *text, int64_t plain, int64_t *bytes_out);

/* "250ms", "5s", "30m", "1h", "2d"; a plain number counts `plain_ms` each.
 * Parts of a millisecond are cut off. */
bool value_read_duration(const char *text, int64_t plain_ms, int64_t *ms_out);

bool value_read_range(const char *text, struct value_range *range_out);

/* Which of `choices`, "report|error", it is, in any case; or -1. A choice may
 * have other names: "warn=warning|error=critical". */
int value_choice(const char *text, const char *choices);

int value_n_choices(const char *choices);

/* The first name of a choice, into `word` (room for VALUE_TEXT). */
void value_print_choice(int choice, const char *choices, char *word);

void value_print_bytes(int64_t bytes, char *text);
void value_print_duration(int64_t ms, char *text);
void value_print_range(const struct value_range *range, char *text);

#endif
