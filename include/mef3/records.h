/* mef3/records.h - records of a session: notes, marks, seizures, and whatever else has a time.
 *
 * Records stand in pairs of files, .rdat and .ridx: the session's in its folder, a
 * channel's in the channel's, now and then a segment's in the segment's. A record has a
 * type of four characters, a time and a body; bodies of known types have views and makers
 * below, any other is passed on as the bytes that it is.
 *
 * Each record has a checksum, and stands for itself: a damaged one is told of, with its
 * place, and the others are read. The .rdat is the truth; the .ridx only tells where records
 * begin, should one of them be damaged, so a missing or wrong one loses nothing. A record at
 * the end that is not whole, and that no header counts yet, is being written: it is passed
 * over, as are bytes of a write that broke off.
 *
 * Threads: as mef3/session.h; the views and makers have no state.
 *
 * Example:
 *
 * ```c
 * #include <mef3/records.h>
 * #include <stdio.h>
 * #include <string.h>
 *
 * static int show(void *arg, const struct mef3_record *record)
 * {
 *     struct mef3_text text;
 *     char line[64];
 *
 *     (void)arg;
 *     if (record->status != MEF3_OK || mef3_record_note(record, &text, NULL) != MEF3_OK)
 *         return 0; // damaged, locked, or of another type
 *     mef3_text_utf8(text, line, sizeof line);
 *     printf("%lld %s\n", (long long)record->time_uutc, line);
 *     return 0;
 * }
 *
 * int main(void)
 * {
 *     struct mef3_session *session;
 *     struct mef3_record note;
 *     uint8_t body[64];
 *
 *     memset(&note, 0, sizeof note);
 *     memcpy(note.type, "Note", 5);
 *     note.time_uutc = 1600000010000000;
 *     note.body = body;
 *     if (mef3_record_make_note("lights off", body, sizeof body, &note.n_body) != MEF3_OK ||
 *         mef3_records_append("night.mefd", NULL, NULL, &note, 1, NULL) != MEF3_OK ||
 *         mef3_session_open_folder("night.mefd", NULL, &session, NULL) != MEF3_OK)
 *         return 1;
 *     int status = mef3_records_read(session, MEF3_SESSION_RECORDS, NULL, show, NULL, NULL);
 *     mef3_session_close(session);
 *     return status == MEF3_OK ? 0 : 1;
 * }
 * ```
 *
 * It prints:
 *
 * ```text
 * 1600000010000000 lights off
 * ``` */
#ifndef MEF3_RECORDS_H
#define MEF3_RECORDS_H

#include <mef3/session.h>
#include <mef3/write.h>

#ifdef __cplusplus
extern "C" {
#endif

/* In place of a channel's number or name: records of the session as a whole. */
#define MEF3_SESSION_RECORDS SIZE_MAX

/* A record with a longer body is refused (MEF3_ELIMIT). */
#define MEF3_MAX_RECORD_BYTES (1u << 26)

/* A record, as it is read and as it is to be written. */
struct mef3_record {
    char type[5];          /* "Note"; "" where a damaged record does not tell */
    uint8_t version_major; /* of the type's definition; 1, 0 */
    uint8_t version_minor;
    int level;           /* 0: plain; 1 or 2: encrypted with that level's key */
    int64_t time_uutc;   /* MEF3_NO_TIME: what is stored makes no time */
    const uint8_t *body; /* decrypted; NULL when the status is not MEF3_OK */
    size_t n_body;       /* what fills a body up to a multiple of 16 included */
    int64_t time_offset; /* the recording time offset, for stored times in the body */
    /* Only of a record that was read: */
    int status;                     /* MEF3_OK; MEF3_EPASSWORD: locked; else it is damaged */
    const struct mef3_error *error; /* where and why; NULL when the status is MEF3_OK */
    int32_t segment;                /* number of the segment that it belongs to, or -1 */
    uint64_t file_offset;           /* in the .rdat; of a wrong index entry, in the .ridx */
};

/* Which records are wanted. Damaged ones are told of whatever is wanted: what they say of
 * themselves may be the damage. */
struct mef3_record_filter {
    const char *const *types; /* of these types; NULL: of any */
    size_t n_types;
    int64_t from_uutc; /* not before; MEF3_NO_TIME: from any time */
    int64_t to_uutc;   /* before; MEF3_NO_TIME: up to any time */
};

/* What it points to is valid during the call. May not call the session that is being read.
 * Another answer than 0 ends the reading. */
typedef int mef3_record_fn(void *arg, const struct mef3_record *record);

/* Read the records of a channel (its number), or MEF3_SESSION_RECORDS: those in the folder of
 * the channel, then those in its segments' folders, each in the order of the file, which need
 * not be that of time. filter may be NULL: all.
 * MEF3_OK also when records are damaged or locked: each is told of as one. What `fn` answered,
 * when that was not 0. MEF3_EINVAL: no such channel. MEF3_ENOMEM, MEF3_ELIMIT.
 * Takes no more memory than the longest record and 16 bytes an entry of the index, of which at
 * most a million are looked at; reads each byte a few times at most. */
MEF3_API MEF3_MUST int mef3_records_read(struct mef3_session *session, size_t channel,
                                         const struct mef3_record_filter *filter,
                                         mef3_record_fn *fn, void *arg, struct mef3_error *error);

/* ---- Views: what the bytes of a body say ------------------------------------------------
 *
 * Each takes a record whose status is MEF3_OK and checks that it has the type (MEF3_EINVAL)
 * and that the body is long enough for what it says (MEF3_EFORMAT: `error` names the field; it
 * may be NULL). What a view points to lies in the record's body. Times are uUTC, MEF3_NO_TIME
 * where what is stored makes none. */

/* A text as stored: not zero-terminated, and perhaps not UTF-8 (one writer cuts texts short in
 * the middle of a character). */
struct mef3_text {
    const char *at;
    size_t n;
};

/* The text as valid UTF-8, each other byte as U+FFFD, zero-terminated. Writes at most `room`
 * bytes, the zero included, and never a part of a character; returns the bytes that the whole
 * needs without the zero, at most 3 x n. room 0: text_out may be NULL. */
MEF3_API size_t mef3_text_utf8(struct mef3_text text, char *text_out, size_t room);

/* "Note" and "SyLg". */
MEF3_API MEF3_MUST int mef3_record_note(const struct mef3_record *record,
                                        struct mef3_text *text_out, struct mef3_error *error);

/* "EDFA": an annotation of EDF+. */
struct mef3_edfa {
    int64_t duration_us; /* as stored: may be negative */
    struct mef3_text text;
};
MEF3_API MEF3_MUST int mef3_record_edfa(const struct mef3_record *record,
                                        struct mef3_edfa *edfa_out, struct mef3_error *error);

/* "LNTP": the shape of line noise. */
struct mef3_lntp {
    size_t n;              /* counts */
    const uint8_t *counts; /* little-endian, at any address, */
    int count_bytes;       /* each of 4 bytes; of 8 as one writer has them */
};
MEF3_API MEF3_MUST int mef3_record_lntp(const struct mef3_record *record,
                                        struct mef3_lntp *lntp_out, struct mef3_error *error);
/* All n of them; what does not fit in 32 bits is held within them. */
MEF3_API void mef3_lntp_counts(const struct mef3_lntp *lntp, int32_t *counts_out);

/* "Seiz": a seizure. */
struct mef3_seizure {
    int64_t onset_uutc; /* the earliest of any channel */
    int64_t end_uutc;   /* the latest */
    int64_t duration_us;
    int32_t onset_code;
    struct mef3_text marker_1;
    struct mef3_text marker_2;
    struct mef3_text annotation;
    size_t n_channels;
};
struct mef3_seizure_channel {
    struct mef3_text name;
    int64_t onset_uutc;
    int64_t end_uutc;
};
MEF3_API MEF3_MUST int mef3_record_seizure(const struct mef3_record *record,
                                           struct mef3_seizure *seizure_out,
                                           struct mef3_error *error);
/* Channel i of a record of which mef3_record_seizure said that it has more than i.
 * MEF3_EINVAL: it has not. */
MEF3_API MEF3_MUST int mef3_record_seizure_channel(const struct mef3_record *record, size_t i,
                                                   struct mef3_seizure_channel *channel_out,
                                                   struct mef3_error *error);

/* "CSti": a cognitive stimulus. */
struct mef3_csti {
    struct mef3_text task;
    int64_t duration_us;
    struct mef3_text stimulus;
    struct mef3_text response;
};
MEF3_API MEF3_MUST int mef3_record_csti(const struct mef3_record *record,
                                        struct mef3_csti *csti_out, struct mef3_error *error);

/* "ESti": an electrical stimulus. */
struct mef3_esti {
    double amplitude;
    double frequency_hz;
    int64_t pulse_width_us;
    int32_t amplitude_unit; /* a code */
    int32_t mode;           /* a code */
    struct mef3_text waveform;
    struct mef3_text anode;
    struct mef3_text cathode;
};
MEF3_API MEF3_MUST int mef3_record_esti(const struct mef3_record *record,
                                        struct mef3_esti *esti_out, struct mef3_error *error);

/* "Curs": a cursor that a reviewer set. */
struct mef3_cursor {
    int64_t id;
    int64_t trace_uutc;
    int64_t latency_us;
    double value;
    struct mef3_text name;
};
MEF3_API MEF3_MUST int mef3_record_cursor(const struct mef3_record *record,
                                          struct mef3_cursor *cursor_out, struct mef3_error *error);

/* "Epoc": a stretch of time, of some type. */
struct mef3_epoch {
    int64_t id;
    int64_t start_uutc;
    int64_t end_uutc;
    int64_t duration_us;
    struct mef3_text type;
    struct mef3_text text;
};
MEF3_API MEF3_MUST int mef3_record_epoch(const struct mef3_record *record,
                                         struct mef3_epoch *epoch_out, struct mef3_error *error);

/* Move the times inside of a body of a known type ("Seiz", "Curs", "Epoc") by delta_us, and put
 * them as uUTC whatever they were; `time_offset` is that of the record that was read. 0, which
 * says that there is none, stays. Bodies of other types, and ones that are too short for theirs,
 * are left as they are. MEF3_EINVAL: a time would be before 1970; the body is then spoilt. */
MEF3_API MEF3_MUST int mef3_record_shift(const char *type, uint8_t *body, size_t n,
                                         int64_t time_offset, int64_t delta_us);

/* ---- Makers: the body of each type ------------------------------------------------------
 *
 * Each writes a body into body_out (`room` bytes) and its length to *n_out. Texts are
 * zero-terminated UTF-8; NULL is "". Times in a body are put as uUTC, 1970 or later.
 * MEF3_ENOSPC: there is not enough room. MEF3_EINVAL: a text is longer than its field, or a
 * time earlier. The texts of the structs are taken by their length. */

/* Bytes of a body: of the types whose length is fixed, and without their texts, counts or
 * channels of the others (a text takes its bytes and one more). */
#define MEF3_EDFA_BYTES 8
#define MEF3_LNTP_BYTES 8
#define MEF3_LNTP_COUNT_BYTES 4
#define MEF3_SEIZURE_BYTES 1312
#define MEF3_SEIZURE_CHANNEL_BYTES 272
#define MEF3_CSTI_BYTES 200
#define MEF3_ESTI_BYTES 416
#define MEF3_CURSOR_BYTES 160
#define MEF3_EPOCH_BYTES 192

/* Of the type that the name says. */
MEF3_API MEF3_MUST int mef3_record_make_note(const char *text, uint8_t *body_out, size_t room,
                                             size_t *n_out); /* and "SyLg" */
MEF3_API MEF3_MUST int mef3_record_make_edfa(int64_t duration_us, const char *text,
                                             uint8_t *body_out, size_t room, size_t *n_out);
MEF3_API MEF3_MUST int mef3_record_make_lntp(const int32_t *counts, size_t n, uint8_t *body_out,
                                             size_t room, size_t *n_out);
/* seizure->n_channels of `channels`. */
MEF3_API MEF3_MUST int mef3_record_make_seizure(const struct mef3_seizure *seizure,
                                                const struct mef3_seizure_channel *channels,
                                                uint8_t *body_out, size_t room, size_t *n_out);
MEF3_API MEF3_MUST int mef3_record_make_csti(const struct mef3_csti *csti, uint8_t *body_out,
                                             size_t room, size_t *n_out);
MEF3_API MEF3_MUST int mef3_record_make_esti(const struct mef3_esti *esti, uint8_t *body_out,
                                             size_t room, size_t *n_out);
MEF3_API MEF3_MUST int mef3_record_make_cursor(const struct mef3_cursor *cursor, uint8_t *body_out,
                                               size_t room, size_t *n_out);
MEF3_API MEF3_MUST int mef3_record_make_epoch(const struct mef3_epoch *epoch, uint8_t *body_out,
                                              size_t room, size_t *n_out);

/* ---- Writing ----------------------------------------------------------------------------- */

/* Append records to the session in the folder `path`: to those of the channel of that name, or
 * (NULL) of the session. Files that are missing are made. Of each record type, version, level,
 * time and body are written (version 0.0 as 1.0); its body is filled up to a multiple of 16.
 * Times inside of a body are put as uUTC, as mef3_record_shift does.
 *
 * The .rdat is written before the .ridx, and both before the headers that count: whoever reads
 * meanwhile, or after this process was killed, sees so many whole records, or fewer. The next
 * call mends what such a one left behind. The session may be being written by another process;
 * a call waits while another one adds to the same records. All is on disk when it returns.
 *
 * MEF3_EPASSWORD: the password does not give the key of a record's level, or does not open
 * section 3, without which nobody knows how times are stored. MEF3_EINVAL: a type that is not
 * four characters, a level the session has no password for, a time that cannot be stored (before
 * 1970, or before the session's recording time offset). MEF3_ELIMIT: a body that is too long.
 * MEF3_ENOENT: no such channel. MEF3_EACCES, MEF3_EIO ... Nothing is written unless all can be. */
MEF3_API MEF3_MUST int mef3_records_append(const char *path, const char *channel,
                                           const char *password, const struct mef3_record *records,
                                           size_t n, struct mef3_error *error);

/* The same to a session that is being written: to records of a channel of the writer, or
 * MEF3_SESSION_RECORDS. They are on disk at once, in the files' order, and as sure to stay as the
 * writer's options say. mef3_writer_abort removes them with a session that it removes. A failure
 * does not keep the writer from going on. */
MEF3_API MEF3_MUST int mef3_writer_add_record(struct mef3_writer *writer, size_t channel,
                                              const struct mef3_record *record,
                                              struct mef3_error *error);
/* Many at once: quicker, and all of them or none. */
MEF3_API MEF3_MUST int mef3_writer_add_records(struct mef3_writer *writer, size_t channel,
                                               const struct mef3_record *records, size_t n,
                                               struct mef3_error *error);

#ifdef __cplusplus
}
#endif
#endif
