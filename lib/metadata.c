/* metadata.c - a .tmet file: which sections can be read, and the fields that reading needs. */
#include "metadata.h"

#include <math.h>
#include <stdio.h>

#include "bytes.h"
#include "crypt.h"
#include "layout.h"

/* Counts beyond 2^53 cannot be true, and products of them could overflow. */
static const int64_t MOST_SAMPLES = (int64_t)1 << 53;

/* The CRC of the body, begun as the format says, or at 0 as some writers do. */
static int check_body(const uint8_t *bytes, uint32_t stored, const char *path,
                      struct mef3_error *error)
{
    const uint8_t *body = bytes + UH_BYTES;
    size_t n = META_BYTES - UH_BYTES;
    uint32_t crc = mef3_crc32(MEF3_CRC_START, body, n);
    char expected[16];
    char found[16];

    if (stored == crc || stored == mef3_crc32(0, body, n))
        return MEF3_OK;
    snprintf(expected, sizeof expected, "0x%08X", stored);
    snprintf(found, sizeof found, "0x%08X", crc);
    return mef3_error_set(error, MEF3_ECRC, path, UH_BODY_CRC, "body CRC", expected, found);
}

/* Writers negate the level of a section that they did not encrypt. */
static int read_level(const uint8_t *bytes, int at, const char *path, int *level_out,
                      struct mef3_error *error)
{
    int level = (int8_t)bytes[at];
    char found[16];

    if (level > 2) {
        snprintf(found, sizeof found, "%d", level);
        return mef3_error_set(error, MEF3_EUNSUPPORTED, path, at, "section encryption level",
                              "at most 2", found);
    }
    *level_out = level > 0 ? level : 0;
    return MEF3_OK;
}

/* Decrypt a section; *section_out stays NULL when the keys do not give it. */
static int open_section(uint8_t *section, size_t n, int level, const struct mef3_keys *keys,
                        const uint8_t **section_out)
{
    if (level > keys->level)
        return MEF3_OK;
    if (level > 0) {
        int status = crypt_decrypt(keys->key[level - 1], section, n);
        if (status != MEF3_OK)
            return status;
    }
    *section_out = section;
    return MEF3_OK;
}

int metadata_open(uint8_t *bytes, const struct universal_header *header,
                  const struct mef3_keys *keys, const char *path, struct metadata *metadata_out,
                  struct mef3_error *error)
{
    struct metadata metadata = {.gmt_offset_s = S3_NO_GMT_OFFSET};

    int status = check_body(bytes, header->body_crc, path, error);
    if (status == MEF3_OK)
        status = read_level(bytes, META_SECTION_2_LEVEL, path, &metadata.section2_level, error);
    if (status == MEF3_OK)
        status = read_level(bytes, META_SECTION_3_LEVEL, path, &metadata.section3_level, error);
    if (status != MEF3_OK)
        return status;

    status = open_section(bytes + META_SECTION_2, META_SECTION_2_BYTES, metadata.section2_level,
                          keys, &metadata.section2);
    if (status == MEF3_OK)
        status = open_section(bytes + META_SECTION_3, META_SECTION_3_BYTES, metadata.section3_level,
                              keys, &metadata.section3);
    if (status != MEF3_OK)
        return mef3_error_set(error, status, path, -1, NULL, NULL, NULL);
    if (metadata.section3) {
        int64_t offset = le_i64(metadata.section3 + S3_TIME_OFFSET);
        metadata.time_offset = offset == INT64_MIN ? 0 : offset;
        metadata.gmt_offset_s = le_i32(metadata.section3 + S3_GMT_OFFSET);
    }
    *metadata_out = metadata;
    return MEF3_OK;
}

static int bad_number(double value, int at, const char *field, const char *expected,
                      const char *path, struct mef3_error *error)
{
    char found[40];

    snprintf(found, sizeof found, "%.17g", value);
    return mef3_error_set(error, MEF3_EFORMAT, path, META_SECTION_2 + at, field, expected, found);
}

/* A count: -1 is "none". */
static int read_count(const uint8_t *section, int at, const char *field, const char *path,
                      int64_t *count_out, struct mef3_error *error)
{
    int64_t count = le_i64(section + at);
    char found[32];

    if (count < -1 || count > MOST_SAMPLES) {
        snprintf(found, sizeof found, "%lld", (long long)count);
        return mef3_error_set(error, MEF3_EFORMAT, path, META_SECTION_2 + at, field,
                              "a number from 0 to 2^53", found);
    }
    *count_out = count < 0 ? 0 : count;
    return MEF3_OK;
}

/* A setting of a filter: what is not a number is not known. */
static double read_setting(const uint8_t *section, int at)
{
    double value = le_f64(section + at);

    return isfinite(value) && value >= 0 ? value : -1;
}

int section2_parse(const uint8_t *section, const char *path, struct section2 *section_out,
                   struct mef3_error *error)
{
    struct section2 s = {
        .rate_hz = le_f64(section + S2_RATE),
        .units_factor = le_f64(section + S2_UNITS_FACTOR),
        .low_filter_hz = read_setting(section, S2_LOW_FILTER),
        .high_filter_hz = read_setting(section, S2_HIGH_FILTER),
        .notch_hz = read_setting(section, S2_NOTCH),
        .line_hz = read_setting(section, S2_LINE),
        .acquisition_number = le_i64(section + S2_ACQUISITION_NUMBER),
        .start_sample = le_i64(section + S2_START_SAMPLE),
        .max_block_samples = le_u32(section + S2_MAX_BLOCK_SAMPLES),
    };

    /* Written so that "not a number" fails as well. */
    if (!(s.rate_hz >= MEF3_RATE_MIN_HZ && s.rate_hz <= MEF3_RATE_MAX_HZ))
        return bad_number(s.rate_hz, S2_RATE, "sampling frequency", "1e-06 to 1e+07 Hz", path,
                          error);
    if (!isfinite(s.units_factor))
        return bad_number(s.units_factor, S2_UNITS_FACTOR, "units conversion factor",
                          "a finite number", path, error);
    int status = read_count(section, S2_N_SAMPLES, "number of samples", path, &s.n_samples, error);
    if (status == MEF3_OK)
        status = read_count(section, S2_N_BLOCKS, "number of blocks", path, &s.n_blocks, error);
    if (status != MEF3_OK)
        return status;
    if (s.units_factor == 0)
        s.units_factor = 1;
    *section_out = s;
    return MEF3_OK;
}
