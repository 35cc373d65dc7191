#!/usr/bin/env python3
"""Times predictions of the network `mlp` of which one begins each millisecond, by PyTorch or ONNX Runtime, as the words
`paced` of `examples/benchmark` does. Prints peer,mlp,paced,batch,median_ms,min_ms.

    python paced.py torch|onnxruntime BATCH...
"""
import os
import statistics
import sys
import time

REPETITIONS, WARM_UPS = 1000, 20


def torch_step(batch, threads):
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    layers = [nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 32), nn.ReLU(), nn.Linear(32, 10), nn.Softmax(1)]
    net, x = nn.Sequential(*layers), torch.rand(batch, 64)

    def step():
        with torch.inference_mode():
            net(x)

    return step


def onnxruntime_step(batch, threads):
    import numpy
    import onnx_files
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    file = onnx_files.model("mlp", batch).SerializeToString()
    session = onnxruntime.InferenceSession(file, settings, providers=["CPUExecutionProvider"])
    feed = {"x": numpy.random.rand(batch, 64).astype("float32")}
    return lambda: session.run(None, feed)


def main():
    makers = {"torch": torch_step, "onnxruntime": onnxruntime_step}
    if len(sys.argv) < 3 or sys.argv[1] not in makers:
        sys.exit(__doc__)
    peer = sys.argv[1]
    for batch in map(int, sys.argv[2:]):
        step = makers[peer](batch, len(os.sched_getaffinity(0)))
        for _ in range(WARM_UPS):
            step()
        times, begin = [], time.perf_counter()
        for _ in range(REPETITIONS):
            begin += 1e-3
            time.sleep(max(0.0, begin - time.perf_counter()))
            start = time.perf_counter()
            step()
            times.append((time.perf_counter() - start) * 1e3)
        print(f"{peer},mlp,paced,{batch},{statistics.median(times):.4f},{min(times):.4f}", flush=True)


if __name__ == "__main__":
    main()
