/* catalogue.c - what the server is to know of a recording, told to it. */
#include "decode/catalogue.h"

#include <stdio.h>
#include <string.h>

/* A segment whose metadata are damaged: present, and not what they should be.
 * A segment that is locked, or has no metadata at all (an interrupted copy, an
 * empty folder), costs only itself. */
static const struct mef3_segment_info *find_damaged(const struct mef3_session *session)
{
    for (size_t c = 0; c < mef3_session_info(session)->n_channels; c++) {
        for (size_t s = 0; s < mef3_channel_info(session, c)->n_segments; s++) {
            const struct mef3_segment_info *segment = mef3_segment_info(session, c, s);
            if (segment->status != MEF3_OK && segment->status != MEF3_EPASSWORD &&
                segment->status != MEF3_ENOENT)
                return segment;
        }
    }
    return NULL;
}

/* A channel that can be served: some segment of it can be read. */
static bool is_served(const struct mef3_channel_info *channel)
{
    return channel->status == MEF3_OK && channel->start_uutc != MEF3_NO_TIME;
}

static int check(const struct open_session *open, const char *path, char *text, size_t room)
{
    const struct mef3_session_info *info = mef3_session_info(open->session);
    const struct mef3_segment_info *damaged = find_damaged(open->session);

    if (damaged) {
        int n = snprintf(text, room, "Damaged recording: %s: ", path);
        if (n > 0 && (size_t)n < room)
            mef3_error_text(damaged->error, text + n, room - (size_t)n);
        return damaged->status;
    }
    for (size_t c = 0; c < info->n_channels; c++)
        if (is_served(mef3_channel_info(open->session, c)))
            return MEF3_OK;
    if (info->n_locked > 0) {
        snprintf(text, room, "The recording is encrypted and its password is missing or wrong: %s",
                 path);
        return MEF3_EPASSWORD;
    }
    snprintf(text, room, "The recording has no channels with data: %s", path);
    return MEF3_EFORMAT;
}

/* When a segment is: as its header says. Where there is none, from the end of the
 * segment before to the start of the one behind: so long its samples are missed. */
static struct segment_row row_of(const struct mef3_session *session, size_t channel, size_t s)
{
    const struct mef3_segment_info *segment = mef3_segment_info(session, channel, s);
    struct segment_row row = {segment->number, segment->start_uutc, segment->end_uutc};

    if (segment->start_uutc != MEF3_NO_TIME)
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
                          size_t n)
{
    for (size_t at = 0; at < n; at += ROWS_PER_ANSWER) {
        size_t rows = n - at < ROWS_PER_ANSWER ? n - at : ROWS_PER_ANSWER;
        struct packer *p =
            answer_rows_begin(to, ANSWER_SEGMENTS, (uint32_t)channel, (uint32_t)rows);
        for (size_t i = at; i < at + rows; i++) {
            struct segment_row row = row_of(session, channel, i);
            segment_row_pack(p, &row);
        }
        answer_rows_send(to);
    }
}

int catalogue_answer(struct answering *to, const struct open_session *open, const char *path,
                     char *text, size_t room)
{
    size_t n_channels = mef3_session_info(open->session)->n_channels;
    uint32_t n_served = 0;
    int status = check(open, path, text, room);

    if (status != MEF3_OK)
        return status;
    for (size_t c = 0; c < n_channels; c++)
        n_served += is_served(mef3_channel_info(open->session, c));
    answer_send(to, (struct answer){.kind = ANSWER_SESSION,
                                    .session = {open->canonical, open->identity, n_served}});
    for (size_t c = 0; c < n_channels; c++) {
        const struct mef3_channel_info *info = mef3_channel_info(open->session, c);
        if (!is_served(info))
            continue;
        answer_send(to,
                    (struct answer){
                        .kind = ANSWER_CHANNEL,
                        .channel = {info->name, info->rate_hz, info->units_factor, info->start_uutc,
                                    info->end_uutc, (uint32_t)c, (uint32_t)info->n_segments},
                    });
        send_segments(to, open->session, c, info->n_segments);
    }
    return MEF3_OK;
}
