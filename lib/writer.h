/* writer.h - inside the writer: its state, and what its files are to one another.
 *
 *   writer.c           a session's beginning and its end; flushing
 *   writer_open.c      a session that exists
 *   writer_channel.c   channels, and their segments
 *   writer_resume.c    a channel that exists
 *   writer_scan.c      its last segment: what is whole of it
 *   writer_append.c    samples to runs, runs to blocks
 *   writer_blocks.c    blocks and index entries to files; what the headers will say of them
 *   writer_headers.c   universal headers and index entries: numbers to bytes
 *   writer_metadata.c  the same of metadata
 *   writer_files.c     folders and files: bytes to disk
 *   writer_folders.c   folders that appear whole, and their removal
 *   writer_records.c   records: see writer_records.h
 *
 * What a header says of a session, a channel or a segment is kept on disk alone: to count what
 * was written, a header is read, changed and written again; a segment's metadata are made of
 * those of the one before. So headers of a session that others wrote stay theirs, too. */
#ifndef LIB_WRITER_H
#define LIB_WRITER_H

#include <mef3/red.h>
#include <mef3/session.h>
#include <mef3/write.h>

#include "layout.h"

/* So that NAME-000000.segd.new is a file's name. */
enum { WRITER_NAME_BYTES = 240 };

/* What was written of a segment, for its headers. */
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
    size_t number;          /* in the order of adding, from 0 */
    bool has_folder;        /* with at least one segment */
    int32_t segment;        /* the one that is written */
    int64_t samples_before; /* in the segments before it */
    int64_t written_until;  /* the end of all that was appended; MEF3_NO_TIME: nothing */
    char name[WRITER_NAME_BYTES];
    double rate_hz;
    double units_factor;
    uint32_t block_samples;
    struct mef3_keys keys;
    int stats_level;     /* of blocks */
    bool negates_times;  /* as with a recording time offset, which may be 0 all the same */
    int64_t time_offset; /* then */
    int32_t *pending;    /* block_samples of them; NULL until the first sample */
    uint32_t n_pending;
    int64_t run_uutc;    /* start of the run under way */
    int64_t run_samples; /* in it so far, pending ones included; 0: no run yet */
    bool is_counted;     /* the headers say what the totals do */
    struct writer_totals totals;
};

struct mef3_writer {
    char *path;               /* without a slash at its end */
    char name[UH_NAME_BYTES]; /* the folder's, without ".mefd" */
    int lock_fd;              /* the folder; -1: none */
    bool is_new;              /* mef3_writer_create's */
    bool is_broken;           /* a call failed: what is in memory and what is on disk may differ */
    bool reproducible;
    bool durable;
    struct mef3_keys keys;
    uint8_t *metadata;            /* of a channel to be added: META_BYTES, not encrypted */
    uint8_t *buffer;              /* META_BYTES of scratch */
    struct mef3_session *session; /* what was there; NULL: nothing */
    struct writer_channel **channels;
    size_t n_channels;
    struct writer_records **records; /* pairs of files that records were added to */
    size_t n_records;
    uint8_t *work; /* scratch of the encoder, for the longest block of any channel */
    uint8_t *block;
    size_t block_room;
    size_t work_room;
    size_t n_together; /* blocks that there is room for, side by side */
};

/* writer.c */
int writer_no_memory(struct mef3_error *error);
/* The session's name, and where it is. */
int writer_take_path(struct mef3_writer *writer, const char *path, struct mef3_error *error);
/* A writer of nothing yet. MEF3_ENOMEM. */
int writer_new(const struct mef3_writer_options *options, struct mef3_writer **writer_out,
               struct mef3_error *error);
/* The channel of that number, of a writer that has not failed. */
int writer_find_channel(struct mef3_writer *writer, size_t number,
                        struct writer_channel **channel_out, struct mef3_error *error);
/* Write the pending samples, and make the headers say what is there. */
int writer_flush_channel(struct mef3_writer *writer, struct writer_channel *channel,
                         struct mef3_error *error);

/* writer_open.c: a writer for a session that exists; with `locks`, no other one may be at it. */
int writer_open(const char *path, const struct mef3_writer_options *options, bool locks,
                struct mef3_writer **writer_out, struct mef3_error *error);

/* writer_resume.c: whether the channel is in the session that was there; then it is set to go
 * on with, its name, block_samples and number being set, and checked against what it must be. */
int writer_resume(struct mef3_writer *writer, struct writer_channel *channel,
                  const struct mef3_writer_channel *from, bool *is_there_out,
                  struct mef3_error *error);

/* writer_scan.c: the segment that is there, into the channel's totals and the run that it ends
 * with. False in *goes_on_out: it is not such that more can be added, and was left as it is. */
struct segment;
int writer_scan(struct mef3_writer *writer, struct writer_channel *channel,
                const struct segment *segment, bool *goes_on_out, struct mef3_error *error);

/* writer_channel.c: begin the channel's segment, of which writer->buffer has the metadata, as of
 * another segment or channel. */
int writer_begin_segment(struct mef3_writer *writer, struct writer_channel *channel,
                         struct mef3_error *error);

/* writer_append.c: write the pending samples as a block. */
int writer_put_pending(struct mef3_writer *writer, struct writer_channel *channel,
                       struct mef3_error *error);

/* writer_blocks.c: encode n_blocks, up to writer->n_together, of n samples each, the last ones of
 * the run, and write them and their index entries. */
int writer_put_blocks(struct mef3_writer *writer, struct writer_channel *channel,
                      const int32_t *samples, uint32_t n, size_t n_blocks,
                      struct mef3_error *error);
void writer_totals_init(struct writer_totals *totals);
/* One more block. It lies after those that were counted, from start_uutc to end_uutc. */
void writer_totals_add(struct writer_totals *totals, const struct mef3_red_header *block,
                       bool begins_run, int32_t max, int32_t min, int64_t start_uutc,
                       int64_t end_uutc);

/* writer_headers.c */
int64_t writer_stored_time(const struct writer_channel *channel, int64_t uutc);
/* Say in a universal header of a .tmet, .tidx or .tdat what the totals do. */
void writer_header_count(const struct writer_channel *channel, uint8_t header[UH_BYTES]);
/* Make it that of a file of `type`, with a UUID of its own. MEF3_EIO: no random numbers. */
int writer_header_identify(const struct mef3_writer *writer, const struct writer_channel *channel,
                           const char *type, uint8_t header[UH_BYTES]);
/* And of the channel's segment, with a level UUID of its own. MEF3_EIO. */
int writer_header_place(const struct mef3_writer *writer, const struct writer_channel *channel,
                        uint8_t header[UH_BYTES]);
void writer_header_seal(uint8_t header[UH_BYTES], uint32_t body_crc);
void writer_index_entry(const struct writer_totals *totals, const struct mef3_red_header *block,
                        int32_t max, int32_t min, uint8_t entry_out[INDEX_BYTES]);

/* writer_metadata.c: bytes of a .tmet that is not encrypted yet */
/* Those of a session of which no more is known than the options say. Texts that do not fit, and
 * passwords: MEF3_EINVAL. */
int writer_metadata_begin(struct mef3_writer *writer, const struct mef3_writer_options *options,
                          struct mef3_error *error);
/* Into the same bytes what is said of a channel. */
int writer_metadata_channel(const struct mef3_writer_channel *from, size_t number,
                            uint8_t metadata[META_BYTES], struct mef3_error *error);
void writer_metadata_count(const struct writer_channel *channel, uint8_t metadata[META_BYTES]);
/* Encrypt the sections as they say, and seal the file. */
int writer_metadata_seal(const struct mef3_keys *keys, uint8_t metadata[META_BYTES]);
/* The reverse: check a whole file, decrypt all of it. MEF3_EPASSWORD: the keys do not give it. */
int writer_metadata_open(const struct mef3_keys *keys, const char *path,
                         uint8_t metadata[META_BYTES], struct mef3_error *error);

/* writer_files.c. Files are open only in here, so that the number of channels has no limit. */
enum { WRITER_INNER_BYTES = 4 * WRITER_NAME_BYTES };
/* Make the session's folder, which must be new; or open the one that is there. Locks it. */
int writer_files_session(struct mef3_writer *writer, struct mef3_error *error);
int writer_files_fail(struct mef3_error *error, const char *file, const char *what);
/* Path of a file of the channel's segment, in the session: "Cz.timd/Cz-000000.segd/..." */
void writer_files_inner(const struct writer_channel *channel, const char *type,
                        char inner_out[WRITER_INNER_BYTES]);
int writer_files_put(const struct mef3_writer *writer, const struct writer_channel *channel,
                     const char *type, uint64_t offset, const uint8_t *bytes, size_t n,
                     struct mef3_error *error);
int writer_files_get(const struct mef3_writer *writer, const struct writer_channel *channel,
                     const char *type, uint8_t *bytes_out, size_t n, struct mef3_error *error);
/* Let the file end there. */
int writer_files_cut(const struct mef3_writer *writer, const struct writer_channel *channel,
                     const char *type, uint64_t length, struct mef3_error *error);
/* Wait until the file is on the disk, where that is wanted. */
int writer_files_sync(const struct mef3_writer *writer, const struct writer_channel *channel,
                      const char *type, struct mef3_error *error);
/* Put other metadata in the place of those that are there, at once. */
int writer_files_replace(const struct mef3_writer *writer, const struct writer_channel *channel,
                         const uint8_t metadata[META_BYTES], struct mef3_error *error);

/* writer_folders.c */
struct writer_file {
    const char *type;
    const uint8_t *bytes;
    size_t n;
};
/* Make the channel's segment, and its folder with it where there is none. */
int writer_folders_make(const struct mef3_writer *writer, const struct writer_channel *channel,
                        const struct writer_file files[3], struct mef3_error *error);
/* Remove what a writer that was killed left behind of metadata and of a next segment. */
void writer_folders_tidy(const struct mef3_writer *writer, const struct writer_channel *channel);
/* Remove the channel's files and folders; then, with NULL, the session's folder. */
void writer_folders_remove(const struct mef3_writer *writer, const struct writer_channel *channel);
/* A file with these bytes, in place of what was there. */
bool writer_files_write(const struct mef3_writer *writer, const char *path, const uint8_t *bytes,
                        size_t n);
bool writer_files_put_all(int fd, uint64_t offset, const uint8_t *bytes, size_t n);
bool writer_files_sync_folder(const struct mef3_writer *writer, const char *path);

#endif
