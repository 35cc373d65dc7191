#!/usr/bin/env python3
"""Measures a network of `networks.py` in another library, in f32 on the CPU, as `examples/benchmark` does: prints
peer,network,mode,batch,median_ms,min_ms.

    python rival.py PEER NETWORK train|infer|paced|memory|resident BATCH
    python rival.py PEER check BENCHMARK

PEER is torch, torch-nhwc, torch-compile, torch-compile-nhwc, tensorflow, jax, onnxruntime, openvino or tract; the last three predict only. A
training step is forward, losses, backward and Adam, with the data in memory; inference is forward alone. Threads are as many as
the cores that the process may run on.

`memory` is the resident memory in three training steps at its peak, in megabytes, minus what it was before the network was
built: after the imports and three steps of the small network `mlp`, which load what any training needs. `resident` is that of
the whole program. `check` compares numbers of parameters with those that the program BENCHMARK of `examples/benchmark` has.
"""
import gc
import os
import statistics
import subprocess
import sys
import time

# Seconds for which calls are timed, and how many they are at least and at most; and how long and how many come before.
TIMED, LEAST, MOST = 1.0, 5, 1000
WARM_UP, WARM_UPS = 0.2, 3
# What begins each millisecond begins so often.
PACED = 1000
TORCH = ("torch", "torch-nhwc", "torch-compile", "torch-compile-nhwc")
BACKENDS = ("tensorflow", "jax")
MEMORY = ("memory", "resident")
PREDICT_ONLY = ("onnxruntime", "openvino", "tract")


def library(peer):
    """The module that has the networks, and its function from network, mode and batch to what is timed."""
    threads = len(os.sched_getaffinity(0))
    os.environ["OMP_NUM_THREADS"] = str(threads)
    if peer in TORCH:
        import in_torch

        return in_torch, lambda net, mode, batch: in_torch.step(peer, net, mode, batch, threads)
    if peer in BACKENDS:
        os.environ["KERAS_BACKEND"] = peer
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        import in_keras

        return in_keras, in_keras.step
    import in_onnx

    return in_onnx, lambda net, mode, batch: in_onnx.STEPS[peer](net, batch, threads)


def milliseconds(step):
    start = time.perf_counter()
    step()
    return (time.perf_counter() - start) * 1e3


def timed(step):
    begin, calls = time.perf_counter(), 0
    while calls < WARM_UPS or time.perf_counter() < begin + WARM_UP:
        step()
        calls += 1
    times, begin = [], time.perf_counter()
    while len(times) < LEAST or time.perf_counter() < begin + TIMED and len(times) < MOST:
        times.append(milliseconds(step))
    return times


def timed_paced(step):
    for _ in range(WARM_UPS):
        step()
    times, begin = [], time.perf_counter()
    for _ in range(PACED):
        begin += 1e-3
        time.sleep(max(0.0, begin - time.perf_counter()))
        times.append(milliseconds(step))
    return times


def megabytes(field):
    """What Linux says of this process: VmRSS now, VmHWM at its peak."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith(field))


def forget_peak():
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def check(peer, benchmark):
    import networks

    module, _ = library(peer)
    lines = subprocess.run([benchmark, "size"], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    ours = {network: int(parameters) for _, network, parameters, _ in (line.split(",") for line in lines)}
    wrong = [network for network in networks.NETWORKS if network not in ours]
    for network in networks.NETWORKS:
        theirs = module.parameters(networks.Network(network))
        if theirs != ours.get(network):
            print(f"{network}: {peer} has {theirs} parameters, ours {ours.get(network)}")
            wrong.append(network)
    if not wrong:
        print(f"{peer}: {len(networks.NETWORKS)} networks with as many parameters as ours")
    sys.exit(len(wrong))


def main():
    import networks

    words = sys.argv[1:]
    if not words or words[0] not in TORCH + BACKENDS + PREDICT_ONLY:
        sys.exit(__doc__)
    if len(words) == 3 and words[1] == "check":
        check(words[0], words[2])
    if len(words) != 4 or words[1] not in networks.NETWORKS or words[2] not in ("train", "infer", "paced") + MEMORY:
        sys.exit(__doc__)
    peer, network, mode, batch = words[0], words[1], words[2], int(words[3])
    if peer in PREDICT_ONLY and mode not in ("infer", "paced"):
        sys.exit(f"{peer} predicts only.")
    _, make = library(peer)
    before = 0.0
    if mode == "memory":
        smallest = make(networks.Network("mlp"), "train", 1)
        for _ in range(WARM_UPS):
            smallest()
        del smallest
        gc.collect()
        before = megabytes("VmRSS")
        forget_peak()
    step = make(networks.Network(network), "infer" if mode in ("infer", "paced") else "train", batch)
    if mode in MEMORY:
        for _ in range(WARM_UPS):
            step()
        numbers = [megabytes("VmHWM") - before] * 2
    else:
        times = timed_paced(step) if mode == "paced" else timed(step)
        numbers = [statistics.median(times), min(times)]
    print(f"{peer},{network},{mode},{batch},{numbers[0]:.6f},{numbers[1]:.6f}", flush=True)


if __name__ == "__main__":
    main()
