/* answer.h - the answers of one job, packed and sent. */
#ifndef DECODE_ANSWER_H
#define DECODE_ANSWER_H

#include <stdbool.h>

#include <mef3/read.h>

#include "ipc/channel.h"
#include "ipc/job.h"

#define ANSWER_TEXT 1024

struct answering {
    int channel;
    uint32_t job_id;
    bool broken; /* the server is gone: nothing more is sent */
    struct packer packer;
    uint8_t message[CHANNEL_MAX];
};

/* One whole answer; its job id is filled in here. */
void answer_send(struct answering *to, struct answer answer);

/* Rows: begin, pack them with what is returned, send. */
struct packer *answer_rows_begin(struct answering *to, enum answer_kind kind, uint32_t of,
                                 uint32_t n);
void answer_rows_send(struct answering *to);

void answer_failed_item(struct answering *to, uint32_t item, const struct mef3_error *error,
                        int64_t first_sample, int64_t n_samples);
void answer_damage(struct answering *to, uint32_t item, const struct mef3_damage *damage);
void answer_done(struct answering *to, int status, const char *text);

/* The worker is there and can be given jobs. */
void answer_hello(struct answering *to);

#endif
