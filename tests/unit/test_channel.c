/* test_channel.c - messages between processes: whole, or not at all. */
#include "ipc/channel.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "help/test.h"

struct ends {
    int a, b;
};

static int set_up(void **state)
{
    static struct ends ends;
    int pair[2];

    if (channel_pair(pair) < 0)
        return -1;
    ends = (struct ends){pair[0], pair[1]};
    *state = &ends;
    return 0;
}

static int tear_down(void **state)
{
    struct ends *ends = *state;

    if (ends->a >= 0)
        close(ends->a);
    if (ends->b >= 0)
        close(ends->b);
    return 0;
}

static void set_nonblocking(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static void messages_arrive_whole_and_one_by_one(void **state)
{
    static uint8_t sent[CHANNEL_MAX], got[CHANNEL_MAX];
    struct ends *ends = *state;

    memset(sent, 0xA5, sizeof sent);
    assert_int_equal(channel_send(ends->a, "one", 3, -1), 3);
    assert_int_equal(channel_send(ends->a, sent, sizeof sent, -1), CHANNEL_MAX);
    assert_int_equal(channel_send(ends->b, "back", 4, -1), 4);
    assert_int_equal(channel_receive(ends->b, got, sizeof got, NULL), 3);
    assert_memory_equal(got, "one", 3);
    assert_int_equal(channel_receive(ends->b, got, sizeof got, NULL), CHANNEL_MAX);
    assert_memory_equal(got, sent, sizeof sent);
    assert_int_equal(channel_receive(ends->a, got, sizeof got, NULL), 4);
}

static void a_message_longer_than_the_room_is_broken(void **state)
{
    struct ends *ends = *state;
    char got[4] = "none";

    assert_int_equal(channel_send(ends->a, "12345", 5, -1), 5);
    assert_int_equal(channel_send(ends->a, "1234", 4, -1), 4);
    assert_int_equal(channel_receive(ends->b, got, sizeof got, NULL), CHANNEL_BROKEN);
    assert_int_equal(channel_receive(ends->b, got, sizeof got, NULL), 4);
}

static void a_descriptor_travels_with_its_message(void **state)
{
    struct ends *ends = *state;
    char got[8];
    int fds[2], fd;

    assert_int_equal(pipe(fds), 0);
    assert_int_equal(channel_send(ends->a, "with", 4, fds[0]), 4);
    assert_int_equal(channel_send(ends->a, "none", 4, -1), 4);
    assert_int_equal(channel_receive(ends->b, got, sizeof got, &fd), 4);
    assert_true(fd >= 0 && fd != fds[0]);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_int_equal(read(fd, got, 1), 1);
    close(fd);
    assert_int_equal(channel_receive(ends->b, got, sizeof got, &fd), 4);
    assert_int_equal(fd, -1);
    close(fds[0]);
    close(fds[1]);
}

/* The next descriptor that the process would get: rises when one leaks. */
static int next_fd(void)
{
    int fd = dup(0);

    close(fd);
    return fd;
}

static void a_descriptor_that_nobody_expects_is_not_leaked(void **state)
{
    struct ends *ends = *state;
    char got[4];
    int before = next_fd(), fd;

    assert_int_equal(channel_send(ends->a, "with", 4, 0), 4);
    assert_int_equal(channel_receive(ends->b, got, sizeof got, NULL), 4);
    assert_int_equal(next_fd(), before);
    assert_int_equal(channel_send(ends->a, "longer", 6, 0), 6);
    assert_int_equal(channel_receive(ends->b, got, sizeof got, &fd), CHANNEL_BROKEN);
    assert_int_equal(next_fd(), before);
}

static void a_closed_end_is_told_after_what_it_sent(void **state)
{
    struct ends *ends = *state;
    char got[8];

    assert_int_equal(channel_send(ends->a, "last", 4, -1), 4);
    close(ends->a);
    ends->a = -1;
    assert_int_equal(channel_receive(ends->b, got, sizeof got, NULL), 4);
    assert_int_equal(channel_receive(ends->b, got, sizeof got, NULL), CHANNEL_CLOSED);
    assert_int_equal(channel_send(ends->b, "x", 1, -1), CHANNEL_BROKEN); /* and no SIGPIPE */
}

/* As with a worker that is killed before it has read its job. */
static void an_end_that_closed_with_a_message_unread_is_closed(void **state)
{
    struct ends *ends = *state;
    uint8_t got[8];

    assert_int_equal(channel_send(ends->a, "job", 3, -1), 3);
    close(ends->b);
    ends->b = -1;
    assert_int_equal(channel_receive(ends->a, got, sizeof got, NULL), CHANNEL_CLOSED);
}

static void a_nonblocking_end_says_again(void **state)
{
    static uint8_t message[CHANNEL_MAX];
    struct ends *ends = *state;
    int n, sent = 0;

    set_nonblocking(ends->a);
    set_nonblocking(ends->b);
    assert_int_equal(channel_receive(ends->b, message, sizeof message, NULL), CHANNEL_AGAIN);
    while ((n = channel_send(ends->a, message, sizeof message, -1)) == CHANNEL_MAX)
        sent++;
    assert_int_equal(n, CHANNEL_AGAIN);
    assert_true(sent > 0);
    assert_int_equal(channel_receive(ends->b, message, sizeof message, NULL), CHANNEL_MAX);
    assert_int_equal(channel_send(ends->a, message, sizeof message, -1), CHANNEL_MAX);
}

static void both_ends_are_closed_on_exec_and_block(void **state)
{
    struct ends *ends = *state;

    assert_true(fcntl(ends->a, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(ends->b, F_GETFD) & FD_CLOEXEC);
    assert_false(fcntl(ends->a, F_GETFL) & O_NONBLOCK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(messages_arrive_whole_and_one_by_one),
        TEST(a_message_longer_than_the_room_is_broken),
        TEST(a_descriptor_travels_with_its_message),
        TEST(a_descriptor_that_nobody_expects_is_not_leaked),
        TEST(a_closed_end_is_told_after_what_it_sent),
        TEST(an_end_that_closed_with_a_message_unread_is_closed),
        TEST(a_nonblocking_end_says_again),
        TEST(both_ends_are_closed_on_exec_and_block),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
