/* main.c - mef3-top: what `mef3 top` starts.
 *
 *   mef3-top ADDRESS SECONDS screen|once|json
 *
 * A program of its own, because libcurl and what it brings would make each start of `mef3` slower
 * (docs/ARCHITECTURE.md). cli/cmd_top.c has read the options; what it says is checked here again.
 */
#include <curl/curl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "top.h"

static int look(struct fetch *fetch, const char *url, double every_s, const char *form)
{
    bool is_screen = strcmp(form, "screen") == 0;

    if (is_screen && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        return top_live(fetch, url, every_s);
    return top_once(fetch, url, strcmp(form, "json") == 0);
}

static int run(char **argv)
{
    double every_s;
    char *url = fetch_url(argv[1]);

    if (!url)
        return cli_fail(CLI_USAGE, "top: \"%s\" is no address; it is HOST:PORT or http://HOST:PORT",
                        argv[1]);
    if (!cli_number(argv[2], 0.1, 3600, &every_s)) {
        free(url);
        return cli_fail(CLI_USAGE, "top: see mef3 top --help");
    }
    struct fetch *fetch = fetch_new(url);
    int exit_status = fetch ? look(fetch, url, every_s, argv[3])
                            : cli_fail(CLI_IO, "top: out of memory; try again with more");
    fetch_free(fetch);
    free(url);
    return exit_status;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return cli_fail(CLI_USAGE, "this is a part of mef3; see mef3 top --help");
    signal(SIGPIPE, SIG_DFL);
    setlocale(LC_CTYPE, "C.UTF-8");
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return cli_fail(CLI_IO, "top: libcurl cannot begin; try again");

    int exit_status = run(argv);

    curl_global_cleanup();
    if ((fflush(stdout) != 0 || ferror(stdout)) && exit_status == CLI_FINE)
        return cli_fail(CLI_IO, "standard output: cannot be written; check the disk or pipe");
    return exit_status;
}
