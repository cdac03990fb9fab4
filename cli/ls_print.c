/* ls_print.c - recordings as lines for people, and as JSON. */
#include "ls.h"

#include <string.h>
#include <time.h>

#include "amount.h"
#include "json.h"
#include "moment.h"
#include "table.h"

/* "256 Hz", "250-2000 Hz" */
static const char *rate_text(const struct ls_facts *facts, char *text)
{
    if (facts->rate_min_hz == 0)
        return "-";
    if (facts->rate_min_hz == facts->rate_max_hz)
        snprintf(text, AMOUNT_BYTES, "%.7g Hz", facts->rate_min_hz);
    else
        snprintf(text, AMOUNT_BYTES, "%.7g-%.7g Hz", facts->rate_min_hz, facts->rate_max_hz);
    return text;
}

/* To the minute: "2020-09-13 12:26" */
static const char *start_text(int64_t uutc, char *text)
{
    char moment[MOMENT_BYTES];

    if (uutc == MEF3_NO_TIME)
        return "-";
    moment_text(uutc, moment);
    snprintf(text, AMOUNT_BYTES, "%.16s", moment);
    if (strlen(text) == 16 && text[10] == 'T')
        text[10] = ' ';
    return text;
}

static const char *notes_text(const struct ls_facts *facts)
{
    if (!facts->is_open)
        return "  (cannot be read)";
    if (facts->is_damaged)
        return "  (damaged)";
    if (facts->is_locked)
        return "  (locked)";
    return facts->is_encrypted ? "  (encrypted)" : "";
}

static enum colour colour_of(const struct ls_facts *facts)
{
    return facts->is_damaged || !facts->is_open ? COLOUR_RED
           : facts->is_locked                   ? COLOUR_YELLOW
                                                : COLOUR_OFF;
}

bool ls_print_text(FILE *to, const struct ls_list *list)
{
    static const char *const headings[] = {"channels", "rate", "start (UTC)", "length",
                                           "gaps",     "size", "recording"};
    char text[AMOUNT_BYTES];
    struct table table;

    table_init(&table, "rrlrrrl", headings);
    for (size_t i = 0; i < list->n; i++) {
        const struct ls_facts *facts = &list->items[i];
        table_row(&table, colour_of(facts));
        snprintf(text, sizeof text, "%zu", facts->n_channels);
        table_cell(&table, "%s", facts->is_open ? text : "-");
        table_cell(&table, "%s", rate_text(facts, text));
        table_cell(&table, "%s", start_text(facts->start_uutc, text));
        table_cell(
            &table, "%s",
            facts->start_uutc == MEF3_NO_TIME
                ? "-"
                : amount_span(mef3_time_difference(facts->end_uutc, facts->start_uutc), text));
        table_cell(&table, "%s", facts->gap_us <= 0 ? "-" : amount_span(facts->gap_us, text));
        table_cell(&table, "%s", amount_bytes(facts->bytes, text));
        table_cell(&table, "%s%s", facts->path, notes_text(facts));
    }
    bool is_whole = list->n == 0 || table_print(&table, to);
    table_fini(&table);
    return is_whole;
}

static json_t *rate_json(double rate_hz)
{
    return rate_hz == 0 ? json_null() : json_real(rate_hz);
}

static json_t *facts_json(const struct ls_facts *facts)
{
    json_t *object = json_object();
    const struct mef3_error *error = facts->error.status == MEF3_OK ? NULL : &facts->error;

    if (json_put(object, "path", json_text(facts->path)) &&
        json_put(object, "n_channels", json_integer((json_int_t)facts->n_channels)) &&
        json_put(object, "rate_min_hz", rate_json(facts->rate_min_hz)) &&
        json_put(object, "rate_max_hz", rate_json(facts->rate_max_hz)) &&
        json_put_span(object, facts->start_uutc, facts->end_uutc) &&
        json_put(object, "gap_s",
                 facts->gap_us < 0 ? json_null() : json_real((double)facts->gap_us / 1e6)) &&
        json_put(object, "bytes", json_integer((json_int_t)facts->bytes)) &&
        json_put(object, "encrypted", json_boolean(facts->is_encrypted)) &&
        json_put(object, "locked", json_boolean(facts->is_locked)) &&
        json_put(object, "damaged", json_boolean(facts->is_damaged)) &&
        json_put(object, "status", json_string(mef3_status_name(facts->error.status))) &&
        json_put(object, "error", json_error_line(error)))
        return object;
    json_decref(object);
    return NULL;
}

bool ls_print_json(FILE *to, const struct ls_list *list)
{
    json_t *array = json_array();

    for (size_t i = 0; i < list->n; i++) {
        if (json_array_append_new(array, facts_json(&list->items[i])) != 0) {
            json_decref(array);
            return false;
        }
    }
    return json_print(to, array);
}
