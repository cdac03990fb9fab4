/* reload.c - the settings read again while mef3d runs. */
#include <stdlib.h>

#include "base/log.h"
#include "settings/room.h"

static void take_over(struct settings *settings, const struct settings *next,
                      const struct conf_setting *setting)
{
    size_t at = (size_t)(setting - CONF_SETTING);
    char value[CONF_PATH];

    conf_copy(&settings->conf, &next->conf, setting);
    settings->from[at] = next->from[at];
    conf_print(&settings->conf, setting, value);
    log_info("setting_changed", LOG_WORD("name", setting->name), LOG_STR("value", value));
}

void settings_reload(struct settings *settings, int argc, char *const *argv,
                     char *const *environment, settings_changed_fn *changed, void *arg)
{
    struct settings *next = calloc(1, sizeof *next);
    enum settings_wish wish;
    char why[SETTINGS_WHY] = "out of memory";
    unsigned n = 0;

    if (!next || settings_read(argc, argv, environment, next, &wish, why) < 0) {
        log_error("reload_failed", LOG_STR("reason", why));
        free(next);
        return;
    }
    for (const struct conf_setting *s = CONF_SETTING; s < CONF_SETTING + CONF_N; s++) {
        if (conf_equal(&settings->conf, &next->conf, s))
            continue;
        if (!s->live) {
            log_warn("reload_needs_restart", LOG_WORD("name", s->name));
            continue;
        }
        take_over(settings, next, s);
        changed(arg, s);
        n++;
    }
    log_info("reloaded", LOG_STR("file", settings->file), LOG_U64("changed", n));
    free(next);
}
