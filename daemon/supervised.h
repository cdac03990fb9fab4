/* supervised.h - what the server says to its supervisor. */
#ifndef DAEMON_SUPERVISED_H
#define DAEMON_SUPERVISED_H

#include <stdbool.h>
#include <stdint.h>

#include "pool/pool.h"

/* The loop turns; does it also serve? A supervisor that does not listen now will
 * be told again. */
void supervised_tell_alive(bool serves);

/* The supervisor's workers are the pool's crew. `joined` hears of each that is
 * ready for jobs. */
void supervised_crew(struct pool *pool, void (*joined)(void *arg, unsigned slot, uint32_t pid),
                     void *arg);

#endif
