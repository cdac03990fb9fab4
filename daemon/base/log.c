/* log.c - one event, one line on stderr: which are written, and which counted. */
#include "base/log.h"

#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/log_line.h"

static const char *const LEVEL[] = {"debug", "info", "warn", "error"};
static const char *const FORMAT[] = {"logfmt", "json"};

/* There are fewer in any one process; what has no place shares the last. */
enum { MOST_EVENTS = 64 };

struct event {
    const char *name; /* NULL: the place is free */
    enum log_level level;
    time_t second;
    unsigned n_lines;    /* in that second */
    uint64_t n_left_out; /* not yet told */
};

/* The one piece of state that a process has for itself: who is speaking. */
static struct {
    const char *process;
    enum log_level least;
    enum log_format format;
    bool has_no_limit;
    struct event events[MOST_EVENTS];
    size_t n_owing; /* events of which some were left out */
} speaker = {.process = "?", .least = LOG_INFO};

void log_start(const char *process, enum log_level least)
{
    speaker.process = process;
    speaker.least = least;
}

void log_least(enum log_level least)
{
    speaker.least = least;
}

void log_use(enum log_format format)
{
    speaker.format = format;
}

void log_without_limit(void)
{
    speaker.has_no_limit = true;
}

int log_level_parse(const char *text)
{
    for (int i = 0; i < (int)(sizeof LEVEL / sizeof *LEVEL); i++)
        if (strcasecmp(text, LEVEL[i]) == 0)
            return i;
    return strcasecmp(text, "warning") == 0 ? LOG_WARN : -1;
}

int log_format_parse(const char *text)
{
    for (int i = 0; i < (int)(sizeof FORMAT / sizeof *FORMAT); i++)
        if (strcasecmp(text, FORMAT[i]) == 0)
            return i;
    return -1;
}

static struct event *find(const char *name)
{
    struct event *event = speaker.events;

    while (event < speaker.events + MOST_EVENTS - 1 && event->name && strcmp(event->name, name))
        event++;
    if (!event->name)
        event->name = name;
    return event;
}

/* False: nobody takes it now. A pipe that is ready takes a whole line. */
static bool say(enum log_level level, const char *event, struct timespec now,
                const struct log_field *fields, size_t n)
{
    char line[LOG_LINE_BYTES];
    struct pollfd at = {.fd = STDERR_FILENO, .events = POLLOUT};
    const struct log_head head = {now, LEVEL[level], speaker.process, event};

    if (poll(&at, 1, 0) == 0)
        return false;
    size_t length = log_line(line, speaker.format, &head, fields, n);
    /* One write, so that lines of several processes do not mix. */
    return write(STDERR_FILENO, line, length) >= 0;
}

static void leave_out(struct event *event, enum log_level level)
{
    if (event->n_left_out++ == 0) {
        speaker.n_owing++;
        event->level = level;
    } else if (event->level < level) {
        event->level = level;
    }
}

static void tell(struct event *event, struct timespec now)
{
    const struct log_field repeated = LOG_U64("repeated", event->n_left_out);

    if (!say(event->level, event->name, now, &repeated, 1))
        return;
    event->n_left_out = 0;
    speaker.n_owing--;
}

static void tell_all(struct timespec now, bool also_of_now)
{
    for (size_t i = 0; i < MOST_EVENTS && speaker.n_owing > 0; i++) {
        struct event *event = &speaker.events[i];
        if (event->n_left_out > 0 && (also_of_now || event->second != now.tv_sec))
            tell(event, now);
    }
}

void log_fields(enum log_level level, const char *name, const struct log_field *fields, size_t n)
{
    struct timespec now;

    if (level < speaker.least)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    tell_all(now, false);
    struct event *event = find(name);
    if (event->second != now.tv_sec) {
        event->second = now.tv_sec;
        event->n_lines = 0;
    }
    if ((event->n_lines >= LOG_BURST && !speaker.has_no_limit) || !say(level, name, now, fields, n))
        leave_out(event, level);
    else
        event->n_lines++;
}

void log_flush(void)
{
    struct timespec now;

    if (speaker.n_owing == 0)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    tell_all(now, false);
}

void log_end(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    tell_all(now, true);
}
