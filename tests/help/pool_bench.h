/* help/pool_bench.h - a pool, its loop, workers that the test plays, and jobs that
 * note what they hear. */
#ifndef TEST_HELP_POOL_BENCH_H
#define TEST_HELP_POOL_BENCH_H

#include "help/fake_worker.h"
#include "pool/pool.h"

enum { MOST_WORKERS = 8, MOST_JOBS = 64 };

/* A job that notes what it hears, and may submit another when it is done. */
struct noted {
    struct pool_job job;
    struct pool_bench *bench;
    bool unwanted;
    unsigned starts, answers, dones;
    int status;
    char text[64];
    struct noted *submits; /* when it is done */
};

struct pool_bench {
    uv_loop_t loop;
    struct pool *pool;
    struct fake_worker worker[MOST_WORKERS];
    unsigned n_workers;
    struct noted noted[MOST_JOBS];
    unsigned n_noted;
};

/* For cmocka: *state is the bench. */
int pool_bench_set_up(void **state);
int pool_bench_tear_down(void **state);

/* A job on recording `affinity`, of client 0. */
struct noted *pool_bench_job(struct pool_bench *bench, uint64_t affinity);
struct noted *pool_bench_submit(struct pool_bench *bench, uint64_t affinity, enum pool_lane lane);
struct noted *pool_bench_submit_of(struct pool_bench *bench, uint64_t client, enum pool_lane lane);

struct fake_worker *pool_bench_worker(struct pool_bench *bench);

/* A worker takes a job and does it. Which one it was; NULL: there was none. */
struct noted *pool_bench_serve(struct pool_bench *bench, struct fake_worker *worker);

/* A few turns of the loop. */
void pool_bench_turn(struct pool_bench *bench);

#endif
