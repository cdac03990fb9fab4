/* record_make.c - bodies of records. */
#include <mef3/records.h>

#include <string.h>

#include "bytes.h"
#include "layout.h"
#include "record_times.h"

/* Is there room, and where does the length go? */
static int begin(uint8_t *body, size_t n, size_t room, size_t *n_out)
{
    if (n > room)
        return MEF3_ENOSPC;
    memset(body, 0, n);
    *n_out = n;
    return MEF3_OK;
}

/* Room is kept for a zero at the end. */
static bool fits(struct mef3_text text, size_t room)
{
    return text.n < room;
}

static void put(uint8_t *at, struct mef3_text text)
{
    if (text.n > 0)
        memcpy(at, text.at, text.n);
}

static bool is_time(int64_t uutc)
{
    int64_t stored;

    return stored_time_from_uutc(uutc, 0, &stored);
}

/* A text behind n bytes that are zeroed. */
static int make_text(const char *text, size_t n, uint8_t *body, size_t room, size_t *n_out)
{
    size_t n_text = text ? strlen(text) : 0;

    if (n_text > MEF3_MAX_RECORD_BYTES - n - 1)
        return MEF3_EINVAL;
    int status = begin(body, n + n_text + 1, room, n_out);
    if (status == MEF3_OK)
        put(body + n, (struct mef3_text){text, n_text});
    return status;
}

int mef3_record_make_note(const char *text, uint8_t *body_out, size_t room, size_t *n_out)
{
    return make_text(text, 0, body_out, room, n_out);
}

int mef3_record_make_edfa(int64_t duration_us, const char *text, uint8_t *body_out, size_t room,
                          size_t *n_out)
{
    int status = make_text(text, EDFA_TEXT, body_out, room, n_out);

    if (status == MEF3_OK)
        le_put_i64(body_out + EDFA_DURATION, duration_us);
    return status;
}

int mef3_record_make_lntp(const int32_t *counts, size_t n, uint8_t *body_out, size_t room,
                          size_t *n_out)
{
    if (n > (MEF3_MAX_RECORD_BYTES - LNTP_COUNTS) / 4)
        return MEF3_EINVAL;
    int status = begin(body_out, LNTP_COUNTS + 4 * n, room, n_out);
    if (status != MEF3_OK)
        return status;
    le_put_i64(body_out + LNTP_LENGTH, (int64_t)n);
    for (size_t i = 0; i < n; i++)
        le_put_i32(body_out + LNTP_COUNTS + 4 * i, counts[i]);
    return MEF3_OK;
}

int mef3_record_make_seizure(const struct mef3_seizure *seizure,
                             const struct mef3_seizure_channel *channels, uint8_t *body_out,
                             size_t room, size_t *n_out)
{
    size_t n = seizure->n_channels;

    if (!is_time(seizure->onset_uutc) || !is_time(seizure->end_uutc) ||
        !fits(seizure->marker_1, SEIZ_MARKER_BYTES) ||
        !fits(seizure->marker_2, SEIZ_MARKER_BYTES) ||
        !fits(seizure->annotation, SEIZ_ANNOTATION_BYTES) ||
        n > (MEF3_MAX_RECORD_BYTES - SEIZ_CHANNELS) / SEIZ_CHANNEL_BYTES)
        return MEF3_EINVAL;
    for (size_t i = 0; i < n; i++)
        if (!is_time(channels[i].onset_uutc) || !is_time(channels[i].end_uutc) ||
            !fits(channels[i].name, SEIZ_CHANNEL_NAME_BYTES))
            return MEF3_EINVAL;
    int status = begin(body_out, SEIZ_CHANNELS + n * SEIZ_CHANNEL_BYTES, room, n_out);
    if (status != MEF3_OK)
        return status;
    le_put_i64(body_out + SEIZ_ONSET, seizure->onset_uutc);
    le_put_i64(body_out + SEIZ_END, seizure->end_uutc);
    le_put_i64(body_out + SEIZ_DURATION, seizure->duration_us);
    le_put_i32(body_out + SEIZ_N_CHANNELS, (int32_t)n);
    le_put_i32(body_out + SEIZ_ONSET_CODE, seizure->onset_code);
    put(body_out + SEIZ_MARKER_1, seizure->marker_1);
    put(body_out + SEIZ_MARKER_2, seizure->marker_2);
    put(body_out + SEIZ_ANNOTATION, seizure->annotation);
    for (size_t i = 0; i < n; i++) {
        uint8_t *at = body_out + SEIZ_CHANNELS + i * SEIZ_CHANNEL_BYTES;
        put(at + SEIZ_CHANNEL_NAME, channels[i].name);
        le_put_i64(at + SEIZ_CHANNEL_ONSET, channels[i].onset_uutc);
        le_put_i64(at + SEIZ_CHANNEL_END, channels[i].end_uutc);
    }
    return MEF3_OK;
}

int mef3_record_make_csti(const struct mef3_csti *csti, uint8_t *body_out, size_t room,
                          size_t *n_out)
{
    if (!fits(csti->task, CSTI_TEXT_BYTES) || !fits(csti->stimulus, CSTI_TEXT_BYTES) ||
        !fits(csti->response, CSTI_TEXT_BYTES))
        return MEF3_EINVAL;
    int status = begin(body_out, CSTI_BYTES, room, n_out);
    if (status != MEF3_OK)
        return status;
    put(body_out + CSTI_TASK, csti->task);
    le_put_i64(body_out + CSTI_DURATION, csti->duration_us);
    put(body_out + CSTI_STIMULUS, csti->stimulus);
    put(body_out + CSTI_RESPONSE, csti->response);
    return MEF3_OK;
}

int mef3_record_make_esti(const struct mef3_esti *esti, uint8_t *body_out, size_t room,
                          size_t *n_out)
{
    if (!fits(esti->waveform, ESTI_TEXT_BYTES) || !fits(esti->anode, ESTI_TEXT_BYTES) ||
        !fits(esti->cathode, ESTI_TEXT_BYTES))
        return MEF3_EINVAL;
    int status = begin(body_out, ESTI_BYTES, room, n_out);
    if (status != MEF3_OK)
        return status;
    le_put_f64(body_out + ESTI_AMPLITUDE, esti->amplitude);
    le_put_f64(body_out + ESTI_FREQUENCY, esti->frequency_hz);
    le_put_i64(body_out + ESTI_PULSE_WIDTH, esti->pulse_width_us);
    le_put_i32(body_out + ESTI_AMPLITUDE_UNIT, esti->amplitude_unit);
    le_put_i32(body_out + ESTI_MODE, esti->mode);
    put(body_out + ESTI_WAVEFORM, esti->waveform);
    put(body_out + ESTI_ANODE, esti->anode);
    put(body_out + ESTI_CATHODE, esti->cathode);
    return MEF3_OK;
}

int mef3_record_make_cursor(const struct mef3_cursor *cursor, uint8_t *body_out, size_t room,
                            size_t *n_out)
{
    if (!is_time(cursor->trace_uutc) || !fits(cursor->name, CURS_NAME_BYTES))
        return MEF3_EINVAL;
    int status = begin(body_out, CURS_BYTES, room, n_out);
    if (status != MEF3_OK)
        return status;
    le_put_i64(body_out + CURS_ID, cursor->id);
    le_put_i64(body_out + CURS_TRACE_TIME, cursor->trace_uutc);
    le_put_i64(body_out + CURS_LATENCY, cursor->latency_us);
    le_put_f64(body_out + CURS_VALUE, cursor->value);
    put(body_out + CURS_NAME, cursor->name);
    return MEF3_OK;
}

int mef3_record_make_epoch(const struct mef3_epoch *epoch, uint8_t *body_out, size_t room,
                           size_t *n_out)
{
    if (!is_time(epoch->start_uutc) || !is_time(epoch->end_uutc) ||
        !fits(epoch->type, EPOC_TYPE_BYTES) || !fits(epoch->text, EPOC_TEXT_BYTES))
        return MEF3_EINVAL;
    int status = begin(body_out, EPOC_BYTES, room, n_out);
    if (status != MEF3_OK)
        return status;
    le_put_i64(body_out + EPOC_ID, epoch->id);
    le_put_i64(body_out + EPOC_START, epoch->start_uutc);
    le_put_i64(body_out + EPOC_END, epoch->end_uutc);
    le_put_i64(body_out + EPOC_DURATION, epoch->duration_us);
    put(body_out + EPOC_TYPE, epoch->type);
    put(body_out + EPOC_TEXT, epoch->text);
    return MEF3_OK;
}
