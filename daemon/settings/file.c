/* file.c - the settings file: INI, keys as the flags are named, no sections. */
#include <errno.h>
#include <ini.h>
#include <string.h>

#include "settings/room.h"

struct reading {
    struct settings *settings;
    FILE *file;
    int line;         /* that was read last */
    int long_line;    /* one that the parser cannot take whole; 0: none */
    int seen[CONF_N]; /* the line that said it */
    bool failed;
    char *why;
};

static int say(struct reading *reading, int line, const char *words)
{
    snprintf(reading->why, SETTINGS_WHY, "%s:%d: %s", reading->settings->file, line, words);
    reading->failed = true;
    return 0;
}

/* The parser's buffer holds `room` bytes; what it cannot hold would come as a
 * line of its own. */
static char *next_line(char *buffer, int room, void *arg)
{
    struct reading *reading = arg;

    if (reading->failed || !fgets(buffer, room, reading->file))
        return NULL;
    reading->line++;
    if (reading->line == 1 && *buffer == '{') {
        say(reading, 1, "this is JSON; a settings file has lines such as: log-level = info");
        return NULL;
    }
    if (!strchr(buffer, '\n') && !feof(reading->file) && !reading->long_line) {
        reading->long_line = reading->line;
        return NULL;
    }
    return buffer;
}

static const struct conf_setting *find(const char *key)
{
    const struct conf_setting *setting = conf_find(key, strlen(key));

    for (size_t i = 0; i < N_OLD_NAMES && !setting; i++)
        if (OLD_NAMES[i].in_file && strcmp(OLD_NAMES[i].name, key) == 0)
            setting = conf_find(OLD_NAMES[i].setting, strlen(OLD_NAMES[i].setting));
    return setting;
}

static int on_value(void *arg, const char *section, const char *key, const char *value)
{
    struct reading *reading = arg;
    const struct conf_setting *setting = find(key);
    char words[CONF_WHY], place[CONF_PATH + CONF_WHY];

    if (reading->failed)
        return 0;
    if (*section) {
        snprintf(words, sizeof words, "[%.100s]: a settings file has no sections", section);
        return say(reading, reading->line, words);
    }
    if (!setting) {
        snprintf(words, sizeof words, "%.100s: no such setting; see mef3d --help", key);
        return say(reading, reading->line, words);
    }
    int *seen = &reading->seen[setting - CONF_SETTING];
    if (*seen && !conf_is_list(setting)) {
        snprintf(words, sizeof words, "%s: said before, in line %d", setting->name, *seen);
        return say(reading, reading->line, words);
    }
    *seen = reading->line;
    struct settings_origin origin = {.source = FROM_FILE, .line = reading->line};
    snprintf(place, sizeof place, "%s:%d: %s", reading->settings->file, reading->line,
             setting->name);
    if (settings_take(reading->settings, setting, value, &origin, place, reading->why) == 0)
        return 1;
    reading->failed = true;
    return 0;
}

int settings_read_file(struct settings *settings, char *why)
{
    struct reading reading = {.settings = settings, .why = why};

    reading.file = fopen(settings->file, "re");
    if (!reading.file) {
        snprintf(why, SETTINGS_WHY, "settings file '%s': %s", settings->file, strerror(errno));
        return -1;
    }
    int result = ini_parse_stream(next_line, &reading, on_value, &reading);
    if (ferror(reading.file))
        say(&reading, reading.line + 1, "cannot be read");
    else if (!reading.failed && reading.long_line)
        say(&reading, reading.long_line, "the line is too long: at most 198 bytes");
    else if (!reading.failed && result != 0)
        say(&reading, result > 0 ? result : 1, "not NAME = VALUE, and no comment (# or ;)");
    fclose(reading.file);
    return reading.failed ? -1 : 0;
}
