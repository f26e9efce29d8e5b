#include "render/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_all(int fd, const char *at, size_t left)
{
    while (left > 0) {
        const ssize_t n = write(fd, at, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        left -= (size_t)n;
    }
    return true;
}

static bool fail(const char *path, const char *what, struct lr_diags *ds)
{
    lr_diag(ds, LR_ERROR, (struct lr_pos){path ? path : "standard output", 0, 0}, NULL, "%s: %s", what,
            strerror(errno));
    return false;
}

/* A device, a pipe, a link: what it stands for gets the bytes, it is not replaced. */
static bool write_through(const char *path, const struct lr_text *text, struct lr_diags *ds)
{
    const int fd = open(path, O_WRONLY | O_TRUNC);
    if (fd < 0)
        return fail(path, "cannot be written", ds);
    bool ok = write_all(fd, lr_text_str(text), text->length);
    ok = close(fd) == 0 && ok;
    return ok || fail(path, "cannot be written", ds);
}

static bool write_file(const char *path, const struct lr_text *text, struct lr_diags *ds)
{
    struct stat st;
    if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return write_through(path, text, ds);
    struct lr_text temporary = {0};
    lr_text_addf(&temporary, "%s.XXXXXX", path);
    if (temporary.out_of_memory)
        return fail(path, "cannot be written", ds);
    sigset_t ends, before; /* held back until the temporary file is gone or has its name */
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    sigprocmask(SIG_BLOCK, &ends, &before);
    const int fd = mkstemp(temporary.at);
    if (fd < 0) {
        fail(path, "cannot be written", ds);
        sigprocmask(SIG_SETMASK, &before, NULL);
        lr_text_free(&temporary);
        return false;
    }
    bool ok = fchmod(fd, 0644) == 0 && write_all(fd, lr_text_str(text), text->length) && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    ok = ok && rename(temporary.at, path) == 0;
    if (!ok) {
        fail(path, "cannot be written", ds);
        unlink(temporary.at);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    lr_text_free(&temporary);
    return ok;
}

bool lr_output_write(const char *path, const struct lr_text *text, struct lr_diags *ds)
{
    if (text->out_of_memory) {
        errno = ENOMEM;
        return fail(path, "cannot be written", ds);
    }
    if (path)
        return write_file(path, text, ds);
    return write_all(STDOUT_FILENO, lr_text_str(text), text->length) || fail(NULL, "cannot be written", ds);
}

bool lr_output_folder(const char *path, struct lr_diags *ds)
{
    struct lr_text at = {0};
    bool ok = true;
    for (const char *p = path; ok && *p;) {
        p += strspn(p, "/");
        p += strcspn(p, "/");
        lr_text_cut(&at, 0);
        lr_text_add_bytes(&at, path, (size_t)(p - path));
        ok = mkdir(lr_text_str(&at), 0755) == 0 || errno == EEXIST;
    }
    lr_text_free(&at);
    return ok || fail(path, "cannot be made", ds);
}
