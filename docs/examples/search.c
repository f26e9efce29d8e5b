/* SPDX-License-Identifier: Apache-2.0 */
/* The layout and batch with the most tokens/s and accelerator, within a limit on the time per output token.
 *
 *   cc search.c $(pkg-config --cflags --libs llmroof) -o search
 *   ./search "$(pkg-config --variable=configs llmroof)" llama-3.1-70b 0.05 h20 h100 */
#include <llmroof/llmroof.h>

#include <stdio.h>
#include <stdlib.h>

static void print(const struct lr_found *f)
{
    const struct lr_deployment *d = &f->deployment;
    printf("%s gpus %g tp %g pp %g ep %g dp %g batch %g tokens_per_s_per_gpu %.6g\n", f->hardware->name, d->gpus, d->tp,
           d->pp, d->ep, d->dp, f->batch, f->estimate.tokens_per_s_per_gpu);
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: search CONFIGS MODEL SECONDS HARDWARE...\n");
        return 2;
    }
    const char *const folders[] = {argv[1]}, *const model[] = {argv[2]};
    const struct lr_sweep_names names = {
        .model = model, .models = 1, .hardware = (const char *const *)&argv[4], .chips = (size_t)argc - 4};
    struct lr_best best = {.tpot_s = strtod(argv[3], NULL)};
    struct lr_catalog *c = lr_catalog_open(folders, 1);
    struct lr_sweep *s = c ? lr_sweep_open(c, &names, NULL) : NULL;
    if (s)
        lr_search_lists(s, 16);
    const int code = !s || !lr_search_each(s, lr_best_offer, &best) ? 2 : best.any ? 0 : 1;
    if (best.any)
        print(&best.best);
    lr_sweep_free(s);
    lr_catalog_free(c);
    return code;
}
