/* json.h - values of recordings as JSON has them. */
#ifndef FACTS_JSON_H
#define FACTS_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include <mef3/status.h>

/* Set a key; false when the value could not be made, which makes the whole fail in the end. */
bool json_put(json_t *object, const char *key, json_t *value);

/* A text of any bytes: what is not UTF-8 becomes U+FFFD. */
json_t *json_text(const char *text);

/* A time in microseconds since 1970, and as ISO 8601; null for MEF3_NO_TIME. */
json_t *json_uutc(int64_t uutc);
json_t *json_moment(int64_t uutc);

/* The keys start_uutc, end_uutc, start, end and duration_s. */
bool json_put_span(json_t *object, int64_t start_uutc, int64_t end_uutc);

/* An error as a line, or null. */
json_t *json_error_line(const struct mef3_error *error);

#endif
