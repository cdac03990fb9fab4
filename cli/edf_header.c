/* edf_header.c - the header of an EDF or BDF file, field by field. */
#include "edf.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edf_fields.h"

/* The first 256 bytes. */
/* clang-format off */
enum {
    AT_VERSION = 0, AT_PATIENT = 8, AT_RECORDING = 88, AT_DATE = 168, AT_TIME = 176,
    AT_HEADER_BYTES = 184, AT_RESERVED = 192, AT_N_RECORDS = 236, AT_RECORD_S = 244,
    AT_N_SIGNALS = 252,
};
/* Then, each for all signals: where it begins, in bytes a signal, and its length. */
enum {
    SIG_LABEL = 0, SIG_TRANSDUCER = 16, SIG_UNITS = 96, SIG_PHYSICAL_MIN = 104,
    SIG_PHYSICAL_MAX = 112, SIG_DIGITAL_MIN = 120, SIG_DIGITAL_MAX = 128, SIG_PREFILTER = 136,
    SIG_N_SAMPLES = 216,
};
/* clang-format on */

static const uint8_t EDF_VERSION[8] = {'0', ' ', ' ', ' ', ' ', ' ', ' ', ' '};
static const uint8_t BDF_VERSION[8] = {0xFF, 'B', 'I', 'O', 'S', 'E', 'M', 'I'};

void edf_text(const uint8_t *bytes, size_t n, char *text)
{
    size_t k = 0;

    while (n > 0 && (bytes[n - 1] == ' ' || bytes[n - 1] == 0))
        n--;
    while (n > 0 && *bytes == ' ') {
        bytes++;
        n--;
    }
    for (size_t i = 0; i < n && bytes[i] != 0; i++) {
        if (bytes[i] < 0x80) {
            text[k++] = (char)bytes[i];
        } else {
            text[k++] = (char)(0xC0 | (bytes[i] >> 6));
            text[k++] = (char)(0x80 | (bytes[i] & 0x3F));
        }
    }
    text[k] = '\0';
}

static int wrong(struct mef3_error *error, const uint8_t *bytes, size_t at, size_t n,
                 const char *field, const char *expected)
{
    char found[EDF_TEXT_80];
    char quoted[EDF_TEXT_80 + 2];

    edf_text(bytes + at, n, found);
    snprintf(quoted, sizeof quoted, "\"%s\"", found);
    return mef3_error_set(error, MEF3_EFORMAT, NULL, (int64_t)at, field, expected, quoted);
}

int edf_header_bytes(const uint8_t *bytes, size_t n, size_t *bytes_out, struct mef3_error *error)
{
    int64_t n_signals;
    int64_t n_bytes;
    char expected[64];

    if (n < EDF_HEAD_BYTES) {
        snprintf(expected, sizeof expected, "%zu bytes", n);
        return mef3_error_set(error, MEF3_ETRUNCATED, NULL, 0, "header", "256 bytes or more",
                              expected);
    }
    if (memcmp(bytes, EDF_VERSION, sizeof EDF_VERSION) != 0 &&
        memcmp(bytes, BDF_VERSION, sizeof BDF_VERSION) != 0)
        return wrong(error, bytes, AT_VERSION, 8, "version",
                     "\"0\" (EDF) or 0xFF \"BIOSEMI\" (BDF)");
    if (!edf_whole(bytes + AT_N_SIGNALS, 4, 1, EDF_MAX_SIGNALS, &n_signals))
        return wrong(error, bytes, AT_N_SIGNALS, 4, "number of signals", "1 to 9999");
    int64_t right = EDF_HEAD_BYTES + n_signals * EDF_SIGNAL_BYTES;
    if (!edf_whole(bytes + AT_HEADER_BYTES, 8, right, right, &n_bytes)) {
        snprintf(expected, sizeof expected, "%lld, for %lld signals", (long long)right,
                 (long long)n_signals);
        return wrong(error, bytes, AT_HEADER_BYTES, 8, "bytes in the header", expected);
    }
    *bytes_out = (size_t)right;
    return MEF3_OK;
}

static enum edf_kind kind_of(const uint8_t *reserved, bool is_bdf)
{
    const char *plus = is_bdf ? "BDF+" : "EDF+";

    if (memcmp(reserved, plus, 4) != 0)
        return EDF_PLAIN;
    return reserved[4] == 'D' ? EDF_DISCONTINUOUS : EDF_CONTINUOUS;
}

/* The start, from the two fields; the year of EDF+'s recording field has four digits. */
static void read_start(const uint8_t *bytes, struct edf *edf)
{
    struct edf_date date;
    struct edf_date full;

    snprintf(edf->start_text, sizeof edf->start_text, "%.8s %.8s", (const char *)bytes + AT_DATE,
             (const char *)bytes + AT_TIME);
    edf->start_uutc = MEF3_NO_TIME;
    bool has_date = edf_short_date(bytes + AT_DATE, &date);
    if (edf->kind != EDF_PLAIN && edf_startdate(edf->recording, &full)) {
        date = full;
        has_date = true;
    }
    if (has_date)
        edf->start_uutc = edf_start_uutc(&date, bytes + AT_TIME);
}

static int read_head(const uint8_t *bytes, struct edf *edf, struct mef3_error *error)
{
    edf->is_bdf = bytes[0] == BDF_VERSION[0];
    edf->sample_bytes = edf->is_bdf ? 3 : 2;
    edf->kind = kind_of(bytes + AT_RESERVED, edf->is_bdf);
    edf->n_signals = (edf->header_bytes - EDF_HEAD_BYTES) / EDF_SIGNAL_BYTES;
    edf_text(bytes + AT_PATIENT, 80, edf->patient);
    edf_text(bytes + AT_RECORDING, 80, edf->recording);
    read_start(bytes, edf);
    if (!edf_whole(bytes + AT_N_RECORDS, 8, -1, 99999999, &edf->n_records))
        return wrong(error, bytes, AT_N_RECORDS, 8, "number of records",
                     "a whole number, or -1 while it is recorded");
    if (!edf_number(bytes + AT_RECORD_S, 8, &edf->record_s) || edf->record_s < 0)
        return wrong(error, bytes, AT_RECORD_S, 8, "duration of a record", "seconds, 0 or more");
    return MEF3_OK;
}

/* Fields that a signal with samples must have; of an annotation signal nobody reads them. */
static int read_scale(const uint8_t *bytes, const size_t at[4], struct edf_signal *signal,
                      struct mef3_error *error)
{
    static const char *const names[] = {"physical minimum", "physical maximum", "digital minimum",
                                        "digital maximum"};
    double value[4];

    for (size_t i = 0; i < 4; i++)
        if (!edf_number(bytes + at[i], 8, &value[i]) ||
            (i >= 2 && (value[i] != trunc(value[i]) || fabs(value[i]) > INT32_MAX)))
            return wrong(error, bytes, at[i], 8, names[i], i < 2 ? "a number" : "a whole number");
    signal->physical_min = value[0];
    signal->physical_max = value[1];
    signal->digital_min = (int32_t)value[2];
    signal->digital_max = (int32_t)value[3];
    return MEF3_OK;
}

/* Latin-1's and UTF-8's micro sign, and the Greek letter. */
static void plain_micro(char *units)
{
    static const char *const micro[] = {"\xC2\xB5", "\xCE\xBC", "\xC3\x82\xC2\xB5",
                                        "\xC3\x8E\xC2\xBC"};

    for (size_t i = 0; i < sizeof micro / sizeof *micro; i++) {
        size_t n = strlen(micro[i]);
        if (strncmp(units, micro[i], n) == 0) {
            units[0] = 'u';
            memmove(units + 1, units + n, strlen(units + n) + 1);
            return;
        }
    }
}

static int read_signal(const uint8_t *bytes, const struct edf *edf, size_t i,
                       struct edf_signal *signal, struct mef3_error *error)
{
    const size_t n = edf->n_signals;
    int64_t n_samples;
#define FIELD(start, length) (EDF_HEAD_BYTES + n * (start) + i * (length))
    const size_t scale[] = {FIELD(SIG_PHYSICAL_MIN, 8), FIELD(SIG_PHYSICAL_MAX, 8),
                            FIELD(SIG_DIGITAL_MIN, 8), FIELD(SIG_DIGITAL_MAX, 8)};
    const size_t at_n_samples = FIELD(SIG_N_SAMPLES, 8);

    edf_text(bytes + FIELD(SIG_LABEL, 16), 16, signal->label);
    edf_text(bytes + FIELD(SIG_TRANSDUCER, 80), 80, signal->transducer);
    edf_text(bytes + FIELD(SIG_UNITS, 8), 8, signal->units);
    edf_text(bytes + FIELD(SIG_PREFILTER, 80), 80, signal->prefilter);
#undef FIELD
    plain_micro(signal->units);
    signal->is_annotation =
        strcmp(signal->label, edf->is_bdf ? "BDF Annotations" : "EDF Annotations") == 0;
    if (!edf_whole(bytes + at_n_samples, 8, 0, 99999999, &n_samples))
        return wrong(error, bytes, at_n_samples, 8, "samples in a record", "a whole number");
    signal->n_samples = (uint32_t)n_samples;
    if (signal->is_annotation)
        return MEF3_OK;
    if (n_samples > 0 && edf->record_s == 0)
        return wrong(error, bytes, AT_RECORD_S, 8, "duration of a record",
                     "more than 0, since there are samples");
    return read_scale(bytes, scale, signal, error);
}

int edf_parse(const uint8_t *bytes, size_t n, struct edf *edf_out, struct mef3_error *error)
{
    struct edf edf = {0};
    char found[32];

    int status = edf_header_bytes(bytes, n, &edf.header_bytes, error);
    if (status != MEF3_OK)
        return status;
    if (n < edf.header_bytes) {
        snprintf(found, sizeof found, "%zu bytes", n);
        return mef3_error_set(error, MEF3_ETRUNCATED, NULL, (int64_t)n, "header",
                              "256 bytes, and 256 a signal", found);
    }
    status = read_head(bytes, &edf, error);
    if (status != MEF3_OK)
        return status;
    edf.signals = calloc(edf.n_signals, sizeof *edf.signals);
    if (!edf.signals)
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    for (size_t i = 0; i < edf.n_signals; i++) {
        status = read_signal(bytes, &edf, i, &edf.signals[i], error);
        if (status != MEF3_OK) {
            edf_fini(&edf);
            return status;
        }
        edf.signals[i].at = edf.record_bytes;
        edf.record_bytes += (uint64_t)edf.signals[i].n_samples * edf.sample_bytes;
    }
    *edf_out = edf;
    return MEF3_OK;
}

void edf_fini(struct edf *edf)
{
    free(edf->signals);
    edf->signals = NULL;
}
