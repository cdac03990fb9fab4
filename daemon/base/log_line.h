/* log_line.h - how a line of the log is spelled.
 *
 * Into the caller's memory and without any of its own: what a log has to tell
 * may be that there is none. That, and that three programs would be linked with
 * it for this alone, is why JSON is written here and not by a library. */
#ifndef BASE_LOG_LINE_H
#define BASE_LOG_LINE_H

#include <stddef.h>
#include <time.h>

#include "base/log.h"

/* No longer than what a pipe takes whole, so that lines of several processes do
 * not mix; and the longest text in it, as it is written. */
#define LOG_LINE_BYTES 4096
#define LOG_TEXT_BYTES 1024

struct log_head {
    struct timespec when;
    const char *level;
    const char *process;
    const char *event;
};

/* The line, its newline included; returns its length. Texts that are too long
 * are cut and end in "..."; fields that have no room are left out, and then the
 * line ends with cut=true.
 *
 * Control characters, and bytes that are no UTF-8, are spelled in hexadecimal:
 * \x0a in logfmt; in JSON \u000a, and \\xff for a byte that it has no way to say. */
size_t log_line(char line[LOG_LINE_BYTES], enum log_format format, const struct log_head *head,
                const struct log_field *fields, size_t n);

#endif
