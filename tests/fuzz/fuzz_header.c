/* fuzz_header.c - a universal header of any bytes, of each type of file, as it came and with its
 * checksum mended. The first byte of the input is a password's. */
#include <stdlib.h>
#include <string.h>

#include <mef3/red.h>

#include "bytes.h"
#include "layout.h"
#include "read_all.h"
#include "universal_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void require(bool is_true)
{
    if (!is_true)
        abort();
}

static void check_time(int64_t stored)
{
    static const int64_t offsets[] = {0, 1, -1, 1600000000000000, INT64_MAX, INT64_MIN + 1};

    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        int64_t uutc = stored_time_to_uutc(stored, offsets[i]);
        require(uutc == MEF3_NO_TIME || (uutc <= TIME_LIMIT_UUTC && uutc >= -TIME_LIMIT_UUTC));
    }
}

static void parse(const uint8_t *file, const char *type, const char *password)
{
    struct universal_header header, untouched;
    struct mef3_error error;
    struct mef3_keys keys;
    char text[1024];

    memset(&header, 0xA5, sizeof header);
    untouched = header;
    int status = universal_header_parse(file, type, "a.file", &header, &error);
    require(status == universal_header_parse(file, type, "a.file", &header, NULL));
    if (status != MEF3_OK) {
        require(memcmp(&header, &untouched, sizeof header) == 0);
        require(error.status == status && error.field[0] && error.found[0]);
        require(strncmp(mef3_error_text(&error, text, sizeof text), "a.file: at byte ", 16) == 0);
        return;
    }
    require(memcmp(file + UH_TYPE, type, 5) == 0);
    require(header.start_time == le_i64(file + UH_START_TIME));
    check_time(header.start_time);
    check_time(header.end_time);
    status = mef3_keys_from_password(password, header.level_1_field, header.level_2_field, &keys);
    require(status == MEF3_OK || status == MEF3_EPASSWORD);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const char *const types[] = {"tmet", "tidx", "tdat", "rdat", "ridx"};
    char password[2] = {0};
    uint8_t *file = calloc(1, UH_BYTES); /* so that a sanitizer sees the first byte too far */

    if (!file)
        abort();
    if (n > 1)
        memcpy(file, bytes + 1, n - 1 < UH_BYTES ? n - 1 : UH_BYTES);
    password[0] = n > 0 ? (char)bytes[0] : 0;
    for (int is_mended = 0; is_mended < 2; is_mended++) {
        if (is_mended)
            read_all_seal(file, UH_BYTES);
        for (size_t i = 0; i < sizeof types / sizeof *types; i++)
            parse(file, types[i], password[0] ? password : NULL);
    }
    free(file);
    return 0;
}
