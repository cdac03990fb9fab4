/* grpc_room.c - a gRPC server over the service stub, and clients to try it with. */
#include "grpc_room.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

#include "base/log.h"
#include "grpc/connection.h"
#include "mef3_wire.pb-c.h"

/* --- The server ------------------------------------------------------------------ */

void room_open(struct room *room, const struct grpc_limits *limits)
{
    struct grpc_limits usual;
    grpc_limits_default(&usual);
    log_start("test", LOG_ERROR);
    assert_int_equal(uv_loop_init(&room->loop), 0);
    room->service = service_stub_new(&room->loop, 16);
    room->server = grpc_server_new(&room->loop, room->service, limits ? limits : &usual);
    assert_non_null(room->server);
}

void room_close(struct room *room)
{
    grpc_server_free(room->server);
    uv_run(&room->loop, UV_RUN_DEFAULT);
    assert_int_equal(room->service->n_openings, 0);
    assert_int_equal(room->service->n_reads, 0);
    assert_int_equal(room->service->n_messages, 0);
    service_stub_free(room->service);
    assert_int_equal(uv_loop_close(&room->loop), 0);
}

/* --- What a session tells -------------------------------------------------------- */

static struct answer *answer_of(struct room_client *client, int32_t stream_id)
{
    for (size_t i = 0; i < client->n_answers; i++)
        if (client->answers[i].stream_id == stream_id)
            return &client->answers[i];
    return NULL;
}

static void copy_text(char *out, size_t room, const uint8_t *value, size_t n)
{
    snprintf(out, room, "%.*s", (int)n, (const char *)value);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t n_name, const uint8_t *value, size_t n_value, uint8_t flags, void *arg)
{
    (void)session;
    (void)n_name;
    (void)flags;
    struct answer *answer = answer_of(arg, frame->hd.stream_id);
    char number[16];
    copy_text(number, sizeof number, value, n_value);
    if (!answer)
        return 0;
    if (strcmp((const char *)name, ":status") == 0)
        answer->http_status = atoi(number);
    else if (strcmp((const char *)name, "grpc-status") == 0)
        answer->grpc_status = atoi(number);
    else if (strcmp((const char *)name, "grpc-message") == 0)
        copy_text(answer->message, sizeof answer->message, value, n_value);
    else if (strcmp((const char *)name, "mef3-damage") == 0)
        copy_text(answer->damage, sizeof answer->damage, value, n_value);
    else if (strcmp((const char *)name, "grpc-accept-encoding") == 0)
        answer->accept_encoding = true;
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream_id, const uint8_t *bytes,
                   size_t n, void *arg)
{
    (void)session;
    (void)flags;
    struct answer *answer = answer_of(arg, stream_id);
    if (!answer)
        return 0;
    /* By doubling: a sanitizer's realloc copies each time. */
    if (answer->n + n > answer->room) {
        answer->room = 2 * (answer->n + n);
        answer->bytes = realloc(answer->bytes, answer->room);
        assert_non_null(answer->bytes);
    }
    memcpy(answer->bytes + answer->n, bytes, n);
    answer->n += n;
    return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    (void)session;
    struct room_client *client = arg;
    struct answer *answer = answer_of(client, frame->hd.stream_id);
    if (frame->hd.type == NGHTTP2_GOAWAY) {
        client->n_goaway++;
        client->goaway_error = frame->goaway.error_code;
    } else if (frame->hd.type == NGHTTP2_PING) {
        client->n_pongs += (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
        client->n_pings += (frame->hd.flags & NGHTTP2_FLAG_ACK) == 0;
    } else if (answer && frame->hd.type == NGHTTP2_DATA) {
        answer->n_data_frames++;
        if (frame->hd.length > answer->largest_frame)
            answer->largest_frame = frame->hd.length;
    } else if (answer && frame->hd.type == NGHTTP2_HEADERS) {
        answer->n_header_blocks++;
    }
    return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t stream_id, uint32_t error, void *arg)
{
    (void)session;
    struct answer *answer = answer_of(arg, stream_id);
    if (answer) {
        answer->closed = true;
        answer->error = error;
    }
    return 0;
}

static ssize_t on_read_request(nghttp2_session *session, int32_t stream_id, uint8_t *out,
                               size_t room, uint32_t *flags_out, nghttp2_data_source *source,
                               void *arg)
{
    (void)session;
    (void)stream_id;
    (void)arg;
    struct answer *answer = source->ptr;
    size_t n = answer->n_request < room ? answer->n_request : room;
    if (n == 0 && answer->keeps_open)
        return NGHTTP2_ERR_DEFERRED;
    if (n > 0)
        memcpy(out, answer->request, n);
    answer->request += n;
    answer->n_request -= n;
    if (answer->n_request == 0 && !answer->keeps_open)
        *flags_out |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)n;
}

/* --- A client's life ------------------------------------------------------------- */

struct room_client *client_open_raw(struct room *room)
{
    int ends[2];
    struct room_client *client = calloc(1, sizeof *client);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    client->room = room;
    client->fd = ends[0];
    assert_int_equal(connection_new(room->server, ends[1]), 0);
    return client;
}

struct room_client *client_open(struct room *room, uint32_t window, uint32_t max_frame)
{
    struct room_client *client = client_open_raw(room);
    nghttp2_session_callbacks *callbacks;
    assert_int_equal(nghttp2_session_callbacks_new(&callbacks), 0);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    assert_int_equal(nghttp2_session_client_new(&client->session, callbacks, client), 0);
    nghttp2_session_callbacks_del(callbacks);

    nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window ? window : 65535},
        {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, max_frame ? max_frame : 16384},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, 8192},
    };
    nghttp2_submit_settings(client->session, NGHTTP2_FLAG_NONE, settings, 3);
    if (window > 65535)
        nghttp2_session_set_local_window_size(client->session, NGHTTP2_FLAG_NONE, 0,
                                              (int32_t)window);
    return client;
}

static void hang_up(struct room_client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
}

void client_close(struct room_client *client)
{
    hang_up(client);
    nghttp2_session_del(client->session);
    for (size_t i = 0; i < client->n_answers; i++)
        free(client->answers[i].bytes);
    free(client->raw);
    free(client);
}

nghttp2_nv room_field(const char *name, const char *value)
{
    return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name),
                        strlen(value), NGHTTP2_NV_FLAG_NONE};
}

static struct answer *begin_call(struct room_client *client, const char *path,
                                 const uint8_t *request, size_t n, bool keeps_open,
                                 const nghttp2_nv *more, size_t n_more)
{
    nghttp2_nv fields[16] = {
        room_field(":method", "POST"),
        room_field(":scheme", "http"),
        room_field(":path", path),
        room_field(":authority", "localhost"),
        room_field("content-type", "application/grpc"),
        room_field("te", "trailers"),
    };
    size_t n_fields = 6;
    for (size_t i = 0; i < n_more; i++) {
        size_t at = 0;
        while (at < n_fields && (fields[at].namelen != more[i].namelen ||
                                 memcmp(fields[at].name, more[i].name, more[i].namelen) != 0))
            at++;
        fields[at] = more[i];
        n_fields = at == n_fields ? n_fields + 1 : n_fields;
    }

    assert_true(client->n_answers < ROOM_ANSWERS);
    struct answer *answer = &client->answers[client->n_answers++];
    *answer = (struct answer){
        .grpc_status = -1, .request = request, .n_request = n, .keeps_open = keeps_open};
    nghttp2_data_provider provider = {.source.ptr = answer, .read_callback = on_read_request};
    answer->stream_id =
        nghttp2_submit_request(client->session, NULL, fields, n_fields, &provider, NULL);
    assert_true(answer->stream_id > 0);
    return answer;
}

struct answer *client_call(struct room_client *client, const char *path, const uint8_t *request,
                           size_t n, const nghttp2_nv *more, size_t n_more)
{
    return begin_call(client, path, request, n, false, more, n_more);
}

struct answer *client_call_open(struct room_client *client, const char *path)
{
    return begin_call(client, path, NULL, 0, true, NULL, 0);
}

/* --- Turns ------------------------------------------------------------------------ */

void client_write(struct room_client *client, const void *bytes, size_t n)
{
    const uint8_t *at = bytes;
    while (n > 0 && client->fd >= 0) {
        size_t part =
            client->bytes_a_write && client->bytes_a_write < n ? client->bytes_a_write : n;
        ssize_t sent = send(client->fd, at, part, MSG_NOSIGNAL);
        if (sent > 0) {
            at += sent;
            n -= (size_t)sent;
        } else if (errno != EAGAIN) {
            client->gone = true;
            hang_up(client);
        }
        if (client->bytes_a_write || sent <= 0)
            uv_run(&client->room->loop, UV_RUN_NOWAIT);
    }
}

static bool hear(struct room_client *client)
{
    static uint8_t buffer[256 << 10];

    ssize_t n = recv(client->fd, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EAGAIN)
        return false;
    if (n <= 0) {
        client->gone = true;
        hang_up(client);
        return true;
    }
    if (client->session) {
        assert_int_equal(nghttp2_session_mem_recv(client->session, buffer, (size_t)n), n);
        return true;
    }
    client->raw = realloc(client->raw, client->n_raw + (size_t)n + 1);
    memcpy(client->raw + client->n_raw, buffer, (size_t)n);
    client->n_raw += (size_t)n;
    client->raw[client->n_raw] = 0;
    return true;
}

/* Did anything happen? */
static bool turn(struct room_client *client)
{
    bool did = false;
    if (!client)
        return false;
    while (client->session && client->fd >= 0) {
        const uint8_t *bytes;
        ssize_t n = nghttp2_session_mem_send(client->session, &bytes);
        if (n <= 0)
            break;
        client_write(client, bytes, (size_t)n);
        did = true;
    }
    if (client->fd >= 0 && !client->deaf)
        did = hear(client) || did;
    return did;
}

void room_turn(struct room *room, struct room_client *client, struct room_client *other)
{
    bool did = turn(client);
    did = turn(other) || did;
    uv_run(&room->loop, UV_RUN_NOWAIT);
    if (!did)
        usleep(200);
}

/* --- Messages --------------------------------------------------------------------- */

static size_t frame_message(uint8_t *out, const ProtobufCMessage *message)
{
    size_t n = protobuf_c_message_pack(message, out + 5);
    memset(out, 0, 5);
    out[3] = (uint8_t)(n >> 8);
    out[4] = (uint8_t)n;
    return n + 5;
}

size_t room_path_request(uint8_t *out, const char *path)
{
    Wire__OpenFileRequest request = WIRE__OPEN_FILE_REQUEST__INIT;
    request.file_path = (char *)(uintptr_t)path;
    return frame_message(out, &request.base);
}

size_t room_page_request(uint8_t *out, const char *path, unsigned page)
{
    Wire__SignalChunkRequest request = WIRE__SIGNAL_CHUNK_REQUEST__INIT;
    request.file_path = (char *)(uintptr_t)path;
    request.has_chunk_idx = true;
    request.chunk_idx = page;
    return frame_message(out, &request.base);
}

size_t room_range_request(uint8_t *out, const char *path, int64_t start_uutc, int64_t seconds)
{
    Wire__SignalRangeRequest request = WIRE__SIGNAL_RANGE_REQUEST__INIT;
    request.file_path = (char *)(uintptr_t)path;
    request.has_start_uutc = request.has_end_uutc = true;
    request.start_uutc = start_uutc;
    request.end_uutc = start_uutc + seconds * 1000000;
    return frame_message(out, &request.base);
}

bool room_message(const uint8_t *bytes, size_t n, unsigned k, const uint8_t **message_out,
                  size_t *n_out)
{
    while (n >= 5) {
        size_t length =
            (size_t)bytes[1] << 24 | (size_t)bytes[2] << 16 | (size_t)bytes[3] << 8 | bytes[4];
        if (bytes[0] != 0 || length > n - 5)
            return false;
        if (k-- == 0) {
            *message_out = bytes + 5;
            *n_out = length;
            return true;
        }
        bytes += 5 + length;
        n -= 5 + length;
    }
    return false;
}
