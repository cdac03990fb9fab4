/* fault.h - why a call ends, as a gRPC status and a text. */
#ifndef GRPC_FAULT_H
#define GRPC_FAULT_H

enum rpc_status {
    RPC_OK = 0,
    RPC_CANCELLED = 1,
    RPC_INVALID_ARGUMENT = 3,
    RPC_DEADLINE_EXCEEDED = 4,
    RPC_NOT_FOUND = 5,
    RPC_RESOURCE_EXHAUSTED = 8,
    RPC_UNIMPLEMENTED = 12,
    RPC_INTERNAL = 13,
    RPC_UNAVAILABLE = 14,
};

struct fault {
    enum rpc_status status;
    const char *text; /* lives for ever; "" with RPC_OK */
};

#endif
