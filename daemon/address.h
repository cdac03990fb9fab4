/* address.h - where to listen: HOST:PORT, [HOST]:PORT or unix:PATH, opened. */
#ifndef DAEMON_ADDRESS_H
#define DAEMON_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ADDRESS_TEXT 160

struct address {
    int fd;
    char text[ADDRESS_TEXT]; /* "127.0.0.1:50051", "unix:/run/mef3d.sock" */
    /* Of a socket in a folder, by which it is known again: */
    dev_t device;
    ino_t inode;
};

/* Listen at an address; a name such as localhost may stand for several.
 *   name     of the setting, for words on stderr
 *   port     in place of the one in the address; 0: that one
 *   is_alone [::] then takes IPv4 too
 *   n        in and out: of `addresses`, which has room for `most`
 * 0, or -1 after saying why. */
struct address_wish {
    const char *name;
    const char *text;
    uint16_t port;
    bool is_alone;
};
int address_open(const struct address_wish *wish, struct address *addresses, size_t most,
                 size_t *n);

/* Close it, if that was not done, and take it away from its folder, unless another
 * is there by now. */
void address_close(struct address *address);

#endif
