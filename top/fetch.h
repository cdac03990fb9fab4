/* fetch.h - /api/v1/status of a server, asked for again and again, without waiting for it.
 *
 * An answer is bounded in size and in time, no redirection is followed and no proxy is asked. */
#ifndef TOP_FETCH_H
#define TOP_FETCH_H

#include <stdbool.h>
#include <stddef.h>

enum { FETCH_BYTES_MOST = 16 << 20, FETCH_CONNECT_MS = 3000, FETCH_MS = 8000 };

struct fetch;

/* "host", "host:port", "http://host:port", "https://...": a server's URL, without a slash at its
 * end; the port is 50080 where neither scheme nor port are given. To be freed; NULL: it makes no
 * sense, or out of memory. */
char *fetch_url(const char *address);

/* `url` is fetch_url's. NULL: out of memory. */
struct fetch *fetch_new(const char *url);
void fetch_free(struct fetch *fetch);

/* Ask, unless an answer is under way. */
void fetch_begin(struct fetch *fetch);

enum fetch_state { FETCH_IDLE, FETCH_UNDER_WAY, FETCH_DONE, FETCH_FAILED };

/* Wait until the answer is there, `other_fd` (-1: none) can be read, a signal came, or the time is
 * over. DONE and FAILED are said once; then it is IDLE. */
enum fetch_state fetch_wait(struct fetch *fetch, int timeout_ms, int other_fd);

/* Of FETCH_DONE: the answer; it is the fetch's, until the next one begins. */
const char *fetch_text(const struct fetch *fetch, size_t *n_out);

/* Of FETCH_FAILED: why, without a full stop. */
const char *fetch_failure(const struct fetch *fetch);

#endif
