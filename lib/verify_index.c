/* verify_index.c - a .tidx: entry after entry, and what must follow from all of them. */
#include "verify.h"

#include <stdlib.h>

#include "bytes.h"
#include "index.h"

/* Entries are read this many at a time. */
enum { CHUNK_ENTRIES = 1024 };

struct index_crc {
    struct verify_crc whole;
    struct verify_crc counted; /* of the entries that the header counts */
};

static int check_entries(struct verify *v, struct verify_segment *s, struct index_crc *crc)
{
    struct verify_blocks *blocks = NULL;
    struct mef3_error error;
    uint8_t *chunk = malloc((size_t)CHUNK_ENTRIES * INDEX_BYTES);
    int status = chunk ? verify_blocks_new(v, s, &blocks) : MEF3_ENOMEM;

    for (uint64_t k = 0; status == MEF3_OK && k < s->n_entries;) {
        size_t some = s->n_entries - k < CHUNK_ENTRIES ? (size_t)(s->n_entries - k) : CHUNK_ENTRIES;
        uint64_t at = UH_BYTES + k * INDEX_BYTES;
        if (source_file_read(&s->tidx, at, chunk, some * INDEX_BYTES, &error) != MEF3_OK) {
            s->has_index = false;
            verify_say_error(v, MEF3_FINDING_UNREADABLE_FILE, &error);
            break;
        }
        for (size_t i = 0; status == MEF3_OK && i < some; i++, k++) {
            const uint8_t *entry = chunk + i * INDEX_BYTES;
            verify_crc_take(&crc->whole, &s->tidx, UH_BYTES + k * INDEX_BYTES, entry, INDEX_BYTES);
            if ((int64_t)k + 1 == s->index_header.n_entries)
                crc->counted = crc->whole;
            status = verify_blocks_add(blocks, k, entry);
        }
    }
    if (status == MEF3_OK)
        status = verify_blocks_flush(blocks);
    verify_blocks_free(blocks);
    free(chunk);
    return status;
}

/* Entries that a header counts, against those that there are. */
static void check_count(struct verify *v, const char *path, int64_t n, int64_t counted)
{
    if (counted > n)
        verify_say_whole(v, MEF3_FINDING_HEADER_COUNT, path, UH_N_ENTRIES, "number of entries", n,
                         counted);
    else if (counted < n)
        verify_say_whole(v, MEF3_FINDING_GROWING, path, UH_N_ENTRIES, "number of entries", n,
                         counted);
}

static void check_time(struct verify *v, const struct verify_segment *s, const char *path, int at,
                       const char *field, int64_t stored, int64_t expected)
{
    int64_t found = stored_time_to_uutc(stored, s->segment->time_offset);
    int64_t off = mef3_time_difference(found, expected);

    if (expected != MEF3_NO_TIME &&
        (found == MEF3_NO_TIME || off < -MEF3_RUN_TOLERANCE_US || off > MEF3_RUN_TOLERANCE_US))
        verify_say_whole(v, MEF3_FINDING_HEADER_TIMES, path, at, field, expected, found);
}

/* The span in a header; where it counts less than there is, the end is an earlier one. */
static void check_span(struct verify *v, const struct verify_segment *s, const char *path,
                       const struct verify_header *header, const struct verify_sums *sums)
{
    if (!header->is_whole || sums->n_blocks == 0 || s->n_lost > 0 || s->rate_hz == 0)
        return;
    check_time(v, s, path, UH_START_TIME, "start time", header->start_time, sums->start_uutc);
    check_time(v, s, path, UH_END_TIME, "end time", header->end_time, sums->end_uutc);
}

/* Of a growing index the checksum may be that of the entries that the header counts, or of all
 * that are whole. */
static bool index_crc_is(const struct verify_segment *s, struct index_crc *crc)
{
    uint32_t stored = s->index_header.body_crc;

    if (verify_crc_is(&crc->whole, stored) ||
        (s->index_header.n_entries < (int64_t)s->n_entries && verify_crc_is(&crc->counted, stored)))
        return true;
    verify_crc_take_file(&crc->whole, &s->tidx, s->tidx.bytes);
    return verify_crc_is(&crc->whole, stored);
}

static void check_index_header(struct verify *v, const struct verify_segment *s,
                               struct index_crc *crc)
{
    const struct verify_header *header = &s->index_header;
    int64_t n = (int64_t)s->n_entries;

    if (!header->is_whole)
        return;
    check_count(v, s->tidx.path, n, header->n_entries);
    if (!index_crc_is(s, crc))
        verify_say_crc(v, MEF3_FINDING_BODY_CRC, s->tidx.path, UH_BODY_CRC, "body CRC",
                       header->body_crc, crc->whole.crc);
    if (header->max_entry_bytes != INDEX_BYTES)
        verify_say_whole(v, MEF3_FINDING_HEADER_LARGEST, s->tidx.path, UH_MAX_ENTRY_BYTES,
                         "largest entry", INDEX_BYTES, header->max_entry_bytes);
    if (header->n_entries == s->sums.n_blocks)
        check_span(v, s, s->tidx.path, header, &s->sums);
}

static void check_data_header(struct verify *v, struct verify_segment *s)
{
    const struct verify_header *header = &s->data_header;

    if (!header->is_whole)
        return;
    if (s->has_index)
        check_count(v, s->tdat.path, s->sums.n_blocks, header->n_entries);
    /* The reference software counts samples here, the format says bytes. */
    if (s->has_index && s->n_lost == 0 && header->n_entries == s->sums.n_blocks &&
        header->max_entry_bytes != s->sums.max_block_samples &&
        header->max_entry_bytes != s->sums.max_block_bytes)
        verify_say_whole(v, MEF3_FINDING_HEADER_LARGEST, s->tdat.path, UH_MAX_ENTRY_BYTES,
                         "largest entry", s->sums.max_block_samples, header->max_entry_bytes);
    if (s->has_index && header->n_entries == s->sums.n_blocks)
        check_span(v, s, s->tdat.path, header, &s->sums);
    if (v->is_quick)
        return;
    bool is_counted = header->n_entries < s->sums.n_blocks &&
                      verify_crc_is(&s->data_crc_counted, header->body_crc);
    verify_crc_take_file(&s->data_crc, &s->tdat, s->tdat.bytes);
    if (!is_counted && !verify_crc_is(&s->data_crc, header->body_crc))
        verify_say_crc(v, MEF3_FINDING_STALE_CRC, s->tdat.path, UH_BODY_CRC, "body CRC",
                       header->body_crc, s->data_crc.crc);
}

static void check_ends(struct verify *v, const struct verify_segment *s)
{
    uint64_t rest = (s->tidx.bytes - UH_BYTES) % INDEX_BYTES;

    if (rest > 0)
        verify_say_whole(v, MEF3_FINDING_GROWING, s->tidx.path, (int64_t)(s->tidx.bytes - rest),
                         "index entry", INDEX_BYTES, (int64_t)rest);
    if (s->n_beyond > 0)
        verify_say_whole(v, MEF3_FINDING_GROWING, s->tidx.path,
                         (int64_t)(UH_BYTES + (s->n_entries - (uint64_t)s->n_beyond) * INDEX_BYTES),
                         "index entries whose blocks are not there", 0, s->n_beyond);
    if (s->has_tdat && s->has_index && s->tdat.bytes > s->data_end)
        verify_say_whole(v, MEF3_FINDING_UNCOVERED, s->tdat.path, (int64_t)s->data_end,
                         "end of the blocks", (int64_t)s->data_end, (int64_t)s->tdat.bytes);
}

int verify_index(struct verify *v, struct verify_segment *s)
{
    struct index_crc crc;
    int status = MEF3_OK;

    verify_crc_init(&crc.whole);
    crc.counted = crc.whole;
    verify_crc_init(&s->data_crc);
    s->data_crc_counted = s->data_crc;
    s->has_index = s->has_tidx ? s->index_header.is_whole
                               : s->has_facts && s->meta_blocks == 0 && s->meta_samples == 0;
    if (s->has_tidx && s->tidx.bytes >= UH_BYTES) {
        s->n_entries = (s->tidx.bytes - UH_BYTES) / INDEX_BYTES;
        if (s->n_entries > INDEX_MAX_BLOCKS) {
            verify_say_whole(v, MEF3_FINDING_UNREADABLE_FILE, s->tidx.path, -1,
                             "number of index entries", INDEX_MAX_BLOCKS, (int64_t)s->n_entries);
            s->has_index = false;
            return MEF3_OK;
        }
        status = check_entries(v, s, &crc);
        v->block = -1;
        if (status != MEF3_OK)
            return status;
        check_ends(v, s);
        check_index_header(v, s, &crc);
    }
    if (s->has_tdat && s->tdat.bytes >= UH_BYTES)
        check_data_header(v, s);
    if (s->has_tmet && s->has_facts && s->meta_blocks <= s->sums.n_blocks)
        check_span(v, s, s->tmet.path, &s->metadata_header, &s->meta_sums);
    return status;
}
