/* writer_headers.c - universal headers, metadata and index entries: numbers to bytes. */
#include "writer.h"

#include <math.h>
#include <string.h>

#include <openssl/rand.h>
#include <openssl/sha.h>

#include "bytes.h"
#include "crypt.h"

enum { VERSION_MAJOR = 3, VERSION_MINOR = 0, LITTLE_ENDIAN_FILE = 1 };

/* How a section that is not encrypted says so. */
enum { SECTION_2_PLAIN = -1, SECTION_3_PLAIN = -2 };

/* A text into a zeroed field; its length was checked when it came in. */
static void put_text(uint8_t *at, const char *text)
{
    memcpy(at, text, strlen(text));
}

int writer_uuid(const struct mef3_writer *writer, const struct writer_channel *channel,
                const char *what, uint8_t uuid_out[UH_UUID_BYTES])
{
    uint8_t text[UH_NAME_BYTES + WRITER_NAME_BYTES + 16] = {0}, hash[SHA256_DIGEST_LENGTH];

    if (writer->reproducible) {
        put_text(text, writer->name);
        put_text(text + UH_NAME_BYTES, channel->name);
        put_text(text + UH_NAME_BYTES + WRITER_NAME_BYTES, what);
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

static void put_entries(const struct writer_totals *totals, const char *type, uint8_t *header)
{
    bool is_metadata = strcmp(type, "tmet") == 0;
    bool is_index = strcmp(type, "tidx") == 0;

    le_put_i64(header + UH_N_ENTRIES, is_metadata ? 1 : totals->n_blocks);
    /* In bytes, but for data: there the reference software counts samples. */
    le_put_i64(header + UH_MAX_ENTRY_BYTES, is_metadata ? META_BYTES
                                            : is_index  ? INDEX_BYTES
                                                        : totals->max_block_samples);
}

int writer_universal_header(const struct mef3_writer *writer, const struct writer_channel *channel,
                            const char *type, uint32_t body_crc, uint8_t header_out[UH_BYTES])
{
    const struct writer_totals *totals = &channel->totals;
    uint8_t *header = header_out;

    memset(header, 0, UH_BYTES);
    le_put_u32(header + UH_BODY_CRC, body_crc);
    put_text(header + UH_TYPE, type);
    header[UH_VERSION_MAJOR] = VERSION_MAJOR;
    header[UH_VERSION_MINOR] = VERSION_MINOR;
    header[UH_BYTE_ORDER] = LITTLE_ENDIAN_FILE;
    le_put_i64(header + UH_START_TIME, totals->start_uutc);
    le_put_i64(header + UH_END_TIME, totals->end_uutc);
    put_entries(totals, type, header);
    le_put_i32(header + UH_SEGMENT_NUMBER, channel->segment);
    put_text(header + UH_CHANNEL_NAME, channel->name);
    put_text(header + UH_SESSION_NAME, writer->name);
    memcpy(header + UH_LEVEL_UUID, channel->level_uuid, UH_UUID_BYTES);
    int status = writer_uuid(writer, channel, type, header + UH_FILE_UUID);
    if (status != MEF3_OK)
        return status;
    memcpy(header + UH_PROVENANCE_UUID, header + UH_FILE_UUID, UH_UUID_BYTES);
    memcpy(header + UH_LEVEL_1_FIELD, writer->level_1_field, sizeof writer->level_1_field);
    memcpy(header + UH_LEVEL_2_FIELD, writer->level_2_field, sizeof writer->level_2_field);
    le_put_u32(header + UH_HEADER_CRC,
               mef3_crc32(MEF3_CRC_START, header + UH_BODY_CRC, UH_BYTES - UH_BODY_CRC));
    return MEF3_OK;
}

static void put_section_2(const struct mef3_writer *writer, const struct writer_channel *channel,
                          uint8_t *s2)
{
    static const int no_filter[] = {S2_LOW_FILTER, S2_HIGH_FILTER, S2_NOTCH};
    const struct writer_totals *totals = &channel->totals;
    double a = totals->max * channel->units_factor, b = totals->min * channel->units_factor;
    bool is_empty = totals->n_samples == 0;

    put_text(s2 + S2_CHANNEL_DESCRIPTION, channel->description);
    put_text(s2 + S2_SESSION_DESCRIPTION, writer->description);
    le_put_i64(s2 + S2_DURATION, mef3_time_difference(totals->end_uutc, totals->start_uutc));
    le_put_i64(s2 + S2_ACQUISITION_NUMBER, (int64_t)channel->number + 1);
    le_put_f64(s2 + S2_RATE, channel->rate_hz);
    for (size_t i = 0; i < sizeof no_filter / sizeof no_filter[0]; i++)
        le_put_f64(s2 + no_filter[i], -1);
    le_put_f64(s2 + S2_LINE, channel->line_hz);
    le_put_f64(s2 + S2_UNITS_FACTOR, channel->units_factor);
    put_text(s2 + S2_UNITS, channel->units);
    /* A negative factor turns the two around. */
    le_put_f64(s2 + S2_MAX_VALUE, is_empty ? (double)NAN : fmax(a, b));
    le_put_f64(s2 + S2_MIN_VALUE, is_empty ? (double)NAN : fmin(a, b));
    le_put_i64(s2 + S2_START_SAMPLE, channel->samples_before);
    le_put_i64(s2 + S2_N_SAMPLES, totals->n_samples);
    le_put_i64(s2 + S2_N_BLOCKS, totals->n_blocks);
    le_put_i64(s2 + S2_MAX_BLOCK_BYTES, totals->max_block_bytes);
    le_put_u32(s2 + S2_MAX_BLOCK_SAMPLES, totals->max_block_samples);
    le_put_u32(s2 + S2_MAX_DIFFERENCE_BYTES, totals->max_difference_bytes);
    le_put_i64(s2 + S2_BLOCK_INTERVAL,
               mef3_index_to_time(channel->block_samples, 0, channel->rate_hz));
    le_put_i64(s2 + S2_N_DISCONTINUITIES, totals->n_discontinuities);
    le_put_i64(s2 + S2_MAX_CONTIGUOUS_BLOCKS, totals->max_run_blocks);
    le_put_i64(s2 + S2_MAX_CONTIGUOUS_BYTES, totals->max_run_bytes);
    le_put_i64(s2 + S2_MAX_CONTIGUOUS_SAMPLES, totals->max_run_samples);
}

static void put_section_3(const struct mef3_writer *writer, uint8_t *s3)
{
    le_put_i64(s3 + S3_TIME_OFFSET, 0);
    le_put_i64(s3 + S3_DST_START, 0);
    le_put_i64(s3 + S3_DST_END, 0);
    le_put_i32(s3 + S3_GMT_OFFSET, writer->gmt_offset_s);
    put_text(s3 + S3_SUBJECT_ID, writer->subject_id);
    put_text(s3 + S3_LOCATION, writer->location);
}

int writer_metadata(const struct mef3_writer *writer, const struct writer_channel *channel,
                    uint8_t file_out[META_BYTES])
{
    int level = writer->keys.level; /* section 3 is for the highest level there is */
    int status = MEF3_OK;

    memset(file_out, 0, META_BYTES);
    file_out[META_SECTION_2_LEVEL] = (uint8_t)(level ? 1 : SECTION_2_PLAIN);
    file_out[META_SECTION_3_LEVEL] = (uint8_t)(level ? level : SECTION_3_PLAIN);
    put_section_2(writer, channel, file_out + META_SECTION_2);
    put_section_3(writer, file_out + META_SECTION_3);
    if (level)
        status =
            crypt_encrypt(writer->keys.key[0], file_out + META_SECTION_2, META_SECTION_2_BYTES);
    if (level && status == MEF3_OK)
        status = crypt_encrypt(writer->keys.key[level - 1], file_out + META_SECTION_3,
                               META_SECTION_3_BYTES);
    if (status != MEF3_OK)
        return status;
    uint32_t crc = mef3_crc32(MEF3_CRC_START, file_out + UH_BYTES, META_BYTES - UH_BYTES);
    return writer_universal_header(writer, channel, "tmet", crc, file_out);
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
