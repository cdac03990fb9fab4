/* envelope.h - least and greatest of whole blocks, or of samples, as rows.
 *
 * A row covers samples of one run that follow one another, and its times are those of its first
 * sample and of the one after its last. So a row never spans a gap, and its numbers are those of
 * all samples within its times. */
#ifndef FACTS_ENVELOPE_H
#define FACTS_ENVELOPE_H

#include <mef3/mef3.h>

struct envelope_row {
    int64_t start_uutc;
    int64_t end_uutc;
    int32_t max; /* counts; of what is unreadable 0 */
    int32_t min;
    uint32_t is_unreadable;
};

struct envelope_rows {
    struct envelope_row *items;
    size_t n;
    size_t room;
    uint64_t n_decoded; /* blocks, for these */
};

struct losses;

struct envelope {
    struct mef3_session *session;
    struct losses *losses; /* what of it is known to be unreadable; NULL: nothing */
    int64_t start_uutc;    /* the window, in */
    int64_t end_uutc;
    int64_t width;      /* columns */
    size_t n_rows;      /* of all channels */
    uint64_t n_decoded; /* blocks, */
    uint64_t n_decoded_samples;
};

/* More rows than an answer of the server has room for. More samples would have a worker
 * busy for seconds: an index that tells nothing of its blocks is no overview. */
enum { ENVELOPE_MOST_ROWS = 500000, ENVELOPE_MOST_DECODED = 64 << 20 };

/* One row more. MEF3_ELIMIT, MEF3_ENOMEM. */
MEF3_MUST int envelope_add_row(struct envelope *envelope, struct envelope_rows *rows,
                               const struct envelope_row *row, struct mef3_error *error);

/* Of a channel, from its index: columns end where blocks do. */
MEF3_MUST int envelope_from_index(struct envelope *envelope, size_t channel,
                                  struct envelope_rows *rows, struct mef3_error *error);

/* The same from its samples: columns are of equal width. */
MEF3_MUST int envelope_from_samples(struct envelope *envelope, size_t channel,
                                    struct envelope_rows *rows, struct mef3_error *error);

#endif
