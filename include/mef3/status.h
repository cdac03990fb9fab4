/* mef3/status.h - what can go wrong, as one table, and where it went wrong.
 *
 * Every call of libmef3 that can fail returns 0 (MEF3_OK) or one of the
 * negative codes below, and, when the caller passes a `struct mef3_error`,
 * says there which file, offset and field it was about, what was expected and
 * what was found. The library never logs and never exits: the caller decides.
 *
 * Threads: these functions have no state.
 *
 * Example:
 *
 * ```c
 * #include <mef3/status.h>
 * #include <stdio.h>
 *
 * int main(void)
 * {
 *     struct mef3_error error;
 *     char text[512];
 *
 *     int status = mef3_error_set(&error, MEF3_ECRC, "Cz-000000.tdat", 1024, "block CRC",
 *                                 "1", "2");
 *     printf("%s: %s\n", mef3_status_name(status), mef3_status_text(status));
 *     puts(mef3_error_text(&error, text, sizeof text));
 *     return 0;
 * }
 * ```
 *
 * It prints:
 *
 * ```text
 * ECRC: the checksum does not match
 * Cz-000000.tdat: at byte 1024: block CRC: expected 1, found 2 (the checksum does not match)
 * ``` */
#ifndef MEF3_STATUS_H
#define MEF3_STATUS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* MEF3_API: a function that the shared library exports. MEF3_MUST: what it
 * returns says whether it failed, and a compiler warns where that is ignored. */
#if defined(__GNUC__)
#define MEF3_API __attribute__((visibility("default")))
#define MEF3_MUST __attribute__((warn_unused_result))
#else
#define MEF3_API
#define MEF3_MUST
#endif

/* X(name, code, text): the text completes "FILE: ". */
/* clang-format off */
#define MEF3_STATUS_LIST(X) \
    X(OK,            0, "fine") \
    X(EINVAL,       -1, "an argument makes no sense") \
    X(ENOMEM,       -2, "out of memory") \
    X(EIO,          -3, "reading or writing failed") \
    X(ENOENT,       -4, "does not exist") \
    X(EACCES,       -5, "access is not permitted") \
    X(EPASSWORD,    -6, "the password is missing or wrong") \
    X(EFORMAT,      -7, "is not MEF 3.0 as the format defines it") \
    X(EUNSUPPORTED, -8, "is a kind of MEF that is not supported") \
    X(ETRUNCATED,   -9, "is shorter than it says") \
    X(ECRC,        -10, "the checksum does not match") \
    X(EDAMAGED,    -11, "contradicts itself") \
    X(ELIMIT,      -12, "is beyond what is allowed") \
    X(ENOSPC,      -13, "there is not enough room for the result") \
    X(ECHANGED,    -14, "changed while it was being read")
/* clang-format on */

/* What a call that can fail returns. */
enum mef3_status {
#define MEF3_STATUS_ENUM(name, code, text) MEF3_##name = code,
    MEF3_STATUS_LIST(MEF3_STATUS_ENUM)
#undef MEF3_STATUS_ENUM
};

/* The name of a status ("ECRC") and its text. Never NULL; an unknown code
 * gives "E?" and "unknown status". The strings are static. */
MEF3_API const char *mef3_status_name(int status);
MEF3_API const char *mef3_status_text(int status);

/* Where it went wrong. A plain value: copy it, keep it, nothing to free. Texts are
 * UTF-8; other bytes, of a file's name as well, are shown as "?".
 * Fields that do not apply are empty, `offset` is then -1. */
struct mef3_error {
    int status;        /* one of enum mef3_status */
    int64_t offset;    /* byte offset in the file, or -1 */
    char file[384];    /* relative to the session's folder; cut on the left when longer */
    char field[64];    /* the field's name in the format, e.g. "sampling frequency" */
    char expected[96]; /* what would have been right, e.g. "a multiple of 8" */
    char found[96];    /* what was there, e.g. "1003" */
};

/* Fill *error (NULL is allowed and does nothing) and return `status`, so that
 * a failing function can end in `return mef3_error_set(...)`. Texts may be
 * NULL; longer ones are cut. */
MEF3_API int mef3_error_set(struct mef3_error *error, int status, const char *file, int64_t offset,
                            const char *field, const char *expected, const char *found);

/* One line for a person: "Cz-000000.tdat: at byte 1024: block CRC: expected
 * 0x1234, found 0x4321 (the checksum does not match)". Writes at most n bytes,
 * the terminating zero included, and returns `text`. n must not be 0. */
MEF3_API char *mef3_error_text(const struct mef3_error *error, char *text, size_t n);

#ifdef __cplusplus
}
#endif
#endif
