/* extremes.c - the greatest and least sample of blocks, as their index has them. */
#include <stdlib.h>

#include "bytes.h"
#include "index_cache.h"
#include "layout.h"

/* Entries are read this many at a time: as many as stay in the processor's cache. */
enum { CHUNK = 4096 };

static bool is_reserved(int32_t count)
{
    return count == MEF3_COUNT_NAN || count == MEF3_COUNT_NEG_INF || count == MEF3_COUNT_POS_INF;
}

/* What the entry says, where it can be true of samples that are numbers. */
static void take(const uint8_t *entry, int32_t *max_out, int32_t *min_out)
{
    int32_t max = le_i32(entry + INDEX_MAX), min = le_i32(entry + INDEX_MIN);
    bool is_known = max >= min && !is_reserved(max) && !is_reserved(min);

    *max_out = is_known ? max : INT32_MIN;
    *min_out = is_known ? min : INT32_MAX;
}

static int read_extremes(const struct source_file *file, const struct index *index, size_t first,
                         size_t n, int32_t *maxima, int32_t *minima, struct mef3_error *error)
{
    uint8_t *entries = malloc((size_t)CHUNK * INDEX_BYTES);
    int status =
        entries ? MEF3_OK : mef3_error_set(error, MEF3_ENOMEM, file->path, -1, NULL, NULL, NULL);

    for (size_t k = 0; status == MEF3_OK && k < n;) {
        size_t some = n - k < CHUNK ? n - k : CHUNK;
        status = source_file_read(file, UH_BYTES + (uint64_t)(first + k) * INDEX_BYTES, entries,
                                  some * INDEX_BYTES, error);
        for (size_t i = 0; status == MEF3_OK && i < some; i++, k++) {
            take(entries + i * INDEX_BYTES, &maxima[k], &minima[k]);
            if (index_is_faulty(index, first + k)) {
                maxima[k] = INT32_MIN;
                minima[k] = INT32_MAX;
            }
        }
    }
    free(entries);
    return status;
}

int mef3_segment_extremes(struct mef3_session *session, size_t channel, size_t number, size_t first,
                          size_t n, int32_t *maxima_out, int32_t *minima_out,
                          struct mef3_error *error)
{
    struct source_file file = {0};
    const struct index *index;
    struct segment *segment;

    int status = session_need_segment(session, channel, number, &segment, error);
    if (status == MEF3_OK)
        status = index_get(session, segment, &index, error);
    if (status != MEF3_OK)
        return status;
    if (first > index->n_blocks || n > index->n_blocks - first)
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "block", NULL, NULL);
    /* The last block may stand for what an index has lost: it has no entry. */
    if (n > 0)
        status = source_file_open(&session->source, segment->stem, ".tidx", &file, error);
    if (n > 0 && status == MEF3_OK) {
        uint64_t n_entries = file.bytes < UH_BYTES ? 0 : (file.bytes - UH_BYTES) / INDEX_BYTES;
        size_t there = first >= n_entries      ? 0
                       : n > n_entries - first ? (size_t)(n_entries - first)
                                               : n;
        status = read_extremes(&file, index, first, there, maxima_out, minima_out, error);
        for (size_t k = there; k < n; k++) {
            maxima_out[k] = INT32_MIN;
            minima_out[k] = INT32_MAX;
        }
    }
    source_file_close(&file);
    return status;
}
