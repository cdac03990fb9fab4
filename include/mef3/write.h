/* mef3/write.h - write a session, or add to one.
 *
 * Channels, samples appended with their times, gaps, segments; headers that are true. Blocks and
 * index entries are written as they fill; of each channel no more than a block is kept in memory.
 *
 * Whoever reads the session while it is written sees a whole one, at any moment: samples go to
 * disk before their index entries, these before the headers that count them, and a channel or a
 * segment appears with all its files. So a writer that is killed leaves a session that can be
 * read up to the last block that it wrote, and that mef3_writer_open goes on with. One writer at
 * a time: it holds a lock (flock) on the session's folder.
 *
 * With passwords, section 2 of the metadata and the statistics of each block are encrypted at
 * level 1, section 3 at the highest level there is. A session that exists is added to as it is.
 *
 * MEF3_EINVAL changes nothing: the writer can go on. After another failure of a call that writes
 * samples or headers nothing but mef3_writer_close and mef3_writer_abort makes sense; all else
 * fails then.
 *
 * Threads: any number of writers side by side, each of a session of its own; one
 * writer is for one thread at a time.
 *
 * Example:
 *
 * ```c
 * #include <mef3/session.h>
 * #include <mef3/write.h>
 * #include <stdio.h>
 *
 * int main(void)
 * {
 *     static int32_t counts[250]; // a second, all zero
 *     const int64_t start = 1600000007000000;
 *     struct mef3_writer_channel eeg;
 *     struct mef3_writer *writer;
 *     struct mef3_session *session;
 *     size_t cz;
 *
 *     mef3_writer_channel_defaults(&eeg);
 *     eeg.name = "Cz";
 *     eeg.rate_hz = 250;
 *     eeg.units_factor = 0.1;
 *     if (mef3_writer_create("new.mefd", NULL, &writer, NULL) != MEF3_OK)
 *         return 1;
 *     if (mef3_writer_add_channel(writer, &eeg, &cz, NULL) != MEF3_OK ||
 *         mef3_writer_append(writer, cz, start, counts, 250, NULL) != MEF3_OK ||
 *         mef3_writer_append(writer, cz, start + 5000000, counts, 250, NULL) != MEF3_OK) {
 *         mef3_writer_abort(writer);
 *         return 1;
 *     }
 *     if (mef3_writer_finish(writer, NULL) != MEF3_OK ||
 *         mef3_session_open_folder("new.mefd", NULL, &session, NULL) != MEF3_OK)
 *         return 1;
 *     const struct mef3_channel_info *info = mef3_channel_info(session, 0);
 *     printf("%d samples in %g s\n", (int)info->n_samples,
 *            (double)(info->end_uutc - info->start_uutc) / 1e6);
 *     mef3_session_close(session);
 *     return 0;
 * }
 * ```
 *
 * It prints:
 *
 * ```text
 * 500 samples in 6 s
 * ``` */
#ifndef MEF3_WRITE_H
#define MEF3_WRITE_H

#include <stdbool.h>

#include <mef3/counts.h>
#include <mef3/time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mef3_writer;

/* What is said of a session; begin with mef3_writer_defaults. Texts are UTF-8, NULL is "". */
struct mef3_writer_options {
    const char *password_1; /* level 1, NULL: not encrypted */
    const char *password_2; /* level 2, NULL: none */
    const char *session_description;
    const char *subject_name_1;
    const char *subject_name_2;
    const char *subject_id;
    const char *recording_location;
    const char *anonymized_name;   /* of the subject, in every file's header */
    int64_t recording_time_offset; /* 0: times are stored as they are, from 1970 on. Else they are
                                      stored with it taken off, and must all be later than it */
    int64_t dst_start_uutc;        /* daylight-saving time; 0: not known */
    int64_t dst_end_uutc;
    int32_t gmt_offset_s; /* -86401: not known */
    bool reproducible;    /* UUIDs from the names, not at random: the same calls write
                             the same bytes */
    bool durable;         /* what was flushed outlasts a loss of power (fsync) */
};

/* What is said of a channel; begin with mef3_writer_channel_defaults. */
struct mef3_writer_channel {
    const char *name; /* becomes a folder's name: 1-239 bytes, no "/", no "." at its start */
    double rate_hz;
    double units_factor;        /* value = count x factor; not 0 */
    const char *units;          /* "uV" */
    const char *description;    /* NULL: "", as of the next */
    const char *reference;      /* what it was recorded against */
    uint32_t block_samples;     /* samples a block, 1 .. MEF3_RED_MAX_SAMPLES */
    int64_t acquisition_number; /* -1: channels are counted from 1 in the order of adding */
    double low_filter_hz;       /* -1: not known, as the next three */
    double high_filter_hz;
    double notch_hz;
    double line_hz; /* of the mains */
};

/* Nothing known, nothing encrypted. */
MEF3_API void mef3_writer_defaults(struct mef3_writer_options *options_out);

/* No name and no rate yet; factor 1, "uV", blocks of 1,000 samples; nothing else known. */
MEF3_API void mef3_writer_channel_defaults(struct mef3_writer_channel *channel_out);

/* Start a session in a new folder `path` (ends in ".mefd", must not exist:
 * MEF3_EINVAL says so in `error`, as it does of texts too long for their fields
 * and of passwords that cannot be used). options may be NULL: the defaults. */
MEF3_API MEF3_MUST int mef3_writer_create(const char *path,
                                          const struct mef3_writer_options *options,
                                          struct mef3_writer **writer_out,
                                          struct mef3_error *error);

/* Add to a session that exists, whoever wrote it. Of the options the passwords count (level 2's
 * where there are both), `reproducible` and `durable`; everything else is the session's own, but
 * that it has no channel yet. MEF3_EPASSWORD: the session needs a password of a higher level to be
 * written as it is. MEF3_EACCES: not permitted, or another writer is at it. Failures of reading:
 * the session has channels, and no segment can be read. */
MEF3_API MEF3_MUST int mef3_writer_open(const char *path, const struct mef3_writer_options *options,
                                        struct mef3_writer **writer_out, struct mef3_error *error);

/* Add a channel, at any time. MEF3_EINVAL: a name twice, or a value that makes
 * no sense; `error` says which. A channel without samples is a valid one.
 *
 * Of a session that was there, a channel that exists is gone on with: rate and factor must be the
 * same (MEF3_EINVAL), block_samples may be another, and all else stays as it is. Its last segment
 * is read once, whole: what a writer that was killed left of a block is cut off, headers are made
 * true with the next flush. Where that segment's index cannot be added to, a new segment begins.
 * MEF3_EPASSWORD as above; the segment's own status when its metadata cannot be read. */
MEF3_API MEF3_MUST int mef3_writer_add_channel(struct mef3_writer *writer,
                                               const struct mef3_writer_channel *channel,
                                               size_t *channel_out, struct mef3_error *error);

/* When what was appended to a channel ends, or was there of it already; MEF3_NO_TIME: there is
 * nothing yet, or no such channel. */
MEF3_API int64_t mef3_writer_end(const struct mef3_writer *writer, size_t channel);

/* Append counts[0 .. n) that begin at start_uutc. Samples that continue the
 * ones before (within MEF3_RUN_TOLERANCE_US) share their blocks; others begin a
 * new run. MEF3_COUNT_NAN among them is a gap: nothing is stored, and what follows begins a run
 * (but where the gap is shorter than times can tell, three microseconds: there it is stored).
 * MEF3_EINVAL: a start before the end of what was written, before 1970 where there is no
 * recording time offset, or not after it where there is. n may be 0. */
MEF3_API MEF3_MUST int mef3_writer_append(struct mef3_writer *writer, size_t channel,
                                          int64_t start_uutc, const int32_t *counts, size_t n,
                                          struct mef3_error *error);

/* The same of values in the channel's units: the count is value / factor, rounded, halves away
 * from zero. NaN is a gap, infinities are stored as such. MEF3_EINVAL, further: a value beyond
 * what a count can say; nothing of the call is written then. */
MEF3_API MEF3_MUST int mef3_writer_append_f64(struct mef3_writer *writer, size_t channel,
                                              int64_t start_uutc, const double *values, size_t n,
                                              struct mef3_error *error);

/* End the channel's segment: its files are finished, and what is appended from here on goes
 * into one with the next number. */
MEF3_API MEF3_MUST int mef3_writer_next_segment(struct mef3_writer *writer, size_t channel,
                                                struct mef3_error *error);

/* Put on disk all that was appended to a channel, or to all, and count it in the headers. A
 * block that is not full is written as it is; what follows goes into the next one. */
#define MEF3_WRITER_ALL SIZE_MAX
MEF3_API MEF3_MUST int mef3_writer_flush(struct mef3_writer *writer, size_t channel,
                                         struct mef3_error *error);

/* Flush all, and free the writer whatever happens. On failure the rest is as of
 * mef3_writer_abort. */
MEF3_API MEF3_MUST int mef3_writer_finish(struct mef3_writer *writer, struct mef3_error *error);

/* Free the writer and leave the session as it is on disk: whole up to the last block that was
 * written; samples that do not fill a block yet are lost. NULL is allowed. */
MEF3_API void mef3_writer_close(struct mef3_writer *writer);

/* Give up: free the writer, and remove the session if mef3_writer_create began it. One that was
 * there before stays, with all that is whole, as of mef3_writer_close. NULL is allowed. */
MEF3_API void mef3_writer_abort(struct mef3_writer *writer);

#ifdef __cplusplus
}
#endif
#endif
