/* diff_fields.c - the fields in which two recordings differ. */
#include "diff.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool add(struct diff_fields *fields, const char *name, const char *a, const char *b)
{
    if (strcmp(a, b) == 0)
        return true;
    struct diff_field *field = &fields->items[fields->n];
    *field = (struct diff_field){.name = name, .values = {strdup(a), strdup(b)}};
    fields->n++;
    return field->values[0] && field->values[1];
}

/* The fewest digits that tell the number from its neighbours. */
static const char *number_text(double value, char text[40])
{
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, 40, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    return text;
}

static bool add_number(struct diff_fields *fields, const char *name, double a, double b)
{
    char x[40], y[40];

    return add(fields, name, number_text(a, x), number_text(b, y));
}

/* Of fields in which -1 is "not known". */
static bool add_known(struct diff_fields *fields, const char *name, double a, double b)
{
    char x[40], y[40];

    return add(fields, name, a < 0 ? "not known" : number_text(a, x),
               b < 0 ? "not known" : number_text(b, y));
}

static const char *offset_text(int32_t seconds, char text[40])
{
    if (seconds == -86401)
        return "not known";
    snprintf(text, 40, "%" PRId32 " s", seconds);
    return text;
}

bool diff_session_fields(struct diff *diff)
{
    const struct mef3_session_info *a = mef3_session_info(diff->sessions[0]);
    const struct mef3_session_info *b = mef3_session_info(diff->sessions[1]);
    struct diff_fields *fields = &diff->fields;
    char x[40], y[40];

    return add(fields, "session description", a->session_description, b->session_description) &&
           add(fields, "subject name 1", a->subject_name_1, b->subject_name_1) &&
           add(fields, "subject name 2", a->subject_name_2, b->subject_name_2) &&
           add(fields, "subject ID", a->subject_id, b->subject_id) &&
           add(fields, "recording location", a->recording_location, b->recording_location) &&
           add(fields, "GMT offset", offset_text(a->gmt_offset_s, x),
               offset_text(b->gmt_offset_s, y)) &&
           add_number(fields, "video channels", (double)a->n_video_channels,
                      (double)b->n_video_channels);
}

bool diff_channel_fields(struct diff *diff, struct diff_channel *channel)
{
    const struct mef3_channel_info *a = mef3_channel_info(diff->sessions[0], channel->numbers[0]);
    const struct mef3_channel_info *b = mef3_channel_info(diff->sessions[1], channel->numbers[1]);
    struct diff_fields *fields = &channel->fields;

    if (!add_number(fields, "rate (Hz)", a->rate_hz, b->rate_hz))
        return false;
    if (!diff->with_metadata)
        return true;
    return add_number(fields, "units factor", a->units_factor, b->units_factor) &&
           add(fields, "units", a->units, b->units) &&
           add(fields, "description", a->description, b->description) &&
           add(fields, "reference", a->reference, b->reference) &&
           add_known(fields, "acquisition number", (double)a->acquisition_number,
                     (double)b->acquisition_number) &&
           add_known(fields, "low filter (Hz)", a->low_filter_hz, b->low_filter_hz) &&
           add_known(fields, "high filter (Hz)", a->high_filter_hz, b->high_filter_hz) &&
           add_known(fields, "notch (Hz)", a->notch_hz, b->notch_hz) &&
           add_known(fields, "line (Hz)", a->line_hz, b->line_hz);
}
