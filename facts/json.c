/* json.c - values of recordings as JSON has them. */
#include "json.h"

#include <stdlib.h>

#include <mef3/time.h>

#include "moment.h"
#include "text.h"

bool json_put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

json_t *json_text(const char *text)
{
    char *clean = text_utf8(text);
    json_t *value = clean ? json_string(clean) : NULL;

    free(clean);
    return value;
}

json_t *json_uutc(int64_t uutc)
{
    return uutc == MEF3_NO_TIME ? json_null() : json_integer(uutc);
}

json_t *json_moment(int64_t uutc)
{
    char text[MOMENT_BYTES];

    return uutc == MEF3_NO_TIME ? json_null() : json_string(moment_text(uutc, text));
}

bool json_put_span(json_t *object, int64_t start_uutc, int64_t end_uutc)
{
    return json_put(object, "start_uutc", json_uutc(start_uutc)) &&
           json_put(object, "end_uutc", json_uutc(end_uutc)) &&
           json_put(object, "start", json_moment(start_uutc)) &&
           json_put(object, "end", json_moment(end_uutc)) &&
           json_put(object, "duration_s",
                    json_real((double)mef3_time_difference(end_uutc, start_uutc) / 1e6));
}

json_t *json_error_line(const struct mef3_error *error)
{
    char text[1024];

    return error ? json_text(mef3_error_text(error, text, sizeof text)) : json_null();
}
