/* cat.h - `mef3 cat` in parts: what is to be written, and how it looks in each format. */
#ifndef CLI_CAT_H
#define CLI_CAT_H

#include <stdio.h>

#include <mef3/mef3.h>

#include "progress.h"

enum cat_format { CAT_CSV, CAT_F64, CAT_F32, CAT_I32, CAT_NPY };

/* What is wanted of which recording, and where to: as options say it. */
struct cat_wanted {
    const char *path;
    const char **names; /* of channels, in order; none: all */
    size_t n_names;
    const char *from; /* NULL: from the start */
    const char *to;
    int64_t length_us;  /* of the window where there is no `to`; 0: to the end */
    const char *output; /* NULL, "-": standard output */
    const char *password_file;
};

/* Rows for getopt_long of the options that say so, and of those that are a command's own the
 * first number; -o is for those that have an output. */
enum { CAT_FROM = 256, CAT_TO, CAT_PASSWORD_FILE, CAT_OWN };
/* clang-format off */
#define CAT_OPTIONS                                                 \
    {"channel", required_argument, NULL, 'c'},                      \
    {"from", required_argument, NULL, CAT_FROM},                    \
    {"to", required_argument, NULL, CAT_TO},                        \
    {"password-file", required_argument, NULL, CAT_PASSWORD_FILE}
/* clang-format on */

/* Take optarg, if the option is one of these. wanted->names has room. */
bool cat_take(struct cat_wanted *wanted, int option);

/* A channel to be written. */
struct cat_channel {
    size_t number;
    const char *name;
    double rate_hz; /* 0: nothing of it can be read, and no other rate helps */
    double factor;
    int64_t n;    /* samples of the window */
    bool is_lost; /* no segment can be read: unreadable throughout */
};

/* What went wrong while reading, summed up. */
struct cat_damage {
    int64_t n_samples;
    size_t n_places;
    bool has_data;       /* some sample was data */
    bool is_locked_only; /* all of it for want of a password */
    size_t channel;      /* of the first place */
    struct mef3_error first;
    struct mef3_damage last; /* to know a block again in the next piece */
};

struct cat_job {
    struct mef3_session *session;
    struct cat_channel *channels;
    size_t n_channels;
    int64_t start_uutc;
    int64_t end_uutc;
    bool counts; /* leave the units factor out */
    enum cat_format format;
    FILE *to;
    struct progress bar;
    struct cat_damage damage;
    void *plan;                  /* the writer's own */
    int64_t n_not_there;         /* samples for which a format without gaps has another word */
    size_t n_unreadable_records; /* annotations that could not be read */
};

/* How a format is written. */
struct cat_writer {
    bool needs_one_rate; /* of all channels */
    /* Before the output is opened, unless no channel can be read; NULL: there is nothing to
     * do. An exit status. */
    int (*prepare)(const struct cat_wanted *wanted, struct cat_job *job);
    /* The whole job. MEF3_EIO with an error without a file: the output cannot be written. */
    int (*write)(struct cat_job *job, struct mef3_error *error);
    void (*fini)(struct cat_job *job); /* in any case at the end; NULL: nothing to do */
};

/* Open the recording, choose, write, and tell what could not be read. Of *job the format and
 * `counts` are set. An exit status. */
int cat_run(const struct cat_wanted *wanted, struct cat_job *job, const struct cat_writer *writer);

/* Read samples [first, first + n) of a channel's window; what goes wrong is
 * noted in job->damage. */
MEF3_MUST int cat_read(struct cat_job *job, const struct cat_channel *channel, int64_t first,
                       size_t n, int32_t *counts_out, uint8_t *truth_out, struct mef3_error *error);

/* Note something that cannot be read: what a reading of the library reports to. arg is the job's
 * damage. */
void cat_note(void *arg, const struct mef3_damage *damage);

/* Write the whole job. MEF3_EIO with an error without a file: the output cannot
 * be written. */
MEF3_MUST int cat_write_raw(struct cat_job *job, struct mef3_error *error); /* and npy */
MEF3_MUST int cat_write_csv(struct cat_job *job, struct mef3_error *error);

#endif
