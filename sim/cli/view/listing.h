/* SPDX-License-Identifier: Apache-2.0 */
/* The figures of a profile, each with its source. */
#ifndef LLMROOF_CLI_VIEW_LISTING_H
#define LLMROOF_CLI_VIEW_LISTING_H

#include "core/text.h"
#include "render/table.h"

#include <llmroof/catalog.h>

enum { LR_REMARKS_MAX = 64 };

/* For people each source stands once, numbered below the table; for machines beside each figure. */
struct lr_listing {
    struct lr_table table;
    bool for_people;
    const char *remark[LR_REMARKS_MAX]; /* sources and notes, in order; copies in the table's arena */
    size_t remarks;
    struct lr_text aliases;
};

void lr_listing_open(struct lr_listing *l, enum lr_format format);
void lr_listing_free(struct lr_listing *l);

/* For the functions that go through a profile's figures; user is the listing. Copies what it keeps, so the profile may
 * be freed before the listing is rendered. */
void lr_listing_add(const struct lr_figure *f, void *user);

/* In the format that it was opened for. */
void lr_listing_render(const struct lr_listing *l, enum lr_format format, struct lr_text *out);

#endif
