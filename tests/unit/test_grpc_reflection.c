/* test_grpc_reflection.c - reflection: one answer for each of many requests. */
#include "help/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grpc/descriptors.h"
#include "grpc/fault.h"
#include "grpc/server.h"
#include "help/grpc_room.h"
#include "mef3_wire.pb-c.h"

#define INFO "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
#define ALPHA "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"

enum { FILE_BY_NAME = 3, SYMBOL = 4, LIST = 7 };

static uint8_t requests[1 << 20];

/* A request with one field of text, behind `n` bytes of others. */
static size_t add_request(size_t n, uint8_t field, const char *text)
{
    size_t length = strlen(text);

    assert_true(length < 128 && n + length + 7 <= sizeof requests);
    uint8_t *at = requests + n;
    memset(at, 0, 4);
    at[4] = (uint8_t)(length + 2);
    at[5] = (uint8_t)(field << 3 | 2);
    at[6] = (uint8_t)length;
    memcpy(at + 7, text, length);
    return n + 7 + length;
}

static Wire__ReflectionResponse *response(const struct answer *answer, unsigned k)
{
    const uint8_t *bytes;
    size_t n;

    if (!room_message(answer->bytes, answer->n, k, &bytes, &n))
        return NULL;
    Wire__ReflectionResponse *made = wire__reflection_response__unpack(NULL, n, bytes);
    assert_non_null(made);
    return made;
}

static unsigned n_responses(const struct answer *answer)
{
    const uint8_t *bytes;
    size_t n;
    unsigned k = 0;

    while (room_message(answer->bytes, answer->n, k, &bytes, &n))
        k++;
    return k;
}

/* More for a call that was kept open. */
static void send_more(struct room_client *client, struct answer *answer, size_t n)
{
    answer->request = requests;
    answer->n_request = n;
    assert_int_equal(nghttp2_session_resume_data(client->session, answer->stream_id), 0);
}

static void end_requests(struct room_client *client, struct answer *answer)
{
    answer->keeps_open = false;
    assert_int_equal(nghttp2_session_resume_data(client->session, answer->stream_id), 0);
}

static void a_stream_that_stays_open_is_answered_request_by_request(void **state)
{
    static const char *const paths[] = {INFO, ALPHA};
    struct room room;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        room_open(&room, NULL);
        struct room_client *client = client_open(&room, 0, 0);
        struct answer *answer = client_call_open(client, paths[i]);
        for (unsigned k = 0; k < 3; k++) {
            room_turn(&room, client, NULL);
            send_more(client, answer, add_request(0, LIST, k == 1 ? "*" : ""));
            room_until(&room, client, NULL, n_responses(answer) == k + 1);
            Wire__ReflectionResponse *services = response(answer, k);
            assert_int_equal(services->list_services_response->n_service, 4);
            assert_string_equal(services->original_request->list_services, k == 1 ? "*" : "");
            wire__reflection_response__free_unpacked(services, NULL);
            assert_false(answer->closed);
        }
        assert_int_equal(room.server->intake.used, 0); /* nothing is kept for it meanwhile */
        end_requests(client, answer);
        room_until(&room, client, NULL, answer->closed);
        assert_int_equal(answer->grpc_status, RPC_OK);
        assert_int_equal(n_responses(answer), 3);
        client_close(client);
        room_close(&room);
    }
}

static void many_requests_at_once_have_an_answer_each_in_their_order(void **state)
{
    enum { N = 20000 };
    struct room room;
    size_t n = 0;

    (void)state;
    room_open(&room, NULL);
    struct room_client *client = client_open(&room, 0, 0);
    for (int i = 0; i < N; i++) {
        char name[16];
        snprintf(name, sizeof name, "no_such_%d", i);
        n = add_request(n, SYMBOL, name);
    }
    assert_true(n > 4 * 65535); /* several windows */
    struct answer *answer = client_call(client, INFO, requests, n, NULL, 0);
    room_until(&room, client, NULL, answer->closed);
    assert_int_equal(answer->grpc_status, RPC_OK);
    for (size_t at = 0, i = 0; i < N; i++) {
        const uint8_t *bytes;
        size_t length;
        char name[16];
        assert_true(room_message(answer->bytes + at, answer->n - at, 0, &bytes, &length));
        Wire__ReflectionResponse *made = wire__reflection_response__unpack(NULL, length, bytes);
        snprintf(name, sizeof name, "no_such_%zu", i);
        assert_string_equal(made->original_request->file_containing_symbol, name);
        assert_int_equal(made->error_response->error_code, RPC_NOT_FOUND);
        wire__reflection_response__free_unpacked(made, NULL);
        at = (size_t)(bytes - answer->bytes) + length;
    }
    client_close(client);
    room_close(&room);
}

static void a_client_that_takes_no_answers_is_not_listened_to_for_ever(void **state)
{
    struct room room;
    struct grpc_limits limits;
    size_t n = 0, most = 0;

    (void)state;
    grpc_limits_default(&limits);
    limits.request_ms = 300;
    room_open(&room, &limits);
    struct room_client *client = client_open(&room, 1, 0); /* a window of one byte */
    while (n + 64 < sizeof requests)
        n = add_request(n, FILE_BY_NAME, "mef3.proto");
    struct answer *answer = client_call(client, INFO, requests, n, NULL, 0);
    nghttp2_session_set_local_window_size(client->session, NGHTTP2_FLAG_NONE, answer->stream_id, 1);
    client->deaf = true;
    while (room.server->counters.refused[GRPC_REFUSED_SLOW] == 0) {
        room_turn(&room, client, NULL);
        size_t used = room.server->intake.used + room.server->replies.bytes;
        most = used > most ? used : most;
    }
    assert_true(most > 0 && most < 256 << 10);
    client->deaf = false;
    room_until(&room, client, NULL, answer->closed);
    client_close(client);
    room_close(&room);
}

static void what_is_no_request_ends_the_stream(void **state)
{
    static const struct {
        const char *why;
        const char *bytes;
        size_t n;
        int status;
    } row[] = {
        {"no requests at all", "", 0, RPC_OK},
        {"a request cut short", "\0\0\0\0\5ab", 7, RPC_INVALID_ARGUMENT},
        {"a prefix cut short", "\0\0\0", 3, RPC_INVALID_ARGUMENT},
        {"a wrong prefix", "\7\0\0\0\0", 5, RPC_INVALID_ARGUMENT},
        {"more than any name needs", "\0\0\1\0\0", 5, RPC_RESOURCE_EXHAUSTED},
        {"no protobuf", "\0\0\0\0\2\377\377", 7, RPC_INVALID_ARGUMENT},
        {"a symbol that is no UTF-8", "\0\0\0\0\3\42\1\377", 8, RPC_INVALID_ARGUMENT},
        {"nor within a message", "\0\0\0\0\5\52\3\12\1\377", 10, RPC_INVALID_ARGUMENT},
        {"compressed, and nobody said how", "\1\0\0\0\2\72\0", 7, RPC_UNIMPLEMENTED},
    };
    struct room room;

    (void)state;
    room_open(&room, NULL);
    struct room_client *client = client_open(&room, 0, 0);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct answer *answer =
            client_call(client, INFO, (const uint8_t *)(uintptr_t)row[i].bytes, row[i].n, NULL, 0);
        room_until(&room, client, NULL, answer->closed);
        assert_row_int(answer->grpc_status, row[i].status, row[i].why);
        assert_row_int(n_responses(answer), 0, row[i].why);
    }
    struct answer *answer = client_call(client, INFO, requests, add_request(0, LIST, ""), NULL, 0);
    room_until(&room, client, NULL, answer->closed);
    assert_int_equal(n_responses(answer), 1);
    client_close(client);
    room_close(&room);
}

static void answers_come_before_the_fault_that_ends_the_stream(void **state)
{
    struct room room;

    (void)state;
    room_open(&room, NULL);
    struct room_client *client = client_open(&room, 0, 0);
    size_t n = add_request(0, LIST, "");
    memcpy(requests + n, "\0\0\0\0\2\377\377", 7);
    struct answer *answer = client_call(client, INFO, requests, n + 7, NULL, 0);
    room_until(&room, client, NULL, answer->closed);
    assert_int_equal(n_responses(answer), 1);
    assert_int_equal(answer->grpc_status, RPC_INVALID_ARGUMENT);
    client_close(client);
    room_close(&room);
}

static void on_drained(void *arg)
{
    *(bool *)arg = true;
}

static void the_end_of_the_server_ends_a_stream_that_is_only_open(void **state)
{
    struct room room;
    bool drained = false;

    (void)state;
    room_open(&room, NULL);
    struct room_client *client = client_open(&room, 0, 0);
    struct answer *idle = client_call_open(client, INFO);
    struct answer *silent = client_call_open(client, ALPHA);
    room_turn(&room, client, NULL);
    send_more(client, idle, add_request(0, LIST, ""));
    room_until(&room, client, NULL, n_responses(idle) == 1 && grpc_server_calls(room.server) == 2);
    grpc_server_drain(room.server, on_drained, &drained);
    room_until(&room, client, NULL, drained);
    assert_int_equal(idle->grpc_status, RPC_UNAVAILABLE);
    assert_int_equal(silent->grpc_status, RPC_UNAVAILABLE);
    client_close(client);
    room_close(&room);
}

static void what_is_defined_is_found_and_nothing_else(void **state)
{
    static const struct {
        const char *symbol;
        const char *file; /* NULL: in none */
    } row[] = {
        {"gRPCMef3Server", "mef3.proto"},
        {"gRPCMef3Server.OpenFile", "mef3.proto"},
        {"SignalChunk", "mef3.proto"},
        {"SignalChunk.array_bytes", "mef3.proto"},
        {"grpc.health.v1.Health", "grpc/health/v1/health.proto"},
        {"grpc.health.v1.Health.Watch", "grpc/health/v1/health.proto"},
        {"grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc/health/v1/health.proto"},
        {"grpc.health.v1.HealthCheckResponse.SERVING", "grpc/health/v1/health.proto"},
        {"grpc.reflection.v1.ServerReflectionRequest.message_request",
         "grpc/reflection/v1/reflection.proto"},
        {"grpc.reflection.v1alpha.ErrorResponse", "grpc/reflection/v1alpha/reflection.proto"},
        {"grpc.health.v1.HealthCheckResponse.ServingStatus.SERVING", NULL},
        {"", NULL},
        {".", NULL},
        {"grpc.health.v1", NULL},
        {"grpc.health.v1.", NULL},
        {"gRPCMef3Serve", NULL},
        {"gRPCMef3Server.", NULL},
        {"gRPCMef3Server.OpenFile.x", NULL},
        {"gRPCMef3ServerOpenFile", NULL},
        {"OpenFile", NULL},
        {"health.v1.Health", NULL},
        {"Health", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct descriptor_bytes found, wanted;
        assert_row(descriptors_of_symbol(row[i].symbol, &found) == (row[i].file != NULL),
                   row[i].symbol);
        if (!row[i].file)
            continue;
        assert_row(descriptors_of_file(row[i].file, &wanted), row[i].symbol);
        assert_row(found.at == wanted.at && found.n == wanted.n, row[i].symbol);
    }
    assert_false(descriptors_of_file("", &(struct descriptor_bytes){NULL, 0}));
    assert_false(descriptors_of_file("mef3", &(struct descriptor_bytes){NULL, 0}));
    assert_true(descriptors_has_service("grpc.reflection.v1.ServerReflection"));
    assert_false(descriptors_has_service("grpc.reflection.v1.ServerReflectio"));
    assert_false(descriptors_has_service(""));
    assert_int_equal(descriptors_services(NULL, 0), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_that_stays_open_is_answered_request_by_request),
        cmocka_unit_test(many_requests_at_once_have_an_answer_each_in_their_order),
        cmocka_unit_test(a_client_that_takes_no_answers_is_not_listened_to_for_ever),
        cmocka_unit_test(what_is_no_request_ends_the_stream),
        cmocka_unit_test(answers_come_before_the_fault_that_ends_the_stream),
        cmocka_unit_test(the_end_of_the_server_ends_a_stream_that_is_only_open),
        cmocka_unit_test(what_is_defined_is_found_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
