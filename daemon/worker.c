/* worker.c - mef3d-worker: reads recordings and decodes them into the arena.
 *
 * It takes one job at a time from the server, over the channel that it was
 * born with, and ends when that channel does. It may read files beneath the
 * roots and nothing else; it writes to the arena and nowhere else. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/log.h"
#include "base/passwords.h"
#include "base/sandbox.h"
#include "base/trace.h"
#include "decode/work.h"
#include "draw/paint.h"
#include "ipc/arena.h"
#include "ipc/control.h"

int main(int argc, char **argv)
{
    static struct conf conf;
    struct work work = {.channel = WORKER_FD_JOBS};

    if (conf_read_flags(&conf, argc, argv) < 0)
        return 2;
    log_start(argv[0], (enum log_level)conf.log_level);
    log_use((enum log_format)conf.log_format);
    if (conf.trace_request == CONF_TRACE_ON)
        trace_start();
    prctl(PR_SET_NAME, argv[0]);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* The server says when work is over, by closing the channel: a signal to the
     * whole group must not end a job that a client waits for. */
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);

    struct roots roots = {.folders = conf.roots, .n = conf.n_roots, .path_map = conf.path_map};
    work.arena = arena_map_write(WORKER_FD_ARENA, &work.arena_bytes);
    struct passwords passwords = passwords_take(WORKER_FD_PASSWORDS);
    close(WORKER_FD_PASSWORDS);
    work.roots = &roots;
    work.sessions = sessions_new(&roots, &passwords);
    if (!work.arena || !work.sessions) {
        log_error("worker_start_failed", LOG_STR("reason", "no arena or no memory"));
        return 1;
    }
    /* Pictures are asked for over HTTP; what paints them is loaded while files may be opened. */
    const char *why;
    if (conf.http[0] && !draw_load(&why))
        log_warn("pictures_missing", LOG_STR("reason", why));
    if (sandbox_enter(SANDBOX_WORKER, roots.folders, roots.n) < 0)
        return 1;
    int status = work_loop(&work);

    sessions_free(work.sessions);
    log_end();
    return status == 0 ? 0 : 1;
}
