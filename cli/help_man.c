/* help_man.c - the man page mef3.1, from the table of commands. */
#include "help.h"

#include <ctype.h>
#include <string.h>

#include <mef3/mef3.h>

/* troff: a '-' that is to be a minus, a '\' and a '.' at the start of a line. */
static void put(FILE *to, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", to);
    for (; *text; text++) {
        if (*text == '-' || *text == '\\')
            fputc('\\', to);
        fputc(*text == '\\' ? 'e' : *text, to);
    }
    fputc('\n', to);
}

static void put_item(FILE *to, const char *term, const char *text)
{
    fputs(".TP\n.B ", to);
    put(to, term);
    put(to, text);
}

static void put_paragraph(FILE *to, const char *text)
{
    fputs(".PP\n", to);
    put(to, text);
}

static void put_example(FILE *to, const struct help_example *example)
{
    fputs(".PP\n", to);
    put(to, example->does);
    fputs(".PP\n.RS 4\n.EX\n", to);
    put(to, example->line);
    fputs(".EE\n.RE\n", to);
}

static void put_command(FILE *to, const struct cli_command *command)
{
    struct help_piece piece;
    char text[1024];

    fputs(".SS ", to);
    put(to, command->name);
    snprintf(text, sizeof text, "mef3 %s %s", command->name, command->arguments);
    fputs(".B ", to);
    put(to, text);
    snprintf(text, sizeof text, "%c%s.", toupper((unsigned char)command->summary[0]),
             command->summary + 1);
    put_paragraph(to, text);
    for (const char *at = command->help; help_next(&at, &piece);) {
        if (piece.term[0])
            put_item(to, piece.term, piece.text);
        else
            put_paragraph(to, piece.text);
    }
    const struct help_example *example = NULL;
    while ((example = help_example_next(command, example)))
        put_example(to, example);
}

static void put_end(FILE *to)
{
    fputs(".SH EXIT STATUS\n", to);
    put_item(to, "0", "Fine.");
    put_item(to, "1",
             "Something in the recording is damaged, and what could be read was written. Of "
             "mef3 diff: the two are different.");
    put_item(to, "2", "Wrong use.");
    put_item(to, "3", "Something cannot be read or written; a missing password is among these.");
    put_paragraph(to, "A failure is one line on standard error: what, where, what to do. A command "
                      "that is interrupted leaves nothing half-written.");
    fputs(".SH ENVIRONMENT\n", to);
    put_item(to, "MEF3_PASSWORD", "The password of recordings, where --password-file says none.");
    put_item(to, "NO_COLOR", "Set to anything: no colours. There are none but on a terminal.");
    put_item(to, "TERM",
             "Where it is \"dumb\" or not set there are no colours, and no bar that shows "
             "how far a command has come.");
    fputs(".SH SEE ALSO\n.BR mef3d (8)\n", to);
}

void help_print_man(FILE *to)
{
    fprintf(to,
            ".\\\" Made by: make reference\n"
            ".TH MEF3 1 \"\" \"mef3d %s\" \"User commands\"\n"
            ".SH NAME\n"
            "mef3 \\- read, write and compare MEF 3.0 recordings\n"
            ".SH SYNOPSIS\n"
            ".B mef3\n"
            "\\fICOMMAND\\fR [\\fIARGUMENT\\fR...]\n",
            MEF3_VERSION);
    fputs(".SH DESCRIPTION\n", to);
    put(to,
        "A recording in the format MEF 3.0 is a folder whose name ends in .mefd. In it each "
        "channel is a folder, and in that each segment. Every command takes the recording as "
        "its folder's name. A file that is written appears when it is whole; \"-\" in the place "
        "of its name is standard output.");
    put_paragraph(to, "What takes longer than a second shows on a terminal how far it has come.");
    for (const struct cli_command *const *at = cli_commands; *at; at++) {
        if (at == cli_commands)
            fputs(".SH COMMANDS\n", to);
        put_command(to, *at);
    }
    put_end(to);
}
