/* SPDX-License-Identifier: Apache-2.0 */
/* What `measure --write NAME` leaves behind: tables of measured rows, a kernel set fitted on them, a hardware profile.
 * All is made in a folder of its own first, where the catalogue can read it; then the files are moved to their places.
 */
#ifndef LLMROOF_CLI_MEASURE_MEASURE_STAGE_H
#define LLMROOF_CLI_MEASURE_MEASURE_STAGE_H

#include "cli/session/session.h"
#include "core/quantity.h"

#include <stdbool.h>
#include <stddef.h>

enum { LR_STAGE_TABLES_MAX = 3, LR_DATE_SIZE = 32 };

struct lr_stage {
    struct lr_session *s;
    struct lr_text home, dir; /* the user's folder; the staging folder in it */
    const char *place[LR_STAGE_TABLES_MAX + 2];
    size_t count;
    bool made;
};

/* Whether --write's name can be taken; an error if not. */
bool lr_stage_name(struct lr_session *s);

/* tables: places of the tables, such as "measured/%s-gemm.csv". Each step is false with an error. Close in every case.
 */
bool lr_stage_open(struct lr_stage *g, struct lr_session *s, const char *const *tables, size_t count);
bool lr_stage_table(struct lr_stage *g, size_t table, const struct lr_text *text);
bool lr_stage_profile(struct lr_stage *g, const struct lr_text *text);

/* Fits every family on the tables; base: the set that fills what they do not fix. */
bool lr_stage_fit(struct lr_stage *g, const char *base);

/* All files to their places, and says so. */
bool lr_stage_publish(struct lr_stage *g);
void lr_stage_close(struct lr_stage *g);

/* A value with four digits and its unit, for the %s of format; today. */
void lr_stage_quantity(struct lr_text *out, const char *format, double value, enum lr_dimension d);
const char *lr_stage_date(char out[LR_DATE_SIZE]);

#endif
