/* conf.h - the settings: flags beat the environment, the environment beats the
 * defaults. All of them are rows of conf.def. */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stddef.h>
#include <stdint.h>

#define CONF_PATH 4096

struct conf {
#define NUMBER(field, ...) int64_t field;
#define BYTES(field, ...) int64_t field;
#define TEXT(field, ...) char field[CONF_PATH];
#include "base/conf.def"
#undef NUMBER
#undef BYTES
#undef TEXT
    const char *const *roots; /* what stands after the flags; of argv */
    size_t n_roots;
};

enum conf_result {
    CONF_GO,
    CONF_DONE,  /* --help or --version was answered */
    CONF_WRONG, /* one line on stderr said what: setting, value, what is allowed */
};

/* Read argv and the environment. `program` is named in help and errors. */
enum conf_result conf_read(struct conf *conf, const char *program, int argc, char **argv);

/* The settings as flags, for a child's command line: fills arguments_out with
 * pointers into `room` and returns how many. Roots are not among them. */
#define CONF_FLAGS 16
struct conf_flags {
    char *arguments[CONF_FLAGS];
    char room[CONF_FLAGS][CONF_PATH + 32];
    size_t n;
};
void conf_flags(const struct conf *conf, struct conf_flags *flags_out);

#endif
