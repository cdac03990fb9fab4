/* channel.c - whole messages between processes, over SOCK_SEQPACKET. */
#include "ipc/channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union fd_room {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

int channel_pair(int ends_out[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends_out);
}

int channel_send(int channel, const void *message, size_t n, int fd)
{
    union fd_room room;
    struct iovec part = {.iov_base = (void *)(uintptr_t)message, .iov_len = n};
    struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t sent;

    if (fd >= 0) {
        memset(&room, 0, sizeof room);
        head.msg_control = room.bytes;
        head.msg_controllen = sizeof room.bytes;
        struct cmsghdr *control = CMSG_FIRSTHDR(&head);
        control->cmsg_level = SOL_SOCKET;
        control->cmsg_type = SCM_RIGHTS;
        control->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(control), &fd, sizeof fd);
    }
    do
        sent = sendmsg(channel, &head, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? CHANNEL_AGAIN : CHANNEL_BROKEN;
    return (int)sent;
}

static int take_fd(struct msghdr *head)
{
    struct cmsghdr *control = CMSG_FIRSTHDR(head);
    int fd = -1;

    if (control && control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_RIGHTS &&
        control->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(control), sizeof fd);
    return fd;
}

int channel_receive(int channel, void *message_out, size_t n, int *fd_out)
{
    union fd_room room;
    struct iovec part = {.iov_base = message_out, .iov_len = n};
    struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t got;

    if (fd_out) {
        head.msg_control = room.bytes;
        head.msg_controllen = sizeof room.bytes;
        *fd_out = -1;
    }
    do
        got = recvmsg(channel, &head, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return CHANNEL_AGAIN;
    /* The other end closed, with or without having read what was sent to it. */
    if (got == 0 || (got < 0 && errno == ECONNRESET))
        return CHANNEL_CLOSED;
    if (got < 0)
        return CHANNEL_BROKEN;
    if (fd_out)
        *fd_out = take_fd(&head);
    if (head.msg_flags & MSG_TRUNC) {
        if (fd_out && *fd_out >= 0)
            close(*fd_out);
        return CHANNEL_BROKEN;
    }
    return (int)got;
}
