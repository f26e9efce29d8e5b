/* SPDX-License-Identifier: Apache-2.0 */
/* Operators: the work of one GPU in a step, described by shapes. Operators do not depend on the chip. */
#ifndef LLMROOF_CORE_OPERATOR_H
#define LLMROOF_CORE_OPERATOR_H

#include <llmroof/deployment.h>
#include <llmroof/family.h>
#include <llmroof/model.h>
#include <llmroof/role.h>

#include <stddef.h>

/* True for layers that have a state of fixed size instead of a KV cache. */
bool lr_attention_has_state(const struct lr_attention *a);

/* The key of a part in a profile; "unknown" out of range. */
const char *lr_part_name(enum lr_part p);

/* The residual stream and the activations between kernels have 16 bits. */
enum { LR_ACT_BYTES = 2 };

/* The rows of an operator: one per token of the step, or one per sequence (the LM head, the sampler). */
enum lr_rows { LR_ROWS_TOKENS, LR_ROWS_SEQUENCES };

/* C[m,n] = A[m,k] B[k,n]. */
struct lr_gemm {
    double n, k;
};

/* Attention of the heads on one GPU over the KV cache. window 0: the whole context. */
struct lr_gqa {
    double heads, kv_heads, head_dim, window;
};

/* MLA (DeepSeek-V2, arXiv 2405.04434, section 2.1.2 and appendix C). The cache has latent + rope elements per token,
 * for any number of heads. The absorbed form computes scores over latent + rope and values over latent. The expanded
 * form, which a prefill may use, computes scores over nope + rope and values over v. */
struct lr_mla {
    double heads, latent, rope, nope, v;
    double topk; /* tokens that an indexer selects for each query; 0: all tokens are read */
};

/* Recurrent layers. Each step reads the state of every sequence and writes it back; the length of the context does not
 * matter. */
struct lr_state {
    double bytes; /* state of one sequence, on this GPU */
    double flop_per_row, act_bytes_per_row;
    double weight_bytes; /* taps of a convolution */
};

/* The lightning indexer (DeepSeek-V3.2, arXiv 2512.02556, equation 1). Each of heads queries computes a score with the
 * key of each token, over the whole context. The scores are written to memory, where the best are selected. */
struct lr_index {
    double heads, dim, bytes; /* bytes of a key with its scale */
};

/* heads independent products C[m,n] = A[m,k] B[k,n]. */
struct lr_bmm {
    double heads, n, k;
};

/* How experts are chosen for tokens. */
enum lr_routing {
    LR_ROUTING_RANDOM,   /* every expert with the same probability */
    LR_ROUTING_EVEN,     /* the same number of rows for every expert, as in kernel benchmarks */
    LR_ROUTING_SKEWED,   /* some experts get many more rows, and so does one rank */
    LR_ROUTING_IDENTICAL /* all tokens use the same experts, which are spread over as many ranks as possible */
};

/* The two grouped GEMMs of the experts, with routing and activation. */
struct lr_moe {
    double hidden;
    double inter;    /* intermediate size of one expert, on this GPU */
    double matrices; /* 3 gated, 2 plain */
    double experts, topk;
    double local;  /* experts on this GPU, whole or in part */
    double groups; /* attention groups (dp) that send tokens here: rows = tokens x groups x topk x local / experts */
    enum lr_routing routing;
    double skew; /* LR_ROUTING_RANDOM: rows of the busiest rank divided by their expectation, >= 1 */
};

/* Expected number of rows of the busiest rank, divided by the mean. The variance of the rows of a rank is close to
 * their mean, and the largest of n ranks is about sqrt(2 ln n) standard deviations above the mean (Cramer 1946, section
 * 28.6). 1 for one rank. */
double lr_busiest_rank(double ranks, double rows);

/* Norms, rotary embedding, activation, residual, embedding look-up, sampling: a small kernel and its memory traffic. */
struct lr_elementwise {
    double bytes_per_row;        /* activations, read and written */
    double weight_bytes_per_row; /* parameters that each row reads: an embedding row */
    double kv_bytes_per_row;     /* written to the cache */
};

/* One collective. */
struct lr_collective {
    double ranks;           /* number of GPUs */
    double nodes;           /* number of scale-up domains that contain them, >= 1 */
    double bytes_per_row;   /* contributed by this GPU */
    double topk;            /* dispatch, combine: copies of a row */
    double experts, hidden; /* dispatch, combine: sizes of the layer */
};

/* One operator. Its shapes are those of one GPU. */
struct lr_op {
    const char *name; /* "attn.qkv", for printing only: code uses the role. Static storage */
    double count;     /* number of executions in one step */
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

/* One step on one GPU. */
struct lr_step {
    double sequences;
    double q_len;   /* new tokens per sequence */
    double tokens;  /* sequences x q_len */
    double context; /* tokens in the cache of each sequence before the step */
};
struct lr_step lr_step_of(const struct lr_workload *w, const struct lr_deployment *d);

/* FLOP and bytes of one execution. Activations may stay in a cache of the chip, so an estimate includes act_bytes and a
 * floor does not. */
struct lr_work {
    double flop;
    double weight_bytes, kv_bytes, act_bytes, link_bytes;
};

struct lr_work lr_op_work(const struct lr_op *op, const struct lr_step *s);

/* Average number of tokens that a query attends to: the cache, and for q_len > 1 half of its own step; at most window.
 */
double lr_attended(const struct lr_step *s, double window);

/* Expected number of experts, among local of all experts, that get at least one row when each token chooses topk
 * different experts with equal probability: local (1 - (1 - topk/experts)^tokens). */
double lr_expected_experts(double local, double experts, double topk, double tokens);

/* Number of experts on this GPU that get at least one of these rows; >= 1. For skewed routing it is the expectation if
 * the probabilities of the experts have a gamma distribution of shape 2: local (1 - (1 + rows/(2 local))^-2). */
double lr_touched_experts(const struct lr_moe *e, double rows);

/* The rows that the experts on this GPU get in a step, as an average over ranks, and the number of its experts that get
 * any (>= 1). m: tokens of one attention group. */
struct lr_routed {
    double tokens; /* of all attention groups that use the layer */
    double rows, touched;
};
struct lr_routed lr_moe_routed(const struct lr_moe *e, double m);

/* A model on a layout of GPUs: the operators of one GPU, and what it keeps in memory. */
struct lr_lowering {
    struct lr_op op[LR_OPS_MAX];
    size_t op_count;
    double layers;
    double weights_bytes; /* on the GPU with the most */
    struct {
        double bytes_per_token, window; /* window 0: the whole context is kept */
    } kv[LR_MODEL_BLOCKS_MAX];          /* KV cache of one sequence, on one GPU */
    size_t kv_count;
    double state_bytes_per_sequence; /* on one GPU, for any context */
    double act_bytes_per_token;      /* greatest number of bytes in use at a time */
    double logits_bytes_per_sequence;
};

#endif
