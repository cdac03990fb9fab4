/* conf.h - the settings: all of them are rows of conf.def.
 *
 * The supervisor gathers them from flags, environment and file (settings/); its
 * children get every one of them as a flag, so that all processes of a daemon
 * have the same. */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/value.h"

#define CONF_PATH 4096 /* room for a text or a list */
#define CONF_WHY 512   /* room for what is wrong with a value */

/* The choices, in the order of conf.def; those of log-level are enum log_level. */
enum { CONF_DAMAGE_REPORT, CONF_DAMAGE_ERROR };
enum { CONF_TRACE_OFF, CONF_TRACE_ON };

struct conf {
#define NUMBER(field, ...) int64_t field;
#define BYTES(field, ...) int64_t field;
#define DURATION(field, ...) int64_t field;
#define RANGE(field, ...) struct value_range field;
#define CHOICE(field, ...) int field;
#define TEXT(field, ...) char field[CONF_PATH];
#define LIST(field, ...) char field[CONF_PATH];
#define ADDRESSES(field, ...) char field[CONF_PATH];
#include "base/conf.def"
#undef NUMBER
#undef BYTES
#undef DURATION
#undef RANGE
#undef CHOICE
#undef TEXT
#undef LIST
#undef ADDRESSES
    const char *const *roots; /* of a child: what stands after the flags; of argv */
    size_t n_roots;
};

/* CONF_AT_workers, ...: the place of a setting in CONF_SETTING; and how many. */
enum {
#define NUMBER(field, ...) CONF_AT_##field,
#define BYTES(field, ...) CONF_AT_##field,
#define DURATION(field, ...) CONF_AT_##field,
#define RANGE(field, ...) CONF_AT_##field,
#define CHOICE(field, ...) CONF_AT_##field,
#define TEXT(field, ...) CONF_AT_##field,
#define LIST(field, ...) CONF_AT_##field,
#define ADDRESSES(field, ...) CONF_AT_##field,
#include "base/conf.def"
#undef NUMBER
#undef BYTES
#undef DURATION
#undef RANGE
#undef CHOICE
#undef TEXT
#undef LIST
#undef ADDRESSES
    CONF_N
};

enum conf_kind {
    CONF_NUMBER,
    CONF_BYTES,
    CONF_DURATION,
    CONF_RANGE,
    CONF_CHOICE,
    CONF_TEXT,
    CONF_LIST,
    CONF_ADDRESSES,
};

struct conf_setting {
    const char *name;
    const char *default_text;
    const char *text;
    const char *choices; /* of a CHOICE */
    const char *sort;    /* of a TEXT or a list: what it holds, "FILE" */
    int64_t least;
    int64_t greatest;
    int64_t plain; /* what a number without a unit counts */
    size_t at;     /* of the field in struct conf */
    enum conf_kind kind;
    bool live; /* a change counts at SIGHUP */
};

extern const struct conf_setting CONF_SETTING[CONF_N];

/* NULL when there is none of that name, which is `n` long. */
const struct conf_setting *conf_find(const char *name, size_t n);

bool conf_is_list(const struct conf_setting *setting);

void conf_defaults(struct conf *conf_out);

/* Give a setting its value; to a list the value is added. False: `conf` is as it
 * was, and `why` tells of the value and of what is allowed. */
bool conf_set(struct conf *conf, const struct conf_setting *setting, const char *value,
              char why[CONF_WHY]);

/* Make a list empty. */
void conf_clear(struct conf *conf, const struct conf_setting *setting);

/* The value in people's units, as conf_set reads it. */
void conf_print(const struct conf *conf, const struct conf_setting *setting, char text[CONF_PATH]);

bool conf_equal(const struct conf *a, const struct conf *b, const struct conf_setting *setting);

void conf_copy(struct conf *to, const struct conf *from, const struct conf_setting *setting);

/* The value of a live setting as two numbers (.min and .max of a range), to be
 * sent to a process that runs; and taken there, if the setting allows it. */
struct conf_numbers {
    int64_t value[2];
};
struct conf_numbers conf_numbers(const struct conf *conf, const struct conf_setting *setting);
bool conf_set_numbers(struct conf *conf, const struct conf_setting *setting,
                      const struct conf_numbers *numbers);

/* What is allowed, in words: "a size from 4M to 4T (such as 512M)". */
void conf_allowed(const struct conf_setting *setting, char text[CONF_WHY]);

/* Item `i` of a list, copied; false when it has not so many. */
bool conf_item(const char *list, size_t i, char item[CONF_PATH]);

/* Of a child: read the flags that conf_flags made, and the roots after them.
 * 0, or -1 after saying on stderr what is wrong. */
int conf_read_flags(struct conf *conf_out, int argc, char **argv);

/* The settings as flags, for a child's command line. Roots are not among them:
 * --root is what people said, not what was found. */
struct conf_flags {
    char *arguments[CONF_N];
    char room[CONF_N][CONF_PATH + 64];
    size_t n;
};
void conf_flags(const struct conf *conf, struct conf_flags *flags_out);

#endif
