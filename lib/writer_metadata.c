/* writer_metadata.c - a segment's metadata: what is said of session and channel, and counts. */
#include "writer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "crypt.h"
#include "metadata.h"

enum { VERSION_MAJOR = 3, VERSION_MINOR = 0, LITTLE_ENDIAN_FILE = 1 };

/* How a section that is not encrypted says so. */
enum { SECTION_2_PLAIN = -1, SECTION_3_PLAIN = -2 };

enum { SECONDS_A_DAY = 86400 };

/* A text for a field, which keeps a zero at its end. */
struct text {
    const char *field;
    const char *text; /* NULL: "" */
    size_t at;
    size_t room;
};

static int put_texts(const struct text *texts, size_t n, uint8_t *bytes, struct mef3_error *error)
{
    char expected[32];

    for (size_t i = 0; i < n; i++) {
        const struct text *t = &texts[i];
        size_t length = t->text ? strlen(t->text) : 0;
        if (length >= t->room) {
            snprintf(expected, sizeof expected, "at most %zu bytes", t->room - 1);
            return mef3_error_set(error, MEF3_EINVAL, NULL, -1, t->field, expected, "more");
        }
        memset(bytes + t->at, 0, t->room);
        if (length > 0)
            memcpy(bytes + t->at, t->text, length);
    }
    return MEF3_OK;
}

static int check_options(const struct mef3_writer_options *options, struct mef3_error *error)
{
    if (options->recording_time_offset < -TIME_LIMIT_UUTC ||
        options->recording_time_offset > TIME_LIMIT_UUTC)
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "recording time offset",
                              "within 2^60 microseconds of 1970", "another");
    if (options->gmt_offset_s != S3_NO_GMT_OFFSET &&
        (options->gmt_offset_s < -SECONDS_A_DAY || options->gmt_offset_s > SECONDS_A_DAY))
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "GMT offset",
                              "seconds up to a day, or -86401", "others");
    return MEF3_OK;
}

int writer_metadata_begin(struct mef3_writer *writer, const struct mef3_writer_options *options,
                          struct mef3_error *error)
{
    uint8_t *bytes = writer->metadata, *s3 = bytes + META_SECTION_3;
    const struct text texts[] = {
        {"session name", writer->name, UH_SESSION_NAME, UH_NAME_BYTES},
        {"anonymized name", options->anonymized_name, UH_ANONYMIZED_NAME, UH_NAME_BYTES},
        {"session description", options->session_description,
         META_SECTION_2 + S2_SESSION_DESCRIPTION, S2_DESCRIPTION_BYTES},
        {"subject name 1", options->subject_name_1, META_SECTION_3 + S3_SUBJECT_NAME_1,
         S3_SUBJECT_BYTES},
        {"subject name 2", options->subject_name_2, META_SECTION_3 + S3_SUBJECT_NAME_2,
         S3_SUBJECT_BYTES},
        {"subject ID", options->subject_id, META_SECTION_3 + S3_SUBJECT_ID, S3_SUBJECT_BYTES},
        {"recording location", options->recording_location, META_SECTION_3 + S3_LOCATION,
         S3_LOCATION_BYTES},
    };

    memset(bytes, 0, META_BYTES);
    int status = check_options(options, error);
    if (status == MEF3_OK)
        status = put_texts(texts, sizeof texts / sizeof texts[0], bytes, error);
    if (status != MEF3_OK)
        return status;
    if (mef3_keys_make(options->password_1, options->password_2, bytes + UH_LEVEL_1_FIELD,
                       bytes + UH_LEVEL_2_FIELD, &writer->keys) != MEF3_OK)
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "passwords",
                              "1 to 16 characters of UTF-8, level 1 first", "others");
    int level = writer->keys.level; /* section 3 is for the highest level there is */
    bytes[META_SECTION_2_LEVEL] = (uint8_t)(level ? 1 : SECTION_2_PLAIN);
    bytes[META_SECTION_3_LEVEL] = (uint8_t)(level ? level : SECTION_3_PLAIN);
    bytes[UH_VERSION_MAJOR] = VERSION_MAJOR;
    bytes[UH_VERSION_MINOR] = VERSION_MINOR;
    bytes[UH_BYTE_ORDER] = LITTLE_ENDIAN_FILE;
    le_put_i64(s3 + S3_TIME_OFFSET, options->recording_time_offset);
    le_put_i64(s3 + S3_DST_START, options->dst_start_uutc);
    le_put_i64(s3 + S3_DST_END, options->dst_end_uutc);
    le_put_i32(s3 + S3_GMT_OFFSET, options->gmt_offset_s);
    return MEF3_OK;
}

static int put_settings(const struct mef3_writer_channel *from, uint8_t *s2,
                        struct mef3_error *error)
{
    const struct {
        const char *field;
        int at;
        double value;
    } setting[] = {
        {"low filter", S2_LOW_FILTER, from->low_filter_hz},
        {"high filter", S2_HIGH_FILTER, from->high_filter_hz},
        {"notch filter", S2_NOTCH, from->notch_hz},
        {"line frequency", S2_LINE, from->line_hz},
    };

    for (size_t i = 0; i < sizeof setting / sizeof setting[0]; i++) {
        double value = setting[i].value;
        if (value != -1 && !(isfinite(value) && value >= 0))
            return mef3_error_set(error, MEF3_EINVAL, from->name, -1, setting[i].field,
                                  "0 Hz or more, or -1", "another number");
        le_put_f64(s2 + setting[i].at, value);
    }
    return MEF3_OK;
}

int writer_metadata_channel(const struct mef3_writer_channel *from, size_t number,
                            uint8_t metadata[META_BYTES], struct mef3_error *error)
{
    uint8_t *s2 = metadata + META_SECTION_2;
    const struct text texts[] = {
        {"units", from->units, S2_UNITS, S2_UNITS_BYTES},
        {"channel description", from->description, S2_CHANNEL_DESCRIPTION, S2_DESCRIPTION_BYTES},
        {"reference", from->reference, S2_REFERENCE_DESCRIPTION, S2_DESCRIPTION_BYTES},
    };
    bool is_numbered = from->acquisition_number != -1;

    int status = put_texts(texts, sizeof texts / sizeof texts[0], s2, error);
    if (status == MEF3_OK)
        status = put_settings(from, s2, error);
    if (status != MEF3_OK)
        return status;
    le_put_i64(s2 + S2_ACQUISITION_NUMBER,
               is_numbered ? from->acquisition_number : (int64_t)number + 1);
    le_put_f64(s2 + S2_RATE, from->rate_hz);
    le_put_f64(s2 + S2_UNITS_FACTOR, from->units_factor);
    le_put_i64(s2 + S2_BLOCK_INTERVAL, mef3_index_to_time(from->block_samples, 0, from->rate_hz));
    return MEF3_OK;
}

void writer_metadata_count(const struct writer_channel *channel, uint8_t metadata[META_BYTES])
{
    const struct writer_totals *totals = &channel->totals;
    uint8_t *s2 = metadata + META_SECTION_2;
    /* Counts that stand for infinities are counts here too, as in the index. */
    double a = totals->max * channel->units_factor, b = totals->min * channel->units_factor;
    bool is_empty = totals->n_samples == 0;

    writer_header_count(channel, metadata);
    le_put_i64(s2 + S2_DURATION, mef3_time_difference(totals->end_uutc, totals->start_uutc));
    /* A negative factor turns the two around. */
    le_put_f64(s2 + S2_MAX_VALUE, is_empty ? (double)NAN : fmax(a, b));
    le_put_f64(s2 + S2_MIN_VALUE, is_empty ? (double)NAN : fmin(a, b));
    le_put_i64(s2 + S2_START_SAMPLE, channel->samples_before);
    le_put_i64(s2 + S2_N_SAMPLES, totals->n_samples);
    le_put_i64(s2 + S2_N_BLOCKS, totals->n_blocks);
    le_put_i64(s2 + S2_MAX_BLOCK_BYTES, totals->max_block_bytes);
    le_put_u32(s2 + S2_MAX_BLOCK_SAMPLES, totals->max_block_samples);
    le_put_u32(s2 + S2_MAX_DIFFERENCE_BYTES, totals->max_difference_bytes);
    le_put_i64(s2 + S2_N_DISCONTINUITIES, totals->n_discontinuities);
    le_put_i64(s2 + S2_MAX_CONTIGUOUS_BLOCKS, totals->max_run_blocks);
    le_put_i64(s2 + S2_MAX_CONTIGUOUS_BYTES, totals->max_run_bytes);
    le_put_i64(s2 + S2_MAX_CONTIGUOUS_SAMPLES, totals->max_run_samples);
}

int writer_metadata_seal(const struct mef3_keys *keys, uint8_t metadata[META_BYTES])
{
    static const struct {
        int level_at, at, n;
    } section[] = {
        {META_SECTION_2_LEVEL, META_SECTION_2, META_SECTION_2_BYTES},
        {META_SECTION_3_LEVEL, META_SECTION_3, META_SECTION_3_BYTES},
    };

    for (size_t i = 0; i < sizeof section / sizeof section[0]; i++) {
        int level = (int8_t)metadata[section[i].level_at];
        if (level <= 0)
            continue;
        int status =
            crypt_encrypt(keys->key[level - 1], metadata + section[i].at, (size_t)section[i].n);
        if (status != MEF3_OK)
            return status;
    }
    writer_header_seal(metadata,
                       mef3_crc32(MEF3_CRC_START, metadata + UH_BYTES, META_BYTES - UH_BYTES));
    return MEF3_OK;
}

int writer_metadata_open(const struct mef3_keys *keys, const char *path,
                         uint8_t metadata[META_BYTES], struct mef3_error *error)
{
    struct universal_header header;
    struct metadata opened;
    char expected[32];

    int status = universal_header_parse(metadata, "tmet", path, &header, error);
    if (status == MEF3_OK)
        status = metadata_open(metadata, &header, keys, path, &opened, error);
    if (status != MEF3_OK)
        return status;
    if (!opened.section2 || !opened.section3) {
        int level = opened.section2_level > opened.section3_level ? opened.section2_level
                                                                  : opened.section3_level;
        snprintf(expected, sizeof expected, "a password of level %d", level);
        return mef3_error_set(error, MEF3_EPASSWORD, path, META_SECTION_2_LEVEL, NULL, expected,
                              keys->level ? "one of level 1" : "none, or a wrong one");
    }
    if (opened.time_offset < -TIME_LIMIT_UUTC || opened.time_offset > TIME_LIMIT_UUTC)
        return mef3_error_set(error, MEF3_EUNSUPPORTED, path, META_SECTION_3 + S3_TIME_OFFSET,
                              "recording time offset", "within 2^60 microseconds of 1970",
                              "another");
    return MEF3_OK;
}
