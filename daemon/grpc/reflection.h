/* reflection.h - grpc.reflection.v1 and v1alpha: what can be called here, told to
 * tools that have no copy of the contract. */
#ifndef GRPC_REFLECTION_H
#define GRPC_REFLECTION_H

#include "service/service.h"

struct call;

/* The answer to the call's next request. */
enum pull reflection_pull(struct call *call);

#endif
