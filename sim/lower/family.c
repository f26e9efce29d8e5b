#include <llmroof/operator.h>

const char *lr_family_name(enum lr_family f)
{
    static const char *const names[] = {
#define X(id, name) name,
        LR_FAMILIES(X)
#undef X
    };
    return f < LR_FAMILY_COUNT ? names[f] : "unknown";
}

bool lr_family_is_link(enum lr_family f)
{
    return f >= LR_FAMILY_ALL_REDUCE && f <= LR_FAMILY_SEND;
}
