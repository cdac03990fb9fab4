/* tar_members.c FILE...: the members that the library finds in tars, for others to compare.
 *
 * A line a tar, "= STATUS"; before it, a line a member: where its content begins, how long it is,
 * "d" of a folder or "f", and its path. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tar.h"

static int read_file(void *self, uint64_t offset, void *bytes_out, size_t n, size_t *n_out)
{
    const int *fd = self;
    ssize_t got = pread(*fd, bytes_out, n, (off_t)offset);

    if (got < 0)
        return MEF3_EIO;
    *n_out = (size_t)got;
    return MEF3_OK;
}

static void tell(const struct tar *tar)
{
    for (size_t i = 0; i < tar->n; i++) {
        const struct tar_member *member = &tar->items[i];
        printf("%llu %llu %c %s\n", (unsigned long long)member->at,
               (unsigned long long)member->bytes, member->is_folder ? 'd' : 'f',
               tar->paths + member->path);
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        int fd = open(argv[i], O_RDONLY | O_CLOEXEC);
        struct tar tar = {0};
        struct mef3_error error;
        struct stat st;
        if (fd < 0 || fstat(fd, &st) < 0)
            return 1;
        struct tar_input input = {.self = &fd, .bytes = (uint64_t)st.st_size, .read = read_file};
        int status = tar_open(&input, argv[i], &tar, &error);
        tell(&tar);
        printf("= %s\n", mef3_status_name(status));
        tar_fini(&tar);
        close(fd);
    }
    return 0;
}
