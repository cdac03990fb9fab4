/* sessions.c - the recordings that a worker keeps open. */
#include "decode/sessions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <mef3/red.h>

#include "decode/look.h"
#include "decode/sheets.h"
#include "decode/timed_source.h"
#include "facts/losses.h"

/* More would keep more indices and open folders; fewer would read metadata more often
 * where many recordings are read at once. Each has one descriptor open, its folder's or archive's.
 */
enum { KEPT = 8 };

struct kept {
    struct open_session open; /* session NULL: free */
    char canonical[PATH_MAX];
    uint64_t opening; /* for which it was opened */
    uint64_t used;    /* when, in calls */
};

struct sessions {
    const struct roots *roots;
    const struct passwords *passwords;
    uint64_t calls;
    struct kept kept[KEPT];
};

/* What the crypto library sets up on first use must be there before the process
 * gives up its rights. */
static void warm_up(void)
{
    static const uint8_t none[16];
    struct mef3_keys keys;

    if (mef3_keys_from_password("warm", none, none, &keys) == MEF3_OK)
        mef3_keys_wipe(&keys);
}

struct sessions *sessions_new(const struct roots *roots, const struct passwords *passwords)
{
    struct sessions *sessions = calloc(1, sizeof *sessions);

    if (!sessions)
        return NULL;
    sessions->roots = roots;
    sessions->passwords = passwords;
    warm_up();
    return sessions;
}

static void forget(struct kept *kept)
{
    mef3_session_close(kept->open.session);
    sheets_free(kept->open.sheets);
    losses_free(kept->open.losses);
    kept->open = (struct open_session){0};
}

void sessions_free(struct sessions *sessions)
{
    if (!sessions)
        return;
    for (size_t i = 0; i < KEPT; i++)
        forget(&sessions->kept[i]);
    free(sessions);
}

/* FNV-1a: enough to tell one recording from what replaced it. */
static uint64_t mix(uint64_t hash, const void *bytes, size_t n)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < n; i++)
        hash = (hash ^ at[i]) * 0x100000001B3u;
    return hash;
}

/* The folder (or archive) itself and the names of its channels in order: as long as these
 * stand, a channel's number means the same. Segments go by their own numbers,
 * so a recording may grow. */
static uint64_t identity_of(const struct mef3_session *session, const struct stat *folder)
{
    uint64_t hash = mix(0xCBF29CE484222325u, &folder->st_ino, sizeof folder->st_ino);

    hash = mix(hash, &folder->st_dev, sizeof folder->st_dev);
    for (size_t i = 0; i < mef3_session_info(session)->n_channels; i++) {
        const char *name = mef3_channel_info(session, i)->name;
        hash = mix(hash, name, strlen(name) + 1);
    }
    return hash;
}

static struct kept *find(struct sessions *sessions, const char *canonical)
{
    for (size_t i = 0; i < KEPT; i++)
        if (sessions->kept[i].open.session && strcmp(sessions->kept[i].canonical, canonical) == 0)
            return &sessions->kept[i];
    return NULL;
}

/* A free place, made by closing the least recently used where need be. */
static struct kept *make_place(struct sessions *sessions)
{
    struct kept *oldest = &sessions->kept[0];

    for (size_t i = 0; i < KEPT; i++) {
        if (!sessions->kept[i].open.session)
            return &sessions->kept[i];
        if (sessions->kept[i].used < oldest->used)
            oldest = &sessions->kept[i];
    }
    forget(oldest);
    return oldest;
}

static int open_source(const struct sessions *sessions, const char *canonical, const char *root,
                       const char *given, struct mef3_source *source,
                       struct mef3_session **session_out, struct mef3_error *error)
{
    char password[PASSWORD_ROOM];

    if (!given && passwords_find(sessions->passwords, canonical, root, password))
        given = password;
    timed_source_wrap(source);
    int status = mef3_session_open_lazy(source, given, session_out, error);

    explicit_bzero(password, sizeof password);
    return status;
}

static int open_at(struct sessions *sessions, const struct roots *roots, const char *path,
                   bool fingerprints, uint64_t opening, const char *password,
                   struct open_session *open_out, char *text, size_t room)
{
    char canonical[PATH_MAX];
    const char *root;
    struct mef3_source source;
    struct mef3_session *session;
    struct mef3_error error;
    struct stat folder;
    int status = roots_resolve(roots, path, canonical, &root, text, room);

    if (status != MEF3_OK)
        return status;
    struct kept *kept = find(sessions, canonical);
    if (kept)
        forget(kept);
    if (stat(canonical, &folder) < 0) {
        snprintf(text, room, "File does not exist: %s", path);
        return MEF3_ENOENT;
    }
    /* First: what comes later is news. */
    uint64_t fingerprint = fingerprints ? look_fingerprint(canonical) : 0;
    status = mef3_source_path(canonical, root, &source, &error);
    if (status == MEF3_OK)
        status = open_source(sessions, canonical, root, password, &source, &session, &error);
    if (status != MEF3_OK) {
        mef3_error_text(&error, text, room);
        return status;
    }
    struct sheets *sheets = sheets_new();
    struct losses *losses = losses_new();
    if (!sheets || !losses) {
        sheets_free(sheets);
        losses_free(losses);
        mef3_session_close(session);
        return MEF3_ENOMEM;
    }
    kept = make_place(sessions);
    strcpy(kept->canonical, canonical);
    kept->opening = opening;
    kept->used = ++sessions->calls;
    kept->open = (struct open_session){
        session, sheets, losses, kept->canonical, identity_of(session, &folder), fingerprint};
    *open_out = kept->open;
    return MEF3_OK;
}

int sessions_open(struct sessions *sessions, const char *path, uint64_t opening,
                  const char *password, struct open_session *open_out, char *text, size_t room)
{
    return open_at(sessions, sessions->roots, path, true, opening, password, open_out, text, room);
}

/* A canonical path, which no path map changes: that one is for what clients send. The server has
 * its fingerprint. */
static int open_again(struct sessions *sessions, const char *canonical, uint64_t opening,
                      const char *password, struct open_session *open_out, char *text, size_t room)
{
    struct roots unmapped = *sessions->roots;

    unmapped.path_map = NULL;
    return open_at(sessions, &unmapped, canonical, false, opening, password, open_out, text, room);
}

int sessions_get(struct sessions *sessions, const char *canonical, uint64_t identity,
                 uint64_t opening, const char *password, struct open_session *open_out, char *text,
                 size_t room)
{
    struct kept *kept = find(sessions, canonical);
    struct open_session open;

    if (kept && kept->open.identity == identity && kept->opening == opening) {
        kept->used = ++sessions->calls;
        *open_out = kept->open;
        return MEF3_OK;
    }
    int status = open_again(sessions, canonical, opening, password, &open, text, room);
    if (status != MEF3_OK)
        return status;
    if (open.identity != identity) {
        snprintf(text, room, "the recording changed on disk: open it again");
        return MEF3_ECHANGED;
    }
    *open_out = open;
    return MEF3_OK;
}

int sessions_open_whole(struct sessions *sessions, const char *canonical, uint64_t identity,
                        const char *given, struct mef3_session **session_out, bool *by_list_out,
                        char *text, size_t room)
{
    struct roots unmapped = *sessions->roots;
    char resolved[PATH_MAX], password[PASSWORD_ROOM];
    const char *root;
    struct mef3_source source;
    struct mef3_session *session = NULL;
    struct mef3_error error;
    struct stat folder;

    unmapped.path_map = NULL;
    int status = roots_resolve(&unmapped, canonical, resolved, &root, text, room);
    if (status != MEF3_OK)
        return status;
    bool by_list = !given && passwords_find(sessions->passwords, resolved, root, password);
    status = mef3_source_path(resolved, root, &source, &error);
    if (status == MEF3_OK) {
        timed_source_wrap(&source);
        status = mef3_session_open(&source, by_list ? password : given, &session, &error);
    }
    explicit_bzero(password, sizeof password);
    if (status != MEF3_OK) {
        mef3_error_text(&error, text, room);
        return status;
    }
    if (stat(resolved, &folder) < 0 || identity_of(session, &folder) != identity) {
        mef3_session_close(session);
        snprintf(text, room, "the recording changed on disk: open it again");
        return MEF3_ECHANGED;
    }
    *session_out = session;
    *by_list_out = by_list;
    return MEF3_OK;
}
