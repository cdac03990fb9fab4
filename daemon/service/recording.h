/* recording.h - what the server knows of an open recording.
 *
 * The catalogue: channels with their rates, factors and spans, their segments,
 * and the runs of a segment once somebody needed them. It is told by workers;
 * the server reads no recording itself. Shared by all paths that name the same
 * folder and by the reads under way; counted. */
#ifndef SERVICE_RECORDING_H
#define SERVICE_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "ipc/job.h"
#include "service/quarantine.h"

struct pool_job;

enum runs_state {
    RUNS_UNKNOWN,
    RUNS_ASKED, /* a worker is reading the index */
    RUNS_KNOWN,
    RUNS_UNREADABLE, /* `why` says it; tried again after retry_at_ms */
};

struct segment {
    int32_t number;     /* the folder's */
    int64_t start_uutc; /* as the metadata say */
    int64_t end_uutc;
    enum runs_state state;
    struct run_row *runs; /* in order of time */
    size_t n_runs;
    char *why;
    uint64_t retry_at_ms;
    struct pool_job *job; /* the one that reads the index, or NULL */
    uint64_t needed_at;   /* when a read last asked for the runs, in the count of index_need */
};

struct channel {
    char *name;
    double rate_hz;
    double units_factor;
    int64_t start_uutc;
    int64_t end_uutc;
    uint32_t number;          /* among all channels of the recording: what workers call it */
    struct segment *segments; /* in order of time */
    size_t n_segments;
    struct answer_stamp stamp; /* of its last segment by number */
};

/* Waits until more is known of some segments. */
struct runs_wait {
    LIST_ENTRY(runs_wait) link;
    bool waiting;
    bool in_vain;                          /* at `retry`: no worker came to read them */
    uint64_t asked_at;                     /* in the count of index_need */
    void (*retry)(struct runs_wait *wait); /* the wait is over by then */
};

struct recording {
    LIST_ENTRY(recording) link; /* of the service's list */
    unsigned refs;
    bool stale;      /* on disk there is another in its place, or none: it must be read anew */
    bool is_past;    /* there is a later state of it, or another; reads under way have this one */
    uint64_t number; /* the tiles' session: never another's, but of later states of the same */
    uint64_t identity;
    uint64_t opening; /* for which its catalogue was read; the workers read the rest for it */
    char *canonical;
    char *password;           /* that opened it, of a request; NULL: it is open to all */
    bool is_locked;           /* a part of it: it takes another password, or one */
    uint64_t fingerprint;     /* when that changes, there is news of it on disk */
    uint64_t look_due_ms;     /* when it is to be asked for again */
    unsigned n_puzzling;      /* news one after another that could not be read */
    struct channel *channels; /* in order of names */
    size_t n_channels;
    size_t n_runs;      /* of all segments together; index.c counts them */
    size_t n_announced; /* while it is built: how many there may be */
    size_t n_segments;  /* of all channels */
    int64_t start_uutc; /* least and greatest of the channels */
    int64_t end_uutc;
    LIST_HEAD(, runs_wait) waits;
    struct quarantine quarantine;
    /* The channels' facts as parallel arrays, for answers. */
    const char **names;
    double *rates;
    int64_t *starts;
    int64_t *ends;
};

/* Built from workers' answers, in their order; false: they make no sense, or out of memory.
 * A part of its channels may be built apart and added: `expect` says how many it may have,
 * in place of an ANSWER_SESSION. `finish` sorts, checks and sums up. */
struct recording *recording_new(void);
bool recording_add(struct recording *recording, const struct answer *answer);
bool recording_expect(struct recording *part, size_t n_channels);
bool recording_take_channels(struct recording *recording, struct recording *part);
bool recording_finish(struct recording *recording);
void recording_free(struct recording *recording);

/* What was found, of the same folder, is what is known and perhaps more at its end. */
bool recording_continues(const struct recording *known, const struct recording *found);

/* Place of the channel of that name, or -1. */
int64_t recording_find_channel(const struct recording *recording, const char *name);

/* A segment's runs, from the answers of JOB_INDEX. */
bool segment_add_runs(struct segment *segment, struct answer_rows rows);
void segment_forget_runs(struct segment *segment);
void segment_set_unreadable(struct segment *segment, const char *why, uint64_t retry_at_ms);

void recording_wait(struct recording *recording, struct runs_wait *wait);
void recording_stop_waiting(struct runs_wait *wait);
/* Calls everyone who waits. */
void recording_wake(struct recording *recording, bool in_vain);

#endif
