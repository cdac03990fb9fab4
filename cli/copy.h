/* copy.h - `mef3 copy` in parts: what is said of the copy, its samples, its records. */
#ifndef CLI_COPY_H
#define CLI_COPY_H

#include <mef3/mef3.h>

#include "progress.h"

struct copy_options {
    const char *path;
    const char *out;
    const char **names; /* of channels; none: all */
    size_t n_names;
    const char *from; /* times as given; NULL: not */
    const char *to;
    const char *start;
    double time_offset_s;
    bool has_time_offset;
    int64_t block_samples; /* 0: as they are */
    bool one_segment;
    bool anonymise;
    const char *name; /* in place of the subject's */
    bool keeps_records;
    bool plain;
    const char *password_file;
    const char *new_password_file;
};

/* What could not be copied. */
struct copy_losses {
    int64_t n_samples;
    size_t n_places;
    size_t n_records;
    bool has_first;
    char channel[256]; /* of the first place; "" for a record */
    struct mef3_error first;
};

struct copy_job {
    const struct copy_options *options;
    struct mef3_session *session;
    struct mef3_writer *writer;
    size_t *channels; /* numbers in the session, in the order of the copy */
    size_t n_channels;
    int64_t from_uutc; /* MEF3_NO_TIME: from any time, up to any */
    int64_t to_uutc;
    int64_t shift_us;
    int n_passwords; /* of the copy */
    int64_t n_samples;
    size_t n_records;
    size_t n_left_out; /* records with words in them */
    struct copy_losses losses;
    struct progress bar;
};

/* What the copy says of the session and of a channel. Texts are the session's or the options'. */
void copy_describe(const struct copy_job *job, struct mef3_writer_options *options_out);
void copy_describe_channel(struct copy_job *job, size_t channel,
                           struct mef3_writer_channel *channel_out);
/* By how much times are moved. CLI_FINE, or with a line on stderr another exit status. */
int copy_choose_shift(struct copy_job *job);

/* Samples of a channel, that is `number` in the copy. What cannot be read goes into job->losses;
 * a failure is one of writing, or of memory. Ends early, with MEF3_OK, when interrupted. */
MEF3_MUST int copy_samples(struct copy_job *job, size_t channel, size_t number,
                           struct mef3_error *error);

/* Records of a channel, or with MEF3_SESSION_RECORDS for both those of the session. */
MEF3_MUST int copy_records(struct copy_job *job, size_t channel, size_t number,
                           struct mef3_error *error);

/* Note that something is lost; `channel` may be NULL. */
void copy_lose(struct copy_job *job, const char *channel, int64_t n_samples,
               const struct mef3_error *error);

#endif
