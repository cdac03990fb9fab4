/* methods.h - the calls there are: a request's bytes to the service, and where
 * the answer is pulled from. */
#ifndef GRPC_METHODS_H
#define GRPC_METHODS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "call.h"
#include "fault.h"

struct method {
    const char *path;
    bool streams; /* the answer may be many messages */
    /* Decode the request and begin the work: afterwards call->body or
     * call->pull is set. NULL: the call takes any number of requests, each with
     * its answer, which call->pull gets from call_next_request. */
    bool (*start)(struct call *call, const uint8_t *request, size_t n, struct fault *fault_out);
    call_pull_fn *pull_many;
};

/* NULL: no such method. */
const struct method *method_find(const uint8_t *path, size_t n);

/* All of them, for those that count them. */
extern const struct method METHODS[];
extern const size_t N_METHODS;

/* Make a reply that is whole in memory the call's body, within what all clients
 * together may make us keep. NULL: there was no memory for it. */
bool method_hold_reply(struct call *call, struct body *body, struct fault *fault_out);

/* For a call that is to end where it stands: PULL_END. */
enum pull method_pull_end(struct call *call);

#endif
