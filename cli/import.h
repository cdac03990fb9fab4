/* import.h - `mef3 import` in parts: what all formats share, and one call a format. */
#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H

#include <stdio.h>

#include <mef3/mef3.h>

#include "progress.h"

/* As the user gave them. */
struct import_options {
    const char *path;
    const char *out;
    const char *format; /* NULL: by the file's first bytes and name */
    double rate_hz;     /* 0: not given */
    double factor;      /* 0: not given */
    const char *units;  /* NULL: not given */
    int64_t start_uutc; /* MEF3_NO_TIME: not given */
    int32_t zone_s;     /* what clocks on the wall are ahead of UTC */
    bool has_zone;
    bool transpose;          /* npy: samples x channels */
    const char *time_column; /* csv: uutc, iso, seconds, none; NULL: by its name */
    const char **names;      /* of channels, in order */
    size_t n_names;
    int64_t block_samples; /* 0: of whole seconds */
    const char *password_file;
};

/* An import under way. */
struct import_job {
    const struct import_options *o;
    FILE *from;
    struct mef3_writer *writer;
    size_t n_channels;
    char **names; /* of the channels so far */
    size_t names_room;
    int64_t n_samples; /* written, gaps left out */
    int64_t n_notes;
    size_t n_renamed; /* names that had to be changed, and the first of them */
    char renamed_from[64];
    char renamed_to[64];
    size_t n_lost; /* what could not be read, and the first of it */
    char lost[512];
    struct progress bar;
};

/* All of these return an exit status: CLI_FINE, or what they have told of on stderr. */

/* Start the session. Fields of *session that are about passwords are filled in. */
int import_begin(struct import_job *job, struct mef3_writer_options *session);

/* Add a channel. Of *channel the name is any text (NULL: "ch" and a number): what
 * no folder may be called, or is taken, is changed. A block_samples of 0 is filled in. */
int import_add_channel(struct import_job *job, struct mef3_writer_channel *channel,
                       size_t *number_out);

int import_append(struct import_job *job, size_t channel, int64_t start_uutc, const int32_t *counts,
                  size_t n);

/* The same of values, NaN being gaps. With are_counts they are counts already, and whole. */
int import_append_f64(struct import_job *job, size_t channel, int64_t start_uutc,
                      const double *values, size_t n, bool are_counts);

/* A text with a time, of the session as a whole. duration_us -1: none. The n bytes are taken
 * for Latin-1 where they are no UTF-8. */
int import_note(struct import_job *job, int64_t time_uutc, int64_t duration_us, const char *text,
                size_t n);

/* Note something that cannot be read, and go on: the import ends with CLI_DAMAGED. */
void import_lose(struct import_job *job, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Say that the file cannot be imported, and why. */
int import_refuse(const struct import_job *job, const struct mef3_error *error, const char *advice);
int import_cannot_read(const struct import_job *job);

int import_edf(struct import_job *job);
int import_npy(struct import_job *job);
int import_csv(struct import_job *job);

#endif
