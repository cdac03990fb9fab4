/* opening.c - one request for a path: to open it, or to see that it is what is on disk. */
#include "service/opening.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "service/look.h"

char *opening_already(const char *path)
{
    struct text text = {0};

    text_add(&text, "File already open: %s", path);
    return text.bytes;
}

static void notify(struct soon_task *task)
{
    struct opening *opening = CONTAINER_OF(task, struct opening, notify);

    opening->ready(opening->arg);
}

struct opening *service_open(struct service *service, const struct client *client,
                             const char *file_path, ready_fn *ready, void *arg)
{
    struct opening *opening = calloc(1, sizeof *opening);
    struct entry *entry = registry_find(service, file_path, client->password);
    const char *password = entry ? entry->password : NULL;

    if (!opening)
        return NULL;
    *opening = (struct opening){.service = service, .client = *client, .ready = ready, .arg = arg};
    opening->notify.run = notify;
    service->n_openings++;
    opening->path = strdup(file_path);
    if (!opening->path)
        goto fail;
    if (service->n_openings > service->parts.max_reads) {
        opening->outcome = OUTCOME_EXHAUSTED;
        return opening;
    }
    if (strlen(file_path) >= PATH_MAX) { /* a worker would say the same */
        opening->error = strdup("File name too long");
        opening->has_failed = true;
        return opening;
    }
    if (entry && !entry->recording->stale && !look_is_due(entry->recording)) {
        opening->error = opening_already(file_path);
        return opening;
    }
    if (open_work_join(opening, password))
        return opening;
    if (service->n_works >= service->parts.max_reads) {
        opening->outcome = OUTCOME_EXHAUSTED;
        return opening;
    }
    if (!open_work_start(opening, password))
        goto fail;
    return opening;

fail:
    opening_free(opening);
    return NULL;
}

struct opening *service_look(struct service *service, const struct client *client,
                             const char *file_path, ready_fn *ready, void *arg)
{
    const struct entry *entry = registry_find(service, file_path, client->password);

    if (!entry || !(entry->recording->stale || look_is_due(entry->recording)))
        return NULL;
    return service_open(service, client, file_path, ready, arg);
}

enum pull opening_pull(struct opening *opening, struct file_info *info_out,
                       enum outcome *outcome_out)
{
    if (opening->work)
        return PULL_WAIT;
    if (opening->outcome != OUTCOME_DONE) {
        *outcome_out = opening->outcome;
        return PULL_END;
    }
    struct entry *entry = registry_find(opening->service, opening->path, opening->client.password);
    if (entry && !opening->has_failed) /* one that changed stays an entry */
        registry_facts(entry->recording, info_out);
    else
        *info_out = (struct file_info){.opened = false};
    info_out->error_message = opening->error;
    info_out->is_locked = opening->is_locked;
    if (!info_out->opened && !opening->error) /* closed again before this answer was fetched */
        info_out->error_message = "File not open";
    return PULL_HERE;
}

void opening_free(struct opening *opening)
{
    if (!opening)
        return;
    open_work_leave(opening);
    soon_cancel(opening->service->parts.soon, &opening->notify);
    opening->service->n_openings--;
    free(opening->path);
    free(opening->error);
    free(opening);
}
