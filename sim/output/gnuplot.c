/* SPDX-License-Identifier: Apache-2.0 */
#include "output/gnuplot.h"

#include "output/output.h"
#include "output/signals.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool fail(struct lr_diags *ds, const char *file, const char *what)
{
    lr_diag(ds, LR_ERROR, (struct lr_pos){file, 0, 0}, NULL, "%s", what);
    return false;
}

enum { DEVICE_SIZE = 32 };

/* Creates a temporary file and unlinks it, so that it never remains. gnuplot inherits it and opens it as device.
 * Returns the file descriptor; -1, with an error, on failure. */
static int open_unlinked(char device[DEVICE_SIZE], struct lr_diags *ds)
{
    char path[] = "/tmp/llmroof-plot-XXXXXX";
    sigset_t before;
    lr_signals_block(&before);
    const int fd = mkstemp(path);
    if (fd >= 0)
        unlink(path);
    lr_signals_restore(&before);
    if (fd < 0) {
        fail(ds, path, strerror(errno));
        return -1;
    }
    snprintf(device, DEVICE_SIZE, "/dev/fd/%d", fd);
    return fd;
}

static bool write_data(const struct lr_text *data, int fd, struct lr_diags *ds)
{
    const char *at = lr_text_str(data);
    for (size_t left = data->length; left > 0;) {
        const ssize_t n = write(fd, at, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail(ds, NULL, "cannot write the plot data");
        at += n;
        left -= (size_t)n;
    }
    return true;
}

static bool run(const struct lr_plot *p, const char *terminal, const char *output, const char *data,
                struct lr_diags *ds)
{
    extern char **environ;
    const char *argv[LR_PLOT_ARGUMENTS_MAX + 2] = {"gnuplot", "-c", p->script, terminal, output, data, p->folder};
    size_t n = 7;
    pid_t pid;
    int status = 0;
    for (size_t i = 0; i < p->arguments; i++)
        argv[n++] = p->argument[i];
    char *args[LR_PLOT_ARGUMENTS_MAX + 2];
    memcpy(args, argv, sizeof args); /* posix_spawnp takes pointers to non-const, but does not change the text */
    const int error = posix_spawnp(&pid, "gnuplot", NULL, NULL, args, environ);
    if (error != 0) {
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "cannot start gnuplot: %s", strerror(error));
        lr_hint(ds, "on Debian: apt-get install gnuplot-nox");
        return false;
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    return fail(ds, p->script, "gnuplot failed");
}

/* Appends the drawing in fd to out. */
static bool read_drawing(int fd, struct lr_text *out, struct lr_diags *ds)
{
    char block[1 << 14];
    ssize_t n = lseek(fd, 0, SEEK_SET) == 0 ? 1 : -1;
    while (n > 0) {
        n = read(fd, block, sizeof block);
        if (n > 0)
            lr_text_add_bytes(out, block, (size_t)n);
        else if (n < 0 && errno == EINTR)
            n = 1;
    }
    if (n < 0)
        return fail(ds, NULL, "cannot read the output of gnuplot");
    return out->length > 0 || out->out_of_memory || fail(ds, NULL, "gnuplot drew nothing");
}

/* Runs gnuplot and appends the drawing to out. out is NULL for the terminal "dumb", which prints it. */
static bool draw(const struct lr_plot *p, const char *terminal, struct lr_text *out, struct lr_diags *ds)
{
    char data[DEVICE_SIZE], device[DEVICE_SIZE] = "";
    if (p->data->out_of_memory)
        return fail(ds, NULL, "out of memory");
    const int from = open_unlinked(data, ds);
    const int to = from >= 0 && out ? open_unlinked(device, ds) : -1;
    bool ok = from >= 0 && (!out || to >= 0) && write_data(p->data, from, ds) && run(p, terminal, device, data, ds);
    ok = ok && (!out || read_drawing(to, out, ds));
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return ok;
}

static bool writable(const char *file, struct lr_diags *ds)
{
    const char *const slash = strrchr(file, '/');
    char *const folder = slash ? strndup(file, (size_t)(slash - file) + 1) : strdup(".");
    const bool ok = folder && access(folder, W_OK) == 0;
    free(folder);
    return ok || fail(ds, file, strerror(errno));
}

bool lr_plot_draw(const struct lr_plot *p, const char *file, struct lr_diags *ds)
{
    struct lr_text drawing = {0};
    const char *const dot = file ? strrchr(file, '.') : NULL;
    const bool png = dot && strcmp(dot, ".png") == 0, svg = dot && strcmp(dot, ".svg") == 0;
    if (!file)
        return draw(p, "dumb", NULL, ds);
    if (!png && !svg)
        return fail(ds, file, "unknown suffix, expected .png or .svg");
    const bool ok =
        writable(file, ds) && draw(p, png ? "pngcairo" : "svg", &drawing, ds) && lr_output_write(file, &drawing, ds);
    lr_text_free(&drawing);
    return ok;
}

bool lr_plot_svg(const struct lr_plot *p, struct lr_text *out, struct lr_diags *ds)
{
    return draw(p, "svg", out, ds);
}
