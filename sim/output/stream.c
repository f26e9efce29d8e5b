/* SPDX-License-Identifier: Apache-2.0 */
#include "output/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(struct lr_stream *s, struct lr_diags *ds)
{
    if (!s->failed)
        lr_diag(ds, LR_ERROR, (struct lr_pos){s->path ? s->path : "standard output", 0, 0}, NULL,
                "cannot be written: %s", strerror(errno));
    s->failed = true;
    return false;
}

bool lr_stream_open(struct lr_stream *s, const char *path, struct lr_diags *ds)
{
    struct stat st;
    *s = (struct lr_stream){.path = path, .fd = STDOUT_FILENO};
    if (!path)
        return true;
    if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode)) { /* write into a device or a pipe instead of replacing it */
        s->fd = open(path, O_WRONLY | O_TRUNC);
        return s->fd >= 0 || fail(s, ds);
    }
    lr_text_addf(&s->temporary, "%s.XXXXXX", path);
    s->fd = s->temporary.out_of_memory ? -1 : mkstemp(s->temporary.at);
    if (s->fd < 0)
        lr_text_free(&s->temporary);
    return s->fd >= 0 || fail(s, ds);
}

bool lr_stream_add(struct lr_stream *s, const char *bytes, size_t length, struct lr_diags *ds)
{
    while (length > 0 && !s->failed) {
        const ssize_t n = write(s->fd, bytes, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail(s, ds);
        bytes += n;
        length -= (size_t)n;
    }
    return !s->failed;
}

bool lr_stream_close(struct lr_stream *s, bool complete, struct lr_diags *ds)
{
    const bool file = s->temporary.length > 0;
    bool ok = complete && !s->failed;
    if (ok && file)
        ok = (fchmod(s->fd, 0644) == 0 && fsync(s->fd) == 0) || fail(s, ds);
    if (s->path && s->fd >= 0 && close(s->fd) != 0 && ok)
        ok = fail(s, ds);
    if (ok && file)
        ok = rename(s->temporary.at, s->path) == 0 || fail(s, ds);
    if (!ok && file)
        unlink(s->temporary.at);
    lr_text_free(&s->temporary);
    return ok;
}
