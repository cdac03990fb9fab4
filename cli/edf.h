/* edf.h - EDF, EDF+, BDF and BDF+: the bytes of a file to plain values, and nothing else.
 *
 * Bytes in, values out: no I/O, no globals, no printing. Every byte is untrusted.
 * What is wrong is told as a `struct mef3_error` with the byte, the field, what
 * would have been right and what was there; its `file` is left empty.
 *
 * A file is a header of 256 bytes, 256 more for each signal, and records of one
 * length. A record holds so many samples of each signal, signal after signal,
 * little-endian, 16 bits (EDF) or 24 (BDF). */
#ifndef CLI_EDF_H
#define CLI_EDF_H

#include <stdbool.h>

#include <mef3/time.h>

enum { EDF_HEAD_BYTES = 256, EDF_SIGNAL_BYTES = 256, EDF_MAX_SIGNALS = 9999 };

/* Fields are Latin-1 (they should be ASCII), and UTF-8 here: up to twice as long. */
enum { EDF_TEXT_16 = 33, EDF_TEXT_80 = 161, EDF_TEXT_8 = 17 };

struct edf_signal {
    char label[EDF_TEXT_16];
    char transducer[EDF_TEXT_80];
    char units[EDF_TEXT_8]; /* "physical dimension"; the micro sign is "u" */
    char prefilter[EDF_TEXT_80];
    double physical_min;
    double physical_max;
    int32_t digital_min;
    int32_t digital_max;
    uint32_t n_samples; /* in a record */
    uint64_t at;        /* its first byte in a record */
    bool is_annotation; /* texts with times, no samples */
};

enum edf_kind {
    EDF_PLAIN,        /* EDF, BDF: one stretch, no annotations */
    EDF_CONTINUOUS,   /* EDF+C, BDF+C */
    EDF_DISCONTINUOUS /* EDF+D, BDF+D: each record says when it begins */
};

struct edf {
    enum edf_kind kind;
    bool is_bdf;
    char patient[EDF_TEXT_80];
    char recording[EDF_TEXT_80];
    int64_t start_uutc;  /* the clock on the wall taken for UTC; MEF3_NO_TIME: no date, or none
                            that there is */
    char start_text[20]; /* as it stands there */
    int64_t n_records;   /* -1: not known, it is being recorded */
    double record_s;     /* 0 where a file has annotations only */
    size_t header_bytes;
    uint64_t record_bytes;
    size_t sample_bytes; /* 2 or 3 */
    size_t n_signals;
    struct edf_signal *signals;
};

/* How long the header is, from its first EDF_HEAD_BYTES. MEF3_EFORMAT: it is no
 * EDF or BDF; MEF3_ETRUNCATED: n is less. */
MEF3_MUST int edf_header_bytes(const uint8_t *bytes, size_t n, size_t *bytes_out,
                               struct mef3_error *error);

/* The whole header. edf_fini frees what it allocates. Signals of which the scale
 * makes no sense are no failure here: edf_scale_of says so.
 * MEF3_EFORMAT, MEF3_ETRUNCATED, MEF3_ENOMEM. */
MEF3_MUST int edf_parse(const uint8_t *bytes, size_t n, struct edf *edf_out,
                        struct mef3_error *error);
void edf_fini(struct edf *edf);

/* count = sample + shift, value = count x factor. MEF has no offset, so that the
 * zero of the values must be a whole count: `residue` is what is lost by that, in
 * units, at most half a factor; 0 where it is less than a twentieth of one, as the limits'
 * rounding in the header may make it. */
struct edf_scale {
    double factor;
    int32_t shift;
    double residue;
};
/* NULL, or why the signal has no scale: "its digital minimum and maximum are equal". */
const char *edf_scale_of(const struct edf *edf, const struct edf_signal *signal,
                         struct edf_scale *scale_out);

/* Samples to counts. bytes holds n samples of sample_bytes (2 or 3) each. */
void edf_counts(const uint8_t *bytes, size_t n, size_t sample_bytes, int32_t shift,
                int32_t *counts_out);

/* A text of an annotation signal, with its time from the file's start. */
struct edf_annotation {
    int64_t onset_us;
    int64_t duration_us; /* -1: none given */
    const char *text;    /* not ended by a zero; neither empty nor surely UTF-8 */
    size_t n;
};
/* A non-zero answer ends the reading, which then returns it. */
typedef int edf_annotation_fn(void *arg, const struct edf_annotation *annotation);

struct edf_tals {
    int64_t onset_us; /* of the first list: in the first annotation signal of a record it is when
                         the record begins; MEF3_NO_TIME: there is none */
    size_t n_bad;     /* lists that make no sense; they are passed over */
    size_t bad_at;    /* where the first of them begins */
};
/* The lists of an annotation signal in one record: its n bytes. */
int edf_read_tals(const uint8_t *bytes, size_t n, edf_annotation_fn *fn, void *arg,
                  struct edf_tals *tals_out);

/* Latin-1 (or ASCII) to UTF-8; spaces and zeros at both ends go. text has room
 * for 2 n + 1. */
void edf_text(const uint8_t *bytes, size_t n, char *text);

/* What "HP:0.1Hz LP:75Hz N:50Hz" says; -1 where it says nothing of it. */
struct edf_filters {
    double high_pass_hz;
    double low_pass_hz;
    double notch_hz;
};
struct edf_filters edf_filters_of(const char *prefilter);

/* The parts of EDF+'s patient and recording fields, "X" made "", underscores spaces. */
struct edf_person {
    char code[EDF_TEXT_80];
    char sex[EDF_TEXT_80];
    char birthdate[EDF_TEXT_80];
    char name[EDF_TEXT_80];
    char more[EDF_TEXT_80];
};
void edf_person_of(const char *patient, struct edf_person *person_out);

struct edf_session {
    char code[EDF_TEXT_80];
    char technician[EDF_TEXT_80];
    char equipment[EDF_TEXT_80];
    char more[EDF_TEXT_80];
};
void edf_session_of(const char *recording, struct edf_session *session_out);

#endif
