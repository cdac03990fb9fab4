/* mef3/salvage.h - what is whole in a damaged recording: found by walking through its data.
 *
 * A reader trusts a segment's metadata and index. A salvage trusts neither: it goes through the
 * data file from block to block, and where a block is destroyed on to the next place at which
 * there is a block with a right checksum. So a recording whose index is lost, cut short or wrong
 * still gives its samples, and one whose metadata are lost gives them with the rate of another
 * segment, or with one worked out from the times of the blocks. What is lost is told of, with as
 * much as index and neighbours say about it.
 *
 * `mef3 repair` writes what it gets from here into a new recording.
 * Threads: as mef3/session.h.
 *
 * Example:
 *
 * ```c
 * #include <mef3/salvage.h>
 * #include <stdio.h>
 * #include <string.h>
 *
 * static int tell_loss(void *arg, const struct mef3_loss *loss)
 * {
 *     (void)arg;
 *     printf("lost: %s\n", mef3_loss_text(loss->kind));
 *     return 0;
 * }
 *
 * static int count_samples(void *arg, const struct mef3_salvaged *salvaged)
 * {
 *     *(int64_t *)arg += salvaged->n_samples;
 *     return 0;
 * }
 *
 * int main(void)
 * {
 *     struct mef3_salvage_calls calls;
 *     struct mef3_session *session;
 *     int64_t n = 0;
 *
 *     memset(&calls, 0, sizeof calls);
 *     calls.loss = tell_loss;
 *     calls.samples = count_samples;
 *     if (remove("night.mefd/gappy.timd/gappy-000000.segd/gappy-000000.tidx") != 0 ||
 *         mef3_session_open_folder("night.mefd", NULL, &session, NULL) != MEF3_OK)
 *         return 1;
 *     int status = mef3_salvage_channel(session, 0, &calls, &n, NULL);
 *     mef3_session_close(session);
 *     printf("%d samples without an index\n", (int)n);
 *     return status == MEF3_OK ? 0 : 1;
 * }
 * ```
 *
 * It prints:
 *
 * ```text
 * 6867 samples without an index
 * ``` */
#ifndef MEF3_SALVAGE_H
#define MEF3_SALVAGE_H

#include <mef3/read.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(name, word, text): the word is for programs and stays. */
/* clang-format off */
#define MEF3_LOSS_LIST(X) \
    X(BLOCK, "block", "a block is damaged") \
    X(BYTES, "bytes", "bytes in which there is no block") \
    X(MISSING_BLOCK, "missing-block", "the data file ends before a block that the index tells of") \
    X(MISSING_END, "missing-end", "the metadata count more samples than there are") \
    X(OVERLAP, "overlap", "samples in whose place on the clock there are others") \
    X(SEGMENT, "segment", "nothing of a segment can be read")
/* clang-format on */

/* What is lost. */
enum mef3_loss_kind {
#define MEF3_LOSS_ENUM(name, word, text) MEF3_LOSS_##name,
    MEF3_LOSS_LIST(MEF3_LOSS_ENUM)
#undef MEF3_LOSS_ENUM
        MEF3_N_LOSS_KINDS
};

/* Static strings, never NULL. */
MEF3_API const char *mef3_loss_word(enum mef3_loss_kind kind);
MEF3_API const char *mef3_loss_text(enum mef3_loss_kind kind);

/* Something that is lost. */
struct mef3_loss {
    enum mef3_loss_kind kind;
    int32_t segment;      /* its number on disk */
    int64_t block;        /* number in the index, -1: not known */
    uint64_t file_offset; /* in the .tdat, */
    uint64_t n_bytes;     /* and how many */
    int64_t n_samples;    /* -1: not known */
    bool is_estimate;     /* of samples and times: from the neighbours */
    int64_t start_uutc;   /* MEF3_NO_TIME: not known, as of the next */
    int64_t end_uutc;
    struct mef3_error error;
};

/* Samples that are whole, in order of time, none of them twice: where blocks of a segment claim
 * the same place on the clock, the later one in the file has it; of segments, the first. */
struct mef3_salvaged {
    int32_t segment;
    uint64_t file_offset; /* of their block */
    int64_t start_uutc;
    uint32_t n_samples;
    const int32_t *counts; /* as long as the call lasts */
};

/* Where a rate is from. */
enum mef3_rate_source { MEF3_RATE_METADATA, MEF3_RATE_BLOCKS, MEF3_RATE_HEADER };

/* What is known of a channel beyond mef3_channel_info. */
struct mef3_salvage_facts {
    double rate_hz;                    /* 0: not known, and so nothing can be saved */
    enum mef3_rate_source rate_source; /* of metadata; worked out from the times of blocks, or from
                                          the span in a header */
    bool is_factor_known;              /* else the units factor is 1, which is a guess */
    double units_factor;
    char units[128];        /* "uV"; "" when not known */
    uint32_t block_samples; /* of the longest block; 0: there is none */
    bool has_time_offset;   /* a recording time offset could be read, of whichever channel: */
    int64_t time_offset;
    /* Passwords that give the keys of this channel's files: as UTF-8, "" where there is none or
     * the one given does not give it. Wipe them when done. */
    char password_1[64];
    char password_2[64];
};

/* What a salvage calls; NULL: not wanted. Any answer but 0 ends the salvage, which returns it.
 * None may use the session. */
struct mef3_salvage_calls {
    int (*facts)(void *arg, const struct mef3_salvage_facts *facts); /* once, first */
    int (*segment)(void *arg, int32_t number); /* each segment, before its losses and samples */
    int (*loss)(void *arg, const struct mef3_loss *loss);
    int (*samples)(void *arg, const struct mef3_salvaged *samples);
};

/* Go through a channel of a session that was opened with mef3_session_open.
 * MEF3_EINVAL: no such channel. MEF3_ENOMEM. Whatever is damaged is told of by calls. */
MEF3_API MEF3_MUST int mef3_salvage_channel(struct mef3_session *session, size_t channel,
                                            const struct mef3_salvage_calls *calls, void *arg,
                                            struct mef3_error *error);

#ifdef __cplusplus
}
#endif
#endif
