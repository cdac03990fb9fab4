/* answer.h - what a server says at /api/v1/status, as plain values.
 *
 * Nothing that it says is trusted: texts are cut, numbers are finite and not negative, lists are
 * bounded. What it does not say is NaN, "", or a list that is_told says nothing of. */
#ifndef TOP_ANSWER_H
#define TOP_ANSWER_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/* Not told, or not known. */
#define UNKNOWN ((double)NAN)

enum {
    ANSWER_TEXT = 200, /* bytes; texts are cut to this */
    ANSWER_WORD = 64,
    ANSWER_BOUNDS = 64,
    ANSWER_ROWS = 128,
    ANSWER_ITEMS = 256, /* of a list; how many more there are is counted */
    ANSWER_PARTS = 6,   /* of a slow request's time */
};

/* The numbers of /metrics that are used here. */
#define ANSWER_NUMBERS(NUMBER)                                   \
    NUMBER(CALLS_ACTIVE, "mef3d_grpc_calls_active")              \
    NUMBER(CONNECTIONS, "mef3d_grpc_connections_open")           \
    NUMBER(GRPC_BYTES, "mef3d_grpc_message_bytes_total")         \
    NUMBER(HTTP_CONNECTIONS, "mef3d_http_connections_open")      \
    NUMBER(HTTP_BYTES, "mef3d_http_answer_bytes_total")          \
    NUMBER(WORKERS_BUSY, "mef3d_pool_workers{state=\"busy\"}")   \
    NUMBER(WORKERS_IDLE, "mef3d_pool_workers{state=\"idle\"}")   \
    NUMBER(WORKERS_LOST, "mef3d_pool_workers_lost_total")        \
    NUMBER(QUEUE_NOW, "mef3d_pool_queue_jobs{lane=\"now\"}")     \
    NUMBER(QUEUE_AHEAD, "mef3d_pool_queue_jobs{lane=\"ahead\"}") \
    NUMBER(HITS, "mef3d_cache_hits_total")                       \
    NUMBER(JOINS, "mef3d_cache_joins_total")                     \
    NUMBER(MISSES, "mef3d_cache_misses_total")                   \
    NUMBER(AHEAD, "mef3d_ahead_units_total")                     \
    NUMBER(AHEAD_USED, "mef3d_ahead_units_used_total")           \
    NUMBER(AHEAD_WASTED, "mef3d_ahead_units_wasted_total")       \
    NUMBER(ARENA_BYTES, "mef3d_cache_used_bytes")                \
    NUMBER(ARENA_BUDGET, "mef3d_cache_budget_bytes")             \
    NUMBER(MESSAGES_BYTES, "mef3d_messages_bytes")               \
    NUMBER(MESSAGES_BUDGET, "mef3d_messages_budget_bytes")       \
    NUMBER(INDEX_BYTES, "mef3d_index_bytes")                     \
    NUMBER(INDEX_BUDGET, "mef3d_index_budget_bytes")

enum answer_number {
#define ANSWER_ENUM(name, text) ANSWER_##name,
    ANSWER_NUMBERS(ANSWER_ENUM)
#undef ANSWER_ENUM
        ANSWER_N_NUMBERS
};

/* What was counted until a moment. */
struct answer_row {
    double at_s; /* since 1970 */
    double numbers[ANSWER_N_NUMBERS];
    /* How many calls took up to each bound, and, in the last one, longer. NaN: not told. */
    double took[ANSWER_BOUNDS + 1];
};

struct answer_worker {
    double index, pid, busy_s, jobs, restarts;
    char state[ANSWER_WORD];
    char recording[ANSWER_TEXT];
};

struct answer_client {
    double connections, calls, bytes;
    char client[ANSWER_WORD];
    char protocol[ANSWER_WORD];
    char doing[ANSWER_TEXT];
};

struct answer_part {
    char name[ANSWER_WORD];
    double s;
};

struct answer_slow {
    double at_s, took_s;
    char method[ANSWER_WORD];
    char client[ANSWER_WORD];
    char status[ANSWER_WORD];
    char recording[ANSWER_TEXT];
    struct answer_part parts[ANSWER_PARTS];
    size_t n_parts;
};

struct answer_damage {
    double at_s;
    char channel[ANSWER_WORD];
    char recording[ANSWER_TEXT];
    char text[ANSWER_TEXT];
};

struct answer_refusal {
    double at_s;
    char client[ANSWER_WORD];
    char method[ANSWER_WORD];
    char status[ANSWER_WORD];
    char text[ANSWER_TEXT];
};

struct answer_memory {
    double bytes, budget_bytes;
    char name[ANSWER_WORD];
};

struct answer_list {
    bool is_told;
    size_t n;
    size_t n_more; /* that found no room */
};

struct answer {
    char version[ANSWER_WORD];
    double now_s, started_s; /* since 1970 */
    double bounds_s[ANSWER_BOUNDS];
    size_t n_bounds;
    struct answer_row now;
    struct answer_row rows[ANSWER_ROWS]; /* in the order of time, the last ones */
    size_t n_rows;
    struct answer_list has_workers, has_clients, has_slow, has_damage, has_refusals, has_memory;
    struct answer_worker workers[ANSWER_ITEMS];
    struct answer_client clients[ANSWER_ITEMS];
    struct answer_slow slow[ANSWER_ITEMS];
    struct answer_damage damage[ANSWER_ITEMS];
    struct answer_refusal refusals[ANSWER_ITEMS];
    struct answer_memory memory[ANSWER_ITEMS];
};

/* NULL when it is no object of mef3d's; to be freed by free(). Out of memory is NULL too. */
struct answer *answer_new(const json_t *status);

#endif
