/* machine.c - whether this machine can do what the settings ask for. */
#include "machine.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"

enum {
    /* A worker computes: more than this of them for a core only wait for each other. */
    WORKERS_A_CORE = 4,
    OTHER_PROCESSES = 2,
    /* The server's own, and for a worker its old channel and its new one. */
    OWN_DESCRIPTORS = 24,
    DESCRIPTORS_A_WORKER = 2,
};

#define FAIL(...) (fprintf(stderr, "mef3d: " __VA_ARGS__), fputc('\n', stderr), -1)

/* The memory that this process's control group may have; UINT64_MAX: any. */
static uint64_t group_bytes(void)
{
    char line[4096], path[4200];
    uint64_t bytes = UINT64_MAX;
    FILE *file = fopen("/proc/self/cgroup", "re");

    path[0] = '\0';
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "0::", 3) == 0)
            snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.max", line + 3);
    }
    if (file)
        fclose(file);
    file = path[0] ? fopen(path, "re") : NULL;
    /* "max" is no number, and no limit. */
    if (file && fscanf(file, "%" SCNu64, &bytes) != 1)
        bytes = UINT64_MAX;
    if (file)
        fclose(file);
    return bytes;
}

static int check_memory(uint64_t cache_bytes)
{
    uint64_t machine = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t group = group_bytes();
    uint64_t most = group < machine ? group : machine;

    if (cache_bytes <= most)
        return 0;
    return FAIL("--cache: %" PRIu64 "M are more than the %" PRIu64 "M of memory that %s",
                cache_bytes >> 20, most >> 20,
                group < machine ? "its control group may have (memory.max)" : "this machine has");
}

static int check_processes(size_t n_workers)
{
    struct rlimit limit;

    /* It does not hold for root. */
    if (geteuid() == 0 || getrlimit(RLIMIT_NPROC, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY ||
        n_workers + OTHER_PROCESSES <= limit.rlim_cur)
        return 0;
    return FAIL("--workers: %zu are too many: this user may have %llu processes at once "
                "(RLIMIT_NPROC; ulimit -u, or TasksMax= and LimitNPROC= of systemd)",
                n_workers, (unsigned long long)limit.rlim_cur);
}

static int check_descriptors(size_t n_workers)
{
    struct rlimit limit;
    uint64_t wanted = OWN_DESCRIPTORS + DESCRIPTORS_A_WORKER * (uint64_t)n_workers;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || wanted <= limit.rlim_max)
        return 0;
    return FAIL("--workers: %zu are too many: they and the server take %" PRIu64
                " descriptors, and a process may have %llu "
                "(RLIMIT_NOFILE; ulimit -Hn, or LimitNOFILE= of systemd)",
                n_workers, wanted, (unsigned long long)limit.rlim_max);
}

int machine_check(const struct machine_wish *wish)
{
    if (check_memory(wish->cache_bytes) < 0 || check_processes(wish->n_workers) < 0 ||
        check_descriptors(wish->n_workers) < 0)
        return -1;
    return 0;
}

void machine_advise(const struct machine_wish *wish)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (cores > 0 && wish->n_workers > WORKERS_A_CORE * (size_t)cores)
        log_warn("workers_many", LOG_U64("workers", wish->n_workers), LOG_I64("cores", cores));
}
