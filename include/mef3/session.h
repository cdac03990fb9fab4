/* mef3/session.h - a recording: its channels, their segments, what is known of them.
 *
 * Opening reads the folders and each segment's metadata (.tmet), nothing else;
 * indices and samples are read when they are asked for (mef3/read.h). A session
 * opened lazily reads folders and metadata on demand as well. A damaged or locked
 * segment does not keep the rest from being listed: it carries its own status and
 * error.
 *
 * Strings and structs that these functions return belong to the session and
 * live until it is closed.
 *
 * Threads: any number of sessions side by side, also of one recording. One
 * session is for one thread at a time: threads that share it take a lock of
 * theirs around each call (and around the use of what lives until the next call,
 * as the runs of mef3_segment_runs do). Once mef3_session_open has returned, the
 * calls that only tell (mef3_session_info, mef3_channel_info, mef3_channel_find,
 * mef3_segment_info, mef3_segment_find) need no lock, even while another thread
 * reads: what they tell does not change. Of a session opened lazily they do.
 *
 * Example:
 *
 * ```c
 * #include <mef3/session.h>
 * #include <stdio.h>
 *
 * int main(void)
 * {
 *     struct mef3_session *session;
 *     struct mef3_error error;
 *     char text[512];
 *
 *     if (mef3_session_open_folder("night.mefd", NULL, &session, &error) != MEF3_OK) {
 *         fprintf(stderr, "%s\n", mef3_error_text(&error, text, sizeof text));
 *         return 1;
 *     }
 *     for (size_t i = 0; i < mef3_session_info(session)->n_channels; i++) {
 *         const struct mef3_channel_info *info = mef3_channel_info(session, i);
 *         printf("%s: %g Hz, %g s, in %s\n", info->name, info->rate_hz,
 *                (double)(info->end_uutc - info->start_uutc) / 1e6, info->units);
 *     }
 *     mef3_session_close(session);
 *     return 0;
 * }
 * ```
 *
 * It prints:
 *
 * ```text
 * gappy: 256 Hz, 30 s, in uV
 * whole: 256 Hz, 30 s, in uV
 * ``` */
#ifndef MEF3_SESSION_H
#define MEF3_SESSION_H

#include <stdbool.h>

#include <mef3/source.h>
#include <mef3/time.h>

#ifdef __cplusplus
extern "C" {
#ifdef __GNUC__ /* g++ -Wshadow has it against a struct and a function of one name */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#endif
#endif

struct mef3_session;

/* Texts of the format: 2048 bytes, 256, 128 ... Each is valid UTF-8: other
 * bytes are shown as U+FFFD. */

/* What is known of a session as a whole. */
struct mef3_session_info {
    const char *name;        /* the folder's name without ".mefd" */
    size_t n_channels;       /* time series channels */
    size_t n_video_channels; /* .vidd folders: counted, never read */
    int64_t start_uutc;      /* least start of any channel, MEF3_NO_TIME when none */
    int64_t end_uutc;        /* greatest end of any channel, MEF3_NO_TIME when none */
    bool encrypted;          /* some segment has a password */
    int access_level;        /* 0, 1 or 2: what the password given allows */
    bool times_relative;     /* section 3 of some segment cannot be read: the recording time
                                offset counts as 0 there */
    size_t n_damaged;        /* segments whose status is neither MEF3_OK nor MEF3_EPASSWORD */
    size_t n_locked;         /* segments whose status is MEF3_EPASSWORD */
    const char *session_description;
    /* Section 3, of the first segment in which it can be read; "" where it cannot. */
    const char *subject_name_1;
    const char *subject_name_2;
    const char *subject_id;
    const char *recording_location;
    int64_t recording_time_offset;
    int32_t gmt_offset_s; /* -86401: not known */
    int64_t dst_start;    /* of daylight-saving time, as stored; 0: not known */
    int64_t dst_end;
    const char *anonymized_name; /* of the subject, of the first segment that can be opened */
};

/* A segment on disk: CHANNEL-000000.segd. */
struct mef3_segment_info {
    int status;                     /* MEF3_OK, or why it cannot be read */
    const struct mef3_error *error; /* where and why; NULL when status is MEF3_OK */
    int32_t number;
    int64_t start_uutc; /* of the universal header, offset applied */
    int64_t end_uutc;
    int64_t start_sample; /* samples of the channel before this segment, as stored */
    int64_t n_samples;    /* as the metadata say; the index has the last word */
    int64_t n_blocks;
    uint32_t max_block_samples;
    double rate_hz;
    double units_factor; /* value = count x factor; a stored 0 shows as 1 */
    int section2_level;  /* encryption, 0: plain */
    int section3_level;
};

/* What is known of a channel: facts of its first readable segment, sums over all. */
struct mef3_channel_info {
    const char *name;   /* the folder's name without ".timd" */
    int status;         /* MEF3_OK when at least one segment can be read, or there is none;
                           else the first segment's */
    size_t n_segments;  /* all that were found, damaged ones included, by number */
    int64_t start_uutc; /* over the readable segments; MEF3_NO_TIME when there is none */
    int64_t end_uutc;
    int64_t n_samples;   /* sum over the readable segments */
    double rate_hz;      /* of the first readable segment; 0 when there is none */
    double units_factor; /* likewise; 1 when there is none */
    const char *units;   /* "uV"; "" when not known */
    const char *description;
    const char *reference;
    int64_t acquisition_number; /* -1: not known */
    double low_filter_hz;       /* -1: not known, as the next three */
    double high_filter_hz;
    double notch_hz;
    double line_hz;
};

/* Open a session. Takes the source over whatever happens: it is freed with the
 * session, or at once on failure. password (UTF-8) may be NULL.
 *
 * A missing or wrong password is no failure here: the session lists its
 * channels, n_locked says how many segments stay closed, and each of those has
 * the status MEF3_EPASSWORD. Likewise damaged segments.
 * MEF3_ENOENT, MEF3_EIO, MEF3_EACCES: the folder itself cannot be listed.
 * MEF3_ELIMIT: more than MEF3_MAX_CHANNELS or MEF3_MAX_SEGMENTS. MEF3_ENOMEM. */
#define MEF3_MAX_CHANNELS 65536
#define MEF3_MAX_SEGMENTS 1000000 /* of all channels together */
MEF3_API MEF3_MUST int mef3_session_open(struct mef3_source *source, const char *password,
                                         struct mef3_session **session_out,
                                         struct mef3_error *error);

/* The same for a folder on disk: mef3_source_folder, then mef3_session_open. (For what may be a
 * tar file as well: mef3_source_path, then mef3_session_open.) */
MEF3_API MEF3_MUST int mef3_session_open_folder(const char *path, const char *password,
                                                struct mef3_session **session_out,
                                                struct mef3_error *error);

/* Open a session of which no more than the channels' names is known: of a large one, whoever
 * needs a little need not read the metadata of all. Of mef3_session_info the name and the numbers
 * of channels are set, nothing else ever is; of mef3_channel_info the name. The rest is read by
 * the calls below, once; calls of mef3/read.h make them as they need them. What they tell is what
 * mef3_session_open would have told, in whatever order they are made. Failures are those of
 * mef3_session_open. */
MEF3_API MEF3_MUST int mef3_session_open_lazy(struct mef3_source *source, const char *password,
                                              struct mef3_session **session_out,
                                              struct mef3_error *error);

/* List a channel's segments: their number, and the number of each, are known then.
 * MEF3_ELIMIT, MEF3_ENOMEM; MEF3_EINVAL: no such channel. */
MEF3_API MEF3_MUST int mef3_channel_list(struct mef3_session *session, size_t channel,
                                         struct mef3_error *error);

/* Read a segment's metadata, and, to compare rate and factor, those before it up to the first
 * readable one. mef3_segment_info is whole then, but for the span of a segment that cannot be
 * read; of mef3_channel_info rate, factor and texts are. Failures as above. */
MEF3_API MEF3_MUST int mef3_segment_learn(struct mef3_session *session, size_t channel,
                                          size_t segment, struct mef3_error *error);

/* Read the metadata of all segments of a channel. All infos of the channel are whole then; only
 * of a channel with no readable segment the spans are not told. Failures as above. */
MEF3_API MEF3_MUST int mef3_channel_learn(struct mef3_session *session, size_t channel,
                                          struct mef3_error *error);

/* Close it and free everything that it gave out. NULL is allowed. */
MEF3_API void mef3_session_close(struct mef3_session *session);

/* What is known of it: the same struct each time. */
MEF3_API const struct mef3_session_info *mef3_session_info(const struct mef3_session *session);

/* Channel number `channel`, in the order of names (bytes compared as unsigned
 * numbers). NULL when there is no such number. */
MEF3_API const struct mef3_channel_info *mef3_channel_info(const struct mef3_session *session,
                                                           size_t channel);

/* The number of the channel of that name, or -1. */
MEF3_API int64_t mef3_channel_find(const struct mef3_session *session, const char *name);

/* Segment `segment` (0 .. n_segments - 1, by segment number; numbers may be
 * missing in between). NULL when there is no such segment. */
MEF3_API const struct mef3_segment_info *mef3_segment_info(const struct mef3_session *session,
                                                           size_t channel, size_t segment);

/* Place of the segment of that number in a channel that is listed, or -1. */
MEF3_API int64_t mef3_segment_find(const struct mef3_session *session, size_t channel,
                                   int32_t number);

#ifdef __cplusplus
#ifdef __GNUC__
#pragma GCC diagnostic pop
#endif
}
#endif
#endif
