/* sandbox.c - Landlock for files and ports, seccomp for system calls. */
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* Rights that later kernels know and Debian 12's headers do not. */
enum {
    FS_RIGHTS_ABI_1 = (1 << 13) - 1,
    FS_REFER = 1 << 13,    /* ABI 2 */
    FS_TRUNCATE = 1 << 14, /* ABI 3 */
    NET_BIND_CONNECT = 3,  /* ABI 4 */
};
struct ruleset_attributes {
    uint64_t fs;
    uint64_t net;
};

static int allow_reading(int ruleset, const char *folder)
{
    struct landlock_path_beneath_attr rule = {
        .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
        .parent_fd = open(folder, O_PATH | O_CLOEXEC),
    };

    if (rule.parent_fd < 0) { /* gone since the start: the other folders are served */
        log_warn("root_missing", LOG_STR("root", folder), LOG_STR("reason", strerror(errno)));
        return 0;
    }
    long failed = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
    return failed ? -1 : 0;
}

static int restrict_files(const char *const *folders, size_t n_folders)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    struct ruleset_attributes attributes = {.fs = FS_RIGHTS_ABI_1};

    if (abi < 1) {
        log_warn("landlock_missing", LOG_STR("reason", strerror(errno)));
        return 0;
    }
    if (abi >= 2)
        attributes.fs |= FS_REFER;
    if (abi >= 3)
        attributes.fs |= FS_TRUNCATE;
    if (abi >= 4)
        attributes.net = NET_BIND_CONNECT;
    size_t n = abi >= 4 ? sizeof attributes : sizeof attributes.fs;
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, n, 0);
    if (ruleset < 0)
        return -1;
    for (size_t i = 0; i < n_folders; i++)
        if (allow_reading(ruleset, folders[i]) < 0)
            goto fail;
    if (syscall(SYS_landlock_restrict_self, ruleset, 0))
        goto fail;
    close(ruleset);
    return 0;

fail:
    close(ruleset);
    return -1;
}

/* What both loops need: memory, clocks, waiting, their descriptors. */
static const int COMMON_CALLS[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(lseek),
    SCMP_SYS(fcntl),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendto),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(sched_yield),
    SCMP_SYS(getrandom),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
};
static const int SERVER_CALLS[] = {
    SCMP_SYS(epoll_wait),  SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_ctl),  SCMP_SYS(accept4),
    SCMP_SYS(accept),      SCMP_SYS(shutdown),    SCMP_SYS(setsockopt), SCMP_SYS(getsockopt),
    SCMP_SYS(getpeername), SCMP_SYS(getsockname), SCMP_SYS(ioctl),      SCMP_SYS(readv),
    SCMP_SYS(writev),
};
static const int WORKER_CALLS[] = {
    SCMP_SYS(openat),     SCMP_SYS(open),    SCMP_SYS(newfstatat), SCMP_SYS(stat),
    SCMP_SYS(lstat),      SCMP_SYS(statx),   SCMP_SYS(readlink),   SCMP_SYS(readlinkat),
    SCMP_SYS(pread64),    SCMP_SYS(preadv),  SCMP_SYS(getdents64), SCMP_SYS(getcwd),
    SCMP_SYS(fadvise64),  SCMP_SYS(fstatfs), SCMP_SYS(access),     SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2), SCMP_SYS(ioctl),   SCMP_SYS(openat2),
};

static int allow_calls(scmp_filter_ctx filter, const int *calls, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) < 0)
            return -1;
    return 0;
}

/* Calls that are allowed in part: a signal to itself (abort), memory that is not
 * to be executed. */
static int allow_some(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp to_itself = {
        .arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)getpid()};
    const struct scmp_arg_cmp no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);

    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, to_itself) < 0 ||
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_code) < 0 ||
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_code) < 0)
        return -1;
    return 0;
}

#define ALLOW(filter, calls) allow_calls(filter, calls, sizeof(calls) / sizeof *(calls))

/* Any other call fails with EPERM: the process goes on, without it. */
static int restrict_calls(enum sandbox_role role)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int failed = -1;

    if (!filter)
        return -1;
    if (ALLOW(filter, COMMON_CALLS) < 0 || allow_some(filter) < 0)
        goto out;
    if (role == SANDBOX_SERVER ? ALLOW(filter, SERVER_CALLS) < 0 : ALLOW(filter, WORKER_CALLS) < 0)
        goto out;
    failed = seccomp_load(filter) < 0 ? -1 : 0;
out:
    seccomp_release(filter);
    return failed;
}

int sandbox_enter(enum sandbox_role role, const char *const *folders, size_t n_folders)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    if (SANITIZED) {
        log_warn("sandbox_off", LOG_STR("reason", "built with sanitizers"));
        return 0;
    }
    if (restrict_files(folders, n_folders) < 0 || restrict_calls(role) < 0) {
        log_error("sandbox_failed", LOG_STR("reason", strerror(errno)));
        return -1;
    }
    return 0;
}
