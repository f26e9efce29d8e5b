#include "cli/measured_files.h"
#include "cli/plot.h"

#include <llmroof/validate.h>

#include <math.h>
#include <stdio.h>

/* Half a decade of room on both sides. */
static void stretch(double *least, double *most)
{
    *least = pow(10, floor(2 * log10(*least)) / 2);
    *most = pow(10, ceil(2 * log10(*most)) / 2);
}

/* A block a family: measured and predicted in us. Returns how many blocks. */
static size_t blocks(const struct lr_validation *v, struct lr_text *data, struct lr_text *names)
{
    size_t n = 0;
    for (size_t from = 0, to; from < v->points; from = to) {
        const enum lr_family f = v->group[v->point[from].group].family;
        for (to = from; to < v->points && v->group[v->point[to].group].family == f; to++)
            lr_text_addf(data, "%.6g %.6g\n", 1e6 * v->point[to].measured_s, 1e6 * v->point[to].predicted_s);
        lr_text_add(data, "\n\n");
        lr_text_addf(names, "%s%s", n ? " " : "", lr_family_name(f));
        n++;
    }
    return n;
}

static bool draw_points(struct lr_session *s, const struct lr_validation *v, struct lr_picture *p)
{
    struct lr_text names = {0};
    double least = INFINITY, most = 0;
    for (size_t i = 0; i < v->points; i++) {
        least = fmin(least, 1e6 * fmin(v->point[i].measured_s, v->point[i].predicted_s));
        most = fmax(most, 1e6 * fmax(v->point[i].measured_s, v->point[i].predicted_s));
    }
    if (v->points == 0) {
        lr_diag(&s->diags, LR_ERROR, (struct lr_pos){0}, NULL,
                "nothing to draw: every row is flagged, or used by fits");
        lr_hint(&s->diags, "--include-fitted draws the latter too");
        return false;
    }
    stretch(&least, &most);
    const size_t n = blocks(v, &p->data, &names);
    snprintf(p->title, sizeof p->title,
             "Half of the rows within %.0f %% of the measurement, nine in ten within %.0f %%",
             100 * v->total.median_ape, 100 * v->total.p90_ape);
    snprintf(p->subtitle, sizeof p->subtitle, "%zu measured kernels%s.  Lines: equal, and 25 %% to either side",
             v->points, s->options.include_fitted ? ", those used by fits included" : " that no fit has used");
    snprintf(p->argument[0], sizeof p->argument[0], "%zu", n);
    snprintf(p->argument[1], sizeof p->argument[1], "%.6g %.6g", least, most);
    snprintf(p->argument[2], sizeof p->argument[2], "%s", lr_text_str(&names));
    lr_picture_arguments(p, 3);
    lr_text_free(&names);
    return true;
}

bool lr_plot_parity(struct lr_session *s, struct lr_picture *p)
{
    struct lr_measured_files files = {0};
    struct lr_validation v = {0};
    const bool ok =
        lr_measured_files_open(&files, s) &&
        lr_validate(files.file, files.count, lr_measured_set, s, s->options.include_fitted, &v, &s->diags) &&
        draw_points(s, &v, p);
    lr_validation_free(&v);
    lr_measured_files_close(&files);
    return ok;
}
