/* status.c - the table of status codes, and errors as values and as text. */
#include <mef3/status.h>

#include <stdio.h>
#include <string.h>

#include "text.h"

const char *mef3_status_name(int status)
{
    switch (status) {
#define STATUS_NAME(name, code, text) \
    case code:                        \
        return #name;
        MEF3_STATUS_LIST(STATUS_NAME)
#undef STATUS_NAME
    default:
        return "E?";
    }
}

const char *mef3_status_text(int status)
{
    switch (status) {
#define STATUS_TEXT(name, code, text) \
    case code:                        \
        return text;
        MEF3_STATUS_LIST(STATUS_TEXT)
#undef STATUS_TEXT
    default:
        return "unknown status";
    }
}

static void copy_text(char *to, size_t room, const char *from)
{
    snprintf(to, room, "%s", from ? from : "");
    text_mend(to);
}

/* A path is told apart by its end: cut a long one on the left. */
static void copy_path(char *to, size_t room, const char *path)
{
    size_t n = path ? strlen(path) : 0;

    if (n < room) {
        copy_text(to, room, path);
        return;
    }
    snprintf(to, room, "...%s", path + (n - (room - 1 - strlen("..."))));
    text_mend(to);
}

int mef3_error_set(struct mef3_error *error, int status, const char *file, int64_t offset,
                   const char *field, const char *expected, const char *found)
{
    if (!error)
        return status;
    error->status = status;
    error->offset = offset;
    copy_path(error->file, sizeof error->file, file);
    copy_text(error->field, sizeof error->field, field);
    copy_text(error->expected, sizeof error->expected, expected);
    copy_text(error->found, sizeof error->found, found);
    return status;
}

/* Append to text[*at .. n), as far as it fits. */
__attribute__((format(printf, 4, 5))) static void append(char *text, size_t n, size_t *at,
                                                         const char *format, ...)
{
    __builtin_va_list values;

    __builtin_va_start(values, format);
    int written = vsnprintf(text + *at, n - *at, format, values);
    __builtin_va_end(values);
    if (written > 0)
        *at = (size_t)written < n - *at ? *at + (size_t)written : n - 1;
}

char *mef3_error_text(const struct mef3_error *error, char *text, size_t n)
{
    size_t at = 0;

    text[0] = '\0';
    if (error->file[0])
        append(text, n, &at, "%s: ", error->file);
    if (error->offset >= 0)
        append(text, n, &at, "at byte %lld: ", (long long)error->offset);
    if (error->field[0])
        append(text, n, &at, "%s: ", error->field);
    if (error->expected[0])
        append(text, n, &at, "expected %s%s ", error->expected, error->found[0] ? "," : "");
    if (error->found[0])
        append(text, n, &at, "found %s ", error->found);
    if (error->expected[0] || error->found[0])
        append(text, n, &at, "(%s)", mef3_status_text(error->status));
    else
        append(text, n, &at, "%s", mef3_status_text(error->status));
    text_mend(text); /* it may have been cut within a character */
    return text;
}
