/* tell.c - a question in, its answer out, in pieces. */
#include "decode/tell.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* What waits to be sent: jansson gives texts of a few bytes. */
struct telling_out {
    struct answering *to;
    time_t sent_s; /* when the last of it was */
    uint32_t n;
    uint8_t bytes[BYTES_PER_ANSWER];
};

static time_t clock_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return now.tv_sec;
}

static void send(struct telling_out *out)
{
    answer_send(out->to, (struct answer){.kind = ANSWER_BYTES, .bytes = {out->bytes, out->n}});
    out->n = 0;
    out->sent_s = clock_s();
}

void tell_alive(struct telling_out *out)
{
    if (clock_s() > out->sent_s)
        send(out);
}

void tell_bytes(struct telling_out *out, const void *from, size_t n)
{
    const uint8_t *bytes = from;

    while (n > 0) {
        size_t k = sizeof out->bytes - out->n;
        k = n < k ? n : k;
        memcpy(out->bytes + out->n, bytes, k);
        out->n += (uint32_t)k;
        bytes += k;
        n -= k;
        if (out->n == sizeof out->bytes)
            send(out);
    }
}

static int on_text(const char *text, size_t n, void *arg)
{
    tell_bytes(arg, text, n);
    return 0;
}

static int send_json(struct telling_out *out, json_t *json)
{
    if (!json)
        return MEF3_ENOMEM;
    int failed = json_dump_callback(json, on_text, out, JSON_COMPACT);
    json_decref(json);
    return failed ? MEF3_ENOMEM : MEF3_OK;
}

/* Of these the metadata of all segments are read: sessions that jobs keep open are lazy. */
static int tell_whole(struct telling_out *out, struct sessions *sessions, const struct job *job,
                      struct mef3_error *error, char *text, size_t room)
{
    struct mef3_session *session;
    json_t *json = NULL;
    bool by_list;
    int status = sessions_open_whole(sessions, job->path, job->identity, job->password, &session,
                                     &by_list, text, room);

    if (status != MEF3_OK)
        return status;
    if (job->question.what == TELL_METADATA)
        status = tell_metadata(session, job->path, by_list, &json, error);
    else if (job->question.what == TELL_RECORDS)
        status = tell_records(session, job, by_list, &json, error);
    else
        status = tell_picture(session, job, by_list, out, error);
    mef3_session_close(session);
    if (status != MEF3_OK) {
        mef3_error_text(error, text, room);
        return status;
    }
    if (job->question.what != TELL_PICTURE) /* which is sent as it is painted */
        status = send_json(out, json);
    if (status != MEF3_OK)
        snprintf(text, room, "%s", mef3_status_text(status));
    return status;
}

static int tell_open(struct telling_out *out, struct sessions *sessions, const struct job *job,
                     struct mef3_error *error, char *text, size_t room)
{
    struct open_session open;
    json_t *json = NULL;
    int status = sessions_get(sessions, job->path, job->identity, job->opening, job->password,
                              &open, text, room);

    if (status != MEF3_OK)
        return status;
    if (job->question.what == TELL_ENVELOPE)
        status = tell_envelope(&open, job, out, error);
    else
        status = tell_availability(open.session, job, &json, error);
    if (status == MEF3_OK && job->question.what != TELL_ENVELOPE)
        status = send_json(out, json);
    if (status != MEF3_OK)
        mef3_error_text(error, text, room);
    return status;
}

int tell(struct answering *to, const struct roots *roots, struct sessions *sessions,
         const struct job *job, char *text, size_t room)
{
    static struct telling_out out; /* one job at a time */
    struct mef3_error error = {.status = MEF3_ENOMEM, .offset = -1};
    int status = MEF3_EINVAL;

    out.to = to;
    out.n = 0;
    out.sent_s = clock_s();
    text[0] = '\0';
    switch ((enum telling)job->question.what) {
    case TELL_LIST:
        status = send_json(&out, tell_list(roots, &job->question));
        break;
    case TELL_METADATA:
    case TELL_RECORDS:
    case TELL_PICTURE:
        status = tell_whole(&out, sessions, job, &error, text, room);
        break;
    case TELL_AVAILABILITY:
    case TELL_ENVELOPE:
        status = tell_open(&out, sessions, job, &error, text, room);
        break;
    }
    if (out.n > 0)
        send(&out);
    if (status != MEF3_OK && !text[0])
        snprintf(text, room, "%s", mef3_status_text(status));
    return status;
}
