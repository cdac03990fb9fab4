/* traced.c - a function run in a process of its own, and stopped before each of its system calls.
 */
#include "help/traced.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "help/test.h"

enum { SYSCALL_STOP = SIGTRAP | 0x80 };

/* Go on to the next stop at a call, its beginning or its end. False: the child has ended. */
static bool step(struct traced *traced)
{
    int status, signal = 0;

    do {
        if (ptrace(PTRACE_SYSCALL, traced->pid, NULL, (void *)(intptr_t)signal) != 0)
            fail_msg("PTRACE_SYSCALL: %s", strerror(errno));
        assert_int_equal(waitpid(traced->pid, &status, 0), traced->pid);
        if (WIFEXITED(status)) {
            assert_int_equal(WEXITSTATUS(status), 0);
            return false;
        }
        if (!WIFSTOPPED(status))
            fail_msg("the child ended by signal %d", WTERMSIG(status));
        signal = WSTOPSIG(status) == SYSCALL_STOP ? 0 : WSTOPSIG(status);
    } while (WSTOPSIG(status) != SYSCALL_STOP);
    return true;
}

void traced_start(struct traced *traced, traced_fn *fn, void *arg)
{
    int status;

    *traced = (struct traced){.pid = fork()};
    assert_true(traced->pid >= 0);
    if (traced->pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
            _exit(99);
        raise(SIGSTOP);
        fn(arg);
        _exit(0);
    }
    assert_int_equal(waitpid(traced->pid, &status, 0), traced->pid);
    if (!WIFSTOPPED(status) || ptrace(PTRACE_SETOPTIONS, traced->pid, NULL,
                                      PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) != 0)
        fail_msg("processes cannot be traced here");
}

bool traced_next(struct traced *traced)
{
    /* The end of the call that it stood before. */
    if (traced->n_calls > 0 && !step(traced))
        return false;
    if (!step(traced))
        return false;
    traced->n_calls++;
    return true;
}

void traced_kill(struct traced *traced)
{
    int status;

    /* The call is not made any more: the signal is looked at before it. */
    assert_int_equal(kill(traced->pid, SIGKILL), 0);
    do
        assert_int_equal(waitpid(traced->pid, &status, 0), traced->pid);
    while (WIFSTOPPED(status));
}

#ifdef __x86_64__
bool traced_writes(const struct traced *traced)
{
    struct user_regs_struct registers;

    assert_int_equal(ptrace(PTRACE_GETREGS, traced->pid, NULL, &registers), 0);
    return registers.orig_rax == SYS_pwrite64 && registers.rdx > 1;
}

void traced_kill_half_way(struct traced *traced)
{
    struct user_regs_struct registers;

    assert_int_equal(ptrace(PTRACE_GETREGS, traced->pid, NULL, &registers), 0);
    registers.rdx /= 2;
    assert_int_equal(ptrace(PTRACE_SETREGS, traced->pid, NULL, &registers), 0);
    assert_true(step(traced));
    traced_kill(traced);
}
#else
bool traced_writes(const struct traced *traced)
{
    (void)traced;
    return false;
}

void traced_kill_half_way(struct traced *traced)
{
    traced_kill(traced);
}
#endif
