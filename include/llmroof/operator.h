/* Operators: what one GPU has to do in a step, with shapes and without any chip. */
#ifndef LLMROOF_OPERATOR_H
#define LLMROOF_OPERATOR_H

#include "deployment.h"
#include "diag.h"
#include "model.h"

#include <stddef.h>

/* id, name in output */
#define LR_FAMILIES(X) \
    X(GEMM, "gemm") \
    X(ATTENTION, "attention") \
    X(MLA, "mla") \
    X(BMM, "bmm") \
    X(MOE, "moe") \
    X(ELEMENTWISE, "elementwise") \
    X(ALLREDUCE, "all_reduce") \
    X(ALLGATHER, "all_gather") \
    X(ALLTOALL, "all_to_all") \
    X(SENDRECV, "send_recv")

enum lr_family {
#define X(id, name) LR_FAMILY_##id,
    LR_FAMILIES(X)
#undef X
        LR_FAMILY_COUNT
};
const char *lr_family_name(enum lr_family f);

/* Shapes are per GPU. Rows (m) come from the step: tokens of this rank, see lr_step. */
struct lr_op {
    const char *name;  /* "attn.qkv"; static storage */
    enum lr_family family;
    double count;      /* times a step, on the GPU that has most of them */
    enum lr_dtype weight, act, kv;
    union {
        struct { /* C[m,n] = A[m,k] B[k,n]; rows per sequence, not per token, when last_token (the LM head) */
            double n, k;
            bool last_token;
        } gemm;
        struct { /* one GPU's heads; window 0: none */
            double heads, kv_heads, head_dim, window;
        } attention;
        struct { /* absorbed: scores over latent + rope, values over latent */
            double heads, latent, rope;
        } mla;
        struct { /* heads independent products C[m,n] = A[m,k] B[k,n] */
            double heads, n, k;
        } bmm;
        struct { /* matrices: 3 gated, 2 plain; inter: of one expert on this GPU; local: experts held by this GPU;
                    ranks: expert-parallel groups whose tokens meet in the layer (ep) */
            double hidden, inter, matrices, experts, topk, local, ep;
            double rank_tokens; /* how many times this GPU's own tokens enter the layer (dp groups that share it) */
        } moe;
        struct { /* memory traffic that cannot stay on chip is counted apart, see lr_work */
            double bytes_per_token, bytes_per_sequence;
            double weight_bytes;
        } elementwise;
        struct { /* bytes that each rank contributes, a token */
            double ranks, bytes_per_token;
            double nodes; /* groups of ranks that only the scale-out link joins */
            double topk, experts; /* all-to-all: fan-out of a token */
            bool last_token;
        } link;
    } u;
};

/* The work of one step, on one GPU: sequences and tokens of this rank, and their context. */
struct lr_step {
    double sequences; /* ceil(batch / dp) */
    double q_len;
    double tokens;    /* sequences x q_len */
    double context;   /* tokens in the cache before the step */
};

/* FLOP and bytes of one execution. act_bytes may stay in cache: they count in the estimate, not in the floor. */
struct lr_work {
    double flop;
    double weight_bytes, kv_bytes, act_bytes, link_bytes;
};

/* Pure. Closed forms beside each family in sim/lower/work.c, derived by hand in tests/lower_test.c. */
struct lr_work lr_op_work(const struct lr_op *op, const struct lr_step *step);

/* Expected number of distinct experts among local of experts that tokens draws of topk different experts touch:
 * local (1 - (1 - topk/experts)^tokens). Balanced routing. */
double lr_expected_experts(double local, double experts, double topk, double tokens);

enum { LR_OPS_MAX = 256 };

/* What a GPU holds and does. */
struct lr_lowering {
    struct lr_op op[LR_OPS_MAX];
    size_t op_count;
    double weights_bytes;          /* on the GPU that holds most */
    double kv_bytes_per_token;     /* full-attention layers, per sequence and token of context, on one GPU */
    double kv_window_bytes;        /* window layers: bytes per token; grows only up to ... */
    double layers;
    /* Windows differ by block: kv of a sequence at a context is lr_lowering_kv_bytes. */
    struct {
        double bytes_per_token, window;
    } kv[LR_MODEL_BLOCKS_MAX];
    size_t kv_count;
    double act_bytes_per_token; /* widest live activations, for the workspace */
};

