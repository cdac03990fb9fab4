/* catalogue.c - what the server is to know of a recording, told to it. */
#include "decode/catalogue.h"

#include <mef3/read.h>

#include "decode/look.h"

/* With more segments, the work is shared: reading the metadata of so many takes longer than
 * asking once more. */
enum { SMALL = 64 };

/* A segment whose metadata are damaged: present, and not what they should be.
 * A segment that is locked, or has no metadata at all (an interrupted copy, an
 * empty folder), costs only itself. */
static const struct mef3_segment_info *find_damaged(const struct mef3_session *session,
                                                    size_t channel)
{
    for (size_t s = 0; s < mef3_channel_info(session, channel)->n_segments; s++) {
        const struct mef3_segment_info *segment = mef3_segment_info(session, channel, s);
        if (segment->status != MEF3_OK && segment->status != MEF3_EPASSWORD &&
            segment->status != MEF3_ENOENT)
            return segment;
    }
    return NULL;
}

static const struct mef3_segment_info *find_locked(const struct mef3_session *session,
                                                   size_t channel)
{
    for (size_t s = 0; s < mef3_channel_info(session, channel)->n_segments; s++) {
        const struct mef3_segment_info *segment = mef3_segment_info(session, channel, s);
        if (segment->status == MEF3_EPASSWORD)
            return segment;
    }
    return NULL;
}

/* When a segment is: as its header says. Where there is none, from the end of the
 * segment before to the start of the one behind: so long its samples are missed. */
static struct segment_row row_of(const struct mef3_session *session, size_t channel, size_t s,
                                 const struct segment_row *last)
{
    const struct mef3_segment_info *segment = mef3_segment_info(session, channel, s);
    struct segment_row row = {segment->number, segment->start_uutc, segment->end_uutc};

    if (segment->number == last->number)
        row = *last;
    if (row.start_uutc != MEF3_NO_TIME)
        return row;
    const struct mef3_segment_info *before = s ? mef3_segment_info(session, channel, s - 1) : NULL;
    const struct mef3_segment_info *behind = mef3_segment_info(session, channel, s + 1);
    if (before && behind && before->end_uutc != MEF3_NO_TIME) {
        row.start_uutc = before->end_uutc;
        row.end_uutc =
            behind->start_uutc > before->end_uutc ? behind->start_uutc : before->end_uutc;
    }
    return row;
}

static void send_segments(struct answering *to, const struct mef3_session *session, size_t channel,
                          size_t n, const struct segment_row *last)
{
    for (size_t at = 0; at < n; at += ROWS_PER_ANSWER) {
        size_t rows = n - at < ROWS_PER_ANSWER ? n - at : ROWS_PER_ANSWER;
        struct packer *p =
            answer_rows_begin(to, ANSWER_SEGMENTS, (uint32_t)channel, (uint32_t)rows);
        for (size_t i = at; i < at + rows; i++) {
            struct segment_row row = row_of(session, channel, i, last);
            segment_row_pack(p, &row);
        }
        answer_rows_send(to);
    }
}

/* A channel that can be served: some segment of it can be read. Its last segment may still
 * be written to: when that one ends, its index knows. */
static void send_channel(struct answering *to, const struct open_session *open, size_t channel)
{
    const struct mef3_channel_info *info = mef3_channel_info(open->session, channel);
    size_t n = info->n_segments;
    int64_t start = info->start_uutc, end = info->end_uutc;

    if (info->status != MEF3_OK || n == 0)
        return;
    const struct mef3_segment_info *segment = mef3_segment_info(open->session, channel, n - 1);
    int32_t first = mef3_segment_info(open->session, channel, 0)->number;
    struct segment_row last = {.number = -1};
    if (segment->status == MEF3_OK) {
        last.number = segment->number;
        if (mef3_segment_span(open->session, channel, n - 1, &last.start_uutc, &last.end_uutc,
                              NULL) != MEF3_OK)
            return;
        start = start == MEF3_NO_TIME ? last.start_uutc : start;
        end = end == MEF3_NO_TIME || last.end_uutc > end ? last.end_uutc : end;
    }
    if (start == MEF3_NO_TIME)
        return;
    answer_send(to, (struct answer){.kind = ANSWER_CHANNEL,
                                    .channel = {info->name, info->rate_hz, info->units_factor,
                                                start, end, (uint32_t)channel, (uint32_t)n,
                                                look_stamp(open->canonical, info->name, first,
                                                           segment->number)}});
    send_segments(to, open->session, channel, n, &last);
}

static int answer_channel(struct answering *to, const struct open_session *open, size_t channel,
                          struct mef3_error *error)
{
    int status = mef3_channel_learn(open->session, channel, error);

    if (status != MEF3_OK)
        return status;
    const struct mef3_segment_info *damaged = find_damaged(open->session, channel);
    const struct mef3_segment_info *locked = find_locked(open->session, channel);
    if (damaged) {
        answer_failed_item(to, (uint32_t)channel, damaged->error, 0, 0);
        return MEF3_OK;
    }
    if (locked) /* a part of it, or all */
        answer_failed_item(to, (uint32_t)channel, locked->error, 0, 0);
    send_channel(to, open, channel);
    return MEF3_OK;
}

static int say(int status, const struct mef3_error *error, char *text, size_t room)
{
    if (status != MEF3_OK)
        mef3_error_text(error, text, room);
    return status;
}

int catalogue_channels(struct answering *to, const struct open_session *open,
                       const struct job_item *items, size_t n, char *text, size_t room)
{
    struct mef3_error error;
    int status = MEF3_OK;

    for (size_t i = 0; status == MEF3_OK && i < n; i++)
        status = answer_channel(to, open, items[i].channel, &error);
    return say(status, &error, text, room);
}

/* The channels that have segments. */
static void send_listed(struct answering *to, const struct mef3_session *session, size_t n_channels)
{
    struct listed_row rows[ROWS_PER_ANSWER];
    uint32_t n = 0;

    for (size_t c = 0; c < n_channels; c++) {
        size_t n_segments = mef3_channel_info(session, c)->n_segments;
        if (n_segments > 0)
            rows[n++] = (struct listed_row){(uint32_t)c, (uint32_t)n_segments};
        if (n > 0 && (n == ROWS_PER_ANSWER || c + 1 == n_channels)) {
            struct packer *p = answer_rows_begin(to, ANSWER_LISTED, 0, n);
            for (uint32_t i = 0; i < n; i++)
                listed_row_pack(p, &rows[i]);
            answer_rows_send(to);
            n = 0;
        }
    }
}

int catalogue_open(struct answering *to, const struct open_session *open, char *text, size_t room)
{
    size_t n_channels = mef3_session_info(open->session)->n_channels;
    size_t n_segments = 0;
    struct mef3_error error;
    int status = MEF3_OK;

    for (size_t c = 0; status == MEF3_OK && c < n_channels; c++) {
        status = mef3_channel_list(open->session, c, &error);
        n_segments += mef3_channel_info(open->session, c)->n_segments;
    }
    if (status != MEF3_OK)
        return say(status, &error, text, room);
    answer_send(to, (struct answer){.kind = ANSWER_SESSION,
                                    .session = {open->canonical, open->identity,
                                                (uint32_t)n_channels, open->fingerprint}});
    if (n_segments > SMALL) {
        send_listed(to, open->session, n_channels);
        return MEF3_OK;
    }
    for (size_t c = 0; status == MEF3_OK && c < n_channels; c++)
        status = answer_channel(to, open, c, &error);
    return say(status, &error, text, room);
}
