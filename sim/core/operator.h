/* SPDX-License-Identifier: Apache-2.0 */
/* Operators: what one GPU has to do in a step, with shapes and without any chip. */
#ifndef LLMROOF_CORE_OPERATOR_H
#define LLMROOF_CORE_OPERATOR_H

#include <llmroof/deployment.h>
#include <llmroof/family.h>
#include <llmroof/model.h>
#include <llmroof/role.h>

#include <stddef.h>

/* It keeps a state of fixed size, and no cache. */
bool lr_attention_has_state(const struct lr_attention *a);

/* The key of a part in a profile; "unknown" out of range. */
const char *lr_part_name(enum lr_part p);

/* Residual stream and activations between kernels are held in 16 bits. */
enum { LR_ACT_BYTES = 2 };

/* What the rows of an operator are: every token of the step, or one row a sequence (the LM head, the sampler). */
enum lr_rows { LR_ROWS_TOKENS, LR_ROWS_SEQUENCES };

/* C[m,n] = A[m,k] B[k,n]. */
struct lr_gemm {
    double n, k;
};

/* Decode attention of one GPU's heads over the cache. window 0: the whole context. */
struct lr_gqa {
    double heads, kv_heads, head_dim, window;
};

/* MLA. Absorbed: scores over latent + rope, values over latent; the cache has latent + rope elements a token, whatever
 * the number of heads (DeepSeek-V2, arXiv 2405.04434, section 2.1.2 and appendix C). Expanded, as a prefill does it:
 * scores over nope + rope, values over v. */
struct lr_mla {
    double heads, latent, rope, nope, v;
    double topk; /* tokens that a query reads of those an indexer chose; 0: all */
};

/* Recurrent layers: each step reads the state of every sequence and writes it back, however long the context is. */
struct lr_state {
    double bytes; /* of one sequence, on this GPU */
    double flop_per_row, act_bytes_per_row;
    double weight_bytes; /* taps of a convolution */
};

/* The lightning indexer (DeepSeek-V3.2, arXiv 2512.02556, equation 1): heads queries score one key a token, over the
 * whole context; the scores are written for the choice of the best. */
struct lr_index {
    double heads, dim, bytes; /* bytes of a key with its scale */
};

/* heads independent products C[m,n] = A[m,k] B[k,n]. */
struct lr_bmm {
    double heads, n, k;
};

/* How tokens choose experts. */
enum lr_routing {
    LR_ROUTING_RANDOM,   /* each expert with equal chance */
    LR_ROUTING_EVEN,     /* the same number of rows for every expert, as benchmarks do */
    LR_ROUTING_SKEWED,   /* some experts are far busier, and so is one rank */
    LR_ROUTING_IDENTICAL /* all tokens have the same experts, which lie on as many ranks as they can */
};

/* Both grouped GEMMs of the experts, with routing and activation. */
struct lr_moe {
    double hidden;
    double inter;    /* of one expert, on this GPU */
    double matrices; /* 3 gated, 2 plain */
    double experts, topk;
    double local;  /* experts that this GPU holds (a part of) */
    double groups; /* attention groups whose tokens meet here (dp): rows = tokens x groups x topk x local / experts */
    enum lr_routing routing;
    double skew; /* LR_ROUTING_RANDOM: busiest rank over its expectation, >= 1 */
};

/* Rows of the busiest of the ranks over the mean, in expectation: each draws its rows by chance, with a variance near
 * the mean, and the greatest of n is about sqrt(2 ln n) deviations above it (Cramer 1946, section 28.6). 1 for one
 * rank. */
double lr_busiest_rank(double ranks, double rows);

/* Norms, rotary embedding, activation, residual, embedding look-up, sampling: memory traffic and a kernel. */
struct lr_elementwise {
    double bytes_per_row;        /* activations, read and written */
    double weight_bytes_per_row; /* parameters that each row reads: an embedding row */
    double kv_bytes_per_row;     /* written to the cache */
};

/* One collective. */
struct lr_collective {
    double ranks;           /* GPUs that take part */
    double nodes;           /* scale-up domains over which they are spread, >= 1 */
    double bytes_per_row;   /* that this GPU contributes */
    double topk;            /* dispatch, combine: copies of a row */
    double experts, hidden; /* dispatch, combine: sizes that fitted constants may use */
};

/* Shapes are those of one GPU. */
struct lr_op {
    const char *name; /* for printing only: code asks for the role. "attn.qkv"; static storage */
    double count;     /* executions that a token passes through in one step */
    enum lr_role role;
    enum lr_family family;
    enum lr_rows rows;
    enum lr_dtype weight, act, kv;
    union {
        struct lr_gemm gemm;
        struct lr_gqa gqa;
        struct lr_mla mla;
        struct lr_state state;
        struct lr_index index;
        struct lr_bmm bmm;
        struct lr_moe moe;
        struct lr_elementwise elementwise;
        struct lr_collective collective;
    } u;
};

/* One step as one GPU sees it. */
struct lr_step {
    double sequences;
    double q_len;   /* new tokens a sequence */
    double tokens;  /* sequences x q_len */
    double context; /* tokens in the cache of each sequence before the step */
};
struct lr_step lr_step_of(const struct lr_workload *w, const struct lr_deployment *d);

/* FLOP and bytes of one execution. Activations may stay in a cache: they count in an estimate, never in a floor. */
struct lr_work {
    double flop;
    double weight_bytes, kv_bytes, act_bytes, link_bytes;
};

/* Closed forms: sim/core/work.c. Pure. */
struct lr_work lr_op_work(const struct lr_op *op, const struct lr_step *s);

/* Tokens of context that a query attends to: the cache, and for q_len > 1 half of its own step; at most window. */
double lr_attended(const struct lr_step *s, double window);

/* Expected number of distinct experts among local of experts when each of tokens draws topk different ones with equal
 * chance: local (1 - (1 - topk/experts)^tokens). */
double lr_expected_experts(double local, double experts, double topk, double tokens);

/* Of this GPU's experts those that get any of its rows, at least 1. Under skewed routing the expectation when the
 * chances of experts have a gamma distribution of shape 2: local (1 - (1 + rows/(2 local))^-2). */
double lr_touched_experts(const struct lr_moe *e, double rows);

/* Rows that this GPU's experts get in a step, on average over ranks, and how many of its experts get any (>= 1). */
struct lr_routed {
    double tokens; /* of all groups that meet in the layer */
    double rows, touched;
};
struct lr_routed lr_moe_routed(const struct lr_moe *e, double m);

/* A model laid out over GPUs: the operators of one GPU and what it keeps in memory. */
struct lr_lowering {
    struct lr_op op[LR_OPS_MAX];
    size_t op_count;
    double layers;
    double weights_bytes; /* on the GPU that holds most */
    struct {
        double bytes_per_token, window; /* window 0: grows with the context */
    } kv[LR_MODEL_BLOCKS_MAX];          /* of one sequence, on one GPU */
    size_t kv_count;
    double state_bytes_per_sequence; /* on one GPU, whatever the context */
    double act_bytes_per_token;      /* live at the widest place */
    double logits_bytes_per_sequence;
};

#endif
