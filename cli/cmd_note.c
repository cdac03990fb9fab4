/* cmd_note.c - `mef3 note add`: a note in a recording that exists. */
#include <mef3/mef3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "moment.h"
#include "recording.h"

struct note {
    const char *path;
    const char *text;
    const char *channel; /* NULL: of the session */
    const char *type;
    const char *at;
    const char *password_file;
    bool has_duration;
    double duration_s;
    int64_t level; /* -1: as the recording is */
};

static int read_options(const struct cli_command *self, int argc, char **argv, struct note *note)
{
    enum { AT = 1, TYPE, DURATION, LEVEL, PASSWORD_FILE };
    static const double MOST_S = 1e9;
    static const struct option longs[] = {
        {"channel", required_argument, NULL, 'c'},
        {"at", required_argument, NULL, AT},
        {"type", required_argument, NULL, TYPE},
        {"duration", required_argument, NULL, DURATION},
        {"level", required_argument, NULL, LEVEL},
        {"password-file", required_argument, NULL, PASSWORD_FILE},
        {0},
    };

    for (int option; (option = cli_option(self, argc, argv, "c:", longs)) != -1;) {
        if (option == '?')
            return CLI_USAGE;
        if (option == 'c')
            note->channel = optarg;
        else if (option == AT)
            note->at = optarg;
        else if (option == TYPE)
            note->type = optarg;
        else if (option == PASSWORD_FILE)
            note->password_file = optarg;
        else if (option == LEVEL && !cli_whole(optarg, 0, 2, &note->level))
            return cli_wrong_use(self, "--level takes 0, 1 or 2");
        else if (option == DURATION && !cli_number(optarg, 0, MOST_S, &note->duration_s))
            return cli_wrong_use(self, "--duration takes seconds, from 0");
        note->has_duration |= option == DURATION;
    }
    if (argc - optind != 3 || strcmp(argv[optind], "add") != 0)
        return cli_wrong_use(self, "\"add\", a recording and a text are wanted");
    note->path = argv[optind + 1];
    note->text = argv[optind + 2];
    if (!note->type)
        note->type = note->has_duration ? "EDFA" : "Note";
    bool is_edfa = strcmp(note->type, "EDFA") == 0;
    if (!is_edfa && strcmp(note->type, "Note") != 0 && strcmp(note->type, "SyLg") != 0)
        return cli_wrong_use(self, "--type takes Note, SyLg or EDFA");
    if (note->has_duration && !is_edfa)
        return cli_wrong_use(self, "only a record of type EDFA has a duration");
    return CLI_FINE;
}

static int64_t now_uutc(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* What the recording says about the note: when "+1" is, and whether it is to be encrypted. */
static int place(struct note *note, int64_t *uutc_out)
{
    int exit_status;
    struct mef3_session *session = recording_open(note->path, note->password_file, &exit_status);

    if (!session)
        return exit_status;
    const struct mef3_session_info *info = mef3_session_info(session);
    if (note->level < 0)
        note->level = info->encrypted ? 1 : 0;
    *uutc_out = now_uutc();
    exit_status = recording_time("--at", note->at, info->start_uutc, uutc_out);
    if (exit_status == CLI_FINE && note->channel) {
        size_t number;
        exit_status = recording_channel(session, note->path, note->channel, &number);
    }
    mef3_session_close(session);
    return exit_status;
}

static int write_note(const struct note *note, const char *password, int64_t uutc)
{
    size_t room = MEF3_EDFA_BYTES + strlen(note->text) + 1;
    uint8_t *body = malloc(room);
    struct mef3_record record = {
        .version_major = 1,
        .level = (int)note->level,
        .time_uutc = uutc,
        .body = body,
    };
    struct mef3_error error;

    if (!body)
        return cli_fail(CLI_IO, "out of memory; try again with more");
    memcpy(record.type, note->type, sizeof record.type);
    int status = strcmp(note->type, "EDFA") == 0
                     ? mef3_record_make_edfa((int64_t)(note->duration_s * 1e6 + 0.5), note->text,
                                             body, room, &record.n_body)
                     : mef3_record_make_note(note->text, body, room, &record.n_body);
    if (status == MEF3_OK)
        status = mef3_records_append(note->path, note->channel, password, &record, 1, &error);
    else
        mef3_error_set(&error, status, NULL, -1, "text", "a shorter one", NULL);
    free(body);
    return status == MEF3_OK ? CLI_FINE : cli_fail_error(&error, note->path, NULL);
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct note note = {.level = -1};
    char password[RECORDING_PASSWORD_BYTES];
    int64_t uutc = 0;

    int exit_status = read_options(self, argc, argv, &note);
    if (exit_status == CLI_FINE)
        exit_status = place(&note, &uutc);
    if (exit_status != CLI_FINE)
        return exit_status;
    exit_status = recording_password(note.password_file, password);
    if (exit_status == CLI_FINE)
        exit_status = write_note(&note, password[0] ? password : NULL, uutc);
    explicit_bzero(password, sizeof password);
    return exit_status;
}

const struct cli_command cmd_note = {
    .name = "note",
    .arguments = "add SESSION TEXT [--at TIME] [-c NAME] [--type Note|SyLg|EDFA] [--duration S] "
                 "[--level 0|1|2] [--password-file FILE]",
    .summary = "add a note to a recording",
    .help = "  --at TIME              when: a uUTC number, an ISO 8601 time (UTC unless it says\n"
            "                         otherwise) or +seconds from the recording's start (now)\n"
            "  -c, --channel NAME     to the notes of this channel, not to the session's\n"
            "  --type TYPE            Note, SyLg (system log) or EDFA (EDF+ annotation, which\n"
            "                         has a duration); EDFA with --duration, else Note\n"
            "  --duration S           how many seconds it lasts\n"
            "  --level N              encrypt it with the password of level 1 or 2; 0: do not\n"
            "                         (1 where the recording is encrypted, else "
            "0)\n" RECORDING_PASSWORD_HELP "\n"
            "The recording may be one that is being written.\n"
            "\n"
            "  mef3 note add night.mefd 'lights off' --at 2024-01-15T22:30:00+01:00\n"
            "  mef3 note add night.mefd 'left temple' --at +1800 --duration 42 -c T3\n",
    .run = run,
};
