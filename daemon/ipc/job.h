/* job.h - what the server asks of a worker, and what a worker answers.
 *
 * One job at a time goes to a worker; its answers come back in any number, the
 * last of them ANSWER_DONE. A job says everything that is needed to do it: a
 * worker keeps recordings open only to be quick, so any worker can do any job.
 *
 * Neither side trusts the other's bytes: unpacking checks all lengths, and the
 * texts are zero-terminated within the message. Structs that come out of an
 * unpack point into the message and live as long as it does. */
#ifndef IPC_JOB_H
#define IPC_JOB_H

#include <stdbool.h>

#include <mef3/status.h>

#include "base/pack.h"

enum job_kind {
    JOB_OPEN = 1, /* -> SESSION, then of a small recording what JOB_METADATA answers,
                     of a large one LISTED... */
    JOB_METADATA, /* of some channels -> CHANNEL, SEGMENTS..., or ITEM */
    JOB_INDEX,    /* -> RUNS..., ITEM for those that failed */
    JOB_DECODE,   /* -> DAMAGE..., ITEM for those that failed; samples in the arena */
    JOB_LOOK,     /* has it changed on disk? -> SESSION: where it is, and its fingerprint */
    JOB_RELEASE,  /* parts of the arena give their memory back to the machine; no path */
    JOB_TELL,     /* a question about a recording, or all of them -> BYTES..., for a client */
};

/* What JOB_TELL asks. The answer is a client's, made whole by the worker: the server hands
 * it on and does not look into it. */
enum telling {
    TELL_LIST = 1,     /* recordings beneath the roots; no path -> JSON */
    TELL_METADATA,     /* of the recording and its channels -> JSON */
    TELL_AVAILABILITY, /* when the items' channels have data, gaps, unreadable stretches -> JSON */
    TELL_RECORDS,      /* notes and marks of the recording and its channels -> JSON */
    TELL_ENVELOPE,     /* least and greatest of the items' channels, as tell_envelope.c has it */
    TELL_PICTURE,      /* a page of the items' channels -> PNG */
    TELL_LAST = TELL_PICTURE,
};

/* What an envelope is made of. */
enum telling_way { TELL_EITHER, TELL_FROM_INDEX, TELL_FROM_SAMPLES };

struct job_question {
    uint32_t what;
    int64_t start_uutc; /* the window that it is about; INT64_MIN + 1: from the beginning, */
    int64_t end_uutc;   /* INT64_MAX: to the end */
    uint32_t width;     /* TELL_ENVELOPE: columns; TELL_LIST: rows at most; TELL_PICTURE: pixels, */
    uint32_t height;    /* likewise */
    double scale;       /* TELL_PICTURE: units a millimetre; 0: as suits the page */
    uint32_t is_all;    /* TELL_PICTURE: the items are in no order that the client has chosen */
    uint32_t way;       /* TELL_ENVELOPE: one of enum telling_way */
    const char *text;   /* TELL_LIST: what a path must contain; TELL_RECORDS: what a record must */
    const char *types;  /* TELL_RECORDS: "Note,Seiz"; "": all */
    uint32_t part;     /* TELL_ENVELOPE: which of the answer's parts is wanted, 0 .. n_parts - 1: */
    uint32_t n_parts;  /* put together in order they are the whole. Else 0 and 1 */
    const char *after; /* TELL_LIST: paths behind this one; "": all */
};

/* Most items that a job has. */
#define JOB_MAX_ITEMS 1024

/* A part of a job. JOB_METADATA uses the channel only, JOB_INDEX channel and segment,
 * JOB_RELEASE the last two, JOB_TELL the channel. */
struct job_item {
    uint32_t channel;     /* its place among the recording's channels, by name */
    int32_t segment;      /* its number, as the folder's name has it */
    int64_t first_sample; /* in the segment */
    uint32_t n_samples;
    uint64_t arena_offset; /* in bytes: where the counts go */
};

struct job {
    uint32_t kind;
    uint32_t id;
    const char *path;     /* JOB_OPEN, JOB_LOOK: as the client sent it; else the canonical path */
    uint64_t identity;    /* of the recording that the numbers below are about; else 0 */
    uint64_t opening;     /* what a worker read of the recording for another one, it reads again */
    const char *password; /* in place of the worker's own; NULL: none */
    uint32_t n_items;
    const struct job_item *items;
    struct job_question question; /* of JOB_TELL only */
};

size_t job_pack(const struct job *job, uint8_t *message, size_t room); /* 0: does not fit */

/* items_room takes up to JOB_MAX_ITEMS. False: not a job. */
bool job_unpack(const uint8_t *message, size_t n, struct job *job_out, struct job_item *items_room);

enum answer_kind {
    ANSWER_SESSION = 1,
    ANSWER_LISTED,
    ANSWER_CHANNEL,
    ANSWER_SEGMENTS,
    ANSWER_RUNS,
    ANSWER_ITEM,
    ANSWER_DAMAGE,
    ANSWER_BYTES,
    ANSWER_DONE,
    ANSWER_HELLO, /* a worker's first word: it is there; of no job */
};

/* The recording that JOB_OPEN found. */
struct answer_session {
    const char *canonical; /* absolute, links followed */
    uint64_t identity;     /* another one when channel numbers no longer mean the same */
    uint32_t n_channels;   /* folders; some may have nothing to be read */
    uint64_t fingerprint;  /* another one when something was written to it */
};

/* Rows of channels that have segments. */
struct listed_row {
    uint32_t channel;
    uint32_t n_segments;
};

/* Of the samples' file of a channel's last segment. A file that grows stays the same one; where
 * it is as long as before, its blocks are. 0: there is none, or none with a header yet. */
struct answer_stamp {
    uint64_t first; /* which one the first segment's is, */
    uint64_t file;  /* and the last one's */
    uint64_t bytes;
    int64_t changed_ns;
    uint64_t blocks; /* another one when the first or last block is */
};

struct answer_channel {
    const char *name;
    double rate_hz;
    double units_factor;
    int64_t start_uutc;
    int64_t end_uutc;
    uint32_t channel;
    uint32_t n_segments;
    struct answer_stamp stamp;
};

struct segment_row {
    int32_t number;
    int64_t start_uutc;
    int64_t end_uutc;
};

/* Rows of one channel's segments, or one segment's runs; the rest follows. */
struct run_row {
    int64_t origin_uutc;
    int64_t origin_sample;
    int64_t first_sample;
    int64_t n_samples;
    uint32_t block_samples;
};

struct answer_rows {
    uint32_t of; /* SEGMENTS: the channel; RUNS: the item */
    uint32_t n;
    struct unpacker rows; /* read with listed_row_unpack, segment_row_unpack, run_row_unpack */
};

/* A part of the job could not be done at all, or a stretch of it not: samples
 * [first_sample, first_sample + n_samples) of the item's segment. Of JOB_OPEN and
 * JOB_METADATA `item` is a channel: MEF3_EPASSWORD, it is locked; else it has
 * damaged metadata. */
struct answer_item {
    uint32_t item;
    int32_t status;
    int64_t first_sample;
    int64_t n_samples;
    const char *text; /* where and why */
};

/* A part of what JOB_TELL answers. */
struct answer_bytes {
    const uint8_t *bytes;
    uint32_t n;
};

/* Most of them in one answer. */
#define BYTES_PER_ANSWER 32768

struct answer_done {
    int32_t status;
    const char *text;
};

struct answer {
    uint32_t kind;
    uint32_t job_id;
    union {
        struct answer_session session;
        struct answer_channel channel;
        struct answer_rows rows;
        struct answer_item item; /* ANSWER_ITEM and ANSWER_DAMAGE */
        struct answer_bytes bytes;
        struct answer_done done;
    };
};

/* Of ANSWER_LISTED, ANSWER_SEGMENTS and ANSWER_RUNS the rows are packed after it, n of them. */
void answer_pack(struct packer *p, const struct answer *answer);
bool answer_unpack(const uint8_t *message, size_t n, struct answer *answer_out);

#define ROWS_PER_ANSWER 1024
void listed_row_pack(struct packer *p, const struct listed_row *row);
void segment_row_pack(struct packer *p, const struct segment_row *row);
void run_row_pack(struct packer *p, const struct run_row *row);
struct listed_row listed_row_unpack(struct unpacker *u);
struct segment_row segment_row_unpack(struct unpacker *u);
struct run_row run_row_unpack(struct unpacker *u);

#endif
