/* records.h - the records of a recording, collected, and as JSON. */
#ifndef FACTS_RECORDS_H
#define FACTS_RECORDS_H

#include <jansson.h>

#include <mef3/mef3.h>

/* A record that is kept: its body and the words of its error are its own. */
struct records_item {
    struct mef3_record record; /* error is NULL; a body that contradicts its type is damage */
    size_t channel;            /* or MEF3_SESSION_RECORDS */
    char *error;               /* NULL: none */
    size_t number;             /* in the order of reading */
};

struct records_list {
    struct records_item *items;
    size_t n;
    size_t room;
    size_t n_damaged;
    size_t n_locked;
    size_t first_bad; /* of these, in the order of reading; n: none */
};

/* Which channels: NULL, all and the session; else n numbers. */
MEF3_MUST int records_collect(struct mef3_session *session, const size_t *channels, size_t n,
                              const struct mef3_record_filter *filter,
                              struct records_list *list_out, struct mef3_error *error);
void records_fini(struct records_list *list);

/* "Cz"; of the session NULL. */
const char *records_channel(const struct mef3_session *session, const struct records_item *item);

/* What a record has that is the same in all formats. Texts are to be freed; NULL: none. */
struct records_words {
    char *text;
    bool has_duration;
    int64_t duration_us;
};
/* False: out of memory. */
bool records_words(const struct records_item *item, struct records_words *words_out);

/* A text of a record, to be freed; NULL: out of memory. */
char *records_utf8(struct mef3_text text);

/* With a head that counts them; the keys are in cli/README.md. NULL: out of memory. */
json_t *records_json(const struct mef3_session *session, const struct records_list *list);

#endif
