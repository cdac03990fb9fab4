/* activation.h - listening sockets that whoever started us has opened for us, in
 * place of --listen and --http: systemd's protocol, see sd_listen_fds(3). */
#ifndef DAEMON_ACTIVATION_H
#define DAEMON_ACTIVATION_H

#include <stddef.h>

enum { ACTIVATION_MOST = 16 };

struct activation {
    int grpc[ACTIVATION_MOST];
    size_t n_grpc;
    int http; /* the one that is named so (FileDescriptorName=http); -1: none */
};

/* Takes LISTEN_* out of the environment. Without them, or when they are for
 * another process, there are none. 0, or -1 after saying on stderr what is no
 * listening stream socket. */
int activation_take(struct activation *activation_out);

#endif
