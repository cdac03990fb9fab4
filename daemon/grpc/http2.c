/* http2.c - how nghttp2 is set up here, and what its callbacks do. */
#include "http2.h"

#include <string.h>

#include "call.h"
#include "connection.h"
#include "grpc.h"
#include "outbox.h"
#include "server.h"

enum {
    /* Clients take frames of up to 16 MiB; beyond this one frame is no faster. */
    MAX_DATA_FRAME = 4 << 20,
    /* A client may send this much that we have to answer, and not read it. */
    MAX_OUTBOUND_ACKS = 256,
    MAX_SETTINGS = 32,
    /* Streams opened only to be reset: so many at once, then so many a second. */
    RESET_BURST = 500,
    RESET_RATE = 50,
};

/* What a PING says that follows the notice of the end. */
static const uint8_t AFTER_NOTICE[8] = {'n', 'o', 't', 'i', 'c', 'e', 'd', '?'};

static struct call *call_of(nghttp2_session *session, int32_t stream_id)
{
    return nghttp2_session_get_stream_user_data(session, stream_id);
}

/* --- In ---------------------------------------------------------------------- */

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;

    struct call *call = call_new(arg, frame->hd.stream_id);
    if (!call)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    connection_add_call(arg, call);
    return nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, call);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t n_name, const uint8_t *value, size_t n_value, uint8_t flags, void *arg)
{
    (void)flags;
    (void)arg;
    struct call *call = call_of(session, frame->hd.stream_id);
    if (call)
        call_header(call, name, n_name, value, n_value);
    return 0;
}

static int on_data_chunk(nghttp2_session *session, uint8_t flags, int32_t stream_id,
                         const uint8_t *bytes, size_t n, void *arg)
{
    (void)flags;
    (void)arg;
    struct call *call = call_of(session, stream_id);
    int status = call && call_consumes(call) ? nghttp2_session_consume_connection(session, n)
                                             : nghttp2_session_consume(session, stream_id, n);
    if (call)
        call_data(call, bytes, n);
    return nghttp2_is_fatal(status) ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

static int on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    if (frame->hd.type == NGHTTP2_PING && frame->hd.flags & NGHTTP2_FLAG_ACK &&
        memcmp(frame->ping.opaque_data, AFTER_NOTICE, sizeof AFTER_NOTICE) == 0) {
        connection_notice_seen(arg);
        return 0;
    }
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
        return 0;

    struct call *call = call_of(session, frame->hd.stream_id);
    if (!call)
        return 0;
    if (frame->hd.type == NGHTTP2_HEADERS)
        call_headers_end(call);
    if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
        call_end(call);
    return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t stream_id, uint32_t error, void *arg)
{
    (void)error;
    struct call *call = call_of(session, stream_id);
    if (call) {
        connection_remove_call(arg, call);
        call_free(call);
    }
    return 0;
}

/* --- Out --------------------------------------------------------------------- */

static ssize_t on_read_length(nghttp2_session *session, uint8_t type, int32_t stream_id,
                              int32_t session_window, int32_t stream_window, uint32_t max_frame,
                              void *arg)
{
    (void)session;
    (void)type;
    (void)stream_id;
    (void)arg;
    ssize_t n = MAX_DATA_FRAME;
    if (n > session_window)
        n = session_window;
    if (n > stream_window)
        n = stream_window;
    if (n > (ssize_t)max_frame)
        n = (ssize_t)max_frame;
    return n;
}

static ssize_t on_read(nghttp2_session *session, int32_t stream_id, uint8_t *unused, size_t room,
                       uint32_t *flags_out, nghttp2_data_source *source, void *arg)
{
    (void)unused;
    (void)source;
    (void)arg;
    struct call *call = call_of(session, stream_id);
    return call ? call_produce(call, room, flags_out) : NGHTTP2_ERR_DEFERRED;
}

nghttp2_data_provider http2_data_provider(void)
{
    return (nghttp2_data_provider){.read_callback = on_read};
}

/* There is room for a whole frame: nothing more is asked of the session when
 * there is not. */
static int on_send_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *header,
                        size_t n, nghttp2_data_source *source, void *arg)
{
    enum { FRAME_HEADER = 9 };

    (void)source;
    struct call *call = call_of(session, frame->hd.stream_id);
    struct outbox *outbox = connection_outbox(arg);
    if (!call || !call->body)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (outbox_add_copy(outbox, header, FRAME_HEADER) < 0)
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    call_take(call, n, outbox);
    return outbox_has_room(outbox) ? 0 : NGHTTP2_ERR_PAUSE;
}

/* An answer that is complete before its request: the client need not go on. The
 * notice of the end is on its way: its round trip is measured now, because the
 * session sends a PING before all else that waits. */
static int on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    (void)arg;
    if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.last_stream_id == INT32_MAX)
        return nghttp2_submit_ping(session, NGHTTP2_FLAG_NONE, AFTER_NOTICE);
    if (frame->hd.type == NGHTTP2_HEADERS && frame->hd.flags & NGHTTP2_FLAG_END_STREAM &&
        nghttp2_session_get_stream_remote_close(session, frame->hd.stream_id) == 0)
        return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                         NGHTTP2_NO_ERROR);
    return 0;
}

/* --- Set-up ------------------------------------------------------------------- */

int http2_init(struct http2 *http2)
{
    nghttp2_session_callbacks *callbacks = NULL;
    nghttp2_option *option = NULL;
    if (nghttp2_session_callbacks_new(&callbacks) != 0 || nghttp2_option_new(&option) != 0) {
        nghttp2_session_callbacks_del(callbacks);
        return -1;
    }

    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data_chunk);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame_recv);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_session_callbacks_set_data_source_read_length_callback(callbacks, on_read_length);
    nghttp2_session_callbacks_set_send_data_callback(callbacks, on_send_data);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_send);

    nghttp2_option_set_max_outbound_ack(option, MAX_OUTBOUND_ACKS);
    nghttp2_option_set_max_settings(option, MAX_SETTINGS);
    nghttp2_option_set_stream_reset_rate_limit(option, RESET_BURST, RESET_RATE);
    nghttp2_option_set_no_closed_streams(option, 1);
    /* A call that takes many requests opens its window as it takes them. */
    nghttp2_option_set_no_auto_window_update(option, 1);

    *http2 = (struct http2){callbacks, option};
    return 0;
}

void http2_fini(struct http2 *http2)
{
    nghttp2_session_callbacks_del(http2->callbacks);
    nghttp2_option_del(http2->option);
    *http2 = (struct http2){NULL, NULL};
}

int http2_session_new(const struct http2 *http2, struct connection *connection,
                      const struct grpc_limits *limits, nghttp2_session **session_out)
{
    nghttp2_session *session;
    if (nghttp2_session_server_new2(&session, http2->callbacks, connection, http2->option) != 0)
        return -1;

    nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits->max_streams},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, SERVER_HEADER_LIST_BYTES},
    };
    if (nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings,
                                sizeof settings / sizeof settings[0]) != 0) {
        nghttp2_session_del(session);
        return -1;
    }
    *session_out = session;
    return 0;
}
