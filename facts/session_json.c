/* session_json.c - what a recording holds, as JSON. */
#include "session_json.h"

static json_t *known_or_null(double value)
{
    return value < 0 ? json_null() : json_real(value);
}

static json_t *channel_json(const struct mef3_session *session, size_t channel,
                            const struct coverage *coverage)
{
    const struct mef3_channel_info *info = mef3_channel_info(session, channel);
    const struct mef3_error *bad = coverage->n_bad > 0 ? &coverage->first_bad : NULL;
    json_t *object = json_object();

    if (json_put(object, "name", json_text(info->name)) &&
        json_put(object, "status", json_text(mef3_status_name(bad ? bad->status : info->status))) &&
        json_put(object, "error", json_error_line(bad)) &&
        json_put(object, "rate_hz", json_real(info->rate_hz)) &&
        json_put(object, "units", json_text(info->units)) &&
        json_put(object, "units_factor", json_real(info->units_factor)) &&
        json_put_span(object, info->start_uutc, info->end_uutc) &&
        json_put(object, "n_samples", json_integer(info->n_samples)) &&
        json_put(object, "n_segments", json_integer((json_int_t)info->n_segments)) &&
        json_put(object, "n_unreadable_segments", json_integer((json_int_t)coverage->n_bad)) &&
        json_put(object, "n_runs", json_integer((json_int_t)coverage->n_runs)) &&
        json_put(object, "n_gaps", json_integer((json_int_t)coverage->n_gaps)) &&
        json_put(object, "gap_s", json_real((double)coverage->gap_us / 1e6)) &&
        json_put(object, "description", json_text(info->description)) &&
        json_put(object, "reference", json_text(info->reference)) &&
        json_put(object, "acquisition_number",
                 info->acquisition_number < 0 ? json_null()
                                              : json_integer(info->acquisition_number)) &&
        json_put(object, "low_filter_hz", known_or_null(info->low_filter_hz)) &&
        json_put(object, "high_filter_hz", known_or_null(info->high_filter_hz)) &&
        json_put(object, "notch_hz", known_or_null(info->notch_hz)) &&
        json_put(object, "line_hz", known_or_null(info->line_hz)))
        return object;
    json_decref(object);
    return NULL;
}

static json_t *channels_json(const struct mef3_session *session, const struct coverage *coverage)
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

json_t *session_json(const struct mef3_session *session, const struct coverage *coverage)
{
    const struct mef3_session_info *info = mef3_session_info(session);
    json_t *object = json_object();

    if (json_put(object, "name", json_text(info->name)) &&
        json_put_span(object, info->start_uutc, info->end_uutc) &&
        json_put(object, "times_relative", json_boolean(info->times_relative)) &&
        json_put(object, "encrypted", json_boolean(info->encrypted)) &&
        json_put(object, "access_level", json_integer(info->access_level)) &&
        json_put(object, "n_damaged_segments", json_integer((json_int_t)info->n_damaged)) &&
        json_put(object, "n_locked_segments", json_integer((json_int_t)info->n_locked)) &&
        json_put(object, "n_video_channels", json_integer((json_int_t)info->n_video_channels)) &&
        json_put(object, "description", json_text(info->session_description)) &&
        json_put(object, "subject_name_1", json_text(info->subject_name_1)) &&
        json_put(object, "subject_name_2", json_text(info->subject_name_2)) &&
        json_put(object, "subject_id", json_text(info->subject_id)) &&
        json_put(object, "recording_location", json_text(info->recording_location)) &&
        json_put(object, "gmt_offset_s",
                 info->gmt_offset_s == -86401 ? json_null() : json_integer(info->gmt_offset_s)) &&
        json_put(object, "channels", channels_json(session, coverage)))
        return object;
    json_decref(object);
    return NULL;
}
