/* reference.c - the man page and docs/CONFIGURATION.md, from the tables. */
#include <string.h>

#include "settings/room.h"

/* Paragraphs of both. */
static const char SOURCES[] =
    "Each setting can be said in three places: as a flag, as a variable of the environment and in "
    "the settings file. Flags beat the environment, the environment beats the file, the file beats "
    "the default. An unknown name, or a value that is not allowed, is an error in any of them: "
    "mef3d says which and ends with status 2.";
static const char NAMES[] =
    "The variable is the name in capitals after MEF3D_, with _ for -: --cache-ttl is "
    "MEF3D_CACHE_TTL. A variable that is empty says nothing. The key in the file is the name "
    "itself: cache-ttl = 30m.";
static const char UNITS[] =
    "A SIZE is in bytes, or has a unit: 64K, 512M, 1.5G, 2T (powers of 1024). A DURATION has a "
    "unit: 250ms, 5s, 30m, 1h, 2d; a number without one is in seconds. MIN-MAX is two numbers, or "
    "one for both.";
static const char LISTS[] =
    "What may be said several times is a list: repeat the flag, or the line in the file; in a "
    "variable commas separate the items. (In addresses they do so everywhere.) The list of the "
    "strongest place counts, as a whole.";
static const char FILES[] =
    "The settings file is named by --config or MEF3D_CONFIG; without either there is none. It has "
    "one NAME = VALUE a line, up to 198 bytes; a line that begins with # or ; is a comment, and so "
    "is what follows a ; after a space. It has no sections. What --print-config prints is such a "
    "file.";
static const char RELOAD[] =
    "At SIGHUP mef3d reads the file again. What can change while it runs is changed, for the rest "
    "the log says that a restart is needed (event reload_needs_restart). If anything in the file "
    "is wrong, nothing is changed, and the log says what (reload_failed).";
static const char PASSWORDS[] =
    "A password is no setting and is not printed. Lines of --password-file are: PATTERN PASSWORD. "
    "The pattern is a shell's (*, ?, [...]) and fits a recording by its absolute path, its path "
    "within its root, or its name, .mefd included; * stands for slashes too, and a space is "
    "written with a backslash before it. The password is the rest of the line. The first line that "
    "fits counts; a line that begins with # is a comment. Nobody but the file's owner may have "
    "access to it (mode 0600). The variable MEF3_PASSWORD is the password of recordings that no "
    "line fits. Either level of password will do. A password may also come with each request: see "
    "the README.";
static const char OLD[] =
    "The variables of the two Python servers are accepted, and count less than MEF3D_ names of the "
    "same setting. Those that mean nothing here are told of in the log when mef3d starts (event "
    "setting_without_meaning).";

static const struct {
    const char *call;
    const char *text;
} COMMAND[] = {
    {"--config FILE", "the settings file"},
    {"--print-config", "say each setting and where it came from, and end"},
    {"--help", "say the settings and their defaults, and end"},
    {"--version", "say the version, and end"},
};

enum { N_COMMANDS = sizeof COMMAND / sizeof *COMMAND };

/* With what troff or Markdown would take for its own escaped. */
static void put(const char *text, const char *special, FILE *out)
{
    for (; *text; text++) {
        if (strchr(special, *text))
            fputc('\\', out);
        fputc(*text, out);
    }
}

/* troff: a '-' that is to be a minus, a '\' and a '.' at the start of a line. */
static void put_man(const char *text, FILE *out)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    put(text, "-\\", out);
}

static void man_paragraph(const char *text, FILE *out)
{
    fputs(".PP\n", out);
    put_man(text, out);
    fputc('\n', out);
}

static void man_item(const char *call, const char *text, const char *after, FILE *out)
{
    fputs(".TP\n.B ", out);
    put_man(call, out);
    fputc('\n', out);
    put_man(text, out);
    put_man(after, out);
    fputc('\n', out);
}

static void man_settings(FILE *out)
{
    for (const struct conf_setting *s = CONF_SETTING; s < CONF_SETTING + CONF_N; s++) {
        char sort[CONF_WHY], call[CONF_PATH], after[CONF_PATH];
        settings_sort(s, sort, sizeof sort);
        snprintf(call, sizeof call, "--%s %s", s->name, sort);
        snprintf(after, sizeof after, ". Default: %s%s",
                 s->default_text[0] ? s->default_text : "none", s->live ? "." : ". Not at SIGHUP.");
        man_item(call, s->text, after, out);
    }
}

static void man_old_names(FILE *out)
{
    for (size_t i = 0; i < N_OLD_NAMES; i++) {
        char text[CONF_WHY];
        if (OLD_NAMES[i].setting)
            snprintf(text, sizeof text, "--%s%s", OLD_NAMES[i].setting,
                     OLD_NAMES[i].in_file ? ", in the settings file" : "");
        else
            snprintf(text, sizeof text, "means nothing: %s", OLD_NAMES[i].why);
        man_item(OLD_NAMES[i].name, text, "", out);
    }
}

void settings_print_man(FILE *out)
{
    fprintf(out,
            ".\\\" Made by: make reference\n"
            ".TH MEF3D 8 \"\" \"mef3d %s\" \"System administration\"\n"
            ".SH NAME\n"
            "mef3d \\- serve MEF 3.0 recordings over gRPC\n"
            ".SH SYNOPSIS\n"
            ".B mef3d\n"
            "[\\fIFLAG\\fR...] [\\fIFOLDER\\fR...]\n"
            ".SH DESCRIPTION\n",
            MEF3_VERSION);
    put_man(
        "mef3d serves the MEF 3.0 recordings beneath each FOLDER, or beneath the current folder, "
        "to clients of either generation of the gRPC interface. It starts a server, mef3d-server, "
        "and workers, mef3d-worker, and starts again what is lost of them.",
        out);
    fputs("\n.SH FLAGS\n", out);
    for (int i = 0; i < N_COMMANDS; i++)
        man_item(COMMAND[i].call, COMMAND[i].text, "", out);
    man_settings(out);
    fputs(".SH SETTINGS\n", out);
    man_paragraph(SOURCES, out);
    man_paragraph(NAMES, out);
    man_paragraph(UNITS, out);
    man_paragraph(LISTS, out);
    man_paragraph(PASSWORDS, out);
    fputs(".SH FILES\n", out);
    man_paragraph(FILES, out);
    fputs(".SH SIGNALS\n", out);
    man_paragraph(
        "SIGTERM or SIGINT: reads under way are finished for as long as --drain says, and "
        "mef3d ends; a second one ends it at once.",
        out);
    man_paragraph(RELOAD, out);
    fputs(".SH ENVIRONMENT\n", out);
    man_paragraph(OLD, out);
    man_old_names(out);
    fputs(".SH EXIT STATUS\n", out);
    man_paragraph("0: it was told to end. 2: it was used wrongly, or something that it was told to "
                  "use (an address, a folder, a file) cannot be used. 1: anything else.",
                  out);
    fputs(".SH SEE ALSO\n.PP\n", out);
    put_man("docs/CONFIGURATION.md and docs/MIGRATING.md of the sources", out);
    fputc('\n', out);
}

/* A paragraph, in lines that people can read in the source too. */
static void markdown_paragraph(const char *text, FILE *out)
{
    settings_print_wrapped(text, 0, 118, out);
    fputc('\n', out);
}

static void markdown_settings(FILE *out)
{
    fputs("| flag | default | allowed | at SIGHUP | what |\n| --- | --- | --- | --- | --- |\n",
          out);
    for (const struct conf_setting *s = CONF_SETTING; s < CONF_SETTING + CONF_N; s++) {
        char sort[CONF_WHY], allowed[CONF_WHY];
        settings_sort(s, sort, sizeof sort);
        conf_allowed(s, allowed);
        fprintf(out, "| `--%s %s` | %s | %s | %s | ", s->name,
                s->kind == CONF_CHOICE ? "WORD" : sort, s->default_text,
                s->sort ? conf_is_list(s) ? "a list" : "" : allowed, s->live ? "yes" : "");
        put(s->text, "|<>*_`", out);
        fputs(" |\n", out);
    }
    fputc('\n', out);
}

void settings_print_markdown(FILE *out)
{
    fputs("# Settings of mef3d\n\n<!-- Made by: make reference. A test compares it with the "
          "program. -->\n\n",
          out);
    markdown_settings(out);
    markdown_paragraph("Of the command line alone: `--config FILE`, `--print-config`, `--help`, "
                       "`--version`, and folders beside the flags, which are roots.",
                       out);
    markdown_paragraph(SOURCES, out);
    markdown_paragraph(NAMES, out);
    markdown_paragraph(UNITS, out);
    markdown_paragraph(LISTS, out);
    markdown_paragraph(PASSWORDS, out);
    fputs("## The settings file\n\n", out);
    markdown_paragraph(FILES, out);
    fputs("## While it runs\n\n", out);
    markdown_paragraph(RELOAD, out);
    fputs("## Names of the Python servers\n\n", out);
    markdown_paragraph(OLD, out);
    fputs("| name | here | |\n| --- | --- | --- |\n", out);
    for (size_t i = 0; i < N_OLD_NAMES; i++) {
        fprintf(out, "| `%s` | ", OLD_NAMES[i].name);
        if (OLD_NAMES[i].setting)
            fprintf(out, "`--%s`", OLD_NAMES[i].setting);
        fprintf(out, " | %s%s |\n", OLD_NAMES[i].why,
                OLD_NAMES[i].in_file ? "; in the settings file" : "");
    }
    fputs("\n[MIGRATING.md](MIGRATING.md) says more of them.\n", out);
}
