/* source.h - what every reader does with a source: open a file, read all of a stretch. */
#ifndef LIB_SOURCE_H
#define LIB_SOURCE_H

#include <mef3/source.h>

/* The longest path within a session, its zero included: names of folders are
 * at most SOURCE_NAME_MAX bytes. */
enum { SOURCE_NAME_MAX = 255, SOURCE_PATH_MAX = 1024 };

/* An open file of a source. A zeroed one is closed. */
struct source_file {
    const struct mef3_source *source;
    void *handle;
    uint64_t bytes; /* its length when it was opened */
    char path[SOURCE_PATH_MAX];
};

/* Open stem + suffix. Failures are put into *error, which may be NULL. */
MEF3_MUST int source_file_open(const struct mef3_source *source, const char *stem,
                               const char *suffix, struct source_file *file_out,
                               struct mef3_error *error);
void source_file_close(struct source_file *file);

/* Exactly n bytes at `offset`. MEF3_ETRUNCATED: the file ends before. */
MEF3_MUST int source_file_read(const struct source_file *file, uint64_t offset, void *bytes_out,
                               size_t n, struct mef3_error *error);

/* The UUID by which a file of a segment says whose it is; it stays when the file grows. Left
 * as it was where it cannot be read. */
void source_file_uuid(const struct source_file *file, uint8_t uuid_out[16]);

/* Whether the file is still that one, or says nothing of it. MEF3_ECHANGED. */
MEF3_MUST int source_file_check(const struct source_file *file, const uint8_t uuid[16],
                                struct mef3_error *error);

#endif
