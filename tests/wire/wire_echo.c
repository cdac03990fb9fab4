/* wire_echo.c - messages in by one contract, out by the other: each line of stdin
 * is a message's name and its bytes in hexadecimal; they are unpacked and packed
 * again by what protoc-c made, and the bytes are printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mef3_wire.pb-c.h"

static const ProtobufCMessageDescriptor *const descriptors[] = {
    &wire__open_file_request__descriptor,
    &wire__file_info_request__descriptor,
    &wire__file_info_response__descriptor,
    &wire__list_open_files_request__descriptor,
    &wire__list_open_files_response__descriptor,
    &wire__set_signal_segment_request__descriptor,
    &wire__set_signal_segment_response__descriptor,
    &wire__get_number_of_segments_response__descriptor,
    &wire__set_active_channels_request__descriptor,
    &wire__set_active_channels_response__descriptor,
    &wire__get_active_channels_request__descriptor,
    &wire__get_active_channels_response__descriptor,
    &wire__signal_chunk_request__descriptor,
    &wire__signal_range_request__descriptor,
    &wire__signal_chunk__descriptor,
};

static const ProtobufCMessageDescriptor *find(const char *name)
{
    for (size_t i = 0; i < sizeof descriptors / sizeof descriptors[0]; i++)
        if (strcmp(descriptors[i]->short_name, name) == 0)
            return descriptors[i];
    return NULL;
}

static size_t from_hex(const char *hex, uint8_t *out)
{
    size_t n = 0;
    unsigned byte;
    for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
        out[n++] = (uint8_t)byte;
    return n;
}

static int echo(const char *name, const char *hex)
{
    const ProtobufCMessageDescriptor *descriptor = find(name);
    uint8_t *bytes = malloc(strlen(hex) / 2 + 1);
    if (!descriptor || !bytes)
        return -1;
    ProtobufCMessage *message =
        protobuf_c_message_unpack(descriptor, NULL, from_hex(hex, bytes), bytes);
    free(bytes);
    if (!message)
        return -1;

    size_t n = protobuf_c_message_get_packed_size(message);
    uint8_t *packed = malloc(n + 1);
    if (!packed)
        return -1;
    protobuf_c_message_pack(message, packed);
    for (size_t i = 0; i < n; i++)
        printf("%02x", packed[i]);
    printf(" %u unknown\n", message->n_unknown_fields);
    free(packed);
    protobuf_c_message_free_unpacked(message, NULL);
    return 0;
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        char *space = strchr(line, ' ');
        if (!space)
            return 2;
        *space = '\0';
        if (echo(line, space + 1) < 0) {
            fprintf(stderr, "wire_echo: cannot echo a %s\n", line);
            return 1;
        }
    }
    free(line);
    return 0;
}
