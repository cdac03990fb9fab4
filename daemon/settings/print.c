/* print.c - what mef3d says of its settings: --help and --print-config. */
#include <string.h>

#include "base/log.h"
#include "settings/room.h"

void settings_sort(const struct conf_setting *setting, char *text, size_t room)
{
    static const char *const SORT[] = {
        [CONF_NUMBER] = "N",
        [CONF_BYTES] = "SIZE",
        [CONF_DURATION] = "DURATION",
        [CONF_RANGE] = "MIN-MAX",
    };
    size_t n = 0;

    if (setting->sort) {
        snprintf(text, room, "%s", setting->sort);
    } else if (setting->kind == CONF_CHOICE) {
        for (int i = 0; i < value_n_choices(setting->choices) && n < room; i++) {
            char word[VALUE_TEXT];
            value_print_choice(i, setting->choices, word);
            n += (size_t)snprintf(text + n, room - n, "%s%s", i ? "|" : "", word);
        }
    } else {
        snprintf(text, room, "%s", SORT[setting->kind]);
    }
}

void settings_origin_text(const struct settings *settings, const struct conf_setting *setting,
                          char *text, size_t room)
{
    const struct settings_origin *from = &settings->from[setting - CONF_SETTING];
    char variable[VARIABLE_NAME];

    switch (from->source) {
    case FROM_FLAG:
        snprintf(text, room, "flag --%s", setting->name);
        break;
    case FROM_ENVIRONMENT:
        settings_variable(setting, variable);
        snprintf(text, room, "environment %s", from->old_name ? from->old_name : variable);
        break;
    case FROM_FILE:
        snprintf(text, room, "%s:%d", settings->file, from->line);
        break;
    case FROM_DEFAULT:
        snprintf(text, room, "default");
        break;
    }
}

/* The parser cuts a value at a ';' after a space, and spaces at its ends. */
static bool can_stand_in_a_file(const char *name, const char *value)
{
    size_t n = strlen(value);

    for (size_t i = 0; i < n; i++)
        if (value[i] == ';' && (i == 0 || value[i - 1] == ' '))
            return false;
    return n == 0 || (value[0] != ' ' && value[n - 1] != ' ' && strlen(name) + n + 4 <= 198);
}

static void print_value(const char *name, const char *value, const char *origin, FILE *out)
{
    char line[CONF_PATH + 64];

    snprintf(line, sizeof line, "%s = %s", name, value);
    if (!can_stand_in_a_file(name, value))
        fprintf(out, "# %s  (from %s; no line of a file can say it)\n", line, origin);
    else if (strlen(line) + strlen(origin) + 4 <= 198)
        fprintf(out, "%-36s ; %s\n", line, origin);
    else
        fprintf(out, "# %.190s:\n%s\n", origin, line);
}

void settings_print_config(const struct settings *settings, FILE *out)
{
    fprintf(out, "# The settings of mef3d %s, and where each came from.\n", MEF3_VERSION);
    for (const struct conf_setting *s = CONF_SETTING; s < CONF_SETTING + CONF_N; s++) {
        char value[CONF_PATH], item[CONF_PATH], origin[SETTINGS_WHY];
        conf_print(&settings->conf, s, value);
        settings_origin_text(settings, s, origin, sizeof origin);
        if (!conf_is_list(s) || !value[0])
            print_value(s->name, value, origin, out);
        else
            for (size_t i = 0; conf_item(value, i, item); i++)
                print_value(s->name, item, origin, out);
    }
    for (size_t i = 0; i < settings->n_notes; i++)
        fprintf(out, "# %s has no meaning here: %s\n", settings->notes[i].name,
                settings->notes[i].why);
}

void settings_print_wrapped(const char *text, int indent, size_t width, FILE *out)
{
    size_t column = 0;

    while (*text) {
        size_t n = strcspn(text, " ");
        if (column > 0 && column + 1 + n > width) {
            fputc('\n', out);
            column = 0;
        }
        fprintf(out, "%*s%.*s", column ? 1 : indent, column ? " " : "", (int)n, text);
        column += n + (column > 0);
        text += n + (text[n] == ' ');
    }
    fputc('\n', out);
}

void settings_print_help(FILE *out)
{
    enum { INDENT = 8, WIDTH = 80 - INDENT };

    fprintf(out,
            "usage: mef3d [FLAG...] [FOLDER...]\n\n"
            "Serves the MEF 3.0 recordings beneath each FOLDER (default: the current folder)\n"
            "over gRPC. Each setting is a flag, a variable of the environment (--cache-ttl is\n"
            "MEF3D_CACHE_TTL) and a key of the settings file (cache-ttl = 30m). Flags beat the\n"
            "environment, the environment beats the file.\n\n"
            "  --config FILE\n        the settings file; or MEF3D_CONFIG\n"
            "  --print-config\n        say each setting and where it came from, and end\n"
            "  --help, --version\n\n");
    for (const struct conf_setting *s = CONF_SETTING; s < CONF_SETTING + CONF_N; s++) {
        char sort[CONF_WHY], line[CONF_PATH];
        settings_sort(s, sort, sizeof sort);
        fprintf(out, "  --%s %s\n", s->name, sort);
        snprintf(line, sizeof line, "%s [%s]", s->text,
                 s->default_text[0] ? s->default_text : "none");
        settings_print_wrapped(line, INDENT, WIDTH, out);
    }
}

void settings_log_notes(const struct settings *settings)
{
    for (size_t i = 0; i < settings->n_notes; i++)
        log_info("setting_without_meaning", LOG_WORD("name", settings->notes[i].name),
                 LOG_STR("why", settings->notes[i].why));
}

void settings_answer(const struct settings *settings, enum settings_wish wish, FILE *out)
{
    switch (wish) {
    case WISH_HELP:
        settings_print_help(out);
        break;
    case WISH_VERSION:
        fprintf(out, "mef3d %s\n", MEF3_VERSION);
        break;
    case WISH_PRINT_CONFIG:
        settings_print_config(settings, out);
        break;
    case WISH_PRINT_MAN:
        settings_print_man(out);
        break;
    case WISH_PRINT_MARKDOWN:
        settings_print_markdown(out);
        break;
    case WISH_SERVE:
        break;
    }
}
