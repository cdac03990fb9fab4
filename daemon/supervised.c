/* supervised.c - the server's end of the channel to the supervisor. */
#include "supervised.h"

#include "base/log.h"
#include "ipc/channel.h"
#include "ipc/control.h"

void supervised_tell_alive(bool serves)
{
    struct control_wish alive = {.kind = CONTROL_ALIVE, .slot = serves};

    (void)channel_send(SERVER_FD_CONTROL, &alive, sizeof alive, -1);
}

static void wish(enum control_wish_kind kind, unsigned slot, uint32_t pid)
{
    struct control_wish message = {kind, slot, pid};

    if (channel_send(SERVER_FD_CONTROL, &message, sizeof message, -1) < 0)
        log_error("wish_unheard", LOG_U64("kind", kind), LOG_U64("slot", slot));
}

static void wish_kill(void *arg, unsigned slot, uint32_t pid)
{
    (void)arg;
    wish(CONTROL_KILL, slot, pid);
}

static void wish_more(void *arg)
{
    (void)arg;
    wish(CONTROL_MORE, 0, 0);
}

static void wish_retire(void *arg, unsigned slot, uint32_t pid)
{
    (void)arg;
    wish(CONTROL_RETIRE, slot, pid);
}

void supervised_crew(struct pool *pool, void (*joined)(void *arg, unsigned slot, uint32_t pid),
                     void *arg)
{
    pool_set_crew(pool, &(struct pool_crew){wish_kill, wish_more, wish_retire, joined, arg});
}
