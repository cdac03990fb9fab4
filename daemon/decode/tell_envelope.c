/* tell_envelope.c - least and greatest of channels in columns of a window.
 *
 *     "MEF3ENV1"                  8 bytes
 *     ui4 n, then n bytes of JSON the head, with spaces behind, so that what follows begins at a
 *                                 multiple of 8
 *     for each channel: ui4 n rows, ui4 0, then rows of 32 bytes:
 *         si8 start, si8 end      from the first sample to the one after the last
 *         sf4 least, sf4 greatest
 *         ui4 kind, ui4 0         0: data; 2: unreadable, and the two numbers are NaN
 *
 * All numbers are little-endian. What no row covers is a gap.
 *
 * A window of few samples is computed from these. One of many is told of by the indices: its
 * columns end where blocks do, a row may begin before the window and end after it, and no block
 * is decoded but those of which the index does not tell the extremes, or that overlap others.
 * Where few columns are enough it is told of from what was learned of the whole before. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "decode/sheets.h"
#include "decode/tell.h"
#include "facts/json.h"

/* Samples of all channels together that are decoded rather than told of by the index. */
enum { FEW_SAMPLES = 16 << 20 };

enum { ROW_BYTES = 32, KIND_DATA = 0, KIND_UNREADABLE = 2 };

static void put_u32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static void put_u64(uint8_t *to, uint64_t value)
{
    put_u32(to, (uint32_t)value);
    put_u32(to + 4, (uint32_t)(value >> 32));
}

static void put_f32(uint8_t *to, float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    put_u32(to, bits);
}

/* --- The window --------------------------------------------------------------------- */

static int learn(struct mef3_session *session, const struct job *job, struct mef3_error *error)
{
    int status = MEF3_OK;

    for (uint32_t i = 0; status == MEF3_OK && i < job->n_items; i++)
        status = mef3_channel_learn(session, job->items[i].channel, error);
    return status;
}

/* From when to when there is something, where the question does not say. */
static void find_window(struct envelope *envelope, const struct job *job)
{
    int64_t start = INT64_MAX, end = INT64_MIN;

    for (uint32_t i = 0; i < job->n_items; i++) {
        const struct mef3_channel_info *info =
            mef3_channel_info(envelope->session, job->items[i].channel);
        if (info->start_uutc == MEF3_NO_TIME)
            continue;
        start = info->start_uutc < start ? info->start_uutc : start;
        end = info->end_uutc > end ? info->end_uutc : end;
    }
    envelope->start_uutc =
        job->question.start_uutc == INT64_MIN + 1 ? start : job->question.start_uutc;
    envelope->end_uutc = job->question.end_uutc == INT64_MAX ? end : job->question.end_uutc;
    if (envelope->end_uutc < envelope->start_uutc)
        envelope->end_uutc = envelope->start_uutc;
}

static bool are_few(const struct envelope *envelope, const struct job *job)
{
    int64_t all = 0, n;

    for (uint32_t i = 0; i < job->n_items; i++) {
        const struct mef3_channel_info *info =
            mef3_channel_info(envelope->session, job->items[i].channel);
        int64_t start =
            info->start_uutc > envelope->start_uutc ? info->start_uutc : envelope->start_uutc;
        int64_t end = info->end_uutc < envelope->end_uutc ? info->end_uutc : envelope->end_uutc;
        if (info->start_uutc == MEF3_NO_TIME || start >= end)
            continue;
        if (mef3_window_samples(start, end, info->rate_hz, &n) == MEF3_OK)
            all = n > FEW_SAMPLES ? FEW_SAMPLES + 1 : all + n;
        if (all > FEW_SAMPLES)
            return false;
    }
    return true;
}

/* --- The answer ---------------------------------------------------------------------- */

static json_t *channels_json(const struct envelope *envelope, const struct job *job)
{
    json_t *array = json_array();

    for (uint32_t i = 0; array && i < job->n_items; i++) {
        const struct mef3_channel_info *info =
            mef3_channel_info(envelope->session, job->items[i].channel);
        json_t *row = json_pack("{s:o,s:o,s:f,s:f}", "name", json_text(info->name), "units",
                                json_text(info->units), "units_factor", info->units_factor,
                                "rate_hz", info->rate_hz);
        if (json_array_append_new(array, row) != 0) {
            json_decref(array);
            array = NULL;
        }
    }
    return array;
}

static int tell_head(const struct envelope *envelope, const struct job *job, const char *level,
                     struct telling_out *out)
{
    static const char SPACES[] = "        ";
    json_t *head = json_pack(
        "{s:o,s:o,s:I,s:I,s:I,s:s,s:I}", "recording", json_text(job->question.text), "channels",
        channels_json(envelope, job), "from", (json_int_t)envelope->start_uutc, "to",
        (json_int_t)envelope->end_uutc, "width", (json_int_t)envelope->width, "level", level,
        "decoded_blocks", (json_int_t)envelope->n_decoded);
    char *text = head ? json_dumps(head, JSON_COMPACT) : NULL;
    uint8_t length[4];

    json_decref(head);
    if (!text)
        return MEF3_ENOMEM;
    size_t n = strlen(text), more = (8 - (n + 12) % 8) % 8;
    put_u32(length, (uint32_t)(n + more));
    tell_bytes(out, "MEF3ENV1", 8);
    tell_bytes(out, length, sizeof length);
    tell_bytes(out, text, n);
    tell_bytes(out, SPACES, more);
    free(text);
    return MEF3_OK;
}

static void tell_row(const struct envelope_row *row, double factor, struct telling_out *out)
{
    const int32_t counts[2] = {row->min, row->max};
    float values[2] = {NAN, NAN};
    uint8_t bytes[ROW_BYTES] = {0};

    if (!row->is_unreadable)
        mef3_counts_to_f32(counts, 2, factor, values);
    bool is_turned = values[0] > values[1]; /* a factor may be negative */
    put_u64(bytes, (uint64_t)row->start_uutc);
    put_u64(bytes + 8, (uint64_t)row->end_uutc);
    put_f32(bytes + 16, values[is_turned]);
    put_f32(bytes + 20, values[!is_turned]);
    put_u32(bytes + 24, row->is_unreadable ? KIND_UNREADABLE : KIND_DATA);
    tell_bytes(out, bytes, sizeof bytes);
}

static void tell_rows(const struct envelope_rows *rows, double factor, struct telling_out *out)
{
    uint8_t n[8] = {0};

    put_u32(n, (uint32_t)rows->n);
    tell_bytes(out, n, sizeof n);
    for (size_t i = 0; i < rows->n; i++)
        tell_row(&rows->items[i], factor, out);
}

/* Whether each channel has so many blocks in the window that columns of whole blocks are as good
 * as any. */
static bool is_index_fine(const struct envelope *envelope, const struct job *job)
{
    double window = (double)envelope->end_uutc - (double)envelope->start_uutc;

    for (uint32_t i = 0; i < job->n_items; i++) {
        size_t channel = job->items[i].channel;
        const struct mef3_channel_info *info = mef3_channel_info(envelope->session, channel);
        double whole = (double)info->end_uutc - (double)info->start_uutc, n_blocks = 0;
        for (size_t k = 0; k < info->n_segments; k++)
            n_blocks += (double)mef3_segment_info(envelope->session, channel, k)->n_blocks;
        if (info->start_uutc != MEF3_NO_TIME &&
            n_blocks * window < 2 * (double)envelope->width * whole)
            return false;
    }
    return true;
}

/* Which way is taken. */
enum level { LEVEL_SAMPLES, LEVEL_PYRAMID, LEVEL_INDEX };
static const char *const LEVEL_NAMES[] = {"samples", "pyramid", "index"};

static enum level choose_level(const struct envelope *envelope, const struct job *job)
{
    if (job->question.way == TELL_FROM_INDEX)
        return LEVEL_INDEX;
    bool is_wanted = job->question.way == TELL_FROM_SAMPLES;
    if (are_few(envelope, job) && (is_wanted || !is_index_fine(envelope, job)))
        return LEVEL_SAMPLES;
    for (uint32_t i = 0; i < job->n_items; i++)
        if (!sheets_suffice(envelope, job->items[i].channel))
            return LEVEL_INDEX;
    return LEVEL_PYRAMID;
}

static int make_rows(const struct open_session *open, struct envelope *envelope, enum level level,
                     size_t channel, struct envelope_rows *rows, struct mef3_error *error)
{
    switch (level) {
    case LEVEL_SAMPLES:
        return envelope_from_samples(envelope, channel, rows, error);
    case LEVEL_PYRAMID:
        return envelope_from_sheet(open->sheets, envelope, channel, rows, error);
    case LEVEL_INDEX:
        break;
    }
    return envelope_from_index(envelope, channel, rows, error);
}

int tell_envelope(const struct open_session *open, const struct job *job, struct telling_out *out,
                  struct mef3_error *error)
{
    struct mef3_session *session = open->session;
    struct envelope envelope = {.session = session, .width = job->question.width};
    struct envelope_rows *rows = calloc(job->n_items + 1, sizeof *rows);
    int status = rows ? learn(session, job, error)
                      : mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);

    if (status == MEF3_OK && envelope.width < 1)
        status = mef3_error_set(error, MEF3_EINVAL, NULL, -1, "width", "at least 1", "0");
    if (status != MEF3_OK) {
        free(rows);
        return status;
    }
    find_window(&envelope, job);
    enum level level = choose_level(&envelope, job);
    if (job->question.way == TELL_FROM_SAMPLES && level != LEVEL_SAMPLES)
        status = mef3_error_set(error, MEF3_ELIMIT, NULL, -1, "samples of the window",
                                "at most 16777216", "more");
    for (uint32_t i = 0; status == MEF3_OK && i < job->n_items; i++)
        status = make_rows(open, &envelope, level, job->items[i].channel, &rows[i], error);
    if (status == MEF3_OK && tell_head(&envelope, job, LEVEL_NAMES[level], out) != MEF3_OK)
        status = mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    for (uint32_t i = 0; i < job->n_items; i++) {
        if (status == MEF3_OK)
            tell_rows(&rows[i], mef3_channel_info(session, job->items[i].channel)->units_factor,
                      out);
        free(rows[i].items);
    }
    free(rows);
    return status;
}
