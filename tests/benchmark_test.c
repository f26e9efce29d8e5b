/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of end-to-end measurements: their columns and units, rows that are left out and why, errors, and the
 * prediction for a row. */
#include "suite.h"

#include <llmroof/benchmark.h>
#include <llmroof/kernels.h>
#include <llmroof/validate.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SERVED                                                                                                         \
    "backend,model_path,system,mode,isl,osl,gemm_quant_mode,moe_quant_mode,batch_size,tp_size,pp_size,"                \
    "attention_dp_size,moe_tp_size,moe_ep_size,decode_batch_size,decode_tp_size,decode_attention_dp_size,"             \
    "decode_moe_tp_size,decode_moe_ep_size,silicon_tpot_ms\n"
#define PUBLISHED                                                                                                      \
    "gpu,n_gpus,n_nodes,model,weights_dtype,kv_dtype,engine,tp,ep,dp,pp,batch_or_concurrency_total,batch_per_gpu,"     \
    "input_len,output_len,avg_context,mtp_or_spec,metric,value,unit,grade\n"

static struct lr_benchmark *load_text(const char *text, struct lr_diags *ds)
{
    char path[] = "/tmp/llmroof-benchmark-XXXXXX";
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq((int)write(fd, text, strlen(text)), (int)strlen(text));
    close(fd);
    struct lr_catalog *c = suite_catalog();
    struct lr_benchmark *b = lr_benchmark_load(path, c, ds);
    ck_assert(!b || lr_benchmark_is(path));
    lr_catalog_free(c);
    unlink(path);
    return b;
}

static struct lr_benchmark *load(const char *text)
{
    struct lr_diags ds = {0};
    struct lr_benchmark *b = load_text(text, &ds);
    suite_no_errors(&ds);
    ck_assert_ptr_nonnull(b);
    lr_diags_free(&ds);
    return b;
}

static void assert_near(double a, double b)
{
    ck_assert_msg(fabs(a - b) <= 1e-12 * fabs(b), "%.17g is not %.17g", a, b);
}

static void assert_layout(const struct lr_benchmark_row *r, double tp, double pp, double dp, double ep)
{
    const struct lr_deployment *d = &r->deployment;
    ck_assert_msg(d->tp == tp && d->pp == pp && d->dp == dp && d->ep == ep, "line %d: tp %g pp %g dp %g ep %g", r->line,
                  d->tp, d->pp, d->dp, d->ep);
}

START_TEST(served_runs)
{
    struct lr_benchmark *b =
        load(SERVED "trtllm,meta-llama/Llama-3.1-8B,h100_sxm,agg,1024,256,fp8,,32,2,1,1,2,1,,,,,,12.5\n"
                    "vllm,meta-llama/Llama-3.1-8B,h100_sxm,agg,1024,256,bfloat16,,32,2,2,1,2,1,,,,,,12.5\n"
                    "sglang,deepseek-ai/DeepSeek-R1,h200_sxm,agg,1000,100,fp8,fp8_block,16,1,1,8,1,8,,,,,,50\n"
                    "sglang,deepseek-ai/DeepSeek-R1,h200_sxm,disagg,1000,100,fp8,fp8_block,99,9,9,9,9,9,16,2,4,1,8,50\n"
                    "trtllm,deepseek-ai/DeepSeek-R1,b200_sxm,agg,1000,100,nvfp4,nvfp4,16,8,1,1,8,1,,,,,,50\n"
                    "sglang,deepseek-ai/DeepSeek-R1,b200_sxm,agg,1000,100,nvfp4,nvfp4,16,8,1,1,8,1,,,,,,50\n");
    const struct lr_benchmark_row *r = b->row;
    ck_assert_uint_eq(b->count, 6);
    for (int i = 0; i < 6; i++) {
        ck_assert_ptr_null(r[i].skip);
        ck_assert_int_eq(r[i].line, i + 2);
        ck_assert_int_eq(r[i].metric, i == 3 ? LR_METRIC_STEP : LR_METRIC_TPOT);
    }
    ck_assert_str_eq(r[0].runtime, "trtllm");
    ck_assert_str_eq(r[0].model->name, "llama-3.1-8b");
    ck_assert_str_eq(r[0].hardware->name, "h100");
    assert_near(r[0].value, 0.0125);
    ck_assert_double_eq(r[0].traffic.concurrency, 32);
    ck_assert_double_eq(r[0].traffic.input, 1024);
    ck_assert_double_eq(r[0].traffic.output, 256);
    assert_layout(&r[0], 2, 1, 1, 1);
    /* quantised for the run: TensorRT-LLM then uses an FP8 cache */
    ck_assert_int_eq(r[0].deployment.weights, LR_FP8);
    ck_assert_int_eq(r[0].deployment.kv, LR_FP8);
    /* the model has 16 bits itself */
    ck_assert_int_eq(r[1].deployment.weights, LR_DTYPE_NONE);
    ck_assert_int_eq(r[1].deployment.kv, LR_DTYPE_NONE);
    assert_layout(&r[1], 2, 2, 1, 1);
    /* batch_size is that of one of eight attention groups; DeepSeek publishes block-FP8 */
    assert_layout(&r[2], 1, 1, 8, 8);
    ck_assert_double_eq(r[2].traffic.concurrency, 128);
    ck_assert_int_eq(r[2].deployment.weights, LR_DTYPE_NONE);
    /* decode workers have separate columns */
    assert_layout(&r[3], 2, 1, 4, 8);
    ck_assert_double_eq(r[3].traffic.concurrency, 64);
    ck_assert_int_eq(r[4].deployment.weights, LR_NVFP4);
    ck_assert_int_eq(r[4].deployment.kv, LR_FP8);
    ck_assert_int_eq(r[5].deployment.kv, LR_DTYPE_NONE);
    lr_benchmark_free(b);
}
END_TEST

/* The split depends on the setting alone, not on the value or the engine. Half of the rows are for tests. */
START_TEST(half_of_the_served_runs_is_for_tests)
{
    char text[32768] = SERVED;
    size_t held = 0;
    for (int i = 0; i < 200; i++) {
        const size_t at = strlen(text);
        snprintf(text + at, sizeof text - at,
                 "%s,meta-llama/Llama-3.1-8B,h100_sxm,agg,%d,256,fp8,,32,2,1,1,2,1,,,,,,%d\n",
                 i % 2 ? "vllm" : "trtllm", 100 + i / 2, 10 + i);
    }
    struct lr_benchmark *b = load(text);
    for (size_t i = 0; i < 200; i += 2) {
        ck_assert_int_eq(b->row[i].held_out, b->row[i + 1].held_out);
        held += b->row[i].held_out;
    }
    ck_assert_uint_ge(held, 30);
    ck_assert_uint_le(held, 70);
    lr_benchmark_free(b);
}
END_TEST

/* Eight GPUs of two nodes, 64 users, 1000 tokens in and 200 out, unless a row says otherwise. */
#define P(metric, value, unit, grade)                                                                                  \
    "h100,8,2,llama-3.1-8b,bf16,,vLLM 0.6,4,,2,1,64,,1000,200,,none," metric "," value "," unit "," grade "\n"

START_TEST(metrics_and_units)
{
    static const struct {
        const char *text;
        enum lr_metric metric;
        double value;
    } row[] = {
        {P("token_to_token_latency (mean)", "25", "ms", "pure_decode_step"), LR_METRIC_STEP, 0.025},
        {P("decode step time", "0.5", "s", ""), LR_METRIC_STEP, 0.5},
        {P("median TPOT", "25", "ms", "serving_or_e2e"), LR_METRIC_TPOT, 0.025},
        {P("ITL p50", "25", "ms", "serving_or_e2e"), LR_METRIC_TPOT, 0.025},
        {P("inter_token_latency_avg", "25", "ms", "serving_or_e2e"), LR_METRIC_TPOT, 0.025},
        {P("median TPOT", "25", "ms", "pure_decode_step"), LR_METRIC_STEP, 0.025},
        {P("e2e latency of one static batch", "3", "s", "serving_or_e2e"), LR_METRIC_LATENCY, 3},
        {P("end-to-end batch latency", "3000", "ms", "serving_or_e2e"), LR_METRIC_LATENCY, 3},
        /* 3200 tokens/s for 64 users: each gets a token every 64/3200 s */
        {P("decode tokens/s", "3200", "tokens/s", ""), LR_METRIC_STEP, 0.02},
        {P("decode tokens/s", "400", "tok/s/GPU", ""), LR_METRIC_STEP, 0.02},
        {P("decode tokens/s", "1600", "tok/s/node", ""), LR_METRIC_STEP, 0.02},
        {P("decode tokens/s", "50", "tok/s/user", ""), LR_METRIC_STEP, 0.02},
        {P("output throughput", "3200", "tok/s", ""), LR_METRIC_OUTPUT_RATE, 3200},
        {P("output throughput", "400", "tok/s/GPU", ""), LR_METRIC_OUTPUT_RATE, 3200},
        {P("output throughput", "400", "tok/s/NPU", ""), LR_METRIC_OUTPUT_RATE, 3200},
        {P("output throughput", "1600", "tok/s/node", ""), LR_METRIC_OUTPUT_RATE, 3200},
        {P("output throughput", "50", "tok/s/user", ""), LR_METRIC_OUTPUT_RATE, 3200},
        {P("offline tokens/s", "3200", "tok/s", ""), LR_METRIC_OUTPUT_RATE, 3200},
        {P("total (in+out) throughput", "400", "tok/s/GPU", ""), LR_METRIC_TOTAL_RATE, 3200},
        {P("decode output throughput", "1600", "tok/s/node", ""), LR_METRIC_DECODE_RATE, 3200},
        {P("sustained throughput", "400", "tok/s/GPU", "decode_instance_throughput"), LR_METRIC_DECODE_RATE, 3200},
        /* all prompts at once, 200 tokens each: 64 x 200 tokens at 3200 per second */
        {"h100,8,2,llama-3.1-8b,bf16,,Habana static batch,4,,2,1,64,,1000,200,,none,output throughput,3200,tok/s,\n",
         LR_METRIC_LATENCY, 4},
        /* (1000 + 200) tokens of 64 users at 12800 per second: 6 s for the batch */
        {P("speed = (prompt+200)/time", "12800", "tokens/s (prompt+generated)", ""), LR_METRIC_LATENCY, 6},
    };
    char text[16384] = PUBLISHED;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        strncat(text, row[i].text, sizeof text - strlen(text) - 1);
    struct lr_benchmark *b = load(text);
    ck_assert_uint_eq(b->count, sizeof row / sizeof *row);
    for (size_t i = 0; i < b->count; i++) {
        const struct lr_benchmark_row *r = &b->row[i];
        ck_assert_msg(!r->skip, "%s: %s", row[i].text, r->skip);
        ck_assert_msg(r->metric == row[i].metric, "%s: %s", row[i].text, lr_metric_name(r->metric));
        assert_near(r->value, row[i].value);
        ck_assert(r->held_out);
        assert_layout(r, 4, 1, 2, 0);
        ck_assert_double_eq(r->deployment.gpus, 8);
        ck_assert_double_eq(r->traffic.concurrency, 64);
    }
    lr_benchmark_free(b);
}
END_TEST

START_TEST(settings_in_words)
{
    struct lr_benchmark *b =
        load(PUBLISHED
             "h100,4,1,llama-3.1-8b,fp8,,TensorRT-LLM 0.9.0 static batch (fake weights),"
             "4,,,,,16,100,50,,none,TPOT,5,ms,\n"
             "h100,4,1,llama-3.1-8b,\"fp16 (\"\"Mixed\"\")\",fp8,TensorRT-LLM 1.0,4,,,,8,,100,50,777,none,TPOT,5,ms,\n"
             "h100,4,1,llama-3.1-8b,awq-int4,,SGLang 0.4,4,,,,8,,100,50,777,none,TPOT,5,ms,pure_decode_step\n"
             "h100,4,1,llama-3.1-8b,int8,,llama.cpp,4,,,,8,,,,777,,TPOT,5,ms,\n"
             "h100,4,1,deepseek-v3,fp8,,DeepSeek,4,,,,8,,100,50,,none,TPOT,5,ms,\n"
             "h100,4,1,gpt-oss-120b,mxfp4,,vLLM,4,,,,8,,100,50,,none,TPOT,5,ms,\n"
             "h100,4,1,llama-3.1-8b,nvfp4,,NIM 1.3,4,,,,8,,100,50,,none,TPOT,5,ms,\n");
    static const struct {
        const char *runtime;
        enum lr_dtype weights, kv;
        double users, input, output;
    } want[] = {
        {"trtllm-0.9", LR_FP8, LR_FP8, 64, 100, 50},
        {"trtllm", LR_DTYPE_NONE, LR_FP8, 8, 100, 50},
        {"sglang", LR_INT4, LR_DTYPE_NONE, 8, 777, 1}, /* a step uses the average context */
        {"bare", LR_INT8, LR_DTYPE_NONE, 8, 777, 1},   /* and if there are no lengths */
        {"deepseek", LR_DTYPE_NONE, LR_DTYPE_NONE, 8, 100, 50},
        {"vllm", LR_DTYPE_NONE, LR_DTYPE_NONE, 8, 100, 50},
        {"nim", LR_NVFP4, LR_FP8, 8, 100, 50},
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        const struct lr_benchmark_row *r = &b->row[i];
        ck_assert_msg(!r->skip, "%zu: %s", i, r->skip);
        ck_assert_str_eq(r->runtime, want[i].runtime);
        ck_assert_int_eq(r->deployment.weights, want[i].weights);
        ck_assert_int_eq(r->deployment.kv, want[i].kv);
        ck_assert(r->deployment.identical_routing == (i == 0)); /* the router of dummy weights */
        ck_assert_double_eq(r->traffic.concurrency, want[i].users);
        ck_assert_double_eq(r->traffic.input, want[i].input);
        ck_assert_double_eq(r->traffic.output, want[i].output);
    }
    lr_benchmark_free(b);
}
END_TEST

/* Runtimes of engines with several versions: by the date, and by the source of the build. Fits may use half of the rows
 * of engines that no other table covers, on chips whose kernels were measured. */
START_TEST(versions_follow_from_dates_and_sources)
{
    static const struct {
        const char *gpu, *date, *engine, *source, *weights, *runtime;
        bool fits;
    } want[] = {
        {"h100", "2024-11", "vLLM (static)", "argonne-lcf/x", "fp16", "vllm-v0", true},
        {"mi300x", "2024-11", "vLLM", "a", "fp16", "vllm-v0", false},
        {"mi300x", "2024", "vLLM", "github:argonne-lcf/x", "fp16", "vllm-v0-rocm", true},
        {"h100", "2025", "vLLM", "argonne-lcf/x", "fp16", "vllm", false},
        {"h20", "2025-05", "SGLang 0.4.6", "a", "fp8", "sglang-2025", true},
        {"h20", "2025-05", "SGLang 0.4.6", "a", "bf16", "sglang-2025", false}, /* whose kernels were not measured */
        {"xeon-6980p", "2025-05", "SGLang", "a", "fp8", "sglang", false},
        {"h100", "2026", "SGLang", "a", "fp8", "sglang", false},
        {"a100", "2024 (NIM 1.0)", "NIM", "a", "fp16", "nim-1.0", true},
        {"a100", "2025", "NIM 1.8", "a", "fp16", "nim", false},
    };
    enum { WANT = sizeof want / sizeof *want, TIMES = 8 };
    char text[16384] = "date,source_url_or_repo," PUBLISHED;
    for (int i = 0; i < TIMES * WANT; i++) {
        char row[256];
        const size_t w = (size_t)i % WANT;
        snprintf(row, sizeof row, "%s,%s,%s,1,1,llama-3.1-8b,%s,,%s,1,,,,4,,%d,64,,none,latency of one batch,5,s,\n",
                 want[w].date, want[w].source, want[w].gpu, want[w].weights, want[w].engine, 64 + i);
        strncat(text, row, sizeof text - strlen(text) - 1);
    }
    struct lr_benchmark *b = load(text);
    size_t fitted[WANT] = {0};
    ck_assert_uint_eq(b->count, TIMES * WANT);
    for (size_t i = 0; i < b->count; i++) {
        ck_assert_msg(!b->row[i].skip, "%zu: %s", i, b->row[i].skip);
        ck_assert_str_eq(b->row[i].runtime, want[i % WANT].runtime);
        fitted[i % WANT] += !b->row[i].held_out;
    }
    for (size_t i = 0; i < WANT; i++)
        ck_assert_msg(want[i].fits ? fitted[i] > 0 && fitted[i] < TIMES : fitted[i] == 0, "%zu: %zu", i, fitted[i]);
    lr_benchmark_free(b);
}
END_TEST

/* The time of a step is that of all tokens that it yields. A rate counts these tokens already. */
START_TEST(speculative_steps)
{
#define SPEC(spec, metric, value, unit)                                                                                \
    "h20,16,2,deepseek-r1,fp8,fp8,SGLang,16,16,16,1,512,,4096,1536,4864," spec "," metric "," value "," unit ",\n"
    static const struct {
        const char *text;
        double draft, accepted, value;
    } row[] = {
        {SPEC("MTP steps1 topk1 draft2 (accept ~1.8-1.9)", "decode rate", "675", "tok/s/GPU"), 1, 1.85, 10800},
        {SPEC("MTP steps3 topk1 draft4 (accept 2.9-3.3)", "decode rate", "52", "tok/s/GPU"), 3, 3.1, 832},
        {SPEC("MTP accept 1.90-1.93", "decode step time", "91.92", "ms"), 1, 1.915, 0.048},
    };
    char text[4096] = PUBLISHED;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        strncat(text, row[i].text, sizeof text - strlen(text) - 1);
    struct lr_benchmark *b = load(text);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const struct lr_benchmark_row *r = &b->row[i];
        ck_assert_msg(!r->skip, "%s: %s", row[i].text, r->skip);
        ck_assert_double_eq(r->traffic.speculation.draft, row[i].draft);
        assert_near(r->traffic.speculation.accepted, row[i].accepted);
        assert_near(r->value, row[i].value);
        assert_layout(r, 1, 1, 16, 16); /* tp 16 includes the sixteen attention groups */
    }
    lr_benchmark_free(b);
}
END_TEST

#define S(chip, model, users, in, out, spec, metric, value, unit)                                                      \
    chip ",1,1," model ",bf16,,vLLM,1,,,," users ",," in "," out ",," spec "," metric "," value "," unit ",\n"

START_TEST(rows_that_are_left_out_have_a_reason)
{
    static const struct {
        const char *text, *skip;
    } row[] = {
        {S("z80", "llama-3.1-8b", "1", "9", "9", "none", "TPOT", "5", "ms"), "the chip is not in the catalogue"},
        {S("h100", "eliza", "1", "9", "9", "none", "TPOT", "5", "ms"), "the model is not in the catalogue"},
        {S("h100", "llama-3.1-8b", "1", "9", "9", "none", "joy", "5", "ms"), "the metric is not modelled"},
        {S("h100", "llama-3.1-8b", "1", "9", "9", "MTP 1", "decode", "5", "tok/s"),
         "speculative decoding without the accepted tokens per step"},
        {S("h100", "llama-3.1-8b", "1", "9", "9", "MTP steps1 accept 2.1", "TPOT", "5", "ms"),
         "speculative decoding without the accepted tokens per step"},
        {S("h100", "llama-3.1-8b", "1", "", "9", "none", "TPOT", "5", "ms"), "no prompt or output length"},
        {S("h100", "llama-3.1-8b", "1", "9", "0", "none", "TPOT", "5", "ms"), "no prompt or output length"},
        {S("h100", "llama-3.1-8b", "1", "9", "9", "none", "TPOT", "5", "J"), "the unit is neither a time nor a rate"},
        {S("h100", "llama-3.1-8b", "1", "9", "9", "none", "throughput", "5", "s"), "a time, but the metric is a rate"},
        {S("h100", "llama-3.1-8b", "1", "9", "9", "none", "TPOT", "", "ms"), "no value"},
        {S("h100", "llama-3.1-8b", "1", "9", "9", "none", "TPOT", "0", "ms"), "no value"},
        {S("h100", "llama-3.1-8b", "", "9", "9", "none", "TPOT", "5", "ms"), "no batch or concurrency"},
    };
    char text[8192] = PUBLISHED;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        strncat(text, row[i].text, sizeof text - strlen(text) - 1);
    struct lr_benchmark *b = load(text);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        ck_assert_msg(b->row[i].skip != NULL, "%s counts", row[i].text);
        ck_assert_str_eq(b->row[i].skip, row[i].skip);
    }
    lr_benchmark_free(b);
    b = load(SERVED "orca,meta-llama/Llama-3.1-8B,h100_sxm,agg,1024,256,fp8,,32,2,1,1,2,1,,,,,,12.5\n"
                    "vllm,meta-llama/Llama-3.1-8B,h100_sxm,disagg,1024,256,fp8,,32,2,1,1,2,1,,,,,,12.5\n"
                    "vllm,meta-llama/Llama-3.1-8B,h100_sxm,agg,1024,,fp8,,32,2,1,1,2,1,,,,,,12.5\n");
    ck_assert_str_eq(b->row[0].skip, "the engine is not in the catalogue");
    ck_assert_str_eq(b->row[1].skip, "no batch or concurrency");
    ck_assert_str_eq(b->row[2].skip, "no prompt or output length");
    lr_benchmark_free(b);
}
END_TEST

/* 256 tokens of 12.5 ms take 3.2 s. */
START_TEST(rows_with_a_queue_are_left_out)
{
    char text[2048] =
        "backend,model_path,system,mode,isl,osl,gemm_quant_mode,moe_quant_mode,batch_size,tp_size,silicon_ttft_ms,"
        "silicon_tpot_ms\n"
        "vllm,meta-llama/Llama-3.1-8B,h100_sxm,agg,1024,256,fp8,,32,2,3199,12.5\n"
        "vllm,meta-llama/Llama-3.1-8B,h100_sxm,agg,1024,256,fp8,,32,2,3201,12.5\n";
    struct lr_benchmark *b = load(text);
    ck_assert_ptr_null(b->row[0].skip);
    ck_assert_str_eq(b->row[1].skip, "most users waited in the queue, so their number is not the batch");
    lr_benchmark_free(b);
}
END_TEST

/* Errors have the line, and the number of the cell as the column. */
START_TEST(what_is_refused)
{
    static const struct {
        const char *text, *field, *message;
        int line, col;
    } row[] = {
        {PUBLISHED S("h100", "llama-3.1-8b", "1", "9", "9", "none", "TPOT", "5", "ms")
             S("h100", "llama-3.1-8b", "many", "9", "9", "none", "TPOT", "5", "ms"),
         "batch_or_concurrency_total", "'many', expected a number of at least 0", 3, 12},
        {PUBLISHED S("h100", "llama-3.1-8b", "1", "-9", "9", "none", "TPOT", "5", "ms"), "input_len",
         "'-9', expected a number of at least 0", 2, 14},
        {PUBLISHED S("h100", "llama-3.1-8b", "1", "9", "9", "none", "TPOT", "nan", "ms"), "value",
         "'nan', expected a number of at least 0", 2, 19},
        {SERVED "vllm,meta-llama/Llama-3.1-8B,h100_sxm,agg,1024,256,fp8,,32,two,1,1,2,1,,,,,,12.5\n", "tp_size",
         "'two', expected a number of at least 0", 2, 10},
        {"a,b\n1,2\n", NULL, "not a table of end-to-end measurements, expected", 1, 0},
        {"gpu,fw,ver,dtype,m,n,k,flag,latency_us\n", NULL, "not a table of end-to-end measurements, expected", 1, 0},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct lr_diags ds = {0};
        ck_assert_ptr_null(load_text(row[i].text, &ds));
        ck_assert_uint_eq(ds.count, 1);
        const struct lr_diag *d = &ds.item[0];
        ck_assert_msg(strncmp(d->message, row[i].message, strlen(row[i].message)) == 0, "%s", d->message);
        ck_assert_int_eq(d->pos.line, row[i].line);
        ck_assert_int_eq(d->pos.col, row[i].col);
        if (row[i].field)
            ck_assert_str_eq(d->field, row[i].field);
        lr_diags_free(&ds);
    }
    struct lr_diags ds = {0};
    ck_assert(!lr_benchmark_is("/nowhere/at-all.csv"));
    ck_assert_ptr_null(load_text("", &ds));
    ck_assert_uint_ge(ds.errors, 1);
    lr_diags_free(&ds);
}
END_TEST

/* Llama 3.1 8B on one H100, as a row of a table, and its plan. */
struct rig {
    struct lr_catalog *c;
    struct lr_hardware *hw;
    struct lr_model *m;
    struct lr_runtime *rt;
    struct lr_kernels *k;
    struct lr_plan *p;
    struct lr_benchmark_row row;
};

static struct rig rig_open(const char *runtime, struct lr_traffic traffic)
{
    struct rig g = {.c = suite_catalog()};
    g.hw = lr_catalog_hardware(g.c, "h100", NULL, 0, NULL);
    g.m = lr_catalog_model(g.c, "llama-3.1-8b", NULL, 0, NULL);
    g.rt = lr_catalog_runtime(g.c, runtime, NULL, 0, NULL);
    g.k = suite_kernels(g.c, g.hw);
    g.row = (struct lr_benchmark_row){.hardware = g.hw,
                                      .model = g.m,
                                      .runtime = runtime,
                                      .deployment = {.gpus = 1, .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE},
                                      .traffic = traffic,
                                      .value = 0.5};
    g.p = lr_plan_new(g.hw, g.m, g.rt, g.k, &g.row.deployment, NULL);
    ck_assert_ptr_nonnull(g.p);
    return g;
}

static void rig_close(struct rig *g)
{
    lr_plan_free(g->p);
    lr_kernels_free(g->k);
    lr_runtime_free(g->rt);
    lr_model_free(g->m);
    lr_hardware_free(g->hw);
    lr_catalog_free(g->c);
}

/* Llama 3.1 8B keeps 32 x 2 x 1024 x 2 B = 131,072 B of cache per token, 5.24 GB for 40,000 tokens. Nine tenths of 80
 * GiB are 77.3 GB. Less 16.06 GB of weights and 1 GB of reserve, this is enough for 11 sequences, so that 25 take three
 * turns: 11, 11 and 3. */
START_TEST(a_static_batch_takes_turns)
{
    struct rig g = rig_open("vllm-v0", (struct lr_traffic){.input = 38000, .output = 2000, .concurrency = 11});
    g.row.metric = LR_METRIC_LATENCY;
    const struct lr_forecast eleven = lr_benchmark_forecast(&g.row, g.p);
    g.row.traffic.concurrency = 3;
    const struct lr_forecast three = lr_benchmark_forecast(&g.row, g.p);
    g.row.traffic.concurrency = 25;
    const struct lr_forecast all = lr_benchmark_forecast(&g.row, g.p);
    assert_near(all.predicted_s, 2 * eleven.predicted_s + three.predicted_s);
    assert_near(all.low_s, 2 * eleven.low_s + three.low_s);
    assert_near(all.high_s, 2 * eleven.high_s + three.high_s);
    assert_near(all.floor_s, 2 * eleven.floor_s + three.floor_s);
    assert_near(all.prefill_s, 2 * eleven.prefill_s + three.prefill_s);
    rig_close(&g);
}
END_TEST

/* Predictions of one deployment in each metric have fixed relations, whatever the times of the kernels. */
START_TEST(forecasts_follow_from_each_other)
{
    struct rig g = rig_open("vllm", (struct lr_traffic){.input = 1000, .output = 200, .concurrency = 32});
    struct lr_forecast f[LR_METRIC_COUNT];
    struct lr_estimate step, prompts;
    struct lr_served served;
    for (int i = 0; i < LR_METRIC_COUNT; i++) {
        g.row.metric = (enum lr_metric)i;
        f[i] = lr_benchmark_forecast(&g.row, g.p);
        ck_assert(f[i].floor_s <= f[i].low_s && f[i].low_s <= f[i].predicted_s && f[i].predicted_s <= f[i].high_s);
    }
    lr_plan_estimate(g.p, &(struct lr_workload){32, 1100, 1}, &step);
    lr_plan_estimate(g.p, &(struct lr_workload){32, 0, 1000}, &prompts);
    lr_plan_serve(g.p, &g.row.traffic, &served);
    assert_near(f[LR_METRIC_STEP].predicted_s, step.tpot_s);
    assert_near(f[LR_METRIC_STEP].measured_s, 0.5);
    assert_near(f[LR_METRIC_DECODE_RATE].predicted_s, step.tpot_s / 32);
    assert_near(f[LR_METRIC_DECODE_RATE].low_s, step.tpot_low_s / 32);
    assert_near(f[LR_METRIC_DECODE_RATE].measured_s, 2); /* half a token per second */
    assert_near(f[LR_METRIC_LATENCY].predicted_s, prompts.tpot_s + 199 * step.tpot_s);
    assert_near(f[LR_METRIC_LATENCY].prefill_s, prompts.tpot_s);
    assert_near(f[LR_METRIC_TPOT].predicted_s, served.tpot_s);
    assert_near(f[LR_METRIC_OUTPUT_RATE].predicted_s, served.tpot_s / served.batch);
    assert_near(f[LR_METRIC_TOTAL_RATE].predicted_s, served.tpot_s / served.batch / 6); /* 1200 tokens for 200 */
    rig_close(&g);
}
END_TEST

START_TEST(the_public_tables)
{
    static const char *const files[] = {"e2e.csv", "../facts/published_e2e.csv"};
    struct lr_catalog *c = suite_catalog();
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[1024];
        struct lr_diags ds = {0};
        if (!suite_measured(files[i], path, sizeof path))
            continue;
        struct lr_benchmark *b = lr_benchmark_load(path, c, &ds);
        suite_no_errors(&ds);
        ck_assert_ptr_nonnull(b);
        ck_assert_uint_eq(b->count, suite_rows(path));
        lr_benchmark_free(b);
        lr_diags_free(&ds);
    }
    lr_catalog_free(c);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        served_runs,       half_of_the_served_runs_is_for_tests,   metrics_and_units,
        settings_in_words, rows_that_are_left_out_have_a_reason,   what_is_refused,
        speculative_steps, rows_with_a_queue_are_left_out,         forecasts_follow_from_each_other,
        the_public_tables, versions_follow_from_dates_and_sources, a_static_batch_takes_turns};
    return suite_run("benchmark", tests, sizeof tests / sizeof *tests, 1);
}
