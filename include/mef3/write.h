/* mef3/write.h - write a session: as much as `mef3 demo` needs.
 *
 * Channels, samples appended with their times, blocks and indices and headers
 * that are true. Blocks and index entries are written as
 * they fill; of each channel no more than a block is kept in memory. A session
 * becomes readable when it is finished. After a failed call nothing but
 * mef3_writer_abort makes sense.
 *
 * With passwords, section 2 of the metadata and the statistics of each block are
 * encrypted at level 1, section 3 at the highest level there is.
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
 *     const struct mef3_writer_channel eeg = {"Cz", 250, 0.1, "uV", NULL, 1000, 50};
 *     const int64_t start = 1600000007000000;
 *     struct mef3_writer *writer;
 *     struct mef3_session *session;
 *     size_t cz;
 *
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

#include <mef3/time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mef3_writer;

/* A session to be written. Texts are UTF-8; NULL is none. */
struct mef3_writer_options {
    const char *password_1; /* level 1, NULL: not encrypted */
    const char *password_2; /* level 2, NULL: none */
    const char *session_description;
    const char *subject_id;
    const char *recording_location;
    int32_t gmt_offset_s; /* -86401: not known */
    bool reproducible;    /* UUIDs from the names, not at random: the same calls write
                             the same bytes */
};

/* A channel to be written. Texts are UTF-8. */
struct mef3_writer_channel {
    const char *name; /* becomes a folder's name: 1-63 bytes, no "/", no "." at its start */
    double rate_hz;
    double units_factor;     /* value = count x factor; not 0 */
    const char *units;       /* "uV" */
    const char *description; /* NULL: "" */
    uint32_t block_samples;  /* samples a block, 1 .. MEF3_RED_MAX_SAMPLES */
    double line_hz;          /* AC line frequency, -1: not known */
};

/* Start a session in a new folder `path` (ends in ".mefd", must not exist:
 * MEF3_EINVAL says so in `error`, as it does of texts too long for their fields
 * and of passwords that cannot be used). options may be NULL. */
MEF3_API MEF3_MUST int mef3_writer_create(const char *path,
                                          const struct mef3_writer_options *options,
                                          struct mef3_writer **writer_out,
                                          struct mef3_error *error);

/* Add a channel, at any time. MEF3_EINVAL: a name twice, or a value that makes
 * no sense; `error` says which. A channel without samples is a valid one. */
MEF3_API MEF3_MUST int mef3_writer_add_channel(struct mef3_writer *writer,
                                               const struct mef3_writer_channel *channel,
                                               size_t *channel_out, struct mef3_error *error);

/* Append counts[0 .. n) that begin at start_uutc. Samples that continue the
 * ones before (within MEF3_RUN_TOLERANCE_US) share their blocks; others begin a
 * new run. MEF3_EINVAL: a start before the end of what was written, or before
 * 1970 (this writer does not set a recording time offset). n may be 0. */
MEF3_API MEF3_MUST int mef3_writer_append(struct mef3_writer *writer, size_t channel,
                                          int64_t start_uutc, const int32_t *counts, size_t n,
                                          struct mef3_error *error);

/* End the channel's segment: its files are finished, and what is appended from here on goes
 * into one with the next number. */
MEF3_API MEF3_MUST int mef3_writer_next_segment(struct mef3_writer *writer, size_t channel,
                                                struct mef3_error *error);

/* Write what is pending and the final headers, and free the writer whatever
 * happens. On failure what was written is removed, as by mef3_writer_abort. */
MEF3_API MEF3_MUST int mef3_writer_finish(struct mef3_writer *writer, struct mef3_error *error);

/* Give up: free the writer and remove what it wrote. NULL is allowed. */
MEF3_API void mef3_writer_abort(struct mef3_writer *writer);

#ifdef __cplusplus
}
#endif
#endif
