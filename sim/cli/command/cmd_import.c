/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"

#include <stdlib.h>

enum lr_exit lr_command_import(struct lr_session *s, struct lr_text *out)
{
    if (s->options.operand.count != 1)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "expected one config.json");
    else
        s->model = lr_catalog_model(s->catalog, s->options.operand.name[0], NULL, 0, &s->diags);
    if (!s->model)
        return LR_EXIT_BAD;
    char *const text = lr_model_text(s->model, &s->diags);
    if (!text)
        return LR_EXIT_BAD;
    lr_text_add(out, text);
    free(text);
    s->file = s->options.output; /* YAML, whatever the suffix */
    return LR_EXIT_YES;
}
