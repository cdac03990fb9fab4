/* answer.c - the answers of one job, packed and sent. */
#include "decode/answer.h"

#include <stdio.h>

static void begin(struct answering *to, struct answer *answer)
{
    to->packer = (struct packer){to->message, to->message + sizeof to->message, false};
    answer->job_id = to->job_id;
    answer_pack(&to->packer, answer);
}

static void end(struct answering *to)
{
    size_t n = (size_t)(to->packer.at - to->message);

    if (to->broken)
        return;
    if (to->packer.failed || channel_send(to->channel, to->message, n, -1) < 0)
        to->broken = true;
}

void answer_send(struct answering *to, struct answer answer)
{
    begin(to, &answer);
    end(to);
}

struct packer *answer_rows_begin(struct answering *to, enum answer_kind kind, uint32_t of,
                                 uint32_t n)
{
    begin(to, &(struct answer){.kind = kind, .rows = {.of = of, .n = n}});
    return &to->packer;
}

void answer_rows_send(struct answering *to)
{
    end(to);
}

static void send_item(struct answering *to, enum answer_kind kind, uint32_t item,
                      const struct mef3_error *error, const char *text, int64_t first, int64_t n)
{
    answer_send(to, (struct answer){.kind = kind, .item = {item, error->status, first, n, text}});
}

void answer_failed_item(struct answering *to, uint32_t item, const struct mef3_error *error,
                        int64_t first_sample, int64_t n_samples)
{
    char text[ANSWER_TEXT];

    send_item(to, ANSWER_ITEM, item, error, mef3_error_text(error, text, sizeof text), first_sample,
              n_samples);
}

/* "block 12: Cz-000000.tdat: at byte 4096: block CRC: expected ..., found ..." */
void answer_damage(struct answering *to, uint32_t item, const struct mef3_damage *damage)
{
    char text[ANSWER_TEXT];
    int n = 0;

    if (damage->block >= 0)
        n = snprintf(text, sizeof text, "block %lld: ", (long long)damage->block);
    mef3_error_text(&damage->error, text + n, sizeof text - (size_t)n);
    send_item(to, ANSWER_DAMAGE, item, &damage->error, text, damage->at, damage->n);
}

void answer_done(struct answering *to, int status, const char *text)
{
    answer_send(to, (struct answer){.kind = ANSWER_DONE, .done = {status, text}});
}

void answer_hello(struct answering *to)
{
    answer_send(to, (struct answer){.kind = ANSWER_HELLO});
}
