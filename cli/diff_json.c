/* diff_json.c - how two recordings differ, as JSON. */
#include "diff.h"

#include <math.h>

#include "json.h"

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *fields_json(const struct diff_fields *fields)
{
    json_t *array = json_array();

    for (size_t i = 0; i < fields->n; i++) {
        const struct diff_field *field = &fields->items[i];
        json_t *object = json_object();
        if (!json_put(object, "name", json_string(field->name)) ||
            !json_put(object, "a", json_text(field->values[0])) ||
            !json_put(object, "b", json_text(field->values[1])) ||
            json_array_append(array, object) != 0) {
            json_decref(object);
            json_decref(array);
            return NULL;
        }
        json_decref(object);
    }
    return array;
}

static json_t *spans_json(const struct diff_channel *channel)
{
    json_t *array = json_array();

    for (size_t i = 0; i < channel->n_spans && i < DIFF_MOST_SPANS; i++) {
        const struct diff_span *span = &channel->spans[i];
        json_t *object = json_object();
        if (!json_put(object, "only_in", json_string(span->only_in == 0 ? "a" : "b")) ||
            !json_put_span(object, span->start_uutc, span->end_uutc) ||
            json_array_append(array, object) != 0) {
            json_decref(object);
            json_decref(array);
            return NULL;
        }
        json_decref(object);
    }
    return array;
}

static bool put_samples(json_t *object, const struct diff_samples *samples)
{
    bool differs = samples->n_different > 0;

    return json_put(object, "n_compared", json_integer(samples->n_compared)) &&
           json_put(object, "n_different", json_integer(samples->n_different)) &&
           json_put(object, "first_uutc",
                    json_uutc(differs ? samples->first_uutc : MEF3_NO_TIME)) &&
           json_put(object, "first", json_moment(differs ? samples->first_uutc : MEF3_NO_TIME)) &&
           json_put(object, "first_a", differs ? number(samples->first_values[0]) : json_null()) &&
           json_put(object, "first_b", differs ? number(samples->first_values[1]) : json_null()) &&
           json_put(object, "greatest", json_real(samples->greatest)) &&
           json_put(object, "n_unreadable_a", json_integer(samples->n_unreadable[0])) &&
           json_put(object, "n_unreadable_b", json_integer(samples->n_unreadable[1]));
}

static json_t *channel_json(const struct diff_channel *channel)
{
    json_t *object = json_object();

    if (json_put(object, "name", json_text(channel->name)) &&
        json_put(object, "equal", json_boolean(diff_channel_is_equal(channel))) &&
        json_put(object, "fields", fields_json(&channel->fields)) &&
        put_samples(object, &channel->samples) &&
        json_put(object, "n_unreadable_segments_a", json_integer((json_int_t)channel->n_bad[0])) &&
        json_put(object, "n_unreadable_segments_b", json_integer((json_int_t)channel->n_bad[1])) &&
        json_put(object, "only_in_a_s", json_real((double)channel->only_us[0] / 1e6)) &&
        json_put(object, "only_in_b_s", json_real((double)channel->only_us[1] / 1e6)) &&
        json_put(object, "n_spans", json_integer((json_int_t)channel->n_spans)) &&
        json_put(object, "spans", spans_json(channel)))
        return object;
    json_decref(object);
    return NULL;
}

/* The names of those that only one has (0, 1), or what is to be said of those that both have (-1).
 */
static json_t *channels_json(const struct diff *diff, int only_in)
{
    json_t *array = json_array();

    for (size_t i = 0; i < diff->n; i++) {
        const struct diff_channel *channel = &diff->channels[i];
        if (channel->only_in != only_in)
            continue;
        json_t *item = only_in < 0 ? channel_json(channel) : json_text(channel->name);
        if (json_array_append_new(array, item) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

bool diff_print_json(FILE *to, const struct diff *diff)
{
    json_t *object = json_object();

    if (json_put(object, "a", json_text(diff->paths[0])) &&
        json_put(object, "b", json_text(diff->paths[1])) &&
        json_put(object, "equal", json_boolean(diff_is_equal(diff))) &&
        json_put(object, "fields", fields_json(&diff->fields)) &&
        json_put(object, "only_in_a", channels_json(diff, 0)) &&
        json_put(object, "only_in_b", channels_json(diff, 1)) &&
        json_put(object, "channels", channels_json(diff, -1)))
        return json_print(to, object);
    json_decref(object);
    return false;
}
