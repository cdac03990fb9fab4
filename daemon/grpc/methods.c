/* methods.c - the calls there are. One line in the table is one call. */
#include "methods.h"

#include <string.h>

#include "mef3_wire.pb-c.h"

#include "base/trace.h"
#include "body.h"
#include "connection.h"
#include "health.h"
#include "reflection.h"
#include "server.h"
#include "wire.h"

static const struct fault no_memory = {RPC_RESOURCE_EXHAUSTED, "out of memory"};

static struct service *service_of(const struct call *call)
{
    return connection_server(call->connection)->service;
}

static const struct client *client_of(const struct call *call)
{
    return &call->client;
}

static const char *path_of(const char *file_path)
{
    return file_path ? file_path : "";
}

/* A reply that is whole in memory, until the client has taken it. Clients that do
 * not take theirs must not make the server hold ever more. */
bool method_hold_reply(struct call *call, struct body *body, struct fault *fault_out)
{
    struct grpc_server *server = connection_server(call->connection);
    if (!body) {
        *fault_out = no_memory;
        return false;
    }
    if (body->n_head > server->limits.max_reply_bytes ||
        server->replies.bytes > server->limits.max_reply_bytes - body->n_head) {
        *fault_out = (struct fault){RPC_RESOURCE_EXHAUSTED, "too many replies wait to be taken"};
        body_drop(body);
        server_shed_replies(server);
        return false;
    }
    body_charge(body, &call->connection->replies);
    call->body = body;
    return true;
}

/* --- Answers that are waited for ------------------------------------------ */

enum pull method_pull_end(struct call *call)
{
    (void)call;
    return PULL_END;
}

static struct fault fault_of(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_DONE:
        return (struct fault){RPC_OK, ""};
    case OUTCOME_UNAVAILABLE:
        return (struct fault){RPC_UNAVAILABLE, "the server cannot do this now: try again later"};
    case OUTCOME_EXHAUSTED:
        return (struct fault){RPC_RESOURCE_EXHAUSTED,
                              "over a limit of the server: try again later"};
    case OUTCOME_INTERNAL:
        break;
    }
    return (struct fault){RPC_INTERNAL, "the server failed"};
}

static enum pull pull_opening(struct call *call)
{
    struct file_info info;
    enum outcome outcome;
    switch (opening_pull(call->opening, &info, &outcome)) {
    case PULL_WAIT:
        return PULL_WAIT;
    case PULL_HERE:
        call->pull = NULL;
        note_error(&call->note, info.error_message);
        call->note.is_remark = info.opened;
        if (!method_hold_reply(call, wire_file_info(call->file_path, &info), &call->end))
            return PULL_END;
        opening_free(call->opening);
        call->opening = NULL;
        return PULL_HERE;
    case PULL_END:
        break;
    }
    call->end = fault_of(outcome);
    return PULL_END;
}

static enum pull pull_read(struct call *call)
{
    const struct message *message;
    enum outcome outcome;
    switch (read_pull(call->read, &message, &outcome)) {
    case PULL_WAIT:
        return PULL_WAIT;
    case PULL_HERE:
        note_error(&call->note, message->error_message);
        call->body = wire_chunk(message);
        if (call->body)
            return PULL_HERE;
        call->end = no_memory;
        return PULL_END;
    case PULL_END:
        break;
    }
    call->end = fault_of(outcome);
    return PULL_END;
}

/* The recording has been looked at: now it can be told of, or why not. */
static enum pull pull_look(struct call *call)
{
    struct file_info info;
    enum outcome outcome;
    switch (opening_pull(call->opening, &info, &outcome)) {
    case PULL_WAIT:
        return PULL_WAIT;
    case PULL_HERE:
        call->pull = NULL;
        if (!call->answer(call, call->file_path, info.opened ? NULL : info.error_message,
                          &call->end))
            return PULL_END;
        opening_free(call->opening);
        call->opening = NULL;
        return PULL_HERE;
    case PULL_END:
        break;
    }
    call->end = fault_of(outcome);
    return PULL_END;
}

/* Answer of an open recording, as it is on disk now. */
static bool answer_of(struct call *call, const char *file_path, call_answer_fn *answer,
                      struct fault *fault_out)
{
    const char *path = note_session(&call->note, file_path);
    call->opening = service_look(service_of(call), client_of(call), path, call_ready, call);
    if (!call->opening)
        return answer(call, path, NULL, fault_out);
    call->file_path = strdup(path);
    if (!call->file_path) {
        *fault_out = no_memory;
        return false;
    }
    call->answer = answer;
    call->pull = pull_look;
    return true;
}

/* --- What each call does --------------------------------------------------- */

static bool open_file(struct call *call, const Wire__OpenFileRequest *request,
                      struct fault *fault_out)
{
    const char *path = note_session(&call->note, request->file_path);
    call->note.is_opening = true;
    trace_begin();
    trace_step("parsed");
    call->file_path = strdup(path);
    if (call->file_path)
        call->opening = service_open(service_of(call), client_of(call), path, call_ready, call);
    if (!call->opening) {
        *fault_out = no_memory;
        return false;
    }
    call->pull = pull_opening;
    return true;
}

static bool close_file(struct call *call, const Wire__FileInfoRequest *request,
                       struct fault *fault_out)
{
    const char *path = note_session(&call->note, request->file_path);
    service_close(service_of(call), client_of(call), path);
    return method_hold_reply(call, wire_file_info(path, &(struct file_info){.error_message = ""}),
                             fault_out);
}

static bool answer_info(struct call *call, const char *path, const char *error,
                        struct fault *fault_out)
{
    struct file_info info = {.error_message = error};
    if (!error)
        service_file_info(service_of(call), client_of(call), path, &info);
    note_error(&call->note, error);
    return method_hold_reply(call, wire_file_info(path, &info), fault_out);
}

static bool file_info(struct call *call, const Wire__FileInfoRequest *request,
                      struct fault *fault_out)
{
    return answer_of(call, request->file_path, answer_info, fault_out);
}

static bool list_open_files(struct call *call, const Wire__ListOpenFilesRequest *request,
                            struct fault *fault_out)
{
    (void)request;
    const char *const *paths;
    size_t n;
    service_list_open(service_of(call), client_of(call), &paths, &n);
    return method_hold_reply(call, wire_file_list(paths, n), fault_out);
}

static bool answer_pages(struct call *call, const char *path, const struct grid_reply *reply,
                         struct fault *fault_out)
{
    note_error(&call->note, reply->error_message);
    return method_hold_reply(call, wire_page_count(path, reply->n_pages, reply->error_message),
                             fault_out);
}

static bool answer_new_size(struct call *call, const char *path, const char *error,
                            struct fault *fault_out)
{
    struct grid_reply reply = {.error_message = error};
    if (!error)
        service_set_page_seconds(service_of(call), client_of(call), path, call->seconds, &reply);
    return answer_pages(call, path, &reply, fault_out);
}

static bool set_segment_size(struct call *call, const Wire__SetSignalSegmentRequest *request,
                             struct fault *fault_out)
{
    call->seconds = request->seconds;
    return answer_of(call, request->file_path, answer_new_size, fault_out);
}

static bool answer_count(struct call *call, const char *path, const char *error,
                         struct fault *fault_out)
{
    struct grid_reply reply = {.error_message = error};
    if (!error)
        service_count_pages(service_of(call), client_of(call), path, &reply);
    return answer_pages(call, path, &reply, fault_out);
}

static bool count_segments(struct call *call, const Wire__FileInfoRequest *request,
                           struct fault *fault_out)
{
    return answer_of(call, request->file_path, answer_count, fault_out);
}

static bool set_channels(struct call *call, const Wire__SetActiveChannelsRequest *request,
                         struct fault *fault_out)
{
    struct selection_reply reply;
    const char *path = note_session(&call->note, request->file_path);
    service_set_channels(service_of(call), client_of(call), path,
                         (const char *const *)request->channel_names, request->n_channel_names,
                         &reply);
    note_error(&call->note, reply.error_message);
    return method_hold_reply(
        call, wire_channels(path, reply.channel_names, reply.n_channels, reply.error_message),
        fault_out);
}

static bool get_channels(struct call *call, const Wire__GetActiveChannelsRequest *request,
                         struct fault *fault_out)
{
    struct selection_reply reply;
    const char *path = note_session(&call->note, request->file_path);
    service_get_channels(service_of(call), client_of(call), path, &reply);
    note_error(&call->note, reply.error_message);
    return method_hold_reply(
        call, wire_channels(path, reply.channel_names, reply.n_channels, reply.error_message),
        fault_out);
}

static bool begin_read(struct call *call, struct read *read, struct fault *fault_out)
{
    call->note.is_read = true;
    trace_begin();
    trace_step("parsed");
    if (!read) {
        *fault_out = no_memory;
        return false;
    }
    call->read = read;
    call->pull = pull_read;
    return true;
}

static bool get_segment(struct call *call, const Wire__SignalChunkRequest *request,
                        struct fault *fault_out)
{
    const char *path = note_session(&call->note, request->file_path);
    call->note.is_page = true;
    call->note.page = request->chunk_idx;
    return begin_read(call,
                      service_read_page(service_of(call), client_of(call), path, request->chunk_idx,
                                        call_ready, call),
                      fault_out);
}

static bool get_range(struct call *call, const Wire__SignalRangeRequest *request,
                      struct fault *fault_out)
{
    const char *path = note_session(&call->note, request->file_path);
    call->note.start_uutc = request->start_uutc;
    call->note.end_uutc = request->end_uutc;
    return begin_read(call,
                      service_read_range(service_of(call), client_of(call), path,
                                         (const char *const *)request->channel_names,
                                         request->n_channel_names, request->start_uutc,
                                         request->end_uutc, call_ready, call),
                      fault_out);
}

static bool check_health(struct call *call, const Wire__HealthCheckRequest *request,
                         struct fault *fault_out)
{
    return health_check(call, path_of(request->service), fault_out);
}

static bool watch_health(struct call *call, const Wire__HealthCheckRequest *request,
                         struct fault *fault_out)
{
    (void)fault_out;
    health_watch(call, path_of(request->service));
    return true;
}

/* --- The table -------------------------------------------------------------- */

/* clang-format off */
#define CALLS(X) \
    X("/gRPCMef3Server/OpenFile",             false, open_file,        OpenFileRequest,          open_file_request) \
    X("/gRPCMef3Server/CloseFile",            false, close_file,       FileInfoRequest,          file_info_request) \
    X("/gRPCMef3Server/FileInfo",             false, file_info,        FileInfoRequest,          file_info_request) \
    X("/gRPCMef3Server/ListOpenFiles",        false, list_open_files,  ListOpenFilesRequest,     list_open_files_request) \
    X("/gRPCMef3Server/SetSignalSegmentSize", false, set_segment_size, SetSignalSegmentRequest,  set_signal_segment_request) \
    X("/gRPCMef3Server/GetNumberOfSegments",  false, count_segments,   FileInfoRequest,          file_info_request) \
    X("/gRPCMef3Server/SetActiveChannels",    false, set_channels,     SetActiveChannelsRequest, set_active_channels_request) \
    X("/gRPCMef3Server/GetActiveChannels",    false, get_channels,     GetActiveChannelsRequest, get_active_channels_request) \
    X("/gRPCMef3Server/GetSignalSegment",     true,  get_segment,      SignalChunkRequest,       signal_chunk_request) \
    X("/gRPCMef3Server/GetSignalRange",       true,  get_range,        SignalRangeRequest,       signal_range_request) \
    X("/grpc.health.v1.Health/Check",         false, check_health,     HealthCheckRequest,       health_check_request) \
    X("/grpc.health.v1.Health/Watch",         true,  watch_health,     HealthCheckRequest,       health_check_request)
/* clang-format on */

#define START(path, streams, handler, type, lower)                                 \
    static bool start_##handler(struct call *call, const uint8_t *bytes, size_t n, \
                                struct fault *fault_out)                           \
    {                                                                              \
        ProtobufCMessage *request =                                                \
            wire_unpack(&wire__##lower##__descriptor, bytes, n, fault_out);        \
        if (!request)                                                              \
            return false;                                                          \
        bool begun = handler(call, (const Wire__##type *)request, fault_out);      \
        protobuf_c_message_free_unpacked(request, NULL);                           \
        return begun;                                                              \
    }
CALLS(START)

#define ROW(path, streams, handler, type, lower) {path, streams, start_##handler, NULL},
const struct method METHODS[] = {
    CALLS(ROW) /* and those that take any number of requests: */
    {"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", true, NULL, reflection_pull},
    {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", true, NULL, reflection_pull},
};
const size_t N_METHODS = sizeof METHODS / sizeof METHODS[0];

const struct method *method_find(const uint8_t *path, size_t n)
{
    for (size_t i = 0; i < N_METHODS; i++)
        if (strlen(METHODS[i].path) == n && memcmp(METHODS[i].path, path, n) == 0)
            return &METHODS[i];
    return NULL;
}
