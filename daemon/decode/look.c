/* look.c - whether a recording changed on disk, without reading it.
 *
 * Writers add to the last segment of a channel or begin the next one: of the
 * others nothing is looked at but that they are there. */
#include "decode/look.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A time in a file's facts is as fine as the kernel's clock ticks: what was written to
 * so lately may be written to again and keep its time. */
enum { TICK_NS = 20000000 };

struct look {
    uint64_t sum;
    int64_t now_ns;
    bool unsettled;
};

/* As FNV-1a, but eight bytes at a time, and what a product has in its upper half goes to the
 * lower one: all that is hashed here is compared with hashes of the same program only. */
#define FNV_START 0xCBF29CE484222325u

static uint64_t mix_word(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 32;
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t n)
{
    const uint8_t *at = bytes;
    uint64_t word;

    for (; n >= sizeof word; at += sizeof word, n -= sizeof word) {
        memcpy(&word, at, sizeof word);
        hash = mix_word(hash, word);
    }
    word = (uint64_t)n << 56; /* so that zeros at the end count */
    memcpy(&word, at, n);
    return n > 0 ? mix_word(hash, word) : hash;
}

static int64_t ns_of(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static uint64_t mix_facts(struct look *look, uint64_t hash, int folder, const char *path)
{
    struct stat facts;

    if (fstatat(folder, path, &facts, 0) < 0)
        return mix(hash, "?", 1);
    int64_t changed_ns = ns_of(facts.st_mtim);
    int64_t age_ns = look->now_ns - changed_ns;
    look->unsettled |= age_ns >= 0 && age_ns < TICK_NS;
    hash = mix(hash, &facts.st_dev, sizeof facts.st_dev);
    hash = mix(hash, &facts.st_ino, sizeof facts.st_ino);
    if (!S_ISDIR(facts.st_mode)) /* a folder's is the filing system's affair */
        hash = mix(hash, &facts.st_size, sizeof facts.st_size);
    return mix(hash, &changed_ns, sizeof changed_ns);
}

/* Bytes of the name before the suffix; 0: it has another. */
static size_t stem_bytes(const char *name, const char *suffix)
{
    size_t n = strlen(name), n_suffix = strlen(suffix);

    return n > n_suffix && strcmp(name + n - n_suffix, suffix) == 0 ? n - n_suffix : 0;
}

/* Numbers have six digits or more. */
static bool is_later(const char *name, const char *than)
{
    size_t n = strlen(name), n_than = strlen(than);

    return n != n_than ? n > n_than : strcmp(name, than) > 0;
}

struct ends {
    char first[NAME_MAX + 1], last[NAME_MAX + 1];
};

/* The first and last segment of a channel. */
static bool find_ends(DIR *channel, struct ends *ends_out)
{
    const struct dirent *entry;
    struct ends ends = {"", ""};

    while ((entry = readdir(channel))) {
        if (stem_bytes(entry->d_name, ".segd") == 0)
            continue;
        if (!ends.first[0] || is_later(ends.first, entry->d_name))
            strcpy(ends.first, entry->d_name);
        if (is_later(entry->d_name, ends.last))
            strcpy(ends.last, entry->d_name);
    }
    *ends_out = ends;
    return ends.first[0] != '\0';
}

static uint64_t mix_segment(struct look *look, uint64_t hash, int channel, const char *name)
{
    static const char *const suffix[] = {"tmet", "tidx", "tdat"};
    char path[2 * NAME_MAX + 16];
    int n = (int)stem_bytes(name, ".segd");

    for (size_t i = 0; i < sizeof suffix / sizeof *suffix; i++) {
        snprintf(path, sizeof path, "%s/%.*s.%s", name, n, name, suffix[i]);
        hash = mix_facts(look, hash, channel, path);
    }
    return hash;
}

/* Channels come in any order: their numbers are added up. */
static void add_channel(struct look *look, int session, const char *name)
{
    struct ends ends;
    uint64_t hash = mix(FNV_START, name, strlen(name));
    int fd = openat(session, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *channel = fd < 0 ? NULL : fdopendir(fd);

    hash = mix_facts(look, hash, session, name);
    if (channel && find_ends(channel, &ends))
        hash = mix_segment(look, hash, dirfd(channel), ends.last);
    look->sum += hash;
    if (channel)
        closedir(channel);
    else if (fd >= 0)
        close(fd);
}

enum { AT_IDS = 820, ID_BYTES = 3 * 16, HEADER_BYTES = 1024, LOOKED_AT = 1024 };

/* Which file it is, whatever is added to it: where it is, and what its writer named it. Of what
 * follows the header beginning and end: the checksums of the first and last block. False: it
 * has no header yet. */
static bool stamp_file(int fd, const struct stat *facts, struct answer_stamp *stamp_out)
{
    uint8_t start[HEADER_BYTES - AT_IDS + LOOKED_AT], end[LOOKED_AT];
    uint64_t hash = mix(FNV_START, &facts->st_dev, sizeof facts->st_dev);
    ssize_t got = pread(fd, start, sizeof start, AT_IDS);
    off_t body = facts->st_size - HEADER_BYTES, n = body < LOOKED_AT ? body : LOOKED_AT;

    if (got < ID_BYTES)
        return false;
    hash = mix(hash, &facts->st_ino, sizeof facts->st_ino);
    stamp_out->file = mix(hash, start, ID_BYTES);
    stamp_out->bytes = (uint64_t)facts->st_size;
    stamp_out->changed_ns = ns_of(facts->st_mtim);
    stamp_out->blocks = FNV_START;
    if (n > 0 && got >= HEADER_BYTES - AT_IDS + n)
        stamp_out->blocks = mix(stamp_out->blocks, start + HEADER_BYTES - AT_IDS, (size_t)n);
    if (n > 0 && pread(fd, end, (size_t)n, facts->st_size - n) == n)
        stamp_out->blocks = mix(stamp_out->blocks, end, (size_t)n);
    return true;
}

/* The samples' file of a segment. False: there is none. */
static bool find_file(int folder, const char *path, struct answer_stamp *stamp_out)
{
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat facts;

    if (fd < 0)
        return false;
    bool is_there =
        fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) && stamp_file(fd, &facts, stamp_out);
    close(fd);
    return is_there;
}

static bool find_listed(int channel, const char *segment, struct answer_stamp *stamp_out)
{
    char path[2 * NAME_MAX + 16];

    snprintf(path, sizeof path, "%s/%.*s.tdat", segment, (int)stem_bytes(segment, ".segd"),
             segment);
    return find_file(channel, path, stamp_out);
}

/* Its files as the format wants them named: then no folder need be listed. */
static bool find_named(const char *canonical, const char *name, int32_t number,
                       struct answer_stamp *stamp_out)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/%s.timd/%s-%06d.segd/%s-%06d.tdat", canonical, name,
                     name, (int)number, name, (int)number);

    return n > 0 && (size_t)n < sizeof path && find_file(AT_FDCWD, path, stamp_out);
}

static struct answer_stamp list_and_stamp(const char *canonical, const char *name)
{
    struct answer_stamp stamp = {0}, first = {0};
    char path[PATH_MAX + 8];
    struct ends ends;
    int n = snprintf(path, sizeof path, "%s/%s.timd", canonical, name);
    DIR *channel = n > 0 && (size_t)n < sizeof path ? opendir(path) : NULL;

    if (!channel)
        return stamp;
    if (find_ends(channel, &ends)) {
        find_listed(dirfd(channel), ends.first, &first);
        find_listed(dirfd(channel), ends.last, &stamp);
        stamp.first = first.file;
    }
    closedir(channel);
    return stamp;
}

static bool is_archive(const char *canonical)
{
    return stem_bytes(canonical, ".mefd.tar") > 0;
}

/* All zeros: there is none. */
static struct answer_stamp stamp_archive(struct look *look, const char *canonical)
{
    struct answer_stamp stamp = {0};
    struct stat facts;

    if (stat(canonical, &facts) < 0)
        return stamp;
    stamp.first = stamp.file = mix_facts(look, FNV_START, AT_FDCWD, canonical);
    stamp.bytes = (uint64_t)facts.st_size;
    stamp.changed_ns = ns_of(facts.st_mtim);
    return stamp;
}

struct answer_stamp look_stamp(const char *canonical, const char *name, int32_t first_segment,
                               int32_t last_segment)
{
    struct answer_stamp stamp = {0}, first = {0};
    struct look look = {0};

    if (is_archive(canonical))
        return stamp_archive(&look, canonical);
    if (!find_named(canonical, name, last_segment, &stamp))
        return list_and_stamp(canonical, name);
    if (first_segment != last_segment) {
        if (!find_named(canonical, name, first_segment, &first))
            return list_and_stamp(canonical, name);
        stamp.first = first.file;
    } else {
        stamp.first = stamp.file;
    }
    return stamp;
}

/* False: there is none. */
static bool look_at_folder(struct look *look, const char *canonical)
{
    const struct dirent *entry;
    DIR *session = opendir(canonical);

    if (!session)
        return false;
    look->sum = mix_facts(look, FNV_START, dirfd(session), ".");
    while ((entry = readdir(session)))
        if (stem_bytes(entry->d_name, ".timd") > 0)
            add_channel(look, dirfd(session), entry->d_name);
    closedir(session);
    return true;
}

static bool look_at_archive(struct look *look, const char *canonical)
{
    look->sum = stamp_archive(look, canonical).file;
    return look->sum != 0;
}

uint64_t look_fingerprint(const char *canonical)
{
    struct look look = {0};
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    look.now_ns = ns_of(now);
    if (is_archive(canonical) ? !look_at_archive(&look, canonical)
                              : !look_at_folder(&look, canonical))
        return 0;
    if (look.unsettled)
        look.sum = mix(look.sum, &look.now_ns, sizeof look.now_ns);
    return look.sum ? look.sum : 1;
}
