/* timed_source.c - how long a job waits for files: opening and reading them, summed up. */
#include "decode/timed_source.h"

#include <stdlib.h>
#include <string.h>

#include "base/trace.h"

struct timed {
    struct mef3_source inner;
};

/* Of the job at work, whatever sources it uses. */
static struct trace_mark opened, have_read;

static void add(struct trace_mark *sum, uint64_t since_ns)
{
    sum->at_ns = trace_now_ns();
    sum->took_ns += sum->at_ns - since_ns;
    sum->n++;
}

static int timed_list(void *self, const char *folder, mef3_name_fn *each, void *arg)
{
    const struct timed *timed = self;

    return timed->inner.ops->list(timed->inner.self, folder, each, arg);
}

static int timed_open(void *self, const char *path, void **file_out, uint64_t *bytes_out)
{
    const struct timed *timed = self;
    uint64_t since_ns = trace_now_ns();
    int status = timed->inner.ops->open(timed->inner.self, path, file_out, bytes_out);

    add(&opened, since_ns);
    return status;
}

static int timed_read(void *self, void *file, uint64_t offset, void *bytes_out, size_t n,
                      size_t *n_out)
{
    const struct timed *timed = self;
    uint64_t since_ns = trace_now_ns();
    int status = timed->inner.ops->read(timed->inner.self, file, offset, bytes_out, n, n_out);

    add(&have_read, since_ns);
    return status;
}

static int timed_length(void *self, void *file, uint64_t *bytes_out)
{
    const struct timed *timed = self;

    return timed->inner.ops->length(timed->inner.self, file, bytes_out);
}

static void timed_close(void *self, void *file)
{
    const struct timed *timed = self;

    timed->inner.ops->close(timed->inner.self, file);
}

static void timed_free(void *self)
{
    struct timed *timed = self;

    mef3_source_fini(&timed->inner);
    free(timed);
}

static const struct mef3_source_ops TIMED_OPS = {
    .list = timed_list,
    .open = timed_open,
    .read = timed_read,
    .length = timed_length,
    .close = timed_close,
    .free = timed_free,
};

void timed_source_wrap(struct mef3_source *source)
{
    struct timed *timed = trace_is_on ? malloc(sizeof *timed) : NULL;

    if (!timed)
        return;
    timed->inner = *source;
    source->ops = &TIMED_OPS;
    source->self = timed;
}

void timed_source_tell(uint32_t job)
{
    if (!trace_is_on)
        return;
    opened.step = "opened";
    have_read.step = "read";
    opened.job = have_read.job = job;
    if (opened.n > 0)
        trace_mark(&opened);
    if (have_read.n > 0)
        trace_mark(&have_read);
    opened = have_read = (struct trace_mark){0};
}
