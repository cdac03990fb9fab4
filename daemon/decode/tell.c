/* tell.c - a question in, its answer out, in pieces. */
#include "decode/tell.h"

#include <stdio.h>
#include <string.h>

/* What waits to be sent: jansson gives texts of a few bytes. */
struct sender {
    struct answering *to;
    uint32_t n;
    uint8_t bytes[BYTES_PER_ANSWER];
};

static void send(struct sender *sender)
{
    if (sender->n > 0)
        answer_send(sender->to,
                    (struct answer){.kind = ANSWER_BYTES, .bytes = {sender->bytes, sender->n}});
    sender->n = 0;
}

static int on_text(const char *text, size_t n, void *arg)
{
    struct sender *sender = arg;

    while (n > 0) {
        size_t k = sizeof sender->bytes - sender->n;
        k = n < k ? n : k;
        memcpy(sender->bytes + sender->n, text, k);
        sender->n += (uint32_t)k;
        text += k;
        n -= k;
        if (sender->n == sizeof sender->bytes)
            send(sender);
    }
    return 0;
}

static int send_json(struct answering *to, json_t *json)
{
    static struct sender sender; /* one job at a time */

    if (!json)
        return MEF3_ENOMEM;
    sender.to = to;
    sender.n = 0;
    int failed = json_dump_callback(json, on_text, &sender, JSON_COMPACT);
    json_decref(json);
    send(&sender);
    return failed ? MEF3_ENOMEM : MEF3_OK;
}

int tell(struct answering *to, const struct roots *roots, struct sessions *sessions,
         const struct job *job, char *text, size_t room)
{
    struct open_session open;
    json_t *json = NULL;
    int status = MEF3_OK;

    if (job->question.what != TELL_LIST)
        status = sessions_get(sessions, job->path, job->identity, job->opening, job->password,
                              &open, text, room);
    if (status != MEF3_OK)
        return status;
    switch ((enum telling)job->question.what) {
    case TELL_LIST:
        json = tell_list(roots, &job->question);
        break;
    case TELL_AVAILABILITY:
        break;
    case TELL_METADATA:
        break;
    }
    status = send_json(to, json);
    if (status != MEF3_OK)
        snprintf(text, room, "%s", mef3_status_text(status));
    return status;
}
