/* SPDX-License-Identifier: Apache-2.0 */
/* Time per output token of a model on an accelerator, with libllmroof.
 *
 *   cc estimate.c $(pkg-config --cflags --libs llmroof) -o estimate
 *   ./estimate "$(pkg-config --variable=configs llmroof)" llama-3.1-8b h20 8 4096 */
#include <llmroof/llmroof.h>

#include <stdio.h>
#include <stdlib.h>

static void print(const struct lr_estimate *e)
{
    printf("tpot_s %.6g\nlow %.6g\nhigh %.6g\nfloor %.6g\nbound %s\nfits %s\n", e->tpot_s, e->tpot_low_s,
           e->tpot_high_s, e->floor_tpot_s, lr_bound_name(e->bound), e->fits ? "yes" : "no");
}

static void complain(const struct lr_diags *ds)
{
    char line[512];
    for (size_t i = 0; i < ds->count; i++) {
        lr_diag_format(&ds->item[i], line, sizeof line);
        fprintf(stderr, "%s\n", line);
    }
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: estimate CONFIGS MODEL HARDWARE BATCH CONTEXT\n");
        return 2;
    }
    struct lr_diags ds = {0};
    struct lr_estimate e;
    const char *const folders[] = {argv[1]};
    const struct lr_question q = {.model = argv[2], .hardware = argv[3], .deployment = lr_deployment_of(1)};
    const struct lr_workload w = {.batch = strtod(argv[4], NULL), .context = strtod(argv[5], NULL), .q_len = 1};
    struct lr_catalog *c = lr_catalog_open(folders, 1);
    struct lr_setup *s = c ? lr_setup_open(c, &q, &ds) : NULL;
    if (s) {
        lr_plan_estimate(s->plan, &w, &e);
        print(&e);
    }
    const int code = s ? 0 : 2;
    complain(&ds);
    lr_setup_free(s);
    lr_catalog_free(c);
    lr_diags_free(&ds);
    return code;
}
