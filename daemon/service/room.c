/* room.c - the memory of a read's messages: asked for, given back, lost. */
#include "base/container.h"
#include "service/gather.h"
#include "service/read.h"

static void on_room(struct memory_wait *wait)
{
    read_go_on(CONTAINER_OF(wait, struct read, holder.room));
}

static void on_resume(struct soon_task *task)
{
    read_go_on(CONTAINER_OF(task, struct read, resume));
}

/* Nothing is on its way: the read may wait in line for more. */
static void on_arrived(struct holder *holder)
{
    struct read *read = CONTAINER_OF(holder, struct read, holder);

    if (read->at == STEP_FILL && !read->all_taken && read->slots[read->oldest].state == FILL_EMPTY)
        soon_call(read->service->parts.soon, &read->resume);
}

/* The newest message that is ready: it will be filled again. The oldest is kept
 * while the client has nothing else to take. */
static bool give_back(struct holder *holder, bool all)
{
    struct read *read = CONTAINER_OF(holder, struct read, holder);

    for (unsigned i = SLOTS; i-- > 0;) {
        struct fill *fill = &read->slots[(read->oldest + i) % SLOTS];
        if (fill->state == FILL_EMPTY)
            continue;
        if (fill->state != FILL_READY || read->at != STEP_FILL ||
            (i == 0 && !all && LIST_EMPTY(&holder->held)))
            return false;
        read->next = fill->first;
        read->all_taken = false;
        buffer_give(fill_take(fill));
        return true;
    }
    return false;
}

static void on_shed(struct holder *holder)
{
    struct read *read = CONTAINER_OF(holder, struct read, holder);

    read->outcome = OUTCOME_EXHAUSTED;
    read->at = STEP_END;
    for (unsigned i = 0; i < SLOTS; i++)
        fill_fini(&read->slots[i]);
    read->is_waited_for = true;
    read_wake(read);
}

struct buffer *room_ask(struct read *read, bool beyond_first)
{
    const struct window *window = &read->window;
    struct holder *holder = &read->holder;
    size_t a_sample = window->n_channels * gather_bytes(window->is_double);
    int64_t left = window->n_samples - read->next;
    size_t want =
        (size_t)(left < window->samples_a_message ? left : window->samples_a_message) * a_sample;
    size_t least = want < a_sample ? want : a_sample;
    struct buffer *buffer;

    switch (messages_ask(holder, want, least, beyond_first, &buffer)) {
    case MEF3_OK:
        return buffer;
    case ASK_LATER:
        if (!beyond_first && LIST_EMPTY(&holder->held))
            messages_wait(holder, want, least);
        return NULL;
    default:
        break;
    }
    if (!beyond_first) {
        read->outcome = OUTCOME_EXHAUSTED;
        read->at = STEP_END;
    }
    return NULL;
}

int64_t room_samples(const struct read *read, const struct buffer *buffer)
{
    const struct window *window = &read->window;
    int64_t n = window->n_samples - read->next;
    size_t most = buffer->room / (window->n_channels * gather_bytes(window->is_double));

    if (n > window->samples_a_message)
        n = window->samples_a_message;
    return (uint64_t)n < most ? n : (int64_t)most;
}

void room_init(struct read *read)
{
    read->resume.run = on_resume;
    holder_init(&read->holder, read->service);
    read->holder.room.retry = on_room;
    read->holder.give_back = give_back;
    read->holder.arrived = on_arrived;
    read->holder.shed = on_shed;
}

void room_fini(struct read *read)
{
    holder_fini(&read->holder);
    soon_cancel(read->service->parts.soon, &read->resume);
}
