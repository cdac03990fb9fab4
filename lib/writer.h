/* writer.h - inside the writer: its state, and what its files are to one another.
 *
 *   writer.c          a session's beginning, its channels, its end
 *   writer_blocks.c   samples to runs, runs to blocks, blocks to files
 *   writer_headers.c  universal headers, metadata, index entries: numbers to bytes
 *   writer_files.c    folders and files: bytes to disk, and their removal */
#ifndef LIB_WRITER_H
#define LIB_WRITER_H

#include <mef3/red.h>
#include <mef3/write.h>

#include "layout.h"

enum { WRITER_NAME_BYTES = 64 };

/* What was written of a channel, for its headers. */
struct writer_totals {
    int64_t n_samples;
    int64_t n_blocks;
    int64_t n_discontinuities;
    int64_t start_uutc; /* MEF3_NO_TIME while there is no block */
    int64_t end_uutc;
    int32_t max;
    int32_t min;
    uint32_t max_block_bytes;
    uint32_t max_block_samples;
    uint32_t max_difference_bytes;
    int64_t run_blocks, max_run_blocks; /* of the run under way; of the longest */
    int64_t run_bytes, max_run_bytes;
    int64_t run_samples, max_run_samples;
    uint64_t data_bytes; /* of the .tdat, its header included */
    uint32_t data_crc;
    uint32_t index_crc;
};

struct writer_channel {
    size_t number;                     /* in the order of adding, from 0 */
    int32_t segment;                   /* the one that is written */
    int64_t samples_before;            /* in the segments before it */
    int64_t written_until;             /* the end of the segment before; MEF3_NO_TIME: none */
    uint8_t level_uuid[UH_UUID_BYTES]; /* the segment's: all its files have it */
    char name[WRITER_NAME_BYTES];
    char description[S2_DESCRIPTION_BYTES];
    char units[S2_UNITS_BYTES];
    double rate_hz;
    double units_factor;
    double line_hz;
    uint32_t block_samples;
    int32_t *pending; /* block_samples of them; NULL until the first sample */
    uint32_t n_pending;
    int64_t run_uutc;    /* start of the run under way */
    int64_t run_samples; /* in it so far, pending ones included; 0: no run yet */
    struct writer_totals totals;
};

struct mef3_writer {
    char *path;               /* without a slash at its end */
    char name[UH_NAME_BYTES]; /* the folder's, without ".mefd" */
    char description[S2_DESCRIPTION_BYTES];
    char subject_id[S3_SUBJECT_BYTES];
    char location[S3_LOCATION_BYTES];
    int32_t gmt_offset_s;
    bool reproducible;
    struct mef3_keys keys;
    uint8_t level_1_field[16];
    uint8_t level_2_field[16];
    struct writer_channel **channels;
    size_t n_channels;
    uint8_t *work; /* scratch of the encoder, for the longest block of any channel */
    uint8_t *block;
    size_t block_room;
    size_t work_room;
    size_t n_together; /* blocks that there is room for, side by side */
};

/* A UUID: random, or (version 8) made from the names and `what`. MEF3_EIO: no
 * random numbers are to be had. */
int writer_uuid(const struct mef3_writer *writer, const struct writer_channel *channel,
                const char *what, uint8_t uuid_out[UH_UUID_BYTES]);

/* Bytes of a channel's files at the end. `type` is "tmet", "tidx" or "tdat". */
int writer_universal_header(const struct mef3_writer *writer, const struct writer_channel *channel,
                            const char *type, uint32_t body_crc, uint8_t header_out[UH_BYTES]);
int writer_metadata(const struct mef3_writer *writer, const struct writer_channel *channel,
                    uint8_t file_out[META_BYTES]);
void writer_index_entry(const struct writer_totals *totals, const struct mef3_red_header *block,
                        int32_t max, int32_t min, uint8_t entry_out[INDEX_BYTES]);

/* Write the pending samples as a block, and its index entry. */
int writer_flush(struct mef3_writer *writer, struct writer_channel *channel,
                 struct mef3_error *error);

/* Make the session's folder; it must be new. */
int writer_files_session(const struct mef3_writer *writer, struct mef3_error *error);
/* Make the folder of a channel, and that of the segment that it is at. */
int writer_files_channel(const struct mef3_writer *writer, const struct writer_channel *channel,
                         struct mef3_error *error);
int writer_files_segment(const struct mef3_writer *writer, const struct writer_channel *channel,
                         struct mef3_error *error);
/* Put bytes into a file of the channel, which is made when it is not there. Files
 * are open only in here, so that the number of channels has no limit. */
int writer_files_put(const struct mef3_writer *writer, const struct writer_channel *channel,
                     const char *type, uint64_t offset, const uint8_t *bytes, size_t n,
                     struct mef3_error *error);
/* Remove the channel's files and folders; then, with NULL, the session's folder. */
void writer_files_remove(const struct mef3_writer *writer, const struct writer_channel *channel);

#endif
