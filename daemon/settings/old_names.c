/* old_names.c - the names that the two Python servers read: what each means here,
 * or why it means nothing. docs/MIGRATING.md has them with more words. */
#include "settings/room.h"

/* clang-format off */
const struct old_name OLD_NAMES[] = {
    {"PORT", "port", "", "the port", false},
    {"MAX_WORKERS", "workers", "", "readers at once: threads there, processes here", false},
    {"N_PROCESS_WORKERS", "workers", "", "processes that read and decode", false},
    {"READER_PROCESSES", "workers", "", "processes that read and decode; 0 says nothing", false},
    {"N_PREFETCH", "n-prefetch", "", "pages read ahead", false},
    {"PREFETCH_AHEAD_WINDOWS", "prefetch-ahead-windows", "", "windows read ahead", false},
    {"PREFETCH_BEHIND_WINDOWS", "prefetch-behind-windows", "", "windows read behind", false},
    {"TILE_CACHE_MB", "cache", "M", "memory for decoded samples", false},
    {"CACHE_TTL_S", "cache-ttl", "s", "how long what nobody asks for is kept", false},
    {"CACHE_CAPACITY_MULTIPLIER", NULL, "",
     "the cache is as large as --cache says, whatever the length of a page", false},
    {"TILE_DURATION_S", NULL, "",
     "what is decoded and kept follows the blocks of the recording", false},
    {"USE_PROCESS_POOL", NULL, "", "decoding is always done by processes of its own", false},
    {"PREFETCH_PROCESSES", NULL, "",
     "all workers read ahead, and only while no client waits", false},
    {"MIN_PARALLEL_TILES", NULL, "", "a read is divided among all workers that are idle", false},
    {"log_level", "log-level", "", "least level that is logged", true},
};
/* clang-format on */
const size_t N_OLD_NAMES = sizeof OLD_NAMES / sizeof *OLD_NAMES;
