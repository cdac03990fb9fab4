/* session_internal.h - what an open session is made of; for the library only. */
#ifndef LIB_SESSION_INTERNAL_H
#define LIB_SESSION_INTERNAL_H

#include <mef3/read.h>
#include <mef3/red.h>

#include "source.h"

struct index;

struct segment {
    struct mef3_segment_info info;
    struct mef3_error *error; /* what info shows; NULL while the status is MEF3_OK */
    bool is_known;            /* its metadata were read */
    bool has_section3;        /* and their section 3 could be */
    char *stem;               /* path of its files without ".tmet", ".tidx", ".tdat" */
    struct mef3_keys keys;
    int64_t time_offset; /* for the times of its index and blocks */
    bool has_password;
    uint8_t uuid[16];     /* of its .tmet, when the metadata were read */
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
    bool is_listed;           /* its segments are known by number, */
    bool is_known;            /* and all their metadata */
    bool has_readable;        /* some segment can be read */
    bool has_facts;           /* such a one was met, and told rate, units ... */
    size_t n_tried;           /* segments that were read to find it */
    char *name;
    char *units;
    char *description;
    char *reference;
};

struct mef3_session {
    struct mef3_source source;
    struct mef3_session_info info;
    struct channel *channels;
    size_t n_segments; /* of all channels that are listed */
    char *password;    /* NULL: none */
    uint8_t *buffer;   /* a .tmet */
    bool has_section3; /* the texts of one were taken */
    bool has_time_offset;
    int64_t time_offset; /* the first readable segment's, for those that cannot be read */
    int access_level;    /* least of the segments with a password; -1: none yet */
    char *name;
    char *session_description;
    char *subject_name_1;
    char *subject_name_2;
    char *subject_id;
    char *recording_location;
    char *anonymized_name;
    struct segment *newest; /* indices in memory: see index_cache.c */
    struct segment *oldest;
    size_t index_bytes;
    size_t index_budget; /* MEF3_INDEX_BUDGET; tests make it small */
};

/* List the channels of a session whose source is set. On failure it holds what it got so far. */
MEF3_MUST int session_begin(struct mef3_session *session, const char *password);
/* Then: read all metadata. */
MEF3_MUST int session_learn_all(struct mef3_session *session);

/* What is known already costs nothing. MEF3_ENOMEM; MEF3_ELIMIT where a channel is listed.
 * A segment's channel must be listed; the metadata of others are read as far as the channel's
 * facts need them, so that a segment is refused, or not, whatever is asked for first. */
MEF3_MUST int session_list_channel(struct mef3_session *session, struct channel *channel);
MEF3_MUST int session_learn_segment(struct mef3_session *session, struct channel *channel,
                                    struct segment *segment);
MEF3_MUST int session_learn_channel(struct mef3_session *session, struct channel *channel);
/* Give every unreadable segment the span that its header says. */
MEF3_MUST int session_place_all(struct mef3_session *session);
void session_forget_segments(struct channel *channel);

/* The recording time offset for what belongs to a channel (NULL: to the session). MEF3_ENOMEM,
 * MEF3_ELIMIT. */
MEF3_MUST int session_time_offset(struct mef3_session *session, struct channel *channel,
                                  int64_t *offset_out);

void session_add_span(int64_t start, int64_t end, int64_t *start_inout, int64_t *end_inout);

/* The segment of a channel, its metadata read. MEF3_EINVAL: there is none. */
MEF3_MUST int session_need_segment(struct mef3_session *session, size_t channel, size_t segment,
                                   struct segment **segment_out, struct mef3_error *error);

/* The segment of a channel, or NULL. */
struct segment *session_segment(const struct mef3_session *session, size_t channel, size_t segment);

#endif
