/* guests.c - who has connections open, or had lately. */
#include "base/guests.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/character.h"

/* Beyond the most: all others, by each protocol. */
enum { OTHERS = 2 };

struct guests {
    struct guest rows[GUESTS_MOST]; /* one without a name is free */
    struct guest others[OTHERS];
};

struct guests *guests_new(void)
{
    return calloc(1, sizeof(struct guests));
}

void guests_free(struct guests *guests)
{
    free(guests);
}

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* "127.0.0.1:50051" and "[::1]:50051" lose the port; "unix:/run/mef3d.sock" has none. */
static void name_of(const char *peer, char *to, size_t room)
{
    character_copy(to, room, peer);
    char *port = strrchr(to, ':');
    if (port && strncmp(to, "unix", 4) != 0)
        *port = '\0';
}

static struct guest *others_of(struct guests *guests, const char *protocol)
{
    struct guest *others = guests->others;

    while (others < guests->others + OTHERS - 1 && others->protocol &&
           strcmp(others->protocol, protocol) != 0)
        others++;
    strcpy(others->name, "others");
    others->protocol = protocol;
    return others;
}

/* The row of that name; else a free one, or that of who left first; else NULL. */
static struct guest *row_for(struct guests *guests, const char *name, const char *protocol)
{
    struct guest *row = NULL;

    for (struct guest *at = guests->rows; at < guests->rows + GUESTS_MOST; at++) {
        if (at->name[0] && strcmp(at->name, name) == 0 && strcmp(at->protocol, protocol) == 0)
            return at;
        if (at->connections == 0 && (!row || at->seen_s < row->seen_s))
            row = at;
    }
    if (row)
        *row = (struct guest){.protocol = protocol};
    return row;
}

struct guest *guests_enter(struct guests *guests, const char *peer, const char *protocol)
{
    char name[sizeof guests->rows->name];

    if (!guests)
        return NULL;
    name_of(peer, name, sizeof name);
    struct guest *guest = row_for(guests, name, protocol);
    if (guest)
        strcpy(guest->name, name);
    else
        guest = others_of(guests, protocol);
    guest->connections++;
    guest->seen_s = now_s();
    return guest;
}

void guest_leave(struct guest *guest)
{
    if (!guest)
        return;
    guest->connections--;
    guest->seen_s = now_s();
}

void guest_calls(struct guest *guest)
{
    if (!guest)
        return;
    guest->active++;
    guest->calls++;
}

void guest_asks(struct guest *guest, const char *method, const char *recording)
{
    if (!guest)
        return;
    character_copy(guest->method, sizeof guest->method, method);
    character_copy(guest->recording, sizeof guest->recording, recording);
}

void guest_takes(struct guest *guest, size_t n_bytes)
{
    if (guest)
        guest->bytes += n_bytes;
}

void guest_has_called(struct guest *guest)
{
    if (!guest)
        return;
    guest->active--;
    guest->seen_s = now_s();
}

static int latest_first(const void *a, const void *b)
{
    const struct guest *const *left = a, *const *right = b;

    return ((*left)->seen_s < (*right)->seen_s) - ((*left)->seen_s > (*right)->seen_s);
}

size_t guests_list(const struct guests *guests, double since_s,
                   const struct guest *list_out[GUESTS_MOST + OTHERS])
{
    size_t n = 0;

    for (size_t i = 0; guests && i < GUESTS_MOST + OTHERS; i++) {
        const struct guest *guest =
            i < GUESTS_MOST ? &guests->rows[i] : &guests->others[i - GUESTS_MOST];
        if (guest->connections > 0 || (guest->calls > 0 && guest->seen_s > since_s))
            list_out[n++] = guest;
    }
    qsort(list_out, n, sizeof *list_out, latest_first);
    return n;
}
