/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of measured kernels: their columns and units, and errors with their line. */
#include "suite.h"

#include "core/text.h"

#include "rows/measured.h"
#include <llmroof/calibrate.h>

#include <math.h>
#include <string.h>
#include <unistd.h>

#define GEMM "gpu,fw,ver,dtype,m,n,k,flag,latency_us\n"
#define GOOD "h100_sxm,trtllm,1.0.0,bfloat16,64,8192,8192,,45.1\n"

/* Loads text as a file. */
static struct lr_measured *load_bytes(const char *text, size_t size, struct lr_diags *ds)
{
    char path[] = "/tmp/llmroof-measured-XXXXXX";
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq((int)write(fd, text, size), (int)size);
    close(fd);
    struct lr_catalog *c = suite_catalog();
    struct lr_measured *m = lr_measured_load(path, c, ds);
    lr_catalog_free(c);
    unlink(path);
    return m;
}

static struct lr_measured *load(const char *text)
{
    struct lr_diags ds = {0};
    struct lr_measured *m = load_bytes(text, strlen(text), &ds);
    suite_no_errors(&ds);
    ck_assert_ptr_nonnull(m);
    lr_diags_free(&ds);
    return m;
}

static void assert_near(double a, double b)
{
    ck_assert_msg(fabs(a / b - 1) < 1e-12, "%.17g is not %.17g", a, b);
}

/* One row of each kind of table, 45 us on an H100: 3.35 TB/s, links of 450 GB/s with 0.7 us per hop. The floor shows
 * that the shape was understood:
 * - GEMM, BF16: 8192 x 8192 x 2 bytes; FP8: half. Weight-only INT4: 4.125 bits, and activations of 16.
 * - attention: K and V of 8 sequences x 4096 tokens x 8 heads x 128 in BF16: 2 x 2 x 33,554,432 bytes.
 * - MLA: 8 x 4096 tokens of 576 elements of 2 bytes.
 * - BMM: 128 heads x 512 x 128 x 2 bytes.
 * - MoE: one token, 2 experts of 3 x 4096 x (2048/2) x 2 bytes; without a gate two matrices. On ep = 4 ranks 1/4 of the
 *   rows and at least one expert, held whole.
 * - one grouped GEMM, block-FP8: 16 experts x 2048 x 768 x (8 + 32/16384) bits; up has gate and up.
 * - all-reduce 1 MiB over 8: 7/8 of it. A gather's message is whole, each of 8 gives 1/8.
 * - dispatch: 128 tokens x 8 copies x 7168 x 1 byte, combine 2 bytes; 7/8 leave the GPU. */
static const struct kind {
    const char *text;
    enum lr_family family;
    double floor_s;
    const char *engine;
    enum lr_dtype weight, act, kv;
    double tokens;
} KINDS[] = {
    {GEMM "h100_sxm,trtllm,1.0.0,bfloat16,64,8192,8192,,45\n", LR_FAMILY_GEMM, 134217728 / 3.35e12, "trtllm", LR_BF16,
     LR_BF16, LR_DTYPE_NONE, 64},
    {"gpu,dtype,m,n,k,latency_us\nh100,fp8,64,8192,8192,45\n", LR_FAMILY_GEMM, 67108864 / 3.35e12, "deepseek", LR_FP8,
     LR_FP8, LR_DTYPE_NONE, 64},
    {GEMM "h100_sxm,vllm,1,int4_wo,16,8192,8192,,45\n", LR_FAMILY_GEMM, 67108864 * 4.125 / 8 / 3.35e12, "vllm", LR_INT4,
     LR_BF16, LR_DTYPE_NONE, 16},
    {"gpu,fw,ver,kv_dtype,batch,kv_len,heads,kv_heads,head_dim,flag,latency_us\n"
     "h100_sxm,sglang,1,bf16,8,4096,32,8,128,,45\n",
     LR_FAMILY_ATTENTION, 134217728 / 3.35e12, "sglang", LR_DTYPE_NONE, LR_BF16, LR_BF16, 8},
    {"gpu,kv_dtype,batch,kv_len,heads,kv_heads,head_dim,latency_us\nh100,fp8,8,4096,32,8,128,45\n", LR_FAMILY_ATTENTION,
     67108864 / 3.35e12, "deepseek", LR_DTYPE_NONE, LR_BF16, LR_FP8, 8},
    {"gpu,kv_dtype,batch,kv_len,heads,latency_us\nh100,bf16,8,4096,16,45\n", LR_FAMILY_MLA,
     8 * 4096 * 576 * 2 / 3.35e12, "deepseek", LR_DTYPE_NONE, LR_BF16, LR_BF16, 8},
    {"gpu,fw,ver,which,dtype,tokens,heads,flag,latency_us\nh100,vllm,1,mla_gen_pre,bfloat16,1,128,,45\n", LR_FAMILY_BMM,
     16777216 / 3.35e12, "vllm", LR_BF16, LR_BF16, LR_DTYPE_NONE, 1},
    {"gpu,fw,ver,kernel,dtype,tokens,hidden,inter,topk,experts,tp,ep,dist,flag,latency_us\n"
     "h100,vllm,1,moe_triton,bfloat16,1,4096,2048,2,8,2,1,balanced,,45\n",
     LR_FAMILY_MOE, 2 * 3 * 4096 * 1024 * 2 / 3.35e12, "vllm", LR_BF16, LR_BF16, LR_DTYPE_NONE, 1},
    {"gpu,fw,ver,kernel,dtype,tokens,hidden,inter,topk,experts,tp,ep,dist,flag,latency_us\n"
     "h100,vllm,1,moe_nongated,bfloat16,1,4096,2048,2,8,1,4,balanced,,45\n",
     LR_FAMILY_MOE, 2.0 * 4096 * 2048 * 2 / 3.35e12, "vllm", LR_BF16, LR_BF16, LR_DTYPE_NONE, 1},
    {"gpu,which,local_experts,tokens_per_expert,hidden,inter,latency_us\nh100,down,16,64,2048,768,45\n", LR_FAMILY_MOE,
     16 * 2048 * 768 * (1 + 4.0 / 16384) / 3.35e12, "deepseek", LR_FP8_BLOCK, LR_FP8, LR_DTYPE_NONE, 64},
    {"gpu,which,local_experts,tokens_per_expert,hidden,inter,latency_us\nh100,up,16,64,2048,768,45\n", LR_FAMILY_MOE,
     2 * 16 * 2048 * 768 * (1 + 4.0 / 16384) / 3.35e12, "deepseek", LR_FP8_BLOCK, LR_FP8, LR_DTYPE_NONE, 64},
    {"gpu,fw,ver,coll,backend,ranks,bytes,flag,latency_us\nh100,nccl,2,all_reduce,nccl,8,1048576,,45\n",
     LR_FAMILY_ALL_REDUCE, 1048576 * 7 / 8 / 450e9 + 0.7e-6, "nccl", LR_DTYPE_NONE, LR_BF16, LR_DTYPE_NONE, 1},
    {"gpu,fw,ver,coll,backend,ranks,bytes,flag,latency_us\nh100,nccl,2,all_gather,nccl,8,1048576,,45\n",
     LR_FAMILY_ALL_GATHER, 131072 * 7 / 8 / 450e9 + 0.7e-6, "nccl", LR_DTYPE_NONE, LR_BF16, LR_DTYPE_NONE, 1},
    {"gpu,fw,ver,which,dtype,ranks,nodes,tokens,hidden,topk,experts,flag,latency_us\n"
     "h100,sglang,1,deepep_ll_dispatch,bf16,8,1,128,7168,8,256,,45\n",
     LR_FAMILY_DISPATCH, 128 * 8 * 7168 * 7 / 8 / 450e9 + 0.7e-6, "sglang", LR_DTYPE_NONE, LR_BF16, LR_DTYPE_NONE, 128},
    {"gpu,fw,ver,which,dtype,ranks,nodes,tokens,hidden,topk,experts,flag,latency_us\n"
     "h100,sglang,1,deepep_ll_combine,bf16,8,1,128,7168,8,256,,45\n",
     LR_FAMILY_COMBINE, 2 * 128 * 8 * 7168 * 7 / 8 / 450e9 + 0.7e-6, "sglang", LR_DTYPE_NONE, LR_BF16, LR_DTYPE_NONE,
     128},
};

START_TEST(each_kind_of_table)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        const struct kind *k = &KINDS[i];
        struct lr_measured *m = load(k->text);
        const struct lr_measured_row *r = &m->row[0];
        ck_assert_uint_eq(m->count, 1);
        ck_assert_msg(r->op.family == k->family, "row %zu is of %s", i, lr_family_name(r->op.family));
        ck_assert_str_eq(r->engine, k->engine);
        ck_assert_str_eq(r->hardware->name, "h100");
        ck_assert_int_eq(r->op.weight, k->weight);
        ck_assert_int_eq(r->op.act, k->act);
        ck_assert_int_eq(r->op.kv, k->kv);
        ck_assert_double_eq(r->step.tokens, k->tokens);
        ck_assert_double_eq(r->step.q_len, 1);
        ck_assert_int_eq(r->line, 2);
        ck_assert(!r->flagged);
        ck_assert_int_eq(r->eager, strcmp(k->engine, "deepseek") == 0 &&
                                       (k->family == LR_FAMILY_ATTENTION || k->family == LR_FAMILY_MLA));
        assert_near(r->seconds, 45e-6);
        ck_assert_msg(fabs(lr_row_floor(r) / k->floor_s - 1) < 1e-12, "row %zu: floor %.17g, expected %.17g", i,
                      lr_row_floor(r), k->floor_s);
        lr_measured_free(m);
    }
}
END_TEST

START_TEST(columns_in_another_order)
{
    struct lr_measured *m = load("latency_us,k,n,m,dtype,gpu\n45,4096,8192,64,bf16,H100 SXM5\n");
    ck_assert_double_eq(m->row[0].op.u.gemm.n, 8192);
    ck_assert_double_eq(m->row[0].op.u.gemm.k, 4096);
    ck_assert_double_eq(m->row[0].step.tokens, 64);
    ck_assert_str_eq(m->row[0].hardware->name, "h100");
    lr_measured_free(m);
}
END_TEST

START_TEST(rows_that_are_not_clean)
{
    struct lr_measured *m = load(GEMM GOOD "h100_sxm,trtllm,1.0.0,bfloat16,64,8192,8192,l2,20\n");
    ck_assert_uint_eq(m->count, 2);
    ck_assert(!m->row[0].flagged);
    ck_assert(m->row[1].flagged);
    lr_measured_free(m);
    m = load("gpu,fw,coll,backend,ranks,bytes,latency_us\nh100,vllm,all_reduce,vllm_eager,8,1048576,45\n"
             "h100,vllm,all_reduce,vllm,8,1048576,45\n");
    ck_assert(m->row[0].flagged);
    ck_assert(!m->row[1].flagged);
    lr_measured_free(m);
}
END_TEST

/* The column of the spread is optional, and so are its cells. */
START_TEST(spread_of_the_samples)
{
    struct lr_measured *m = load("gpu,dtype,m,n,k,latency_us,spread\nh100,bf16,64,8192,8192,45,0.07\n"
                                 "h100,bf16,64,8192,8192,45,\n");
    ck_assert_double_eq(m->row[0].spread, 0.07);
    ck_assert_double_eq(m->row[1].spread, 0);
    ck_assert_int_eq(m->row[0].held_out, m->row[1].held_out); /* it is not part of the shape */
    lr_measured_free(m);
}
END_TEST

/* FNV-1a of the columns of the shape, recomputed elsewhere: "64,8192,8192" is 0x891f32e3, "128,8192,8192" 0x0d9172d6,
 * "32,4096,4096" 0xfda2ac8e; the lowest bit of its two halves' exclusive or: 0, 1, 0. Chip, engine, format and time
 * have no say. */
START_TEST(the_half_of_a_row_follows_from_its_shape)
{
    struct lr_measured *m = load(GEMM GOOD "h100_sxm,vllm,2,fp8,64,8192,8192,x,30\n"
                                           "h20,trtllm,1.0.0,bfloat16,128,8192,8192,,60\n"
                                           "h20,trtllm,1.0.0,bfloat16,32,4096,4096,,20\n");
    static const bool held_out[] = {false, false, true, false};
    ck_assert_uint_eq(m->count, 4);
    for (size_t i = 0; i < m->count; i++)
        ck_assert_int_eq(m->row[i].held_out, held_out[i]);
    lr_measured_free(m);
}
END_TEST

/* CRLF, a last line without an end, empty lines, quotes, line breaks in quotes. Lines are counted as in an editor. */
START_TEST(spellings_of_csv)
{
    struct lr_measured *m = load("gpu,fw,ver,dtype,m,n,k,flag,latency_us\r\n"
                                 "h100_sxm,trtllm,1.0.0,bfloat16,64,8192,8192,,45.1\r\n"
                                 "\r\n"
                                 "\"h100_sxm\",\"trt\"\"llm\",\"1,0\n0\",\"bfloat16\",\"64\",8192,8192,,\"45.1\"\r\n"
                                 "h20,trtllm,1.0.0,bfloat16,64,8192,8192,,4.51e1");
    static const int lines[] = {2, 4, 6};
    ck_assert_uint_eq(m->count, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(m->row[i].line, lines[i]);
        ck_assert(!m->row[i].flagged);
        assert_near(m->row[i].seconds, 45.1e-6);
    }
    ck_assert_str_eq(m->row[1].engine, "trt\"llm");
    ck_assert_str_eq(m->row[2].hardware->name, "h20");
    lr_measured_free(m);
}
END_TEST

/* Text, the line of the mistake (0: the whole file), a word of the message. */
static const struct bad {
    const char *text;
    int line;
    const char *says;
} BAD[] = {
    {"", 0, "empty"},
    {"gpu,fw,ver,dtype,m,n,kk,flag,latency_us\n" GOOD, 1, "expected the columns gpu, latency_us"},
    {"gpu,fw,ver,dtype,m,n,flag,latency_us\nh100,trtllm,1,bf16,64,8192,,45\n", 1, "m,n,k,dtype"},
    {"gpu,fw,ver,dtype,m,n,k,flag,latency_ms\n" GOOD, 1, "latency_us"},
    {"chip,fw,ver,dtype,m,n,k,flag,latency_us\n" GOOD, 1, "gpu"},
    {"gpu,gpu,ver,dtype,m,n,k,flag,latency_us\n" GOOD, 1, "'gpu' appears twice"},
    {"gpu,,ver,dtype,m,n,k,flag,latency_us\n" GOOD, 1, "column has no name"},
    {GEMM GOOD "h100_sxm,trtllm,1.0.0,bfloat16,64,8192,8192,,-45.1\n", 3, "'-45.1'"},
    {GEMM GOOD "h100_sxm,trtllm,1.0.0,bfloat16,64,8192,8192,,0\n", 3, "above 0 in microseconds"},
    {GEMM GOOD "h100_sxm,trtllm,1.0.0,bfloat16,64,8192,8192,,fast\n", 3, "'fast'"},
    {GEMM GOOD "h100_sxm,trtllm,1.0.0,bfloat16,64,8192,8192,,nan\n", 3, "'nan'"},
    {GEMM GOOD "h100_sxm,trtllm,1.0.0,bfloat16,64,8192,8192,,45 ms\n", 3, "'45 ms'"},
    {GEMM GOOD "h100_sxm,trtllm,1.0.0,bfloat16,64,8192,8192,,\n", 3, "''"},
    {GEMM GOOD "h100_sxm,trtllm,1.0.0,bfloat16,0,8192,8192,,45.1\n", 3, "'0', expected a number of at least 1"},
    {GEMM GOOD "h100_sxm,trtllm,1.0.0,bfloat16,-64,8192,8192,,45.1\n", 3, "'-64'"},
    {GEMM GOOD "h100_sxm,trtllm,1.0.0,bfloat16,64,many,8192,,45.1\n", 3, "'many'"},
    {GEMM GOOD "h100_sxm,trtllm,1.0.0,bfloat16,64,1e13,8192,,45.1\n", 3, "'1e13'"},
    {GEMM GOOD "h100_sxm,trtllm,1.0.0,bf17,64,8192,8192,,45.1\n", 3, "unknown format 'bf17'"},
    {GEMM GOOD "h100_sxmm,trtllm,1.0.0,bfloat16,64,8192,8192,,45.1\n", 3, "'h100_sxmm'"},
    {GEMM GOOD "h100_sxm,trtllm,1.0.0,bfloat16,64,8192\n", 3, "6 cells, expected 9"},
    {GEMM GOOD "h100_sxm,trtllm,1.0.0,bfloat16,64,8192,8192,,45.1,1\n", 3, "10 cells, expected 9"},
    {GEMM GOOD "h100_sxm,\"trtllm,1.0.0,bfloat16,64,8192,8192,,45.1\n", 3, "not closed"},
    {GEMM GOOD "h100_sxm,\"trt\"llm,1.0.0,bfloat16,64,8192,8192,,45.1\n", 3, "after a closing quote"},
    {"gpu,kv_dtype,batch,kv_len,heads,latency_us\nh100,bf16,0,4096,128,45\n", 2, "'0'"},
    {"gpu,which,dtype,tokens,heads,latency_us\nh100,mla_pre,bf16,1,128,45\n", 2, "mla_gen_pre"},
    {"gpu,dtype,m,n,k,latency_us,spread\nh100,bf16,64,8192,8192,45,-0.1\n", 2, "'-0.1', expected the distance"},
    {"gpu,dtype,m,n,k,latency_us,spread\nh100,bf16,64,8192,8192,45,7 %\n", 2, "'7 %', expected the distance"},
    {"gpu,coll,ranks,bytes,latency_us\nh100,broadcast,8,1024,45\n", 2, "unknown collective 'broadcast'"},
    /* 45 us as milliseconds or seconds is refused. 45 us as nanoseconds reads as 45 ms, which is possible; 45 ms as
     * nanoseconds is not */
    {GEMM GOOD "h100_sxm,trtllm,1.0.0,bfloat16,64,8192,8192,,0.04\n", 3, "microseconds"},
    {GEMM GOOD "h100_sxm,trtllm,1.0.0,bfloat16,64,8192,8192,,0.00004\n", 3, "microseconds"},
    {GEMM GOOD "h100_sxm,trtllm,1.0.0,bfloat16,64,8192,8192,,1.01e8\n", 3, "microseconds"},
};

/* The first diagnostic with the word; unknown names give two. */
static const struct lr_diag *find(const struct lr_diags *ds, int line, const char *says)
{
    for (size_t i = 0; i < ds->count; i++)
        if (ds->item[i].severity == LR_ERROR && ds->item[i].pos.line == line && strstr(ds->item[i].message, says))
            return &ds->item[i];
    return NULL;
}

START_TEST(what_is_refused)
{
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        struct lr_diags ds = {0};
        char first[512] = "nothing";
        ck_assert_msg(!load_bytes(BAD[i].text, strlen(BAD[i].text), &ds), "case %zu was loaded: %s", i, BAD[i].text);
        ck_assert_uint_gt(ds.errors, 0);
        lr_diag_format(&ds.item[0], first, sizeof first);
        ck_assert_msg(find(&ds, BAD[i].line, BAD[i].says) != NULL, "case %zu: no '%s' at line %d: %s", i, BAD[i].says,
                      BAD[i].line, first);
        lr_diags_free(&ds);
    }
}
END_TEST

START_TEST(a_nul_byte_is_refused)
{
    static const char text[] = GEMM "h100_sxm,trtllm,1.0\0.0,bfloat16,64,8192,8192,,45.1\n";
    struct lr_diags ds = {0};
    ck_assert_ptr_null(load_bytes(text, sizeof text - 1, &ds));
    ck_assert_ptr_nonnull(find(&ds, 0, "NUL"));
    lr_diags_free(&ds);
    struct lr_catalog *c = suite_catalog();
    ds = (struct lr_diags){0};
    ck_assert_ptr_null(lr_measured_load("/nonexistent.csv", c, &ds));
    ck_assert_uint_eq(ds.errors, 1);
    lr_diags_free(&ds);
    lr_catalog_free(c);
}
END_TEST

START_TEST(an_unknown_chip_gets_a_suggestion)
{
    static const char text[] = GEMM GOOD "h10O_sxm,trtllm,1.0.0,bfloat16,64,8192,8192,,45.1\n";
    struct lr_diags ds = {0};
    bool suggested = false;
    ck_assert_ptr_null(load_bytes(text, sizeof text - 1, &ds));
    for (size_t i = 0; i < ds.count; i++)
        suggested = suggested || strstr(ds.item[i].message, "did you mean 'h100_sxm'?");
    ck_assert(suggested);
    lr_diags_free(&ds);
}
END_TEST

/* Errors name the column of the cell, counted from 1. After ten mistakes, reading stops. */
START_TEST(errors_stop_at_ten)
{
    struct lr_text text = {0};
    struct lr_diags ds = {0};
    lr_text_add(&text, GEMM);
    for (int i = 0; i < 30; i++)
        lr_text_add(&text, "h100_sxm,trtllm,1.0.0,bfloat16,0,8192,8192,,45.1\n");
    ck_assert_ptr_null(load_bytes(lr_text_str(&text), text.length, &ds));
    lr_text_free(&text);
    ck_assert_uint_eq(ds.errors, 10);
    for (size_t i = 0; i < 10; i++) {
        ck_assert_int_eq(ds.item[i].pos.line, (int)i + 2);
        ck_assert_int_eq(ds.item[i].pos.col, 5);
        ck_assert_str_eq(ds.item[i].field, "m");
    }
    lr_diags_free(&ds);
}
END_TEST

/* A time is refused below a fiftieth of the floor, 134217728/3.35e12/50 = 0.801 us, below 0.5 us on any chip, and above
 * 100 s. */
START_TEST(times_at_the_limits)
{
    static const struct {
        const char *shape, *us;
        bool good;
    } cases[] = {{"64,8192,8192", "0.79", false}, {"64,8192,8192", "0.81", true}, {"1,64,64", "0.49", false},
                 {"1,64,64", "0.51", true},       {"1,64,64", "99e6", true},      {"1,64,64", "101e6", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        struct lr_diags ds = {0};
        snprintf(text, sizeof text, GEMM "h100_sxm,trtllm,1,bf16,%s,,%s\n", cases[i].shape, cases[i].us);
        struct lr_measured *m = load_bytes(text, strlen(text), &ds);
        ck_assert_msg((m != NULL) == cases[i].good, "case %zu", i);
        ck_assert_msg(cases[i].good || find(&ds, 2, "microseconds"), "case %zu", i);
        lr_measured_free(m);
        lr_diags_free(&ds);
    }
}
END_TEST

START_TEST(the_public_tables)
{
    static const char *const files[] = {
        "a2a.csv",          "attn.csv", "comm.csv",    "gemm.csv", "infersim_attn.csv",        "infersim_gemm.csv",
        "infersim_mla.csv", "mla.csv",  "mla_bmm.csv", "moe.csv",  "infersim_grouped_gemm.csv"};
    struct lr_catalog *c = suite_catalog();
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[1024];
        struct lr_diags ds = {0};
        if (!suite_measured(files[i], path, sizeof path))
            continue;
        struct lr_measured *m = lr_measured_load(path, c, &ds);
        suite_no_errors(&ds);
        ck_assert_ptr_nonnull(m);
        ck_assert_uint_eq(m->count, suite_rows(path));
        lr_measured_free(m);
        lr_diags_free(&ds);
    }
    lr_catalog_free(c);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {each_kind_of_table,
                                  columns_in_another_order,
                                  rows_that_are_not_clean,
                                  spread_of_the_samples,
                                  the_half_of_a_row_follows_from_its_shape,
                                  spellings_of_csv,
                                  what_is_refused,
                                  a_nul_byte_is_refused,
                                  an_unknown_chip_gets_a_suggestion,
                                  errors_stop_at_ten,
                                  times_at_the_limits,
                                  the_public_tables};
    return suite_run("measured", tests, sizeof tests / sizeof *tests, 1);
}
