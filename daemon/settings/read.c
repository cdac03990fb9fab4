/* read.c - the settings from flags, environment and file, the weakest first. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "settings/room.h"

static const char PREFIX[] = "MEF3D_";

/* What the command line has beside settings. */
struct line {
    enum settings_wish wish;
    const char *file;
    const char *file_place; /* which name said the file */
};

void settings_note(struct settings *settings, const char *name, const char *why)
{
    struct settings_note *note = &settings->notes[settings->n_notes];

    if (settings->n_notes == SETTINGS_NOTES)
        return;
    snprintf(note->name, sizeof note->name, "%s", name);
    note->why = why;
    settings->n_notes++;
}

static int fail(char *why, const char *place, const char *words)
{
    snprintf(why, SETTINGS_WHY, "%.4100s: %.500s", place, words);
    return -1;
}

static bool has_control_characters(const char *value)
{
    for (; *value; value++)
        if ((unsigned char)*value < ' ' || *value == 0x7F)
            return true;
    return false;
}

int settings_take(struct settings *settings, const struct conf_setting *setting, const char *value,
                  const struct settings_origin *origin, const char *place, char *why)
{
    struct settings_origin *from = &settings->from[setting - CONF_SETTING];
    char words[CONF_WHY];

    if (has_control_characters(value))
        return fail(why, place, "the value has a control character");
    if (conf_is_list(setting) && from->source != origin->source)
        conf_clear(&settings->conf, setting);
    if (!conf_set(&settings->conf, setting, value, words))
        return fail(why, place, words);
    *from = *origin;
    return 0;
}

/* The environment. */

void settings_variable(const struct conf_setting *setting, char name[VARIABLE_NAME])
{
    size_t n = (size_t)snprintf(name, VARIABLE_NAME, "%s%s", PREFIX, setting->name);

    for (size_t i = 0; i < n && i < VARIABLE_NAME; i++)
        name[i] = name[i] == '-' ? '_' : (char)toupper((unsigned char)name[i]);
}

static const char *value_in(char *const *environment, const char *name)
{
    size_t n = strlen(name);

    for (; *environment; environment++)
        if (strncmp(*environment, name, n) == 0 && (*environment)[n] == '=' &&
            (*environment)[n + 1])
            return *environment + n + 1;
    return NULL;
}

/* `old_name`: NULL when it is the setting's own variable. */
static int take_variable(struct settings *settings, const struct conf_setting *setting,
                         const char *old_name, const char *value, char *why)
{
    struct settings_origin origin = {.source = FROM_ENVIRONMENT, .old_name = old_name};
    char name[VARIABLE_NAME], place[VARIABLE_NAME + 16], items[CONF_PATH];

    settings_variable(setting, name);
    snprintf(place, sizeof place, "environment %s", old_name ? old_name : name);
    if (!conf_is_list(setting))
        return settings_take(settings, setting, value, &origin, place, why);
    /* A variable is said once; commas stand between the items. */
    if (strlen(value) >= sizeof items)
        return fail(why, place, "too long");
    strcpy(items, value);
    for (char *rest = items, *item; (item = strsep(&rest, ","));)
        if (settings_take(settings, setting, item, &origin, place, why) < 0)
            return -1;
    return 0;
}

/* A name that counts less than one that was seen before is told of. */
static int take_old_names(struct settings *settings, char *const *environment, char *why)
{
    for (size_t i = 0; i < N_OLD_NAMES; i++) {
        const struct old_name *old = &OLD_NAMES[i];
        const char *value = old->in_file ? NULL : value_in(environment, old->name);
        char with_unit[CONF_PATH];
        if (!value)
            continue;
        /* READER_PROCESSES=0: as many as it finds best. */
        bool says_nothing = strcmp(old->name, "READER_PROCESSES") == 0 && strcmp(value, "0") == 0;
        if (!old->setting || says_nothing) {
            settings_note(settings, old->name, old->why);
            continue;
        }
        const struct conf_setting *setting = conf_find(old->setting, strlen(old->setting));
        const struct settings_origin *from = &settings->from[setting - CONF_SETTING];
        if (from->source == FROM_ENVIRONMENT)
            settings_note(settings, from->old_name, "another variable says the same setting");
        snprintf(with_unit, sizeof with_unit, "%s%s", value, old->unit);
        if (take_variable(settings, setting, old->name, with_unit, why) < 0)
            return -1;
    }
    return 0;
}

/* A misspelt name must not be passed over. */
static int check_variables(char *const *environment, char *why)
{
    for (; *environment; environment++) {
        size_t n = strcspn(*environment, "=");
        char name[VARIABLE_NAME];
        bool is_known =
            n == strlen("MEF3D_CONFIG") && strncmp(*environment, "MEF3D_CONFIG", n) == 0;
        if (strncmp(*environment, PREFIX, sizeof PREFIX - 1) != 0)
            continue;
        for (int i = 0; i < CONF_N && !is_known; i++) {
            settings_variable(&CONF_SETTING[i], name);
            is_known = strlen(name) == n && strncmp(*environment, name, n) == 0;
        }
        if (!is_known) {
            snprintf(why, SETTINGS_WHY, "environment %.*s: no such setting; see mef3d --help",
                     n < 200 ? (int)n : 200, *environment);
            return -1;
        }
    }
    return 0;
}

static int read_environment(struct settings *settings, char *const *environment, char *why)
{
    char name[VARIABLE_NAME];

    if (check_variables(environment, why) < 0 || take_old_names(settings, environment, why) < 0)
        return -1;
    for (int i = 0; i < CONF_N; i++) {
        settings_variable(&CONF_SETTING[i], name);
        const char *value = value_in(environment, name);
        if (value && settings->from[i].old_name)
            settings_note(settings, settings->from[i].old_name,
                          "another variable says the same setting");
        if (value && take_variable(settings, &CONF_SETTING[i], NULL, value, why) < 0)
            return -1;
    }
    return 0;
}

/* The command line. */

static const struct {
    const char *flag;
    enum settings_wish wish;
} WISH[] = {
    {"--help", WISH_HELP},
    {"-h", WISH_HELP},
    {"--version", WISH_VERSION},
    {"--print-config", WISH_PRINT_CONFIG},
    {"--print-reference=man", WISH_PRINT_MAN},
    {"--print-reference=markdown", WISH_PRINT_MARKDOWN},
};

static bool read_wish(const char *argument, enum settings_wish *wish)
{
    for (size_t i = 0; i < sizeof WISH / sizeof *WISH; i++)
        if (strcmp(argument, WISH[i].flag) == 0) {
            *wish = WISH[i].wish;
            return true;
        }
    return false;
}

static int take_root(struct settings *settings, const char *folder, char *why)
{
    struct settings_origin origin = {.source = FROM_FLAG};

    if (!*folder)
        return fail(why, "command line", "a folder without a name");
    return settings_take(settings, &CONF_SETTING[CONF_AT_root], folder, &origin, "command line",
                         why);
}

/* One --name=value or --name value at argv[*i]; settings NULL: look for the file only. */
static int read_flag(struct settings *settings, struct line *line, int argc, char *const *argv,
                     int *i, char *why)
{
    const char *flag = argv[*i];
    size_t n = strcspn(flag, "=");
    bool is_file = n == strlen("--config") && strncmp(flag, "--config", n) == 0;
    const struct conf_setting *setting =
        strncmp(flag, "--", 2) == 0 ? conf_find(flag + 2, n - 2) : NULL;
    struct settings_origin origin = {.source = FROM_FLAG};
    char place[80];

    if (!setting && !is_file)
        return fail(why, flag, "no such flag; see mef3d --help");
    snprintf(place, sizeof place, "--%s", is_file ? "config" : setting->name);
    const char *value = flag[n] ? flag + n + 1 : *i + 1 < argc ? argv[++*i] : NULL;
    if (!value)
        return fail(why, place, "a value is missing; see mef3d --help");
    if (is_file) {
        line->file = value;
        line->file_place = "--config";
        return 0;
    }
    return settings ? settings_take(settings, setting, value, &origin, place, why) : 0;
}

static int read_line(struct settings *settings, struct line *line, int argc, char *const *argv,
                     char *why)
{
    bool only_roots = false;

    for (int i = 1; i < argc; i++) {
        if (!only_roots && strcmp(argv[i], "--") == 0) {
            only_roots = true;
        } else if (only_roots || argv[i][0] != '-') {
            if (settings && take_root(settings, argv[i], why) < 0)
                return -1;
        } else if (!read_wish(argv[i], &line->wish) &&
                   read_flag(settings, line, argc, argv, &i, why) < 0) {
            return -1;
        }
    }
    return 0;
}

/* What settings say about each other. */
static void settle(struct settings *settings)
{
    static const int AHEAD[] = {CONF_AT_n_prefetch, CONF_AT_prefetch_ahead_windows,
                                CONF_AT_prefetch_behind_windows};
    struct conf *conf = &settings->conf;
    char why[CONF_WHY], place[SETTINGS_NAME];

    /* An address that was said with more strength has its port already. */
    if (conf->port && settings->from[CONF_AT_port].source < settings->from[CONF_AT_listen].source) {
        settings_origin_text(settings, &CONF_SETTING[CONF_AT_port], place, sizeof place);
        settings_note(settings, place, "--listen, said with more strength, has a port");
        conf->port = 0;
        settings->from[CONF_AT_port] = (struct settings_origin){0};
    }
    /* The way to find faults of the predecessor: one process, nothing ahead. */
    if (conf->workers.max == 0)
        for (size_t i = 0; i < sizeof AHEAD / sizeof *AHEAD; i++)
            if (settings->from[AHEAD[i]].source == FROM_DEFAULT) {
                conf_set(conf, &CONF_SETTING[AHEAD[i]], "0", why);
                settings->from[AHEAD[i]] = settings->from[CONF_AT_workers];
            }
    conf->workers.min += conf->workers.min == 0;
    conf->workers.max += conf->workers.max == 0;
}

static int gather(struct settings *settings, struct line *line, int argc, char *const *argv,
                  char *const *environment, char *why)
{
    const char *in_environment = value_in(environment, "MEF3D_CONFIG");

    conf_defaults(&settings->conf);
    /* Once for the file, which is weaker than the flags beside it. */
    if (read_line(NULL, line, argc, argv, why) < 0)
        return -1;
    if (!line->file && in_environment) {
        line->file = in_environment;
        line->file_place = "environment MEF3D_CONFIG";
    }
    if (line->file) {
        if (strlen(line->file) >= sizeof settings->file)
            return fail(why, line->file_place, "the path is too long");
        strcpy(settings->file, line->file);
        if (settings_read_file(settings, why) < 0)
            return -1;
    }
    if (read_environment(settings, environment, why) < 0 ||
        read_line(settings, line, argc, argv, why) < 0)
        return -1;
    settle(settings);
    return 0;
}

int settings_read(int argc, char *const *argv, char *const *environment,
                  struct settings *settings_out, enum settings_wish *wish_out,
                  char why[SETTINGS_WHY])
{
    struct settings *settings = calloc(1, sizeof *settings);
    struct line line = {.wish = WISH_SERVE};
    int result = settings ? gather(settings, &line, argc, argv, environment, why)
                          : fail(why, "settings", "out of memory");

    /* Help helps also where something is wrong. */
    if (result < 0 && (line.wish == WISH_HELP || line.wish == WISH_VERSION))
        result = 0;
    if (result == 0) {
        *settings_out = *settings;
        *wish_out = line.wish;
    }
    free(settings);
    return result;
}
