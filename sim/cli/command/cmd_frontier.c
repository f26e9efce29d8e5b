/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"
#include "cli/session/space.h"

#include <stdlib.h>

static bool within(const struct lr_found *f, double tpot_s)
{
    return tpot_s <= 0 || f->estimate.tpot_s <= tpot_s;
}

enum lr_exit lr_command_frontier(struct lr_session *s, struct lr_text *out)
{
    struct lr_space p = {0};
    struct lr_frontier f = {0};
    struct lr_table t;
    enum lr_exit answer = LR_EXIT_BAD;
    lr_table_init(&t, lr_search_columns, LR_SEARCH_COLUMNS);
    if (lr_space_search(&p, s)) {
        if (!lr_search_each(p.sweep, lr_frontier_offer, &f))
            lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
        else {
            lr_frontier_sort(&f, p.sweep);
            for (size_t i = 0; i < f.count; i++)
                if (within(&f.item[i], s->options.tpot_s))
                    lr_space_found(&f.item[i], &t);
            lr_table_render(&t, s->format, "llmroof/frontier/1", out);
            answer = t.rows ? LR_EXIT_YES : LR_EXIT_NO;
        }
    }
    free(f.item);
    lr_table_free(&t);
    lr_space_free(&p);
    return answer;
}
