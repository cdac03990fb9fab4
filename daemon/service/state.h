/* state.h - what the files of this room share: the service's own state.
 *
 * registry.c   which paths are open, and their page grids and selections
 * opening.c    who asks for a path to be opened, or looked at
 * open_work.c  a path becomes a recording, and stays what there is on disk
 * catalogue.c  what there is in it: JOB_OPEN, JOB_METADATA
 * found.c      the damage that was found lately
 * look.c       whether it has changed on disk: JOB_LOOK
 * growth.c     what has changed becomes known
 * index.c      the runs of segments are learned: JOB_INDEX
 * decode.c     units of tiles are decoded: JOB_DECODE
 * piece.c      stretches of recorded samples, cut at the borders of tiles
 * ahead.c      what a client will ask for next is decoded before it asks
 * window.c     what a read asks for, checked
 * messages.c   the memory of messages
 * fill.c       one message is filled with samples
 * read.c       one request, from its first step to its last message
 * release.c    memory of the arena goes back to the machine: JOB_RELEASE
 * room.c       the memory of a read's messages
 * asking.c     a question that a worker answers: JOB_TELL
 * told.c       its answer, in memory until it is sent
 * answers.c    the calls that are answered from memory */
#ifndef SERVICE_STATE_H
#define SERVICE_STATE_H

#include "base/soon.h"
#include "cache/cache.h"
#include "pool/pool.h"
#include "service/ahead.h"
#include "service/found.h"
#include "service/messages.h"
#include "service/plan.h"
#include "service/recording.h"
#include "service/service.h"
#include "service/text.h"

/* A path that is open, as the client spelled it. Page grid and selection are
 * the file's, shared by all clients: those of the segment-grid API open from one
 * connection and read from others. */
struct entry {
    TAILQ_ENTRY(entry) link;
    char *path;
    char *password; /* only requests that carry it find the entry; NULL: all do */
    struct recording *recording;
    int64_t page_us;    /* 0: no grid was set */
    uint32_t *selected; /* places of channels; NULL: all */
    size_t n_selected;
};

/* What an answer was in, kept for the next: memory that is new costs more than what is put in. */
enum { TOLD_SPARES = 4 };
struct spare {
    uint8_t *bytes; /* NULL: none */
    size_t room;
};

struct service {
    struct service_parts parts;
    TAILQ_HEAD(, entry) entries; /* in the order of opening */
    size_t n_entries;
    LIST_HEAD(, recording) recordings;
    LIST_HEAD(, open_work) works; /* paths that are being opened */
    uint64_t last_number;
    uint64_t last_opening;
    struct messages messages;
    size_t n_reads;
    size_t n_openings;
    size_t n_askings;
    size_t n_answer_bytes; /* that workers told, of all askings */
    struct spare spares[TOLD_SPARES];
    size_t n_works; /* some may have nobody any more who waits */
    size_t n_runs;  /* of all recordings together */
    uint64_t n_runs_forgotten;
    uint64_t n_looks;
    uint64_t n_grown, n_replaced, n_gone;
    uint64_t n_quarantined;
    struct found found;
    uint64_t n_needs;         /* calls of index_need */
    uint64_t next_expiry_ms;  /* when tiles are looked through for old ones */
    struct soon_task release; /* there may be memory to give back */
    bool is_releasing;        /* a job for it is under way */
    struct ahead ahead;
    uint64_t job_started_ns; /* of the job whose end is being told; 0: of none */
    struct span_list spans;  /* of the piece that is planned now */
    struct text error;       /* of the latest answer */
    const char **list;       /* likewise */
};

/* told.c */
/* Free a spare: nobody may want it for long. False: there is none. */
bool told_drop_spare(struct service *service);

/* registry.c */
/* The entry that a request with that password, or none, may use: the one that this password
 * opened; else the one that is open to all, but if a password would open more of it. */
struct entry *registry_find(struct service *service, const char *path, const char *password);
/* The entry of just that password. */
struct entry *registry_find_own(struct service *service, const char *path, const char *password);
bool registry_may_see(const struct entry *entry, const char *password);
/* NULL: out of memory. Takes a reference of the recording, and its password. */
struct entry *registry_add(struct service *service, const char *path, struct recording *recording);
void registry_remove(struct service *service, struct entry *entry);
/* A recording's reference, kept and given back; the last one frees it. */
void recording_ref(struct recording *recording);
void recording_unref(struct service *service, struct recording *recording);
/* The latest state of the recording of that folder that is known, or NULL. */
struct recording *registry_find_recording(struct service *service, const char *canonical,
                                          const char *password);
/* More names than this in one request are refused: each is a row of every message. */
size_t registry_most_channels(const struct recording *recording);
/* Pages of an entry's grid; 0 without one. */
int64_t registry_n_pages(const struct entry *entry);
void registry_facts(const struct recording *recording, struct file_info *info_out);

/* open_work.c: who waits for too long to hear whether a recording changed does without. */
void opening_tick(struct service *service);

/* growth.c: the recording that was found becomes known, in the place of the state before
 * it; or that one is still what is there, and `found` is freed. Returns which it is. */
struct recording *recording_settle(struct service *service, struct recording *found);

/* index.c: true when the runs of every segment of these channels that may touch
 * the window are known (or known to be unreadable). Else they are asked for, and
 * `wait` is called when more is known: ask again then. */
struct index_asker {
    struct service *service;
    struct client client;
    enum pool_lane lane;
};
bool index_need(const struct index_asker *asker, struct recording *recording,
                const uint32_t *channels, size_t n_channels, int64_t window_uutc, int64_t end_uutc,
                struct runs_wait *wait);

/* decode.c: units that were claimed, collected into jobs. */
struct decode_job;
TAILQ_HEAD(decode_jobs, decode_job);
/* Wants jobs though nobody awaits their units. Zeroed in the beginning. */
struct decode_wish {
    LIST_HEAD(, decode_job) jobs;
};
struct decode_batch {
    struct service *service;
    struct client client; /* whose jobs they are */
    struct recording *recording;
    struct decode_wish *wish;         /* set after decode_begin: they are read ahead */
    bool is_divided;                  /* likewise: each stretch is a job of its own */
    struct decode_stretch *stretches; /* what is claimed; made jobs of when it is submitted */
    size_t n_stretches;
    size_t stretches_room;
    uint64_t n_samples; /* of the stretches */
    struct decode_jobs jobs;
    LIST_HEAD(, decode_job) met; /* of others, to be promoted */
};
void decode_begin(struct decode_batch *batch, struct service *service, const struct client *client,
                  struct recording *recording);
/* Units of a pinned tile whose first sample is sample `base` of the segment: those
 * that nobody has claimed are claimed and go into the batch; the jobs that have
 * others under way, and wait in the queue, are taken note of. Returns what was
 * claimed. */
uint64_t decode_need(struct decode_batch *batch, struct tile *tile, uint64_t units, int64_t base,
                     uint32_t channel, int32_t segment);
/* When a worker got the first of the jobs that have these units of the tile under way; UINT64_MAX:
 * none has yet. */
uint64_t decode_started_ns(const struct tile *tile, uint64_t units);
/* Hand the jobs to the pool, and promote those that were met: by now their units
 * are to be awaited, or they may be dropped. */
void decode_submit(struct decode_batch *batch);
/* The wish's jobs are not wanted any more, except where their units are awaited. */
void decode_forgo(struct decode_wish *wish, struct service *service);

/* release.c: give back what the cache has forgotten for good, soon. */
void release_init(struct service *service);
void release_soon(struct service *service);

/* Of the time since since_ns: opened till `opened_ns`, then for a worker till `started_ns`, then
 * what workers did till `now_ns`. What comes before since_ns, or after now_ns, is not counted. */
void waits_add(struct waits *waits, uint64_t since_ns, uint64_t opened_ns, uint64_t started_ns,
               uint64_t now_ns);

/* Time that only goes forward. */
uint64_t service_now_ms(void);
uint64_t service_now_ns(void);

#endif
