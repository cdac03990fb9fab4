/* tell_metadata.c - what a recording holds: as `mef3 info --json`, and its size on disk. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "decode/tell.h"
#include "facts/session_json.h"

enum { MOST_DEPTH = 4 }; /* session, channel, segment, what is within */

static int64_t folder_bytes(int folder, unsigned depth);

static int64_t entry_bytes(int folder, const char *name, unsigned depth)
{
    struct stat facts;

    if (fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) < 0)
        return 0;
    if (S_ISREG(facts.st_mode))
        return facts.st_size;
    if (!S_ISDIR(facts.st_mode) || depth == MOST_DEPTH)
        return 0;
    return folder_bytes(openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                        depth + 1);
}

/* Takes the descriptor. */
static int64_t folder_bytes(int folder, unsigned depth)
{
    DIR *stream = folder >= 0 ? fdopendir(folder) : NULL;
    struct dirent *entry;
    int64_t bytes = 0;

    if (!stream) {
        if (folder >= 0)
            close(folder);
        return 0;
    }
    while ((entry = readdir(stream)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            bytes += entry_bytes(dirfd(stream), entry->d_name, depth);
    closedir(stream);
    return bytes;
}

static int64_t bytes_of(const char *canonical)
{
    struct stat facts;

    if (stat(canonical, &facts) < 0)
        return 0;
    return S_ISDIR(facts.st_mode) ? folder_bytes(open(canonical, O_RDONLY | O_DIRECTORY), 0)
                                  : facts.st_size;
}

/* Who has not given a password has a right to samples where the operator has put one into the
 * list, and not to whose they are. */
static bool hide_subject(json_t *object)
{
    static const char *const KEYS[] = {"subject_name_1", "subject_name_2", "subject_id",
                                       "recording_location"};
    bool is_fine = true;

    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++)
        is_fine = json_put(object, KEYS[i], json_string("")) && is_fine;
    return is_fine && json_put(object, "access_level", json_integer(1));
}

int tell_metadata(struct mef3_session *session, const char *canonical, bool by_list,
                  json_t **json_out, struct mef3_error *error)
{
    size_t n = mef3_session_info(session)->n_channels;
    struct coverage *coverage = calloc(n + 1, sizeof *coverage);
    int status =
        coverage ? MEF3_OK : mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);

    for (size_t i = 0; status == MEF3_OK && i < n; i++) {
        status = coverage_read(session, i, 0, &coverage[i], error);
        if (status == MEF3_OK)
            coverage_fini(&coverage[i]); /* the numbers are enough here */
    }
    if (status == MEF3_OK) {
        json_t *json = session_json(session, coverage);
        bool is_fine = json && json_put(json, "bytes", json_integer(bytes_of(canonical)));
        if (is_fine && by_list && mef3_session_info(session)->access_level > 1)
            is_fine = hide_subject(json);
        if (is_fine) {
            *json_out = json;
        } else {
            json_decref(json);
            status = mef3_error_set(error, MEF3_ENOMEM, NULL, -1, NULL, NULL, NULL);
        }
    }
    free(coverage);
    return status;
}
