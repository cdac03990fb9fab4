/* repair.h - what of a damaged recording can be saved, into a new one.
 *
 *   repair.c          channels: from the salvage to the writer
 *   repair_records.c  records that are whole, and one for each loss
 *   repair_report.c   what was saved and what was lost, as text and as JSON */
#ifndef CLI_REPAIR_H
#define CLI_REPAIR_H

#include <mef3/mef3.h>
#include <stdio.h>

#include "progress.h"

struct repaired_loss {
    struct mef3_loss loss;
    size_t channel;
};

struct repaired_channel {
    const char *name; /* the input session's */
    bool is_written;
    size_t number;                   /* in the writer */
    struct mef3_salvage_facts facts; /* without the passwords */
    int32_t first_segment;
    size_t n_segments;
    bool is_renumbered; /* segments have other numbers than before */
    int64_t n_saved;    /* samples */
    int64_t n_lost;
    size_t n_unknown; /* losses of which nobody knows how many samples they are */
    size_t n_records, n_lost_records;
};

struct repair {
    const char *path;
    const char *out;
    struct mef3_session *session;
    struct mef3_writer *writer;        /* NULL until the first channel tells the passwords */
    struct repaired_channel *channels; /* one a channel of the session; */
    size_t n_channels;
    size_t current;
    struct repaired_loss *losses;
    size_t n_losses, losses_room;
    size_t n_records, n_lost_records; /* of the session itself */
    struct progress bar;
    struct mef3_error error; /* of the writer: what ended the salvage */
};

/* Save everything into repair->out. MEF3_OK: `writer` was finished. On failure nothing is left of
 * it, and *error says why. */
int repair_run(struct repair *repair, struct mef3_error *error);
void repair_fini(struct repair *repair);

/* Copy the records of a channel of the session (or MEF3_SESSION_RECORDS) that are whole to the
 * writer's channel. */
int repair_copy_records(struct repair *repair, size_t channel, size_t to, size_t *n_out,
                        size_t *n_lost_out, struct mef3_error *error);
/* Leave a mark in the recording for each loss of the current channel. */
int repair_mark_losses(struct repair *repair, struct mef3_error *error);

void repair_print(FILE *to, const struct repair *repair);
/* False: out of memory. */
bool repair_print_json(FILE *to, const struct repair *repair);

#endif
