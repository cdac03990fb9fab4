/* recording.c - recordings in memory: made for a test, then spoilt. */
#include "recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "layout.h"

static void *checked(void *memory)
{
    if (!memory) {
        perror("recording");
        exit(1);
    }
    return memory;
}

static struct recording_file *add_file(struct recording *recording, const char *path, size_t n)
{
    size_t n_files = recording->n_files + 1;

    recording->files = checked(realloc(recording->files, n_files * sizeof *recording->files));
    recording->n_files = n_files;
    struct recording_file *file = &recording->files[n_files - 1];
    *file = (struct recording_file){.path = checked(strdup(path))};
    recording_resize(file, n);
    return file;
}

static void put_header(uint8_t *bytes, const char *type, const struct recording_block *blocks,
                       size_t n, double rate_hz)
{
    int64_t start = n > 0 ? INT64_MAX : 0, end = n > 0 ? INT64_MIN : 0;

    memcpy(bytes + UH_TYPE, type, strlen(type));
    bytes[UH_VERSION_MAJOR] = 3;
    bytes[UH_BYTE_ORDER] = 1;
    for (size_t i = 0; i < n; i++) {
        int64_t block_end = mef3_index_to_time(blocks[i].n_samples, blocks[i].start_uutc, rate_hz);
        start = blocks[i].start_uutc < start ? blocks[i].start_uutc : start;
        end = block_end > end ? block_end : end;
    }
    le_put_i64(bytes + UH_START_TIME, start);
    le_put_i64(bytes + UH_END_TIME, end);
}

static void put_metadata(uint8_t *bytes, const struct recording_block *blocks, size_t n,
                         double rate_hz)
{
    uint8_t *section = bytes + META_SECTION_2;
    uint32_t most = 0;
    int64_t n_samples = 0;

    for (size_t i = 0; i < n; i++) {
        n_samples += blocks[i].n_samples;
        if (blocks[i].n_samples > most)
            most = blocks[i].n_samples;
    }
    le_put_f64(section + S2_RATE, rate_hz);
    le_put_f64(section + S2_UNITS_FACTOR, 1);
    le_put_i64(section + S2_N_SAMPLES, n_samples);
    le_put_i64(section + S2_N_BLOCKS, (int64_t)n);
    le_put_u32(section + S2_MAX_BLOCK_SAMPLES, most);
    memcpy(section + S2_UNITS, "uV", 2);
    memcpy(bytes + META_SECTION_3 + S3_SUBJECT_ID, "somebody", 8);
    le_put_i32(bytes + META_SECTION_3 + S3_GMT_OFFSET, 3600);
}

/* Append a block to the .tdat and write its entry in the .tidx. */
static void put_block(struct recording_file *data, uint8_t *entry,
                      const struct recording_block *block)
{
    struct mef3_red_params params = {.start_time = block->start_uutc};
    size_t room = mef3_red_bound(block->n_samples), bytes, at = data->n;
    int32_t *samples = checked(calloc(block->n_samples, sizeof *samples));
    uint8_t *work = checked(malloc(5 * (size_t)block->n_samples + 8));

    for (uint32_t i = 0; i < block->n_samples; i++)
        samples[i] = block->value + (int32_t)i;
    recording_resize(data, at + room);
    if (mef3_red_encode(samples, block->n_samples, &params, work, data->bytes + at, room, &bytes))
        checked(NULL);
    recording_resize(data, at + bytes);
    le_put_i64(entry + INDEX_FILE_OFFSET, (int64_t)at);
    le_put_i64(entry + INDEX_START_TIME, block->start_uutc);
    le_put_u32(entry + INDEX_N_SAMPLES, block->n_samples);
    le_put_u32(entry + INDEX_BLOCK_BYTES, (uint32_t)bytes);
    free(samples);
    free(work);
}

void recording_add_segment(struct recording *recording, int32_t number, double rate_hz,
                           const struct recording_block *blocks, size_t n)
{
    static const char *const type[] = {"tmet", "tidx", "tdat"};
    size_t bytes[] = {META_BYTES, UH_BYTES + n * INDEX_BYTES, UH_BYTES};
    size_t first = recording->n_files;
    char path[64];

    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "c.timd/c-%06d.segd/c-%06d.%s", number, number, type[i]);
        put_header(add_file(recording, path, bytes[i])->bytes, type[i], blocks, n, rate_hz);
    }
    struct recording_file *files = recording->files + first;
    put_metadata(files[0].bytes, blocks, n, rate_hz);
    for (size_t i = 0; i < n; i++)
        put_block(&files[2], files[1].bytes + UH_BYTES + i * INDEX_BYTES, &blocks[i]);
    for (size_t i = 0; i < 3; i++)
        recording_mend(&files[i]);
}

struct recording_file *recording_file(const struct recording *recording, const char *path)
{
    for (size_t i = 0; i < recording->n_files; i++)
        if (strcmp(recording->files[i].path, path) == 0)
            return &recording->files[i];
    fprintf(stderr, "recording: no %s\n", path);
    exit(1);
}

void recording_resize(struct recording_file *file, size_t n)
{
    uint8_t *bytes = checked(calloc(n ? n : 1, 1));

    if (file->n > 0)
        memcpy(bytes, file->bytes, n < file->n ? n : file->n);
    free(file->bytes);
    file->bytes = bytes;
    file->n = n;
}

static void mend_blocks(struct recording_file *file)
{
    size_t at = UH_BYTES;

    while (at + RED_PAYLOAD <= file->n) {
        uint32_t bytes = le_u32(file->bytes + at + RED_BLOCK_BYTES);
        if (bytes < RED_PAYLOAD || bytes > file->n - at)
            return;
        le_put_u32(file->bytes + at,
                   mef3_crc32(MEF3_CRC_START, file->bytes + at + RED_FLAGS, bytes - RED_FLAGS));
        at += bytes;
    }
}

void recording_mend(struct recording_file *file)
{
    size_t n = strlen(file->path);

    if (file->n < UH_BYTES)
        return;
    if (n > 5 && strcmp(file->path + n - 5, ".tdat") == 0)
        mend_blocks(file);
    le_put_u32(file->bytes + UH_BODY_CRC,
               mef3_crc32(MEF3_CRC_START, file->bytes + UH_BYTES, file->n - UH_BYTES));
    le_put_u32(file->bytes + UH_HEADER_CRC,
               mef3_crc32(MEF3_CRC_START, file->bytes + UH_BODY_CRC, UH_BYTES - UH_BODY_CRC));
}

int recording_open(const struct recording *recording, const char *password,
                   struct mef3_session **session_out, struct mef3_error *error)
{
    struct mef3_memory_file *files = checked(calloc(recording->n_files + 1, sizeof *files));
    struct mef3_source source;

    for (size_t i = 0; i < recording->n_files; i++)
        files[i] = (struct mef3_memory_file){recording->files[i].path, recording->files[i].bytes,
                                             recording->files[i].n};
    int status = mef3_source_memory("test", files, recording->n_files, &source);
    free(files);
    return status == MEF3_OK ? mef3_session_open(&source, password, session_out, error) : status;
}

void recording_fini(struct recording *recording)
{
    for (size_t i = 0; i < recording->n_files; i++) {
        free(recording->files[i].path);
        free(recording->files[i].bytes);
    }
    free(recording->files);
    memset(recording, 0, sizeof *recording);
}
