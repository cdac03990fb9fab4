/* zeros_server.c - what sending alone costs: OpenFile and GetSignalRange answered
 * with zeros by nghttp2 and blocking sendmsg, and nothing else of the daemon.
 *
 *   PORT=50051 build/bench/zeros_server CHANNELS RATE START_UUTC SECONDS
 *
 * Trusts its client and serves one connection after another: for bench/gigabyte.py. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    MESSAGE_BYTES = 2621440, /* as the daemon cuts its answers */
    HEAD_ROOM = 8192,
    BATCH_BYTES = 256 << 10,
    BATCH_SPANS = 64,
    FRAME_HEADER = 9,
    REQUEST_ROOM = 8192,
};

struct call {
    bool is_open; /* OpenFile; else GetSignalRange */
    uint8_t request[REQUEST_ROOM];
    size_t n_request;
    uint8_t head[HEAD_ROOM]; /* the message under way, but for its zeros */
    size_t n_head, at_head;
    size_t n_zeros;
    size_t n_left; /* bytes of samples in messages to come */
};

static struct {
    int fd;
    struct iovec spans[BATCH_SPANS];
    size_t n_spans;
    size_t n_bytes;
    uint8_t copies[BATCH_SPANS][FRAME_HEADER];
} batch;

static uint8_t zeros[MESSAGE_BYTES];
static size_t n_channels;
static double rate_hz;

static bool flush(void)
{
    struct iovec *at = batch.spans;
    size_t n_spans = batch.n_spans;
    batch.n_spans = batch.n_bytes = 0;
    while (n_spans > 0) {
        struct msghdr header = {.msg_iov = at, .msg_iovlen = n_spans};
        ssize_t n = sendmsg(batch.fd, &header, MSG_NOSIGNAL);
        if (n < 0)
            return false;
        for (; n_spans > 0 && (size_t)n >= at->iov_len; at++, n_spans--)
            n -= (ssize_t)at->iov_len;
        if (n_spans > 0) {
            at->iov_base = (uint8_t *)at->iov_base + n;
            at->iov_len -= (size_t)n;
        }
    }
    return true;
}

static void add(uint8_t *bytes, size_t n)
{
    batch.spans[batch.n_spans++] = (struct iovec){bytes, n};
    batch.n_bytes += n;
}

/* --- Messages --------------------------------------------------------------------- */

static size_t put_varint(uint8_t *out, uint64_t value)
{
    size_t n = 0;
    for (; value >= 0x80; value >>= 7)
        out[n++] = (uint8_t)(value | 0x80);
    out[n++] = (uint8_t)value;
    return n;
}

static void begin_message(struct call *call, size_t n_fields, size_t n_zeros)
{
    size_t n = n_fields + n_zeros;
    call->head[0] = 0;
    for (int i = 0; i < 4; i++)
        call->head[1 + i] = (uint8_t)(n >> (24 - 8 * i));
    call->n_head = 5 + n_fields;
    call->at_head = 0;
    call->n_zeros = n_zeros;
}

/* file_opened and channel_names: what the client asks for. */
static void begin_info(struct call *call)
{
    uint8_t *out = call->head + 5;
    size_t n = 0;
    out[n++] = 2 << 3;
    out[n++] = 1;
    for (size_t i = 0; i < n_channels && n + 32 < HEAD_ROOM - 5; i++) {
        char name[16];
        int length = snprintf(name, sizeof name, "ch%03u", (unsigned)i);
        out[n++] = 4 << 3 | 2;
        out[n++] = (uint8_t)length;
        memcpy(out + n, name, (size_t)length);
        n += (size_t)length;
    }
    begin_message(call, n, 0);
}

static void begin_chunk(struct call *call)
{
    size_t n = call->n_left < MESSAGE_BYTES ? call->n_left : MESSAGE_BYTES;
    call->head[5] = 2 << 3 | 2;
    call->n_left -= n;
    begin_message(call, 1 + put_varint(call->head + 6, n), n);
}

/* Its varint fields start_uutc (3) and end_uutc (4) say how much is asked for. */
static size_t asked_bytes(const struct call *call)
{
    int64_t times[2] = {0, 0};
    size_t at = 5;
    while (at < call->n_request) {
        uint8_t tag = call->request[at++];
        uint64_t value = 0;
        for (unsigned shift = 0; at < call->n_request; shift += 7) {
            uint8_t byte = call->request[at++];
            value |= (uint64_t)(byte & 0x7f) << (shift & 63);
            if (byte < 0x80)
                break;
        }
        if ((tag & 7) == 2)
            at += value;
        else if (tag >> 3 == 3 || tag >> 3 == 4)
            times[(tag >> 3) - 3] = (int64_t)value;
    }
    double n_samples = (double)(times[1] - times[0]) * rate_hz / 1e6;
    return n_samples > 0 ? (size_t)(n_samples + 0.5) * n_channels * 4 : 0;
}

/* --- nghttp2 ---------------------------------------------------------------------- */

static nghttp2_nv field(char *name, char *value)
{
    return (nghttp2_nv){(uint8_t *)name, (uint8_t *)value, strlen(name), strlen(value), 0};
}

static ssize_t on_length(nghttp2_session *session, uint8_t type, int32_t id, int32_t all,
                         int32_t stream, uint32_t frame, void *arg)
{
    (void)session, (void)type, (void)id, (void)arg;
    int32_t n = all < stream ? all : stream;
    if (n > 4 << 20)
        n = 4 << 20;
    return (uint32_t)n < frame ? n : (ssize_t)frame;
}

static ssize_t on_read(nghttp2_session *session, int32_t id, uint8_t *unused, size_t room,
                       uint32_t *flags_out, nghttp2_data_source *source, void *arg)
{
    static char name[] = "grpc-status", ok[] = "0";
    struct call *call = source->ptr;
    (void)unused, (void)arg;

    if (call->at_head == call->n_head && call->n_zeros == 0 && call->n_left > 0)
        begin_chunk(call);
    size_t n = call->n_head - call->at_head + call->n_zeros;
    *flags_out |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (n <= room && call->n_left == 0) {
        nghttp2_nv end = field(name, ok);
        *flags_out |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
        nghttp2_submit_trailer(session, id, &end, 1);
    }
    return (ssize_t)(n < room ? n : room);
}

/* The head lives in the call, and is written before anything may change it. */
static int on_send_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *header,
                        size_t n, nghttp2_data_source *source, void *arg)
{
    struct call *call = source->ptr;
    size_t part = call->n_head - call->at_head;
    (void)session, (void)frame, (void)arg;

    uint8_t *copy = batch.copies[batch.n_spans];
    memcpy(copy, header, FRAME_HEADER);
    add(copy, FRAME_HEADER);
    part = n < part ? n : part;
    if (part > 0)
        add(call->head + call->at_head, part);
    call->at_head += part;
    if (n > part)
        add(zeros, n - part);
    call->n_zeros -= n - part;
    bool whole = call->at_head == call->n_head && call->n_zeros == 0;
    if ((whole || batch.n_bytes >= BATCH_BYTES || batch.n_spans + 3 > BATCH_SPANS) && !flush())
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    return 0;
}

static int on_begin(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    (void)arg;
    struct call *call = calloc(1, sizeof *call);
    return call ? nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, call) : -1;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t n_name, const uint8_t *value, size_t n_value, uint8_t flags, void *arg)
{
    (void)flags, (void)arg;
    struct call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    static const char open[] = "/gRPCMef3Server/OpenFile";
    if (call && n_name == 5 && memcmp(name, ":path", 5) == 0)
        call->is_open = n_value == sizeof open - 1 && memcmp(value, open, n_value) == 0;
    return 0;
}

static int on_chunk(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes,
                    size_t n, void *arg)
{
    (void)flags, (void)arg;
    struct call *call = nghttp2_session_get_stream_user_data(session, id);
    if (!call || n > REQUEST_ROOM - call->n_request)
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    memcpy(call->request + call->n_request, bytes, n);
    call->n_request += n;
    return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    static char status[] = ":status", ok[] = "200", type[] = "content-type",
                grpc[] = "application/grpc";
    (void)arg;
    bool ends = (frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS) &&
                frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    struct call *call =
        ends ? nghttp2_session_get_stream_user_data(session, frame->hd.stream_id) : NULL;
    if (!call)
        return 0;
    if (call->is_open)
        begin_info(call);
    else
        call->n_left = asked_bytes(call);
    nghttp2_nv fields[] = {field(status, ok), field(type, grpc)};
    nghttp2_data_provider provider = {.source.ptr = call, .read_callback = on_read};
    return nghttp2_submit_response(session, frame->hd.stream_id, fields, 2, &provider);
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t error, void *arg)
{
    (void)error, (void)arg;
    free(nghttp2_session_get_stream_user_data(session, id));
    return 0;
}

/* --- A connection ----------------------------------------------------------------- */

static bool send_all(nghttp2_session *session)
{
    for (;;) {
        const uint8_t *bytes;
        ssize_t n = nghttp2_session_mem_send(session, &bytes);
        if (n < 0 || !flush())
            return false;
        if (n == 0)
            return true;
        struct iovec frame = {(void *)(uintptr_t)bytes, (size_t)n};
        batch.spans[batch.n_spans++] = frame;
        if (!flush())
            return false;
    }
}

static void serve(int fd, const nghttp2_session_callbacks *callbacks)
{
    static uint8_t inbox[64 << 10];
    nghttp2_session *session;
    int on = 1;

    batch.fd = fd;
    batch.n_spans = batch.n_bytes = 0;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (nghttp2_session_server_new(&session, callbacks, NULL) != 0)
        return;
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, NULL, 0);
    ssize_t n = 0;
    do {
        if (nghttp2_session_mem_recv(session, inbox, (size_t)n) < 0 || !send_all(session))
            break;
        n = recv(fd, inbox, sizeof inbox, 0);
    } while (n > 0);
    nghttp2_session_del(session);
}

int main(int argc, char **argv)
{
    const char *port = getenv("PORT");
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)(port ? atoi(port) : 50051)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (argc < 3 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(fd, 16) < 0) {
        fprintf(stderr, "usage: PORT=50051 zeros_server CHANNELS RATE [START_UUTC SECONDS]\n");
        return 2;
    }
    n_channels = (size_t)atoi(argv[1]);
    rate_hz = atof(argv[2]);

    nghttp2_session_callbacks *callbacks;
    if (nghttp2_session_callbacks_new(&callbacks) != 0)
        return 2;
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_chunk);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_data_source_read_length_callback(callbacks, on_length);
    nghttp2_session_callbacks_set_send_data_callback(callbacks, on_send_data);
    for (int peer; (peer = accept(fd, NULL, NULL)) >= 0; close(peer))
        serve(peer, callbacks);
    return 1;
}
