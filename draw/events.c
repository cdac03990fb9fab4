/* events.c - records of a recording, as marks of a page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "facts/records.h"
#include "parts.h"

/* More marks than this are no page that a person reads. */
enum { MOST_EVENTS = 4096, WORDS = 48 };

/* "Seiz: onset left", cut to what has room on a page. NULL: out of memory. */
static char *words_of(const struct records_item *item, const char *text)
{
    char words[WORDS * 4 + 32];
    size_t n = 0, most = 0;

    snprintf(words, sizeof words, "%s%s%s", item->record.type, text && text[0] ? " " : "",
             text ? text : "");
    /* So many characters, none of them cut. */
    while (words[n] && most <= WORDS)
        most += (words[n++] & 0xC0) != 0x80;
    if (most > WORDS)
        strcpy(words + n - 1, "\u2026");
    return strdup(words);
}

/* A record that is damaged or locked is told of by `mef3 records`: it is nothing to look at. */
static bool is_shown(const struct records_item *item, bool hides_level_2)
{
    return item->record.status == MEF3_OK && item->record.time_uutc != MEF3_NO_TIME &&
           !(hides_level_2 && item->record.level >= 2);
}

/* False: out of memory. */
static bool add(struct draw_page *page, const struct records_item *item)
{
    struct records_words words = {0};
    int64_t start = item->record.time_uutc, end = start;

    if (!records_words(item, &words))
        return false;
    if (words.has_duration && words.duration_us > 0 &&
        __builtin_add_overflow(start, words.duration_us, &end))
        end = INT64_MAX;
    bool is_here = start < page->end_uutc && end >= page->start_uutc;
    bool has_room = page->n_events < MOST_EVENTS;
    char *text = is_here && has_room ? words_of(item, words.text) : NULL;
    free(words.text);
    page->n_more_events += is_here && !has_room;
    if (text)
        page->events[page->n_events++] =
            (struct draw_event){place_of(page, start), place_of(page, end), text};
    return text || !is_here || !has_room;
}

int events_read(struct mef3_session *session, bool hides_level_2, struct draw_page *page,
                struct mef3_error *error)
{
    const struct mef3_record_filter filter = {.from_uutc = MEF3_NO_TIME, .to_uutc = page->end_uutc};
    struct records_list list;
    int status = records_collect(session, NULL, 0, &filter, &list, error);

    if (status != MEF3_OK)
        return status;
    page->events = calloc(list.n < MOST_EVENTS ? list.n + 1 : MOST_EVENTS, sizeof *page->events);
    if (!page->events)
        status = no_memory(error);
    for (size_t i = 0; status == MEF3_OK && i < list.n; i++)
        if (is_shown(&list.items[i], hides_level_2) && !add(page, &list.items[i]))
            status = no_memory(error);
    records_fini(&list);
    return status;
}
