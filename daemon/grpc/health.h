/* health.h - grpc.health.v1: is this server serving? */
#ifndef GRPC_HEALTH_H
#define GRPC_HEALTH_H

#include <stdbool.h>

#include "fault.h"

struct call;

/* One answer. An unknown service is NOT_FOUND. */
bool health_check(struct call *call, const char *service, struct fault *fault_out);

/* An answer now, and one for every change; the server's end ends it. */
void health_watch(struct call *call, const char *service);

#endif
