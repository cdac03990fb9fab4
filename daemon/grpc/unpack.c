/* unpack.c - a client's bytes to a request. */
#include "wire.h"

#include <string.h>

#include "base/character.h"

static bool read_varint(const uint8_t **at, const uint8_t *end, uint64_t *value_out)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (*at == end)
            return false;
        uint8_t byte = *(*at)++;
        value |= shift < 63 ? (uint64_t)(byte & 0x7F) << shift : (uint64_t)(byte & 1) << 63;
        if (byte < 0x80) {
            *value_out = value;
            return true;
        }
    }
    return false;
}

/* Are the fields that hold text, text? protobuf-c takes any bytes, and a NUL
 * among them would make us answer about another path than was asked for. */
static bool texts_are_sound(const ProtobufCMessageDescriptor *descriptor, const uint8_t *bytes,
                            size_t n)
{
    enum { VARINT = 0, EIGHT_BYTES = 1, COUNTED = 2, FOUR_BYTES = 5 };

    const uint8_t *at = bytes, *end = bytes + n;
    while (at < end) {
        uint64_t tag, length = 0;
        if (!read_varint(&at, end, &tag))
            return false;
        switch (tag & 7) {
        case VARINT:
            if (!read_varint(&at, end, &(uint64_t){0}))
                return false;
            break;
        case EIGHT_BYTES:
            length = 8;
            break;
        case FOUR_BYTES:
            length = 4;
            break;
        case COUNTED:
            if (!read_varint(&at, end, &length))
                return false;
            break;
        default:
            return false;
        }
        if (length > (size_t)(end - at))
            return false;

        const ProtobufCFieldDescriptor *field =
            tag >> 3 <= UINT32_MAX
                ? protobuf_c_message_descriptor_get_field(descriptor, (unsigned)(tag >> 3))
                : NULL;
        if (field && field->type == PROTOBUF_C_TYPE_STRING &&
            (memchr(at, 0, (size_t)length) || !characters_are_valid(at, (size_t)length)))
            return false;
        /* As deep as the contract's own nesting: it has no message in itself. */
        if (field && field->type == PROTOBUF_C_TYPE_MESSAGE &&
            !texts_are_sound(field->descriptor, at, (size_t)length))
            return false;
        at += length;
    }
    return true;
}

ProtobufCMessage *wire_unpack(const ProtobufCMessageDescriptor *descriptor, const uint8_t *bytes,
                              size_t n, struct fault *fault_out)
{
    ProtobufCMessage *request = NULL;
    if (n == 0)
        bytes = (const uint8_t *)"";
    if (texts_are_sound(descriptor, bytes, n))
        request = protobuf_c_message_unpack(descriptor, NULL, n, bytes);
    if (!request)
        *fault_out = (struct fault){RPC_INVALID_ARGUMENT, "the request message is malformed"};
    return request;
}
