/* test_grpc_framing.c - requests out of their bytes, and what is yet to be written. */
#include "help/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "grpc/body.h"
#include "grpc/framing.h"
#include "grpc/outbox.h"
#include "help/service_stub.h"

enum { LIMIT = 1000 };

static void a_message_is_the_same_however_it_is_cut(void **state)
{
    (void)state;
    uint8_t framed[5 + 300];
    framing_prefix(framed, 300);
    for (size_t i = 0; i < 300; i++)
        framed[5 + i] = (uint8_t)i;

    for (size_t piece = 1; piece <= sizeof framed; piece++) {
        struct intake_budget budget = {.limit = 4096};
        struct intake intake;
        struct fault fault;
        intake_init(&intake, &budget, LIMIT);
        for (size_t at = 0; at < sizeof framed; at += piece) {
            size_t n = sizeof framed - at < piece ? sizeof framed - at : piece;
            assert_true(intake_feed(&intake, framed + at, n, &fault));
        }
        const uint8_t *bytes;
        size_t n;
        assert_true(intake_end(&intake, ENCODING_IDENTITY, &bytes, &n, &fault));
        assert_int_equal(n, 300);
        assert_memory_equal(bytes, framed + 5, 300);
        assert_true(budget.used >= 300);
        intake_fini(&intake);
        assert_int_equal(budget.used, 0);
    }
}

static void a_request_that_is_not_one_message_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *bytes;
        size_t n;
        int status; /* 0: it is one */
    } row[] = {
        {"an empty message", "\0\0\0\0\0", 5, RPC_OK},
        {"nothing at all", "", 0, RPC_INVALID_ARGUMENT},
        {"a part of a prefix", "\0\0\0\0", 4, RPC_INVALID_ARGUMENT},
        {"a byte short", "\0\0\0\0\2a", 6, RPC_INVALID_ARGUMENT},
        {"a byte more", "\0\0\0\0\2abc", 8, RPC_INVALID_ARGUMENT},
        {"two messages", "\0\0\0\0\0\0\0\0\0\0", 10, RPC_INVALID_ARGUMENT},
        {"an unknown flag", "\2\0\0\0\0", 5, RPC_INVALID_ARGUMENT},
        {"longer than the limit", "\0\0\0\3\351", 5, RPC_RESOURCE_EXHAUSTED},
        {"four gigabytes", "\0\377\377\377\377", 5, RPC_RESOURCE_EXHAUSTED},
        {"compressed in no known way", "\1\0\0\0\1a", 6, RPC_UNIMPLEMENTED},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct intake_budget budget = {.limit = 4096};
        struct intake intake;
        struct fault fault = {RPC_OK, ""};
        const uint8_t *bytes;
        size_t n;
        intake_init(&intake, &budget, LIMIT);
        if (intake_feed(&intake, (const uint8_t *)row[i].bytes, row[i].n, &fault))
            (void)intake_end(&intake, ENCODING_IDENTITY, &bytes, &n, &fault);
        intake_fini(&intake);
        assert_row_int(fault.status, row[i].status, row[i].why);
        assert_row_int(budget.used, 0, row[i].why);
    }
}

static void requests_together_stay_within_the_budget(void **state)
{
    (void)state;
    uint8_t framed[5 + 900] = {0};
    framing_prefix(framed, 900);
    struct intake_budget budget = {.limit = 2048};
    struct intake intakes[3];
    struct fault fault;
    for (int i = 0; i < 3; i++) {
        intake_init(&intakes[i], &budget, LIMIT);
        assert_true(intake_feed(&intakes[i], framed, sizeof framed, &fault) == (i < 2));
    }
    assert_int_equal(fault.status, RPC_RESOURCE_EXHAUSTED);
    for (int i = 0; i < 3; i++)
        intake_fini(&intakes[i]);
    assert_int_equal(budget.used, 0);
}

static size_t compress_framed(uint8_t *out, size_t room, int window, size_t n)
{
    uint8_t *plain = calloc(1, n + 1);
    z_stream stream = {.next_in = plain, .avail_in = (uInt)n, .next_out = out + 5};
    stream.avail_out = (uInt)(room - 5);
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    framing_prefix(out, (uint32_t)stream.total_out);
    out[0] = 1;
    size_t length = 5 + stream.total_out;
    deflateEnd(&stream);
    free(plain);
    return length;
}

static void a_compressed_message_is_inflated_up_to_the_limit(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        int window;
        enum encoding encoding;
        size_t n;
        int cut; /* bytes taken away at the end */
        int status;
    } row[] = {
        {"gzip", 31, ENCODING_GZIP, 900, 0, RPC_OK},
        {"deflate", 15, ENCODING_DEFLATE, 900, 0, RPC_OK},
        {"an empty message", 31, ENCODING_GZIP, 0, 0, RPC_OK},
        {"just the limit", 31, ENCODING_GZIP, LIMIT, 0, RPC_OK},
        {"a byte more", 31, ENCODING_GZIP, LIMIT + 1, 0, RPC_RESOURCE_EXHAUSTED},
        {"a bomb", 31, ENCODING_GZIP, 400000, 0, RPC_RESOURCE_EXHAUSTED},
        {"gzip called deflate", 31, ENCODING_DEFLATE, 900, 0, RPC_INVALID_ARGUMENT},
        {"cut short", 15, ENCODING_DEFLATE, 900, 3, RPC_INVALID_ARGUMENT},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        uint8_t framed[4096];
        size_t length = compress_framed(framed, sizeof framed, row[i].window, row[i].n);
        length -= (size_t)row[i].cut;
        framed[4] = (uint8_t)(framed[4] - row[i].cut);

        struct intake_budget budget = {.limit = 8192};
        struct intake intake;
        struct fault fault = {RPC_OK, ""};
        const uint8_t *bytes;
        size_t n = 0;
        intake_init(&intake, &budget, LIMIT);
        assert_true(intake_feed(&intake, framed, length, &fault));
        bool whole = intake_end(&intake, row[i].encoding, &bytes, &n, &fault);
        assert_row_int(fault.status, row[i].status, row[i].why);
        if (whole)
            assert_row_int(n, row[i].n, row[i].why);
        intake_fini(&intake);
        assert_row_int(budget.used, 0, row[i].why);
    }
}

/* Everything that the other end has; it is appended to out[0 .. at). */
static size_t drain(int fd, uint8_t *out, size_t at, size_t room)
{
    ssize_t n;
    while (at < room && (n = read(fd, out + at, room - at)) > 0)
        at += (size_t)n;
    return at;
}

static void the_outbox_writes_in_order_whatever_the_socket_takes(void **state)
{
    (void)state;
    enum { TAIL = 600000 };
    int ends[2], small = 4096;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);

    static struct outbox outbox;
    uint8_t *tail = malloc(TAIL), *expected = malloc(2 * TAIL), *got = malloc(2 * TAIL);
    size_t n_expected = 0, n_got = 0;
    for (size_t i = 0; i < TAIL; i++)
        tail[i] = (uint8_t)(i * 7 >> 3);
    struct body *body = body_new(40);
    memset(body->head, 'h', 40);
    body->tail = tail;
    body->n_tail = TAIL;

    outbox_init(&outbox);
    assert_int_equal(outbox_add_copy(&outbox, (const uint8_t *)"first", 5), 0);
    outbox_add_body(&outbox, body, 0, 30);
    assert_int_equal(outbox_add_copy(&outbox, (const uint8_t *)"second", 6), 0);
    assert_int_equal(outbox_add_copy(&outbox, (const uint8_t *)"third", 5), 0);
    assert_true(outbox_has_room(&outbox));
    outbox_add_body(&outbox, body, 30, TAIL + 10);
    assert_false(outbox_has_room(&outbox));
    assert_true(body->refs > 1);

    memcpy(expected, "first", 5);
    memset(expected + 5, 'h', 30);
    memcpy(expected + 35, "secondthird", 11);
    memset(expected + 46, 'h', 10);
    memcpy(expected + 56, tail, TAIL);
    n_expected = 56 + TAIL;

    unsigned blocked = 0;
    while (outbox_write(&outbox, ends[0]) == OUTBOX_BLOCKED) {
        blocked++;
        n_got = drain(ends[1], got, n_got, 2 * TAIL);
    }
    n_got = drain(ends[1], got, n_got, 2 * TAIL);
    assert_true(blocked > 0);
    assert_int_equal(n_got, n_expected);
    assert_memory_equal(got, expected, n_expected);
    assert_int_equal(body->refs, 1);

    /* What is not written is forgotten, and its body with it. */
    outbox_add_body(&outbox, body, 0, 100);
    outbox_fini(&outbox);
    assert_int_equal(body->refs, 1);
    assert_true(outbox_is_empty(&outbox));

    body_drop(body);
    close(ends[1]);
    assert_int_equal(outbox_add_copy(&outbox, (const uint8_t *)"x", 1), 0);
    assert_int_equal(outbox_write(&outbox, ends[0]), OUTBOX_FAILED);
    outbox_fini(&outbox);
    close(ends[0]);
    free(tail);
    free(expected);
    free(got);
}

static void the_outbox_is_bounded_in_pieces_too(void **state)
{
    (void)state;
    static struct outbox outbox;
    static const uint8_t header[9];
    unsigned n = 0;
    struct body *body = body_new(1 << 20);
    outbox_init(&outbox);
    for (; outbox_has_room(&outbox); n++) {
        assert_int_equal(outbox_add_copy(&outbox, header, sizeof header), 0);
        outbox_add_body(&outbox, body, n, 1);
    }
    assert_true(n >= 20 && n <= OUTBOX_SPANS / 2);
    outbox_fini(&outbox);

    for (n = 0; outbox_has_room(&outbox); n++)
        assert_int_equal(outbox_add_copy(&outbox, body->head, 17), 0);
    assert_true(n * 17 <= OUTBOX_SCRATCH);
    /* A header block may be larger than what is left. */
    assert_int_equal(outbox_add_copy(&outbox, body->head, OUTBOX_SCRATCH), 0);
    outbox_fini(&outbox);
    body_drop(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_the_same_however_it_is_cut),
        cmocka_unit_test(a_request_that_is_not_one_message_is_refused),
        cmocka_unit_test(requests_together_stay_within_the_budget),
        cmocka_unit_test(a_compressed_message_is_inflated_up_to_the_limit),
        cmocka_unit_test(the_outbox_writes_in_order_whatever_the_socket_takes),
        cmocka_unit_test(the_outbox_is_bounded_in_pieces_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
