/* utf8.h - UTF-8 that came from a client, or goes to one. */
#ifndef GRPC_UTF8_H
#define GRPC_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Texts on their way into a message: those that are not UTF-8, which a proto3
 * client would refuse together with the whole message, are replaced by copies
 * with U+FFFD for each byte that does not belong. */
struct utf8_copies {
    char **copies;
    size_t n;
    bool failed; /* out of memory: some text was left out */
};

/* `text` itself, or its copy; never NULL. Not const, as protobuf-c wants it,
 * but not to be written to. */
char *utf8_clean(struct utf8_copies *copies, const char *text);

void utf8_copies_fini(struct utf8_copies *copies);

#endif
