/* universal_header.c - the first 1024 bytes of every file, and times as they are stored. */
#include "universal_header.h"

#include <stdio.h>
#include <string.h>

#include <mef3/red.h>

#include "bytes.h"
#include "layout.h"

enum { LITTLE_ENDIAN_FILE = 1, BIG_ENDIAN_FILE = 0 };

static int check_crc(const uint8_t *bytes, const char *path, struct mef3_error *error)
{
    uint32_t stored = le_u32(bytes + UH_HEADER_CRC);
    uint32_t crc = mef3_crc32(MEF3_CRC_START, bytes + UH_BODY_CRC, UH_BYTES - UH_BODY_CRC);
    char expected[16];
    char found[16];

    if (stored == crc)
        return MEF3_OK;
    snprintf(expected, sizeof expected, "0x%08X", stored);
    snprintf(found, sizeof found, "0x%08X", crc);
    return mef3_error_set(error, MEF3_ECRC, path, UH_HEADER_CRC, "header CRC", expected, found);
}

static int check_kind(const uint8_t *bytes, const char *type, const char *path,
                      struct mef3_error *error)
{
    char found[16];

    if (bytes[UH_BYTE_ORDER] != LITTLE_ENDIAN_FILE) {
        snprintf(found, sizeof found, "%u", bytes[UH_BYTE_ORDER]);
        return mef3_error_set(error, MEF3_EFORMAT, path, UH_BYTE_ORDER, "byte order",
                              "1 (little-endian)", found);
    }
    if (memcmp(bytes + UH_TYPE, type, strlen(type) + 1) != 0) {
        for (size_t i = 0; i < 4; i++) {
            uint8_t byte = bytes[UH_TYPE + i];
            found[i] = byte >= 0x20 && byte < 0x7F ? (char)byte : '?';
        }
        found[4] = '\0';
        return mef3_error_set(error, MEF3_EFORMAT, path, UH_TYPE, "file type", type, found);
    }
    if (bytes[UH_VERSION_MAJOR] != 3 || bytes[UH_VERSION_MINOR] != 0) {
        snprintf(found, sizeof found, "%u.%u", bytes[UH_VERSION_MAJOR], bytes[UH_VERSION_MINOR]);
        return mef3_error_set(error, MEF3_EUNSUPPORTED, path, UH_VERSION_MAJOR, "version", "3.0",
                              found);
    }
    return MEF3_OK;
}

int universal_header_parse(const uint8_t *bytes, const char *type, const char *path,
                           struct universal_header *header_out, struct mef3_error *error)
{
    /* Before the CRC, whose bytes would be the other way round too. */
    if (bytes[UH_BYTE_ORDER] == BIG_ENDIAN_FILE)
        return mef3_error_set(error, MEF3_EUNSUPPORTED, path, UH_BYTE_ORDER, "byte order",
                              "1 (little-endian)", "0 (big-endian)");
    int status = check_crc(bytes, path, error);
    if (status == MEF3_OK)
        status = check_kind(bytes, type, path, error);
    if (status != MEF3_OK)
        return status;

    header_out->body_crc = le_u32(bytes + UH_BODY_CRC);
    header_out->start_time = le_i64(bytes + UH_START_TIME);
    header_out->end_time = le_i64(bytes + UH_END_TIME);
    memcpy(header_out->level_uuid, bytes + UH_LEVEL_UUID, 16);
    memcpy(header_out->level_1_field, bytes + UH_LEVEL_1_FIELD, 16);
    memcpy(header_out->level_2_field, bytes + UH_LEVEL_2_FIELD, 16);
    return MEF3_OK;
}

int64_t stored_time_to_uutc(int64_t stored, int64_t recording_time_offset)
{
    int64_t uutc = stored;

    if (stored < 0 && (__builtin_sub_overflow(0, stored, &uutc) ||
                       __builtin_add_overflow(uutc, recording_time_offset, &uutc)))
        return MEF3_NO_TIME;
    if (uutc > TIME_LIMIT_UUTC || uutc < -TIME_LIMIT_UUTC)
        return MEF3_NO_TIME;
    return uutc;
}
