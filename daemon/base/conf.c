/* conf.c - the settings, by the table in conf.def. */
#include "base/conf.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
#define LIVE true
#define RESTART false
#define AT(f) .at = offsetof(struct conf, f)
const struct conf_setting CONF_SETTING[CONF_N] = {
#define NUMBER(f, name, def, low, high, when, text) \
    {name, def, text, NULL, NULL, low, high, 1, AT(f), .kind = CONF_NUMBER, .live = when},
#define BYTES(f, name, def, low, high, when, text) \
    {name, def, text, NULL, NULL, low, high, 1, AT(f), .kind = CONF_BYTES, .live = when},
#define DURATION(f, name, def, plain, low, high, when, text) \
    {name, def, text, NULL, NULL, low, high, plain, AT(f), .kind = CONF_DURATION, .live = when},
#define RANGE(f, name, def, low, high, when, text) \
    {name, def, text, NULL, NULL, low, high, 1, AT(f), .kind = CONF_RANGE, .live = when},
#define CHOICE(f, name, def, choices, when, text) \
    {name, def, text, choices, NULL, 0, 0, 1, AT(f), .kind = CONF_CHOICE, .live = when},
#define TEXT(f, name, def, sort, when, text) \
    {name, def, text, NULL, sort, 0, 0, 1, AT(f), .kind = CONF_TEXT, .live = when},
#define LIST(f, name, def, sort, when, text) \
    {name, def, text, NULL, sort, 0, 0, 1, AT(f), .kind = CONF_LIST, .live = when},
#define ADDRESSES(f, name, def, sort, when, text) \
    {name, def, text, NULL, sort, 0, 0, 1, AT(f), .kind = CONF_ADDRESSES, .live = when},
#include "base/conf.def"
};
/* clang-format on */

/* How a kind is called, and an example. */
static const struct {
    const char *what;
    const char *such_as;
} KIND[] = {
    [CONF_NUMBER] = {"a number", ""},
    [CONF_BYTES] = {"a size", " (such as 512M)"},
    [CONF_DURATION] = {"a duration", " (such as 250ms, 5s, 30m, 1h)"},
    [CONF_RANGE] = {"a number, or a range such as 2-8,", ""},
};

static void *field_of(struct conf *conf, const struct conf_setting *s)
{
    return (char *)conf + s->at;
}

static const void *value_of(const struct conf *conf, const struct conf_setting *s)
{
    return (const char *)conf + s->at;
}

const struct conf_setting *conf_find(const char *name, size_t n)
{
    for (const struct conf_setting *s = CONF_SETTING; s < CONF_SETTING + CONF_N; s++)
        if (strlen(s->name) == n && memcmp(s->name, name, n) == 0)
            return s;
    return NULL;
}

bool conf_is_list(const struct conf_setting *setting)
{
    return setting->kind == CONF_LIST || setting->kind == CONF_ADDRESSES;
}

static void print_number(const struct conf_setting *s, int64_t number, char *text)
{
    if (s->kind == CONF_BYTES)
        value_print_bytes(number, text);
    else if (s->kind == CONF_DURATION)
        value_print_duration(number, text);
    else
        snprintf(text, VALUE_TEXT, "%" PRId64, number);
}

void conf_allowed(const struct conf_setting *s, char text[CONF_WHY])
{
    char least[VALUE_TEXT], greatest[VALUE_TEXT];
    int n = 0;

    if (s->kind == CONF_CHOICE) {
        for (int i = 0; i < value_n_choices(s->choices) && n < CONF_WHY; i++) {
            char word[VALUE_TEXT];
            value_print_choice(i, s->choices, word);
            n += snprintf(text + n, (size_t)(CONF_WHY - n), "%s%s", i ? ", " : "one of ", word);
        }
    } else if (s->sort) {
        snprintf(text, CONF_WHY, "a text of at most %d bytes", CONF_PATH - 1);
    } else {
        print_number(s, s->least, least);
        print_number(s, s->greatest, greatest);
        snprintf(text, CONF_WHY, "%s from %s to %s%s", KIND[s->kind].what, least, greatest,
                 KIND[s->kind].such_as);
    }
}

static bool within(const struct conf_setting *s, int64_t number)
{
    return number >= s->least && number <= s->greatest;
}

static bool set_number(int64_t *field, const struct conf_setting *s, const char *value)
{
    int64_t number = 0;
    bool is_read = s->kind == CONF_BYTES      ? value_read_bytes(value, s->plain, &number)
                   : s->kind == CONF_DURATION ? value_read_duration(value, s->plain, &number)
                                              : value_read_number(value, &number);

    if (!is_read || !within(s, number))
        return false;
    *field = number;
    return true;
}

static bool set_range(struct value_range *field, const struct conf_setting *s, const char *value)
{
    struct value_range range;

    if (!value_read_range(value, &range) || !within(s, range.min) || !within(s, range.max))
        return false;
    *field = range;
    return true;
}

static bool set_text(char *field, const char *value)
{
    size_t n = strlen(value);

    if (n >= CONF_PATH)
        return false;
    memcpy(field, value, n + 1);
    return true;
}

static bool add_items(char *field, const struct conf_setting *s, const char *value)
{
    size_t had = strlen(field), n = strlen(value);
    size_t from = had + (had > 0);

    if (n == 0)
        return true;
    if (n >= CONF_PATH - from)
        return false;
    if (had)
        field[had] = '\n';
    memcpy(field + from, value, n + 1);
    if (s->kind == CONF_ADDRESSES)
        for (char *at = field + from; (at = strchr(at, ','));)
            *at = '\n';
    return true;
}

static bool set(struct conf *conf, const struct conf_setting *s, const char *value)
{
    void *field = field_of(conf, s);
    int choice;

    switch (s->kind) {
    case CONF_NUMBER:
    case CONF_BYTES:
    case CONF_DURATION:
        return set_number(field, s, value);
    case CONF_RANGE:
        return set_range(field, s, value);
    case CONF_CHOICE:
        choice = value_choice(value, s->choices);
        if (choice >= 0)
            *(int *)field = choice;
        return choice >= 0;
    case CONF_TEXT:
        return set_text(field, value);
    case CONF_LIST:
    case CONF_ADDRESSES:
        return add_items(field, s, value);
    }
    return false;
}

bool conf_set(struct conf *conf, const struct conf_setting *setting, const char *value,
              char why[CONF_WHY])
{
    char allowed[CONF_WHY];

    if (set(conf, setting, value))
        return true;
    conf_allowed(setting, allowed);
    snprintf(why, CONF_WHY, "'%.100s' is not %.400s", value, allowed);
    return false;
}

void conf_clear(struct conf *conf, const struct conf_setting *setting)
{
    assert(conf_is_list(setting));
    *(char *)field_of(conf, setting) = '\0';
}

void conf_defaults(struct conf *conf_out)
{
    memset(conf_out, 0, sizeof *conf_out);
    for (const struct conf_setting *s = CONF_SETTING; s < CONF_SETTING + CONF_N; s++) {
        bool is_set = set(conf_out, s, s->default_text);
        assert(is_set);
        (void)is_set;
    }
}

void conf_print(const struct conf *conf, const struct conf_setting *setting, char text[CONF_PATH])
{
    const void *value = value_of(conf, setting);

    switch (setting->kind) {
    case CONF_NUMBER:
    case CONF_BYTES:
    case CONF_DURATION:
        print_number(setting, *(const int64_t *)value, text);
        break;
    case CONF_RANGE:
        value_print_range(value, text);
        break;
    case CONF_CHOICE:
        value_print_choice(*(const int *)value, setting->choices, text);
        break;
    case CONF_TEXT:
    case CONF_LIST:
    case CONF_ADDRESSES:
        memcpy(text, value, strlen(value) + 1);
        break;
    }
}

bool conf_equal(const struct conf *a, const struct conf *b, const struct conf_setting *setting)
{
    char text[2][CONF_PATH];

    conf_print(a, setting, text[0]);
    conf_print(b, setting, text[1]);
    return strcmp(text[0], text[1]) == 0;
}

void conf_copy(struct conf *to, const struct conf *from, const struct conf_setting *setting)
{
    char value[CONF_PATH], why[CONF_WHY];

    conf_print(from, setting, value);
    if (conf_is_list(setting))
        conf_clear(to, setting);
    conf_set(to, setting, value, why);
}

struct conf_numbers conf_numbers(const struct conf *conf, const struct conf_setting *s)
{
    const void *value = value_of(conf, s);

    if (s->kind == CONF_RANGE) {
        const struct value_range *range = value;
        return (struct conf_numbers){{range->min, range->max}};
    }
    if (s->kind == CONF_CHOICE)
        return (struct conf_numbers){{*(const int *)value, 0}};
    return (struct conf_numbers){{s->sort ? 0 : *(const int64_t *)value, 0}};
}

bool conf_set_numbers(struct conf *conf, const struct conf_setting *s,
                      const struct conf_numbers *numbers)
{
    int64_t a = numbers->value[0], b = numbers->value[1];
    void *field = field_of(conf, s);

    if (s->sort)
        return false;
    if (s->kind == CONF_CHOICE) {
        if (a < 0 || a >= value_n_choices(s->choices))
            return false;
        *(int *)field = (int)a;
    } else if (s->kind == CONF_RANGE) {
        if (!within(s, a) || !within(s, b) || a > b)
            return false;
        *(struct value_range *)field = (struct value_range){a, b};
    } else {
        if (!within(s, a))
            return false;
        *(int64_t *)field = a;
    }
    return true;
}

bool conf_item(const char *list, size_t i, char item[CONF_PATH])
{
    if (!*list)
        return false;
    for (; i > 0; i--) {
        list = strchr(list, '\n');
        if (!list)
            return false;
        list++;
    }
    size_t n = strcspn(list, "\n");
    memcpy(item, list, n);
    item[n] = '\0';
    return true;
}

static int wrong(const char *program, const char *argument, const char *why)
{
    fprintf(stderr, "%s: %s: %s\n", program, argument, why);
    return -1;
}

int conf_read_flags(struct conf *conf_out, int argc, char **argv)
{
    char why[CONF_WHY];
    int i;

    conf_defaults(conf_out);
    for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *name = argv[i];
        size_t n = strcspn(name, "=");
        const struct conf_setting *s =
            strncmp(name, "--", 2) == 0 && name[n] ? conf_find(name + 2, n - 2) : NULL;
        if (!s)
            return wrong(argv[0], name, "no such setting");
        if (conf_is_list(s))
            conf_clear(conf_out, s);
        if (!conf_set(conf_out, s, name + n + 1, why))
            return wrong(argv[0], name, why);
    }
    i += i < argc;
    conf_out->roots = (const char *const *)(argv + i);
    conf_out->n_roots = (size_t)(argc - i);
    return 0;
}

void conf_flags(const struct conf *conf, struct conf_flags *flags_out)
{
    flags_out->n = CONF_N;
    for (int i = 0; i < CONF_N; i++) {
        char value[CONF_PATH];
        conf_print(conf, &CONF_SETTING[i], value);
        flags_out->arguments[i] = flags_out->room[i];
        snprintf(flags_out->room[i], sizeof flags_out->room[i], "--%s=%s", CONF_SETTING[i].name,
                 value);
    }
}
