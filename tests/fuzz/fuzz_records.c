/* fuzz_records.c - a pair of files of records: whatever stands in them, each record is told of as
 * whole, locked or damaged, views of it stay within it, and there is an end.
 *
 * An input is a byte of flags, two bytes (little-endian) that say how many bytes of .ridx follow,
 * these, and the rest is of the .rdat. The universal headers are made, with two passwords, of
 * which the second is given.
 *   1: make the CRC of each record true     2: there is no .ridx
 *   4: the headers count no record          8: the password is not given */
#include <stdlib.h>
#include <string.h>

#include <mef3/mef3.h>

#include "bytes.h"
#include "layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { MEND = 1, NO_INDEX = 2, NOT_COUNTED = 4, NO_PASSWORD = 8 };

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void seal_records(uint8_t *file, size_t n)
{
    for (size_t at = UH_BYTES; n - at >= REC_BODY;) {
        size_t body = le_u32(file + at + REC_BODY_BYTES);
        if (body > n - at - REC_BODY)
            return;
        le_put_u32(file + at,
                   mef3_crc32(MEF3_CRC_START, file + at + REC_TYPE, REC_BODY - REC_TYPE + body));
        at += REC_BODY + body;
    }
}

/* A file of the bytes behind a header, exactly as long, so that a sanitizer watches its end. */
static uint8_t *make_file(const char *type, const uint8_t *body, size_t n, int flags)
{
    uint8_t *file = calloc(UH_BYTES + n, 1);
    struct mef3_keys keys;

    require(file != NULL);
    if (n > 0)
        memcpy(file + UH_BYTES, body, n);
    memcpy(file + UH_TYPE, type, 5);
    file[UH_VERSION_MAJOR] = 3;
    file[UH_BYTE_ORDER] = 1;
    le_put_i64(file + UH_N_ENTRIES, flags & NOT_COUNTED ? 0 : 1000);
    require(mef3_keys_make("one", "two", file + UH_LEVEL_1_FIELD, file + UH_LEVEL_2_FIELD, &keys) ==
            MEF3_OK);
    mef3_keys_wipe(&keys);
    if (flags & MEND)
        seal_records(file, UH_BYTES + n);
    le_put_u32(file + UH_HEADER_CRC,
               mef3_crc32(MEF3_CRC_START, file + UH_BODY_CRC, UH_BYTES - UH_BODY_CRC));
    return file;
}

static void check_text(struct mef3_text text, const struct mef3_record *record)
{
    char utf8[64];

    require((const uint8_t *)text.at >= record->body);
    require(text.n <= record->n_body - (size_t)((const uint8_t *)text.at - record->body));
    require(mef3_text_utf8(text, utf8, sizeof utf8) <= 3 * text.n);
    require(strlen(utf8) < sizeof utf8);
}

static void look_at_seizure(const struct mef3_record *record)
{
    struct mef3_seizure seizure;
    struct mef3_seizure_channel channel;

    if (mef3_record_seizure(record, &seizure, NULL) != MEF3_OK)
        return;
    check_text(seizure.annotation, record);
    check_text(seizure.marker_2, record);
    for (size_t i = 0; i < seizure.n_channels; i++) {
        require(mef3_record_seizure_channel(record, i, &channel, NULL) == MEF3_OK);
        check_text(channel.name, record);
    }
    require(mef3_record_seizure_channel(record, seizure.n_channels, &channel, NULL) == MEF3_EINVAL);
}

static void look_at_body(const struct mef3_record *record)
{
    struct mef3_text text;
    struct mef3_edfa edfa;
    struct mef3_lntp lntp;
    struct mef3_csti csti;
    struct mef3_esti esti;
    struct mef3_cursor cursor;
    struct mef3_epoch epoch;
    struct mef3_error error;

    if (mef3_record_note(record, &text, &error) == MEF3_OK)
        check_text(text, record);
    if (mef3_record_edfa(record, &edfa, &error) == MEF3_OK)
        check_text(edfa.text, record);
    if (mef3_record_lntp(record, &lntp, &error) == MEF3_OK) {
        int32_t *counts = calloc(lntp.n + 1, sizeof *counts);
        require(counts != NULL);
        mef3_lntp_counts(&lntp, counts);
        free(counts);
    }
    look_at_seizure(record);
    if (mef3_record_csti(record, &csti, &error) == MEF3_OK)
        check_text(csti.response, record);
    if (mef3_record_esti(record, &esti, &error) == MEF3_OK)
        check_text(esti.cathode, record);
    if (mef3_record_cursor(record, &cursor, &error) == MEF3_OK)
        check_text(cursor.name, record);
    if (mef3_record_epoch(record, &epoch, &error) == MEF3_OK)
        check_text(epoch.text, record);
}

static int see(void *arg, const struct mef3_record *record)
{
    size_t *n_seen = arg;
    char text[1024];

    ++*n_seen;
    require((record->status == MEF3_OK) == (record->body != NULL));
    require((record->status == MEF3_OK) == (record->error == NULL));
    if (record->error) {
        require(record->error->status == record->status && record->error->file[0]);
        mef3_error_text(record->error, text, sizeof text);
        return 0;
    }
    look_at_body(record);
    uint8_t *body = malloc(record->n_body + 1);
    require(body != NULL);
    memcpy(body, record->body, record->n_body);
    int status =
        mef3_record_shift(record->type, body, record->n_body, record->time_offset, 1000000);
    require(status == MEF3_OK || status == MEF3_EINVAL);
    free(body);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const char *const note[] = {"Note"};
    const struct mef3_record_filter filter = {note, 1, -1000000, 2000000000000000};
    struct mef3_source source;
    struct mef3_session *session;
    size_t n_seen = 0, n_some = 0;

    if (n < 3)
        return 0;
    int flags = bytes[0];
    size_t n_index = le_u16(bytes + 1);
    if (n_index > n - 3)
        n_index = n - 3;
    size_t n_data = n - 3 - n_index;
    uint8_t *index = make_file("ridx", bytes + 3, n_index, flags & ~MEND);
    uint8_t *data = make_file("rdat", bytes + 3 + n_index, n_data, flags);
    const struct mef3_memory_file files[] = {
        {"s.rdat", data, UH_BYTES + n_data},
        {"s.ridx", index, UH_BYTES + n_index},
    };
    require(mef3_source_memory("s", files, flags & NO_INDEX ? 1 : 2, &source) == MEF3_OK);
    require(mef3_session_open(&source, flags & NO_PASSWORD ? NULL : "two", &session, NULL) ==
            MEF3_OK);
    require(mef3_records_read(session, MEF3_SESSION_RECORDS, NULL, see, &n_seen, NULL) == MEF3_OK);
    /* One a header's bytes, or a step of the search; and one an entry, and for what lacks. */
    require(n_seen <= n_data / 8 + 2 * (n_index / RIDX_BYTES) + 3);
    require(mef3_records_read(session, MEF3_SESSION_RECORDS, &filter, see, &n_some, NULL) ==
            MEF3_OK);
    require(n_some <= n_seen);
    mef3_session_close(session);
    free(index);
    free(data);
    return 0;
}
