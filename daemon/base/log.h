/* log.h - one event, one line on stderr: logfmt, or a JSON object.
 *
 *   time=2026-01-02T03:04:05.678Z level=warn process=server event=worker_lost slot=1 job=77
 *   {"time":"2026-01-02T03:04:05.678Z","level":"warn","process":"server","event":"worker_lost",...
 *
 *   log_warn("worker_lost", LOG_U64("slot", slot), LOG_U64("job", id));
 *
 * Events and their fields are stable: docs/EVENTS.md has them all, and a test
 * holds the sources to it, so the name is always spelled out in the call. Values
 * may be any bytes: whatever they are, a line stays one line and JSON stays JSON.
 * No password, no subject data, at any level.
 *
 * A flood of one event is counted: after LOG_BURST lines in a second, and while
 * nobody takes lines from stderr, further ones are left out, and told of in one
 * line with repeated=N afterwards. A process that logs while it runs calls
 * log_flush now and then, and log_end at its end, so that no count is kept back. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_LOGFMT, LOG_JSON };

/* Of one event, in one second. */
#define LOG_BURST 100

/* `process` must be a string that lives for ever. */
void log_start(const char *process, enum log_level least);
void log_use(enum log_format format);
void log_least(enum log_level least);
/* From now on as many lines of one event as there are: for who looks at few requests closely. */
void log_without_limit(void);

/* "debug" "info" "warn" "error", any case; -1 when it is none of them. */
int log_level_parse(const char *text);
/* "logfmt" "json", any case; -1. */
int log_format_parse(const char *text);

enum log_kind { LOG_KIND_NONE, LOG_KIND_TEXT, LOG_KIND_WORD, LOG_KIND_SIGNED, LOG_KIND_UNSIGNED };

struct log_field {
    const char *name;
    enum log_kind kind;
    union {
        const char *text;
        int64_t i64;
        uint64_t u64;
    } value;
};

/* A text: any bytes, quoted; NULL: the field is left out. A word: one of a few
 * that we know; logfmt quotes it only if it must. A field with _IF is there when
 * that is so. */
/* clang-format off */
#define LOG_STR(name, string) {name, LOG_KIND_TEXT, {.text = (string)}}
#define LOG_WORD(name, string) {name, LOG_KIND_WORD, {.text = (string)}}
#define LOG_I64(name, number) {name, LOG_KIND_SIGNED, {.i64 = (number)}}
#define LOG_U64(name, number) {name, LOG_KIND_UNSIGNED, {.u64 = (number)}}
#define LOG_I64_IF(is_so, name, number) \
    {name, (is_so) ? LOG_KIND_SIGNED : LOG_KIND_NONE, {.i64 = (number)}}
#define LOG_U64_IF(is_so, name, number) \
    {name, (is_so) ? LOG_KIND_UNSIGNED : LOG_KIND_NONE, {.u64 = (number)}}
/* clang-format on */

/* `event` must be a string that lives for ever. */
void log_fields(enum log_level level, const char *event, const struct log_field *fields, size_t n);

#define log_event(level, event, ...)                                  \
    log_fields(level, event, (const struct log_field[]){__VA_ARGS__}, \
               sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))
#define log_debug(...) log_event(LOG_DEBUG, __VA_ARGS__)
#define log_info(...) log_event(LOG_INFO, __VA_ARGS__)
#define log_warn(...) log_event(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_event(LOG_ERROR, __VA_ARGS__)

/* Tell what was left out in seconds that are over; all that was left out. */
void log_flush(void);
void log_end(void);

#endif
