/* cmd_top.c - `mef3 top`: the dashboard of a mef3d in a terminal.
 *
 * The options alone: what asks the server and draws is mef3-top, which stands beside this program.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

struct options {
    const char *address;
    const char *every_s;
    const char *form;
};

static int read_options(const struct cli_command *self, int argc, char **argv, struct options *o)
{
    enum { EVERY = 1, JSON, ONCE };
    static const struct option longs[] = {
        {"every", required_argument, NULL, EVERY},
        {"json", no_argument, NULL, JSON},
        {"once", no_argument, NULL, ONCE},
        {0},
    };
    double seconds;

    *o = (struct options){"localhost:50080", "2", "screen"};
    for (int option; (option = cli_option(self, argc, argv, "", longs)) != -1;) {
        if (option == '?')
            return CLI_USAGE;
        if (option == EVERY)
            o->every_s = optarg;
        else
            o->form = option == JSON ? "json" : "once";
    }
    if (!cli_number(o->every_s, 0.1, 3600, &seconds))
        return cli_wrong_use(self, "--every takes a number of seconds, 0.1 to 3600");
    if (argc - optind > 1)
        return cli_wrong_use(self, "one address is wanted");
    if (argc - optind == 1)
        o->address = argv[optind];
    return CLI_FINE;
}

/* Returns only when it cannot be started. */
static int start(const struct options *o)
{
    static const char name[] = "mef3-top";
    char path[4096 + sizeof name];

    ssize_t n = readlink("/proc/self/exe", path, 4096);
    char *slash = n > 0 && n < 4096 ? memrchr(path, '/', (size_t)n) : NULL;
    if (!slash)
        return cli_fail(CLI_IO, "top: cannot find where mef3 is; is /proc there?");
    memcpy(slash + 1, name, sizeof name);
    execl(path, name, o->address, o->every_s, o->form, (char *)NULL);
    return cli_fail(CLI_IO, "%s: cannot be started: %s; install it beside mef3", path,
                    strerror(errno));
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct options o;
    int status = read_options(self, argc, argv, &o);

    return status == CLI_FINE ? start(&o) : status;
}

const struct cli_command cmd_top = {
    .name = "top",
    .arguments = "[ADDRESS] [--every S] [--once | --json]",
    .summary = "how a mef3d is doing, in a terminal",
    .help = "ADDRESS is that of mef3d's --http: HOST:PORT or http://HOST:PORT; without it,\n"
            "localhost:50080, where make run serves. No proxy is asked. Keys: q quits, p\n"
            "pauses, tab or an arrow chooses a table, ? helps. When the server does not\n"
            "answer, that is said, and it is asked again. Where the standard output is no\n"
            "terminal, as with --once. What a server of another version does not tell is\n"
            "left out.\n"
            "\n"
            "  --every S              ask each S seconds (2)\n"
            "  --once                 print it once, as text\n"
            "  --json                 print once what the server says, as JSON\n",
    .run = run,
};
