#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Time per output token of a model on an accelerator, with libllmroof over ctypes.

    python3 estimate.py LIBRARY CONFIGS MODEL HARDWARE BATCH CONTEXT

The structures below are those of version 0.1 (include/llmroof); another minor version may have others. Those that the
library reads or fills whole have room for fields that are appended to them."""
import ctypes as c
import sys

ROOM = ("appended", c.c_double * 16)

class Position(c.Structure):
    _fields_ = [("file", c.c_char_p), ("line", c.c_int), ("col", c.c_int)]


class Diagnostic(c.Structure):
    _fields_ = [("severity", c.c_int), ("pos", Position), ("field", c.c_char_p), ("message", c.c_char_p),
                ("hint", c.c_char_p)]


class Diagnostics(c.Structure):
    _fields_ = [("item", c.POINTER(Diagnostic)), ("count", c.c_size_t), ("capacity", c.c_size_t),
                ("errors", c.c_size_t), ("out_of_memory", c.c_bool), ("newest_dropped", c.c_bool)]


class Deployment(c.Structure):
    _fields_ = [(name, c.c_double) for name in ("gpus", "tp", "pp", "ep", "dp")] + [
        ("weights", c.c_int), ("kv", c.c_int), ("redundant", c.c_double), ("skew", c.c_double),
        ("identical_routing", c.c_bool)]


class Question(c.Structure):
    _fields_ = [(name, c.c_char_p) for name in ("model", "hardware", "runtime", "kernels")] + [
        ("deployment", Deployment), ("override", c.c_void_p), ("override_count", c.c_size_t), ROOM]


class Setup(c.Structure):
    _fields_ = [(name, c.c_void_p) for name in ("model", "hardware", "runtime", "kernels", "plan")]


class Workload(c.Structure):
    _fields_ = [(name, c.c_double) for name in ("batch", "context", "q_len")] + [ROOM]


class Memory(c.Structure):
    _fields_ = [(name, c.c_double)
                for name in ("capacity", "weights", "kv", "workspace", "reserve", "max_batch", "max_context")]


class Estimate(c.Structure):
    _fields_ = [(name, c.c_double)
                for name in ("tpot_s", "tpot_low_s", "tpot_high_s", "floor_tpot_s", "tokens_per_s",
                             "tokens_per_s_per_gpu", "tokens_per_s_per_user", "flop", "bytes", "link_bytes",
                             "host_s")] + [("bound", c.c_int), ("evidence", c.c_int), ("fits", c.c_bool),
                                           ("memory", Memory), ROOM]


def opened(path):
    lib = c.CDLL(path)
    lib.lr_catalog_open.argtypes = [c.POINTER(c.c_char_p), c.c_size_t]
    lib.lr_catalog_open.restype = c.c_void_p
    lib.lr_deployment_of.argtypes = [c.c_double]
    lib.lr_deployment_of.restype = Deployment
    lib.lr_setup_open.argtypes = [c.c_void_p] * 3
    lib.lr_setup_open.restype = c.POINTER(Setup)
    lib.lr_plan_estimate.argtypes = [c.c_void_p] * 3
    lib.lr_bound_name.restype = c.c_char_p
    lib.lr_diag_format.argtypes = [c.c_void_p, c.c_char_p, c.c_size_t]
    return lib


def main(library, configs, model, hardware, batch, context):
    lib, diagnostics = opened(library), Diagnostics()
    catalog = lib.lr_catalog_open((c.c_char_p * 1)(configs.encode()), 1)
    question = Question(model=model.encode(), hardware=hardware.encode(), deployment=lib.lr_deployment_of(1))
    setup = lib.lr_setup_open(catalog, c.byref(question), c.byref(diagnostics))
    for i in range(diagnostics.count):
        line = c.create_string_buffer(512)
        lib.lr_diag_format(c.byref(diagnostics.item[i]), line, len(line))
        print(line.value.decode(), file=sys.stderr)
    if not setup:
        return 2
    e = Estimate()
    lib.lr_plan_estimate(setup.contents.plan, c.byref(Workload(batch=float(batch), context=float(context), q_len=1)), c.byref(e))
    print(f"tpot_s {e.tpot_s:.6g}\nlow {e.tpot_low_s:.6g}\nhigh {e.tpot_high_s:.6g}\nfloor {e.floor_tpot_s:.6g}")
    print(f"bound {lib.lr_bound_name(e.bound).decode()}\nfits {'yes' if e.fits else 'no'}")
    return 0  # the process ends here; a longer one calls lr_setup_free and lr_catalog_free


if __name__ == "__main__":
    if len(sys.argv) != 7:
        sys.exit("usage: estimate.py LIBRARY CONFIGS MODEL HARDWARE BATCH CONTEXT")
    sys.exit(main(*sys.argv[1:]))
