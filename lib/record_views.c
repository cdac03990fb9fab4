/* record_views.c - what the bytes of a record's body say. */
#include <mef3/records.h>

#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "layout.h"
#include "text.h"
#include "universal_header.h"

/* Is it a whole record of that type, with a body of `least` bytes? */
static int check(const struct mef3_record *record, const char *type, size_t least,
                 struct mef3_error *error)
{
    char expected[64];
    char found[64];

    if (record->status != MEF3_OK || strcmp(record->type, type) != 0)
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "record", type,
                              record->status == MEF3_OK ? record->type : "one without a body");
    if (record->n_body >= least)
        return MEF3_OK;
    snprintf(expected, sizeof expected, "%zu of a record %s", least, type);
    snprintf(found, sizeof found, "%zu", record->n_body);
    return mef3_error_set(error, MEF3_EFORMAT, NULL, (int64_t)record->file_offset, "body bytes",
                          expected, found);
}

/* A field: up to its first zero. */
static struct mef3_text field(const uint8_t *body, size_t at, size_t n)
{
    const char *text = (const char *)body + at;

    return (struct mef3_text){text, strnlen(text, n)};
}

/* The rest of the body, up to the first zero. Where a text was cut short there is none, but
 * perhaps what fills the body up. */
static struct mef3_text rest(const struct mef3_record *record, size_t at)
{
    struct mef3_text text = field(record->body, at, record->n_body - at);

    if (text.n == record->n_body - at)
        for (int i = 0; i < REC_ALIGN - 1 && text.n > 0 && text.at[text.n - 1] == REC_FILL; i++)
            text.n--;
    return text;
}

static int64_t time_at(const struct mef3_record *record, const uint8_t *at)
{
    return stored_time_to_uutc(le_i64(at), record->time_offset);
}

size_t mef3_text_utf8(struct mef3_text text, char *text_out, size_t room)
{
    return text_clean((const uint8_t *)text.at, text.n, text_out, room);
}

int mef3_record_note(const struct mef3_record *record, struct mef3_text *text_out,
                     struct mef3_error *error)
{
    const char *type = strcmp(record->type, "SyLg") == 0 ? "SyLg" : "Note";

    int status = check(record, type, 0, error);
    if (status == MEF3_OK)
        *text_out = rest(record, 0);
    return status;
}

int mef3_record_edfa(const struct mef3_record *record, struct mef3_edfa *edfa_out,
                     struct mef3_error *error)
{
    int status = check(record, "EDFA", EDFA_TEXT, error);

    if (status == MEF3_OK)
        *edfa_out =
            (struct mef3_edfa){le_i64(record->body + EDFA_DURATION), rest(record, EDFA_TEXT)};
    return status;
}

static size_t filled_up(size_t n)
{
    return (n + REC_ALIGN - 1) / REC_ALIGN * REC_ALIGN;
}

/* The definition has counts of four bytes, one writer makes them eight. The length of the body
 * tells which, or, where both come to the same, what follows the shorter ones. */
static int bytes_a_count(const struct mef3_record *record, size_t n)
{
    size_t as_fours = LNTP_COUNTS + 4 * n;
    size_t as_eights = LNTP_COUNTS + 8 * n;

    if (record->n_body != filled_up(as_eights) && record->n_body != as_eights)
        return 4;
    if (record->n_body != filled_up(as_fours) && record->n_body != as_fours)
        return 8;
    for (size_t i = as_fours; i < record->n_body; i++)
        if (record->body[i] != REC_FILL)
            return 8;
    return 4;
}

int mef3_record_lntp(const struct mef3_record *record, struct mef3_lntp *lntp_out,
                     struct mef3_error *error)
{
    char expected[64];
    char found[64];

    int status = check(record, "LNTP", LNTP_COUNTS, error);
    if (status != MEF3_OK)
        return status;
    int64_t n = le_i64(record->body + LNTP_LENGTH);
    size_t most = (record->n_body - LNTP_COUNTS) / 4;
    if (n < 0 || (uint64_t)n > most) {
        snprintf(expected, sizeof expected, "0 to %zu", most);
        snprintf(found, sizeof found, "%lld", (long long)n);
        return mef3_error_set(error, MEF3_EFORMAT, NULL, (int64_t)record->file_offset,
                              "length of the template", expected, found);
    }
    *lntp_out = (struct mef3_lntp){
        .n = (size_t)n,
        .counts = record->body + LNTP_COUNTS,
        .count_bytes = bytes_a_count(record, (size_t)n),
    };
    return MEF3_OK;
}

void mef3_lntp_counts(const struct mef3_lntp *lntp, int32_t *counts_out)
{
    for (size_t i = 0; i < lntp->n; i++) {
        const uint8_t *at = lntp->counts + i * (size_t)lntp->count_bytes;
        int64_t count = lntp->count_bytes == 8 ? le_i64(at) : le_i32(at);
        counts_out[i] = (int32_t)(count > INT32_MAX   ? INT32_MAX
                                  : count < INT32_MIN ? INT32_MIN
                                                      : count);
    }
}

int mef3_record_seizure(const struct mef3_record *record, struct mef3_seizure *seizure_out,
                        struct mef3_error *error)
{
    const uint8_t *body = record->body;
    char expected[64];
    char found[64];

    int status = check(record, "Seiz", SEIZ_CHANNELS, error);
    if (status != MEF3_OK)
        return status;
    int32_t n_channels = le_i32(body + SEIZ_N_CHANNELS);
    size_t most = (record->n_body - SEIZ_CHANNELS) / SEIZ_CHANNEL_BYTES;
    if (n_channels < 0 || (size_t)n_channels > most) {
        snprintf(expected, sizeof expected, "0 to %zu", most);
        snprintf(found, sizeof found, "%d", n_channels);
        return mef3_error_set(error, MEF3_EFORMAT, NULL, (int64_t)record->file_offset,
                              "number of channels", expected, found);
    }
    *seizure_out = (struct mef3_seizure){
        .onset_uutc = time_at(record, body + SEIZ_ONSET),
        .end_uutc = time_at(record, body + SEIZ_END),
        .duration_us = le_i64(body + SEIZ_DURATION),
        .onset_code = le_i32(body + SEIZ_ONSET_CODE),
        .marker_1 = field(body, SEIZ_MARKER_1, SEIZ_MARKER_BYTES),
        .marker_2 = field(body, SEIZ_MARKER_2, SEIZ_MARKER_BYTES),
        .annotation = field(body, SEIZ_ANNOTATION, SEIZ_ANNOTATION_BYTES),
        .n_channels = (size_t)n_channels,
    };
    return MEF3_OK;
}

int mef3_record_seizure_channel(const struct mef3_record *record, size_t i,
                                struct mef3_seizure_channel *channel_out, struct mef3_error *error)
{
    struct mef3_seizure seizure;

    int status = mef3_record_seizure(record, &seizure, error);
    if (status != MEF3_OK)
        return status;
    if (i >= seizure.n_channels)
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "channel of a seizure", NULL, NULL);
    const uint8_t *at = record->body + SEIZ_CHANNELS + i * SEIZ_CHANNEL_BYTES;
    *channel_out = (struct mef3_seizure_channel){
        .name = field(at, SEIZ_CHANNEL_NAME, SEIZ_CHANNEL_NAME_BYTES),
        .onset_uutc = time_at(record, at + SEIZ_CHANNEL_ONSET),
        .end_uutc = time_at(record, at + SEIZ_CHANNEL_END),
    };
    return MEF3_OK;
}

int mef3_record_csti(const struct mef3_record *record, struct mef3_csti *csti_out,
                     struct mef3_error *error)
{
    int status = check(record, "CSti", CSTI_BYTES, error);

    if (status == MEF3_OK)
        *csti_out = (struct mef3_csti){
            .task = field(record->body, CSTI_TASK, CSTI_TEXT_BYTES),
            .duration_us = le_i64(record->body + CSTI_DURATION),
            .stimulus = field(record->body, CSTI_STIMULUS, CSTI_TEXT_BYTES),
            .response = field(record->body, CSTI_RESPONSE, CSTI_TEXT_BYTES),
        };
    return status;
}

int mef3_record_esti(const struct mef3_record *record, struct mef3_esti *esti_out,
                     struct mef3_error *error)
{
    const uint8_t *body = record->body;
    int status = check(record, "ESti", ESTI_BYTES, error);

    if (status == MEF3_OK)
        *esti_out = (struct mef3_esti){
            .amplitude = le_f64(body + ESTI_AMPLITUDE),
            .frequency_hz = le_f64(body + ESTI_FREQUENCY),
            .pulse_width_us = le_i64(body + ESTI_PULSE_WIDTH),
            .amplitude_unit = le_i32(body + ESTI_AMPLITUDE_UNIT),
            .mode = le_i32(body + ESTI_MODE),
            .waveform = field(body, ESTI_WAVEFORM, ESTI_TEXT_BYTES),
            .anode = field(body, ESTI_ANODE, ESTI_TEXT_BYTES),
            .cathode = field(body, ESTI_CATHODE, ESTI_TEXT_BYTES),
        };
    return status;
}

int mef3_record_cursor(const struct mef3_record *record, struct mef3_cursor *cursor_out,
                       struct mef3_error *error)
{
    const uint8_t *body = record->body;
    int status = check(record, "Curs", CURS_BYTES, error);

    if (status == MEF3_OK)
        *cursor_out = (struct mef3_cursor){
            .id = le_i64(body + CURS_ID),
            .trace_uutc = time_at(record, body + CURS_TRACE_TIME),
            .latency_us = le_i64(body + CURS_LATENCY),
            .value = le_f64(body + CURS_VALUE),
            .name = field(body, CURS_NAME, CURS_NAME_BYTES),
        };
    return status;
}

int mef3_record_epoch(const struct mef3_record *record, struct mef3_epoch *epoch_out,
                      struct mef3_error *error)
{
    const uint8_t *body = record->body;
    int status = check(record, "Epoc", EPOC_BYTES, error);

    if (status == MEF3_OK)
        *epoch_out = (struct mef3_epoch){
            .id = le_i64(body + EPOC_ID),
            .start_uutc = time_at(record, body + EPOC_START),
            .end_uutc = time_at(record, body + EPOC_END),
            .duration_us = le_i64(body + EPOC_DURATION),
            .type = field(body, EPOC_TYPE, EPOC_TYPE_BYTES),
            .text = field(body, EPOC_TEXT, EPOC_TEXT_BYTES),
        };
    return status;
}
