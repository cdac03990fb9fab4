/* wire.h - protobuf, in and out: a client's bytes to a request, the service's
 * answers to bodies. */
#ifndef GRPC_WIRE_H
#define GRPC_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "fault.h"

struct body;
struct file_info;
struct message;

/* Unpack a request; free it with protobuf_c_message_free_unpacked. NULL: it is
 * malformed; a text that is not UTF-8 or has a NUL in it counts as that. */
ProtobufCMessage *wire_unpack(const ProtobufCMessageDescriptor *descriptor, const uint8_t *bytes,
                              size_t n, struct fault *fault_out);

/* Any message whose texts are known to be UTF-8. NULL: out of memory. */
struct body *wire_pack(const ProtobufCMessage *message);

/* Replies, each a whole gRPC message with its prefix. error_message NULL: the
 * field is absent. NULL: out of memory. The two generations' pairs of messages
 * with the same fields share a function. */
struct body *wire_file_info(const char *file_path, const struct file_info *info);
struct body *wire_file_list(const char *const *paths, size_t n);
struct body *wire_page_count(const char *file_path, int64_t n_pages, const char *error_message);
struct body *wire_channels(const char *file_path, const char *const *names, size_t n,
                           const char *error_message);
struct body *wire_health(int status);

/* A SignalChunk. The samples are not copied: the body holds the message, and
 * gives it back; on failure too. */
struct body *wire_chunk(const struct message *message);

#endif
