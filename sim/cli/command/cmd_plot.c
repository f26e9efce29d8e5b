/* SPDX-License-Identifier: Apache-2.0 */
/* plot KIND MODEL: draws into a file, or in the terminal. */
#include "cli/command/command.h"
#include "cli/plot/plot.h"

static bool draw(struct lr_session *s, struct lr_picture *p)
{
    if (!s->options.ascii && !s->file) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--output",
                "is missing, expected a .png or .svg file, or --ascii");
        return false;
    }
    return lr_picture_make(s, p) && lr_plot_draw(&p->plot, s->options.ascii ? NULL : s->file, &s->diags);
}

enum lr_exit lr_command_plot(struct lr_session *s, struct lr_text *out)
{
    (void)out; /* gnuplot writes it */
    struct lr_picture p = {0};
    const bool ok = lr_picture_kind(s, &p) && draw(s, &p);
    lr_picture_free(&p);
    return ok ? LR_EXIT_YES : LR_EXIT_BAD;
}
