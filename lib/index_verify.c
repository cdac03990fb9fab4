/* index_verify.c - an index whose checksum is wrong, held against the blocks themselves.
 *
 * Nothing else guards an entry's time and length: a wrong one would move its
 * samples, and leave a gap where they were. A block carries both too, under a
 * checksum of its own. Reading all blocks would be slow, and is not needed:
 * where entries continue one another, they are right or their blocks disagree in
 * place. So only blocks at the two sides of a break are looked at. */
#include "index.h"

#include <stdlib.h>

#include "red_internal.h"
#include "universal_header.h"

/* More than this is not read of one segment's data: then the index is believed. */
static const uint64_t MOST_BYTES = (uint64_t)64 << 20;

static bool continues(const struct index_block *block, const struct index_block *next,
                      double rate_hz)
{
    int64_t end = mef3_index_to_time(block->n_samples, block->start_uutc, rate_hz);
    int64_t away = mef3_time_difference(next->start_uutc, end);

    return !block->is_faulty && !next->is_faulty && away >= -MEF3_RUN_TOLERANCE_US &&
           away <= MEF3_RUN_TOLERANCE_US;
}

/* Believe a block that is whole rather than its entry; but not when it is at
 * another time than an entry that has a neighbour on its side: then the entry's
 * offset is what is wrong, and leads to another block. */
static int verify(const struct source_file *data, int64_t time_offset, bool is_alone,
                  struct index_block *block)
{
    struct mef3_red_header header;
    uint8_t *bytes = malloc(block->block_bytes);

    if (!bytes)
        return MEF3_ENOMEM;
    if (source_file_read(data, block->file_offset, bytes, block->block_bytes, NULL) == MEF3_OK &&
        mef3_red_parse(bytes, block->block_bytes, &header, NULL) == MEF3_OK &&
        header.block_bytes == block->block_bytes && header.n_samples > 0 &&
        red_check_crc(bytes, &header, NULL) == MEF3_OK) {
        int64_t start = stored_time_to_uutc(header.start_time, time_offset);
        if (start == block->start_uutc || (is_alone && start != MEF3_NO_TIME)) {
            block->start_uutc = start;
            block->n_samples = header.n_samples;
        }
    }
    free(bytes);
    return MEF3_OK;
}

int index_verify(const struct source_file *data, const struct segment *segment,
                 struct index_block *blocks, size_t n)
{
    double rate_hz = segment->info.rate_hz;
    uint64_t bytes_read = 0;
    int status = MEF3_OK;
    bool is_broken = true; /* before this block; the first and the last have a break beside them */

    for (size_t k = 0; k < n && status == MEF3_OK; k++) {
        struct index_block *block = &blocks[k];
        bool is_broken_after = k + 1 == n || !continues(block, &blocks[k + 1], rate_hz);
        if ((is_broken || is_broken_after) && !block->is_faulty &&
            block->file_offset < data->bytes &&
            block->block_bytes <= data->bytes - block->file_offset) {
            bytes_read += block->block_bytes;
            if (bytes_read > MOST_BYTES)
                break;
            status = verify(data, segment->time_offset, is_broken && is_broken_after, block);
        }
        is_broken = is_broken_after;
    }
    return status;
}
