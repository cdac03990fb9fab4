/* machine.h - whether this machine can do what the settings ask for. */
#ifndef DAEMON_MACHINE_H
#define DAEMON_MACHINE_H

#include <stddef.h>
#include <stdint.h>

/* What is to be there. */
struct machine_wish {
    size_t n_workers;
    uint64_t cache_bytes;
};

/* 0, or -1 after saying on stderr which setting is beyond which limit. */
int machine_check(const struct machine_wish *wish);

/* Log what will work and is not wise. */
void machine_advise(const struct machine_wish *wish);

#endif
