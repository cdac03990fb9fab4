/* test_grpc_flow.c - calls that are slow, cancelled, late, lost, or the last. */
#include "help/test.h"

#include <string.h>

#include "grpc/fault.h"
#include "help/grpc_room.h"

enum { BIG = 8 << 20, BIG_FRAME = 4 << 20 };

static const char get_segment[] = "/gRPCMef3Server/GetSignalSegment";
static uint8_t request[64];
static size_t n_request;

static int make_request(void **state)
{
    (void)state;
    n_request = room_page_request(request, "a", 1);
    return 0;
}

static struct answer *read_page(struct room_client *client)
{
    return client_call(client, get_segment, request, n_request, NULL, 0);
}

static void turns(struct room *room, struct room_client *client, int n)
{
    for (int i = 0; i < n; i++)
        room_turn(room, client, NULL);
}

static void a_client_that_does_not_read_makes_little(void **state)
{
    (void)state;
    struct room room;
    room_open(&room, NULL);
    struct room_client *slow = client_open(&room, BIG, BIG_FRAME);
    struct room_client *quick = client_open(&room, BIG, BIG_FRAME);
    struct answer *waiting = read_page(slow);
    room_until(&room, slow, NULL, room.service->n_reads == 1);
    slow->deaf = true;
    turns(&room, slow, 50);
    assert_true(room.service->n_messages_made <= 2);

    /* It stops nobody else. */
    struct answer *answer = read_page(quick);
    room_until(&room, slow, quick, answer->closed);
    assert_int_equal(answer->grpc_status, RPC_OK);
    assert_false(waiting->closed);

    slow->deaf = false;
    room_until(&room, slow, quick, waiting->closed);
    assert_int_equal(waiting->grpc_status, RPC_OK);
    assert_int_equal(waiting->n, answer->n);
    assert_memory_equal(waiting->bytes, answer->bytes, answer->n);
    client_close(slow);
    client_close(quick);
    room_close(&room);
}

static void a_call_is_cancelled_in_the_middle_of_a_frame(void **state)
{
    (void)state;
    struct room room;
    room_open(&room, NULL);
    struct room_client *client = client_open(&room, BIG, BIG_FRAME);
    struct answer *answer = read_page(client);
    while (answer->n == 0)
        room_turn(&room, client, NULL);
    assert_int_equal(answer->n_data_frames, 0);
    client->deaf = true;
    turns(&room, client, 5);
    assert_int_equal(room.service->n_reads, 1);

    nghttp2_submit_rst_stream(client->session, NGHTTP2_FLAG_NONE, answer->stream_id,
                              NGHTTP2_CANCEL);
    room_until(&room, client, NULL, room.service->n_reads == 0);
    /* The work has ended; the frame's bytes are pinned until it is whole. */
    assert_int_equal(room.service->n_messages, 1);
    unsigned n_made = room.service->n_messages_made;

    client->deaf = false;
    struct answer *next = read_page(client);
    room_until(&room, client, NULL, next->closed);
    assert_int_equal(next->grpc_status, RPC_OK);
    assert_true(room.service->n_messages_made > n_made);
    assert_int_equal(room.service->n_messages, 0);
    assert_int_equal(client->n_goaway, 0);
    client_close(client);
    room_close(&room);
}

static void a_client_that_vanishes_takes_its_work_along(void **state)
{
    (void)state;
    struct room room;
    room_open(&room, NULL);
    room.service->delays = true;
    room.service->delay_ms = 5;
    struct room_client *client = client_open(&room, BIG, BIG_FRAME);
    for (int i = 0; i < 5; i++)
        read_page(client);
    client_call(client, "/gRPCMef3Server/OpenFile", request, n_request, NULL, 0);
    room_until(&room, client, NULL, client->answers[0].n > 0);
    assert_int_equal(room.service->n_reads, 5);
    client_close(client);
    room_until(&room, NULL, NULL, room.service->n_reads == 0);
    assert_int_equal(room.service->n_messages, 0);
    assert_int_equal(grpc_server_connections(room.server), 0);
    assert_int_equal(grpc_server_calls(room.server), 0);
    room_close(&room);
}

static void a_deadline_ends_a_call(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *timeout;
        uint64_t delay_ms; /* of each message; 0: a client that stops reading */
        int status;        /* -1: the stream is broken off */
        unsigned n_blocks;
    } row[] = {
        {"before the first message", "20m", 100000, RPC_DEADLINE_EXCEEDED, 1},
        {"nothing at all", "0m", 100000, RPC_DEADLINE_EXCEEDED, 1},
        {"between messages", "400m", 1000, RPC_DEADLINE_EXCEEDED, 2},
        {"in the middle of a message", "100m", 0, -1, 1},
        {"far away", "100S", 1, RPC_OK, 2},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct room room;
        room_open(&room, NULL);
        room.service->message_bytes = 1000000;
        room.service->delays = row[i].delay_ms > 0;
        room.service->delay_ms = row[i].n_blocks == 2 ? 1 : row[i].delay_ms;
        struct room_client *client = client_open(&room, row[i].delay_ms ? BIG : 65535, 0);
        nghttp2_nv more = room_field("grpc-timeout", row[i].timeout);
        if (row[i].delay_ms == 0)
            client->deaf = true;
        struct answer *answer = client_call(client, get_segment, request, n_request, &more, 1);
        if (row[i].n_blocks == 2) {
            room_until(&room, client, NULL, answer->n > 0);
            room.service->delay_ms = row[i].delay_ms;
        } else {
            room_until(&room, client, NULL, room.service->n_reads == 1 || answer->closed);
        }
        room_until(&room, client, NULL, room.service->n_reads == 0);
        client->deaf = false;
        room_until(&room, client, NULL, answer->closed);
        assert_row_int(answer->grpc_status, row[i].status, row[i].why);
        assert_row_int(answer->n_header_blocks, row[i].n_blocks, row[i].why);
        if (row[i].status < 0)
            assert_row_int(answer->error, NGHTTP2_CANCEL, row[i].why);
        assert_row_int(room.service->n_messages, 0, row[i].why);
        client_close(client);
        room_close(&room);
    }
}

static void a_request_that_does_not_come_is_not_waited_for(void **state)
{
    (void)state;
    struct grpc_limits limits;
    struct room room;
    grpc_limits_default(&limits);
    limits.request_ms = 1000; /* a machine that stands still this long would lose the preface too */
    room_open(&room, &limits);
    struct room_client *client = client_open(&room, 0, 0);
    struct room_client *silent = client_open_raw(&room);
    struct answer *answer = client_call_open(client, "/gRPCMef3Server/OpenFile");
    room_until(&room, client, silent, answer->closed && silent->gone);
    assert_int_equal(answer->grpc_status, RPC_DEADLINE_EXCEEDED);
    client_close(client);
    client_close(silent);
    room_close(&room);
}

static void an_answer_before_the_request_is_whole_ends_the_stream(void **state)
{
    (void)state;
    struct room room;
    room_open(&room, NULL);
    struct room_client *client = client_open(&room, 0, 0);
    struct answer *answer = client_call_open(client, "/no/such");
    room_until(&room, client, NULL, answer->closed);
    assert_int_equal(answer->grpc_status, RPC_UNIMPLEMENTED);
    assert_int_equal(answer->error, NGHTTP2_NO_ERROR);
    assert_int_equal(grpc_server_calls(room.server), 0);
    client_close(client);
    room_close(&room);
}

static void a_ping_is_answered_while_a_read_goes_on(void **state)
{
    (void)state;
    struct room room;
    room_open(&room, NULL);
    struct room_client *client = client_open(&room, 0, 0);
    struct answer *answer = read_page(client);
    for (unsigned i = 0; i < 20; i++) {
        nghttp2_submit_ping(client->session, NGHTTP2_FLAG_NONE, NULL);
        room_until(&room, client, NULL, client->n_pongs > i);
    }
    room_until(&room, client, NULL, answer->closed);
    assert_int_equal(answer->grpc_status, RPC_OK);
    client_close(client);
    room_close(&room);
}

static void a_silent_client_is_asked_and_then_closed(void **state)
{
    (void)state;
    struct grpc_limits limits;
    struct room room;
    grpc_limits_default(&limits);
    limits.keepalive_ms = 30;
    limits.idle_keepalive_ms = 30;
    limits.keepalive_answer_ms = 60;
    room_open(&room, &limits);
    struct room_client *client = client_open(&room, 0, 0);
    struct room_client *gone = client_open(&room, 0, 0);
    room.service->delays = true;
    room.service->delay_ms = 100000;
    read_page(client);
    read_page(gone);
    room_until(&room, client, gone, room.service->n_reads == 2);
    gone->deaf = true;
    room_until(&room, client, NULL, room.service->n_reads == 1);
    /* Whoever answers stays. */
    room_until(&room, client, NULL, client->n_pings >= 5);
    assert_false(client->gone);
    assert_int_equal(grpc_server_connections(room.server), 1);
    client_close(client);
    client_close(gone);
    room_close(&room);
}

static void on_drained(void *arg)
{
    ++*(unsigned *)arg;
}

static void draining_lets_calls_end_and_says_so_once(void **state)
{
    (void)state;
    static const uint8_t nothing[5];
    struct room room;
    unsigned n_drained = 0;
    room_open(&room, NULL);
    room.service->message_bytes = 100000;
    struct room_client *client = client_open(&room, 0, 0);
    struct room_client *idle = client_open(&room, 0, 0);
    struct room_client *mute = client_open_raw(&room);
    struct answer *watch =
        client_call(client, "/grpc.health.v1.Health/Watch", nothing, sizeof nothing, NULL, 0);
    struct answer *answer = read_page(client);
    room_until(&room, client, idle, watch->n == 7 && answer->n > 0);
    assert_false(answer->closed);

    grpc_server_drain(room.server, on_drained, &n_drained);
    assert_int_equal(n_drained, 0);
    room_until(&room, client, idle, answer->closed && watch->closed);
    assert_int_equal(answer->grpc_status, RPC_OK);
    assert_int_equal(watch->n, 14);
    assert_int_equal(watch->bytes[13], 2);
    assert_int_equal(watch->grpc_status, RPC_UNAVAILABLE);

    room_until(&room, client, idle, client->gone && idle->gone);
    room_until(&room, mute, NULL, mute->gone && n_drained > 0);
    assert_true(client->n_goaway >= 2 && idle->n_goaway >= 1);
    assert_int_equal(client->goaway_error, NGHTTP2_NO_ERROR);
    assert_int_equal(n_drained, 1);
    client_close(client);
    client_close(idle);
    client_close(mute);
    room_close(&room);
}

static void draining_an_idle_server_is_said_from_the_loop(void **state)
{
    (void)state;
    struct room room;
    unsigned n_drained = 0;
    room_open(&room, NULL);
    grpc_server_drain(room.server, on_drained, &n_drained);
    assert_int_equal(n_drained, 0);
    room_until(&room, NULL, NULL, n_drained == 1);
    room_close(&room);
}

static void stopping_ends_everything_at_once(void **state)
{
    (void)state;
    struct room room;
    room_open(&room, NULL);
    struct room_client *client = client_open(&room, BIG, BIG_FRAME);
    for (int i = 0; i < 10; i++)
        read_page(client);
    room_until(&room, client, NULL, client->answers[3].n > 0);
    grpc_server_stop(room.server);
    assert_int_equal(room.service->n_reads, 0);
    assert_int_equal(room.service->n_messages, 0);
    client_close(client);
    room_close(&room);
}

#define TEST(test) cmocka_unit_test_setup(test, make_request)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_client_that_does_not_read_makes_little),
        TEST(a_call_is_cancelled_in_the_middle_of_a_frame),
        TEST(a_client_that_vanishes_takes_its_work_along),
        TEST(a_deadline_ends_a_call),
        TEST(a_request_that_does_not_come_is_not_waited_for),
        TEST(an_answer_before_the_request_is_whole_ends_the_stream),
        TEST(a_ping_is_answered_while_a_read_goes_on),
        TEST(a_silent_client_is_asked_and_then_closed),
        TEST(draining_lets_calls_end_and_says_so_once),
        TEST(draining_an_idle_server_is_said_from_the_loop),
        TEST(stopping_ends_everything_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
