#include "load/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void fail(struct lr_diags *ds, const char *path, const char *what)
{
    lr_diag(ds, LR_ERROR, (struct lr_pos){.file = path}, NULL, "%s", what);
}

static const char *open_problem(int error)
{
    switch (error) {
    case ENOENT:
        return "no such file";
    case EACCES:
        return "permission denied";
    case ENOTDIR:
        return "no such file: a part of its path is no directory";
    case ELOOP:
        return "too many symbolic links";
    case ENAMETOOLONG:
        return "the path is too long";
    default:
        return "cannot be opened";
    }
}

/* Without blocking: a pipe that nobody writes to must not hold us. -1 with an error. */
static int open_regular(const char *path, struct lr_diags *ds)
{
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        fail(ds, path, open_problem(errno));
        return -1;
    }
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        fail(ds, path, S_ISDIR(st.st_mode) ? "is a directory, expected a file" : "is no regular file");
        close(fd);
        return -1;
    }
    return fd;
}

static bool read_all(int fd, char *bytes, size_t limit, size_t *size)
{
    *size = 0;
    while (*size < limit) {
        const ssize_t n = read(fd, bytes + *size, limit - *size);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n == 0;
        }
        *size += (size_t)n;
    }
    return true;
}

char *lr_file_read(const char *path, size_t limit, size_t *size, struct lr_diags *ds)
{
    const int fd = open_regular(path, ds);
    if (fd < 0) {
        return NULL;
    }
    char *bytes = malloc(limit + 1);
    if (!bytes) {
        fail(ds, path, "out of memory");
    } else if (!read_all(fd, bytes, limit + 1, size)) {
        fail(ds, path, "cannot be read");
        free(bytes);
        bytes = NULL;
    }
    close(fd);
    return bytes;
}
