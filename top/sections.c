/* sections.c - the tables of what is told of a server. */
#include "sections.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

static const char *or_dash(const char *text)
{
    return text[0] ? text : "-";
}

/* "12:26:40": all of these are of the last minutes. */
static const char *clock_text(double at_s, char *text)
{
    return strlen(words_clock(at_s, text)) == 19 ? text + 11 : text;
}

/* The table's rows, from item `i` of the list on. */
static void worker_row(struct table *table, const struct answer *answer, size_t i)
{
    const struct answer_worker *worker = &answer->workers[i];
    char text[WORDS_BYTES];

    table_cell(table, "%s", words_count(worker->index, text));
    table_cell(table, "%s", words_count(worker->pid, text));
    table_cell(table, "%s", or_dash(worker->state));
    table_cell(table, "%s", words_seconds(worker->busy_s, text));
    table_cell(table, "%s", words_count(worker->jobs, text));
    table_cell(table, "%s", words_count(worker->restarts, text));
    table_cell(table, "%s", or_dash(worker->recording));
}

static void client_row(struct table *table, const struct answer *answer, size_t i)
{
    const struct answer_client *client = &answer->clients[i];
    char text[WORDS_BYTES];

    table_cell(table, "%s", or_dash(client->client));
    table_cell(table, "%s", or_dash(client->protocol));
    table_cell(table, "%s", words_count(client->connections, text));
    table_cell(table, "%s", words_count(client->calls, text));
    table_cell(table, "%s", words_bytes(client->bytes, text));
    table_cell(table, "%s", or_dash(client->doing));
}

/* "open 1.2 ms, wait 3 ms, decode 85 µs": parts that took nothing are left out. */
static void where_cell(struct table *table, const struct answer_slow *slow)
{
    char text[ANSWER_PARTS * (ANSWER_WORD + WORDS_BYTES)], took[WORDS_BYTES];
    size_t n = 0;

    text[0] = '\0';
    for (size_t k = 0; k < slow->n_parts; k++)
        if (slow->parts[k].s > 0)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %s", n > 0 ? ", " : "",
                                  slow->parts[k].name, words_seconds(slow->parts[k].s, took));
    table_cell(table, "%s", or_dash(text));
}

static void slow_row(struct table *table, const struct answer *answer, size_t i)
{
    const struct answer_slow *slow = &answer->slow[i];
    char text[WORDS_BYTES];

    table_cell(table, "%s", clock_text(slow->at_s, text));
    table_cell(table, "%s", words_seconds(slow->took_s, text));
    table_cell(table, "%s", or_dash(slow->status));
    table_cell(table, "%s", or_dash(slow->method));
    where_cell(table, slow);
    table_cell(table, "%s", or_dash(slow->client));
    table_cell(table, "%s", or_dash(slow->recording));
}

static void damage_row(struct table *table, const struct answer *answer, size_t i)
{
    const struct answer_damage *damage = &answer->damage[i];
    char text[WORDS_BYTES];

    table_cell(table, "%s", clock_text(damage->at_s, text));
    table_cell(table, "%s", or_dash(damage->recording));
    table_cell(table, "%s", or_dash(damage->channel));
    table_cell(table, "%s", or_dash(damage->text));
}

static void refusal_row(struct table *table, const struct answer *answer, size_t i)
{
    const struct answer_refusal *refusal = &answer->refusals[i];
    char text[WORDS_BYTES];

    table_cell(table, "%s", clock_text(refusal->at_s, text));
    table_cell(table, "%s", or_dash(refusal->client));
    table_cell(table, "%s", or_dash(refusal->status));
    table_cell(table, "%s", or_dash(refusal->method));
    table_cell(table, "%s", or_dash(refusal->text));
}

/* clang-format off */
static const struct description {
    const char *title;
    const char *nothing;
    const char *sides;
    const char *const *headings;
    void (*row)(struct table *table, const struct answer *answer, size_t i);
    size_t list; /* where its struct answer_list is */
} descriptions[SECTIONS] = {
    [SECTION_WORKERS] = {
        "Workers", "there is none", "rrlrrrl",
        (const char *const[]){"worker", "pid", "state", "busy", "jobs", "restarts", "recording"},
        worker_row, offsetof(struct answer, has_workers)},
    [SECTION_CLIENTS] = {
        "Clients", "none of late", "llrrrl",
        (const char *const[]){"client", "speaks", "connections", "calls", "sent", "doing"},
        client_row, offsetof(struct answer, has_clients)},
    [SECTION_SLOW] = {
        "Slowest", "no request of late", "lrlllll",
        (const char *const[]){"at", "took", "status", "request", "of it", "client", "recording"},
        slow_row, offsetof(struct answer, has_slow)},
    [SECTION_DAMAGE] = {
        "Damage", "none was met", "llll",
        (const char *const[]){"at", "recording", "channel", "what"},
        damage_row, offsetof(struct answer, has_damage)},
    [SECTION_REFUSALS] = {
        "Refusals", "nothing was refused", "lllll",
        (const char *const[]){"at", "client", "status", "request", "why"},
        refusal_row, offsetof(struct answer, has_refusals)},
};
/* clang-format on */

const char *section_title(enum section section)
{
    return descriptions[section].title;
}

struct answer_list section_list(const struct answer *answer, enum section section)
{
    struct answer_list list;

    memcpy(&list, (const char *)answer + descriptions[section].list, sizeof list);
    return list;
}

void section_table(struct lines *lines, const struct answer *answer, enum section section)
{
    const struct description *described = &descriptions[section];
    struct answer_list list = section_list(answer, section);
    struct table table;

    if (list.n == 0) {
        lines_add(lines, COLOUR_FAINT, "%s", described->nothing);
        return;
    }
    table_init(&table, described->sides, described->headings);
    for (size_t i = 0; i < list.n; i++) {
        table_row(&table, COLOUR_OFF);
        described->row(&table, answer, i);
    }
    lines_add_table(lines, &table);
    if (list.n_more > 0)
        lines_add(lines, COLOUR_FAINT, "and %zu more", list.n_more);
}
