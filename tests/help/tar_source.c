/* tar_source.c - a source over a tar in memory, and what is in it. */
#include "help/tar_source.h"

#include <stdio.h>
#include <string.h>

#include "help/test.h"
#include "source_tar.h"

int tar_source_read(void *self, uint64_t offset, void *bytes_out, size_t n, size_t *n_out)
{
    const struct tar_maker *tar = self;
    size_t left = offset < tar->n ? tar->n - (size_t)offset : 0;

    *n_out = n < left ? n : left;
    if (*n_out > 0)
        memcpy(bytes_out, tar->bytes + offset, *n_out);
    return MEF3_OK;
}

int tar_source_open(struct tar_maker *tar, struct mef3_source *source_out, struct mef3_error *error)
{
    struct tar_input input = {.self = tar, .bytes = tar->n, .read = tar_source_read};

    return source_tar_over(&input, "some/x.mefd.tar", source_out, error);
}

struct names {
    char text[512];
};

static int note_name(void *arg, const char *name, bool is_folder)
{
    struct names *names = arg;
    size_t n = strlen(names->text);

    snprintf(names->text + n, sizeof names->text - n, "%s%s ", name, is_folder ? "/" : "");
    return 0;
}

void assert_listed(const struct mef3_source *source, const char *folder, const char *text)
{
    struct names names = {""};

    assert_row_int(source->ops->list(source->self, folder, note_name, &names), MEF3_OK, folder);
    assert_string_equal(names.text, text);
}

void assert_content(const struct mef3_source *source, const char *path, const char *text)
{
    char got[64] = "";
    uint64_t bytes;
    size_t n;
    void *file;

    assert_row_int(source->ops->open(source->self, path, &file, &bytes), MEF3_OK, path);
    assert_row_int(bytes, strlen(text), path);
    assert_row_int(source->ops->read(source->self, file, 0, got, sizeof got - 1, &n), MEF3_OK,
                   path);
    assert_row_int(n, strlen(text), path);
    assert_string_equal(got, text);
    source->ops->close(source->self, file);
}
