/* once.c - one look at a server: for people, or as the JSON that came. */
#include "top.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/text.h"
#include "sections.h"

static json_t *load(const struct fetch *fetch)
{
    size_t n;
    const char *text = fetch_text(fetch, &n);

    return json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
}

struct answer *top_read(const struct fetch *fetch)
{
    json_t *status = load(fetch);
    struct answer *answer = answer_new(status);

    json_decref(status);
    return answer;
}

static int no_status(const char *url)
{
    return cli_fail(
        CLI_IO, "%s: what came is no status of mef3d's; is this the address of its --http?", url);
}

static int print_text(const struct answer *answer, const char *url)
{
    struct lines lines = {0};

    sections_summary(&lines, answer, url);
    for (int i = 0; i < SECTIONS; i++) {
        if (!section_list(answer, (enum section)i).is_told)
            continue;
        lines_add(&lines, COLOUR_OFF, "%s", "");
        lines_add(&lines, COLOUR_BOLD, "%s", section_title((enum section)i));
        section_table(&lines, answer, (enum section)i);
    }
    bool is_whole = !lines.has_failed;
    if (is_whole)
        lines_print(&lines, isatty(STDOUT_FILENO) ? text_columns(stdout) : 0, stdout);
    lines_fini(&lines);
    return is_whole ? CLI_FINE : cli_fail(CLI_IO, "%s: out of memory; try again with more", url);
}

int top_once(struct fetch *fetch, const char *url, bool as_json)
{
    enum fetch_state state;

    fetch_begin(fetch);
    while ((state = fetch_wait(fetch, FETCH_MS, -1)) == FETCH_UNDER_WAY)
        continue;
    if (state != FETCH_DONE)
        return cli_fail(CLI_IO, "%s: no answer: %s; is this the address of mef3d's --http?", url,
                        fetch_failure(fetch));
    if (as_json)
        return json_print(stdout, load(fetch)) ? CLI_FINE : no_status(url);
    struct answer *answer = top_read(fetch);
    int exit_status = answer ? print_text(answer, url) : no_status(url);
    free(answer);
    return exit_status;
}
