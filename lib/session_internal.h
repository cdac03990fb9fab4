/* session_internal.h - what an open session is made of; for the library only. */
#ifndef LIB_SESSION_INTERNAL_H
#define LIB_SESSION_INTERNAL_H

#include <mef3/read.h>
#include <mef3/red.h>

#include "source.h"

struct index;

struct segment {
    struct mef3_segment_info info;
    char *stem; /* path of its files without ".tmet", ".tidx", ".tdat" */
    struct mef3_keys keys;
    int64_t time_offset; /* for the times of its index and blocks */
    bool has_password;
    bool has_span;        /* a universal header could be read: */
    int64_t stored_start; /* its times, as stored */
    int64_t stored_end;
    struct index *index;      /* NULL until it is asked for */
    int64_t index_start_uutc; /* span of its blocks; known once the index was read, */
    int64_t index_end_uutc;   /* till then beyond any start and before any end */
    struct segment *older;    /* segments whose index is in memory, by last use */
    struct segment *newer;
};

struct channel {
    struct mef3_channel_info info;
    char *folder;
    struct segment *segments; /* by number */
    char *name;
    char *units;
    char *description;
    char *reference;
};

struct mef3_session {
    struct mef3_source source;
    struct mef3_session_info info;
    struct channel *channels;
    size_t n_segments; /* of all channels */
    char *name;
    char *session_description;
    char *subject_name_1;
    char *subject_name_2;
    char *subject_id;
    char *recording_location;
    struct segment *newest; /* indices in memory: see index_cache.c */
    struct segment *oldest;
    size_t index_bytes;
};

/* Fill a session whose source is set. On failure it holds what it got so far. */
MEF3_MUST int session_load(struct mef3_session *session, const char *password);

/* The segment of a channel, or NULL. */
struct segment *session_segment(const struct mef3_session *session, size_t channel, size_t segment);

#endif
