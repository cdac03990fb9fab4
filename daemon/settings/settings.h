/* settings.h - the settings as the supervisor gathers them, and where each came from.
 *
 * Flags beat the environment, the environment beats the file, the file beats the
 * defaults. Of a list the strongest source counts as a whole. What is wrong is
 * said in one line that names the setting, the value and what is allowed. */
#ifndef SETTINGS_SETTINGS_H
#define SETTINGS_SETTINGS_H

#include <stdio.h>

#include "base/conf.h"

#define SETTINGS_WHY (2 * CONF_WHY + CONF_PATH)
#define SETTINGS_NOTES 24
#define SETTINGS_NAME 128

enum settings_source { FROM_DEFAULT, FROM_FILE, FROM_ENVIRONMENT, FROM_FLAG };

struct settings_origin {
    enum settings_source source;
    const char *old_name; /* of another server's variable; NULL: its own name */
    int line;             /* of the file */
};

/* A name of another server that was accepted and changes nothing. */
struct settings_note {
    char name[SETTINGS_NAME];
    const char *why;
};

struct settings {
    struct conf conf; /* conf.root has the folders of the command line too */
    struct settings_origin from[CONF_N];
    char file[CONF_PATH]; /* "": none */
    struct settings_note notes[SETTINGS_NOTES];
    size_t n_notes;
};

/* What the command line asks for. */
enum settings_wish {
    WISH_SERVE,
    WISH_HELP,
    WISH_VERSION,
    WISH_PRINT_CONFIG,
    WISH_PRINT_MAN,
    WISH_PRINT_MARKDOWN,
};

/* 0, or -1 with the outputs untouched and what is wrong in `why`. Names in
 * settings_out point into argv, environment and constant tables. */
int settings_read(int argc, char *const *argv, char *const *environment,
                  struct settings *settings_out, enum settings_wish *wish_out,
                  char why[SETTINGS_WHY]);

/* Read all again, as at the start, and take over what may change while mef3d runs;
 * `changed` is called for each such setting. What changed and what needs a restart
 * is logged. If anything is wrong, that is logged and nothing is changed. */
typedef void settings_changed_fn(void *arg, const struct conf_setting *setting);
void settings_reload(struct settings *settings, int argc, char *const *argv,
                     char *const *environment, settings_changed_fn *changed, void *arg);

/* One line in the log for each note. */
void settings_log_notes(const struct settings *settings);

/* Answer a wish other than WISH_SERVE, on `out`. */
void settings_answer(const struct settings *settings, enum settings_wish wish, FILE *out);

/* "flag --workers", "environment PORT", "mef3d.conf:12" or "default". */
void settings_origin_text(const struct settings *settings, const struct conf_setting *setting,
                          char *text, size_t room);

#endif
