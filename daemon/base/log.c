/* log.c - one event, one line of logfmt on stderr. */
#include "base/log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

static const char *const LEVEL[] = {"debug", "info", "warn", "error"};

/* More in one second are left out: a recording full of damage fills no disk. */
enum { LINES_A_SECOND = 200 };

/* The one piece of state that a process has for itself: who is speaking. */
static struct {
    const char *process;
    enum log_level least;
    time_t second;
    unsigned n_lines; /* in that second */
    unsigned n_left_out;
} speaker = {.process = "?", .least = LOG_INFO};

void log_start(const char *process, enum log_level least)
{
    speaker.process = process;
    speaker.least = least;
}

int log_level_parse(const char *text)
{
    for (int i = 0; i < (int)(sizeof LEVEL / sizeof *LEVEL); i++)
        if (strcasecmp(text, LEVEL[i]) == 0)
            return i;
    return strcasecmp(text, "warning") == 0 ? LOG_WARN : -1;
}

/* False: not now, too much was said, or whoever reads stderr is behind. A pipe
 * that is ready takes a whole line. */
static bool may_speak(time_t second)
{
    struct pollfd at = {.fd = STDERR_FILENO, .events = POLLOUT};

    if (speaker.second != second) {
        speaker.second = second;
        speaker.n_lines = 0;
    }
    if (speaker.n_lines >= LINES_A_SECOND || poll(&at, 1, 0) == 0) {
        speaker.n_left_out++;
        return false;
    }
    speaker.n_lines++;
    return true;
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
    char line[2048];
    char when[32];
    struct timespec now;
    struct tm utc;

    if (level < speaker.least)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    if (!may_speak(now.tv_sec))
        return;
    if (speaker.n_left_out > 0) {
        unsigned n = speaker.n_left_out;
        speaker.n_left_out = 0;
        log_event(LOG_WARN, "log_left_out", "lines=%u", n);
    }
    gmtime_r(&now.tv_sec, &utc);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &utc);
    int n = snprintf(line, sizeof line, "time=%s.%03ldZ level=%s process=%s event=%s ", when,
                     now.tv_nsec / 1000000, LEVEL[level], speaker.process, event);

    va_list values;
    va_start(values, format);
    int m = vsnprintf(line + n, sizeof line - (size_t)n, format, values);
    va_end(values);
    size_t length = (size_t)n + (m > 0 ? (size_t)m : 0);
    if (length > sizeof line - 1)
        length = sizeof line - 1;
    line[length] = '\n';
    /* One write, so that lines of several processes do not mix. */
    ssize_t ignored = write(STDERR_FILENO, line, length + 1);
    (void)ignored;
}

const char *log_quote(char quoted[LOG_QUOTED], const char *text)
{
    char *at = quoted;
    const char *end = quoted + LOG_QUOTED - 6;

    *at++ = '"';
    for (; *text && at < end; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            *at++ = '\\';
            *at++ = (char)c;
        } else if (c < 0x20 || c == 0x7F) {
            at += sprintf(at, "\\x%02x", c);
        } else {
            *at++ = (char)c;
        }
    }
    *at++ = '"';
    *at = '\0';
    return quoted;
}
