/* control.c - the supervisor's end of the channel to the server. */
#include "control.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "ipc/channel.h"

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

void control_close(struct control *control)
{
    if (control->poll)
        uv_close((uv_handle_t *)control->poll, on_closed);
    if (control->fd >= 0)
        close(control->fd);
    *control = CONTROL_NONE;
}

void control_take(struct control *control)
{
    struct control_wish wish;

    while (control->fd >= 0) {
        int n = channel_receive(control->fd, &wish, sizeof wish, NULL);
        if (n != (int)sizeof wish) {
            if (n != CHANNEL_AGAIN) /* the server ends; its exit is told next */
                uv_poll_stop(control->poll);
            return;
        }
        control->wish(control->arg, &wish);
    }
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    control_take(poll->data);
}

int control_open(struct control *control, uv_loop_t *loop, int fd, wish_fn *wish, void *arg)
{
    uv_poll_t *poll = calloc(1, sizeof *poll);

    if (!poll || uv_poll_init(loop, poll, fd) < 0) { /* makes it non-blocking */
        free(poll);
        close(fd);
        return -1;
    }
    poll->data = control;
    *control = (struct control){.fd = fd, .poll = poll, .wish = wish, .arg = arg};
    uv_poll_start(poll, UV_READABLE, on_readable);
    return 0;
}

static int tell(struct control *control, enum control_event_kind kind, unsigned slot, int pid,
                bool by_itself, int channel)
{
    struct control_event event = {kind, slot, (uint32_t)pid, by_itself};

    if (control->fd < 0)
        return -1;
    return channel_send(control->fd, &event, sizeof event, channel) < 0 ? -1 : 0;
}

int control_tell_started(struct control *control, unsigned slot, int pid, int channel)
{
    return tell(control, CONTROL_STARTED, slot, pid, false, channel);
}

int control_tell_setting(struct control *control, const struct control_setting *setting)
{
    if (control->fd < 0)
        return -1;
    return channel_send(control->fd, setting, sizeof *setting, -1) < 0 ? -1 : 0;
}

/* Somebody sent it one of these, the supervisor for one: what it was doing is not
 * to blame. */
static bool is_from_outside(int signal)
{
    return signal == SIGKILL || signal == SIGTERM || signal == SIGINT || signal == SIGHUP ||
           signal == SIGQUIT;
}

void control_tell_ended(struct control *control, unsigned slot, int pid, int signal)
{
    (void)tell(control, CONTROL_ENDED, slot, pid, !is_from_outside(signal), -1);
}
