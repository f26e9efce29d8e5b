/* SPDX-License-Identifier: Apache-2.0 */
#include "document/file.h"

#include "document/embedded.h"

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
        return "no such file: a part of its path is not a directory";
    case ELOOP:
        return "too many symbolic links";
    case ENAMETOOLONG:
        return "the path is too long";
    default:
        return "cannot be opened";
    }
}

/* Opens without blocking, because a pipe without a writer would block for ever. -1, with an error, on failure. */
static int open_regular(const char *path, size_t *expected, struct lr_diags *ds)
{
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        fail(ds, path, open_problem(errno));
        return -1;
    }
    struct stat st;
    const bool known = fstat(fd, &st) == 0;
    if (!known || !S_ISREG(st.st_mode)) {
        fail(ds, path, known && S_ISDIR(st.st_mode) ? "is a directory, expected a file" : "is not a regular file");
        close(fd);
        return -1;
    }
    *expected = st.st_size > 0 ? (size_t)st.st_size : 0;
    return fd;
}

/* Reads until the file ends or the buffer is full. */
static bool fill(int fd, char *bytes, size_t capacity, size_t *size)
{
    while (*size < capacity) {
        const ssize_t n = read(fd, bytes + *size, capacity - *size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        *size += (size_t)n;
    }
    return true;
}

/* expected is a first guess only: a file may grow while it is read, and some files report a size of 0. */
static char *read_all(int fd, size_t expected, size_t most, size_t *size, const char **problem)
{
    enum { LEAST = 4096 };
    size_t capacity = expected < LEAST ? LEAST : expected + 1;
    char *bytes = NULL;
    *size = 0;
    for (;;) {
        capacity = capacity < most ? capacity : most;
        char *more = realloc(bytes, capacity);
        *problem = more ? NULL : "out of memory";
        bytes = more ? more : bytes;
        if (more && !fill(fd, bytes, capacity, size))
            *problem = "cannot be read";
        if (*problem) {
            free(bytes);
            return NULL;
        }
        if (*size < capacity || capacity == most)
            return bytes;
        capacity *= 2;
    }
}

static char *copy(const struct lr_embedded *e, size_t *size, struct lr_diags *ds)
{
    char *const bytes = malloc(e->size + 1);
    if (!bytes) {
        fail(ds, e->path, "out of memory");
        return NULL;
    }
    memcpy(bytes, e->text, e->size);
    *size = e->size;
    return bytes;
}

char *lr_file_read(const char *path, size_t limit, size_t *size, struct lr_diags *ds)
{
    const struct lr_embedded *const inside = lr_embedded_find(path);
    if (inside)
        return copy(inside, size, ds);
    const char *problem;
    size_t expected;
    const int fd = open_regular(path, &expected, ds);
    if (fd < 0)
        return NULL;
    char *bytes = read_all(fd, expected, limit + 1, size, &problem);
    close(fd);
    if (!bytes)
        fail(ds, path, problem);
    return bytes;
}
