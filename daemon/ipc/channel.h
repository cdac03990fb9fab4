/* channel.h - whole messages between processes, over SOCK_SEQPACKET.
 *
 * A message arrives whole or not at all; a descriptor may travel with it. */
#ifndef IPC_CHANNEL_H
#define IPC_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

/* No message is longer. */
#define CHANNEL_MAX 65536

enum { CHANNEL_CLOSED = 0, CHANNEL_AGAIN = -1, CHANNEL_BROKEN = -2 };

/* Two connected ends, close-on-exec, blocking. -1 on failure. */
int channel_pair(int ends_out[2]);

/* Send a message; fd -1: none goes with it. Returns its length, CHANNEL_AGAIN
 * (a non-blocking end that is full) or CHANNEL_BROKEN (the other end is gone). */
int channel_send(int channel, const void *message, size_t n, int fd);

/* Receive a message of up to `room` bytes. *fd_out (may be NULL when none is
 * expected) gets the descriptor or -1. Returns its length, CHANNEL_CLOSED,
 * CHANNEL_AGAIN or CHANNEL_BROKEN (failed, or longer than `room`). */
int channel_receive(int channel, void *message_out, size_t room, int *fd_out);

#endif
