/* index.c - a segment's index: entries of the .tidx, checked for sense, as blocks. */
#include "index.h"

#include <stdio.h>
#include <stdlib.h>

#include "bytes.h"
#include "layout.h"
#include "runs.h"
#include "universal_header.h"

/* Entries are read this many at a time. */
enum { CHUNK_ENTRIES = 1024 };

static int bad_entry(struct mef3_error *error, const char *path, int64_t at, const char *field,
                     const char *expected, long long value)
{
    char found[32];

    if (!error)
        return MEF3_EDAMAGED;
    snprintf(found, sizeof found, "%lld", value);
    return mef3_error_set(error, MEF3_EDAMAGED, path, at, field, expected, found);
}

/* The start sample is not looked at: where a sample stands follows from the times. */
int index_check_entry(const uint8_t *entry, int64_t time_offset, const char *path, int64_t at,
                      struct mef3_error *error)
{
    int64_t offset = le_i64(entry + INDEX_FILE_OFFSET);
    int64_t time = le_i64(entry + INDEX_START_TIME);
    uint32_t n_samples = le_u32(entry + INDEX_N_SAMPLES);
    uint32_t bytes = le_u32(entry + INDEX_BLOCK_BYTES);

    if (offset < UH_BYTES || offset > INT64_MAX - MEF3_RED_MAX_BYTES)
        return bad_entry(error, path, at + INDEX_FILE_OFFSET, "index entry's file offset",
                         "1024 or more", offset);
    if (stored_time_to_uutc(time, time_offset) == MEF3_NO_TIME)
        return bad_entry(error, path, at + INDEX_START_TIME, "index entry's start time", "a time",
                         time);
    if (n_samples == 0 || n_samples > MEF3_RED_MAX_SAMPLES)
        return bad_entry(error, path, at + INDEX_N_SAMPLES, "index entry's number of samples",
                         "1 to 33554432", n_samples);
    if (bytes < MEF3_RED_HEADER_BYTES || bytes > MEF3_RED_MAX_BYTES)
        return bad_entry(error, path, at + INDEX_BLOCK_BYTES, "index entry's block bytes",
                         "304 to 268435456", bytes);
    return MEF3_OK;
}

struct index_block index_block_of(const uint8_t *entry, int64_t time_offset)
{
    uint32_t bytes = le_u32(entry + INDEX_BLOCK_BYTES);

    return (struct index_block){
        .file_offset = le_u64(entry + INDEX_FILE_OFFSET),
        .start_uutc = stored_time_to_uutc(le_i64(entry + INDEX_START_TIME), time_offset),
        .n_samples = le_u32(entry + INDEX_N_SAMPLES),
        .block_bytes = (bytes <= MEF3_RED_MAX_BYTES ? bytes : 0) & 0x1FFFFFFFu,
        .discontinuity = (entry[INDEX_FLAGS] & 1) != 0,
        .is_faulty = index_check_entry(entry, time_offset, NULL, 0, NULL) != MEF3_OK,
    };
}

/* The CRC of the entries may be begun as the format says, or at 0 as some writers
 * do; an index with another is doubtful: damaged, or growing. */
static int read_entries(const struct source_file *file, int64_t time_offset, uint32_t body_crc,
                        size_t n, struct index_block *blocks_out, bool *is_doubtful_out,
                        struct mef3_error *error)
{
    uint32_t crc = MEF3_CRC_START;
    uint32_t crc_from_0 = 0;
    uint8_t *chunk = malloc((size_t)CHUNK_ENTRIES * INDEX_BYTES);
    int status =
        chunk ? MEF3_OK : mef3_error_set(error, MEF3_ENOMEM, file->path, -1, NULL, NULL, NULL);

    for (size_t k = 0; status == MEF3_OK && k < n;) {
        size_t some = n - k < CHUNK_ENTRIES ? n - k : CHUNK_ENTRIES;
        status = source_file_read(file, UH_BYTES + (uint64_t)k * INDEX_BYTES, chunk,
                                  some * INDEX_BYTES, error);
        if (status != MEF3_OK)
            break;
        crc = mef3_crc32(crc, chunk, some * INDEX_BYTES);
        crc_from_0 = mef3_crc32(crc_from_0, chunk, some * INDEX_BYTES);
        for (size_t i = 0; i < some; i++)
            blocks_out[k + i] = index_block_of(chunk + i * INDEX_BYTES, time_offset);
        k += some;
    }
    free(chunk);
    *is_doubtful_out = crc != body_crc && crc_from_0 != body_crc;
    return status;
}

/* Without the blocks at the end that the data do not have yet: a recording is
 * being written. Blocks that the metadata promise stay; they are missing. */
static size_t without_unwritten(const struct index_block *blocks, size_t n, size_t n_promised,
                                uint64_t bytes)
{
    while (n > n_promised && (blocks[n - 1].is_faulty || blocks[n - 1].block_bytes > bytes ||
                              blocks[n - 1].file_offset > bytes - blocks[n - 1].block_bytes))
        n--;
    return n;
}

/* `bytes`: of the file that the blocks are in. */
static void refuse_excess(struct index_block *blocks, size_t n, uint64_t bytes)
{
    uint64_t left = bytes > UINT64_MAX / INDEX_MOST_TIMES ? UINT64_MAX : INDEX_MOST_TIMES * bytes;

    for (size_t k = 0; k < n; k++) {
        struct index_block *block = &blocks[k];
        bool is_there = !block->is_faulty && block->block_bytes <= bytes &&
                        block->file_offset <= bytes - block->block_bytes;
        if (is_there && block->block_bytes > left)
            block->is_faulty = block->is_excess = true;
        else if (is_there)
            left -= block->block_bytes;
    }
}

/* From n entries, as they were read, to an index and its runs. */
static int finish(struct index_draft *draft, const struct mef3_source *source,
                  const struct segment *segment, size_t n, bool is_doubtful, struct index *index)
{
    const struct mef3_segment_info *info = &segment->info;
    bool is_short = info->n_blocks > (int64_t)n;
    size_t n_promised = is_short ? n : (size_t)info->n_blocks;
    struct source_file data = {0};

    int status = source_file_open(source, segment->stem, ".tdat", &data, NULL);
    /* Else what is wrong with the file comes out block by block. */
    if (status == MEF3_OK) {
        source_file_uuid(&data, index->data_uuid);
        n = without_unwritten(draft->blocks, n, n_promised, data.bytes);
        refuse_excess(draft->blocks, n, data.bytes);
        if (is_doubtful)
            status = index_verify(&data, segment, draft->blocks, n);
    }
    source_file_close(&data);
    if (status == MEF3_ENOMEM)
        return status;
    index_mend(draft, n, is_short, info);
    status = index_pack(draft, info->rate_hz, index);
    if (status != MEF3_OK)
        return status;
    return runs_build(draft->blocks, draft->n_blocks, info->rate_hz, &index->runs, &index->n_runs);
}

/* A writer changes the header in its place: one that was read half way through is read again. */
static int read_header(const struct source_file *file, struct universal_header *header_out,
                       struct mef3_error *error)
{
    enum { TRIES = 3 };
    uint8_t bytes[UH_BYTES];
    int status = MEF3_ECRC;

    for (int i = 0; i < TRIES && status == MEF3_ECRC; i++) {
        status = source_file_read(file, 0, bytes, sizeof bytes, error);
        if (status == MEF3_OK)
            status = universal_header_parse(bytes, "tidx", file->path, header_out, error);
    }
    return status;
}

static int load_file(const struct mef3_source *source, const struct segment *segment,
                     const struct source_file *file, struct index *index, struct mef3_error *error)
{
    struct universal_header header;
    char found[32];

    int status = read_header(file, &header, error);
    if (status != MEF3_OK)
        return status;
    /* A torn entry at the end is one that is being written. */
    uint64_t n = file->bytes < UH_BYTES ? 0 : (file->bytes - UH_BYTES) / INDEX_BYTES;
    if (n > INDEX_MAX_BLOCKS) {
        snprintf(found, sizeof found, "%llu", (unsigned long long)n);
        return mef3_error_set(error, MEF3_ELIMIT, file->path, -1, "number of index entries",
                              "at most 8388608", found);
    }
    struct index_draft draft = {.blocks = malloc(((size_t)n + 1) * sizeof *draft.blocks)};
    if (!draft.blocks)
        return MEF3_ENOMEM;
    bool is_doubtful;
    status = read_entries(file, segment->time_offset, header.body_crc, (size_t)n, draft.blocks,
                          &is_doubtful, error);
    if (status == MEF3_OK)
        status = finish(&draft, source, segment, (size_t)n, is_doubtful, index);
    free(draft.blocks);
    return status;
}

/* The metadata that are known, and the index that is read now, must be one recording's. */
static int check_metadata(const struct mef3_source *source, const struct segment *segment,
                          struct mef3_error *error)
{
    struct source_file file = {0};

    if (source_file_open(source, segment->stem, ".tmet", &file, NULL) != MEF3_OK)
        return MEF3_OK;
    int status = source_file_check(&file, segment->uuid, error);
    source_file_close(&file);
    return status;
}

int index_load(const struct mef3_source *source, const struct segment *segment,
               struct index **index_out, struct mef3_error *error)
{
    struct source_file file = {0};
    struct index *index = calloc(1, sizeof *index);

    if (!index)
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    int status = source_file_open(source, segment->stem, ".tidx", &file, error);
    bool is_empty = segment->info.n_blocks == 0 && segment->info.n_samples == 0;
    if (status == MEF3_ENOENT && is_empty)
        status = MEF3_OK;
    else if (status == MEF3_OK)
        status = load_file(source, segment, &file, index, error);
    source_file_close(&file);
    if (status == MEF3_OK)
        status = check_metadata(source, segment, error);
    if (status == MEF3_ENOMEM)
        mef3_error_set(error, status, file.path, -1, NULL, NULL, NULL);
    if (status != MEF3_OK) {
        index_free(index);
        return status;
    }
    *index_out = index;
    return MEF3_OK;
}

/* Entry k, where it makes sense and its block is all there. */
static bool read_whole(const struct source_file *index, const struct source_file *data,
                       int64_t time_offset, uint64_t k, struct index_block *block_out)
{
    uint8_t entry[INDEX_BYTES];

    if (source_file_read(index, UH_BYTES + k * INDEX_BYTES, entry, sizeof entry, NULL) != MEF3_OK)
        return false;
    *block_out = index_block_of(entry, time_offset);
    return without_unwritten(block_out, 1, 0, data->bytes) == 1;
}

void index_span(const struct mef3_source *source, const struct segment *segment,
                int64_t *start_inout, int64_t *end_inout)
{
    enum { MOST_UNWRITTEN = 64 };
    struct source_file index = {0}, data = {0};
    struct index_block block;
    uint64_t n_known = segment->info.n_blocks > 0 ? (uint64_t)segment->info.n_blocks : 0;

    if (source_file_open(source, segment->stem, ".tidx", &index, NULL) != MEF3_OK)
        return;
    uint64_t n = index.bytes < UH_BYTES ? 0 : (index.bytes - UH_BYTES) / INDEX_BYTES;
    if (n > n_known && source_file_open(source, segment->stem, ".tdat", &data, NULL) == MEF3_OK) {
        uint64_t least = n - n_known < MOST_UNWRITTEN ? n_known : n - MOST_UNWRITTEN;
        uint64_t last = n;
        while (last > least && !read_whole(&index, &data, segment->time_offset, last - 1, &block))
            last--;
        if (last > least) {
            int64_t end =
                mef3_index_to_time(block.n_samples, block.start_uutc, segment->info.rate_hz);
            *end_inout = *end_inout == MEF3_NO_TIME || end > *end_inout ? end : *end_inout;
        }
        if (last > least && *start_inout == MEF3_NO_TIME &&
            read_whole(&index, &data, segment->time_offset, 0, &block))
            *start_inout = block.start_uutc;
        source_file_close(&data);
    }
    source_file_close(&index);
}

void index_free(struct index *index)
{
    if (!index)
        return;
    index_unpack(index);
    free(index->runs);
    free(index);
}

static void say_excess(const struct segment *segment, uint64_t at, struct mef3_error *error)
{
    char path[SOURCE_PATH_MAX];

    snprintf(path, sizeof path, "%s.tidx", segment->stem);
    mef3_error_set(error, MEF3_EDAMAGED, path, (int64_t)at, "index entry",
                   "blocks that lie side by side", "the same bytes again and again");
}

void index_explain(const struct mef3_source *source, const struct segment *segment, size_t block,
                   bool is_excess, struct mef3_error *error)
{
    struct source_file file = {0};
    uint8_t entry[INDEX_BYTES];
    uint64_t at = UH_BYTES + (uint64_t)block * INDEX_BYTES;

    if (is_excess) {
        say_excess(segment, at, error);
        return;
    }
    if (source_file_open(source, segment->stem, ".tidx", &file, error) != MEF3_OK)
        return;
    if (source_file_read(&file, at, entry, sizeof entry, error) != MEF3_OK)
        snprintf(error->field, sizeof error->field, "index entry");
    else if (index_check_entry(entry, segment->time_offset, file.path, (int64_t)at, error) ==
             MEF3_OK)
        mef3_error_set(error, MEF3_ECHANGED, file.path, (int64_t)at, "index entry", NULL, NULL);
    source_file_close(&file);
}
