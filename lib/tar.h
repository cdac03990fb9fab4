/* tar.h - the files of a session in an uncompressed tar: where each begins, how long it is.
 *
 * The headers are walked once; what is kept is a sorted table, and contents are read where they
 * lie. Bytes come through a callback, so that nothing here needs a disk. An archive is hostile:
 * memory follows from its real length, and time too. It holds plain files and folders; anything
 * else, and every doubt about what a reader of tars would make of it, refuses it. */
#ifndef LIB_TAR_H
#define LIB_TAR_H

#include <mef3/source.h>

/* Where the bytes of an archive come from. */
struct tar_input {
    void *self;
    uint64_t bytes; /* how long it is; at most INT64_MAX */
    /* Up to n bytes at `offset`; fewer only at its end. */
    int (*read)(void *self, uint64_t offset, void *bytes_out, size_t n, size_t *n_out);
};

struct tar_member {
    uint64_t at; /* its content, from the archive's beginning */
    uint64_t bytes;
    size_t path; /* its first byte in `paths` */
    bool is_folder;
};

/* Sorted by path, "/" before any other byte, so that what is in a folder follows it. */
struct tar {
    struct tar_member *items;
    size_t n;
    size_t room;
    char *paths; /* relative to the session's folder, each with a zero at its end */
    size_t n_paths;
    size_t paths_room;
    char folder[256]; /* the session's, as the archive names it: "NAME.mefd"; "": it has none */
};

/* Where a path stands twice the later member counts, as it does for those who unpack. `name` is
 * what errors call the archive.
 *
 * The session's folder is the one whose name ends in ".mefd"; else the only one there is, where
 * that is no channel; else the archive is the folder itself. What lies beside it is left out.
 *
 * MEF3_EFORMAT: no tar, or one that holds no single session; MEF3_EUNSUPPORTED: compressed, a
 * link, a sparse file; MEF3_ETRUNCATED; MEF3_ECRC; MEF3_ELIMIT: MEF3_MAX_TAR_MEMBERS; MEF3_ENOMEM.
 */
MEF3_MUST int tar_open(const struct tar_input *input, const char *name, struct tar *tar_out,
                       struct mef3_error *error);
void tar_fini(struct tar *tar);

/* The member of that path, or NULL. */
struct tar_member *tar_find(const struct tar *tar, const char *path);

/* Whether there is such a folder: with an entry of its own, or as the place of others. */
bool tar_is_folder(const struct tar *tar, const char *path);

/* As a source lists. MEF3_ENOENT: no such folder. */
MEF3_MUST int tar_list(const struct tar *tar, const char *folder, mef3_name_fn *each, void *arg);

#endif
