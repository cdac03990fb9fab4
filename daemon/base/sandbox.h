/* sandbox.h - give up rights, on the last line before a process's loop.
 *
 * After it the process cannot gain privileges, opens no file beyond what is
 * listed, and makes no system call that its work does not need. Builds with
 * sanitizers keep their system calls (the runtime needs them) and say so. */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include <stddef.h>

enum sandbox_role {
    SANDBOX_SERVER, /* sockets that it already has or accepts; no file at all */
    SANDBOX_WORKER, /* read files beneath `folders`; no socket but its own */
};

/* 0, or -1 when the kernel refuses a restriction that it knows. A kernel
 * without Landlock, or with it switched off, is logged and tolerated: paths
 * are checked by the worker all the same. */
int sandbox_enter(enum sandbox_role role, const char *const *folders, size_t n_folders);

#endif
