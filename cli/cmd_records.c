/* cmd_records.c - `mef3 records`: notes, marks and what else a recording has beside samples. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "json.h"
#include "moment.h"
#include "recording.h"
#include "records.h"

enum form { TEXT, CSV, JSON };

struct options {
    const char *path;
    const char **names; /* of channels */
    size_t n_names;
    char *types; /* as given, the commas to be cut */
    const char *from;
    const char *to;
    const char *password_file;
    enum form form;
};

static int read_options(const struct cli_command *self, int argc, char **argv, struct options *o)
{
    enum { FROM = 1, TO, AS_JSON, AS_CSV, TYPE, PASSWORD_FILE };
    static const struct option longs[] = {
        {"channel", required_argument, NULL, 'c'},
        {"type", required_argument, NULL, TYPE},
        {"from", required_argument, NULL, FROM},
        {"to", required_argument, NULL, TO},
        {"json", no_argument, NULL, AS_JSON},
        {"csv", no_argument, NULL, AS_CSV},
        {"password-file", required_argument, NULL, PASSWORD_FILE},
        {0},
    };

    for (int option; (option = cli_option(self, argc, argv, "c:", longs)) != -1;) {
        if (option == '?')
            return CLI_USAGE;
        if (option == 'c')
            o->names[o->n_names++] = optarg;
        else if (option == TYPE)
            o->types = optarg;
        else if (option == FROM)
            o->from = optarg;
        else if (option == TO)
            o->to = optarg;
        else if (option == AS_JSON || option == AS_CSV)
            o->form = option == AS_JSON ? JSON : CSV;
        else if (option == PASSWORD_FILE)
            o->password_file = optarg;
    }
    if (argc - optind != 1)
        return cli_wrong_use(self, "one recording is wanted");
    o->path = argv[optind];
    return CLI_FINE;
}

/* "Note,EDFA", cut into types; *types_out is to be freed. */
static int choose_types(const struct cli_command *self, char *text, const char ***types_out,
                        size_t *n_out)
{
    char *rest = NULL;
    size_t n = 0;

    if (!text)
        return CLI_FINE;
    const char **types = calloc(strlen(text) + 1, sizeof *types);
    if (!types)
        return cli_fail(CLI_IO, "out of memory; try again with more");
    for (char *type = strtok_r(text, ",", &rest); type; type = strtok_r(NULL, ",", &rest)) {
        if (strlen(type) != 4) {
            free(types);
            return cli_wrong_use(self, "--type takes types of four characters: Note,EDFA");
        }
        types[n++] = type;
    }
    *types_out = types;
    *n_out = n;
    return CLI_FINE;
}

static int conclude(const struct options *o, const struct records_list *list)
{
    size_t n_bad = list->n_damaged > 0 ? list->n_damaged : list->n_locked;

    if (n_bad == 0)
        return CLI_FINE;
    const char *first = list->items[list->first_bad].error;
    if (list->n_damaged > 0)
        return cli_fail(CLI_DAMAGED,
                        "%s: %zu records cannot be read, the first: %s; copy the recording again "
                        "from its origin",
                        o->path, n_bad, first);
    return cli_fail(n_bad < list->n ? CLI_DAMAGED : CLI_IO,
                    "%s: %zu records are locked, the first: %s; give the password by "
                    "--password-file or MEF3_PASSWORD",
                    o->path, n_bad, first);
}

static int show(const struct options *o, struct mef3_session *session, const size_t *channels,
                const struct mef3_record_filter *filter)
{
    struct records_list list;
    struct mef3_error error;

    if (records_collect(session, channels, o->n_names, filter, &list, &error) != MEF3_OK)
        return cli_fail_error(&error, o->path, NULL);
    bool is_fine = o->form == JSON  ? json_print(stdout, records_json(session, &list))
                   : o->form == CSV ? records_print_csv(stdout, session, &list)
                                    : records_print_text(stdout, session, &list);
    int exit_status = is_fine ? conclude(o, &list)
                              : cli_fail(CLI_IO, "%s: out of memory; try again with more", o->path);
    records_fini(&list);
    return exit_status;
}

static int show_session(const struct cli_command *self, const struct options *o,
                        struct mef3_session *session)
{
    int64_t start_uutc = mef3_session_info(session)->start_uutc;
    struct mef3_record_filter filter = {.from_uutc = MEF3_NO_TIME, .to_uutc = MEF3_NO_TIME};
    const char **types = NULL;
    size_t *channels = calloc(o->n_names + 1, sizeof *channels);

    int exit_status = channels ? CLI_FINE : cli_fail(CLI_IO, "out of memory; try again with more");
    for (size_t i = 0; exit_status == CLI_FINE && i < o->n_names; i++)
        exit_status = recording_channel(session, o->path, o->names[i], &channels[i]);
    if (exit_status == CLI_FINE)
        exit_status = recording_time("--from", o->from, start_uutc, &filter.from_uutc);
    if (exit_status == CLI_FINE)
        exit_status = recording_time("--to", o->to, start_uutc, &filter.to_uutc);
    if (exit_status == CLI_FINE)
        exit_status = choose_types(self, o->types, &types, &filter.n_types);
    filter.types = types;
    if (exit_status == CLI_FINE)
        exit_status = show(o, session, o->n_names > 0 ? channels : NULL, &filter);
    free(types);
    free(channels);
    return exit_status;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct options o = {.names = calloc((size_t)argc + 1, sizeof *o.names)};
    struct mef3_session *session = NULL;
    int exit_status;

    if (!o.names)
        return cli_fail(CLI_IO, "out of memory; try again with more");
    exit_status = read_options(self, argc, argv, &o);
    if (exit_status == CLI_FINE &&
        (session = recording_open(o.path, o.password_file, &exit_status)))
        exit_status = show_session(self, &o, session);
    mef3_session_close(session);
    free(o.names);
    return exit_status;
}

const struct cli_command cmd_records = {
    .name = "records",
    .arguments = "SESSION [-c NAME]... [--type T[,T]...] [--from T] [--to T] [--json|--csv] "
                 "[--password-file FILE]",
    .summary = "notes, marks, seizures and what else stands beside the samples",
    .help = "  -c, --channel NAME     of this channel; again for more; without it, of the session\n"
            "                         and of all channels\n"
            "  --type T[,T]...        of these types: Note, SyLg, EDFA, LNTP, Seiz, CSti, ESti,\n"
            "                         Curs, Epoc or any other of four characters\n"
            "  --from T, --to T       from T, up to but not including T: a uUTC number, an ISO\n"
            "                         8601 time (UTC unless it says otherwise) or +seconds from\n"
            "                         the recording's start\n"
            "  --json                 for programs, with all that each record holds\n"
            "  --csv                  a line a record\n" RECORDING_PASSWORD_HELP "\n"
            "Records are in the order of time. What is damaged is told of, whatever is asked for.\n"
            "\n"
            "  mef3 records night.mefd\n"
            "  mef3 records night.mefd --type Seiz,EDFA --from +3600 --to +7200\n",
    .run = run,
};
