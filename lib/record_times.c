/* record_times.c - how times of records are stored, and times inside of their bodies.
 *
 * The reference writer stores those in bodies as they are, whatever the recording time offset;
 * one that is negative is read as any negative time. */
#include "record_times.h"

#include <string.h>

#include <mef3/records.h>

#include "bytes.h"
#include "layout.h"
#include "universal_header.h"

bool stored_time_from_uutc(int64_t uutc, int64_t offset, int64_t *stored_out)
{
    int64_t since;

    if (uutc == MEF3_NO_TIME || uutc > TIME_LIMIT_UUTC || uutc < -TIME_LIMIT_UUTC)
        return false;
    if (offset == 0) {
        *stored_out = uutc;
        return uutc >= 0;
    }
    /* Stored as 0, it would be read as 1970. */
    if (__builtin_sub_overflow(uutc, offset, &since) || since <= 0)
        return false;
    *stored_out = -since;
    return true;
}

static int move(uint8_t *at, int64_t offset, int64_t delta_us)
{
    int64_t stored = le_i64(at);
    int64_t uutc = stored_time_to_uutc(stored, offset);

    if (stored == 0 || uutc == MEF3_NO_TIME)
        return MEF3_OK;
    if (__builtin_add_overflow(uutc, delta_us, &uutc) || !stored_time_from_uutc(uutc, 0, &stored))
        return MEF3_EINVAL;
    le_put_i64(at, stored);
    return MEF3_OK;
}

static int move_channels(uint8_t *body, size_t n, int64_t offset, int64_t delta_us)
{
    size_t most = (n - SEIZ_CHANNELS) / SEIZ_CHANNEL_BYTES;
    int32_t n_channels = le_i32(body + SEIZ_N_CHANNELS);
    int status = MEF3_OK;

    for (size_t i = 0; status == MEF3_OK && i < most && (int64_t)i < n_channels; i++) {
        uint8_t *channel = body + SEIZ_CHANNELS + i * SEIZ_CHANNEL_BYTES;
        status = move(channel + SEIZ_CHANNEL_ONSET, offset, delta_us);
        if (status == MEF3_OK)
            status = move(channel + SEIZ_CHANNEL_END, offset, delta_us);
    }
    return status;
}

int mef3_record_shift(const char *type, uint8_t *body, size_t n, int64_t time_offset,
                      int64_t delta_us)
{
    static const struct {
        const char *type;
        size_t bytes;
        size_t n_times;
        size_t at[2];
    } known[] = {
        {"Seiz", SEIZ_CHANNELS, 2, {SEIZ_ONSET, SEIZ_END}},
        {"Curs", CURS_BYTES, 1, {CURS_TRACE_TIME}},
        {"Epoc", EPOC_BYTES, 2, {EPOC_START, EPOC_END}},
    };
    int status = MEF3_OK;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(type, known[i].type) != 0 || n < known[i].bytes)
            continue;
        for (size_t k = 0; status == MEF3_OK && k < known[i].n_times; k++)
            status = move(body + known[i].at[k], time_offset, delta_us);
        if (status == MEF3_OK && strcmp(type, "Seiz") == 0)
            status = move_channels(body, n, time_offset, delta_us);
    }
    return status;
}
