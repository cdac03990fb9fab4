/* body.c - one gRPC message on its way out. */
#include "body.h"

#include <stdlib.h>

#include "service/service.h"

struct body *body_new(size_t n_head)
{
    struct body *body = malloc(sizeof *body + n_head);
    if (!body)
        return NULL;
    *body = (struct body){.refs = 1, .n_head = n_head};
    return body;
}

struct body *body_hold(struct body *body)
{
    body->refs++;
    return body;
}

void body_charge(struct body *body, struct body_account *account)
{
    body->account = account;
    for (; account; account = account->whole)
        account->bytes += body->n_head;
}

void body_moved(const struct body *body, size_t n)
{
    if (body->message)
        message_moved(body->message, n);
}

void body_drop(struct body *body)
{
    if (!body || --body->refs > 0)
        return;
    for (struct body_account *account = body->account; account; account = account->whole)
        account->bytes -= body->n_head;
    if (body->message)
        message_release(body->message);
    free(body);
}
