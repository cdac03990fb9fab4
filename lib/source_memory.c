/* source_memory.c - a session's bytes from memory, for tests and fuzzers. */
#include <mef3/source.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct memory {
    size_t n_files;
    struct mef3_memory_file files[];
};

/* The rest of `path` after "folder/", or NULL when it lies elsewhere. */
static const char *beneath(const char *path, const char *folder)
{
    size_t n = strlen(folder);

    if (n == 0)
        return path;
    return strncmp(path, folder, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

/* Folders exist only in the paths of the files, so each is told once: at the
 * first file that it holds. */
static bool told_before(const struct memory *memory, size_t file, const char *folder,
                        const char *name, size_t n_name)
{
    for (size_t i = 0; i < file; i++) {
        const char *rest = beneath(memory->files[i].path, folder);
        if (rest && strncmp(rest, name, n_name) == 0 && rest[n_name] == '/')
            return true;
    }
    return false;
}

static int memory_list(void *self, const char *folder, mef3_name_fn *each, void *arg)
{
    const struct memory *memory = self;
    bool found = folder[0] == '\0';
    char name[256];

    for (size_t i = 0; i < memory->n_files; i++) {
        const char *rest = beneath(memory->files[i].path, folder);
        if (!rest)
            continue;
        found = true;
        size_t n = strcspn(rest, "/");
        bool is_folder = rest[n] == '/';
        if (n == 0 || n >= sizeof name || (is_folder && told_before(memory, i, folder, rest, n)))
            continue;
        memcpy(name, rest, n);
        name[n] = '\0';
        int status = each(arg, name, is_folder);
        if (status != 0)
            return status;
    }
    return found ? MEF3_OK : MEF3_ENOENT;
}

static int memory_open(void *self, const char *path, void **file_out, uint64_t *bytes_out)
{
    struct memory *memory = self;

    for (size_t i = 0; i < memory->n_files; i++) {
        if (strcmp(memory->files[i].path, path) != 0)
            continue;
        *file_out = &memory->files[i];
        *bytes_out = memory->files[i].n;
        return MEF3_OK;
    }
    return MEF3_ENOENT;
}

static int memory_read(void *self, void *arg, uint64_t offset, void *bytes_out, size_t n,
                       size_t *n_out)
{
    const struct mef3_memory_file *file = arg;

    (void)self;
    size_t left = offset < file->n ? file->n - (size_t)offset : 0;
    if (n > left)
        n = left;
    if (n > 0)
        memcpy(bytes_out, file->bytes + offset, n);
    *n_out = n;
    return MEF3_OK;
}

static int memory_length(void *self, void *arg, uint64_t *bytes_out)
{
    const struct mef3_memory_file *file = arg;

    (void)self;
    *bytes_out = file->n;
    return MEF3_OK;
}

static void memory_close(void *self, void *file)
{
    (void)self;
    (void)file;
}

static const struct mef3_source_ops memory_ops = {
    .list = memory_list,
    .open = memory_open,
    .read = memory_read,
    .length = memory_length,
    .close = memory_close,
    .free = free,
};

int mef3_source_memory(const char *name, const struct mef3_memory_file *files, size_t n_files,
                       struct mef3_source *source_out)
{
    struct mef3_source source = {.ops = &memory_ops};

    if (n_files > (SIZE_MAX - sizeof(struct memory)) / sizeof *files)
        return MEF3_ENOMEM;
    struct memory *memory = malloc(sizeof *memory + n_files * sizeof *files);
    if (!memory)
        return MEF3_ENOMEM;
    memory->n_files = n_files;
    if (n_files > 0)
        memcpy(memory->files, files, n_files * sizeof *files);
    snprintf(source.name, sizeof source.name, "%s", name);
    source.self = memory;
    *source_out = source;
    return MEF3_OK;
}
