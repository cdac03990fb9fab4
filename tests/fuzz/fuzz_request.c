/* fuzz_request.c - a call's body: prefix, compression, protobuf.
 *
 * The first byte of the input says which message is expected, the second how it
 * is compressed; the rest comes in two pieces. */
#include <stdlib.h>
#include <string.h>

#include "mef3_wire.pb-c.h"

#include "grpc/framing.h"
#include "base/character.h"
#include "grpc/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const ProtobufCMessageDescriptor *const descriptors[] = {
    &wire__open_file_request__descriptor,          &wire__list_open_files_request__descriptor,
    &wire__set_signal_segment_request__descriptor, &wire__set_active_channels_request__descriptor,
    &wire__signal_chunk_request__descriptor,       &wire__signal_range_request__descriptor,
    &wire__health_check_request__descriptor,       &wire__file_info_response__descriptor,
};

/* What was let in is text. */
static void check_text(const char *text)
{
    if (text && !characters_are_valid(text, strlen(text)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n < 2)
        return 0;
    const ProtobufCMessageDescriptor *descriptor =
        descriptors[bytes[0] % (sizeof descriptors / sizeof descriptors[0])];
    enum encoding encoding = (enum encoding)(bytes[1] % 3);
    size_t first = bytes[1] < n - 2 ? bytes[1] : n - 2;
    bytes += 2;
    n -= 2;

    struct intake_budget budget = {.limit = 64 << 10};
    struct intake intake;
    struct fault fault;
    const uint8_t *message;
    size_t n_message;
    intake_init(&intake, &budget, 16 << 10);
    if (intake_feed(&intake, bytes, first, &fault) &&
        intake_feed(&intake, bytes + first, n - first, &fault) &&
        intake_end(&intake, encoding, &message, &n_message, &fault)) {
        if (n_message > 16 << 10)
            abort();
        ProtobufCMessage *request = wire_unpack(descriptor, message, n_message, &fault);
        if (request && descriptor == &wire__signal_range_request__descriptor) {
            const Wire__SignalRangeRequest *range = (const Wire__SignalRangeRequest *)request;
            check_text(range->file_path);
            for (size_t i = 0; i < range->n_channel_names; i++)
                check_text(range->channel_names[i]);
        }
        protobuf_c_message_free_unpacked(request, NULL);
    }
    intake_fini(&intake);
    if (budget.used != 0)
        abort();
    return 0;
}
