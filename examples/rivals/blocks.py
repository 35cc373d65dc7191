#!/usr/bin/env python3
"""Times the networks of `examples/benchmark/blocks.rs` in PyTorch or TensorFlow (Keras), in f32 on the CPU. Prints
peer,network,mode,batch,median_ms,min_ms.

    python blocks.py torch|torch-nhwc|torch-compile|tensorflow NETWORK train|infer BATCH

A training step is forward, mean squared error, backward and Adam, with the data in memory; inference is forward alone.
PyTorch's threads are as many as the cores that the process may run on.
"""
import os
import statistics
import sys
import time

REPETITIONS, WARM_UPS = 9, 3
# Shape of each input and of the output, without the batch axis, channels last.
SHAPES = {
    "lstm": ([(100, 64)], (128,)),
    "gru": ([(100, 64)], (128,)),
    "conv1d": ([(512, 64)], (508, 128)),
    "separable": ([(28, 28, 96)], (28, 28, 96)),
    "unet": ([(28, 28, 128), (56, 56, 64)], (56, 56, 64)),
    "batch_norm": ([(28, 28, 64)], (28, 28, 64)),
    "encoder": ([(128, 128)], (128, 128)),
}


def torch_model(network):
    import torch
    from torch import nn
    from torch.nn import functional

    class Recurrent(nn.Module):
        def __init__(self, cell):
            super().__init__()
            self.cell = cell(64, 128, batch_first=True)

        def forward(self, x):
            return self.cell(x)[0][:, -1]

    class Unet(nn.Module):
        def __init__(self):
            super().__init__()
            self.up = nn.ConvTranspose2d(128, 64, 2, stride=2)
            self.conv = nn.Conv2d(128, 64, 3, padding=1)

        def forward(self, small, skip):
            return functional.relu(self.conv(torch.cat([self.up(small), skip], 1)))

    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.attention = nn.MultiheadAttention(128, 4, batch_first=True)
            self.norm, self.norm_2 = nn.LayerNorm(128), nn.LayerNorm(128)
            self.dense, self.dense_2 = nn.Linear(128, 512), nn.Linear(512, 128)

        def forward(self, x):
            x = self.norm(x + self.attention(x, x, x, need_weights=False)[0])
            return self.norm_2(x + self.dense_2(functional.relu(self.dense(x))))

    return {
        "lstm": lambda: Recurrent(nn.LSTM),
        "gru": lambda: Recurrent(nn.GRU),
        "conv1d": lambda: nn.Sequential(nn.Conv1d(64, 128, 5), nn.ReLU()),
        "separable": lambda: nn.Sequential(nn.Conv2d(96, 96, 3, padding=1, groups=96), nn.ReLU(), nn.Conv2d(96, 96, 1), nn.ReLU()),
        "unet": Unet,
        "batch_norm": lambda: nn.Sequential(nn.Conv2d(64, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU()),
        "encoder": Encoder,
    }[network]()


def torch_step(peer, network, mode, batch):
    import torch

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    convolutional = network not in ("lstm", "gru", "encoder")

    def tensor(shape):
        x = torch.rand(batch, *shape)
        if not convolutional:
            return x
        # PyTorch's axis order; the memory's order is the peer's.
        x = x.movedim(-1, 1)
        return x if peer == "torch-nhwc" and x.dim() == 4 else x.contiguous()

    inputs, output = SHAPES[network]
    model, xs, target = torch_model(network), [tensor(shape) for shape in inputs], tensor(output)
    if peer == "torch-nhwc":
        model = model.to(memory_format=torch.channels_last)
    call = torch.compile(model) if peer == "torch-compile" else model
    if mode == "infer":
        model.eval()

        def infer():
            with torch.inference_mode():
                call(*xs)

        return infer
    adam = torch.optim.Adam(model.parameters(), 1e-3, fused=True)

    def train():
        adam.zero_grad(set_to_none=True)
        torch.nn.functional.mse_loss(call(*xs), target).backward()
        adam.step()

    return train


def keras_model(network):
    import keras
    from keras import layers

    inputs = [layers.Input(shape) for shape in SHAPES[network][0]]
    x = inputs[0]
    if network in ("lstm", "gru"):
        y = {"lstm": layers.LSTM, "gru": layers.GRU}[network](128)(x)
    elif network == "conv1d":
        y = layers.Conv1D(128, 5, activation="relu")(x)
    elif network == "separable":
        x = layers.DepthwiseConv2D(3, padding="same", activation="relu")(x)
        y = layers.Conv2D(96, 1, activation="relu")(x)
    elif network == "unet":
        x = layers.Concatenate()([layers.Conv2DTranspose(64, 2, strides=2)(x), inputs[1]])
        y = layers.Conv2D(64, 3, padding="same", activation="relu")(x)
    elif network == "batch_norm":
        y = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(64, 3, padding="same")(x)))
    else:
        x = layers.LayerNormalization()(x + layers.MultiHeadAttention(4, 32)(x, x))
        y = layers.LayerNormalization()(x + layers.Dense(128)(layers.Dense(512, activation="relu")(x)))
    return keras.Model(inputs, y)


def keras_step(network, mode, batch):
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import numpy

    model = keras_model(network)
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="mse")
    inputs, output = SHAPES[network]
    xs, target = ([numpy.random.rand(batch, *shape).astype("float32") for shape in shapes] for shapes in (inputs, [output]))
    if mode == "infer":
        return lambda: model.predict_on_batch(xs)
    return lambda: model.train_on_batch(xs, target[0])


def main():
    peers = ["torch", "torch-nhwc", "torch-compile", "tensorflow"]
    if len(sys.argv) != 5 or sys.argv[1] not in peers or sys.argv[2] not in SHAPES or sys.argv[3] not in ("train", "infer"):
        sys.exit(__doc__)
    peer, network, mode, batch = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    step = keras_step(network, mode, batch) if peer == "tensorflow" else torch_step(peer, network, mode, batch)
    for _ in range(WARM_UPS):
        step()
    times = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1e3)
    print(f"{peer},{network},{mode},{batch},{statistics.median(times):.6f},{min(times):.6f}")


if __name__ == "__main__":
    main()
