/* test_grpc_abuse.c - what a client can do to its own connection, and to no other. */
#include "help/test.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "grpc/fault.h"
#include "help/grpc_room.h"

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
enum { PREFACE = 24 + 9 };

/* The server answers somebody else as if nothing had been. */
static void assert_works(struct room *room, const char *why)
{
    uint8_t request[64];
    struct room_client *client = client_open(room, 0, 0);
    struct answer *answer = client_call(client, "/gRPCMef3Server/OpenFile", request,
                                        room_path_request(request, "a"), NULL, 0);
    room_until(room, client, NULL, answer->closed);
    assert_row_int(answer->grpc_status, RPC_OK, why);
    client_close(client);
}

static void another_protocol_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *bytes;
        size_t n;
        bool is_http1;
    } row[] = {
        {"HTTP/1.1", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27, true},
        {"its POST begins as our preface does", "POST /x HTTP/1.1\r\n\r\n", 20, true},
        {"an upgrade", "OPTIONS * HTTP/1.1\r\nUpgrade: h2c\r\n\r\n", 36, true},
        {"TLS", "\26\3\1\2\0\1\0\1\374\3\3", 11, false},
        {"zeros", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, false},
        {"nearly a preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\rX", 24, true},
    };

    struct room room;
    room_open(&room, NULL);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct room_client *client = client_open_raw(&room);
        client_write(client, row[i].bytes, row[i].n);
        room_until(&room, client, NULL, client->gone || client->n_raw > 0);
        bool answered = client->n_raw > 12 && memcmp(client->raw, "HTTP/1.1 505", 12) == 0;
        assert_row_int(answered, row[i].is_http1, row[i].why);
        if (answered)
            assert_row(strstr((const char *)client->raw, "\r\n\r\nThis port"), row[i].why);
        room_until(&room, client, NULL, client->gone);
        client_close(client);
        assert_works(&room, row[i].why);
    }
    room_close(&room);
}

static void broken_frames_end_the_connection(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *bytes;
        size_t n;
    } row[] = {
        {"a frame of 16 MiB", "\377\377\377\0\0\0\0\0\1", 9},
        {"SETTINGS on a stream", "\0\0\0\4\0\0\0\0\1", 9},
        {"SETTINGS of five bytes", "\0\0\5\4\0\0\0\0\0abcde", 14},
        {"DATA on stream 0", "\0\0\1\0\0\0\0\0\0a", 10},
        {"DATA on an idle stream", "\0\0\1\0\0\0\0\0\1a", 10},
        {"HEADERS on an even stream", "\0\0\1\1\5\0\0\0\2\202", 10},
        {"a broken header block", "\0\0\4\1\5\0\0\0\1\377\377\377\377", 13},
        {"CONTINUATION of nothing", "\0\0\1\11\4\0\0\0\1\202", 10},
        {"a window update of zero", "\0\0\4\10\0\0\0\0\0\0\0\0\0", 13},
        {"PUSH_PROMISE", "\0\0\5\5\4\0\0\0\1\0\0\0\2\202", 14},
    };

    struct room room;
    room_open(&room, NULL);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct room_client *client = client_open_raw(&room);
        client_write(client, preface, PREFACE);
        client_write(client, row[i].bytes, row[i].n);
        room_until(&room, client, NULL, client->gone);
        assert_row(client->n_raw > 9, row[i].why);
        client_close(client);
        assert_works(&room, row[i].why);
    }
    room_close(&room);
}

static void random_bytes_end_the_connection(void **state)
{
    (void)state;
    struct room room;
    room_open(&room, NULL);
    srandom(1);
    for (int i = 0; i < 200; i++) {
        uint8_t bytes[512];
        struct room_client *client = client_open_raw(&room);
        for (size_t at = 0; at < sizeof bytes; at++)
            bytes[at] = (uint8_t)random();
        /* Short frames of known types get further than noise. */
        for (size_t at = 0; i % 2 && at + 16 <= sizeof bytes; at += 16)
            memcpy(bytes + at, (uint8_t[]){0, 0, 7, bytes[at] % 10, bytes[at + 1], 0, 0, 0, 1}, 9);
        client_write(client, preface, PREFACE);
        client_write(client, bytes, sizeof bytes);
        shutdown(client->fd, SHUT_WR);
        room_until(&room, client, NULL, client->gone);
        client_close(client);
    }
    assert_works(&room, "after noise");
    room_close(&room);
}

/* Frames again and again, from a client that hears nothing of the answers. */
static void a_flood_ends_the_connection(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *frame;
        size_t n;
    } row[] = {
        {"PING", "\0\0\10\6\0\0\0\0\0abcdefgh", 17},
        {"SETTINGS", "\0\0\0\4\0\0\0\0\0", 9},
        {"SETTINGS with a setting", "\0\0\6\4\0\0\0\0\0\0\1\0\0\20\0", 15},
    };

    struct room room;
    struct grpc_limits limits;
    grpc_limits_default(&limits);
    room_open(&room, &limits);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct room_client *client = client_open_raw(&room);
        client->deaf = true;
        client_write(client, preface, PREFACE);
        uint8_t many[17 * 1000];
        for (size_t k = 0; k < 1000; k++)
            memcpy(many + k * row[i].n, row[i].frame, row[i].n);
        for (int k = 0; k < 1000 && client->fd >= 0; k++)
            client_write(client, many, 1000 * row[i].n);
        assert_row(client->gone, row[i].why);
        client_close(client);
        assert_works(&room, row[i].why);
    }
    room_close(&room);
}

/* HEADERS of a call (static table, and literals), then RST_STREAM. */
static void streams_opened_to_be_reset_end_the_connection(void **state)
{
    (void)state;
    static const uint8_t block[] = {0x83, 0x86, 0x04, 5,   '/', 'a', '/', 'b', 'c', 0x41, 1,
                                    'h',  0x0f, 0x10, 16,  'a', 'p', 'p', 'l', 'i', 'c',  'a',
                                    't',  'i',  'o',  'n', '/', 'g', 'r', 'p', 'c'};
    struct room room;
    room_open(&room, NULL);
    struct room_client *client = client_open_raw(&room);
    client_write(client, preface, PREFACE);
    uint32_t stream = 1;
    for (; stream < 20000 && client->fd >= 0; stream += 2) {
        uint8_t bytes[9 + sizeof block + 13] = {0, 0, sizeof block, 1, 4};
        uint8_t id[4] = {0, 0, (uint8_t)(stream >> 8), (uint8_t)stream};
        uint8_t *reset = bytes + 9 + sizeof block;
        memcpy(bytes + 5, id, 4);
        memcpy(bytes + 9, block, sizeof block);
        memcpy(reset, (uint8_t[]){0, 0, 4, 3, 0, 0, 0, 0, 0, 0, 0, 0, 8}, 13);
        memcpy(reset + 5, id, 4);
        client_write(client, bytes, sizeof bytes);
        room_turn(&room, client, NULL);
    }
    assert_true(client->gone);
    assert_works(&room, "after resets");
    client_close(client);
    room_close(&room);
}

static void there_is_a_limit_to_streams_and_connections(void **state)
{
    (void)state;
    uint8_t request[64];
    size_t n = room_page_request(request, "a", 1);
    struct grpc_limits limits;
    struct room room;
    grpc_limits_default(&limits);
    limits.max_streams = 3;
    limits.max_connections = 2;
    room_open(&room, &limits);
    room.service->delays = true;
    room.service->delay_ms = 100000;
    struct room_client *client = client_open(&room, 0, 0);
    for (int i = 0; i < 5; i++)
        client_call(client, "/gRPCMef3Server/GetSignalSegment", request, n, NULL, 0);
    /* Sent before the limit was known; or held back by the client's session. */
    for (int i = 0; i < 20; i++)
        room_turn(&room, client, NULL);
    assert_int_equal(room.service->n_reads, 3);
    client_close(client);

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), fds[3];
    assert_int_equal(bind(listening, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(listening, 5), 0);
    assert_int_equal(getsockname(listening, (struct sockaddr *)&address, &length), 0);
    assert_int_equal(grpc_server_listen(room.server, listening), 0);
    for (int i = 0; i < 3; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(connect(fds[i], (struct sockaddr *)&address, length), 0);
        for (int k = 0; k < 5; k++)
            room_turn(&room, NULL, NULL);
    }
    char byte;
    assert_int_equal(grpc_server_connections(room.server), 2);
    assert_true(recv(fds[2], &byte, 1, 0) <= 0);
    assert_true(recv(fds[0], &byte, 1, MSG_DONTWAIT) < 0);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    room_until(&room, NULL, NULL, grpc_server_connections(room.server) == 0);
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_protocol_is_refused),
        cmocka_unit_test(broken_frames_end_the_connection),
        cmocka_unit_test(random_bytes_end_the_connection),
        cmocka_unit_test(a_flood_ends_the_connection),
        cmocka_unit_test(streams_opened_to_be_reset_end_the_connection),
        cmocka_unit_test(there_is_a_limit_to_streams_and_connections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
