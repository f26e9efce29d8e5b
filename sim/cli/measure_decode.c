#include "cli/measure.h"
int lr_measure_decode(struct lr_session *s)
{
    (void)s;
    return LR_EXIT_BAD;
}
