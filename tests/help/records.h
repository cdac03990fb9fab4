/* records.h - what reading records told, as a line of words that a test can compare. */
#ifndef TEST_HELP_RECORDS_H
#define TEST_HELP_RECORDS_H

#include <mef3/records.h>

/* "EDFA Note": read; "?Note": locked; "!ECRC": damaged. */
struct records_seen {
    char words[4096];
    size_t n;
    struct mef3_record last;
    char last_text[256]; /* of a note */
};

/* A mef3_record_fn; `arg` is a struct records_seen. */
int records_see(void *arg, const struct mef3_record *record);

/* Read all that `filter` wants, and say it in *seen_out. Fails the test when reading fails. */
void records_read(struct mef3_session *session, size_t channel,
                  const struct mef3_record_filter *filter, struct records_seen *seen_out);

#endif
