/* tell_records.c - notes and marks of a recording: the rows of `mef3 records --json`. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "decode/tell.h"
#include "facts/json.h"
#include "facts/records.h"

/* More rows are no list that a person reads; and a filter makes them fewer. */
enum { MOST_ROWS = 20000, TYPE_BYTES = 5, MOST_TYPES = 64 };

struct types {
    char text[MOST_TYPES][TYPE_BYTES];
    const char *list[MOST_TYPES];
    size_t n;
};

/* "Note,Seiz" cut at the commas. False: one has not four characters. */
static bool cut_types(const char *text, struct types *types)
{
    types->n = 0;
    while (*text) {
        size_t n = strcspn(text, ",");
        if (n != TYPE_BYTES - 1 || types->n == MOST_TYPES)
            return false;
        memcpy(types->text[types->n], text, n);
        types->text[types->n][n] = '\0';
        types->list[types->n] = types->text[types->n];
        types->n++;
        text += n + (text[n] == ',');
    }
    return true;
}

/* Who has given no password reads with that of the operator's list, and what its writer put
 * behind the second password is not for all who can ask. */
static int hide(struct records_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        struct records_item *item = &list->items[i];
        if (item->record.level < 2 || item->record.status != MEF3_OK)
            continue;
        free((void *)(uintptr_t)item->record.body);
        item->record.body = NULL;
        item->record.status = MEF3_EPASSWORD;
        item->error = strdup("encrypted with the second password: the request must carry it");
        if (!item->error)
            return MEF3_ENOMEM;
        list->n_locked++;
    }
    return MEF3_OK;
}

static bool has(json_t *row, const char *key, const char *wanted)
{
    const char *text = json_string_value(json_object_get(row, key));

    return text && strcasestr(text, wanted);
}

static bool is_wanted(json_t *row, const char *wanted)
{
    return !wanted[0] || has(row, "text", wanted) || has(row, "channel", wanted) ||
           has(row, "type", wanted);
}

/* What those who draw want beside: the length in the unit of the times. */
static bool complete(json_t *row)
{
    json_t *seconds = json_object_get(row, "duration_s");
    json_t *us = json_is_number(seconds) ? json_integer(llround(json_number_value(seconds) * 1e6))
                                         : json_null();

    return json_put(row, "duration_us", us) &&
           json_object_set(row, "level", json_object_get(row, "encryption_level")) == 0;
}

/* Only the rows that are wanted, as many as may be. */
static bool choose(json_t *object, const char *wanted)
{
    json_t *rows = json_object_get(object, "records"), *kept = json_array();
    size_t n = json_array_size(rows);
    bool is_fine = kept != NULL, is_cut = false;

    for (size_t i = 0; is_fine && i < n && !is_cut; i++) {
        json_t *row = json_array_get(rows, i);
        if (!is_wanted(row, wanted))
            continue;
        is_cut = json_array_size(kept) == MOST_ROWS;
        if (!is_cut)
            is_fine = complete(row) && json_array_append(kept, row) == 0;
    }
    return json_put(object, "records", kept) &&
           json_put(object, "truncated", json_boolean(is_cut)) && is_fine;
}

int tell_records(struct mef3_session *session, const struct job *job, bool by_list,
                 json_t **json_out, struct mef3_error *error)
{
    const struct job_question *question = &job->question;
    struct types types;
    struct records_list list;

    if (!cut_types(question->types, &types))
        return mef3_error_set(error, MEF3_EINVAL, NULL, -1, "type",
                              "at most 64 types of four characters: Note,EDFA", question->types);
    const struct mef3_record_filter filter = {
        .types = types.n > 0 ? types.list : NULL,
        .n_types = types.n,
        .from_uutc = question->start_uutc == INT64_MIN + 1 ? MEF3_NO_TIME : question->start_uutc,
        .to_uutc = question->end_uutc == INT64_MAX ? MEF3_NO_TIME : question->end_uutc,
    };
    int status = records_collect(session, NULL, 0, &filter, &list, error);
    if (status != MEF3_OK)
        return status;
    status = by_list ? hide(&list) : MEF3_OK;
    json_t *json = status == MEF3_OK ? records_json(session, &list) : NULL;
    records_fini(&list);
    if (!json || !choose(json, question->text)) {
        json_decref(json);
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    }
    *json_out = json;
    return MEF3_OK;
}
