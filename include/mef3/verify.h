/* mef3/verify.h - is a recording what it says? Every checksum, field and block, looked at.
 *
 * A check reads the files of a channel, or of the session itself, and reports each thing that is
 * not as the format or the other files say as a *finding*. Each has a kind, of the table below; the
 * kind says how bad it is:
 *
 *   error     samples or records cannot be read, or would be read wrong
 *   warning   wrong, but what was recorded can be read: fields that the field's reference
 *             software is known to leave wrong, a recording that is still being written
 *   note      nothing is wrong; something could not be looked at
 *
 * Channels are checked one by one, so that a caller may check several at once, each thread with
 * a session of its own (best opened lazily). Memory is bounded by the longest block.
 * Threads: as mef3/session.h.
 *
 * Example:
 *
 * ```c
 * #include <mef3/verify.h>
 * #include <stdio.h>
 *
 * static void show(void *arg, const struct mef3_finding *finding)
 * {
 *     char text[512];
 *
 *     (void)arg;
 *     if (mef3_finding_severity(finding->kind) == MEF3_ERROR)
 *         printf("%s: %s\n", mef3_finding_word(finding->kind),
 *                mef3_error_text(&finding->error, text, sizeof text));
 * }
 *
 * int main(void)
 * {
 *     struct mef3_session *session;
 *     struct mef3_verify_totals totals;
 *
 *     if (mef3_session_open_folder("night.mefd", NULL, &session, NULL) != MEF3_OK)
 *         return 1;
 *     int status = mef3_verify_channel(session, 0, NULL, show, NULL, &totals, NULL);
 *     mef3_session_close(session);
 *     if (status != MEF3_OK)
 *         return 1;
 *     printf("%d errors, %d of %d samples can be read\n", (int)totals.n_errors,
 *            (int)totals.n_readable, (int)totals.n_samples);
 *     return 0;
 * }
 * ```
 *
 * It prints:
 *
 * ```text
 * 0 errors, 6867 of 6867 samples can be read
 * ``` */
#ifndef MEF3_VERIFY_H
#define MEF3_VERIFY_H

#include <mef3/session.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How bad a finding is, worse ones greater. */
enum mef3_severity { MEF3_NOTE = 0, MEF3_WARNING = 1, MEF3_ERROR = 2 };

/* X(name, word, severity, status, text): the word is for programs and stays; the status is that of
 * the finding's error; the text says what it means for a person. */
/* clang-format off */
#define MEF3_FINDING_LIST(X) \
    X(MISSING_FILE, "missing-file", ERROR, ENOENT, "a file is missing") \
    X(UNREADABLE_FILE, "unreadable-file", ERROR, EIO, "a file or folder cannot be read") \
    X(TRUNCATED, "truncated", ERROR, ETRUNCATED, "a file is shorter than it must be") \
    X(TOO_LONG, "too-long", WARNING, EDAMAGED, "a file has bytes that belong to nothing") \
    X(HEADER_CRC, "header-crc", ERROR, ECRC, "a universal header is damaged") \
    X(NOT_MEF, "not-mef", ERROR, EFORMAT, "a file is not of the kind that its name says") \
    X(BODY_CRC, "body-crc", ERROR, ECRC, "the body of a file is damaged") \
    X(STALE_CRC, "stale-crc", WARNING, ECRC, \
      "a file's body checksum is wrong; its blocks or records have their own") \
    X(NAME, "name", WARNING, EDAMAGED, "a header has another name than the folder") \
    X(SEGMENT_NUMBER, "segment-number", ERROR, EDAMAGED, \
      "a header has another segment number than the folder") \
    X(UUID, "uuid", ERROR, EDAMAGED, "files that belong together have different UUIDs") \
    X(PASSWORD_FIELDS, "password-fields", ERROR, EDAMAGED, \
      "files of one recording have different passwords") \
    X(HEADER_TIMES, "header-times", WARNING, EDAMAGED, \
      "the span in a header is not that of the data") \
    X(HEADER_COUNT, "header-count", ERROR, EDAMAGED, \
      "a header counts more entries than there are") \
    X(HEADER_LARGEST, "header-largest", WARNING, EDAMAGED, \
      "the largest entry in a header is not the largest that there is") \
    X(LOCKED, "locked", WARNING, EPASSWORD, "a password is needed to look further") \
    X(LOCKED_SUBJECT, "locked-subject", NOTE, EPASSWORD, \
      "section 3 is locked: times count as they are stored") \
    X(UNREADABLE_SEGMENT, "unreadable-segment", ERROR, EFORMAT, \
      "the metadata make the segment unreadable") \
    X(UNITS_FACTOR, "units-factor", WARNING, EDAMAGED, \
      "the units conversion factor is 0 and counts as 1") \
    X(SAMPLE_COUNT, "sample-count", ERROR, EDAMAGED, \
      "the metadata count other samples than there are") \
    X(BLOCK_COUNT, "block-count", ERROR, EDAMAGED, \
      "the metadata count more blocks than the index has") \
    X(START_SAMPLE, "start-sample", ERROR, EDAMAGED, \
      "a segment does not begin at the sample where the one before ends") \
    X(LARGEST_BLOCK, "largest-block", ERROR, EDAMAGED, \
      "a block is larger than the metadata allow for") \
    X(LOOSE_BOUND, "loose-bound", WARNING, EDAMAGED, \
      "no block is as large as the metadata say") \
    X(UNSET_BOUND, "unset-bound", WARNING, EDAMAGED, \
      "the metadata do not say how large blocks can be") \
    X(NATIVE_EXTREMES, "native-extremes", WARNING, EDAMAGED, \
      "the extremes in the metadata are not those of the samples") \
    X(DURATION, "duration", WARNING, EDAMAGED, \
      "the recording duration is not the span of the data") \
    X(BLOCK_INTERVAL, "block-interval", WARNING, EDAMAGED, \
      "the block interval is not that of the blocks") \
    X(DISCONTINUITY_COUNT, "discontinuity-count", WARNING, EDAMAGED, \
      "the number of discontinuities is not that of the blocks") \
    X(CONTIGUOUS, "contiguous", WARNING, EDAMAGED, \
      "the longest contiguous stretch is not that of the blocks") \
    X(GROWING, "growing", WARNING, ETRUNCATED, \
      "the recording is being written, or its writer was stopped") \
    X(INDEX_ENTRY, "index-entry", ERROR, EDAMAGED, "an index entry makes no sense") \
    X(INDEX_PLACE, "index-place", ERROR, EDAMAGED, \
      "an index entry's block overlaps the one before in the file") \
    X(INDEX_START_SAMPLE, "index-start-sample", ERROR, EDAMAGED, \
      "an index entry counts other samples before it than there are") \
    X(INDEX_ORIGIN, "index-origin", WARNING, EDAMAGED, \
      "an index counts samples from the channel's start, not from its segment's") \
    X(INDEX_BLOCK, "index-block", ERROR, EDAMAGED, "an index entry and its block differ") \
    X(INDEX_EXTREMES, "index-extremes", WARNING, EDAMAGED, \
      "an index entry has other extremes than its block's samples") \
    X(UNCOVERED, "uncovered", WARNING, EDAMAGED, "bytes to which no index entry leads") \
    X(UNFLAGGED_GAP, "unflagged-gap", WARNING, EDAMAGED, \
      "a block that does not continue the one before lacks the mark of it") \
    X(TIME_ORDER, "time-order", WARNING, EDAMAGED, \
      "a block begins before the one before it ends") \
    X(BLOCK_MISSING, "block-missing", ERROR, ETRUNCATED, "a block is not in the data file") \
    X(BLOCK_HEADER, "block-header", ERROR, EDAMAGED, "a block's header makes no sense") \
    X(BLOCK_CRC, "block-crc", ERROR, ECRC, "a block is damaged") \
    X(BLOCK_DATA, "block-data", ERROR, EDAMAGED, "a block cannot be decoded") \
    X(RECORD_ENTRY, "record-entry", ERROR, EDAMAGED, \
      "an entry of a record index and its record differ, or one makes no sense") \
    X(RECORD_CRC, "record-crc", ERROR, ECRC, "a record is damaged") \
    X(RECORD_BODY, "record-body", WARNING, EDAMAGED, \
      "a record's body is not as long as its type needs") \
    X(RECORD_LEVEL, "record-level", WARNING, EDAMAGED, \
      "a record file's header does not say of what level it is") \
    X(SEGMENT_MISSING, "segment-missing", WARNING, ENOENT, "numbers of segments are left out") \
    X(SEGMENT_TWICE, "segment-twice", ERROR, EDAMAGED, "two segments have one number") \
    X(NOT_CHECKED, "not-checked", NOTE, EUNSUPPORTED, "a kind of data that is not looked at")
/* clang-format on */

/* What is found. */
enum mef3_finding_kind {
#define MEF3_FINDING_ENUM(name, word, severity, status, text) MEF3_FINDING_##name,
    MEF3_FINDING_LIST(MEF3_FINDING_ENUM)
#undef MEF3_FINDING_ENUM
        MEF3_N_FINDING_KINDS
};

/* Of a kind: the word ("block-crc"), how bad, the text. Static strings, never NULL; of an
 * unknown kind "?", MEF3_ERROR and "unknown". */
MEF3_API const char *mef3_finding_word(enum mef3_finding_kind kind);
MEF3_API enum mef3_severity mef3_finding_severity(enum mef3_finding_kind kind);
MEF3_API const char *mef3_finding_text(enum mef3_finding_kind kind);

/* Something that is not as it should be, where, and what would be right. */
struct mef3_finding {
    enum mef3_finding_kind kind;
    int64_t segment;         /* the segment's number on disk; -1: of no segment */
    int64_t block;           /* in the index, from 0; -1: of no block */
    struct mef3_error error; /* file, offset, field, expected, found */
};

/* Called for each finding, in an order that is always the same. `finding` lives as long as the
 * call, which may not use the session. */
typedef void mef3_finding_fn(void *arg, const struct mef3_finding *finding);

/* How to check; all zero: everything, and no word of how far it is. */
struct mef3_verify_options {
    /* Look at headers, metadata, and indices only: no data file is read but its
     * header, so that it takes moments. */
    bool quick;
    /* Called now and then with the samples that were looked at since the last call; may be NULL.
     * An answer that is not 0 ends the check, which then returns it. */
    int (*progress)(void *arg, int64_t n_samples);
    void *progress_arg;
};

/* What a check has counted. */
struct mef3_verify_totals {
    uint64_t n_errors;
    uint64_t n_warnings;
    uint64_t n_notes;
    int64_t n_samples;  /* that there should be, as index or metadata say, whichever counts more */
    int64_t n_readable; /* of these. Quick: those whose blocks lie within the data file */
    uint64_t n_blocks;
    uint64_t n_readable_blocks;
    uint64_t n_records; /* entries in record indices */
    uint64_t n_readable_records;
};

/* Check a channel: its folder, its segments with metadata, index and data, its records.
 * options may be NULL (all is looked at). totals_out is set on success.
 * MEF3_OK whatever was found. MEF3_EINVAL: no such channel. MEF3_ELIMIT, MEF3_ENOMEM. */
MEF3_API MEF3_MUST int mef3_verify_channel(struct mef3_session *session, size_t channel,
                                           const struct mef3_verify_options *options,
                                           mef3_finding_fn *fn, void *arg,
                                           struct mef3_verify_totals *totals_out,
                                           struct mef3_error *error);

/* Check what belongs to no channel: records of the session, and what its channels must agree
 * on. Otherwise as mef3_verify_channel. */
MEF3_API MEF3_MUST int mef3_verify_session(struct mef3_session *session,
                                           const struct mef3_verify_options *options,
                                           mef3_finding_fn *fn, void *arg,
                                           struct mef3_verify_totals *totals_out,
                                           struct mef3_error *error);

#ifdef __cplusplus
}
#endif
#endif
