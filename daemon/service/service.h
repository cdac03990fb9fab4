/* service.h - the story of a request: what the two APIs can ask, answered.
 *
 * Plain C in, plain C out: this room knows neither HTTP/2 nor protobuf, and
 * what calls it (grpc/, later http/) knows neither tiles nor workers. All runs
 * on the one event loop.
 *
 * Two kinds of call. What can be answered from memory answers at once, into a
 * struct that the caller gives. What has to wait (opening a recording, reading
 * samples) gives back a handle, `struct opening` or `struct read`, from which
 * the caller *pulls*: a pull says "here", "not yet" or "that was all"; after
 * "not yet" the caller's `ready` is called once when it is worth pulling again.
 * `ready` is never called from within a call of the caller's own.
 *
 * file_path in every call is the path as the client sent it. Texts that a
 * client is to see ("error_message" of the wire) are made here. */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cache;
struct pool;
struct soon;
struct service;
struct asking;

/* What the service works with; all of it outlives it. */
struct service_parts {
    struct cache *cache;
    struct pool *pool;
    struct soon *soon;
    size_t message_bytes;  /* of messages: filled, ready or on their way */
    size_t index_bytes;    /* of what is known of the recordings' indices */
    uint64_t cache_ttl_ms; /* tiles that nobody uses for so long are forgotten; 0: never */
    size_t max_open;       /* paths */
    size_t max_reads;
    /* Windows that are read ahead: pages of a grid; ranges, in the way that the
     * client goes and behind it. 0: none. */
    unsigned ahead_pages;
    unsigned ahead_ranges;
    unsigned behind_ranges;
    uint64_t look_ms; /* open recordings that are asked for are looked at so often; 0: each time */
    bool damage_is_error; /* else damaged samples are NaN and are told apart */
};
struct service *service_new(const struct service_parts *parts);
/* Go on with other numbers; the same cache, pool and soon. */
void service_change(struct service *service, const struct service_parts *parts);

/* After every opening and read has been freed. */
void service_free(struct service *service);

/* A second has passed, or so. */
void service_tick(struct service *service);

/* Bytes of what the settings bound, and what came of it. */
struct service_counters {
    size_t message_bytes; /* kept free ones included */
    size_t message_budget_bytes;
    size_t index_bytes;
    size_t index_budget_bytes;
    uint64_t message_waits;       /* reads that waited for a message's memory */
    uint64_t messages_given_back; /* ready ones, that were filled again later */
    uint64_t reads_shed;          /* their clients took nothing, and others waited */
    uint64_t runs_forgotten;
    uint64_t looks; /* whether a recording changed on disk; and what was found: */
    uint64_t grown;
    uint64_t replaced;
    uint64_t gone;        /* or unreadable */
    uint64_t quarantined; /* stretches whose decoding ended one worker after another */
    size_t reads;
};
struct service_counters service_counters(const struct service *service);

/* Damage that was found while a recording was read: the latest first; valid until the next
 * call of the service. How many there are. */
enum { SERVICE_DAMAGE_MOST = 32 };
struct service_damage {
    double at_s; /* since 1970 */
    const char *recording;
    const char *channel;
    const char *text;
};
size_t service_damage(const struct service *service,
                      struct service_damage damage_out[SERVICE_DAMAGE_MOST]);

/* Who asks. The number is never another client's: turns are taken and streams of
 * requests are told apart by it. Copied by what takes one. */
struct client {
    uint64_t number;
    const char *password; /* NULL: the request carries none; it outlives what it is given to */
};

/* The client is gone: nothing will be read ahead for it. Its reads are freed by
 * whom they were given to. */
void service_forget_client(struct service *service, const struct client *client);

/* Called when a handle that said WAIT is worth pulling again. */
typedef void ready_fn(void *arg);

/* What a pull says. */
enum pull {
    PULL_WAIT, /* nothing yet: `ready` will be called */
    PULL_HERE, /* a result was given */
    PULL_END,  /* no more: see the handle's end */
};

/* How a call ended, as far as it is the server's doing rather than an answer
 * (answers, errors of the wire's error_message included, end with DONE). */
enum outcome {
    OUTCOME_DONE,
    OUTCOME_UNAVAILABLE, /* no worker for too long, or shutting down */
    OUTCOME_EXHAUSTED,   /* over a limit of the settings: try again later */
    OUTCOME_INTERNAL,
};

/* What somebody waited for, of a time in which there was nothing for him. */
struct waits {
    uint64_t opening_ns;  /* a recording that was not open, or may have changed */
    uint64_t queueing_ns; /* a worker */
    uint64_t working_ns;  /* what workers did */
};

/* --- Facts about a recording --------------------------------------------- */

/* What is known of a recording, as OpenFile and FileInfo answer it. The arrays
 * and strings belong to the service and are valid until the next call of it. */
struct file_info {
    bool opened;
    bool is_locked;            /* it was not opened, for want of a password */
    bool has_facts;            /* the fields below hold something */
    const char *error_message; /* NULL: the field is absent */
    size_t n_channels;
    const char *const *channel_names;
    const double *rates_hz;
    const int64_t *channel_start_uutc;
    const int64_t *channel_end_uutc;
    int64_t start_uutc;
    int64_t end_uutc;
    double duration_s;
};

/* Begin to open `file_path`. NULL: out of memory. */
struct opening;
struct opening *service_open(struct service *service, const struct client *client,
                             const char *file_path, ready_fn *ready, void *arg);
/* An open recording may have changed on disk: see whether it has, and what it is now, before
 * something is said of it. NULL: what is known is new enough, or it is not open; or out of
 * memory. Pulled like an opening: but that the error_message of an info with `opened` says
 * no more than that. */
struct opening *service_look(struct service *service, const struct client *client,
                             const char *file_path, ready_fn *ready, void *arg);
/* PULL_HERE fills *info_out, once; then only opening_free may follow.
 * PULL_END: *outcome_out says why there is no answer. */
enum pull opening_pull(struct opening *opening, struct file_info *info_out,
                       enum outcome *outcome_out);
/* Also cancels. NULL is allowed. */
void opening_free(struct opening *opening);

/* A recording's facts; opened = false when it is not open. */
void service_file_info(struct service *service, const struct client *client, const char *file_path,
                       struct file_info *info_out);

/* Forget `file_path`; reads under way go on to their end. */
void service_close(struct service *service, const struct client *client, const char *file_path);

/* The paths that are open to this request, in the order in which they were opened; valid until
 * the next call of the service. */
void service_list_open(struct service *service, const struct client *client,
                       const char *const **paths_out, size_t *n_out);

/* --- Questions that a worker answers --------------------------------------- */

enum service_asks {
    ASK_LIST = 1,     /* which recordings there are; no file_path */
    ASK_METADATA,     /* of a recording and its channels */
    ASK_AVAILABILITY, /* when its channels have data, gaps, and what cannot be read */
    ASK_RECORDS,      /* its notes and marks */
    ASK_ENVELOPE,     /* least and greatest of its channels in columns of a window: no JSON */
    ASK_PICTURE,      /* a window of its channels as a PNG */
};

/* How large a picture may be, in pixels: a worker has four bytes for each. */
enum {
    PICTURE_LEAST_WIDTH = 320,
    PICTURE_LEAST_HEIGHT = 160,
    PICTURE_USUAL_WIDTH = 1600,
    PICTURE_USUAL_HEIGHT = 900,
    PICTURE_MOST_SIDE = 4096,
    PICTURE_MOST_PIXELS = 8 << 20,
};

/* An envelope is made of the index where samples are many, else of these; or as it is asked. */
enum service_way { WAY_EITHER, WAY_INDEX, WAY_SAMPLES };

struct service_question {
    enum service_asks what;
    const char *const *channel_names; /* copied, as `text` is; n_channels 0: all */
    size_t n_channels;
    int64_t start_uutc;
    int64_t end_uutc;
    const char *after;      /* ASK_LIST: only what is behind this path; NULL: all; copied */
    uint32_t width;         /* ASK_LIST: rows; ASK_ENVELOPE: columns, */
    enum service_way way;   /* and what they are made of; ASK_PICTURE: pixels, */
    uint32_t height;        /* likewise, */
    double scale;           /* and units a millimetre; 0: as suits the page */
    const char *text;       /* ASK_LIST, ASK_RECORDS: what a row must contain; NULL: anything */
    const char *types;      /* ASK_RECORDS: of these types, with commas; NULL: all; copied */
    uint64_t known_version; /* that the client has an answer of; 0: none */
};

enum reply_kind {
    REPLY_BYTES,     /* as the worker made them */
    REPLY_UNCHANGED, /* the recording is what it was at known_version */
    REPLY_NONSENSE,  /* these come with an error, for the client */
    REPLY_NOT_FOUND,
    REPLY_LOCKED, /* a password is needed, or another one */
    REPLY_UNKNOWN_CHANNEL,
    REPLY_DAMAGED,
    REPLY_TOO_LARGE,
};

struct service_reply {
    enum reply_kind kind;
    const char *error;
    const uint8_t *bytes;
    size_t n;
    uint64_t version; /* of the recording on disk; 0: of none */
};

/* NULL: out of memory. Pulled like an opening; what a reply points to lives until asking_free. */
struct asking *service_ask(struct service *service, const struct client *client,
                           const char *file_path, const struct service_question *question,
                           ready_fn *ready, void *arg);
enum pull asking_pull(struct asking *asking, struct service_reply *reply_out,
                      enum outcome *outcome_out);
void asking_waits(const struct asking *asking, struct waits *waits_out);
/* Also cancels. NULL is allowed. */
void asking_free(struct asking *asking);

/* --- The segment grid (its "segment" is a page here) ---------------------- */

/* error_message is "" when all is well: the wire has it present and empty. The
 * strings are valid until the next call of the service. */
struct grid_reply {
    int64_t n_pages;
    const char *error_message;
};
void service_set_page_seconds(struct service *service, const struct client *client,
                              const char *file_path, int64_t seconds, struct grid_reply *reply_out);
/* error_message NULL when the wire has it absent. */
void service_count_pages(struct service *service, const struct client *client,
                         const char *file_path, struct grid_reply *reply_out);

struct selection_reply {
    const char *const *channel_names;
    size_t n_channels;
    const char *error_message;
};
void service_set_channels(struct service *service, const struct client *client,
                          const char *file_path, const char *const *channel_names,
                          size_t n_channels, struct selection_reply *reply_out);
void service_get_channels(struct service *service, const struct client *client,
                          const char *file_path, struct selection_reply *reply_out);

/* --- Reading ------------------------------------------------------------- */

/* One message of a reply: samples of all channels over a part of the window,
 * [channel][sample], in the client's numbers and little-endian; or an error
 * and nothing else. */
struct message {
    const char *file_path;
    const char *error_message; /* NULL: a message with samples */
    enum reply_kind refusal;   /* of what kind the error is */
    const uint8_t *samples;
    size_t n_bytes;
    bool is_double; /* float64, else float32 */
    size_t n_channels;
    int64_t n_samples; /* of each channel */
    int64_t start_uutc;
    int64_t end_uutc;
    double rate_hz;
    const char *const *channel_names;
    uint64_t version; /* of the recording on disk */
};

struct read;

/* Begin to read a page (float64, the file's selected channels), or a window of
 * channels (float32; n_channels 0: all; the names are copied). NULL: out of
 * memory. */
struct read *service_read_page(struct service *service, const struct client *client,
                               const char *file_path, int64_t page, ready_fn *ready, void *arg);
struct read *service_read_range(struct service *service, const struct client *client,
                                const char *file_path, const char *const *channel_names,
                                size_t n_channels, int64_t start_uutc, int64_t end_uutc,
                                ready_fn *ready, void *arg);

/* PULL_HERE gives the next message, which the caller owns and gives back with
 * message_release when its last byte has been written (or will not be): even
 * after read_free. Its file_path and channel_names live as long as the read,
 * its samples until the release. A read keeps a few further messages ready. */
enum pull read_pull(struct read *read, const struct message **message_out,
                    enum outcome *outcome_out);
void message_release(const struct message *message);

/* So many more bytes of the message have gone to the client. Where memory is scarce,
 * a client that takes next to nothing for long has its reads ended, with
 * OUTCOME_EXHAUSTED: then `ready` is called though nobody waits, read_is_shed says
 * so, and the message that is on its way is to be released, sent or not. */
void message_moved(const struct message *message, size_t n);
bool read_is_shed(const struct read *read);

/* What was unreadable in the messages so far, for the trailing metadata
 * `mef3-damage`: printable ASCII, "" when nothing was. At most 4 KiB; says
 * itself how much it left out. Valid until the next call for this read. */
const char *read_damage(const struct read *read);

/* What a read has been so far, for the log. */
struct read_figures {
    size_t n_channels; /* of its messages; 0 while its window is not known, */
    int64_t start_uutc;
    int64_t end_uutc;
    uint64_t hits;       /* units of samples that were there when they were asked for, */
    uint64_t joins;      /* that were being decoded for somebody else, */
    uint64_t decoded;    /* that were decoded for this read */
    uint64_t n_damaged;  /* samples that could not be read */
    uint64_t working_ns; /* the loop's own time for it: planning, converting */
    struct waits waits;  /* pulls that said WAIT, till the next one */
};
void read_figures(const struct read *read, struct read_figures *figures_out);

/* Ends the read wherever it stands. NULL is allowed. */
void read_free(struct read *read);

#endif
