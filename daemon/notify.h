/* notify.h - the supervisor's word to whoever started it: systemd, or what
 * speaks its protocol.
 *
 * The protocol is a datagram of NAME=value lines to the socket that is named in
 * the environment; it is documented as stable (sd_notify(3)), so the supervisor
 * is linked with nothing for it. Without that name nothing is said. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdint.h>

struct notify {
    int fd;               /* -1: nobody listens */
    uint64_t watchdog_us; /* a ping is expected this often; 0: none is */
};

/* Takes NOTIFY_SOCKET and WATCHDOG_* out of the environment: children have
 * nothing to say there. 0, or -1 after saying why on stderr. */
int notify_init(struct notify *notify_out);

/* `state` as sd_notify(3) has it: "READY=1\nSTATUS=...". What cannot be sent is
 * lost; the protocol has no answer. */
void notify_send(const struct notify *notify, const char *state);

#endif
