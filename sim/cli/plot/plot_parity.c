/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/plot/plot.h"
#include "cli/session/benchmarks.h"
#include "cli/session/measured_files.h"

#include <llmroof/validate.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BLOCKS_MAX = 16 };

/* Half a decade of room on both sides. */
static void stretch(double *least, double *most)
{
    *least = pow(10, floor(2 * log10(*least)) / 2);
    *most = pow(10, ceil(2 * log10(*most)) / 2);
}

/* Kernels are grouped by their family and drawn in us, deployments by their chip and drawn in ms. */
struct scene {
    const struct lr_validation *v;
    double scale;
    const char *unit, *what;
};

static const char *block_name(const struct lr_group *g)
{
    return g->model ? g->hardware->name : lr_family_name(g->family);
}

/* A block a name, measured and predicted. Returns how many blocks. */
static size_t blocks(const struct scene *c, struct lr_text *data, struct lr_text *names)
{
    const struct lr_validation *v = c->v;
    const char *seen[BLOCKS_MAX];
    size_t n = 0;
    for (size_t first = 0; first < v->count && n < BLOCKS_MAX; first++) {
        const char *const name = block_name(&v->group[first]);
        size_t at = 0;
        while (at < n && strcmp(seen[at], name) != 0)
            at++;
        if (at < n)
            continue;
        seen[n++] = name;
        for (size_t i = 0; i < v->points; i++)
            if (strcmp(block_name(&v->group[v->point[i].group]), name) == 0)
                lr_text_addf(data, "%.6g %.6g\n", c->scale * v->point[i].measured_s,
                             c->scale * v->point[i].predicted_s);
        lr_text_add(data, "\n\n");
        lr_text_addf(names, "%s%s", n > 1 ? " " : "", name);
    }
    return n;
}

static void texts(const struct lr_session *s, const struct scene *c, struct lr_picture *p)
{
    snprintf(p->title, sizeof p->title, "50 %% of rows within %.0f %% of the measurement, 90 %% within %.0f %%",
             100 * c->v->total.median_ape, 100 * c->v->total.p90_ape);
    snprintf(p->subtitle, sizeof p->subtitle, "%zu measured %s%s.  Lines: equal and +-25 %%", c->v->points, c->what,
             s->options.include_fitted ? ", including those used by fits" : " that no fit has used");
}

static bool draw_points(struct lr_session *s, const struct scene *c, struct lr_picture *p)
{
    struct lr_text names = {0};
    double least = INFINITY, most = 0;
    for (size_t i = 0; i < c->v->points; i++) {
        least = fmin(least, c->scale * fmin(c->v->point[i].measured_s, c->v->point[i].predicted_s));
        most = fmax(most, c->scale * fmax(c->v->point[i].measured_s, c->v->point[i].predicted_s));
    }
    if (c->v->points == 0) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "nothing to draw: every row is flagged or used by a fit");
        lr_hint(&s->diags, "--include-fitted also draws rows used by fits");
        return false;
    }
    stretch(&least, &most);
    const size_t n = blocks(c, &p->data, &names);
    texts(s, c, p);
    snprintf(p->argument[0], sizeof p->argument[0], "%zu", n);
    snprintf(p->argument[1], sizeof p->argument[1], "%.6g %.6g %s", least, most, c->unit);
    snprintf(p->argument[2], sizeof p->argument[2], "%s", lr_text_str(&names));
    lr_picture_arguments(p, 3);
    lr_text_free(&names);
    return true;
}

static bool draw_deployments(struct lr_session *s, struct lr_picture *p)
{
    struct lr_benchmarks b = {0};
    struct lr_validation v = {0};
    const struct scene c = {&v, 1e3, "ms", "deployments"};
    const bool ok =
        lr_benchmarks_open(&b, s) &&
        lr_validate_benchmarks(b.file, b.count, lr_benchmarks_plan, &b, s->options.include_fitted, &v, &s->diags) &&
        draw_points(s, &c, p);
    lr_validation_free(&v);
    lr_benchmarks_close(&b);
    return ok;
}

bool lr_plot_parity(struct lr_session *s, struct lr_picture *p)
{
    struct lr_measured_files files = {0};
    struct lr_validation v = {0};
    const struct scene c = {&v, 1e6, "us", "kernels"};
    if (lr_benchmarks_named(s))
        return draw_deployments(s, p);
    const bool ok =
        lr_measured_files_open(&files, s) &&
        lr_validate(files.file, files.count, lr_measured_set, s, s->options.include_fitted, &v, &s->diags) &&
        draw_points(s, &c, p);
    lr_validation_free(&v);
    lr_measured_files_close(&files);
    return ok;
}
