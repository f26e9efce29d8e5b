#include "render/gnuplot.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct lr_pos NOWHERE = {0};

static bool fail(struct lr_diags *ds, const char *file, const char *what)
{
    lr_diag(ds, LR_ERROR, (struct lr_pos){file, 0, 0}, NULL, "%s", what);
    return false;
}

/* Data in a temporary file; its name in path. */
static bool write_data(const struct lr_text *data, char *path, struct lr_diags *ds)
{
    const int fd = mkstemp(path);
    const char *at = lr_text_str(data);
    size_t left = data->length;
    if (fd < 0)
        return fail(ds, path, strerror(errno));
    while (left > 0) {
        const ssize_t n = write(fd, at, left);
        if (n <= 0)
            break;
        at += n;
        left -= (size_t)n;
    }
    close(fd);
    return left == 0 || fail(ds, path, "cannot write the data of the plot");
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
    memcpy(args, argv, sizeof args); /* spawn wants pointers to non-const, and leaves them alone */
    const int error = posix_spawnp(&pid, "gnuplot", NULL, NULL, args, environ);
    if (error != 0) {
        lr_diag(ds, LR_ERROR, NOWHERE, NULL, "gnuplot could not be started: %s", strerror(error));
        lr_hint(ds, "on Debian: apt-get install gnuplot-nox");
        return false;
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    return fail(ds, p->script, "gnuplot failed");
}

static bool draw_file(const struct lr_plot *p, const char *terminal, const char *file, const char *data,
                      struct lr_diags *ds)
{
    struct lr_text temporary = {0};
    struct stat st;
    const char *const slash = strrchr(file, '/');
    char *const folder = slash ? strndup(file, (size_t)(slash - file) + 1) : strdup(".");
    const bool writable = folder && access(folder, W_OK) == 0;
    free(folder);
    if (!writable)
        return fail(ds, file, strerror(errno));
    lr_text_addf(&temporary, "%s.%ld.tmp", file, (long)getpid());
    bool ok = !temporary.out_of_memory && run(p, terminal, lr_text_str(&temporary), data, ds);
    if (ok && (stat(temporary.at, &st) != 0 || st.st_size == 0))
        ok = fail(ds, file, "gnuplot drew nothing");
    if (ok && rename(temporary.at, file) != 0)
        ok = fail(ds, file, strerror(errno));
    if (!ok && temporary.at)
        unlink(temporary.at);
    lr_text_free(&temporary);
    return ok;
}

bool lr_plot_draw(const struct lr_plot *p, const char *file, struct lr_diags *ds)
{
    char data[] = "/tmp/llmroof-plot-XXXXXX";
    const char *const dot = file ? strrchr(file, '.') : NULL;
    const bool png = dot && strcmp(dot, ".png") == 0, svg = dot && strcmp(dot, ".svg") == 0;
    if (file && !png && !svg)
        return fail(ds, file, "expected a file that ends in .png or .svg");
    if (p->data->out_of_memory)
        return fail(ds, file, "out of memory");
    if (!write_data(p->data, data, ds))
        return false;
    const bool ok = file ? draw_file(p, png ? "pngcairo" : "svg", file, data, ds) : run(p, "dumb", "", data, ds);
    unlink(data);
    return ok;
}
