/* alive.c - whether the server's loop turns, and who is told. */
#include "alive.h"

#include <signal.h>

#include "base/log.h"

/* Long beside what a loop may be held up on a machine that is short of
 * everything, short beside a client's patience. */
enum { TICK_MS = 1000, SILENT_S = 20 };

/* Counted, not measured: where this process has been stopped too, or the machine
 * was asleep, the server had no chance to speak either. */
static void on_tick(uv_timer_t *timer)
{
    struct alive *alive = timer->data;

    log_flush();
    if (!alive->server->alive || ++alive->silent_s < SILENT_S)
        return;
    log_error("server_silent", LOG_U64("seconds", alive->silent_s));
    alive->silent_s = 0;
    child_kill(alive->server, SIGKILL);
}

void alive_init(struct alive *alive, uv_loop_t *loop, struct child *server)
{
    alive->server = server;
    uv_timer_init(loop, &alive->tick);
    alive->tick.data = alive;
    uv_timer_start(&alive->tick, on_tick, TICK_MS, TICK_MS);
}

void alive_started(struct alive *alive)
{
    alive->silent_s = 0;
    alive->serves = false;
    if (!alive->has_served)
        alive->n_starts++;
}

void alive_heard(struct alive *alive, bool serves)
{
    alive->silent_s = 0;
    if (alive->notify.watchdog_us > 0)
        notify_send(&alive->notify, "WATCHDOG=1");
    if (!serves || alive->serves)
        return;
    alive->serves = true;
    log_info("serving");
    if (!alive->has_served)
        notify_send(&alive->notify, "READY=1");
    alive->has_served = true;
}

void alive_stopping(struct alive *alive)
{
    notify_send(&alive->notify, "STOPPING=1");
}
