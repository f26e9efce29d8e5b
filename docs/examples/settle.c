/* SPDX-License-Identifier: Apache-2.0 */
/* What the estimates say of a claim. The exit code is 0 when all of it holds, 1 when not, 2 after an error.
 *
 *   cc settle.c $(pkg-config --cflags --libs llmroof) -o settle
 *   ./settle "$(pkg-config --variable=configs llmroof)" h20-decode */
#include <llmroof/llmroof.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: settle CONFIGS CLAIM\n");
        return 2;
    }
    const char *const folders[] = {argv[1]};
    struct lr_catalog *c = lr_catalog_open(folders, 1);
    struct lr_settled *s = c ? lr_settle(c, argv[2], NULL, NULL, 0, NULL) : NULL;
    for (size_t i = 0; s && i < s->claim->statement_count; i++) {
        const struct lr_finding *f = &s->statement[i].total[LR_CLAIM_EQUAL_GPUS];
        printf("%s: %s, true at %zu of %zu points\n", s->claim->statement[i].says,
               lr_verdict_name(s->statement[i].verdict), f->holds, f->compared);
    }
    const int code = !s ? 2 : s->holds ? 0 : 1;
    lr_settled_free(s);
    lr_catalog_free(c);
    return code;
}
