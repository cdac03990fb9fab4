/* room.h - what the sources of this room share. */
#ifndef SETTINGS_ROOM_H
#define SETTINGS_ROOM_H

#include "settings/settings.h"

/* Give a setting a value from a source. 0, or -1 with `why`, which begins with
 * `place` ("--workers"). The first value of a list from a source empties it. */
int settings_take(struct settings *settings, const struct conf_setting *setting, const char *value,
                  const struct settings_origin *origin, const char *place, char *why);

void settings_note(struct settings *settings, const char *name, const char *why);

/* The settings file settings->file. 0, or -1 with `why`. */
int settings_read_file(struct settings *settings, char *why);

/* A name that one of the Python servers reads. */
struct old_name {
    const char *name;
    const char *setting; /* what it means here; NULL: nothing */
    const char *unit;    /* of its plain numbers */
    const char *why;     /* it means nothing, or what it means */
    bool in_file;        /* a key of their file, not of the environment */
};

/* Of two names for one setting the later one counts. */
extern const struct old_name OLD_NAMES[];
extern const size_t N_OLD_NAMES;

/* NAME in the environment: MEF3D_CACHE_TTL. */
#define VARIABLE_NAME 64
void settings_variable(const struct conf_setting *setting, char name[VARIABLE_NAME]);

void settings_print_config(const struct settings *settings, FILE *out);
void settings_print_help(FILE *out);
void settings_print_man(FILE *out);
void settings_print_markdown(FILE *out);

/* "SIZE", "MIN-MAX", "report|error": what stands after a flag. */
void settings_sort(const struct conf_setting *setting, char *text, size_t room);

/* Words in lines of `width`, each after `indent` spaces. */
void settings_print_wrapped(const char *text, int indent, size_t width, FILE *out);

#endif
