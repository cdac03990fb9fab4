/* records_json.c - records as JSON; the keys are in cli/README.md. */
#include "records.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "moment.h"

/* Set a key; a value that could not be made makes the whole fail in the end. */
static bool set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

static json_t *text_json(struct mef3_text text)
{
    char *utf8 = records_utf8(text);
    json_t *value = utf8 ? json_string(utf8) : NULL;

    free(utf8);
    return value;
}

static json_t *time_json(int64_t uutc)
{
    return uutc == MEF3_NO_TIME ? json_null() : json_integer(uutc);
}

/* What is no number has no place in JSON. */
static json_t *number_json(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *lntp_json(const struct mef3_lntp *lntp)
{
    int32_t *counts = malloc((lntp->n + 1) * sizeof *counts);
    json_t *array = counts ? json_array() : NULL;

    if (counts)
        mef3_lntp_counts(lntp, counts);
    for (size_t i = 0; array && i < lntp->n; i++) {
        if (json_array_append_new(array, json_integer(counts[i])) != 0) {
            json_decref(array);
            array = NULL;
        }
    }
    free(counts);
    return array ? json_pack("{so}", "counts", array) : NULL;
}

static json_t *seizure_channels_json(const struct mef3_record *record, size_t n)
{
    json_t *array = json_array();
    struct mef3_seizure_channel channel;

    for (size_t i = 0; array && i < n; i++) {
        json_t *object = json_object();
        bool is_fine = mef3_record_seizure_channel(record, i, &channel, NULL) == MEF3_OK &&
                       set(object, "name", text_json(channel.name)) &&
                       set(object, "onset_uutc", time_json(channel.onset_uutc)) &&
                       set(object, "end_uutc", time_json(channel.end_uutc));
        if (json_array_append_new(array, object) != 0 || !is_fine) {
            json_decref(array);
            array = NULL;
        }
    }
    return array;
}

static bool set_seizure(json_t *object, const struct mef3_record *record,
                        const struct mef3_seizure *s)
{
    return set(object, "onset_uutc", time_json(s->onset_uutc)) &&
           set(object, "end_uutc", time_json(s->end_uutc)) &&
           set(object, "onset_code", json_integer(s->onset_code)) &&
           set(object, "marker_1", text_json(s->marker_1)) &&
           set(object, "marker_2", text_json(s->marker_2)) &&
           set(object, "channels", seizure_channels_json(record, s->n_channels));
}

static bool set_csti(json_t *object, const struct mef3_csti *c)
{
    return set(object, "task", text_json(c->task)) &&
           set(object, "stimulus", text_json(c->stimulus)) &&
           set(object, "response", text_json(c->response));
}

static bool set_esti(json_t *object, const struct mef3_esti *e)
{
    return set(object, "amplitude", number_json(e->amplitude)) &&
           set(object, "amplitude_unit", json_integer(e->amplitude_unit)) &&
           set(object, "frequency_hz", number_json(e->frequency_hz)) &&
           set(object, "pulse_width_us", json_integer(e->pulse_width_us)) &&
           set(object, "mode", json_integer(e->mode)) &&
           set(object, "waveform", text_json(e->waveform)) &&
           set(object, "anode", text_json(e->anode)) &&
           set(object, "cathode", text_json(e->cathode));
}

static bool set_cursor(json_t *object, const struct mef3_cursor *c)
{
    return set(object, "id", json_integer(c->id)) &&
           set(object, "trace_uutc", time_json(c->trace_uutc)) &&
           set(object, "latency_us", json_integer(c->latency_us)) &&
           set(object, "value", number_json(c->value)) && set(object, "name", text_json(c->name));
}

static bool set_epoch(json_t *object, const struct mef3_epoch *e)
{
    return set(object, "id", json_integer(e->id)) &&
           set(object, "start_uutc", time_json(e->start_uutc)) &&
           set(object, "end_uutc", time_json(e->end_uutc)) &&
           set(object, "type", text_json(e->type));
}

/* What a type has beside text and duration; null where there is nothing. */
static json_t *fields_json(const struct mef3_record *record)
{
    json_t *object = json_object();
    bool is_fine = true;
    union {
        struct mef3_lntp lntp;
        struct mef3_seizure seizure;
        struct mef3_csti csti;
        struct mef3_esti esti;
        struct mef3_cursor cursor;
        struct mef3_epoch epoch;
    } view;

    if (mef3_record_lntp(record, &view.lntp, NULL) == MEF3_OK) {
        json_decref(object);
        return lntp_json(&view.lntp);
    }
    if (mef3_record_seizure(record, &view.seizure, NULL) == MEF3_OK) {
        is_fine = set_seizure(object, record, &view.seizure);
    } else if (mef3_record_csti(record, &view.csti, NULL) == MEF3_OK) {
        is_fine = set_csti(object, &view.csti);
    } else if (mef3_record_esti(record, &view.esti, NULL) == MEF3_OK) {
        is_fine = set_esti(object, &view.esti);
    } else if (mef3_record_cursor(record, &view.cursor, NULL) == MEF3_OK) {
        is_fine = set_cursor(object, &view.cursor);
    } else if (mef3_record_epoch(record, &view.epoch, NULL) == MEF3_OK) {
        is_fine = set_epoch(object, &view.epoch);
    } else {
        json_decref(object);
        return json_null();
    }
    if (is_fine)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *hex_json(const struct mef3_record *record)
{
    static const char digits[] = "0123456789abcdef";
    char *hex = malloc(2 * record->n_body + 1);

    if (!hex)
        return NULL;
    for (size_t i = 0; i < record->n_body; i++) {
        hex[2 * i] = digits[record->body[i] >> 4];
        hex[2 * i + 1] = digits[record->body[i] & 15];
    }
    hex[2 * record->n_body] = '\0';
    json_t *value = json_string(hex);
    free(hex);
    return value;
}

/* The body, in whichever way it says most. */
static bool set_body(json_t *object, const struct records_item *item)
{
    const struct mef3_record *record = &item->record;
    struct records_words words = {0};
    bool is_read = record->status == MEF3_OK;

    if (is_read && !records_words(item, &words))
        return false;
    json_t *fields = is_read ? fields_json(record) : json_null();
    bool is_known = words.text || !json_is_null(fields);
    bool is_fine =
        set(object, "text", words.text ? json_string(words.text) : json_null()) &&
        set(object, "duration_s",
            words.has_duration ? json_real((double)words.duration_us / 1e6) : json_null()) &&
        set(object, "fields", fields) &&
        set(object, "hex", is_read && !is_known ? hex_json(record) : json_null());
    free(words.text);
    return is_fine;
}

static json_t *record_json(const struct mef3_session *session, const struct records_item *item)
{
    const struct mef3_record *record = &item->record;
    const char *channel = records_channel(session, item);
    json_t *object = json_object();
    char time[MOMENT_BYTES];

    if (set(object, "type", record->type[0] ? json_string(record->type) : json_null()) &&
        set(object, "version",
            json_sprintf("%u.%u", record->version_major, record->version_minor)) &&
        set(object, "time_uutc", time_json(record->time_uutc)) &&
        set(object, "time",
            record->time_uutc == MEF3_NO_TIME
                ? json_null()
                : json_string(moment_text(record->time_uutc, time))) &&
        set(object, "channel", channel ? json_string(channel) : json_null()) &&
        set(object, "segment", record->segment < 0 ? json_null() : json_integer(record->segment)) &&
        set(object, "encryption_level", json_integer(record->level)) &&
        set(object, "status", json_string(mef3_status_name(record->status))) &&
        set(object, "error", item->error ? json_string(item->error) : json_null()) &&
        set(object, "n_bytes", json_integer((json_int_t)record->n_body)) && set_body(object, item))
        return object;
    json_decref(object);
    return NULL;
}

static json_t *list_json(const struct mef3_session *session, const struct records_list *list)
{
    json_t *array = json_array();

    for (size_t i = 0; array && i < list->n; i++) {
        if (json_array_append_new(array, record_json(session, &list->items[i])) != 0) {
            json_decref(array);
            array = NULL;
        }
    }
    return array;
}

json_t *records_json(const struct mef3_session *session, const struct records_list *list)
{
    const struct mef3_session_info *info = mef3_session_info(session);
    json_t *object = json_object();

    if (set(object, "name", json_string(info->name)) &&
        set(object, "times_relative", json_boolean(info->times_relative)) &&
        set(object, "n_records", json_integer((json_int_t)list->n)) &&
        set(object, "n_damaged", json_integer((json_int_t)list->n_damaged)) &&
        set(object, "n_locked", json_integer((json_int_t)list->n_locked)) &&
        set(object, "records", list_json(session, list)))
        return object;
    json_decref(object);
    return NULL;
}
