/* messages.c - the memory of messages: within a budget, in turns. */
#include "service/messages.h"

#include <stdlib.h>

#include "base/container.h"
#include "service/state.h"

/* A client that takes less than a 64th of a message in this time does nothing
 * with it, as far as those are concerned who wait for its memory. */
enum { STALLED_MS = 10000, MOVED_PART = 64 };
/* However little memory there is, no smaller message is worth its head. */
enum { LEAST_BYTES = 64 << 10 };
/* Free buffers are kept up to so many bytes: memory that was used before need not be
 * cleared and mapped again, which costs more than writing to it. With each tick a
 * quarter of them goes back to the machine. */
enum { KEPT_BYTES = 8 * MESSAGE_BYTES };
/* Their sizes are multiples of this, so that one serves for messages that differ a little. */
enum { KEPT_STEP = 64 << 10 };
/* From here on malloc gives whole pages, and takes one more. */
enum { PAGES_FROM = 128 << 10, PAGE = 4096 };

void messages_init(struct messages *messages, size_t limit, struct soon *soon)
{
    TAILQ_INIT(&messages->holders);
    LIST_INIT(&messages->kept);
    messages->limit = limit;
    line_init(&messages->line, soon);
}

static size_t charge_of(size_t room)
{
    size_t bytes = sizeof(struct buffer) + room;

    if (room == 0)
        return 0;
    return bytes < PAGES_FROM ? (bytes + 63) / 64 * 64 : (bytes + PAGE - 1) / PAGE * PAGE + PAGE;
}

static void drop_kept(struct messages *messages)
{
    struct buffer *buffer = LIST_FIRST(&messages->kept);

    LIST_REMOVE(buffer, link);
    messages->kept_bytes -= buffer->charge;
    messages->used -= buffer->charge;
    free(buffer);
}

void messages_fini(struct messages *messages)
{
    while (!LIST_EMPTY(&messages->kept))
        drop_kept(messages);
    line_fini(&messages->line);
}

void holder_init(struct holder *holder, struct service *service)
{
    holder->service = service;
    holder->moved_ms = service_now_ms();
    LIST_INIT(&holder->held);
    TAILQ_INSERT_TAIL(&service->messages.holders, holder, link);
}

void holder_fini(struct holder *holder)
{
    struct buffer *buffer;

    while ((buffer = LIST_FIRST(&holder->held))) {
        LIST_REMOVE(buffer, link);
        buffer->holder = NULL;
    }
    line_leave(&holder->service->messages.line, &holder->room);
    TAILQ_REMOVE(&holder->service->messages.holders, holder, link);
}

static size_t free_bytes(const struct messages *messages)
{
    return messages->limit - messages->used + messages->kept_bytes;
}

static bool is_tight(const struct messages *messages)
{
    return free_bytes(messages) < messages->limit / 3;
}

/* Whole messages while there is plenty; then the less there is the smaller they
 * get, so that many clients that take nothing leave something for the next. */
static size_t size_now(const struct messages *messages, size_t want, size_t least)
{
    size_t size = free_bytes(messages) / (is_tight(messages) ? 16 : 2);

    if (size < LEAST_BYTES)
        size = LEAST_BYTES;
    if (size > want)
        size = want;
    return size > least ? size : least;
}

/* One that is large enough, and not much too large; the latest, which is the likeliest
 * to be near the processor still. */
static struct buffer *take_kept(struct messages *messages, size_t size)
{
    struct buffer *buffer;

    LIST_FOREACH(buffer, &messages->kept, link) {
        if (buffer->room < size || buffer->room / 2 > size)
            continue;
        LIST_REMOVE(buffer, link);
        messages->kept_bytes -= buffer->charge;
        return buffer;
    }
    return NULL;
}

static size_t round_up(size_t size)
{
    return (size + KEPT_STEP - 1) / KEPT_STEP * KEPT_STEP;
}

static struct buffer *make(struct messages *messages, struct service *service, size_t room)
{
    struct buffer *buffer = aligned_alloc(64, (sizeof *buffer + room + 63) / 64 * 64);

    if (!buffer)
        return NULL;
    buffer->service = service;
    buffer->holder = NULL;
    buffer->room = room;
    buffer->charge = charge_of(room);
    messages->used += buffer->charge;
    return buffer;
}

int messages_ask(struct holder *holder, size_t want, size_t least, bool beyond_first,
                 struct buffer **buffer_out)
{
    struct messages *messages = &holder->service->messages;
    size_t size = size_now(messages, want, least);
    struct buffer *buffer;

    if (charge_of(least) > messages->limit)
        return MEF3_ELIMIT;
    if (want > 0 && line_is_closed(&messages->line))
        return ASK_LATER;
    if (beyond_first && (size < want || free_bytes(messages) < messages->limit / 2))
        return ASK_LATER;
    /* Who still has a message on its way can wait until that has arrived. */
    if (!LIST_EMPTY(&holder->held) && is_tight(messages))
        return ASK_LATER;
    buffer = take_kept(messages, size);
    if (!buffer) {
        if (size > KEPT_STEP / 2 && size < free_bytes(messages) / 4)
            size = round_up(size); /* to be kept */
        size_t charge = charge_of(size);
        while (messages->limit - messages->used < charge && !LIST_EMPTY(&messages->kept))
            drop_kept(messages);
        if (messages->limit - messages->used < charge)
            return ASK_LATER;
        buffer = make(messages, holder->service, size);
        if (!buffer)
            return MEF3_ENOMEM;
    }
    buffer->n_moved = 0;
    *buffer_out = buffer;
    return MEF3_OK;
}

/* What those in line need, if all get but little. */
static size_t needed_bytes(const struct messages *messages)
{
    struct memory_wait *wait;
    size_t n = 0;

    TAILQ_FOREACH(wait, &messages->line.waits, link)
        n += charge_of(CONTAINER_OF(wait, struct holder, room)->wanted);
    return n;
}

/* Have ready messages given back, those of the slowest first, until those who wait
 * can be served. */
static void make_room(struct messages *messages)
{
    size_t needed = needed_bytes(messages);
    struct holder *holder;

    TAILQ_FOREACH(holder, &messages->holders, link)
        while (free_bytes(messages) < needed && holder->give_back(holder, false))
            messages->n_given_back++;
}

void messages_wait(struct holder *holder, size_t want, size_t least)
{
    struct messages *messages = &holder->service->messages;

    holder->wanted = want < LEAST_BYTES ? want : LEAST_BYTES;
    if (holder->wanted < least)
        holder->wanted = least;
    line_join(&messages->line, &holder->room);
    make_room(messages);
}

static void moved(struct holder *holder)
{
    struct messages *messages = &holder->service->messages;

    holder->moved_ms = service_now_ms();
    TAILQ_REMOVE(&messages->holders, holder, link);
    TAILQ_INSERT_TAIL(&messages->holders, holder, link);
}

void messages_ready(struct holder *holder)
{
    moved(holder);
    if (!TAILQ_EMPTY(&holder->service->messages.line.waits))
        make_room(&holder->service->messages);
}

void messages_send(struct holder *holder, struct buffer *buffer)
{
    moved(holder);
    buffer->holder = holder;
    LIST_INSERT_HEAD(&holder->held, buffer, link);
}

struct buffer *messages_error(struct holder *holder)
{
    struct buffer *buffer = make(&holder->service->messages, holder->service, 0);

    if (buffer)
        messages_send(holder, buffer);
    return buffer;
}

void message_moved(const struct message *message, size_t n)
{
    struct buffer *buffer = CONTAINER_OF((uintptr_t)message, struct buffer, message);

    buffer->n_moved += n;
    if (!buffer->holder || buffer->n_moved < buffer->message.n_bytes / MOVED_PART)
        return;
    buffer->n_moved = 0;
    moved(buffer->holder);
}

/* Many small buffers make a long list, and are cheap to get. */
static bool is_kept(const struct messages *messages, const struct buffer *buffer)
{
    return buffer->room >= KEPT_STEP && messages->kept_bytes + buffer->charge <= KEPT_BYTES;
}

void buffer_give(struct buffer *buffer)
{
    struct messages *messages = &buffer->service->messages;

    if (is_kept(messages, buffer)) {
        LIST_INSERT_HEAD(&messages->kept, buffer, link);
        messages->kept_bytes += buffer->charge;
    } else {
        messages->used -= buffer->charge;
        free(buffer);
    }
    line_feed(&messages->line);
}

void message_release(const struct message *message)
{
    struct buffer *buffer = CONTAINER_OF((uintptr_t)message, struct buffer, message);
    struct holder *holder = buffer->holder;

    buffer->holder = NULL;
    if (holder) {
        LIST_REMOVE(buffer, link);
        moved(holder);
    }
    buffer_give(buffer);
    if (holder && LIST_EMPTY(&holder->held))
        holder->arrived(holder);
}

static size_t held_bytes(const struct holder *holder)
{
    const struct buffer *buffer;
    size_t n = 0;

    LIST_FOREACH(buffer, &holder->held, link)
        n += buffer->charge;
    return n;
}

/* Who has taken nothing for long loses what others wait for: what is ready can be
 * filled again, what is half sent cannot. */
static void shed_stalled(struct messages *messages, uint64_t now_ms)
{
    size_t needed = needed_bytes(messages), coming = 0;
    struct holder *holder;

    TAILQ_FOREACH(holder, &messages->holders, link) {
        if (holder->moved_ms + STALLED_MS > now_ms)
            return;
        while (free_bytes(messages) + coming < needed && holder->give_back(holder, true))
            messages->n_given_back++;
        if (free_bytes(messages) + coming >= needed)
            return;
        coming += held_bytes(holder);
        if (holder->is_shed || LIST_EMPTY(&holder->held))
            continue;
        holder->is_shed = true;
        messages->n_shed++;
        holder->shed(holder);
    }
}

void messages_tick(struct messages *messages, uint64_t now_ms)
{
    size_t enough = messages->kept_bytes / 4 * 3;

    if (!TAILQ_EMPTY(&messages->line.waits))
        shed_stalled(messages, now_ms);
    else
        while (messages->kept_bytes > enough)
            drop_kept(messages);
}
