/* test_edf.c - EDF and BDF headers, scales, annotations: what is read of them, and what is refused.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/edf.h"
#include "cli/edf_fields.h"
#include "cli/export_edf.h"
#include "help/edf_file.h"
#include "help/test.h"

static const int64_t US = 1000000;

static void a_header_is_read_field_by_field(void **state)
{
    uint8_t header[EDF_FILE_BYTES];
    struct mef3_error error;
    struct edf edf;

    (void)state;
    edf_file_header(header);
    assert_int_equal(edf_parse(header, sizeof header, &edf, &error), MEF3_OK);
    assert_int_equal(edf.kind, EDF_CONTINUOUS);
    assert_false(edf.is_bdf);
    assert_int_equal(edf.n_records, 10);
    assert_true(edf.record_s == 1);
    assert_int_equal(edf.header_bytes, 768);
    assert_int_equal(edf.record_bytes, 2 * (256 + 30));
    assert_int_equal(edf.start_uutc, 1015079225 * US); /* 2002-03-02T14:27:05Z */
    assert_int_equal(edf.n_signals, 2);
    const struct edf_signal *signal = &edf.signals[0];
    assert_string_equal(signal->label, "EEG Fp1-Ref");
    assert_string_equal(signal->transducer, "AgAgCl electrode");
    assert_string_equal(signal->units, "uV");
    assert_int_equal(signal->n_samples, 256);
    assert_false(signal->is_annotation);
    assert_true(edf.signals[1].is_annotation);
    assert_int_equal(edf.signals[1].at, 512);
    edf_fini(&edf);
}

static void what_a_header_may_not_say_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *why;
        size_t at, n;
        const char *text;
        int status;
        const char *field;
    } row[] = {
        {"another version", 0, 8, "1", MEF3_EFORMAT, "version"},
        {"BDF's letters without its byte", 0, 8, "BIOSEMI", MEF3_EFORMAT, "version"},
        {"no signal", 252, 4, "0", MEF3_EFORMAT, "number of signals"},
        {"signals less than none", 252, 4, "-1", MEF3_EFORMAT, "number of signals"},
        {"signals that are no number", 252, 4, "two", MEF3_EFORMAT, "number of signals"},
        {"signals of a hexadecimal number", 252, 4, "0x2", MEF3_EFORMAT, "number of signals"},
        {"half a signal", 252, 4, "1.5", MEF3_EFORMAT, "number of signals"},
        {"more signals than the header has bytes", 252, 4, "9999", MEF3_EFORMAT,
         "bytes in the header"},
        {"a header of another length", 184, 8, "512", MEF3_EFORMAT, "bytes in the header"},
        {"a header of no length", 184, 8, "", MEF3_EFORMAT, "bytes in the header"},
        {"records less than unknown", 236, 8, "-2", MEF3_EFORMAT, "number of records"},
        {"records not a number", 236, 8, "many", MEF3_EFORMAT, "number of records"},
        {"a record of less than no time", 244, 8, "-1", MEF3_EFORMAT, "duration of a record"},
        {"a record without time, but with samples", 244, 8, "0", MEF3_EFORMAT,
         "duration of a record"},
        {"a record for ever", 244, 8, "inf", MEF3_EFORMAT, "duration of a record"},
        {"a record of a number too large", 244, 8, "1e999", MEF3_EFORMAT, "duration of a record"},
        {"samples less than none", EDF_FILE_AT(216, 8, 0), 8, "-256", MEF3_EFORMAT,
         "samples in a record"},
        {"samples not a number", EDF_FILE_AT(216, 8, 1), 8, "", MEF3_EFORMAT,
         "samples in a record"},
        {"a physical minimum that is no number", EDF_FILE_AT(104, 8, 0), 8, "low", MEF3_EFORMAT,
         "physical minimum"},
        {"a physical maximum with a comma", EDF_FILE_AT(112, 8, 0), 8, "3276,7", MEF3_EFORMAT,
         "physical maximum"},
        {"half a digital minimum", EDF_FILE_AT(120, 8, 0), 8, "-0.5", MEF3_EFORMAT,
         "digital minimum"},
        {"a digital maximum beyond 32 bits", EDF_FILE_AT(128, 8, 0), 8, "9e9", MEF3_EFORMAT,
         "digital maximum"},
        {"an annotation signal's scale is nobody's", EDF_FILE_AT(104, 8, 1), 8, "", MEF3_OK, ""},
        {"records not known yet", 236, 8, "-1", MEF3_OK, ""},
        {"zeros in place of spaces", 244, 8, "1", MEF3_OK, ""},
    };
    uint8_t header[EDF_FILE_BYTES];
    struct mef3_error error;
    struct edf edf;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        edf_file_header(header);
        edf_file_put(header, row[i].at, row[i].n, row[i].text);
        memset(&error, 0, sizeof error);
        int status = edf_parse(header, sizeof header, &edf, &error);
        assert_row_int(status, row[i].status, row[i].why);
        assert_row(strcmp(error.field, row[i].field) == 0, row[i].why);
        if (status == MEF3_OK) {
            edf_fini(&edf);
            continue;
        }
        assert_row(error.offset >= 0 && error.expected[0] && error.found[0], row[i].why);
    }
}

static void a_header_that_ends_early_is_refused_at_each_length(void **state)
{
    uint8_t header[EDF_FILE_BYTES];
    struct mef3_error error;
    struct edf edf;

    (void)state;
    edf_file_header(header);
    for (size_t n = 0; n < sizeof header; n++)
        assert_int_equal(edf_parse(header, n, &edf, &error), MEF3_ETRUNCATED);
}

static void a_start_is_a_moment_that_there_is(void **state)
{
    static const struct {
        const char *why, *date, *time, *recording;
        int64_t seconds; /* -1: none */
    } row[] = {
        {"85 is 1985", "01.01.85", "00.00.00", "", 473385600},
        {"84 is 2084", "01.01.84", "00.00.00", "", 3597523200},
        {"29 February of a leap year", "29.02.04", "23.59.59", "", 1078099199},
        {"29 February of another", "29.02.03", "00.00.00", "", -1},
        {"month 13", "01.13.03", "00.00.00", "", -1},
        {"day 0", "00.01.03", "00.00.00", "", -1},
        {"hour 24", "01.01.03", "24.00.00", "", -1},
        {"minute 60", "01.01.03", "00.60.00", "", -1},
        {"letters", "yy.mm.dd", "00.00.00", "", -1},
        {"no date", "", "", "", -1},
        {"other separators", "01/01/03", "00:00:01", "", 1041379201},
        {"a space for a zero", " 1. 1.03", " 0. 0. 1", "", 1041379201},
        {"the year of four digits wins", "02.03.yy", "00.00.00", "Startdate 02-MAR-2102 X X X",
         4170700800},
        {"in small letters", "02.03.yy", "00.00.00", "Startdate 02-mar-2102", 4170700800},
        {"a date not told", "02.03.02", "00.00.00", "Startdate X X X X", 1015027200},
        {"a month that there is not", "02.03.02", "00.00.00", "Startdate 02-MRZ-2102 X X X",
         1015027200},
    };
    uint8_t header[EDF_FILE_BYTES];
    struct mef3_error error;
    struct edf edf;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        edf_file_header(header);
        edf_file_put(header, 168, 8, row[i].date);
        edf_file_put(header, 176, 8, row[i].time);
        edf_file_put(header, 88, 80, row[i].recording);
        assert_row_int(edf_parse(header, sizeof header, &edf, &error), MEF3_OK, row[i].why);
        int64_t expected = row[i].seconds < 0 ? MEF3_NO_TIME : row[i].seconds * US;
        assert_row_int(edf.start_uutc, expected, row[i].why);
        edf_fini(&edf);
    }
}

static void a_scale_keeps_zero_where_it_was(void **state)
{
    static const struct {
        const char *why;
        double physical_min, physical_max;
        int32_t digital_min, digital_max;
        bool is_bdf;
        double factor; /* 0: there is no scale */
        int32_t shift;
        double residue;
    } row[] = {
        {"zero is zero", -3276.8, 3276.7, -32768, 32767, false, 0.1, 0, 0},
        {"upside down", 3276.8, -3276.7, -32768, 32767, false, -0.1, 0, 0},
        {"unsigned", 0, 1000, -500, 500, false, 1, 500, 0},
        {"half a step", -3200, 3200, -32768, 32767, false, 6400 / 65535.0, 1, -3200 / 65535.0},
        {"24 bits", -8388608, 8388607, -8388608, 8388607, true, 1, 0, 0},
        {"a step that eight digits round", -40.45086, 40.45086, -32767, 32767, false,
         40.45086 / 32767, 0, 0},
        {"digital range empty", -1, 1, 5, 5, false, 0, 0, 0},
        {"digital range reversed", -1, 1, 5, -5, false, 0, 0, 0},
        {"physical range empty", 1, 1, -5, 5, false, 0, 0, 0},
        {"a digital range for other bits", -1, 1, -32769, 32767, false, 0, 0, 0},
        {"the same in BDF", -1, 1, -32769, 32767, true, 2.0 / 65536, 1, 0},
        {"24 bits and one", -1, 1, -8388609, 8388607, true, 0, 0, 0},
        {"far from zero", 1e12, 1e12 + 1, -5, 5, false, 0, 0, 0},
        {"no range that a double has", -1e308, 1e308, -5, 5, false, 0, 0, 0},
        {"steps of nearly nothing", 0, 1e-320, -5, 5, false, 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct edf edf = {.is_bdf = row[i].is_bdf};
        struct edf_signal signal = {.n_samples = 1,
                                    .physical_min = row[i].physical_min,
                                    .physical_max = row[i].physical_max,
                                    .digital_min = row[i].digital_min,
                                    .digital_max = row[i].digital_max};
        struct edf_scale scale;
        const char *why = edf_scale_of(&edf, &signal, &scale);
        assert_row_int(why != NULL, row[i].factor == 0, row[i].why);
        if (why)
            continue;
        assert_row(fabs(scale.factor - row[i].factor) < 1e-15 * fabs(row[i].factor) ||
                       scale.factor == row[i].factor,
                   row[i].why);
        assert_row_int(scale.shift, row[i].shift, row[i].why);
        assert_row(fabs(scale.residue - row[i].residue) < 1e-9, row[i].why);
        signal.n_samples = 0;
        assert_row(edf_scale_of(&edf, &signal, &scale) != NULL, row[i].why);
    }
}

static void samples_of_both_widths_have_their_signs(void **state)
{
    static const uint8_t bytes[] = {0x00, 0x80, 0xFF, 0xFF, 0xFF, 0x7F, 0x00, 0x00, 0x80,
                                    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0x01, 0x02, 0x03};
    int32_t counts[9];

    (void)state;
    edf_counts(bytes, 3, 2, 0, counts);
    assert_int_equal(counts[0], -32768);
    assert_int_equal(counts[1], -1);
    assert_int_equal(counts[2], 32767);
    edf_counts(bytes + 6, 4, 3, -2, counts);
    assert_int_equal(counts[0], -8388610);
    assert_int_equal(counts[1], -3);
    assert_int_equal(counts[2], 8388605);
    assert_int_equal(counts[3], 0x030201 - 2);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* What edf_out_scale chose, as a reader of the file has it. */
static void read_back(const struct edf_out_scale *out, bool is_bdf, struct edf_scale *scale)
{
    struct edf edf = {.is_bdf = is_bdf};
    struct edf_signal signal = {.n_samples = 1,
                                .physical_min = strtod(out->physical_min, NULL),
                                .physical_max = strtod(out->physical_max, NULL),
                                .digital_min = -out->most,
                                .digital_max = out->most};

    assert_true(strlen(out->physical_min) <= 8 && strlen(out->physical_max) <= 8);
    const char *why = edf_scale_of(&edf, &signal, scale);
    if (why)
        fail_msg("%s to %s, %d: %s", out->physical_min, out->physical_max, out->most, why);
}

static void counts_come_back_from_a_scale_within_half_a_step(void **state)
{
    uint32_t seed = 1;
    size_t n_exact = 0, n_coarse = 0;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        bool is_bdf = round % 2;
        int32_t fits = is_bdf ? 8388607 : 32767;
        int32_t range = (int32_t)(next_random(&seed) >> next_random(&seed) % 24);
        int32_t least = (int32_t)(next_random(&seed) >> next_random(&seed) % 24) - range;
        int32_t greatest = least + range;
        double factor = pow(10, (int)(next_random(&seed) % 5) - 4.0) *
                        (1 + next_random(&seed) % 90000 / 10000.0);
        factor = next_random(&seed) % 4 ? factor : -factor;
        struct edf_out_scale out;
        struct edf_scale scale;
        if (!edf_out_scale(least, greatest, factor, fits, &out)) {
            /* Eight digits are too few only for the largest values. */
            assert_true(fmax(fabs(least * factor), fabs(greatest * factor)) > 9e6);
            continue;
        }
        assert_true(out.most <= fits);
        read_back(&out, is_bdf, &scale);
        bool has_room = least >= -fits && greatest <= fits;
        n_exact += out.is_exact;
        n_coarse += !out.is_exact;
        assert_true(!out.is_exact || has_room);
        for (int i = 0; i < 20; i++) {
            int32_t count = least + (range > 0 ? (int32_t)(next_random(&seed) % (range + 1)) : 0);
            int32_t sample = edf_out_sample(&out, count);
            assert_true(sample >= -out.most && sample <= out.most);
            double value = (sample + scale.shift) * scale.factor + scale.residue;
            double off = fabs(value - count * factor);
            if (off > 0.56 * out.step)
                fail_msg("round %d: %d..%d x %.9g: %d becomes %.9g, off by %.3g steps", round,
                         least, greatest, factor, count, value, off / out.step);
            if (out.is_exact)
                assert_int_equal(sample + scale.shift, count);
        }
    }
    assert_true(n_exact > 300 && n_coarse > 300);
}

struct texts {
    size_t n;
    struct {
        int64_t onset_us, duration_us;
        char text[32];
    } at[8];
};

static int keep(void *arg, const struct edf_annotation *annotation)
{
    struct texts *texts = arg;

    assert_true(texts->n < 8 && annotation->n < sizeof texts->at[0].text);
    texts->at[texts->n].onset_us = annotation->onset_us;
    texts->at[texts->n].duration_us = annotation->duration_us;
    memcpy(texts->at[texts->n].text, annotation->text, annotation->n);
    texts->at[texts->n++].text[annotation->n] = '\0';
    return 0;
}

static void lists_of_annotations_are_read_and_what_is_none_is_counted(void **state)
{
    static const struct {
        const char *why, *bytes;
        size_t n;
        int64_t onset_us;
        size_t n_texts, n_bad;
        const char *first;
        int64_t first_us, duration_us;
    } row[] = {
#define BYTES(text) text, sizeof text - 1
        {"a record's time alone", BYTES("+567\x14\x14\0\0\0"), 567000000, 0, 0, "", 0, 0},
        {"and a text",
         BYTES("+0\x14\x14\0+1.5\x15"
               "2\x14Lights off\x14\0"),
         0, 1, 0, "Lights off", 1500000, 2000000},
        {"two texts of one time",
         BYTES("+0\x14\x14\0+1\x14"
               "a\x14"
               "b\x14\0"),
         0, 2, 0, "a", 1000000, -1},
        {"a text in the record's own list", BYTES("+3\x14\x14start\x14\0"), 3000000, 1, 0, "start",
         3000000, -1},
        {"before the start", BYTES("-0.065\x14p\x14\0"), -65000, 1, 0, "p", -65000, -1},
        {"to the microsecond and beyond", BYTES("+0.1234565\x14x\x14\0"), 123457, 1, 0, "x", 123457,
         -1},
        {"a duration without a number", BYTES("+1\x15\x14x\x14\0"), 1000000, 1, 0, "x", 1000000,
         -1},
        {"no zero at the end", BYTES("+1\x14x\x14"), 1000000, 1, 0, "x", 1000000, -1},
        {"nothing", BYTES("\0\0\0\0"), MEF3_NO_TIME, 0, 0, "", 0, 0},
        {"no bytes", BYTES(""), MEF3_NO_TIME, 0, 0, "", 0, 0},
        {"no sign", BYTES("1\x14x\x14\0+2\x14y\x14\0"), MEF3_NO_TIME, 1, 1, "y", 2000000, -1},
        {"no number", BYTES("+\x14x\x14\0"), MEF3_NO_TIME, 0, 1, "", 0, 0},
        {"no text begun", BYTES("+1\0"), MEF3_NO_TIME, 0, 1, "", 0, 0},
        {"a text not ended", BYTES("+1\x14x\0"), 1000000, 0, 1, "", 0, 0},
        {"a duration of letters", BYTES("+1\x15z\x14x\x14\0"), MEF3_NO_TIME, 0, 1, "", 0, 0},
        {"a number too large", BYTES("+99999999999999999999\x14x\x14\0"), MEF3_NO_TIME, 0, 1, "", 0,
         0},
        {"two points", BYTES("+1.2.3\x14x\x14\0"), MEF3_NO_TIME, 0, 1, "", 0, 0},
#undef BYTES
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct texts texts = {0};
        struct edf_tals tals;
        assert_row_int(edf_read_tals((const uint8_t *)row[i].bytes, row[i].n, keep, &texts, &tals),
                       0, row[i].why);
        assert_row_int(tals.onset_us, row[i].onset_us, row[i].why);
        assert_row_int(texts.n, row[i].n_texts, row[i].why);
        assert_row_int(tals.n_bad, row[i].n_bad, row[i].why);
        if (texts.n == 0)
            continue;
        assert_row(strcmp(texts.at[0].text, row[i].first) == 0, row[i].why);
        assert_row_int(texts.at[0].onset_us, row[i].first_us, row[i].why);
        assert_row_int(texts.at[0].duration_us, row[i].duration_us, row[i].why);
    }
}

static void filters_are_read_where_they_are_in_hz(void **state)
{
    static const struct {
        const char *text;
        double high_pass, low_pass, notch;
    } row[] = {
        {"HP:0.1Hz LP:75Hz N:50Hz", 0.1, 75, 50},
        {"HP: 0.1 Hz LP: 75 Hz N: 50 Hz", 0.1, 75, 50},
        {"HP: DC; LP: 417", 0, 417, -1},
        {"LP:75Hz", -1, 75, -1},
        {"HP:0.3s", -1, -1, -1},
        {"HP:1e999Hz", -1, -1, -1},
        {"HP:-1Hz", -1, -1, -1},
        {"HP:", -1, -1, -1},
        {"None", -1, -1, -1},
        {"", -1, -1, -1},
        {"No filtering: HP", -1, -1, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct edf_filters filters = edf_filters_of(row[i].text);
        assert_row(filters.high_pass_hz == row[i].high_pass, row[i].text);
        assert_row(filters.low_pass_hz == row[i].low_pass, row[i].text);
        assert_row(filters.notch_hz == row[i].notch, row[i].text);
    }
}

static void a_person_and_a_session_are_words(void **state)
{
    struct edf_person person;
    struct edf_session session;

    (void)state;
    edf_person_of("MCH-0234567 F 02-MAY-1951 Haagse_Harry a b", &person);
    assert_string_equal(person.code, "MCH-0234567");
    assert_string_equal(person.sex, "F");
    assert_string_equal(person.birthdate, "02-MAY-1951");
    assert_string_equal(person.name, "Haagse Harry");
    assert_string_equal(person.more, "a b");
    edf_person_of("X X X X", &person);
    assert_string_equal(person.code, "");
    assert_string_equal(person.name, "");
    edf_person_of("", &person);
    assert_string_equal(person.name, "");
    edf_session_of("Startdate 02-MAR-2002 EMG561 BK/JOP Sony. MNC R Median Nerve.", &session);
    assert_string_equal(session.code, "EMG561");
    assert_string_equal(session.technician, "BK/JOP");
    assert_string_equal(session.equipment, "Sony.");
    assert_string_equal(session.more, "MNC R Median Nerve.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_read_field_by_field),
        cmocka_unit_test(what_a_header_may_not_say_is_refused_with_its_place),
        cmocka_unit_test(a_header_that_ends_early_is_refused_at_each_length),
        cmocka_unit_test(a_start_is_a_moment_that_there_is),
        cmocka_unit_test(a_scale_keeps_zero_where_it_was),
        cmocka_unit_test(counts_come_back_from_a_scale_within_half_a_step),
        cmocka_unit_test(samples_of_both_widths_have_their_signs),
        cmocka_unit_test(lists_of_annotations_are_read_and_what_is_none_is_counted),
        cmocka_unit_test(filters_are_read_where_they_are_in_hz),
        cmocka_unit_test(a_person_and_a_session_are_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
