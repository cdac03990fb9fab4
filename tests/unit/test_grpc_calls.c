/* test_grpc_calls.c - calls and their answers, right ones and wrong ones. */
#include "help/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grpc/fault.h"
#include "help/grpc_room.h"
#include "mef3_wire.pb-c.h"

enum { BIG = 8 << 20, BIG_FRAME = 4 << 20 };

static uint8_t request[400000];

static Wire__SignalChunk *chunk(const struct answer *answer, unsigned k)
{
    const uint8_t *bytes;
    size_t n;
    return room_message(answer->bytes, answer->n, k, &bytes, &n)
               ? wire__signal_chunk__unpack(NULL, n, bytes)
               : NULL;
}

static void each_call_is_answered(void **state)
{
    (void)state;
    static const char *const path[] = {
        "OpenFile",
        "FileInfo",
        "ListOpenFiles",
        "SetSignalSegmentSize",
        "GetNumberOfSegments",
        "SetActiveChannels",
        "GetActiveChannels",
        "CloseFile",
    };
    struct room room;
    room_open(&room, NULL);
    struct room_client *client = client_open(&room, 0, 0);
    for (size_t i = 0; i < sizeof path / sizeof path[0]; i++) {
        char method[64];
        const uint8_t *bytes;
        size_t n;
        snprintf(method, sizeof method, "/gRPCMef3Server/%s", path[i]);
        size_t length = i == 2 ? 5 : room_path_request(request, "night.mefd");
        if (i == 2)
            memset(request, 0, 5);
        struct answer *answer = client_call(client, method, request, length, NULL, 0);
        room_until(&room, client, NULL, answer->closed);
        assert_row_int(answer->grpc_status, RPC_OK, path[i]);
        assert_row_int(answer->http_status, 200, path[i]);
        assert_row_int(answer->n_header_blocks, 2, path[i]);
        assert_row_int(answer->error, NGHTTP2_NO_ERROR, path[i]);
        assert_row(room_message(answer->bytes, answer->n, 0, &bytes, &n), path[i]);
        assert_row(!room_message(answer->bytes, answer->n, 1, &bytes, &n), path[i]);
        assert_string_equal(room.service->last_path, "night.mefd");
    }
    client_close(client);
    room_close(&room);
}

/* Field 99 of each of these replies is its error_message. */
static bool says(const struct answer *answer, const char *error)
{
    const uint8_t *bytes;
    size_t n;

    return room_message(answer->bytes, answer->n, 0, &bytes, &n) &&
           memmem(bytes, n, error, strlen(error)) != NULL;
}

static void what_is_told_of_a_recording_waits_until_it_was_looked_at(void **state)
{
    static const char *const path[] = {"FileInfo", "SetSignalSegmentSize", "GetNumberOfSegments"};
    static const struct {
        const char *why, *file;
        enum outcome outcome;
        enum rpc_status status;
        const char *text; /* of the reply */
    } row[] = {
        {"it is there", "night.mefd", OUTCOME_DONE, RPC_OK, "night.mefd"},
        {"it is gone", "missing.mefd", OUTCOME_DONE, RPC_OK, "File does not exist: missing"},
        {"no worker", "night.mefd", OUTCOME_UNAVAILABLE, RPC_UNAVAILABLE, NULL},
    };

    (void)state;
    for (size_t i = 0; i < 3 * sizeof row / sizeof *row; i++) {
        struct room room;
        char method[64];
        room_open(&room, NULL);
        room.service->looks = room.service->delays = true;
        room.service->outcome = row[i / 3].outcome;
        struct room_client *client = client_open(&room, 0, 0);
        snprintf(method, sizeof method, "/gRPCMef3Server/%s", path[i % 3]);
        struct answer *answer = client_call(client, method, request,
                                            room_path_request(request, row[i / 3].file), NULL, 0);
        room_until(&room, client, NULL, answer->closed);
        assert_row_int(answer->grpc_status, row[i / 3].status, row[i / 3].why);
        if (row[i / 3].text)
            assert_row(says(answer, row[i / 3].text), row[i / 3].why);
        assert_row(room.service->n_pulls > 1, row[i / 3].why);
        assert_row_int(room.service->n_openings, 0, row[i / 3].why);
        client_close(client);
        room_close(&room);
    }
}

static void an_opened_file_is_answered_with_its_facts(void **state)
{
    (void)state;
    struct room room;
    const uint8_t *bytes;
    size_t n;
    room_open(&room, NULL);
    room.service->delays = true;
    struct room_client *client = client_open(&room, 0, 0);
    struct answer *answer =
        client_call(client, "/gRPCMef3Server/OpenFile", request,
                    room_path_request(request, "r\xC3\xA9sum\xC3\xA9.mefd"), NULL, 0);
    room_until(&room, client, NULL, answer->closed);
    assert_true(room_message(answer->bytes, answer->n, 0, &bytes, &n));
    Wire__FileInfoResponse *info = wire__file_info_response__unpack(NULL, n, bytes);
    assert_non_null(info);
    assert_string_equal(info->file_path, "r\xC3\xA9sum\xC3\xA9.mefd");
    assert_true(info->file_opened && info->has_number_of_channels && info->has_duration_s);
    assert_int_equal(info->number_of_channels, 16);
    assert_int_equal(info->n_channel_names, 16);
    assert_int_equal(info->n_channel_end_uutc, 16);
    assert_string_equal(info->channel_names[15], "ch015");
    assert_null(info->error_message);
    wire__file_info_response__free_unpacked(info, NULL);
    client_close(client);
    room_close(&room);
}

static void a_read_arrives_as_it_was_made(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        uint32_t window;
        uint32_t frame;
        bool delays;
        bool is_page;
    } row[] = {
        {"small windows and frames", 65535, 16384, false, true},
        {"windows of one byte more than a frame", 16385, 16384, false, true},
        {"large ones", BIG, BIG_FRAME, false, true},
        {"samples that come later", BIG, BIG_FRAME, true, true},
        {"samples that come later, small windows", 65535, 16384, true, false},
        {"a window of channels", BIG, BIG_FRAME, false, false},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct room room;
        room_open(&room, NULL);
        room.service->message_bytes = 700000;
        room.service->delays = row[i].delays;
        size_t n = row[i].is_page ? room_page_request(request, "a", 1)
                                  : room_range_request(request, "a", 5000000, 300);
        struct room_client *client = client_open(&room, row[i].window, row[i].frame);
        struct answer *answer = client_call(client,
                                            row[i].is_page ? "/gRPCMef3Server/GetSignalSegment"
                                                           : "/gRPCMef3Server/GetSignalRange",
                                            request, n, NULL, 0);
        room_until(&room, client, NULL, answer->closed);
        assert_row_int(answer->grpc_status, RPC_OK, row[i].why);

        size_t width = row[i].is_page ? 8 : 4, n_samples = 0;
        Wire__SignalChunk *got;
        for (unsigned k = 0; (got = chunk(answer, k)); k++) {
            assert_string_equal(got->dtype, row[i].is_page ? "float64" : "float32");
            assert_row_int(got->n_shape, 2, row[i].why);
            assert_row_int(got->shape[0], 16, row[i].why);
            assert_row_int(got->array_bytes.len, 16 * (size_t)got->shape[1] * width, row[i].why);
            assert_row_int(got->n_channel_names, 16, row[i].why);
            assert_row(got->error_message && !got->error_message[0], row[i].why);
            for (size_t at = 0; at < got->array_bytes.len; at++)
                if (got->array_bytes.data[at] != service_stub_byte(k, at))
                    fail_msg("row \"%s\": byte %zu of message %u", row[i].why, at, k);
            n_samples += (size_t)got->shape[1];
            wire__signal_chunk__free_unpacked(got, NULL);
        }
        assert_row_int(n_samples, 300 * 256, row[i].why);
        if (row[i].frame == BIG_FRAME)
            assert_row(answer->largest_frame > 690000, row[i].why);
        client_close(client);
        room_close(&room);
    }
}

static void an_error_message_comes_without_the_other_fields(void **state)
{
    (void)state;
    struct room room;
    room_open(&room, NULL);
    room.service->read_error = "Invalid chunk request: 9 for caf\xE9.mefd";
    struct room_client *client = client_open(&room, 0, 0);
    struct answer *answer = client_call(client, "/gRPCMef3Server/GetSignalSegment", request,
                                        room_page_request(request, "a", 9), NULL, 0);
    room_until(&room, client, NULL, answer->closed);
    assert_int_equal(answer->grpc_status, RPC_OK);
    Wire__SignalChunk *got = chunk(answer, 0);
    assert_non_null(got);
    assert_string_equal(got->error_message, "Invalid chunk request: 9 for caf\xEF\xBF\xBD.mefd");
    assert_string_equal(got->file_path, "a");
    assert_false(got->has_array_bytes || got->has_fs || got->has_start_uutc || got->dtype);
    assert_int_equal(got->n_shape + got->n_channel_names, 0);
    wire__signal_chunk__free_unpacked(got, NULL);
    client_close(client);
    room_close(&room);
}

static void an_outcome_becomes_a_status(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        enum outcome outcome;
        unsigned n_before;
        bool opens;
        int status;
        unsigned n_blocks;
    } row[] = {
        {"no worker, at once", OUTCOME_UNAVAILABLE, 0, false, RPC_UNAVAILABLE, 1},
        {"no worker, after two messages", OUTCOME_UNAVAILABLE, 2, false, RPC_UNAVAILABLE, 2},
        {"over a limit", OUTCOME_EXHAUSTED, 0, false, RPC_RESOURCE_EXHAUSTED, 1},
        {"our failure", OUTCOME_INTERNAL, 1, false, RPC_INTERNAL, 2},
        {"no worker to open", OUTCOME_UNAVAILABLE, 0, true, RPC_UNAVAILABLE, 1},
        {"all is well", OUTCOME_DONE, 0, false, RPC_OK, 2},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct room room;
        room_open(&room, NULL);
        room.service->message_bytes = 700000;
        room.service->outcome = row[i].outcome;
        room.service->n_before = row[i].n_before;
        room.service->damage = "Cz: block 3";
        struct room_client *client = client_open(&room, 0, 0);
        struct answer *answer = client_call(
            client, row[i].opens ? "/gRPCMef3Server/OpenFile" : "/gRPCMef3Server/GetSignalSegment",
            request, room_page_request(request, "a", 1), NULL, 0);
        room_until(&room, client, NULL, answer->closed);
        assert_row_int(answer->grpc_status, row[i].status, row[i].why);
        assert_row_int(answer->n_header_blocks, row[i].n_blocks, row[i].why);
        assert_row((answer->message[0] != 0) == (row[i].status != RPC_OK), row[i].why);
        if (row[i].n_blocks == 2)
            assert_string_equal(answer->damage, "Cz: block 3");
        client_close(client);
        room_close(&room);
    }
}

static void damage_fits_into_what_a_client_takes(void **state)
{
    (void)state;
    static char damage[6000];
    struct room room;
    memset(damage, 'd', sizeof damage - 1);
    room_open(&room, NULL);
    room.service->damage = damage;
    struct room_client *client = client_open(&room, 0, 0);
    struct answer *answer = client_call(client, "/gRPCMef3Server/GetSignalSegment", request,
                                        room_page_request(request, "a", 1), NULL, 0);
    room_until(&room, client, NULL, answer->closed);
    assert_int_equal(answer->grpc_status, RPC_OK);
    assert_int_equal(strlen(answer->damage), 4096);
    client_close(client);
    room_close(&room);
}

static void a_wrong_call_gets_a_status_and_the_next_one_works(void **state)
{
    (void)state;
    static char much[20000];
    memset(much, 'm', sizeof much - 1);
    static const char open_file[] = "/gRPCMef3Server/OpenFile";
    static const struct {
        const char *why;
        const char *path;
        const char *name; /* a field more, NULL: none */
        const char *value;
        const char *bytes; /* NULL: a good request */
        size_t n;
        int http;
        int status;
    } row[] = {
        {"an unknown method", "/gRPCMef3Server/Nothing", NULL, NULL, NULL, 0, 200,
         RPC_UNIMPLEMENTED},
        {"an unknown service", "/grpc.channelz.v1.Channelz/GetTopChannels", NULL, NULL, NULL, 0,
         200, RPC_UNIMPLEMENTED},
        {"another content-type", open_file, "content-type", "application/json", NULL, 0, 415,
         RPC_INTERNAL},
        {"another HTTP method", open_file, ":method", "GET", NULL, 0, 405, RPC_INTERNAL},
        {"a malformed timeout", open_file, "grpc-timeout", "soon", NULL, 0, 200,
         RPC_INVALID_ARGUMENT},
        {"an unknown encoding", open_file, "grpc-encoding", "snappy", NULL, 0, 200,
         RPC_UNIMPLEMENTED},
        {"header fields without end", open_file, "x-much", much, NULL, 0, 200,
         RPC_RESOURCE_EXHAUSTED},
        {"a field number that is none", open_file, NULL, NULL, "\0\0\0\0\2\7\7", 7, 200,
         RPC_INVALID_ARGUMENT},
        {"a length past the end", open_file, NULL, NULL, "\0\0\0\0\3\n\5a", 8, 200,
         RPC_INVALID_ARGUMENT},
        {"a varint without end", open_file, NULL, NULL,
         "\0\0\0\0\14\20\377\377\377\377\377\377\377\377\377\377\377", 17, 200,
         RPC_INVALID_ARGUMENT},
        {"a number where a text belongs", open_file, NULL, NULL, "\0\0\0\0\2\10\1", 7, 200,
         RPC_INVALID_ARGUMENT},
        {"a path that is not UTF-8", open_file, NULL, NULL, "\0\0\0\0\3\n\1\351", 8, 200,
         RPC_INVALID_ARGUMENT},
        {"a path with a NUL in it", open_file, NULL, NULL, "\0\0\0\0\5\n\3a\0b", 10, 200,
         RPC_INVALID_ARGUMENT},
        {"no message", open_file, NULL, NULL, "", 0, 200, RPC_INVALID_ARGUMENT},
        {"two messages", open_file, NULL, NULL, "\0\0\0\0\0\0\0\0\0\0", 10, 200,
         RPC_INVALID_ARGUMENT},
        {"compressed, it does not say how", open_file, NULL, NULL, "\1\0\0\0\1a", 6, 200,
         RPC_UNIMPLEMENTED},
        {"compressed, but not so", open_file, "grpc-encoding", "gzip", "\1\0\0\0\1a", 6, 200,
         RPC_INVALID_ARGUMENT},
        {"larger than the limit", open_file, NULL, NULL, "\0\0\4\0\1", 5, 200,
         RPC_RESOURCE_EXHAUSTED},
    };

    struct room room;
    uint8_t good[64];
    size_t n_good = room_path_request(good, "a.mefd");
    room_open(&room, NULL);
    struct room_client *client = client_open(&room, 0, 0);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        nghttp2_nv more =
            room_field(row[i].name ? row[i].name : "", row[i].value ? row[i].value : "");
        struct answer *answer =
            client_call(client, row[i].path, row[i].bytes ? (const uint8_t *)row[i].bytes : good,
                        row[i].bytes ? row[i].n : n_good, &more, row[i].name != NULL);
        room_until(&room, client, NULL, answer->closed);
        assert_row_int(answer->http_status, row[i].http, row[i].why);
        assert_row_int(answer->grpc_status, row[i].status, row[i].why);
        assert_row_int(answer->n_header_blocks, 1, row[i].why);
        assert_row(answer->message[0], row[i].why);
        if (row[i].status == RPC_UNIMPLEMENTED)
            assert_row(answer->accept_encoding, row[i].why);

        answer = client_call(client, open_file, good, n_good, NULL, 0);
        room_until(&room, client, NULL, answer->closed);
        assert_row_int(answer->grpc_status, RPC_OK, row[i].why);
    }
    assert_int_equal(room.service->n_openings, 0);
    client_close(client);
    room_close(&room);
}

static void a_request_may_come_byte_by_byte_and_be_large(void **state)
{
    (void)state;
    struct room room;
    static char long_path[20000];
    memset(long_path, 'p', sizeof long_path - 1);
    room_open(&room, NULL);
    struct room_client *client = client_open(&room, 0, 0);
    client->bytes_a_write = 1;
    struct answer *answer = client_call(client, "/gRPCMef3Server/OpenFile", request,
                                        room_path_request(request, long_path), NULL, 0);
    room_until(&room, client, NULL, answer->closed);
    assert_int_equal(answer->grpc_status, RPC_OK);
    assert_true(answer->n > sizeof long_path);
    client_close(client);
    room_close(&room);
}

static void health_is_told_and_watched(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *method;
        const char *bytes;
        size_t n;
        int grpc; /* -1: it goes on */
        int health;
    } row[] = {
        {"the server", "/grpc.health.v1.Health/Check", "\0\0\0\0\0", 5, RPC_OK, 1},
        {"our service", "/grpc.health.v1.Health/Check", "\0\0\0\0\20\n\16gRPCMef3Server", 21,
         RPC_OK, 1},
        {"another", "/grpc.health.v1.Health/Check", "\0\0\0\0\3\n\1x", 8, RPC_NOT_FOUND, -1},
        {"watching the server", "/grpc.health.v1.Health/Watch", "\0\0\0\0\0", 5, -1, 1},
        {"watching another", "/grpc.health.v1.Health/Watch", "\0\0\0\0\3\n\1x", 8, -1, 3},
    };

    struct room room;
    room_open(&room, NULL);
    struct room_client *client = client_open(&room, 0, 0);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct answer *answer =
            client_call(client, row[i].method, (const uint8_t *)row[i].bytes, row[i].n, NULL, 0);
        room_until(&room, client, NULL, answer->n >= 7 || answer->closed);
        assert_row_int(answer->n > 0 ? answer->bytes[6] : -1, row[i].health, row[i].why);
        if (row[i].grpc >= 0)
            room_until(&room, client, NULL, answer->closed);
        assert_row_int(answer->grpc_status, row[i].grpc, row[i].why);
    }
    client_close(client);
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_is_answered),
        cmocka_unit_test(what_is_told_of_a_recording_waits_until_it_was_looked_at),
        cmocka_unit_test(an_opened_file_is_answered_with_its_facts),
        cmocka_unit_test(a_read_arrives_as_it_was_made),
        cmocka_unit_test(an_error_message_comes_without_the_other_fields),
        cmocka_unit_test(an_outcome_becomes_a_status),
        cmocka_unit_test(damage_fits_into_what_a_client_takes),
        cmocka_unit_test(a_wrong_call_gets_a_status_and_the_next_one_works),
        cmocka_unit_test(a_request_may_come_byte_by_byte_and_be_large),
        cmocka_unit_test(health_is_told_and_watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
