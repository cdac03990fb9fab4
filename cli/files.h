/* files.h - all files of a session, through its source. */
#ifndef CLI_FILES_H
#define CLI_FILES_H

#include <mef3/source.h>

struct files_entry {
    char *path; /* relative to the session's folder */
    bool is_folder;
};

struct files {
    struct files_entry *items;
    size_t n;
    size_t room;
};

/* All files and folders, each folder before what is in it. Names that begin with a dot, which
 * other systems leave behind, are passed over. MEF3_ELIMIT: folders deeper than any session has,
 * as a link to a folder above makes them. Failures are put into *error. */
MEF3_MUST int files_list(const struct mef3_source *source, struct files *files_out,
                         struct mef3_error *error);
void files_free(struct files *files);

/* Takes the next bytes of a file; false: no more are wanted. */
typedef bool files_bytes_fn(void *arg, const void *bytes, size_t n);

/* The first `n` bytes of an open file, piece by piece. MEF3_ECHANGED: there are fewer.
 * *is_left_out: `take` did not want them all. */
MEF3_MUST int files_read(const struct mef3_source *source, void *file, const char *path, uint64_t n,
                         files_bytes_fn *take, void *arg, bool *is_left_out,
                         struct mef3_error *error);

#endif
