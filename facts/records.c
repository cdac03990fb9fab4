/* records.c - the records of a recording, collected and put in the order of time. */
#include "records.h"

#include <stdlib.h>
#include <string.h>

struct collecting {
    const struct mef3_session *session;
    struct records_list *list;
    size_t channel;
    bool out_of_memory;
};

/* Whether a body says what its type promises. Types that nobody knows promise nothing. */
static int check_body(const struct mef3_record *record, struct mef3_error *error)
{
    const char *type = record->type;
    union {
        struct mef3_text note;
        struct mef3_edfa edfa;
        struct mef3_lntp lntp;
        struct mef3_seizure seizure;
        struct mef3_csti csti;
        struct mef3_esti esti;
        struct mef3_cursor cursor;
        struct mef3_epoch epoch;
    } view;

    if (strcmp(type, "Note") == 0 || strcmp(type, "SyLg") == 0)
        return mef3_record_note(record, &view.note, error);
    if (strcmp(type, "EDFA") == 0)
        return mef3_record_edfa(record, &view.edfa, error);
    if (strcmp(type, "LNTP") == 0)
        return mef3_record_lntp(record, &view.lntp, error);
    if (strcmp(type, "Seiz") == 0)
        return mef3_record_seizure(record, &view.seizure, error);
    if (strcmp(type, "CSti") == 0)
        return mef3_record_csti(record, &view.csti, error);
    if (strcmp(type, "ESti") == 0)
        return mef3_record_esti(record, &view.esti, error);
    if (strcmp(type, "Curs") == 0)
        return mef3_record_cursor(record, &view.cursor, error);
    if (strcmp(type, "Epoc") == 0)
        return mef3_record_epoch(record, &view.epoch, error);
    return MEF3_OK;
}

static bool set_error(struct records_item *item, const struct mef3_error *error)
{
    char text[1024];

    item->record.status = error->status;
    item->record.body = NULL;
    item->error = strdup(mef3_error_text(error, text, sizeof text));
    return item->error != NULL;
}

static bool fill(const struct collecting *c, const struct mef3_record *record,
                 struct records_item *item)
{
    struct mef3_error error;

    item->record = *record;
    item->record.error = NULL;
    item->record.body = NULL;
    item->channel = c->channel;
    if (record->status != MEF3_OK)
        return set_error(item, record->error);
    if (check_body(record, &error) != MEF3_OK) {
        const char *channel = records_channel(c->session, item);
        snprintf(error.file, sizeof error.file, "%.300s.rdat",
                 channel ? channel : mef3_session_info(c->session)->name);
        return set_error(item, &error);
    }
    uint8_t *body = malloc(record->n_body + 1);
    if (!body)
        return false;
    if (record->n_body > 0)
        memcpy(body, record->body, record->n_body);
    item->record.body = body;
    return true;
}

static void item_fini(struct records_item *item)
{
    free((void *)(uintptr_t)item->record.body);
    free(item->error);
}

static int keep(void *arg, const struct mef3_record *record)
{
    struct collecting *c = arg;
    struct records_list *list = c->list;
    struct records_item item = {.number = list->n};

    if (list->n == list->room) {
        size_t room = list->room ? 2 * list->room : 64;
        struct records_item *items = realloc(list->items, room * sizeof *items);
        c->out_of_memory = !items;
        if (!items)
            return MEF3_ENOMEM;
        list->items = items;
        list->room = room;
    }
    if (!fill(c, record, &item)) {
        item_fini(&item);
        c->out_of_memory = true;
        return MEF3_ENOMEM;
    }
    list->n_locked += item.record.status == MEF3_EPASSWORD;
    list->n_damaged += item.record.status != MEF3_OK && item.record.status != MEF3_EPASSWORD;
    list->items[list->n++] = item;
    return MEF3_OK;
}

/* By time, those of no time first; what is at one time in the order of reading. */
static int by_time(const void *a, const void *b)
{
    const struct records_item *x = a;
    const struct records_item *y = b;

    if (x->record.time_uutc != y->record.time_uutc)
        return x->record.time_uutc < y->record.time_uutc ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* What is told of: damage before what is locked. */
static size_t find_first_bad(const struct records_list *list)
{
    size_t first = list->n;

    for (size_t i = 0; i < list->n; i++) {
        const struct records_item *item = &list->items[i];
        bool counts = list->n_damaged > 0 ? item->record.status != MEF3_EPASSWORD : true;
        if (item->record.status != MEF3_OK && counts &&
            (first == list->n || item->number < list->items[first].number))
            first = i;
    }
    return first;
}

static int collect(struct mef3_session *session, struct collecting *c, const size_t *channels,
                   size_t n, const struct mef3_record_filter *filter, struct mef3_error *error)
{
    int status = MEF3_OK;

    c->channel = MEF3_SESSION_RECORDS;
    if (!channels)
        status = mef3_records_read(session, c->channel, filter, keep, c, error);
    for (size_t i = 0; status == MEF3_OK && i < n; i++) {
        c->channel = channels ? channels[i] : i;
        status = mef3_records_read(session, c->channel, filter, keep, c, error);
    }
    if (c->out_of_memory)
        return mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
    return status;
}

int records_collect(struct mef3_session *session, const size_t *channels, size_t n,
                    const struct mef3_record_filter *filter, struct records_list *list_out,
                    struct mef3_error *error)
{
    struct records_list list = {0};
    struct collecting c = {.session = session, .list = &list};

    int status = collect(session, &c, channels,
                         channels ? n : mef3_session_info(session)->n_channels, filter, error);
    if (status != MEF3_OK) {
        records_fini(&list);
        return status;
    }
    if (list.n > 1)
        qsort(list.items, list.n, sizeof *list.items, by_time);
    list.first_bad = find_first_bad(&list);
    *list_out = list;
    return MEF3_OK;
}

void records_fini(struct records_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        item_fini(&list->items[i]);
    free(list->items);
}

const char *records_channel(const struct mef3_session *session, const struct records_item *item)
{
    return item->channel == MEF3_SESSION_RECORDS ? NULL
                                                 : mef3_channel_info(session, item->channel)->name;
}

char *records_utf8(struct mef3_text text)
{
    size_t room = mef3_text_utf8(text, NULL, 0) + 1;
    char *to = malloc(room);

    if (to)
        mef3_text_utf8(text, to, room);
    return to;
}

bool records_words(const struct records_item *item, struct records_words *words_out)
{
    const struct mef3_record *record = &item->record;
    struct records_words words = {.has_duration = true};
    struct mef3_text text = {0};
    bool has_text = true;
    union {
        struct mef3_edfa edfa;
        struct mef3_seizure seizure;
        struct mef3_csti csti;
        struct mef3_cursor cursor;
        struct mef3_epoch epoch;
    } view;

    if (mef3_record_note(record, &text, NULL) == MEF3_OK) {
        words.has_duration = false;
    } else if (mef3_record_edfa(record, &view.edfa, NULL) == MEF3_OK) {
        text = view.edfa.text;
        words.duration_us = view.edfa.duration_us;
    } else if (mef3_record_seizure(record, &view.seizure, NULL) == MEF3_OK) {
        text = view.seizure.annotation;
        words.duration_us = view.seizure.duration_us;
    } else if (mef3_record_csti(record, &view.csti, NULL) == MEF3_OK) {
        text = view.csti.task;
        words.duration_us = view.csti.duration_us;
    } else if (mef3_record_cursor(record, &view.cursor, NULL) == MEF3_OK) {
        text = view.cursor.name;
        words.has_duration = false;
    } else if (mef3_record_epoch(record, &view.epoch, NULL) == MEF3_OK) {
        text = view.epoch.text;
        words.duration_us = view.epoch.duration_us;
    } else {
        has_text = words.has_duration = false;
    }
    if (has_text && !(words.text = records_utf8(text)))
        return false;
    *words_out = words;
    return true;
}
