/* info_json.c - what a recording holds, as JSON. */
#include "info.h"

#include <jansson.h>

#include "moment.h"

/* Set a key; a value that could not be made makes the whole fail in the end. */
static bool set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

static json_t *time_or_null(int64_t uutc)
{
    return uutc == MEF3_NO_TIME ? json_null() : json_integer(uutc);
}

static json_t *text_or_null(int64_t uutc)
{
    char text[MOMENT_BYTES];

    return uutc == MEF3_NO_TIME ? json_null() : json_string(moment_text(uutc, text));
}

static json_t *known_or_null(double value)
{
    return value < 0 ? json_null() : json_real(value);
}

static json_t *error_or_null(const struct mef3_error *error)
{
    char text[1024];

    if (!error)
        return json_null();
    return json_string(mef3_error_text(error, text, sizeof text));
}

static bool set_span(json_t *object, int64_t start_uutc, int64_t end_uutc)
{
    return set(object, "start_uutc", time_or_null(start_uutc)) &&
           set(object, "end_uutc", time_or_null(end_uutc)) &&
           set(object, "start", text_or_null(start_uutc)) &&
           set(object, "end", text_or_null(end_uutc)) &&
           set(object, "duration_s",
               json_real((double)mef3_time_difference(end_uutc, start_uutc) / 1e6));
}

static json_t *channel_json(const struct mef3_session *session, size_t channel,
                            const struct recording_coverage *coverage)
{
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    const struct mef3_error *bad = coverage->n_bad > 0 ? &coverage->first_bad : NULL;
    json_t *object = json_object();

    if (set(object, "name", json_string(info->name)) &&
        set(object, "status", json_string(mef3_status_name(bad ? bad->status : info->status))) &&
        set(object, "error", error_or_null(bad)) &&
        set(object, "rate_hz", json_real(info->rate_hz)) &&
        set(object, "units", json_string(info->units)) &&
        set(object, "units_factor", json_real(info->units_factor)) &&
        set_span(object, info->start_uutc, info->end_uutc) &&
        set(object, "n_samples", json_integer(info->n_samples)) &&
        set(object, "n_segments", json_integer((json_int_t)info->n_segments)) &&
        set(object, "n_unreadable_segments", json_integer((json_int_t)coverage->n_bad)) &&
        set(object, "n_runs", json_integer((json_int_t)coverage->n_runs)) &&
        set(object, "n_gaps", json_integer((json_int_t)coverage->n_gaps)) &&
        set(object, "gap_s", json_real((double)coverage->gap_us / 1e6)) &&
        set(object, "description", json_string(info->description)) &&
        set(object, "reference", json_string(info->reference)) &&
        set(object, "acquisition_number",
            info->acquisition_number < 0 ? json_null() : json_integer(info->acquisition_number)) &&
        set(object, "low_filter_hz", known_or_null(info->low_filter_hz)) &&
        set(object, "high_filter_hz", known_or_null(info->high_filter_hz)) &&
        set(object, "notch_hz", known_or_null(info->notch_hz)) &&
        set(object, "line_hz", known_or_null(info->line_hz)))
        return object;
    json_decref(object);
    return NULL;
}

static json_t *channels_json(const struct mef3_session *session,
                             const struct recording_coverage *coverage)
{
    json_t *array = json_array();

    for (size_t i = 0; i < mef3_session_info(session)->n_channels; i++) {
        if (json_array_append_new(array, channel_json(session, i, &coverage[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *session_json(const struct mef3_session *session,
                            const struct recording_coverage *coverage)
{
    const struct mef3_session_info *info = mef3_session_info(session);
    json_t *object = json_object();

    if (set(object, "name", json_string(info->name)) &&
        set_span(object, info->start_uutc, info->end_uutc) &&
        set(object, "times_relative", json_boolean(info->times_relative)) &&
        set(object, "encrypted", json_boolean(info->encrypted)) &&
        set(object, "access_level", json_integer(info->access_level)) &&
        set(object, "n_damaged_segments", json_integer((json_int_t)info->n_damaged)) &&
        set(object, "n_locked_segments", json_integer((json_int_t)info->n_locked)) &&
        set(object, "n_video_channels", json_integer((json_int_t)info->n_video_channels)) &&
        set(object, "description", json_string(info->session_description)) &&
        set(object, "subject_name_1", json_string(info->subject_name_1)) &&
        set(object, "subject_name_2", json_string(info->subject_name_2)) &&
        set(object, "subject_id", json_string(info->subject_id)) &&
        set(object, "recording_location", json_string(info->recording_location)) &&
        set(object, "gmt_offset_s",
            info->gmt_offset_s == -86401 ? json_null() : json_integer(info->gmt_offset_s)) &&
        set(object, "channels", channels_json(session, coverage)))
        return object;
    json_decref(object);
    return NULL;
}

bool info_print_json(FILE *to, struct mef3_session *session,
                     const struct recording_coverage *coverage)
{
    json_t *object = session_json(session, coverage);
    char *text = object ? json_dumps(object, JSON_INDENT(2)) : NULL;

    json_decref(object);
    if (!text)
        return false;
    fprintf(to, "%s\n", text);
    free(text);
    return true;
}
