/* writer_records.h - inside the writer: records, in the files of a session or of a channel.
 *
 *   writer_records.c        what is in the files, what is to be added, and in which order
 *   writer_record_bytes.c   records, index entries and headers: values to bytes
 *   writer_record_files.c   the pair of files, open and locked */
#ifndef LIB_WRITER_RECORDS_H
#define LIB_WRITER_RECORDS_H

#include <mef3/records.h>

#include "source.h"
#include "writer.h"

/* A pair of files: what is in them, as far as the headers and the next record depend on it. */
struct writer_records {
    char *channel;              /* NULL: the session's */
    char stem[SOURCE_PATH_MAX]; /* in the session, without ".rdat", ".ridx" */
    bool is_made;               /* by this writer: an abort removes it */
    bool is_known;              /* what follows is; else it is read from the files */
    uint64_t data_bytes;        /* of whole records, header included */
    uint64_t index_bytes;
    uint32_t data_crc;
    uint32_t index_crc;
    int64_t most_bytes; /* of a record */
    int64_t start_uutc; /* MEF3_NO_TIME: no record */
    int64_t end_uutc;
    uint8_t data_header[UH_BYTES];
    uint8_t index_header[UH_BYTES];
};

/* Bytes that are to be appended to a pair. */
struct record_bytes {
    uint8_t *data;
    size_t n_data;
    uint8_t *index; /* begins with entries that the .ridx is behind by */
    size_t n_index;
};

/* writer_records.c: append to those of the channel of that name (the folder's, without ".timd";
 * NULL: of the session). */
MEF3_MUST int writer_records_append(struct mef3_writer *writer, const char *channel,
                                    const struct mef3_record *records, size_t n,
                                    struct mef3_error *error);
/* Forget them; with `removes`, the files that were made are removed. */
void writer_records_fini(struct mef3_writer *writer, bool removes);

/* writer_record_bytes.c */
/* Is each of the records one that can be written by this writer? */
MEF3_MUST int writer_records_check(const struct mef3_writer *writer,
                                   const struct mef3_record *records, size_t n,
                                   struct mef3_error *error);
/* Add their bytes, the first to stand in the .rdat where `r` ends, and tell `r` of them.
 * MEF3_ENOMEM; MEF3_EINVAL: a time in a body. */
MEF3_MUST int writer_records_encode(const struct mef3_writer *writer, struct writer_records *r,
                                    const struct mef3_record *records, size_t n,
                                    struct record_bytes *bytes, struct mef3_error *error);
/* An entry for a record that is in the .rdat. */
void writer_records_entry(const uint8_t record[REC_BODY], uint64_t file_offset,
                          uint8_t entry_out[RIDX_BYTES]);
/* Headers of a pair that is new. MEF3_EIO: no random numbers. */
MEF3_MUST int writer_records_headers(const struct mef3_writer *writer, struct writer_records *r);
/* Say in both headers what the pair holds. */
void writer_records_count(const struct mef3_writer *writer, struct writer_records *r);

/* writer_record_files.c */
struct record_files {
    const struct mef3_writer *writer;
    const struct writer_records *r;
    int data; /* -1: not open */
    int index;
};
/* Open both, and wait for the lock. Where there is no such file one is made, of r's header, and
 * appears with it at once; *is_made_out says whether the .rdat was. */
MEF3_MUST int record_files_open(const struct mef3_writer *writer, const struct writer_records *r,
                                struct record_files *files_out, bool *is_made_out,
                                struct mef3_error *error);
void record_files_close(struct record_files *files);
/* How long both are. */
MEF3_MUST int record_files_length(const struct record_files *files, uint64_t *data_out,
                                  uint64_t *index_out, struct mef3_error *error);
/* All of `bytes` behind what r holds, data before index; on failure both are as they were. Then
 * the headers of `r_now`. */
MEF3_MUST int record_files_append(const struct record_files *files,
                                  const struct record_bytes *bytes,
                                  const struct writer_records *r_now, struct mef3_error *error);
void record_files_remove(const struct mef3_writer *writer, const struct writer_records *r);

#endif
