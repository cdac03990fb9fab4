/* job.c - what the server asks of a worker, and what a worker answers, as bytes. */
#include "ipc/job.h"

/* Keep in step with the row functions below: rows_fit relies on them. */
enum { LISTED_ROW_BYTES = 8, SEGMENT_ROW_BYTES = 20, RUN_ROW_BYTES = 36 };

size_t job_pack(const struct job *job, uint8_t *message, size_t room)
{
    struct packer p = {message, message + room, false};

    pack_u32(&p, job->kind);
    pack_u32(&p, job->id);
    pack_text(&p, job->path);
    pack_u64(&p, job->identity);
    pack_u64(&p, job->opening);
    pack_text(&p, job->password ? job->password : "");
    if (job->kind == JOB_TELL) {
        pack_u32(&p, job->question.what);
        pack_i64(&p, job->question.start_uutc);
        pack_i64(&p, job->question.end_uutc);
        pack_u32(&p, job->question.width);
        pack_u32(&p, job->question.height);
        pack_f64(&p, job->question.scale);
        pack_u32(&p, job->question.is_all);
        pack_u32(&p, job->question.way);
        pack_text(&p, job->question.text);
        pack_text(&p, job->question.types);
        pack_u32(&p, job->question.part);
        pack_u32(&p, job->question.n_parts);
        pack_text(&p, job->question.after);
    }
    pack_u32(&p, job->n_items);
    for (uint32_t i = 0; i < job->n_items; i++) {
        const struct job_item *item = &job->items[i];
        pack_u32(&p, item->channel);
        pack_i32(&p, item->segment);
        pack_i64(&p, item->first_sample);
        pack_u32(&p, item->n_samples);
        pack_u64(&p, item->arena_offset);
    }
    return p.failed ? 0 : (size_t)(p.at - message);
}

bool job_unpack(const uint8_t *message, size_t n, struct job *job_out, struct job_item *items_room)
{
    struct unpacker u = {message, message + n, false};
    struct job job = {.kind = unpack_u32(&u), .items = items_room};

    job.id = unpack_u32(&u);
    job.path = unpack_text(&u);
    job.identity = unpack_u64(&u);
    job.opening = unpack_u64(&u);
    job.password = unpack_text(&u);
    if (!u.failed && !job.password[0])
        job.password = NULL;
    if (job.kind == JOB_TELL) {
        job.question.what = unpack_u32(&u);
        job.question.start_uutc = unpack_i64(&u);
        job.question.end_uutc = unpack_i64(&u);
        job.question.width = unpack_u32(&u);
        job.question.height = unpack_u32(&u);
        job.question.scale = unpack_f64(&u);
        job.question.is_all = unpack_u32(&u);
        job.question.way = unpack_u32(&u);
        job.question.text = unpack_text(&u);
        job.question.types = unpack_text(&u);
        job.question.part = unpack_u32(&u);
        job.question.n_parts = unpack_u32(&u);
        job.question.after = unpack_text(&u);
        if (job.question.what < TELL_LIST || job.question.what > TELL_LAST ||
            job.question.way > TELL_FROM_SAMPLES || job.question.part >= job.question.n_parts)
            return false;
    }
    job.n_items = unpack_u32(&u);
    if (u.failed || job.kind < JOB_OPEN || job.kind > JOB_TELL || job.n_items > JOB_MAX_ITEMS)
        return false;
    for (uint32_t i = 0; i < job.n_items; i++) {
        items_room[i].channel = unpack_u32(&u);
        items_room[i].segment = unpack_i32(&u);
        items_room[i].first_sample = unpack_i64(&u);
        items_room[i].n_samples = unpack_u32(&u);
        items_room[i].arena_offset = unpack_u64(&u);
    }
    if (u.failed || u.at != u.end)
        return false;
    *job_out = job;
    return true;
}

void answer_pack(struct packer *p, const struct answer *a)
{
    pack_u32(p, a->kind);
    pack_u32(p, a->job_id);
    switch ((enum answer_kind)a->kind) {
    case ANSWER_SESSION:
        pack_text(p, a->session.canonical);
        pack_u64(p, a->session.identity);
        pack_u32(p, a->session.n_channels);
        pack_u64(p, a->session.fingerprint);
        break;
    case ANSWER_CHANNEL:
        pack_text(p, a->channel.name);
        pack_f64(p, a->channel.rate_hz);
        pack_f64(p, a->channel.units_factor);
        pack_i64(p, a->channel.start_uutc);
        pack_i64(p, a->channel.end_uutc);
        pack_u32(p, a->channel.channel);
        pack_u32(p, a->channel.n_segments);
        pack_u64(p, a->channel.stamp.first);
        pack_u64(p, a->channel.stamp.file);
        pack_u64(p, a->channel.stamp.bytes);
        pack_i64(p, a->channel.stamp.changed_ns);
        pack_u64(p, a->channel.stamp.blocks);
        break;
    case ANSWER_LISTED:
    case ANSWER_SEGMENTS:
    case ANSWER_RUNS:
        pack_u32(p, a->rows.of);
        pack_u32(p, a->rows.n);
        break;
    case ANSWER_ITEM:
    case ANSWER_DAMAGE:
        pack_u32(p, a->item.item);
        pack_i32(p, a->item.status);
        pack_i64(p, a->item.first_sample);
        pack_i64(p, a->item.n_samples);
        pack_text(p, a->item.text);
        break;
    case ANSWER_BYTES:
        pack_u32(p, a->bytes.n);
        pack_bytes(p, a->bytes.bytes, a->bytes.n);
        break;
    case ANSWER_DONE:
        pack_i32(p, a->done.status);
        pack_text(p, a->done.text);
        break;
    case ANSWER_HELLO:
        break;
    }
}

static size_t row_bytes(uint32_t kind)
{
    return kind == ANSWER_LISTED     ? LISTED_ROW_BYTES
           : kind == ANSWER_SEGMENTS ? SEGMENT_ROW_BYTES
                                     : RUN_ROW_BYTES;
}

/* The rows that follow must be there to the byte. */
static bool rows_fit(const struct unpacker *u, uint32_t n, size_t row_bytes)
{
    return n <= ROWS_PER_ANSWER && (size_t)(u->end - u->at) == n * row_bytes;
}

bool answer_unpack(const uint8_t *message, size_t n, struct answer *answer_out)
{
    struct unpacker u = {message, message + n, false};
    struct answer a = {.kind = unpack_u32(&u)};

    a.job_id = unpack_u32(&u);
    switch ((enum answer_kind)a.kind) {
    case ANSWER_SESSION:
        a.session.canonical = unpack_text(&u);
        a.session.identity = unpack_u64(&u);
        a.session.n_channels = unpack_u32(&u);
        a.session.fingerprint = unpack_u64(&u);
        break;
    case ANSWER_CHANNEL:
        a.channel.name = unpack_text(&u);
        a.channel.rate_hz = unpack_f64(&u);
        a.channel.units_factor = unpack_f64(&u);
        a.channel.start_uutc = unpack_i64(&u);
        a.channel.end_uutc = unpack_i64(&u);
        a.channel.channel = unpack_u32(&u);
        a.channel.n_segments = unpack_u32(&u);
        a.channel.stamp.first = unpack_u64(&u);
        a.channel.stamp.file = unpack_u64(&u);
        a.channel.stamp.bytes = unpack_u64(&u);
        a.channel.stamp.changed_ns = unpack_i64(&u);
        a.channel.stamp.blocks = unpack_u64(&u);
        break;
    case ANSWER_LISTED:
    case ANSWER_SEGMENTS:
    case ANSWER_RUNS:
        a.rows.of = unpack_u32(&u);
        a.rows.n = unpack_u32(&u);
        a.rows.rows = u;
        if (!rows_fit(&u, a.rows.n, row_bytes(a.kind)))
            return false;
        u.at = u.end;
        break;
    case ANSWER_ITEM:
    case ANSWER_DAMAGE:
        a.item.item = unpack_u32(&u);
        a.item.status = unpack_i32(&u);
        a.item.first_sample = unpack_i64(&u);
        a.item.n_samples = unpack_i64(&u);
        a.item.text = unpack_text(&u);
        break;
    case ANSWER_BYTES:
        a.bytes.n = unpack_u32(&u);
        a.bytes.bytes = u.at;
        if (u.failed || a.bytes.n > BYTES_PER_ANSWER || (size_t)(u.end - u.at) != a.bytes.n)
            return false;
        u.at = u.end;
        break;
    case ANSWER_DONE:
        a.done.status = unpack_i32(&u);
        a.done.text = unpack_text(&u);
        break;
    case ANSWER_HELLO:
        break;
    default:
        return false;
    }
    if (u.failed || u.at != u.end)
        return false;
    *answer_out = a;
    return true;
}

void listed_row_pack(struct packer *p, const struct listed_row *row)
{
    pack_u32(p, row->channel);
    pack_u32(p, row->n_segments);
}

struct listed_row listed_row_unpack(struct unpacker *u)
{
    struct listed_row row = {.channel = unpack_u32(u)};

    row.n_segments = unpack_u32(u);
    return row;
}

void segment_row_pack(struct packer *p, const struct segment_row *row)
{
    pack_i32(p, row->number);
    pack_i64(p, row->start_uutc);
    pack_i64(p, row->end_uutc);
}

struct segment_row segment_row_unpack(struct unpacker *u)
{
    struct segment_row row = {.number = unpack_i32(u)};

    row.start_uutc = unpack_i64(u);
    row.end_uutc = unpack_i64(u);
    return row;
}

void run_row_pack(struct packer *p, const struct run_row *row)
{
    pack_i64(p, row->origin_uutc);
    pack_i64(p, row->origin_sample);
    pack_i64(p, row->first_sample);
    pack_i64(p, row->n_samples);
    pack_u32(p, row->block_samples);
}

struct run_row run_row_unpack(struct unpacker *u)
{
    struct run_row row = {.origin_uutc = unpack_i64(u)};

    row.origin_sample = unpack_i64(u);
    row.first_sample = unpack_i64(u);
    row.n_samples = unpack_i64(u);
    row.block_samples = unpack_u32(u);
    return row;
}
