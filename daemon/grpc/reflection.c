/* reflection.c - grpc.reflection.v1 and v1alpha. Their messages are the same, byte
 * for byte. */
#include "reflection.h"

#include <string.h>

#include "mef3_wire.pb-c.h"

#include "call.h"
#include "descriptors.h"
#include "methods.h"
#include "wire.h"

static struct body *answer(Wire__ReflectionRequest *request, Wire__ReflectionResponse *response)
{
    response->valid_host = request->host;
    response->original_request = request;
    return wire_pack(&response->base);
}

static struct body *answer_error(Wire__ReflectionRequest *request, enum rpc_status status,
                                 char *text)
{
    Wire__ReflectionError error = WIRE__REFLECTION_ERROR__INIT;
    Wire__ReflectionResponse response = WIRE__REFLECTION_RESPONSE__INIT;

    error.has_error_code = 1;
    error.error_code = status;
    error.error_message = text;
    response.message_response_case = WIRE__REFLECTION_RESPONSE__MESSAGE_RESPONSE_ERROR_RESPONSE;
    response.error_response = &error;
    return answer(request, &response);
}

static struct body *answer_file(Wire__ReflectionRequest *request, bool found,
                                struct descriptor_bytes bytes)
{
    static char no_such[] = "not found";
    Wire__ReflectionFiles files = WIRE__REFLECTION_FILES__INIT;
    Wire__ReflectionResponse response = WIRE__REFLECTION_RESPONSE__INIT;

    if (!found)
        return answer_error(request, RPC_NOT_FOUND, no_such);
    union {
        const uint8_t *in;
        uint8_t *out;
    } same = {.in = bytes.at};
    ProtobufCBinaryData file = {bytes.n, same.out};
    files.n_file_descriptor_proto = 1;
    files.file_descriptor_proto = &file;
    response.message_response_case =
        WIRE__REFLECTION_RESPONSE__MESSAGE_RESPONSE_FILE_DESCRIPTOR_RESPONSE;
    response.file_descriptor_response = &files;
    return answer(request, &response);
}

static struct body *answer_services(Wire__ReflectionRequest *request)
{
    char names[DESCRIPTORS_MOST_SERVICES][DESCRIPTORS_NAME];
    Wire__ReflectionService services[DESCRIPTORS_MOST_SERVICES];
    Wire__ReflectionService *list[DESCRIPTORS_MOST_SERVICES];
    Wire__ReflectionServices all = WIRE__REFLECTION_SERVICES__INIT;
    Wire__ReflectionResponse response = WIRE__REFLECTION_RESPONSE__INIT;

    size_t n = descriptors_services(names, DESCRIPTORS_MOST_SERVICES);
    for (size_t i = 0; i < n && i < DESCRIPTORS_MOST_SERVICES; i++) {
        wire__reflection_service__init(&services[i]);
        services[i].name = names[i];
        list[i] = &services[i];
        all.n_service = i + 1;
    }
    all.service = list;
    response.message_response_case =
        WIRE__REFLECTION_RESPONSE__MESSAGE_RESPONSE_LIST_SERVICES_RESPONSE;
    response.list_services_response = &all;
    return answer(request, &response);
}

static struct body *answer_to(Wire__ReflectionRequest *request)
{
    static char no_extensions[] = "there are no extensions here";
    static char says_nothing[] = "the request asks for nothing that is known here";
    struct descriptor_bytes file = {NULL, 0};
    bool found;

    switch ((int)request->message_request_case) {
    case WIRE__REFLECTION_REQUEST__MESSAGE_REQUEST_LIST_SERVICES:
        return answer_services(request);
    case WIRE__REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_BY_FILENAME:
        found = descriptors_of_file(request->file_by_filename, &file);
        return answer_file(request, found, file);
    case WIRE__REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_SYMBOL:
        found = descriptors_of_symbol(request->file_containing_symbol, &file);
        return answer_file(request, found, file);
    case WIRE__REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_EXTENSION:
    case WIRE__REFLECTION_REQUEST__MESSAGE_REQUEST_ALL_EXTENSION_NUMBERS_OF_TYPE:
        return answer_error(request, RPC_NOT_FOUND, no_extensions);
    case WIRE__REFLECTION_REQUEST__MESSAGE_REQUEST__NOT_SET:
    default:
        return answer_error(request, RPC_INVALID_ARGUMENT, says_nothing);
    }
}

enum pull reflection_pull(struct call *call)
{
    const uint8_t *bytes;
    size_t n;

    enum pull next = call_next_request(call, &bytes, &n);
    if (next != PULL_HERE)
        return next;
    ProtobufCMessage *request =
        wire_unpack(&wire__reflection_request__descriptor, bytes, n, &call->end);
    if (!request)
        return PULL_END;
    bool held =
        method_hold_reply(call, answer_to((Wire__ReflectionRequest *)(void *)request), &call->end);
    protobuf_c_message_free_unpacked(request, NULL);
    return held ? PULL_HERE : PULL_END;
}
