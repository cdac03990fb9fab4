/* cmd_verify.c - `mef3 verify`: is a recording what it says? */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "json.h"
#include "recording.h"
#include "verify_all.h"

enum { MOST_JOBS = 1024 };

struct request {
    const char *path;
    const char *password_file;
    int64_t n_jobs;
    bool as_json;
    bool is_quick;
};

/* " (99.5 %)"; of nothing it is nothing. */
static const char *percent(int64_t part, int64_t whole, char text[32])
{
    text[0] = '\0';
    if (whole > 0)
        snprintf(text, 32, " (%.6g %%)", 100.0 * (double)part / (double)whole);
    return text;
}

static const char *plural(uint64_t n, const char *one, const char *more)
{
    return n == 1 ? one : more;
}

static void print_summary(const struct verified *v, const struct request *request)
{
    const struct mef3_verify_totals *sum = &v->sum;
    char share[32];

    printf("%" PRIu64 " %s, %" PRIu64 " %s; %" PRId64 " of %" PRId64 " samples can be read%s%s\n",
           sum->n_errors, plural(sum->n_errors, "error", "errors"), sum->n_warnings,
           plural(sum->n_warnings, "warning", "warnings"), sum->n_readable, sum->n_samples,
           percent(sum->n_readable, sum->n_samples, share),
           request->is_quick ? "; blocks were not looked at" : "");
}

/* Channels of which something is lost, one a line. */
static void print_losses(const struct verified *v)
{
    char share[32];

    for (size_t i = 1; i < v->n; i++) {
        const struct mef3_verify_totals *t = &v->totals[i];
        char *name = t->n_readable < t->n_samples ? strdup(v->names[i]) : NULL;
        if (name)
            printf("channel %s: %" PRId64 " of %" PRId64 " samples can be read%s\n",
                   cli_clean(name), t->n_readable, t->n_samples,
                   percent(t->n_readable, t->n_samples, share));
        free(name);
    }
}

static json_t *totals_json(const struct mef3_verify_totals *t, const char *name)
{
    json_t *object = json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "n_errors", (json_int_t)t->n_errors,
        "n_warnings", (json_int_t)t->n_warnings, "n_notes", (json_int_t)t->n_notes, "n_samples",
        (json_int_t)t->n_samples, "n_readable_samples", (json_int_t)t->n_readable, "n_blocks",
        (json_int_t)t->n_blocks, "n_readable_blocks", (json_int_t)t->n_readable_blocks, "n_records",
        (json_int_t)t->n_records, "n_readable_records", (json_int_t)t->n_readable_records);

    if (object && name && json_object_set_new(object, "name", json_text(name)) != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *channels_json(const struct verified *v)
{
    json_t *array = json_array();

    for (size_t i = 1; array && i < v->n; i++) {
        if (json_array_append_new(array, totals_json(&v->totals[i], v->names[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static bool print_json(const struct verified *v, const char *name, const struct request *request)
{
    json_t *object = totals_json(&v->sum, name);
    bool is_fine;

    is_fine =
        object && json_object_set_new(object, "quick", json_boolean(request->is_quick)) == 0 &&
        json_object_set_new(object, "findings", findings_json(v->parts, v->names, v->n)) == 0 &&
        json_object_set_new(object, "channels", channels_json(v)) == 0;
    if (is_fine)
        return json_print(stdout, object);
    json_decref(object);
    return false;
}

/* A part that is locked could not be checked: that is neither fine nor damage. */
static int conclude(const struct verified *v, const char *path)
{
    uint64_t n_locked = 0;

    if (v->sum.n_errors > 0)
        return CLI_DAMAGED;
    for (size_t i = 0; i < v->n; i++)
        n_locked += v->parts[i].n_of_kind[MEF3_FINDING_LOCKED];
    if (n_locked > 0)
        return cli_fail(CLI_IO,
                        "%s: a part is locked and was not checked; give the password by "
                        "--password-file or MEF3_PASSWORD",
                        path);
    return CLI_FINE;
}

static int verify(const struct request *request)
{
    char password[RECORDING_PASSWORD_BYTES];
    struct mef3_session *session;
    struct verified verified;

    int exit_status = recording_password(request->password_file, password);
    if (exit_status != CLI_FINE)
        return exit_status;
    session = recording_open_lazy(request->path, password, &exit_status);
    if (!session) {
        explicit_bzero(password, sizeof password);
        return exit_status;
    }
    long n_cores = sysconf(_SC_NPROCESSORS_ONLN);
    const struct verify_plan plan = {
        .path = request->path,
        .password = password[0] ? password : NULL,
        .is_quick = request->is_quick,
        .n_jobs = request->n_jobs > 0 ? (size_t)request->n_jobs
                  : n_cores > 0       ? (size_t)n_cores
                                      : 1,
    };
    cli_catch_interrupts();
    exit_status = verify_all(&plan, session, &verified);
    explicit_bzero(password, sizeof password);
    if (exit_status == CLI_FINE) {
        bool is_fine = true;
        if (request->as_json) {
            is_fine = print_json(&verified, mef3_session_info(session)->name, request);
        } else {
            findings_print(stdout, verified.parts, verified.n);
            print_losses(&verified);
            print_summary(&verified, request);
        }
        exit_status =
            is_fine ? conclude(&verified, request->path)
                    : cli_fail(CLI_IO, "%s: out of memory; try again with more", request->path);
        verified_fini(&verified);
    }
    mef3_session_close(session);
    return exit_status;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    static const struct option longs[] = {
        {"json", no_argument, NULL, 'J'},
        {"quick", no_argument, NULL, 'q'},
        {"jobs", required_argument, NULL, 'j'},
        {"password-file", required_argument, NULL, 'p'},
        {0},
    };
    struct request request = {0};

    for (int option; (option = cli_option(self, argc, argv, "j:", longs)) != -1;) {
        switch (option) {
        case 'J':
            request.as_json = true;
            break;
        case 'q':
            request.is_quick = true;
            break;
        case 'j':
            if (!cli_whole(optarg, 1, MOST_JOBS, &request.n_jobs))
                return cli_wrong_use(self, "--jobs takes a whole number from 1 to 1024");
            break;
        case 'p':
            request.password_file = optarg;
            break;
        default:
            return CLI_USAGE;
        }
    }
    if (argc - optind != 1)
        return cli_wrong_use(self, "one recording is wanted");
    request.path = argv[optind];
    return verify(&request);
}

const struct cli_command cmd_verify = {
    .name = "verify",
    .arguments = "SESSION [--json] [--quick] [--jobs N] [--password-file FILE]",
    .summary = "check a recording: every checksum, header, index entry, block and record",
    .help = "A line a finding: how bad it is, its kind, file, byte, field, what was expected and\n"
            "found. Of a kind of warning the first is shown, and how many more there are; of a\n"
            "kind of error ten a channel. The last line says how much can be read.\n"
            "\n"
            "  --json                 for programs\n"
            "  --quick                headers, metadata and indices only: takes moments\n"
            "  -j, --jobs N           channels that are checked at once (one a "
            "core)\n" RECORDING_PASSWORD_HELP "\n"
            "Exit status: 0 no error, perhaps warnings; 1 errors; 3 cannot be read.\n",
    .run = run,
};
