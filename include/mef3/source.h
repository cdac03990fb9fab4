/* mef3/source.h - where a session's bytes come from.
 *
 * libmef3 reads a session through this small interface: names in a folder, and
 * bytes of a file. Three sources come with the library: a folder on disk, a tar
 * file, and memory (for tests and fuzzers); a caller may bring its own (an object
 * store). Paths are relative to the session's folder, "/" between parts,
 * "" for the folder itself.
 *
 * Threads: any number of sources side by side; a source is used by one thread at
 * a time. A caller's own source is called by the thread that uses its session.
 *
 * Example:
 *
 * ```c
 * #include <mef3/source.h>
 * #include <stdio.h>
 *
 * static int show(void *arg, const char *name, bool is_folder)
 * {
 *     printf("%s%s%s\n", (const char *)arg, name, is_folder ? "/" : "");
 *     return 0;
 * }
 *
 * int main(void)
 * {
 *     struct mef3_source source;
 *     char indent[] = "  ";
 *
 *     if (mef3_source_folder("night.mefd", NULL, &source, NULL) != MEF3_OK)
 *         return 1;
 *     puts(source.name);
 *     int status = source.ops->list(source.self, "gappy.timd", show, indent);
 *     mef3_source_fini(&source);
 *     return status == MEF3_OK ? 0 : 1;
 * }
 * ```
 *
 * It prints:
 *
 * ```text
 * night
 *   gappy-000000.segd/
 * ``` */
#ifndef MEF3_SOURCE_H
#define MEF3_SOURCE_H

#include <stdbool.h>

#include <mef3/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Called for each name in a folder; a non-zero answer ends the listing, and the
 * listing then returns that answer. */
typedef int mef3_name_fn(void *arg, const char *name, bool is_folder);

/* What a source does. Failures are statuses of mef3/status.h. */
struct mef3_source_ops {
    /* Names in a folder, in any order, without "." and "..". */
    int (*list)(void *self, const char *folder, mef3_name_fn *each, void *arg);
    /* Open a file and say how long it is now. */
    int (*open)(void *self, const char *path, void **file_out, uint64_t *bytes_out);
    /* Read up to n bytes at `offset`; fewer only at the end of the file. */
    int (*read)(void *self, void *file, uint64_t offset, void *bytes_out, size_t n, size_t *n_out);
    /* How long an open file is now (a recording may be growing). */
    int (*length)(void *self, void *file, uint64_t *bytes_out);
    void (*close)(void *self, void *file);
    /* Frees `self`. */
    void (*free)(void *self);
};

/* A source: what it does, and what it does that with. */
struct mef3_source {
    const struct mef3_source_ops *ops;
    void *self;
    char name[256]; /* the session's name: its folder's, without ".mefd" */
};

/* A folder on disk. `path` must name a folder that ends in ".mefd" (a slash may
 * follow). `confine` (may be NULL) is an absolute path without symbolic links:
 * a file whose real place, links followed, is not beneath it is refused with
 * MEF3_EACCES.
 * MEF3_ENOENT, MEF3_EACCES, MEF3_EFORMAT (not a folder, or another suffix). */
MEF3_API MEF3_MUST int mef3_source_folder(const char *path, const char *confine,
                                          struct mef3_source *source_out, struct mef3_error *error);

/* A session in one uncompressed tar file, read where it lies: nothing is unpacked. `path` ends in
 * ".mefd.tar"; `confine` as above. Its headers are walked once, here;
 * of a member its path and its place are kept: less than twice the archive's length where that is
 * all headers, and next to nothing where it holds samples.
 *
 * The session's folder is the one in the archive whose name ends in ".mefd"; else the only one at
 * its top, unless that is a channel; else the archive's top itself. What lies beside the folder is
 * left out. A path that is there twice means the later member, as it does for those who unpack.
 *
 * Only plain files and folders are read. Refused, with the archive's name, the header's offset and
 * the reason: names that lead out of the archive, links, devices, sparse files, two sessions,
 * something that is both file and folder (MEF3_EFORMAT, MEF3_EUNSUPPORTED); a compressed file
 * (MEF3_EUNSUPPORTED); an archive without its end, that is still being copied (MEF3_ETRUNCATED);
 * a damaged header (MEF3_ECRC); more members than MEF3_MAX_TAR_MEMBERS, or a path of 2048 bytes or
 * more (MEF3_ELIMIT). MEF3_ENOENT, MEF3_EACCES, MEF3_ENOMEM as well.
 *
 * When the file is written to afterwards, opening a file of the session is refused with
 * MEF3_ECHANGED: its members may be elsewhere by now. */
#define MEF3_MAX_TAR_MEMBERS 4000000
MEF3_API MEF3_MUST int mef3_source_tar(const char *path, const char *confine,
                                       struct mef3_source *source_out, struct mef3_error *error);

/* mef3_source_tar for a path that ends in ".mefd.tar", else mef3_source_folder. */
MEF3_API MEF3_MUST int mef3_source_path(const char *path, const char *confine,
                                        struct mef3_source *source_out, struct mef3_error *error);

/* A session in memory. Copies nothing: the bytes must outlive the source. */
struct mef3_memory_file {
    const char *path; /* e.g. "Cz.timd/Cz-000000.segd/Cz-000000.tmet" */
    const uint8_t *bytes;
    size_t n;
};
MEF3_API MEF3_MUST int mef3_source_memory(const char *name, const struct mef3_memory_file *files,
                                          size_t n_files, struct mef3_source *source_out);

/* Free what a source holds. For a source that no session has taken over.
 * A zeroed source is allowed. */
MEF3_API void mef3_source_fini(struct mef3_source *source);

#ifdef __cplusplus
}
#endif
#endif
