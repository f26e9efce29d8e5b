/* SPDX-License-Identifier: Apache-2.0 */
/* A model on two accelerators: how much faster the first one is, and how sure that is.
 *
 *   cc compare.c $(pkg-config --cflags --libs llmroof) -o compare
 *   ./compare "$(pkg-config --variable=configs llmroof)" llama-3.1-8b h20 h100 8 4096 */
#include <llmroof/llmroof.h>

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    if (argc != 7) {
        fprintf(stderr, "usage: compare CONFIGS MODEL LEFT RIGHT BATCH CONTEXT\n");
        return 2;
    }
    struct lr_estimate e[2];
    struct lr_setup *s[2] = {NULL};
    const char *const folders[] = {argv[1]};
    const struct lr_workload w = {.batch = strtod(argv[5], NULL), .context = strtod(argv[6], NULL), .q_len = 1};
    struct lr_catalog *c = lr_catalog_open(folders, 1);
    int known = 0;
    for (int i = 0; c && i < 2; i++) {
        const struct lr_question q = {.model = argv[2], .hardware = argv[3 + i], .deployment = lr_deployment_of(1)};
        s[i] = lr_setup_open(c, &q, NULL);
        if (s[i]) {
            lr_plan_estimate(s[i]->plan, &w, &e[known++]);
            printf("%s %.6g\n", s[i]->hardware->name, e[i].tpot_s);
        }
    }
    if (known == 2)
        printf("ratio %.6g\nleft is faster: %s\n", e[1].tpot_s / e[0].tpot_s,
               lr_outcome_name(lr_compare(&e[0], &e[1], lr_plans_apart(s[0]->plan, s[1]->plan))));
    lr_setup_free(s[0]);
    lr_setup_free(s[1]);
    lr_catalog_free(c);
    return known == 2 ? 0 : 2;
}
