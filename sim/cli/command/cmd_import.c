/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"

#include <llmroof/import.h>

#include <stdlib.h>

enum lr_exit lr_command_import(struct lr_session *s, struct lr_text *out)
{
    enum lr_exit answer = LR_EXIT_BAD;
    if (s->options.operand.count != 1)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "expected one config.json");
    else
        s->model = lr_catalog_model(s->catalog, s->options.operand.name[0], NULL, 0, &s->diags);
    if (!s->model)
        return LR_EXIT_BAD;
    const size_t length = lr_model_write(s->model, NULL, 0);
    char *text = length > 0 ? malloc(length + 1) : NULL;
    if (text && lr_model_write(s->model, text, length + 1) == length) {
        lr_text_add(out, text);
        s->file = s->options.output; /* YAML, whatever the suffix */
        answer = LR_EXIT_YES;
    } else {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    }
    free(text);
    return answer;
}
