/* conf.c - the settings, read from flags and environment by the table in conf.def. */
#include "base/conf.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { NUMBER_KIND, BYTES_KIND, TEXT_KIND };

struct setting {
    const char *flag;
    const char *environment;
    const char *text;
    const char *default_text; /* of a TEXT */
    int64_t default_number;
    int64_t least;
    int64_t greatest;
    size_t at; /* of the field in struct conf */
    enum kind kind;
};

static const struct setting SETTING[] = {
#define NUMBER(field, flag, env, def, low, high, text) \
    {flag, env, text, NULL, def, low, high, offsetof(struct conf, field), NUMBER_KIND},
#define BYTES(field, flag, env, def, low, high, text) \
    {flag, env, text, NULL, def, low, high, offsetof(struct conf, field), BYTES_KIND},
#define TEXT(field, flag, env, def, text) \
    {flag, env, text, def, 0, 0, 0, offsetof(struct conf, field), TEXT_KIND},
#include "base/conf.def"
#undef NUMBER
#undef BYTES
#undef TEXT
};
enum { N_SETTINGS = sizeof SETTING / sizeof *SETTING };

static int64_t *number_of(struct conf *conf, const struct setting *s)
{
    return (int64_t *)(void *)((char *)conf + s->at);
}

static char *text_of(struct conf *conf, const struct setting *s)
{
    return (char *)conf + s->at;
}

/* "512M" and the like; plain numbers are bytes. */
static bool parse_number(const char *text, bool bytes, int64_t *number_out)
{
    char *end;
    int shift = 0;

    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (end == text || errno)
        return false;
    if (bytes && *end) {
        static const char UNITS[] = "KMGT";
        const char *unit = strchr(UNITS, *end >= 'a' ? *end - 'a' + 'A' : *end);
        if (!unit)
            return false;
        shift = 10 * (int)(unit - UNITS + 1);
        end++;
        if (strcmp(end, "iB") == 0 || strcmp(end, "B") == 0)
            end += strlen(end);
    }
    if (*end || number > INT64_MAX >> shift || number < INT64_MIN >> shift)
        return false;
    *number_out = (int64_t)number * ((int64_t)1 << shift);
    return true;
}

static bool set(struct conf *conf, const struct setting *s, const char *value, const char *program,
                const char *prefix, const char *name)
{
    int64_t number;

    if (s->kind == TEXT_KIND) {
        if (strlen(value) >= CONF_PATH) {
            fprintf(stderr, "%s: %s%s: longer than %d bytes\n", program, prefix, name,
                    CONF_PATH - 1);
            return false;
        }
        strcpy(text_of(conf, s), value);
        return true;
    }
    if (!parse_number(value, s->kind == BYTES_KIND, &number) || number < s->least ||
        number > s->greatest) {
        fprintf(stderr, "%s: %s%s: '%s' is not %s from %" PRId64 " to %" PRId64 "\n", program,
                prefix, name, value, s->kind == BYTES_KIND ? "a size (such as 512M)" : "a number",
                s->least, s->greatest);
        return false;
    }
    *number_of(conf, s) = number;
    return true;
}

static void print_help(const char *program)
{
    printf("usage: %s [FLAG...] [ROOT...]\n\n"
           "Serves the MEF 3.0 recordings beneath each ROOT (default: the current folder)\n"
           "over gRPC. Flags, with their environment names and defaults:\n\n",
           program);
    for (const struct setting *s = SETTING; s < SETTING + N_SETTINGS; s++) {
        char flag[64];
        snprintf(flag, sizeof flag, "--%s %s", s->flag,
                 s->kind == TEXT_KIND    ? "TEXT"
                 : s->kind == BYTES_KIND ? "SIZE"
                                         : "N");
        printf("  %-24s %s\n%27s", flag, s->text, "");
        if (s->kind == TEXT_KIND)
            printf("[%s; %s]\n", s->environment, s->default_text[0] ? s->default_text : "none");
        else if (s->kind == BYTES_KIND)
            printf("[%s; %" PRId64 "M]\n", s->environment, s->default_number >> 20);
        else
            printf("[%s; %" PRId64 "]\n", s->environment, s->default_number);
    }
    printf("  --help, --version\n");
}

static void set_defaults(struct conf *conf)
{
    memset(conf, 0, sizeof *conf);
    for (const struct setting *s = SETTING; s < SETTING + N_SETTINGS; s++) {
        if (s->kind == TEXT_KIND)
            strcpy(text_of(conf, s), s->default_text);
        else
            *number_of(conf, s) = s->default_number;
    }
}

enum conf_result conf_read(struct conf *conf, const char *program, int argc, char **argv)
{
    enum { HELP = N_SETTINGS, VERSION };
    struct option options[N_SETTINGS + 3] = {
        [HELP] = {"help", no_argument, NULL, HELP},
        [VERSION] = {"version", no_argument, NULL, VERSION},
    };
    int which;

    set_defaults(conf);
    for (int i = 0; i < N_SETTINGS; i++) {
        const char *value = getenv(SETTING[i].environment);
        options[i] = (struct option){SETTING[i].flag, required_argument, NULL, i};
        if (value && value[0] &&
            !set(conf, &SETTING[i], value, program, "environment: ", SETTING[i].environment))
            return CONF_WRONG;
    }
    while ((which = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (which == HELP) {
            print_help(program);
            return CONF_DONE;
        }
        if (which == VERSION) {
            printf("%s %s\n", program, MEF3_VERSION);
            return CONF_DONE;
        }
        if (which < 0 || which >= N_SETTINGS) {
            fprintf(stderr, "%s: see %s --help\n", program, program);
            return CONF_WRONG;
        }
        if (!set(conf, &SETTING[which], optarg, program, "--", SETTING[which].flag))
            return CONF_WRONG;
    }
    conf->roots = (const char *const *)(argv + optind);
    conf->n_roots = (size_t)(argc - optind);
    return CONF_GO;
}

void conf_flags(const struct conf *conf, struct conf_flags *flags)
{
    struct conf copy = *conf;

    _Static_assert(N_SETTINGS <= CONF_FLAGS, "raise CONF_FLAGS");
    flags->n = N_SETTINGS;
    for (int i = 0; i < N_SETTINGS; i++) {
        const struct setting *s = &SETTING[i];
        flags->arguments[i] = flags->room[i];
        if (s->kind == TEXT_KIND)
            snprintf(flags->room[i], sizeof flags->room[i], "--%s=%s", s->flag, text_of(&copy, s));
        else
            snprintf(flags->room[i], sizeof flags->room[i], "--%s=%" PRId64, s->flag,
                     *number_of(&copy, s));
    }
}
