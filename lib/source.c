/* source.c - what every reader does with a source: open a file, read all of a stretch. */
#include "source.h"

#include <stdio.h>
#include <string.h>

#include "layout.h"

int source_file_open(const struct mef3_source *source, const char *stem, const char *suffix,
                     struct source_file *file_out, struct mef3_error *error)
{
    uint64_t bytes;
    void *handle;

    int n = snprintf(file_out->path, sizeof file_out->path, "%s%s", stem, suffix);
    if (n < 0 || (size_t)n >= sizeof file_out->path)
        return mef3_error_set(error, MEF3_ELIMIT, stem, -1, "path", "a shorter one", NULL);
    int status = source->ops->open(source->self, file_out->path, &handle, &bytes);
    if (status == MEF3_EFORMAT)
        return mef3_error_set(error, status, file_out->path, -1, NULL, "a file", "something else");
    if (status != MEF3_OK)
        return mef3_error_set(error, status, file_out->path, -1, NULL, NULL, NULL);
    file_out->source = source;
    file_out->handle = handle;
    file_out->bytes = bytes;
    return MEF3_OK;
}

void source_file_close(struct source_file *file)
{
    if (file->source)
        file->source->ops->close(file->source->self, file->handle);
    file->source = NULL;
}

int source_file_read(const struct source_file *file, uint64_t offset, void *bytes_out, size_t n,
                     struct mef3_error *error)
{
    char expected[64];
    char found[64];
    size_t got;

    int status =
        file->source->ops->read(file->source->self, file->handle, offset, bytes_out, n, &got);
    if (status != MEF3_OK)
        return mef3_error_set(error, status, file->path, (int64_t)offset, NULL, NULL, NULL);
    if (got == n)
        return MEF3_OK;
    snprintf(expected, sizeof expected, "%zu bytes", n);
    snprintf(found, sizeof found, "%zu", got);
    return mef3_error_set(error, MEF3_ETRUNCATED, file->path, (int64_t)offset, NULL, expected,
                          found);
}

void mef3_source_fini(struct mef3_source *source)
{
    if (source->ops)
        source->ops->free(source->self);
    memset(source, 0, sizeof *source);
}

void source_file_uuid(const struct source_file *file, uint8_t uuid_out[UH_UUID_BYTES])
{
    uint8_t uuid[UH_UUID_BYTES];

    if (source_file_read(file, UH_LEVEL_UUID, uuid, sizeof uuid, NULL) == MEF3_OK)
        memcpy(uuid_out, uuid, sizeof uuid);
}

int source_file_check(const struct source_file *file, const uint8_t uuid[UH_UUID_BYTES],
                      struct mef3_error *error)
{
    uint8_t now[UH_UUID_BYTES];

    memcpy(now, uuid, sizeof now);
    source_file_uuid(file, now);
    return memcmp(now, uuid, sizeof now) == 0
               ? MEF3_OK
               : mef3_error_set(error, MEF3_ECHANGED, file->path, UH_LEVEL_UUID, NULL, NULL, NULL);
}
