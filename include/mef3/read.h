/* mef3/read.h - runs, blocks and samples of a session.
 *
 * A *run* is a contiguous stretch of samples of one segment: blocks that follow
 * one another on the clock. The runs of a segment, worked out from its index,
 * say where every stored sample stands in time; between them are gaps.
 *
 * Every sample of a window is one of three things, and never passed off as
 * another: data, gap (nothing was recorded), unreadable (damaged, or not
 * permitted). What is unreadable is reported with where and why.
 *
 * Threads: as mef3/session.h. All calls here need the lock that it speaks of.
 *
 * Example:
 *
 * ```c
 * #include <mef3/read.h>
 * #include <stdio.h>
 *
 * int main(void)
 * {
 *     static int32_t counts[2560]; // ten seconds at 256 Hz
 *     static uint8_t truth[2560];
 *     struct mef3_session *session;
 *     size_t n_of[3] = {0, 0, 0};
 *
 *     if (mef3_session_open_folder("night.mefd", NULL, &session, NULL) != MEF3_OK)
 *         return 1;
 *     int64_t start = mef3_session_info(session)->start_uutc;
 *     size_t channel = (size_t)mef3_channel_find(session, "gappy"); // -1 is no channel's number
 *     int status = mef3_read_window(session, channel, start, start + 10000000, counts, truth, 2560,
 *                                   NULL, NULL, NULL);
 *     mef3_session_close(session);
 *     if (status != MEF3_OK)
 *         return 1;
 *     for (size_t i = 0; i < 2560; i++)
 *         n_of[truth[i]]++;
 *     printf("%zu samples, %zu in gaps, %zu unreadable\n", n_of[MEF3_DATA], n_of[MEF3_GAP],
 *            n_of[MEF3_UNREADABLE]);
 *     return 0;
 * }
 * ```
 *
 * It prints:
 *
 * ```text
 * 2047 samples, 513 in gaps, 0 unreadable
 * ``` */
#ifndef MEF3_READ_H
#define MEF3_READ_H

#include <mef3/counts.h>
#include <mef3/session.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A run. Runs of a segment are in order of time and disjoint: where blocks
 * overlap on the clock, the later one has the samples that both claim, and what
 * is left of the other is a run of its own, or two.
 *
 * Sample number s (from 0 in the segment, as the index counts) of the run, with
 * first_sample <= s < first_sample + n_samples, stands in a window at
 *     mef3_time_to_index(origin_uutc, window start, rate) + (s - origin_sample).
 * origin_sample is first_sample, but for a run that lost its beginning. */
struct mef3_run {
    int64_t origin_uutc;
    int64_t origin_sample;
    int64_t first_sample;
    int64_t n_samples;
    uint32_t block_samples; /* usual length of its blocks: all but the last have it in a
                               regular file; a hint, for whoever cuts a run into pieces */
};

/* The runs of a segment. Reads the index on first use; indices are kept within
 * a budget (MEF3_INDEX_BUDGET bytes a session, least recently used out first,
 * the one in use always kept). *runs_out is valid until the next call on this
 * session. A segment without blocks has none.
 * The segment's own status when it cannot be read; MEF3_EDAMAGED, MEF3_ETRUNCATED,
 * MEF3_EIO ... when its index cannot. Entries that point outside the data file
 * are not an error here: their samples are unreadable when they are read. An
 * index longer than the data (a recording being written) ends where the data
 * end; only blocks that the metadata count already are kept, as unreadable. One
 * that is shorter than the metadata count has lost its end: what it no longer
 * tells is unreadable, up to the segment's end. An entry that makes no sense is
 * unreadable where it most likely was. Where the index's checksum is wrong, an
 * entry that stands apart from its neighbours gives way to its block.
 * Where blocks overlap, "later" is later in the file. Samples are numbered by
 * adding up the blocks; the start samples that the index stores are not used. */
#define MEF3_INDEX_BUDGET (128u << 20)
MEF3_API MEF3_MUST int mef3_segment_runs(struct mef3_session *session, size_t channel,
                                         size_t segment, const struct mef3_run **runs_out,
                                         size_t *n_out, struct mef3_error *error);

/* From when to when a segment has samples: as its metadata say or, where its index counts
 * more blocks than these (a recording being written), as the index' last whole block says.
 * Reads an entry or two, not the index. MEF3_NO_TIME where nothing tells. */
MEF3_API MEF3_MUST int mef3_segment_span(struct mef3_session *session, size_t channel,
                                         size_t segment, int64_t *start_out, int64_t *end_out,
                                         struct mef3_error *error);

/* A block, as the index has it. */
struct mef3_block {
    uint64_t file_offset; /* in the .tdat */
    int64_t start_uutc;   /* offset applied */
    int64_t first_sample; /* from 0 in the segment */
    uint32_t n_samples;
    uint32_t block_bytes;
    bool discontinuity;
};

/* Which blocks hold samples [first, first + n) of a segment: numbers
 * *block_out .. *block_out + *n_out - 1. None when the range is outside. */
MEF3_API MEF3_MUST int mef3_segment_find_blocks(struct mef3_session *session, size_t channel,
                                                size_t segment, int64_t first, int64_t n,
                                                size_t *block_out, size_t *n_out,
                                                struct mef3_error *error);
MEF3_API MEF3_MUST int mef3_segment_block(struct mef3_session *session, size_t channel,
                                          size_t segment, size_t block,
                                          struct mef3_block *block_out, struct mef3_error *error);

/* Where the samples of blocks first .. first + n - 1 of a segment begin, and where those of the
 * last end: n + 1 numbers. MEF3_EINVAL: there are not so many blocks. */
MEF3_API MEF3_MUST int mef3_segment_first_samples(struct mef3_session *session, size_t channel,
                                                  size_t segment, size_t first, size_t n,
                                                  int64_t *samples_out, struct mef3_error *error);

/* Greatest and least count of blocks first .. first + n - 1 of a segment, as the index has them:
 * nothing is decoded, and of the index 56 bytes a block are read. Of a block whose entry cannot
 * tell (it makes no sense, or there are counts among its samples that the format reserves)
 * the greatest is INT32_MIN and the least INT32_MAX.
 * MEF3_EINVAL: there are not so many blocks. Failures of reading the index. */
MEF3_API MEF3_MUST int mef3_segment_extremes(struct mef3_session *session, size_t channel,
                                             size_t segment, size_t first, size_t n,
                                             int32_t *maxima_out, int32_t *minima_out,
                                             struct mef3_error *error);

/* A stretch that could not be read. `at` and `n` count samples: in the segment
 * for mef3_read_samples, in the window for mef3_read_window. */
struct mef3_damage {
    int64_t at;
    int64_t n;
    size_t channel;
    size_t segment;
    int64_t block;           /* number in the index, -1: the segment as a whole */
    struct mef3_error error; /* the .tdat, the block's file offset, the reason; the .tidx and
                                the entry's offset where that is at fault */
};
/* May not call the session that is being read. */
typedef void mef3_damage_fn(void *arg, const struct mef3_damage *damage);

/* Samples [first, first + n) of a segment as counts. Samples of a block that
 * cannot be read are MEF3_COUNT_NAN and are reported, a call a block, through
 * `report` (may be NULL). MEF3_OK even then: the status of the call is about the
 * call. MEF3_EINVAL: the range is not within the segment's index. MEF3_ECHANGED: there is
 * another recording in the place of the one that was opened. */
MEF3_API MEF3_MUST int mef3_read_samples(struct mef3_session *session, size_t channel,
                                         size_t segment, int64_t first, size_t n,
                                         int32_t *counts_out, mef3_damage_fn *report, void *arg,
                                         struct mef3_error *error);

/* One of several stretches to read: samples [first, first + n) of a segment. */
struct mef3_stretch {
    size_t channel;
    size_t segment;
    int64_t first;
    size_t n;
    int32_t *counts_out;
    void *arg;                /* for the calls of `report` that are about it */
    struct mef3_error *error; /* may be NULL; filled where the status is not MEF3_OK */
    int status;               /* what came of it, as of a call of mef3_read_samples */
};

/* Read them as so many calls of mef3_read_samples, one after another, but faster: blocks of
 * all are decoded side by side, and a file is opened once for stretches of one segment that
 * follow one another. `report` is called in the order of the stretches, and within a stretch
 * in the order of its blocks. Counts of a stretch that failed mean nothing.
 * Takes some 2 MiB of memory however many there are; more for a block that has more. */
MEF3_API void mef3_read_many(struct mef3_session *session, struct mef3_stretch *stretches, size_t n,
                             mef3_damage_fn *report);

/* What a sample of a window is. */
enum mef3_truth { MEF3_GAP = 0, MEF3_DATA = 1, MEF3_UNREADABLE = 2 };

/* The window [start_uutc, end_uutc) of a channel: n counts, where n is what
 * mef3_window_samples says for the channel's rate, and for each its truth (one
 * of enum mef3_truth; truth_out may be NULL). Counts of gaps and of unreadable
 * samples are MEF3_COUNT_NAN. A segment that cannot be read is unreadable over
 * its span; where not even the span is known, it is reported with n = 0.
 * A channel without segments has no rate either: it is gaps, whatever n.
 * MEF3_EINVAL: n is not the window's number of samples, or no such channel.
 * The channel's status when none of its segments can be read. */
MEF3_API MEF3_MUST int mef3_read_window(struct mef3_session *session, size_t channel,
                                        int64_t start_uutc, int64_t end_uutc, int32_t *counts_out,
                                        uint8_t *truth_out, size_t n, mef3_damage_fn *report,
                                        void *arg, struct mef3_error *error);

/* A part of that window: samples [first, first + n) of it, placed as in the
 * whole, so that a window of any length can be read in pieces. Damage counts
 * samples of the whole window; a segment whose span is not known is reported
 * with the part that begins at 0. */
MEF3_API MEF3_MUST int mef3_read_window_part(struct mef3_session *session, size_t channel,
                                             int64_t start_uutc, int64_t end_uutc, int64_t first,
                                             size_t n, int32_t *counts_out, uint8_t *truth_out,
                                             mef3_damage_fn *report, void *arg,
                                             struct mef3_error *error);

#ifdef __cplusplus
}
#endif
#endif
