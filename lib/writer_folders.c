/* writer_folders.c - the writer's folders, which appear whole, and their removal.
 *
 * A segment's files are made in a folder that no reader takes for one, "...segd.new", which then
 * gets its name; a channel's first segment in "...timd.new". What a writer that was killed left
 * of such a folder is removed by the next one that makes it. */
#include "writer.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_MODE = 0777 };

static const char *const types[] = {"tmet", "tidx", "tdat", "tmet.new"};

/* Folders of a channel and its segment. */
struct folders {
    char channel[PATH_MAX];
    char segment[PATH_MAX];
};

static bool paths(const struct mef3_writer *writer, const struct writer_channel *channel,
                  int32_t segment, const char *after_channel, const char *after_segment,
                  struct folders *folders_out)
{
    const char *name = channel->name;
    int n =
        snprintf(folders_out->channel, PATH_MAX, "%s/%s.timd%s", writer->path, name, after_channel);
    int m = snprintf(folders_out->segment, PATH_MAX, "%s/%s.timd%s/%s-%06d.segd%s", writer->path,
                     name, after_channel, name, segment, after_segment);

    if (n >= 0 && n < PATH_MAX && m >= 0 && m < PATH_MAX)
        return true;
    errno = ENAMETOOLONG;
    return false;
}

static bool file_path(const char *folder, const struct writer_channel *channel, int32_t segment,
                      const char *type, char path[PATH_MAX])
{
    int n = snprintf(path, PATH_MAX, "%s/%s-%06d.%s", folder, channel->name, segment, type);

    if (n >= 0 && n < PATH_MAX)
        return true;
    errno = ENAMETOOLONG;
    return false;
}

static void remove_segment(const struct writer_channel *channel, int32_t segment,
                           const char *folder)
{
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (file_path(folder, channel, segment, types[i], path))
            unlink(path);
    rmdir(folder);
}

static bool fill(const struct mef3_writer *writer, const struct writer_channel *channel,
                 const struct writer_file files[3], const char *folder)
{
    char path[PATH_MAX];

    if (mkdir(folder, FOLDER_MODE) != 0)
        return false;
    for (size_t i = 0; i < 3; i++)
        if (!file_path(folder, channel, channel->segment, files[i].type, path) ||
            !writer_files_write(writer, path, files[i].bytes, files[i].n))
            return false;
    return writer_files_sync_folder(writer, folder);
}

/* The folder that gets its name when all is in it: the channel's, or the segment's. */
static bool make(const struct mef3_writer *writer, const struct writer_channel *channel,
                 const struct writer_file files[3], const struct folders *at)
{
    struct folders named;
    const char *parent = channel->has_folder ? at->channel : writer->path;

    if (!paths(writer, channel, channel->segment, "", "", &named))
        return false;
    if (!channel->has_folder && mkdir(at->channel, FOLDER_MODE) != 0)
        return false;
    if (!fill(writer, channel, files, at->segment))
        return false;
    if (!channel->has_folder && !writer_files_sync_folder(writer, at->channel))
        return false;
    const char *from = channel->has_folder ? at->segment : at->channel;
    const char *to = channel->has_folder ? named.segment : named.channel;
    if (rename(from, to) != 0)
        return false;
    if (writer_files_sync_folder(writer, parent))
        return true;
    int number = errno;
    (void)rename(to, from); /* to be removed with its files; else it is whole as it is */
    errno = number;
    return false;
}

int writer_folders_make(const struct mef3_writer *writer, const struct writer_channel *channel,
                        const struct writer_file files[3], struct mef3_error *error)
{
    struct folders at;
    bool has_folder = channel->has_folder;

    if (!paths(writer, channel, channel->segment, has_folder ? "" : ".new",
               has_folder ? ".new" : "", &at))
        return writer_files_fail(error, channel->name, "making the segment's folder");
    remove_segment(channel, channel->segment, at.segment);
    if (!has_folder)
        rmdir(at.channel);
    if (make(writer, channel, files, &at))
        return MEF3_OK;
    int status = writer_files_fail(error, channel->name, "making the segment");
    remove_segment(channel, channel->segment, at.segment);
    if (!has_folder)
        rmdir(at.channel);
    return status;
}

void writer_folders_tidy(const struct mef3_writer *writer, const struct writer_channel *channel)
{
    struct folders folders;
    char path[PATH_MAX];

    if (paths(writer, channel, channel->segment, "", "", &folders) &&
        file_path(folders.segment, channel, channel->segment, "tmet.new", path))
        unlink(path);
    if (channel->segment < INT32_MAX &&
        paths(writer, channel, channel->segment + 1, "", ".new", &folders))
        remove_segment(channel, channel->segment + 1, folders.segment);
}

void writer_folders_remove(const struct mef3_writer *writer, const struct writer_channel *channel)
{
    struct folders folders;

    if (!channel) {
        rmdir(writer->path);
        return;
    }
    for (int32_t i = 0; i <= channel->segment; i++)
        if (paths(writer, channel, i, "", "", &folders))
            remove_segment(channel, i, folders.segment);
    if (paths(writer, channel, 0, "", "", &folders))
        rmdir(folders.channel);
}
