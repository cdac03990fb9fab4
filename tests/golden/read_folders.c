/* read_folders.c - reads everything in every recording of some folders, and looks at nothing.
 *
 *   read_folders [--password PASSWORD] FOLDER...
 *
 * For tools that watch a program: valgrind, MemorySanitizer. */
#include <mef3/mef3.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "fuzz/read_all.h"

static size_t n_opened, n_refused;

static void read_recording(const char *path, const char *password)
{
    struct mef3_session *session;
    struct mef3_error error;
    char text[1024];

    if (mef3_session_open_folder(path, password, &session, &error) != MEF3_OK) {
        n_refused += strlen(mef3_error_text(&error, text, sizeof text)) > 0;
        return;
    }
    read_all_of(session);
    mef3_session_close(session);
    n_opened++;
}

static bool read_folder(const char *folder, const char *password)
{
    struct dirent *entry;
    char path[4096];
    DIR *dir = opendir(folder);

    if (!dir) {
        perror(folder);
        return false;
    }
    while ((entry = readdir(dir))) {
        if (!strstr(entry->d_name, ".mefd"))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        read_recording(path, password);
    }
    closedir(dir);
    return true;
}

int main(int argc, char **argv)
{
    bool has_password = argc > 2 && strcmp(argv[1], "--password") == 0;
    const char *password = has_password ? argv[2] : NULL;

    for (int i = has_password ? 3 : 1; i < argc; i++)
        if (!read_folder(argv[i], password))
            return 1;
    printf("%zu recordings read, %zu refused\n", n_opened, n_refused);
    return n_opened > 0 ? 0 : 1;
}
