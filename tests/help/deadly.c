/* deadly.c - loaded before all else into a program (LD_PRELOAD): reading a certain
 * byte of a certain file kills it, as a defect of the decoder would. */
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* "INODE:OFFSET", taken before the program gives up its rights. */
static ino_t inode;
static off_t offset;

__attribute__((constructor)) static void learn(void)
{
    char *end;
    const char *text = getenv("DEADLY");

    if (text) {
        inode = strtoull(text, &end, 10);
        offset = strtoll(end + 1, NULL, 10);
    }
}

/* By its name in the C library, which has an inline one of its own for C. */
__attribute__((visibility("default"))) ssize_t deadly_pread(int fd, void *to, size_t n,
                                                            off_t at) __asm__("pread64");

ssize_t deadly_pread(int fd, void *to, size_t n, off_t at)
{
    static ssize_t (*real)(int, void *, size_t, off_t);
    struct stat facts;

    if (!real)
        real = (ssize_t(*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, "pread64");
    if (inode && at <= offset && offset < at + (off_t)n && fstat(fd, &facts) == 0 &&
        facts.st_ino == inode)
        abort();
    return real(fd, to, n, at);
}
