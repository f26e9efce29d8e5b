/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session/space.h"

#include <stdlib.h>

static bool within(const struct lr_found *f, double tpot_s)
{
    return tpot_s <= 0 || f->estimate.tpot_s <= tpot_s;
}

int lr_command_frontier(int argc, char **argv)
{
    struct lr_session s;
    struct lr_space p = {0};
    struct lr_frontier f = {0};
    struct lr_text out = {0};
    struct lr_table t;
    int code = LR_EXIT_BAD;
    lr_table_init(&t, lr_space_columns, LR_SPACE_COLUMNS);
    if (lr_session_open(&s, argc, argv, lr_command_groups("frontier")) && lr_space_search(&p, &s)) {
        if (!lr_search_each(p.sweep, lr_frontier_offer, &f))
            lr_diag(&s.diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
        else {
            lr_frontier_sort(&f, p.sweep);
            for (size_t i = 0; i < f.count; i++)
                if (within(&f.item[i], s.options.tpot_s))
                    lr_space_found(&f.item[i], &t);
            lr_table_render(&t, s.format, "llmroof/frontier/1", &out);
            code = lr_session_answer(&s, &out, t.rows ? LR_EXIT_YES : LR_EXIT_NO);
        }
    }
    lr_session_report(&s);
    free(f.item);
    lr_table_free(&t);
    lr_text_free(&out);
    lr_space_free(&p);
    lr_session_close(&s);
    return code;
}
