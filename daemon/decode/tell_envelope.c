/* tell_envelope.c - least and greatest of channels in columns of a window.
 *
 *     "MEF3ENV1"                  8 bytes
 *     ui4 n, then n bytes of JSON the head, with spaces behind, so that what follows begins at a
 *                                 multiple of 8
 *     for each channel: ui4 n rows, ui4 blocks that were decoded for them, then rows of 32 bytes:
 *         si8 start, si8 end      from the first sample to the one after the last
 *         sf4 least, sf4 greatest
 *         ui4 kind, ui4 0         0: data; 2: unreadable, and the two numbers are NaN
 *
 * All numbers are little-endian. What no row covers is a gap.
 *
 * A window of few samples is computed from these. One of many is told of by the indices: its
 * columns end where blocks do, a row may begin before the window and end after it, and no block
 * is decoded but those of which the index does not tell the extremes, or that overlap others.
 * Where few columns are enough it is told of from what was learned of the whole before.
 *
 * Workers make it together: each is asked for a part of the channels, and the first tells the head
 * too. What is chosen depends on all channels, and so is the same for all of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "decode/sheets.h"
#include "decode/tell.h"
#include "facts/json.h"

/* What is decoded rather than told of by the index: samples of all channels together, where a block
 * costs as much as so many of them. For each worker that shares in it (a few, where there are many)
 * that is some 40 ms. Who asks for samples gets up to as many as two workers would decode. */
enum { FEW_SAMPLES = 8 << 20, BLOCK_COST = 128, MOST_SHARES = 4, MOST_SAMPLES = 16 << 20 };

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

static int no_memory(struct mef3_error *error)
{
    return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
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

/* What a channel has in the window. Of the blocks it is an estimate: as if all were equally long.
 */
struct amount {
    int64_t samples;
    double blocks;
};

static struct amount amount_of(const struct envelope *envelope, size_t channel)
{
    const struct mef3_channel_info *info = mef3_channel_info(envelope->session, channel);
    int64_t start =
        info->start_uutc > envelope->start_uutc ? info->start_uutc : envelope->start_uutc;
    int64_t end = info->end_uutc < envelope->end_uutc ? info->end_uutc : envelope->end_uutc;
    struct amount amount = {0};

    if (info->start_uutc == MEF3_NO_TIME || start >= end)
        return amount;
    for (size_t k = 0; k < info->n_segments; k++)
        amount.blocks += (double)mef3_segment_info(envelope->session, channel, k)->n_blocks;
    amount.blocks *=
        ((double)end - (double)start) / ((double)info->end_uutc - (double)info->start_uutc);
    if (mef3_window_samples(start, end, info->rate_hz, &amount.samples) != MEF3_OK)
        amount.samples = INT64_MAX / JOB_MAX_ITEMS;
    return amount;
}

/* Of all channels. *is_fine_out: each has as many blocks as there are columns, so that columns of
 * whole blocks are as good as any. */
static double count_samples(const struct envelope *envelope, const struct job *job,
                            double *blocks_out, bool *is_fine_out)
{
    double samples = 0;

    *blocks_out = 0;
    *is_fine_out = true;
    for (uint32_t i = 0; i < job->n_items; i++) {
        struct amount amount = amount_of(envelope, job->items[i].channel);
        samples += (double)amount.samples;
        *blocks_out += amount.blocks;
        *is_fine_out &= amount.samples == 0 || amount.blocks >= (double)envelope->width;
    }
    return samples;
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
        "{s:o,s:o,s:I,s:I,s:I,s:s}", "recording", json_text(job->question.text), "channels",
        channels_json(envelope, job), "from", (json_int_t)envelope->start_uutc, "to",
        (json_int_t)envelope->end_uutc, "width", (json_int_t)envelope->width, "level", level);
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
    uint8_t n[8];

    put_u32(n, (uint32_t)rows->n);
    put_u32(n + 4, (uint32_t)rows->n_decoded);
    tell_bytes(out, n, sizeof n);
    for (size_t i = 0; i < rows->n; i++)
        tell_row(&rows->items[i], factor, out);
}

/* Which way is taken. */
enum level { LEVEL_SAMPLES, LEVEL_PYRAMID, LEVEL_INDEX };
static const char *const LEVEL_NAMES[] = {"samples", "pyramid", "index"};

static enum level choose_level(const struct envelope *envelope, const struct job *job)
{
    if (job->question.way == TELL_FROM_INDEX)
        return LEVEL_INDEX;
    bool is_fine;
    double blocks, samples = count_samples(envelope, job, &blocks, &is_fine);
    if (job->question.way == TELL_FROM_SAMPLES && samples <= MOST_SAMPLES)
        return LEVEL_SAMPLES;
    uint32_t shares = job->question.n_parts < MOST_SHARES ? job->question.n_parts : MOST_SHARES;
    if (!is_fine && samples + BLOCK_COST * blocks <= (double)FEW_SAMPLES * shares)
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

/* Rows of items first .. end - 1, all made before any is told: until then it may fail. */
static int tell_part(const struct open_session *open, struct envelope *envelope,
                     const struct job *job, enum level level, struct telling_out *out,
                     struct mef3_error *error)
{
    const struct job_question *question = &job->question;
    uint32_t first = (uint32_t)((uint64_t)job->n_items * question->part / question->n_parts);
    uint32_t end = (uint32_t)((uint64_t)job->n_items * (question->part + 1) / question->n_parts);
    struct envelope_rows *rows = calloc(job->n_items + 1, sizeof *rows);
    int status = rows ? MEF3_OK : no_memory(error);

    for (uint32_t i = first; status == MEF3_OK && i < end; i++) {
        envelope->n_decoded = 0;
        status = make_rows(open, envelope, level, job->items[i].channel, &rows[i], error);
        rows[i].n_decoded = envelope->n_decoded;
        tell_alive(out);
    }
    if (status == MEF3_OK && question->part == 0 &&
        tell_head(envelope, job, LEVEL_NAMES[level], out) != MEF3_OK)
        status = no_memory(error);
    for (uint32_t i = first; rows && i < end; i++) {
        if (status == MEF3_OK)
            tell_rows(&rows[i],
                      mef3_channel_info(open->session, job->items[i].channel)->units_factor, out);
        free(rows[i].items);
    }
    free(rows);
    return status;
}

int tell_envelope(const struct open_session *open, const struct job *job, struct telling_out *out,
                  struct mef3_error *error)
{
    struct envelope envelope = {
        .session = open->session, .losses = open->losses, .width = job->question.width};
    int status = learn(open->session, job, error);

    if (status == MEF3_OK && envelope.width < 1)
        status = mef3_error_set(error, MEF3_EINVAL, NULL, -1, "width", "at least 1", "0");
    if (status != MEF3_OK)
        return status;
    find_window(&envelope, job);
    enum level level = choose_level(&envelope, job);
    if (job->question.way == TELL_FROM_SAMPLES && level != LEVEL_SAMPLES)
        return mef3_error_set(error, MEF3_ELIMIT, NULL, -1, "samples of the window",
                              "at most 16777216", "more");
    return tell_part(open, &envelope, job, level, out, error);
}
