/* writer_headers.c - universal headers and index entries: numbers to bytes. */
#include "writer.h"

#include <string.h>

#include <openssl/rand.h>
#include <openssl/sha.h>

#include "bytes.h"

int64_t writer_stored_time(const struct writer_channel *channel, int64_t uutc)
{
    if (uutc == MEF3_NO_TIME || !channel->negates_times)
        return uutc;
    return -(uutc - channel->time_offset);
}

/* A UUID: random, or (version 8) made from the names and `what`. */
static int make_uuid(const struct mef3_writer *writer, const struct writer_channel *channel,
                     const char *what, uint8_t uuid_out[UH_UUID_BYTES])
{
    uint8_t text[UH_NAME_BYTES + WRITER_NAME_BYTES + 16] = {0}, hash[SHA256_DIGEST_LENGTH];
    uint8_t *at = text;

    if (writer->reproducible) {
        memcpy(at, writer->name, strlen(writer->name));
        at += UH_NAME_BYTES;
        memcpy(at, channel->name, strlen(channel->name));
        at += WRITER_NAME_BYTES;
        memcpy(at, what, strlen(what));
        le_put_i32(text + sizeof text - 4, channel->segment);
        SHA256(text, sizeof text, hash);
        memcpy(uuid_out, hash, UH_UUID_BYTES);
    } else if (RAND_bytes(uuid_out, UH_UUID_BYTES) != 1) {
        return MEF3_EIO;
    }
    uuid_out[6] = (uint8_t)((uuid_out[6] & 0x0F) | (writer->reproducible ? 0x80 : 0x40));
    uuid_out[8] = (uint8_t)((uuid_out[8] & 0x3F) | 0x80);
    return MEF3_OK;
}

int writer_header_place(const struct mef3_writer *writer, const struct writer_channel *channel,
                        uint8_t header[UH_BYTES])
{
    memset(header + UH_CHANNEL_NAME, 0, UH_NAME_BYTES);
    memcpy(header + UH_CHANNEL_NAME, channel->name, strlen(channel->name));
    le_put_i32(header + UH_SEGMENT_NUMBER, channel->segment);
    return make_uuid(writer, channel, "segment", header + UH_LEVEL_UUID);
}

int writer_header_identify(const struct mef3_writer *writer, const struct writer_channel *channel,
                           const char *type, uint8_t header[UH_BYTES])
{
    memcpy(header + UH_TYPE, type, strlen(type) + 1);
    int status = make_uuid(writer, channel, type, header + UH_FILE_UUID);
    if (status == MEF3_OK)
        memcpy(header + UH_PROVENANCE_UUID, header + UH_FILE_UUID, UH_UUID_BYTES);
    return status;
}

void writer_header_count(const struct writer_channel *channel, uint8_t header[UH_BYTES])
{
    const struct writer_totals *totals = &channel->totals;
    bool is_metadata = memcmp(header + UH_TYPE, "tmet", 5) == 0;
    bool is_index = memcmp(header + UH_TYPE, "tidx", 5) == 0;

    le_put_i64(header + UH_START_TIME, writer_stored_time(channel, totals->start_uutc));
    le_put_i64(header + UH_END_TIME, writer_stored_time(channel, totals->end_uutc));
    le_put_i64(header + UH_N_ENTRIES, is_metadata ? 1 : totals->n_blocks);
    /* In bytes, but for data: there the reference software counts samples. */
    le_put_i64(header + UH_MAX_ENTRY_BYTES, is_metadata ? META_BYTES
                                            : is_index  ? INDEX_BYTES
                                                        : totals->max_block_samples);
}

void writer_header_seal(uint8_t header[UH_BYTES], uint32_t body_crc)
{
    le_put_u32(header + UH_BODY_CRC, body_crc);
    le_put_u32(header + UH_HEADER_CRC,
               mef3_crc32(MEF3_CRC_START, header + UH_BODY_CRC, UH_BYTES - UH_BODY_CRC));
}

void writer_index_entry(const struct writer_totals *totals, const struct mef3_red_header *block,
                        int32_t max, int32_t min, uint8_t entry_out[INDEX_BYTES])
{
    memset(entry_out, 0, INDEX_BYTES);
    le_put_i64(entry_out + INDEX_FILE_OFFSET, (int64_t)totals->data_bytes);
    le_put_i64(entry_out + INDEX_START_TIME, block->start_time);
    le_put_i64(entry_out + INDEX_START_SAMPLE, totals->n_samples);
    le_put_u32(entry_out + INDEX_N_SAMPLES, block->n_samples);
    le_put_u32(entry_out + INDEX_BLOCK_BYTES, block->block_bytes);
    le_put_i32(entry_out + INDEX_MAX, max);
    le_put_i32(entry_out + INDEX_MIN, min);
    entry_out[INDEX_FLAGS] = block->discontinuity ? RED_FLAG_DISCONTINUITY : 0;
}
