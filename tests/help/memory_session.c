/* memory_session.c - a golden session in memory, to be damaged at will. */
#include "help/memory_session.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "help/test.h"
#include "layout.h"

/* nftw has no argument of its own to hand on. */
static struct memory_session *loading;
static size_t n_root;

static uint8_t *copy(const void *bytes, size_t n)
{
    uint8_t *to = malloc(n + 1);

    assert_non_null(to);
    if (n > 0)
        memcpy(to, bytes, n);
    return to;
}

void memory_add(struct memory_session *m, const char *path, const void *bytes, size_t n)
{
    assert_true(m->n < MEMORY_FILES);
    char *name = strdup(path);
    assert_non_null(name);
    m->files[m->n++] = (struct mef3_memory_file){.path = name, .bytes = copy(bytes, n), .n = n};
}

static int load_file(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    size_t n = (size_t)st->st_size;

    (void)walk;
    if (type != FTW_F)
        return 0;
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(n + 1);
    assert_non_null(file);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, n, file), n);
    fclose(file);
    memory_add(loading, path + n_root, bytes, n);
    free(bytes);
    return 0;
}

void memory_load(struct memory_session *m, const char *name)
{
    char path[1024];

    m->n = 0;
    loading = m;
    n_root = (size_t)snprintf(path, sizeof path, "%s/%s.mefd/", GOLDEN, name);
    assert_int_equal(nftw(path, load_file, 8, FTW_PHYS), 0);
    assert_true(m->n > 0);
}

static void free_file(struct mef3_memory_file *file)
{
    free((void *)(uintptr_t)file->path);
    free((void *)(uintptr_t)file->bytes);
}

void memory_free(struct memory_session *m)
{
    while (m->n > 0)
        free_file(&m->files[--m->n]);
}

struct mef3_memory_file *memory_file(struct memory_session *m, const char *end)
{
    for (size_t i = 0; i < m->n; i++) {
        size_t n = strlen(m->files[i].path);
        if (n >= strlen(end) && strcmp(m->files[i].path + n - strlen(end), end) == 0)
            return &m->files[i];
    }
    fail_msg("no file %s", end);
    return NULL;
}

uint8_t *memory_bytes(struct memory_session *m, const char *end)
{
    return (uint8_t *)(uintptr_t)memory_file(m, end)->bytes;
}

void memory_resize(struct memory_session *m, const char *end, size_t n)
{
    struct mef3_memory_file *file = memory_file(m, end);
    uint8_t *bytes = realloc((void *)(uintptr_t)file->bytes, n + 1);

    assert_non_null(bytes);
    if (n > file->n)
        memset(bytes + file->n, 0, n - file->n);
    file->bytes = bytes;
    file->n = n;
}

void memory_remove(struct memory_session *m, const char *end)
{
    struct mef3_memory_file *file = memory_file(m, end);

    free_file(file);
    *file = m->files[--m->n];
}

void memory_seal(struct memory_session *m, const char *end)
{
    const struct mef3_memory_file *file = memory_file(m, end);
    uint8_t *bytes = memory_bytes(m, end);

    le_put_u32(bytes + UH_BODY_CRC,
               mef3_crc32(MEF3_CRC_START, bytes + UH_BYTES, file->n - UH_BYTES));
    le_put_u32(bytes + UH_HEADER_CRC,
               mef3_crc32(MEF3_CRC_START, bytes + UH_BODY_CRC, UH_BYTES - UH_BODY_CRC));
}

uint8_t *memory_entry(struct memory_session *m, size_t k)
{
    return memory_bytes(m, ".tidx") + UH_BYTES + k * INDEX_BYTES;
}

uint8_t *memory_block(struct memory_session *m, size_t k)
{
    return memory_bytes(m, ".tdat") + le_u64(memory_entry(m, k) + INDEX_FILE_OFFSET);
}

void memory_seal_block(struct memory_session *m, size_t k)
{
    uint8_t *block = memory_block(m, k);
    uint32_t n = le_u32(block + RED_BLOCK_BYTES);

    le_put_u32(block + RED_CRC, mef3_crc32(MEF3_CRC_START, block + 4, n - 4));
}

void memory_move_block(struct memory_session *m, size_t k, int64_t uutc)
{
    le_put_i64(memory_entry(m, k) + INDEX_START_TIME, uutc);
    le_put_i64(memory_block(m, k) + RED_START_TIME, uutc);
    memory_seal_block(m, k);
}

struct mef3_session *memory_open(struct memory_session *m, const char *password)
{
    struct mef3_source source;
    struct mef3_session *session;
    struct mef3_error error;
    char text[1024];

    assert_int_equal(mef3_source_memory("test", m->files, m->n, &source), MEF3_OK);
    if (mef3_session_open(&source, password, &session, &error) != MEF3_OK)
        fail_msg("%s", mef3_error_text(&error, text, sizeof text));
    return session;
}
