/* answer.c - what a server says at /api/v1/status, as plain values. */
#include "answer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number that may be counted with; NaN for all else. */
static double number_of(const json_t *value)
{
    double number = json_is_number(value) ? json_number_value(value) : UNKNOWN;

    return isfinite(number) && number >= 0 ? number : UNKNOWN;
}

/* Cut between two characters. A number is told as it is. */
static void text_of(const json_t *value, char *text, size_t bytes)
{
    const char *from = json_string_value(value);

    if (!from) {
        text[0] = '\0';
        if (json_is_integer(value))
            snprintf(text, bytes, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return;
    }
    size_t n = strnlen(from, bytes);
    if (n == bytes)
        for (n = bytes - 1; n > 0 && (from[n] & 0xC0) == 0x80; n--)
            continue;
    memcpy(text, from, n);
    text[n] = '\0';
}

/* --- Lists -------------------------------------------------------------------------- */

struct field {
    const char *key;
    size_t at;
    size_t text_bytes; /* 0: a number */
};

#define NUMBER(item, name)                    \
    {                                         \
#name, offsetof(struct item, name), 0 \
    }
#define TEXT(item, name)                                                        \
    {                                                                           \
#name, offsetof(struct item, name), sizeof(((struct item *)NULL)->name) \
    }
#define END        \
    {              \
        NULL, 0, 0 \
    }

static const struct field worker_fields[] = {
    NUMBER(answer_worker, index),    NUMBER(answer_worker, pid),
    NUMBER(answer_worker, busy_s),   NUMBER(answer_worker, jobs),
    NUMBER(answer_worker, restarts), TEXT(answer_worker, state),
    TEXT(answer_worker, recording),  END};
static const struct field client_fields[] = {NUMBER(answer_client, connections),
                                             NUMBER(answer_client, calls),
                                             NUMBER(answer_client, bytes),
                                             TEXT(answer_client, client),
                                             TEXT(answer_client, protocol),
                                             TEXT(answer_client, doing),
                                             END};
static const struct field slow_fields[] = {NUMBER(answer_slow, at_s),
                                           NUMBER(answer_slow, took_s),
                                           TEXT(answer_slow, method),
                                           TEXT(answer_slow, client),
                                           TEXT(answer_slow, status),
                                           TEXT(answer_slow, recording),
                                           END};
static const struct field damage_fields[] = {
    NUMBER(answer_damage, at_s), TEXT(answer_damage, channel), TEXT(answer_damage, recording),
    TEXT(answer_damage, text), END};
static const struct field refusal_fields[] = {
    NUMBER(answer_refusal, at_s), TEXT(answer_refusal, client), TEXT(answer_refusal, method),
    TEXT(answer_refusal, status), TEXT(answer_refusal, text),   END};
static const struct field memory_fields[] = {NUMBER(answer_memory, bytes),
                                             NUMBER(answer_memory, budget_bytes),
                                             TEXT(answer_memory, name), END};

static void read_item(const json_t *object, const struct field *fields, char *item)
{
    for (; fields->key; fields++) {
        const json_t *value = json_object_get(object, fields->key);
        if (fields->text_bytes > 0) {
            text_of(value, item + fields->at, fields->text_bytes);
        } else {
            double number = number_of(value);
            memcpy(item + fields->at, &number, sizeof number);
        }
    }
}

static struct answer_list read_list(const json_t *status, const char *key,
                                    const struct field *fields, void *items, size_t item_bytes)
{
    const json_t *array = json_object_get(status, key);
    size_t n = json_array_size(array);
    struct answer_list list = {.is_told = json_is_array(array)};

    list.n = n < ANSWER_ITEMS ? n : ANSWER_ITEMS;
    list.n_more = n - list.n;
    for (size_t i = 0; i < list.n; i++)
        read_item(json_array_get(array, i), fields, (char *)items + i * item_bytes);
    return list;
}

/* {"open_s": 0.1, "wait_s": 0.2}: the parts under their names, without the unit. */
static void read_parts(json_t *where, struct answer_slow *slow)
{
    const char *key;
    json_t *value;

    json_object_foreach(where, key, value)
    {
        struct answer_part *part = &slow->parts[slow->n_parts];
        if (slow->n_parts == ANSWER_PARTS)
            break;
        part->s = number_of(value);
        snprintf(part->name, sizeof part->name, "%.*s", ANSWER_WORD - 1, key);
        size_t n = strlen(part->name);
        if (n > 2 && strcmp(part->name + n - 2, "_s") == 0)
            part->name[n - 2] = '\0';
        slow->n_parts += !isnan(part->s);
    }
}

static void read_lists(const json_t *status, struct answer *answer)
{
    answer->has_workers =
        read_list(status, "workers", worker_fields, answer->workers, sizeof *answer->workers);
    answer->has_clients =
        read_list(status, "clients", client_fields, answer->clients, sizeof *answer->clients);
    answer->has_slow = read_list(status, "slow", slow_fields, answer->slow, sizeof *answer->slow);
    answer->has_damage =
        read_list(status, "damage", damage_fields, answer->damage, sizeof *answer->damage);
    answer->has_refusals =
        read_list(status, "refusals", refusal_fields, answer->refusals, sizeof *answer->refusals);
    answer->has_memory =
        read_list(status, "memory", memory_fields, answer->memory, sizeof *answer->memory);
    const json_t *slow = json_object_get(status, "slow");
    for (size_t i = 0; i < answer->has_slow.n; i++)
        read_parts(json_object_get(json_array_get(slow, i), "where"), &answer->slow[i]);
}

/* --- Numbers ------------------------------------------------------------------------ */

/* Where each number stands among `names`; one that is not there is behind all of them. */
static void find_numbers(const json_t *names, size_t at[ANSWER_N_NUMBERS])
{
    static const char *const wanted[] = {
#define NAME(name, text) text,
        ANSWER_NUMBERS(NAME)
#undef NAME
    };

    for (size_t k = 0; k < ANSWER_N_NUMBERS; k++) {
        at[k] = json_array_size(names);
        for (size_t i = 0; i < json_array_size(names); i++) {
            const char *name = json_string_value(json_array_get(names, i));
            if (name && strcmp(name, wanted[k]) == 0)
                at[k] = i;
        }
    }
}

static void read_numbers(const json_t *numbers, const size_t at[ANSWER_N_NUMBERS],
                         struct answer_row *row)
{
    for (size_t k = 0; k < ANSWER_N_NUMBERS; k++)
        row->numbers[k] = number_of(json_array_get(numbers, at[k]));
}

/* Adds what `took` counts. One of another length than the bounds say makes all of it unknown. */
static void add_took(const json_t *took, size_t n_bounds, double sums[ANSWER_BOUNDS + 1])
{
    const json_t *counts = json_object_get(took, "counts");
    bool fits = n_bounds > 0 && json_array_size(counts) == n_bounds + 1;

    for (size_t i = 0; i <= n_bounds; i++)
        sums[i] += fits ? number_of(json_array_get(counts, i)) : UNKNOWN;
}

/* Of a server that does not add them up, the sum of its methods. */
static void read_took_now(const json_t *status, struct answer *answer)
{
    const json_t *took = json_object_get(status, "took");
    const json_t *calls = json_object_get(status, "calls");

    memset(answer->now.took, 0, sizeof answer->now.took);
    if (took || json_array_size(calls) == 0) {
        add_took(took, answer->n_bounds, answer->now.took);
        return;
    }
    for (size_t i = 0; i < json_array_size(calls); i++)
        add_took(json_object_get(json_array_get(calls, i), "took"), answer->n_bounds,
                 answer->now.took);
}

/* Those that are in the order of time and before now; a clock that was set leaves others. */
static void read_rows(const json_t *rows, const size_t at[ANSWER_N_NUMBERS], struct answer *answer)
{
    size_t n = json_array_size(rows);
    double last_s = 0;

    for (size_t i = n > ANSWER_ROWS ? n - ANSWER_ROWS : 0; i < n; i++) {
        const json_t *from = json_array_get(rows, i);
        struct answer_row *row = &answer->rows[answer->n_rows];
        row->at_s = number_of(json_object_get(from, "at_s"));
        if (!(row->at_s > last_s && row->at_s <= answer->now_s))
            continue;
        last_s = row->at_s;
        read_numbers(json_object_get(from, "numbers"), at, row);
        memset(row->took, 0, sizeof row->took);
        add_took(json_object_get(from, "took"), answer->n_bounds, row->took);
        answer->n_rows++;
    }
}

/* They ascend, or there are none. */
static void read_bounds(const json_t *bounds, struct answer *answer)
{
    size_t n = json_array_size(bounds);
    double last = 0;

    for (size_t i = 0; n <= ANSWER_BOUNDS && i < n; i++) {
        answer->bounds_s[i] = number_of(json_array_get(bounds, i));
        if (!(answer->bounds_s[i] > last))
            return;
        last = answer->bounds_s[i];
    }
    answer->n_bounds = n <= ANSWER_BOUNDS ? n : 0;
}

struct answer *answer_new(const json_t *status)
{
    size_t at[ANSWER_N_NUMBERS];

    if (!json_is_array(json_object_get(status, "names")) ||
        !json_is_array(json_object_get(status, "numbers")))
        return NULL;
    struct answer *answer = calloc(1, sizeof *answer);
    if (!answer)
        return NULL;
    text_of(json_object_get(status, "version"), answer->version, sizeof answer->version);
    answer->now_s = number_of(json_object_get(status, "now_s"));
    answer->started_s = number_of(json_object_get(status, "started_s"));
    read_bounds(json_object_get(status, "bounds_s"), answer);
    find_numbers(json_object_get(status, "names"), at);
    answer->now.at_s = answer->now_s;
    read_numbers(json_object_get(status, "numbers"), at, &answer->now);
    read_took_now(status, answer);
    read_rows(json_object_get(json_object_get(status, "history"), "rows"), at, answer);
    read_lists(status, answer);
    return answer;
}
