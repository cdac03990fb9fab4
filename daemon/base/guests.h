/* guests.h - who has connections open, or had lately, by address: how many, what they ask for,
 * and what they were given.
 *
 * For /api/v1/status. A guest is an address without its port. There are at most GUESTS_MOST;
 * when all of them have connections, others go by "others". NULL for a struct guests: nobody
 * looks; then a guest is NULL too, which all calls allow. */
#ifndef BASE_GUESTS_H
#define BASE_GUESTS_H

#include <stddef.h>
#include <stdint.h>

enum { GUESTS_MOST = 64 };

struct guest {
    char name[96];
    const char *protocol; /* "grpc", "http" */
    unsigned connections;
    unsigned active; /* calls that are under way */
    uint64_t calls;
    uint64_t bytes;
    double seen_s; /* since 1970: when something began or ended */
    /* What was asked for last. */
    char method[64];
    char recording[192];
};

struct guests;

struct guests *guests_new(void); /* NULL: out of memory */
void guests_free(struct guests *guests);

/* A connection, from its begin to its end: the guest stays as long as it has any. `peer` is as
 * endpoint_peer has it; `protocol` is not copied. */
struct guest *guests_enter(struct guests *guests, const char *peer, const char *protocol);
void guest_leave(struct guest *guest);

/* A call, from its begin to its end; in between what it is for, as soon as that is known. */
void guest_calls(struct guest *guest);
void guest_asks(struct guest *guest, const char *method, const char *recording);
void guest_takes(struct guest *guest, size_t n_bytes);
void guest_has_called(struct guest *guest);

/* Those with connections, and those who asked for something and were seen after since_s: the
 * latest first. */
size_t guests_list(const struct guests *guests, double since_s,
                   const struct guest *list_out[GUESTS_MOST + 2]);

#endif
