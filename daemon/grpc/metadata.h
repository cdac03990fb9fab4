/* metadata.h - the values of gRPC's own header fields. */
#ifndef GRPC_METADATA_H
#define GRPC_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/passwords.h"

/* "grpc-timeout": up to eight digits and a unit. Milliseconds, rounded up, so
 * that only a timeout of nothing is 0. */
bool metadata_timeout(const uint8_t *value, size_t n, uint64_t *ms_out);

/* "content-type": application/grpc, perhaps with +proto or parameters. */
bool metadata_is_grpc(const uint8_t *value, size_t n);

/* "grpc-encoding" of what a client sends. */
enum encoding { ENCODING_IDENTITY, ENCODING_GZIP, ENCODING_DEFLATE };
#define METADATA_ENCODINGS "identity,deflate,gzip"
bool metadata_encoding(const uint8_t *value, size_t n, enum encoding *encoding_out);

/* "grpc-message": percent-encoded, as much as fits, no character cut in two.
 * Returns the length. */
size_t metadata_message(const char *text, char *out, size_t room);

/* A value of ours: printable ASCII, other bytes shown as '?', as much as fits.
 * Returns the length. */
size_t metadata_printable(const char *text, char *out, size_t room);

#endif
