/* health.c - grpc.health.v1: is this server serving? */
#include "health.h"

#include <string.h>

#include "mef3_wire.pb-c.h"

#include "body.h"
#include "call.h"
#include "connection.h"
#include "descriptors.h"
#include "server.h"
#include "wire.h"

enum {
    SERVING = WIRE__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING,
    NOT_SERVING = WIRE__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING,
    SERVICE_UNKNOWN = WIRE__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVICE_UNKNOWN,
};

static bool is_known(const char *service)
{
    return strcmp(service, "") == 0 || descriptors_has_service(service);
}

static int status_now(const struct call *call)
{
    return connection_server(call->connection)->draining ? NOT_SERVING : SERVING;
}

bool health_check(struct call *call, const char *service, struct fault *fault_out)
{
    if (!is_known(service)) {
        *fault_out = (struct fault){RPC_NOT_FOUND, "no such service"};
        return false;
    }
    call->body = wire_health(status_now(call));
    if (!call->body)
        *fault_out = (struct fault){RPC_RESOURCE_EXHAUSTED, "out of memory"};
    return call->body != NULL;
}

static enum pull pull_watch(struct call *call)
{
    int status = call->service_known ? status_now(call) : SERVICE_UNKNOWN;
    if (status != call->watched) {
        call->body = wire_health(status);
        if (call->body) {
            call->watched = status;
            return PULL_HERE;
        }
        call->end = (struct fault){RPC_RESOURCE_EXHAUSTED, "out of memory"};
        return PULL_END;
    }
    if (!connection_server(call->connection)->draining)
        return PULL_WAIT;

    /* A watch would keep the connection, and so the server, for ever. */
    call->end = (struct fault){RPC_UNAVAILABLE, "the server is shutting down"};
    return PULL_END;
}

void health_watch(struct call *call, const char *service)
{
    call->service_known = is_known(service);
    call->watched = CALL_WATCHES_NOTHING_YET;
    call->open_ended = true;
    call->pull = pull_watch;
}
