/* sessions.h - the recordings that a worker keeps open, so that a job on one of
 * them need not read its metadata again. The least recently used is closed. */
#ifndef DECODE_SESSIONS_H
#define DECODE_SESSIONS_H

#include <mef3/session.h>

#include "base/passwords.h"
#include "decode/roots.h"

struct sessions;

/* Both are borrowed for the life of what is made. */
struct sessions *sessions_new(const struct roots *roots, const struct passwords *passwords);
void sessions_free(struct sessions *sessions);

struct losses;
struct sheets;

struct open_session {
    struct mef3_session *session;
    struct sheets *sheets; /* what is kept of its envelopes */
    struct losses *losses; /* what of it is known to be unreadable */
    const char *canonical;
    uint64_t identity;
    uint64_t fingerprint; /* see look.h; from before it was opened: of sessions_open only */
};

/* Open `path`, as a client sent it, afresh and lazily, for the opening of that number, with
 * that password or, where it is NULL, the one that the list has. On failure the status, and
 * `text` for the client. *open_out is valid until the next call. */
int sessions_open(struct sessions *sessions, const char *path, uint64_t opening,
                  const char *password, struct open_session *open_out, char *text, size_t room);

/* The recording at a canonical path that `identity` was given for: the one kept open for
 * that opening, or opened again: what was read of it for an earlier one may have changed
 * on disk. An opening has one password. MEF3_ECHANGED when it is another by now. */
int sessions_get(struct sessions *sessions, const char *canonical, uint64_t identity,
                 uint64_t opening, const char *password, struct open_session *open_out, char *text,
                 size_t room);

/* The same recording opened whole, and kept by nobody: for mef3_session_close. *by_list_out: the
 * password was the list's, not a client's. */
int sessions_open_whole(struct sessions *sessions, const char *canonical, uint64_t identity,
                        const char *password, struct mef3_session **session_out, bool *by_list_out,
                        char *text, size_t room);

#endif
