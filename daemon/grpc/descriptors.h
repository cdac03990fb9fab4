/* descriptors.h - the files of the wire contract, as protoc describes them, and
 * what is defined in them. */
#ifndef GRPC_DESCRIPTORS_H
#define GRPC_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that live for ever. */
struct descriptor_bytes {
    const uint8_t *at;
    size_t n;
};

/* The FileDescriptorProto of that file. */
bool descriptors_of_file(const char *name, struct descriptor_bytes *file_out);

/* Of the file in which this is defined: "pkg.Service", "pkg.Service.Method",
 * "pkg.Message", "pkg.Message.field", "pkg.Message.Enum", "pkg.Message.VALUE". */
bool descriptors_of_symbol(const char *symbol, struct descriptor_bytes *file_out);

/* The names of the services; writes at most `room` of them, DESCRIPTORS_NAME
 * bytes each with the zero. How many there are. */
enum { DESCRIPTORS_NAME = 96, DESCRIPTORS_MOST_SERVICES = 8 };
size_t descriptors_services(char names_out[][DESCRIPTORS_NAME], size_t room);
bool descriptors_has_service(const char *name);

#endif
