/* mef3d.c - the supervisor: starts the server and the workers, starts them again
 * when they are lost, and passes signals on. It reads no byte of a client or of
 * a recording.
 *
 * Everything that belongs to one server (arena, channels, workers) is a
 * generation: when the server is lost its workers end, and a new generation
 * starts. The listening socket stays, so clients see a pause and no refusal. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include <mef3/status.h>

#include "base/conf.h"
#include "base/log.h"
#include "alive.h"
#include "child.h"
#include "control.h"
#include "ipc/arena.h"
#include "ipc/channel.h"
#include "settings/settings.h"
#include "machine.h"
#include "start.h"

/* Of a server that has never served. */
enum { MOST_STARTS = 3 };

struct supervisor {
    struct settings settings;
    struct conf_flags flags;
    struct start start;
    struct alive alive; /* is the server? */
    uv_loop_t loop;
    uv_signal_t signals[2];
    uv_signal_t hang_up;
    int argc;
    char **argv;
    bool stopping;
    int status;             /* to end with */
    struct control control; /* to the server of this generation */
    int arena_write;
    int arena_read;
    size_t n_workers; /* at most */
    size_t n_least;
    size_t n_alive; /* children */
    struct child *server;
    struct child *workers;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Its workers see their channels close and end; the rest of the generation goes.
 * One that is stuck must hold up neither the end nor the next generation. */
static void end_generation(struct supervisor *supervisor)
{
    control_close(&supervisor->control);
    close_fd(&supervisor->arena_read);
    close_fd(&supervisor->arena_write);
    for (size_t i = 0; i < supervisor->n_workers; i++) {
        struct child *worker = &supervisor->workers[i];
        child_stop_waiting(worker);
        if (supervisor->stopping)
            child_kill_later(worker);
        else
            child_kill(worker, SIGKILL);
    }
}

/* End what is left, at once. */
static void stop_all(struct supervisor *supervisor)
{
    supervisor->stopping = true;
    child_kill(supervisor->server, SIGKILL);
    for (size_t i = 0; i < supervisor->n_workers; i++)
        child_kill(&supervisor->workers[i], SIGKILL);
    if (supervisor->n_alive == 0)
        uv_stop(&supervisor->loop);
}

/* What does not even start once will not by trying on: whoever started us is to
 * know. Once it has served, a failure may pass, and is tried again. */
static bool give_up(struct supervisor *supervisor, int status)
{
    if (supervisor->alive.has_served || supervisor->stopping)
        return false;
    log_error("gave_up", LOG_I64("status", status));
    supervisor->status = status;
    stop_all(supervisor);
    return true;
}

static void start_worker(struct child *child);

/* One worker more: the first that is not in use. */
static void add_worker(struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->n_workers; i++) {
        struct child *worker = &supervisor->workers[i];
        if (worker->wanted)
            continue;
        worker->wanted = true;
        if (!worker->alive) /* else it is still ending */
            start_worker(worker);
        return;
    }
}

static void on_wish(void *arg, const struct control_wish *wish)
{
    struct supervisor *supervisor = arg;
    struct child *worker =
        wish->slot < supervisor->n_workers ? &supervisor->workers[wish->slot] : NULL;

    if (wish->kind == CONTROL_ALIVE) {
        alive_heard(&supervisor->alive, wish->slot != 0);
        return;
    }
    if (wish->kind == CONTROL_MORE) {
        add_worker(supervisor);
        return;
    }
    /* Of a worker that has ended meanwhile there is nothing left to do. */
    if (!worker || !worker->alive || (uint32_t)worker->process.pid != wish->pid)
        return;
    if (wish->kind == CONTROL_KILL)
        child_kill_stuck(worker);
    else if (wish->kind == CONTROL_RETIRE)
        worker->wanted = false;
}

static void on_ended(struct child *child, int64_t status, int signal)
{
    struct supervisor *supervisor = child->owner;
    bool is_server = child->slot < 0;

    supervisor->n_alive--;
    control_take(&supervisor->control); /* it may have been sent away */
    if (is_server)
        end_generation(supervisor);
    else
        control_tell_ended(&supervisor->control, (unsigned)child->slot, child->process.pid,
                           child->is_stuck ? 0 : signal);
    if (supervisor->stopping) {
        if (supervisor->n_alive == 0)
            uv_stop(&supervisor->loop);
        return;
    }
    if (is_server)
        log_warn("server_ended", LOG_I64("status", status), LOG_I64("signal", signal));
    else if (child->wanted)
        log_warn("worker_ended", LOG_WORD("name", child->name), LOG_I64("status", status),
                 LOG_I64("signal", signal));
    if (is_server && supervisor->alive.n_starts >= MOST_STARTS && give_up(supervisor, 1))
        return;
    /* Workers of a generation that ended are started with the next one. */
    if (is_server || (child->wanted && supervisor->control.fd >= 0))
        child_start_later(child);
}

/* Start a program beside this one. */
static int spawn(struct child *child, const char *program, char *const *roots, const int *fds,
                 int n_fds)
{
    struct supervisor *supervisor = child->owner;
    char path[START_PATH + 32];

    snprintf(path, sizeof path, "%s/%s", supervisor->start.program_folder, program);
    if (child_spawn(child, &(struct child_command){path, &supervisor->flags, roots, fds, n_fds}) <
        0)
        return -1;
    supervisor->n_alive++;
    return 0;
}

static void start_worker(struct child *child)
{
    struct supervisor *supervisor = child->owner;
    int ends[2];

    if (supervisor->stopping || child->alive || supervisor->control.fd < 0)
        return;
    if (channel_pair(ends) < 0) {
        log_error("start_failed", LOG_WORD("name", child->name),
                  LOG_STR("reason", strerror(errno)));
        if (!give_up(supervisor, 2))
            child_start_later(child);
        return;
    }
    int fds[] = {ends[1], supervisor->arena_write, supervisor->start.passwords};
    int failed = spawn(child, "mef3d-worker", supervisor->start.roots, fds, 3);
    if (!failed) {
        if (control_tell_started(&supervisor->control, (unsigned)child->slot, child->process.pid,
                                 ends[0]) < 0)
            child_kill(child, SIGKILL);
    } else if (!give_up(supervisor, 2)) {
        child_start_later(child);
    }
    close(ends[0]);
    close(ends[1]);
}

static void start_generation(struct supervisor *supervisor)
{
    int ends[2];
    struct child *server = supervisor->server;

    if (supervisor->stopping)
        return;
    if (arena_create(arena_share((size_t)supervisor->settings.conf.cache_bytes),
                     &supervisor->arena_write, &supervisor->arena_read) != MEF3_OK ||
        channel_pair(ends) < 0) {
        log_error("start_failed", LOG_WORD("name", "arena"), LOG_STR("reason", strerror(errno)));
        goto fail;
    }
    int fds[SERVER_FD_LISTEN - 3 + START_MAX_ADDRESSES] = {ends[1], supervisor->arena_read,
                                                           supervisor->start.http.fd};
    int n_fds = SERVER_FD_LISTEN - 3;
    for (size_t i = 0; i < supervisor->start.n_listen; i++)
        fds[n_fds++] = supervisor->start.listen[i].fd;
    int failed =
        control_open(&supervisor->control, &supervisor->loop, ends[0], on_wish, supervisor) < 0 ||
        spawn(server, "mef3d-server", NULL, fds, n_fds) < 0;
    close(ends[1]);
    if (failed)
        goto fail;
    alive_started(&supervisor->alive);
    for (size_t i = 0; i < supervisor->n_workers; i++) {
        supervisor->workers[i].wanted = i < supervisor->n_least;
        if (supervisor->workers[i].wanted)
            start_worker(&supervisor->workers[i]);
    }
    return;

fail:
    end_generation(supervisor);
    if (!give_up(supervisor, 2))
        child_start_later(server);
}

/* First signal: the server finishes what is under way, then the workers have
 * nothing left to live for. Second: at once. */
static void on_signal(uv_signal_t *handle, int number)
{
    struct supervisor *supervisor = handle->data;
    int signal = supervisor->stopping ? SIGKILL : SIGTERM;

    log_info("stopping", LOG_I64("signal", number));
    if (!supervisor->stopping)
        alive_stopping(&supervisor->alive);
    supervisor->stopping = true;
    start_end(&supervisor->start); /* the server has sockets of its own, and closes them */
    child_kill(supervisor->server, signal);
    for (size_t i = 0; i < supervisor->n_workers; i++)
        if (signal == SIGKILL || !supervisor->server->alive)
            child_kill(&supervisor->workers[i], SIGKILL);
    if (supervisor->n_alive == 0)
        uv_stop(&supervisor->loop);
}

/* The children get the settings; and whether there is an address for pages, which
 * may have come open from systemd. */
static void make_flags(struct supervisor *supervisor)
{
    static struct conf conf;

    conf = supervisor->settings.conf;
    if (supervisor->start.http.fd >= 0)
        snprintf(conf.http, sizeof conf.http, "%s", supervisor->start.http.text);
    conf_flags(&conf, &supervisor->flags);
}

static void on_changed(void *arg, const struct conf_setting *setting)
{
    struct supervisor *supervisor = arg;
    const struct conf_numbers numbers = conf_numbers(&supervisor->settings.conf, setting);
    const struct control_setting message = {(uint64_t)(setting - CONF_SETTING),
                                            {numbers.value[0], numbers.value[1]}};

    if (setting == &CONF_SETTING[CONF_AT_log_level])
        log_least((enum log_level)supervisor->settings.conf.log_level);
    /* A server that is being started again has it from its flags. */
    if (supervisor->control.fd >= 0 && control_tell_setting(&supervisor->control, &message) < 0)
        log_error("setting_unheard", LOG_WORD("name", setting->name));
}

/* Read the settings again. What is started from now on has them as flags. */
static void on_hang_up(uv_signal_t *handle, int number)
{
    struct supervisor *supervisor = handle->data;

    (void)number;
    settings_reload(&supervisor->settings, supervisor->argc, supervisor->argv, environ, on_changed,
                    supervisor);
    make_flags(supervisor);
}

static void on_start(struct child *child)
{
    if (child->slot < 0)
        start_generation(child->owner);
    else
        start_worker(child);
}

static const struct child_ops OPS = {on_start, on_ended};

static const int END_SIGNALS[] = {SIGTERM, SIGINT};

/* Those that come while it starts wait until there is somebody to take them: the
 * port listens before that, and who finds it so may send one. */
static void hold_signals(bool hold)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    for (size_t i = 0; i < 2; i++)
        sigaddset(&signals, END_SIGNALS[i]);
    sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &signals, NULL);
}

static int set_up(struct supervisor *supervisor)
{
    supervisor->control = CONTROL_NONE;
    supervisor->arena_read = supervisor->arena_write = -1;
    supervisor->n_workers = (size_t)supervisor->settings.conf.workers.max;
    supervisor->n_least = (size_t)supervisor->settings.conf.workers.min;
    struct child *children = calloc(supervisor->n_workers + 1, sizeof *children);
    if (!children || uv_loop_init(&supervisor->loop) < 0)
        return -1;
    supervisor->server = children;
    supervisor->workers = children + 1;
    for (size_t i = 0; i <= supervisor->n_workers; i++)
        child_init(&children[i], &supervisor->loop, &OPS, supervisor, (int)i - 1);
    alive_init(&supervisor->alive, &supervisor->loop, supervisor->server);
    for (size_t i = 0; i < 2; i++) {
        uv_signal_init(&supervisor->loop, &supervisor->signals[i]);
        supervisor->signals[i].data = supervisor;
        uv_signal_start(&supervisor->signals[i], on_signal, END_SIGNALS[i]);
    }
    uv_signal_init(&supervisor->loop, &supervisor->hang_up);
    supervisor->hang_up.data = supervisor;
    uv_signal_start(&supervisor->hang_up, on_hang_up, SIGHUP);
    hold_signals(false);
    return 0;
}

int main(int argc, char **argv)
{
    static struct supervisor supervisor;

    const struct conf *conf = &supervisor.settings.conf;
    enum settings_wish wish;
    char why[SETTINGS_WHY], addresses[START_MAX_ADDRESSES * (ADDRESS_TEXT + 1)];
    struct activation given;

    hold_signals(true);
    supervisor.argc = argc;
    supervisor.argv = argv;
    if (settings_read(argc, argv, environ, &supervisor.settings, &wish, why) < 0) {
        fprintf(stderr, "mef3d: %s\n", why);
        return 2;
    }
    if (wish != WISH_SERVE) {
        settings_answer(&supervisor.settings, wish, stdout);
        return 0;
    }
    const struct machine_wish machine = {(size_t)conf->workers.max, (uint64_t)conf->cache_bytes};
    if (machine_check(&machine) < 0 || notify_init(&supervisor.alive.notify) < 0 ||
        activation_take(&given) < 0 || start_check(&supervisor.start, conf, &given) < 0)
        return 2;
    log_start("mef3d", (enum log_level)conf->log_level);
    log_use((enum log_format)conf->log_format);
    settings_log_notes(&supervisor.settings);
    machine_advise(&machine);
    make_flags(&supervisor);
    signal(SIGPIPE, SIG_IGN);
    if (set_up(&supervisor) < 0)
        return 1;
    start_addresses(&supervisor.start, addresses, sizeof addresses);
    log_info("listening", LOG_WORD("address", addresses),
             LOG_WORD("http", supervisor.start.http.fd < 0 ? "off" : supervisor.start.http.text),
             LOG_U64("workers", supervisor.n_workers), LOG_I64("cache_bytes", conf->cache_bytes));
    start_generation(&supervisor);
    uv_run(&supervisor.loop, UV_RUN_DEFAULT);
    start_end(&supervisor.start);
    log_end();
    return supervisor.status;
}
