/* session_files.c - sessions on disk, in a folder of the test's own. */
#include "help/session_files.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <mef3/red.h>

#include "bytes.h"
#include "help/test.h"
#include "layout.h"

/* nftw has no argument of its own to hand on. */
static const char *copy_to;
static size_t n_from;

uint8_t *files_read(const char *path, size_t *n_out)
{
    struct stat facts;
    FILE *file = fopen(path, "rb");

    if (!file || fstat(fileno(file), &facts) != 0)
        fail_msg("%s: %s", path, strerror(errno));
    uint8_t *bytes = malloc((size_t)facts.st_size + 1);
    assert_non_null(bytes);
    *n_out = fread(bytes, 1, (size_t)facts.st_size, file);
    assert_int_equal(*n_out, facts.st_size);
    fclose(file);
    return bytes;
}

void files_write(const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");

    if (!file || (n > 0 && fwrite(bytes, 1, n, file) != n) || fclose(file) != 0)
        fail_msg("%s: %s", path, strerror(errno));
}

static int copy_one(const char *path, const struct stat *facts, int type, struct FTW *walk)
{
    char to[1024];
    size_t n;

    (void)facts;
    (void)walk;
    snprintf(to, sizeof to, "%s%s", copy_to, path + n_from);
    if (type == FTW_D) {
        assert_int_equal(mkdir(to, 0777), 0);
        return 0;
    }
    uint8_t *bytes = files_read(path, &n);
    files_write(to, bytes, n);
    free(bytes);
    return 0;
}

void files_copy(const char *from, const char *to)
{
    copy_to = to;
    n_from = strlen(from);
    assert_int_equal(nftw(from, copy_one, 8, FTW_PHYS), 0);
}

static int remove_one(const char *path, const struct stat *facts, int type, struct FTW *walk)
{
    (void)facts;
    (void)type;
    (void)walk;
    return remove(path);
}

void files_remove(const char *path)
{
    if (nftw(path, remove_one, 8, FTW_PHYS | FTW_DEPTH) != 0 && errno != ENOENT)
        fail_msg("%s: %s", path, strerror(errno));
}

static int check_one(const char *path, const struct stat *facts, int type, struct FTW *walk)
{
    size_t n;

    (void)facts;
    (void)walk;
    if (type != FTW_F)
        return 0;
    uint8_t *bytes = files_read(path, &n);
    const char *suffix = path + strlen(path) - 4;
    if (n < UH_BYTES || strcmp(suffix, (const char *)bytes + UH_TYPE) != 0)
        fail_msg("%s: is left over", path);
    if (le_u32(bytes + UH_HEADER_CRC) != mef3_crc32(MEF3_CRC_START, bytes + 4, UH_BYTES - 4))
        fail_msg("%s: header CRC", path);
    if (le_u32(bytes + UH_BODY_CRC) != mef3_crc32(MEF3_CRC_START, bytes + UH_BYTES, n - UH_BYTES))
        fail_msg("%s: body CRC", path);
    if (strcmp(suffix, "tidx") == 0 &&
        le_u64(bytes + UH_N_ENTRIES) * INDEX_BYTES != (uint64_t)n - UH_BYTES)
        fail_msg("%s: number of entries", path);
    if (strcmp(suffix, "tdat") == 0) {
        uint64_t n_blocks = 0;
        size_t at = UH_BYTES;
        for (; at < n; n_blocks++)
            at += le_u32(bytes + at + RED_BLOCK_BYTES);
        if (at != n || n_blocks != le_u64(bytes + UH_N_ENTRIES))
            fail_msg("%s: number of blocks", path);
    }
    free(bytes);
    return 0;
}

void files_check(const char *path)
{
    assert_int_equal(nftw(path, check_one, 8, FTW_PHYS), 0);
}
