/* records.c - what reading records told, as a line of words that a test can compare. */
#include "help/records.h"

#include <stdio.h>
#include <string.h>

#include "help/test.h"

int records_see(void *arg, const struct mef3_record *record)
{
    struct records_seen *seen = arg;
    struct mef3_text text;
    char line[1024];
    size_t n = strlen(seen->words);
    bool is_whole = record->status == MEF3_OK, is_locked = record->status == MEF3_EPASSWORD;

    /* What holds for each record, whatever it is. */
    assert_true(is_whole == (record->error == NULL));
    assert_true(is_whole == (record->body != NULL));
    if (!is_whole) {
        assert_int_equal(record->error->status, record->status);
        assert_true(strlen(record->error->file) > 5);
        assert_ptr_equal(mef3_error_text(record->error, line, sizeof line), line);
    }
    snprintf(seen->words + n, sizeof seen->words - n, "%s%s%s", n > 0 ? " " : "",
             is_whole    ? ""
             : is_locked ? "?"
                         : "!",
             is_whole || is_locked ? record->type : mef3_status_name(record->status));
    seen->n++;
    seen->last = *record;
    if (is_whole && mef3_record_note(record, &text, NULL) == MEF3_OK)
        mef3_text_utf8(text, seen->last_text, sizeof seen->last_text);
    return 0;
}

void records_read(struct mef3_session *session, size_t channel,
                  const struct mef3_record_filter *filter, struct records_seen *seen_out)
{
    struct mef3_error error;
    char text[1024];

    memset(seen_out, 0, sizeof *seen_out);
    if (mef3_records_read(session, channel, filter, records_see, seen_out, &error) != MEF3_OK)
        fail_msg("%s", mef3_error_text(&error, text, sizeof text));
}
