/* decode.c - units of tiles are decoded: jobs for the workers. */
#include <stdlib.h>

#include "base/container.h"
#include "base/log.h"
#include "service/state.h"

/* A worker decodes the blocks of a job side by side: a job has enough for that, and a
 * batch is dealt out evenly, to all workers. But no job is so small that handing it over
 * costs much beside it. */
enum { SAMPLES_A_JOB = 262144, LEAST_SAMPLES_A_JOB = 16384, ITEMS_A_JOB = 256 };
/* What is needed now may have to wait for such a one to end. */
enum { SAMPLES_A_JOB_AHEAD = 196608 };

/* What an item of a job fills: units of a tile. */
struct target {
    struct tile_claim claim; /* the units */
    struct decode_job *job;
    struct tile *tile; /* pinned */
    int64_t base;      /* the tile's first sample, in the segment */
};

struct decode_job {
    struct pool_job job;
    TAILQ_ENTRY(decode_job) link;
    struct service *service;
    struct recording *recording;
    uint64_t n_samples;
    struct decode_wish *wish; /* what it is wanted for though nobody awaits it; or NULL */
    LIST_ENTRY(decode_job) wish_link;
    LIST_ENTRY(decode_job) met_link;
    bool is_met; /* is about to be awaited: among a batch's met jobs */
    struct target targets[ITEMS_A_JOB];
    struct job_item items[ITEMS_A_JOB];
};

static struct decode_job *job_of(struct pool_job *job)
{
    return CONTAINER_OF(job, struct decode_job, job);
}

static bool is_wanted(struct pool_job *job)
{
    struct decode_job *decode = job_of(job);

    if (decode->wish || decode->is_met)
        return true;
    for (uint32_t i = 0; i < job->message.n_items; i++)
        if (cache_is_awaited(decode->targets[i].tile, decode->targets[i].claim.units))
            return true;
    return false;
}

static void on_start(struct pool_job *job)
{
    (void)job;
}

static void divide(struct decode_job *decode);

static const char *channel_name(const struct recording *recording, uint32_t place)
{
    return place < recording->n_channels ? recording->channels[place].name : "";
}

static void add_damage(struct decode_job *decode, uint32_t item, int64_t first, int64_t n,
                       const char *why)
{
    const struct target *target = &decode->targets[item];
    const struct job_item *asked = &decode->items[item];
    int64_t from = first > asked->first_sample ? first : asked->first_sample;
    int64_t to = asked->first_sample + asked->n_samples;

    /* Of a block's damage what was asked for: the rest may be there already. */
    if (to > first + n)
        to = first + n;
    if (from >= to)
        return;
    log_warn("damage", LOG_U64("recording", decode->recording->number),
             LOG_U64("channel", asked->channel), LOG_I64("segment", asked->segment),
             LOG_STR("why", why));
    found_add(&decode->service->found, decode->recording->canonical,
              channel_name(decode->recording, target->tile->key.channel), why);
    cache_add_damage(target->tile, (uint32_t)(from - target->base), (uint32_t)(to - from), why);
}

static void on_answer(struct pool_job *job, const struct answer *answer)
{
    const struct answer_item *item = &answer->item;

    if ((answer->kind != ANSWER_ITEM && answer->kind != ANSWER_DAMAGE) ||
        item->item >= job->message.n_items || item->n_samples < 0 || item->first_sample < 0 ||
        item->n_samples > INT64_MAX / 2 || item->first_sample > INT64_MAX / 2)
        return;
    job_of(job)->recording->stale |= item->status == MEF3_ECHANGED;
    add_damage(job_of(job), item->item, item->first_sample, item->n_samples, item->text);
}

/* It has taken workers with it, and nothing else can be to blame. */
static void keep_away(struct decode_job *decode)
{
    const struct job_item *item = &decode->items[0];
    const struct target *target = &decode->targets[0];
    struct stretch stretch = {item->channel, item->segment, item->first_sample, item->n_samples};

    /* To what follows in the block there is no way but through this. */
    if (tile_is_divided(target->tile->grid))
        stretch.n_samples = target->base + target->tile->n_samples - item->first_sample;

    log_warn("quarantined", LOG_U64("recording", decode->recording->number),
             LOG_U64("channel", item->channel), LOG_I64("segment", item->segment),
             LOG_I64("first", stretch.first_sample), LOG_I64("samples", stretch.n_samples));
    quarantine_add(&decode->recording->quarantine, &stretch, service_now_ms());
    decode->service->n_quarantined++;
}

static void settle(struct decode_job *decode, int status, const char *text)
{
    if (status == POOL_LOST)
        keep_away(decode);
    for (uint32_t i = 0; i < decode->job.message.n_items; i++) {
        struct target *target = &decode->targets[i];
        uint64_t units = target->claim.units;
        if (status == POOL_UNAVAILABLE ||
            (status == POOL_DROPPED && !cache_is_awaited(target->tile, units))) {
            cache_abandon(target->tile, units);
            continue;
        }
        if (status != MEF3_OK)
            add_damage(decode, i, decode->items[i].first_sample, decode->items[i].n_samples,
                       text[0] ? text : mef3_status_text(status));
        cache_settle(target->tile, units);
    }
}

/* Nobody finds it any more. */
static void detach(struct decode_job *decode)
{
    for (uint32_t i = 0; i < decode->job.message.n_items; i++)
        cache_end_claim(&decode->targets[i].claim);
    if (decode->is_met)
        LIST_REMOVE(decode, met_link);
    if (decode->wish) {
        LIST_REMOVE(decode, wish_link);
        decode->service->ahead.n_jobs--;
    }
}

/* Parts of one block are to blame together. */
static bool is_divisible(const struct decode_job *decode)
{
    const struct target *target = &decode->targets[0];
    uint64_t units = target->claim.units;

    return decode->job.message.n_items > 1 ||
           ((units & (units - 1)) != 0 && !tile_is_divided(target->tile->grid));
}

static void on_done(struct pool_job *job, int status, const char *text)
{
    struct decode_job *decode = job_of(job);
    struct decode_wish *wish = decode->wish;

    decode->recording->stale |= status == MEF3_ECHANGED || status == MEF3_ENOENT;
    decode->service->job_started_ns = job->started_ns ? job->started_ns : service_now_ns();
    detach(decode);
    if (status == POOL_LOST && is_divisible(decode))
        divide(decode);
    else
        settle(decode, status, text);
    for (uint32_t i = 0; i < job->message.n_items; i++)
        cache_unpin(decode->service->parts.cache, decode->targets[i].tile);
    decode->service->job_started_ns = 0;
    if (wish)
        ahead_soon(decode->service);
    recording_unref(decode->service, decode->recording);
    free(decode);
}

static const struct pool_job_ops DECODE_OPS = {is_wanted, on_start, on_answer, on_done};

void decode_begin(struct decode_batch *batch, struct service *service, const struct client *client,
                  struct recording *recording)
{
    batch->service = service;
    batch->client = *client;
    batch->recording = recording;
    batch->wish = NULL;
    batch->is_divided = false;
    batch->stretches = NULL;
    batch->n_stretches = 0;
    batch->stretches_room = 0;
    batch->n_samples = 0;
    TAILQ_INIT(&batch->jobs);
    LIST_INIT(&batch->met);
}

static struct decode_job *job_new(struct decode_batch *batch)
{
    struct decode_job *decode = calloc(1, sizeof *decode);

    if (!decode)
        return NULL;
    decode->service = batch->service;
    decode->recording = batch->recording;
    recording_ref(batch->recording);
    decode->job.ops = &DECODE_OPS;
    decode->job.client = batch->client.number;
    decode->job.affinity = batch->recording->number;
    decode->job.message = (struct job){.kind = JOB_DECODE,
                                       .path = batch->recording->canonical,
                                       .identity = batch->recording->identity,
                                       .opening = batch->recording->opening,
                                       .password = batch->recording->password,
                                       .items = decode->items};
    TAILQ_INSERT_TAIL(&batch->jobs, decode, link);
    decode->wish = batch->wish;
    if (decode->wish) {
        LIST_INSERT_HEAD(&decode->wish->jobs, decode, wish_link);
        batch->service->ahead.n_jobs++;
    }
    return decode;
}

/* Neighbouring units of a tile, which are claimed and pinned till they have a job. */
struct decode_stretch {
    struct tile *tile;
    uint64_t units;
    int64_t base;
    uint32_t channel;
    int32_t segment;
};

static uint32_t first_of(const struct decode_stretch *s)
{
    return (uint32_t)__builtin_ctzll(s->units) * s->tile->grid.unit_samples;
}

static uint32_t end_of(const struct decode_stretch *s)
{
    uint32_t end = (64 - (uint32_t)__builtin_clzll(s->units)) * s->tile->grid.unit_samples;

    return end < s->tile->n_samples ? end : s->tile->n_samples;
}

static void give_up(const struct decode_batch *batch, const struct decode_stretch *s)
{
    if (batch->wish) {
        cache_abandon(s->tile, s->units);
    } else {
        cache_add_damage(s->tile, first_of(s), end_of(s) - first_of(s), "out of memory");
        cache_settle(s->tile, s->units);
    }
    cache_unpin(batch->service->parts.cache, s->tile);
}

static void add_stretch(struct decode_batch *batch, const struct decode_stretch *s)
{
    cache_pin(batch->service->parts.cache, s->tile);
    if (batch->n_stretches == batch->stretches_room) {
        size_t room = batch->stretches_room ? 2 * batch->stretches_room : 64;
        struct decode_stretch *stretches = realloc(batch->stretches, room * sizeof *stretches);
        if (!stretches) {
            give_up(batch, s);
            return;
        }
        batch->stretches = stretches;
        batch->stretches_room = room;
    }
    batch->stretches[batch->n_stretches++] = *s;
    batch->n_samples += end_of(s) - first_of(s);
}

/* Among how many jobs a batch is dealt out: as many for each worker. */
static uint64_t jobs_of(const struct decode_batch *batch)
{
    uint64_t n_workers = pool_size(batch->service->parts.pool);
    uint64_t most = batch->n_samples / LEAST_SAMPLES_A_JOB;
    uint64_t n;

    if (batch->wish) {
        n = (batch->n_samples + SAMPLES_A_JOB_AHEAD - 1) / SAMPLES_A_JOB_AHEAD;
    } else {
        n = (batch->n_samples + SAMPLES_A_JOB - 1) / SAMPLES_A_JOB;
        n = (n + n_workers - 1) / n_workers * n_workers;
    }
    if (n > most)
        n = most;
    return n > 0 ? n : 1;
}

static void put_in_job(struct decode_job *decode, const struct decode_stretch *s)
{
    uint32_t i = decode->job.message.n_items++;

    decode->n_samples += end_of(s) - first_of(s);
    decode->targets[i] = (struct target){.job = decode, .tile = s->tile, .base = s->base};
    cache_note_claim(s->tile, s->units, &decode->targets[i].claim);
    decode->items[i] = (struct job_item){
        .channel = s->channel,
        .segment = s->segment,
        .first_sample = s->base + first_of(s),
        .n_samples = end_of(s) - first_of(s),
        .arena_offset = s->tile->offset + (uint64_t)first_of(s) * sizeof(int32_t),
    };
}

/* Make jobs of the stretches. */
static void deal(struct decode_batch *batch)
{
    uint64_t share = batch->n_samples / jobs_of(batch);
    struct decode_job *decode = NULL;

    for (size_t i = 0; i < batch->n_stretches; i++) {
        const struct decode_stretch *s = &batch->stretches[i];
        if (!decode || batch->is_divided || decode->n_samples >= share ||
            decode->job.message.n_items == ITEMS_A_JOB)
            decode = job_new(batch);
        if (decode)
            put_in_job(decode, s);
        else
            give_up(batch, s);
    }
    free(batch->stretches);
    batch->stretches = NULL;
    batch->n_stretches = 0;
}

static void add(struct decode_batch *batch, struct tile *tile, uint64_t units, int64_t base,
                uint32_t channel, int32_t segment)
{
    while (units) {
        unsigned from = (unsigned)__builtin_ctzll(units);
        uint64_t gap = ~(units >> from);
        unsigned n = gap ? (unsigned)__builtin_ctzll(gap) : 64;
        uint64_t stretch = (n == 64 ? UINT64_MAX : ((uint64_t)1 << n) - 1) << from;

        add_stretch(batch, &(struct decode_stretch){tile, stretch, base, channel, segment});
        units &= ~stretch;
    }
}

/* One of its blocks is to blame: each item goes on by itself, or each unit of the
 * only one. */
static void divide(struct decode_job *decode)
{
    const struct client client = {.number = decode->job.client};
    struct decode_batch batch;

    decode_begin(&batch, decode->service, &client, decode->recording);
    batch.is_divided = true;
    if (decode->job.lane == POOL_AHEAD)
        batch.wish = decode->wish;
    for (uint32_t i = 0; i < decode->job.message.n_items; i++) {
        const struct target *target = &decode->targets[i];
        const struct job_item *item = &decode->items[i];
        uint64_t units = target->claim.units;
        uint64_t part = decode->job.message.n_items > 1 ? units : units & -units;
        for (; units; units &= ~part, part = units & -units)
            add_stretch(&batch, &(struct decode_stretch){target->tile, part, target->base,
                                                         item->channel, item->segment});
    }
    decode_submit(&batch);
}

/* Those that are kept away are settled at once. */
static uint64_t settle_quarantined(struct decode_batch *batch, struct tile *tile, uint64_t units,
                                   int64_t base, uint32_t channel, int32_t segment)
{
    const struct quarantine *quarantine = &batch->recording->quarantine;
    uint32_t n = tile->grid.unit_samples;
    uint64_t kept = 0;

    for (uint32_t i = 0; quarantine->n_ever > 0 && i < TILE_MAX_UNITS; i++) {
        const struct stretch stretch = {channel, segment, base + (int64_t)i * n, n};
        if (!(units >> i & 1) || !quarantine_has(quarantine, &stretch, service_now_ms()))
            continue;
        uint32_t first = i * n;
        cache_add_damage(tile, first, tile->n_samples - first < n ? tile->n_samples - first : n,
                         "quarantined: reading it ended one worker after another");
        kept |= (uint64_t)1 << i;
    }
    if (kept)
        cache_settle(tile, kept);
    return kept;
}

/* Keep in mind the jobs that have these units under way and stand in the queue
 * where this batch's client has no turn. */
static void meet(struct decode_batch *batch, const struct tile *tile, uint64_t units)
{
    struct tile_claim *claim;

    LIST_FOREACH(claim, &tile->claims, link) {
        struct decode_job *decode = CONTAINER_OF(claim, struct target, claim)->job;
        if (!(claim->units & units) || decode->is_met || decode->job.state != POOL_JOB_QUEUED ||
            (decode->job.lane == POOL_NOW && decode->job.client == batch->client.number))
            continue;
        decode->is_met = true;
        LIST_INSERT_HEAD(&batch->met, decode, met_link);
    }
}

uint64_t decode_started_ns(const struct tile *tile, uint64_t units)
{
    struct tile_claim *claim;
    uint64_t first_ns = UINT64_MAX;

    LIST_FOREACH(claim, &tile->claims, link) {
        const struct pool_job *job = &CONTAINER_OF(claim, struct target, claim)->job->job;
        if ((claim->units & units) && job->state == POOL_JOB_RUNNING && job->started_ns < first_ns)
            first_ns = job->started_ns;
    }
    return first_ns;
}

uint64_t decode_need(struct decode_batch *batch, struct tile *tile, uint64_t units, int64_t base,
                     uint32_t channel, int32_t segment)
{
    struct cache *cache = batch->service->parts.cache;
    uint64_t claimed =
        batch->wish ? cache_claim_ahead(tile, units) : cache_claim(cache, tile, units);

    if (!batch->wish)
        meet(batch, tile, tile->under_way & units & ~claimed);
    add(batch, tile, claimed & ~settle_quarantined(batch, tile, claimed, base, channel, segment),
        base, channel, segment);
    return claimed;
}

void decode_submit(struct decode_batch *batch)
{
    struct pool *pool = batch->service->parts.pool;
    struct decode_job *decode;

    deal(batch);
    /* Each goes before all others of the client's: the one met first comes last. */
    while ((decode = LIST_FIRST(&batch->met))) {
        LIST_REMOVE(decode, met_link);
        decode->is_met = false;
        pool_promote(pool, &decode->job, batch->client.number);
    }
    while ((decode = TAILQ_FIRST(&batch->jobs))) {
        TAILQ_REMOVE(&batch->jobs, decode, link);
        pool_submit(pool, &decode->job, batch->wish ? POOL_AHEAD : POOL_NOW);
    }
}

void decode_forgo(struct decode_wish *wish, struct service *service)
{
    struct decode_job *decode;

    while ((decode = LIST_FIRST(&wish->jobs))) {
        LIST_REMOVE(decode, wish_link);
        decode->wish = NULL;
        service->ahead.n_jobs--;
        if (!is_wanted(&decode->job))
            pool_withdraw(service->parts.pool, &decode->job);
    }
}
