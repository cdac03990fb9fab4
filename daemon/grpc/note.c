/* note.c - what is told of a call in the log, once, when it has ended. */
#include "note.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <uv.h>

#include "base/endpoint.h"
#include "base/lately.h"
#include "base/log.h"
#include "base/trace.h"
#include "call.h"
#include "connection.h"
#include "methods.h"
#include "server.h"

/* No line takes more of a text. */
enum { MOST_TEXT = 1024 };

const char *const GRPC_STATUS_NAMES[GRPC_STATUSES] = {
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
};

static void keep(char **kept, const char *text)
{
    free(*kept);
    *kept = strndup(text, MOST_TEXT);
}

const char *note_session(struct note *note, const char *file_path)
{
    const char *path = file_path ? file_path : "";

    keep(&note->session, path);
    return path;
}

void note_error(struct note *note, const char *error)
{
    if (error && error[0])
        keep(&note->error, error);
}

void note_waits(struct note *note, bool waits)
{
    if (waits == (note->waits_since_ns != 0))
        return;
    uint64_t now_ns = uv_hrtime();
    if (!waits)
        note->waiting_ns += now_ns - note->waits_since_ns;
    note->waits_since_ns = waits ? now_ns : 0;
}

/* Who ended it, where it was not its answer. */
static const char *ended_by(const struct call *call)
{
    if (call->state == CALL_ENDED)
        return NULL;
    if (connection_server(call->connection)->freed)
        return "server";
    return call->connection->state == CONNECTION_CLOSED ? "connection" : "client";
}

static const char *status_of(const struct call *call)
{
    if (call->state != CALL_ENDED)
        return "CANCELLED";
    return (unsigned)call->end.status < GRPC_STATUSES ? GRPC_STATUS_NAMES[call->end.status]
                                                      : "UNKNOWN";
}

const char *note_method(const struct call *call)
{
    return call->method ? strrchr(call->method->path, '/') + 1 : "unknown";
}

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void note_refused_connection(struct lately *lately, int fd)
{
    char peer[ENDPOINT_TEXT];

    endpoint_peer(fd, peer);
    lately_add(lately, &(struct lately_call){.at_s = now_s(),
                                             .client = peer,
                                             .method = "connection",
                                             .recording = "",
                                             .status = GRPC_STATUS_NAMES[RPC_RESOURCE_EXHAUSTED],
                                             .text = "there are as many connections as may be",
                                             .is_refused = true});
}

/* A call that is no read had nothing to wait for but its recording. */
static struct lately_where where_of(const struct note *note)
{
    const struct waits *waits = &note->figures.waits;

    if (!note->has_figures)
        return (struct lately_where){.open_us = note->waiting_ns / 1000};
    return (struct lately_where){
        .open_us = waits->opening_ns / 1000,
        .wait_us = waits->queueing_ns / 1000,
        .decode_us = waits->working_ns / 1000,
    };
}

static const char *error_of(const struct call *call)
{
    const char *error = call->note.error;

    return error ? error : call->end.text[0] ? call->end.text : NULL;
}

/* One that its client ended is slow, perhaps, but nobody refused it. One that goes on for as long
 * as its client likes is neither. */
static void tell_lately(const struct call *call)
{
    const struct note *note = &call->note;
    const char *error = note->is_remark ? NULL : error_of(call);

    lately_add(connection_server(call->connection)->lately,
               &(struct lately_call){
                   .at_s = now_s(),
                   .took_us = (uv_hrtime() - call->began_ns) / 1000,
                   .client = call->connection->peer,
                   .method = note_method(call),
                   .recording = note->session ? note->session : "",
                   .status = status_of(call),
                   .text = error ? error : "",
                   .where = where_of(note),
                   .is_timed = !call->open_ended,
                   .is_refused = error || (call->state == CALL_ENDED && call->end.status != RPC_OK),
               });
}

static void tell(const struct call *call)
{
    const struct note *note = &call->note;
    const struct read_figures *figures = &note->figures;
    bool read = note->has_figures;
    bool known = read && figures->n_channels > 0;
    bool range = note->is_read && !note->is_page;
    const char *error = error_of(call);
    bool matters = note->is_opening || note->is_read || error || call->state != CALL_ENDED;
    char id[40];

    snprintf(id, sizeof id, "%llx-%llu",
             (unsigned long long)connection_server(call->connection)->started_ms,
             (unsigned long long)note->number);
    /* What memory answers, and answers well, is of interest to a developer only. */
    log_event(
        matters ? LOG_INFO : LOG_DEBUG, "request", LOG_WORD("id", id),
        LOG_U64("client", call->connection->client.number),
        LOG_WORD("peer", call->connection->peer),
        LOG_WORD("method", call->method ? call->method->path : "unknown"),
        LOG_STR("session", note->session), LOG_I64_IF(note->is_page, "page", note->page),
        LOG_I64_IF(range || known, "start_uutc", known ? figures->start_uutc : note->start_uutc),
        LOG_I64_IF(range || known, "end_uutc", known ? figures->end_uutc : note->end_uutc),
        LOG_U64_IF(known, "channels", figures->n_channels), LOG_WORD("status", status_of(call)),
        LOG_STR("error", error), LOG_WORD("ended_by", ended_by(call)),
        LOG_U64("messages", note->n_messages), LOG_U64("bytes", note->n_bytes),
        LOG_U64_IF(read, "hits", figures->hits), LOG_U64_IF(read, "joins", figures->joins),
        LOG_U64_IF(read, "decoded", figures->decoded),
        LOG_U64_IF(figures->n_damaged > 0, "damaged", figures->n_damaged),
        LOG_U64("waiting_us", note->waiting_ns / 1000),
        LOG_U64_IF(read, "working_us", figures->working_ns / 1000),
        LOG_U64("took_us", (uv_hrtime() - call->began_ns) / 1000));
    if (note->is_read || note->is_opening)
        trace_end(id);
}

void note_end(struct call *call)
{
    note_waits(&call->note, false);
    tell(call);
    tell_lately(call);
    free(call->note.session);
    free(call->note.error);
}
