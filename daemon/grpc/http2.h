/* http2.h - how nghttp2 is set up here, and what its callbacks do. */
#ifndef GRPC_HTTP2_H
#define GRPC_HTTP2_H

#include <nghttp2/nghttp2.h>

struct connection;
struct grpc_limits;

/* What every session of a server is made from. */
struct http2 {
    nghttp2_session_callbacks *callbacks;
    nghttp2_option *option;
};
int http2_init(struct http2 *http2);
void http2_fini(struct http2 *http2);

/* A session with its SETTINGS submitted. 0, or -1: out of memory. */
int http2_session_new(const struct http2 *http2, struct connection *connection,
                      const struct grpc_limits *limits, nghttp2_session **session_out);

/* Where an answer's DATA come from. */
nghttp2_data_provider http2_data_provider(void);

#endif
