/* summary.c - the upper part of what is told of a server. */
#include "sections.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "cli/amount.h"
#include "figures.h"
#include "words.h"

enum { BAR_COLUMNS = 30 };

/* "[||||||      ]" */
static void bar_text(double share, char bar[BAR_COLUMNS + 3])
{
    size_t n = (size_t)(fmin(share, 1) * BAR_COLUMNS + 0.5);

    bar[0] = '[';
    memset(bar + 1, ' ', BAR_COLUMNS);
    memset(bar + 1, '|', n);
    strcpy(bar + 1 + BAR_COLUMNS, "]");
}

static void add_memory(struct lines *lines, const char *name, double bytes, double budget_bytes)
{
    char bar[BAR_COLUMNS + 3], used[WORDS_BYTES], of[WORDS_BYTES];
    double share = bytes / budget_bytes;

    if (isnan(bytes) || !(budget_bytes > 0))
        return;
    bar_text(share, bar);
    lines_add(lines,
              share > 0.95   ? COLOUR_RED
              : share > 0.85 ? COLOUR_YELLOW
                             : COLOUR_OFF,
              "%-10s %s %9s of %s", name, bar, words_bytes(bytes, used),
              words_bytes(budget_bytes, of));
}

static void add_memories(struct lines *lines, const struct answer *answer)
{
    const double *now = answer->now.numbers;

    for (size_t i = 0; i < answer->has_memory.n; i++)
        add_memory(lines, answer->memory[i].name, answer->memory[i].bytes,
                   answer->memory[i].budget_bytes);
    if (answer->has_memory.is_told)
        return;
    add_memory(lines, "arena", now[ANSWER_ARENA_BYTES], now[ANSWER_ARENA_BUDGET]);
    add_memory(lines, "messages", now[ANSWER_MESSAGES_BYTES], now[ANSWER_MESSAGES_BUDGET]);
    add_memory(lines, "index", now[ANSWER_INDEX_BYTES], now[ANSWER_INDEX_BUDGET]);
}

static void add_workers(struct lines *lines, const double *now)
{
    char busy[WORDS_BYTES], all[WORDS_BYTES], lost[WORDS_BYTES], at_once[WORDS_BYTES],
        ahead[WORDS_BYTES];

    lines_add(
        lines, now[ANSWER_WORKERS_BUSY] + now[ANSWER_WORKERS_IDLE] == 0 ? COLOUR_RED : COLOUR_OFF,
        "workers    %s of %s busy, %s lost so far    queue  now %s  ahead %s",
        words_count(now[ANSWER_WORKERS_BUSY], busy),
        words_count(now[ANSWER_WORKERS_BUSY] + now[ANSWER_WORKERS_IDLE], all),
        words_count(now[ANSWER_WORKERS_LOST], lost), words_count(now[ANSWER_QUEUE_NOW], at_once),
        words_count(now[ANSWER_QUEUE_AHEAD], ahead));
}

static void add_figures(struct lines *lines, const struct answer *answer,
                        const struct figures *figures)
{
    char a[WORDS_BYTES], b[WORDS_BYTES], c[WORDS_BYTES], d[WORDS_BYTES];
    const double *now = answer->now.numbers;

    lines_add(lines, COLOUR_OFF, "requests   %s/s   sent %s/s   under way %s   connections %s",
              words_rate(figures->requests_per_s, a), words_bytes(figures->bytes_per_s, b),
              words_count(now[ANSWER_CALLS_ACTIVE], c), words_count(figures->connections, d));
    lines_add(lines, COLOUR_OFF, "took       p50 %s   p95 %s   p99 %s",
              words_took(figures->p50_s, answer, a), words_took(figures->p95_s, answer, b),
              words_took(figures->p99_s, answer, c));
    lines_add(lines, COLOUR_OFF, "cache      hits %s   read ahead: used %s, wasted %s",
              words_share(figures->hit_share, a), words_share(figures->used_share, b),
              words_share(figures->wasted_share, c));
}

void sections_summary(struct lines *lines, const struct answer *answer, const char *url)
{
    struct figures figures;
    char now[WORDS_BYTES], up[AMOUNT_BYTES] = "";

    figures_make(answer, &figures);
    if (!isnan(figures.up_s))
        amount_span((int64_t)(fmin(figures.up_s, 1e10) * 1e6), up);
    lines_add(lines, COLOUR_BOLD, "mef3d %s   %s   up %s   %s UTC", answer->version, url,
              up[0] ? up : "-", words_clock(answer->now_s, now));
    add_figures(lines, answer, &figures);
    add_workers(lines, answer->now.numbers);
    add_memories(lines, answer);
}
