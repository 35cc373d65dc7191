#!/usr/bin/env python3
"""Times the networks of `examples/benchmark/blocks.rs` and `kinds.rs` in PyTorch or TensorFlow (Keras), and the latter's predictions
in ONNX Runtime, in f32 on the CPU. Prints peer,network,mode,batch,median_ms,min_ms.

    python blocks.py torch|torch-nhwc|torch-compile|tensorflow|onnxruntime NETWORK train|infer BATCH

A training step is forward, mean squared error (cross-entropy where there are classes), backward and Adam, with the data in memory;
inference is forward alone. The threads of PyTorch and ONNX Runtime are as many as the cores that the process may run on.
"""
import os
import statistics
import sys
import time

REPETITIONS, WARM_UPS = 9, 3
# The same where a step is short.
MANY, MANY_WARM_UPS = 100, 10
# Shape of each input and of the output, without the batch axis, channels last.
SHAPES = {
    "lstm": ([(100, 64)], (128,)),
    "gru": ([(100, 64)], (128,)),
    "conv1d": ([(512, 64)], (508, 128)),
    "separable": ([(28, 28, 96)], (28, 28, 96)),
    "unet": ([(28, 28, 128), (56, 56, 64)], (56, 56, 64)),
    "batch_norm": ([(28, 28, 64)], (28, 28, 64)),
    "encoder": ([(128, 128)], (128, 128)),
    "lenet": ([(28, 28, 1)], (10,)),
    "residual": ([(32, 32, 3)], (10,)),
    "autoencoder": ([(784,)], (784,)),
    "inception": ([(28, 28, 192)], (28, 28, 256)),
    "stem": ([(224, 224, 3)], (56, 56, 64)),
}
# The networks of `kinds.rs`.
KINDS = ("lenet", "residual", "autoencoder", "inception", "stem")
CLASSIFIERS = ("lenet", "residual")
SHORT = ("lenet", "residual", "autoencoder")
WIDTHS = [784, 512, 128, 32, 128, 512, 784]


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

    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Conv2d(3, 16, 3, padding=1)
            sizes = [(16, 16, 1), (16, 32, 2), (32, 64, 2)]
            self.sides = nn.ModuleList(nn.Conv2d(a, b, 1, s) if s > 1 else nn.Identity() for a, b, s in sizes)
            self.firsts = nn.ModuleList(nn.Conv2d(a, b, 3, s, padding=1) for a, b, s in sizes)
            self.seconds = nn.ModuleList(nn.Conv2d(b, b, 3, padding=1) for _, b, _ in sizes)
            self.dense = nn.Linear(64, 10)

        def forward(self, x):
            x = functional.relu(self.first(x))
            for side, first, second in zip(self.sides, self.firsts, self.seconds):
                x = functional.relu(side(x) + second(functional.relu(first(x))))
            return self.dense(x.mean((2, 3)))

    class Inception(nn.Module):
        def __init__(self):
            super().__init__()
            relu = nn.ReLU()
            self.branches = nn.ModuleList([
                nn.Sequential(nn.Conv2d(192, 64, 1), relu),
                nn.Sequential(nn.Conv2d(192, 96, 1), relu, nn.Conv2d(96, 128, 3, padding=1), relu),
                nn.Sequential(nn.Conv2d(192, 16, 1), relu, nn.Conv2d(16, 32, 5, padding=2), relu),
                nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(192, 32, 1), relu),
            ])

        def forward(self, x):
            return torch.cat([branch(x) for branch in self.branches], 1)

    def lenet():
        convolutions = [nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)]
        dense = [nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)]
        return nn.Sequential(*convolutions, nn.Flatten(), *dense)

    def autoencoder():
        layers = []
        for index, (inputs, outputs) in enumerate(zip(WIDTHS, WIDTHS[1:])):
            layers += [nn.Linear(inputs, outputs), nn.Identity() if index == 2 else nn.ReLU() if index < 5 else nn.Sigmoid()]
        return nn.Sequential(*layers)

    return {
        "lenet": lenet,
        "residual": Residual,
        "autoencoder": autoencoder,
        "inception": Inception,
        "stem": lambda: nn.Sequential(nn.Conv2d(3, 64, 7, 2, padding=3), nn.ReLU(), nn.MaxPool2d(3, 2, 1)),
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
        if not convolutional or x.dim() == 2:
            return x
        # PyTorch's axis order; the memory's order is the peer's.
        x = x.movedim(-1, 1)
        return x if peer == "torch-nhwc" and x.dim() == 4 else x.contiguous()

    inputs, output = SHAPES[network]
    model, xs, target = torch_model(network), [tensor(shape) for shape in inputs], tensor(output)
    loss = torch.nn.functional.mse_loss
    if network in CLASSIFIERS:
        loss, target = torch.nn.functional.cross_entropy, torch.arange(batch) * 7 % 10
    if peer == "torch-nhwc":
        model = model.to(memory_format=torch.channels_last)
    call = torch.compile(model) if peer == "torch-compile" else model
    if mode == "infer":
        model.eval()

        def infer():
            with torch.inference_mode():
                y = call(*xs)
                if network in CLASSIFIERS:
                    y.softmax(1)

        return infer
    adam = torch.optim.Adam(model.parameters(), 1e-3, fused=True)

    def train():
        adam.zero_grad(set_to_none=True)
        loss(call(*xs), target).backward()
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
    elif network == "lenet":
        x = layers.MaxPooling2D()(layers.Conv2D(6, 5, padding="same", activation="relu")(x))
        x = layers.Flatten()(layers.MaxPooling2D()(layers.Conv2D(16, 5, activation="relu")(x)))
        x = layers.Dense(84, activation="relu")(layers.Dense(120, activation="relu")(x))
        y = layers.Dense(10, activation="softmax")(x)
    elif network == "residual":
        x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
        for width, stride in [(16, 1), (32, 2), (64, 2)]:
            side = x if stride == 1 else layers.Conv2D(width, 1, stride)(x)
            x = layers.Conv2D(width, 3, stride, padding="same", activation="relu")(x)
            x = layers.ReLU()(layers.Add()([side, layers.Conv2D(width, 3, padding="same")(x)]))
        y = layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(x))
    elif network == "autoencoder":
        y = x
        for index, width in enumerate(WIDTHS[1:]):
            y = layers.Dense(width, activation=None if index == 2 else "relu" if index < 5 else "sigmoid")(y)
    elif network == "inception":
        def conv(x, width, size):
            return layers.Conv2D(width, size, padding="same", activation="relu")(x)

        pool = layers.MaxPooling2D(3, 1, padding="same")(x)
        y = layers.Concatenate()([conv(x, 64, 1), conv(conv(x, 96, 1), 128, 3), conv(conv(x, 16, 1), 32, 5), conv(pool, 32, 1)])
    elif network == "stem":
        x = layers.Conv2D(64, 7, 2, padding="same", activation="relu")(x)
        y = layers.MaxPooling2D(3, 2, padding="same")(x)
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
    loss = "categorical_crossentropy" if network in CLASSIFIERS else "mse"
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=loss)
    inputs, output = SHAPES[network]
    xs, target = ([numpy.random.rand(batch, *shape).astype("float32") for shape in shapes] for shapes in (inputs, [output]))
    if network in CLASSIFIERS:
        target = [keras.utils.to_categorical(numpy.arange(batch) * 7 % 10, 10)]
    if mode == "infer":
        return lambda: model.predict_on_batch(xs)
    return lambda: model.train_on_batch(xs, target[0])


def onnxruntime_step(network, batch):
    import numpy
    import onnx_files
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = len(os.sched_getaffinity(0))
    file = onnx_files.model(network, batch).SerializeToString()
    session = onnxruntime.InferenceSession(file, settings, providers=["CPUExecutionProvider"])
    feed = {x.name: numpy.random.rand(*x.shape).astype("float32") for x in session.get_inputs()}
    return lambda: session.run(None, feed)


def main():
    peers = ["torch", "torch-nhwc", "torch-compile", "tensorflow", "onnxruntime"]
    if len(sys.argv) != 5 or sys.argv[1] not in peers or sys.argv[2] not in SHAPES or sys.argv[3] not in ("train", "infer"):
        sys.exit(__doc__)
    peer, network, mode, batch = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    if peer == "onnxruntime":
        if network not in KINDS or mode != "infer":
            sys.exit("ONNX Runtime predicts with the networks of `kinds.rs`.")
        step = onnxruntime_step(network, batch)
    else:
        step = keras_step(network, mode, batch) if peer == "tensorflow" else torch_step(peer, network, mode, batch)
    repetitions, warm_ups = (MANY, MANY_WARM_UPS) if network in SHORT else (REPETITIONS, WARM_UPS)
    for _ in range(warm_ups):
        step()
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1e3)
    print(f"{peer},{network},{mode},{batch},{statistics.median(times):.6f},{min(times):.6f}")


if __name__ == "__main__":
    main()
