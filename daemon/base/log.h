/* log.h - one event, one line of logfmt on stderr.
 *
 *   time=2026-01-02T03:04:05.678Z level=warn process=server event=worker_lost slot=1 pid=77
 *
 * Event names are stable (docs/ARCHITECTURE.md lists them). `format` gives the
 * fields after the event, ready as key=value; a text that may hold spaces or
 * that comes from outside goes through log_quote. No password, no subject data. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stddef.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* `process` must be a string that lives for ever. */
void log_start(const char *process, enum log_level least);

/* "debug" "info" "warn" "error", any case; -1 when it is none of them. */
int log_level_parse(const char *text);

__attribute__((format(printf, 3, 4))) void log_event(enum log_level level, const char *event,
                                                     const char *format, ...);

#define log_debug(...) log_event(LOG_DEBUG, __VA_ARGS__)
#define log_info(...) log_event(LOG_INFO, __VA_ARGS__)
#define log_warn(...) log_event(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_event(LOG_ERROR, __VA_ARGS__)

/* `text` in double quotes with control characters, quotes and backslashes
 * escaped, cut to fit. Returns `quoted`. */
#define LOG_QUOTED 512
const char *log_quote(char quoted[LOG_QUOTED], const char *text);

#endif
