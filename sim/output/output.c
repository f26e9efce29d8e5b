/* SPDX-License-Identifier: Apache-2.0 */
#include "output/output.h"

#include "output/signals.h"
#include "output/stream.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

bool lr_output_write(const char *path, const struct lr_text *text, struct lr_diags *ds)
{
    struct lr_stream out;
    sigset_t before;
    if (text->out_of_memory) {
        lr_diag(ds, LR_ERROR, (struct lr_pos){path, 0, 0}, NULL, "out of memory");
        return false;
    }
    if (path)
        lr_signals_block(&before); /* a signal in between would leave the temporary file behind */
    bool ok = lr_stream_open(&out, path, ds);
    if (ok) {
        ok = lr_stream_add(&out, lr_text_str(text), text->length, ds);
        ok = lr_stream_close(&out, ok, ds);
    }
    if (path)
        lr_signals_restore(&before);
    return ok;
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
    if (!ok)
        lr_diag(ds, LR_ERROR, (struct lr_pos){path, 0, 0}, NULL, "cannot be created: %s", strerror(errno));
    lr_text_free(&at);
    return ok;
}
