/* record_walk.h - the records of a .rdat, found one by one, whatever is wrong with them.
 *
 * What is read is the .rdat, from its first record to its end. The .ridx only says where
 * records begin, so that the walk finds on after a damaged one. Without it, and where it is
 * wrong, the walk looks for the next bytes that are a record, checksum and all. Each byte is
 * read a few times at most: what the walk spends on claims that may be false has a limit. */
#ifndef LIB_RECORD_WALK_H
#define LIB_RECORD_WALK_H

#include <stdbool.h>

#include "layout.h"
#include "source.h"

/* A record, or a place where one is missing. */
struct record_found {
    int status; /* MEF3_OK: whole */
    struct mef3_error error;
    char type[REC_TYPE_BYTES]; /* "": not told */
    uint8_t version_major;
    uint8_t version_minor;
    int level;
    int64_t stored_time;
    const uint8_t *body; /* as stored; only of a whole one */
    size_t n_body;
    uint64_t file_offset;
    bool is_indexed; /* an entry of the .ridx says that a record begins here */
};
/* What it points to is valid during the call. Another answer than 0 ends the walk. */
typedef int record_found_fn(void *arg, const struct record_found *found);

/* READ: there, and its header is read; its CRC may be wrong. UNUSABLE: there, and no such file. */
enum record_file { RECORD_FILE_MISSING, RECORD_FILE_UNUSABLE, RECORD_FILE_READ };

struct record_start {
    uint64_t file_offset;
    uint64_t entry; /* its number in the .ridx */
};

/* Zeroed, but for the first four. */
struct record_walk {
    const struct mef3_source *source;
    const char *stem; /* path of the two files without ".rdat", ".ridx" */
    record_found_fn *fn;
    void *arg;

    struct source_file data;
    struct source_file index;
    enum record_file data_is;
    enum record_file index_is;
    uint8_t data_header[UH_BYTES];
    uint8_t index_header[UH_BYTES];
    int64_t n_counted;           /* records that a header counts; -1: no header tells */
    uint64_t n_entries;          /* whole ones of the .ridx */
    bool knows_all;              /* of all of them the starts are known */
    uint64_t end;                /* of what is whole, or must be kept: the next record goes here */
    struct record_start *starts; /* in the order of the .rdat */
    size_t n_starts;
    size_t next_start;
    uint64_t n_whole; /* records so far */
    uint8_t *bytes;   /* n_bytes of the .rdat from `bytes_at` on */
    uint64_t bytes_at;
    size_t n_bytes;
    size_t room;
    uint64_t spare; /* bytes that may still be spent on doubtful claims */
};

/* Whether a status speaks of what is in the files, and not of reading them. */
bool record_is_damaged(int status);

/* Walk, and close the files. MEF3_OK, what fn answered, or MEF3_ENOMEM. */
MEF3_MUST int record_walk(struct record_walk *walk, struct mef3_error *error);
void record_walk_fini(struct record_walk *walk);

#endif
