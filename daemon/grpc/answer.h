/* answer.h - what a call tells its HTTP/2 stream: header fields, trailers, the
 * end. Everything here is submitted; connection_pump sends it. */
#ifndef GRPC_ANSWER_H
#define GRPC_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

struct call;

/* The header fields; then the session asks call_produce for the rest. */
void answer_begin(struct call *call);

/* There is more to ask for. */
void answer_resume(struct call *call);

/* The trailers, from call->end. `damage` goes into the field mef3-damage. */
void answer_end(struct call *call, const char *damage);

/* All there is to say, in header fields only: call->http_status, call->end. */
void answer_refuse(struct call *call);

/* Break the stream off. */
void answer_reset(struct call *call, uint32_t http2_error);

/* Would the session ask for more, or is the client's window shut? */
bool answer_can_go_on(struct call *call);

#endif
