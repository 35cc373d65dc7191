"""The networks of `networks.py` in PyTorch."""
import math
import operator

import torch
from layer import extent
from torch import fx, nn
from torch.nn import functional


class LastStep(nn.Module):
    """What a recurrent layer says at the last step."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0][:, -1]


class EachStep(LastStep):
    """What it says at each of them."""

    def forward(self, x):
        return self.layer(x)[0]


class SelfAttention(nn.MultiheadAttention):
    """With `causal` of so many steps, each of which sees none behind it."""

    def __init__(self, layer):
        super().__init__(layer.shape[-1], layer.arguments.heads, batch_first=True)
        self.causal = layer.arguments.causal
        # No buffer, for those are counted as what has been learnt.
        self.unseen = nn.Transformer.generate_square_subsequent_mask(layer.shape[0]) if self.causal else None

    def forward(self, x):
        return super().forward(x, x, x, attn_mask=self.unseen, is_causal=self.causal, need_weights=False)[0]


class Positions(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.positions = nn.Parameter(torch.randn(shape))

    def forward(self, x):
        return x + self.positions


class PixelNorm(nn.LayerNorm):
    """Of the channels of each pixel, which come before height and width."""

    def forward(self, x):
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class GlobalAverage(nn.Module):
    def __init__(self, axes):
        super().__init__()
        self.axes = axes

    def forward(self, x):
        return x.mean(self.axes)


def padding(length, reach, size, stride, kind):
    """Rows on each side, so that there are as many windows as the description says."""
    rows = (size - 1) // 2 if kind == "same" else 0
    assert (length + 2 * rows - size) // stride + 1 == reach
    return rows


def convolution(layer):
    x, a = layer.inputs[0].shape, layer.arguments
    reach, causal = extent(a.size, a.dilation), a.padding == "causal"
    pads = [0 if causal else padding(n, m, reach, s, a.padding) for n, m, s in zip(x, layer.shape, a.stride)]
    kind = [nn.Conv1d, nn.Conv2d, nn.Conv3d][len(a.stride) - 1]
    made = kind(x[-1], a.filters, a.size, a.stride, pads, a.dilation, a.groups, a.bias)
    return nn.Sequential(nn.ConstantPad1d((reach - 1, 0), 0.0), made) if causal else made


def transposed(layer):
    a = layer.arguments
    surplus = a.size - a.stride if a.padding == "same" else 0
    rows = (surplus + 1) // 2
    return nn.ConvTranspose2d(
        layer.inputs[0].shape[-1], a.filters, a.size, a.stride, rows, output_padding=2 * rows - surplus, bias=a.bias
    )


def max_pool(layer):
    x, a = layer.inputs[0].shape, layer.arguments
    kind = nn.MaxPool2d if len(x) == 3 else nn.MaxPool3d
    return kind(a.size, a.stride, padding(x[0], layer.shape[0], a.size, a.stride, a.padding))


def recurrent(kind, layer, **arguments):
    return kind(layer.inputs[0].shape[-1], layer.arguments.units, batch_first=True, **arguments)


def global_average(layer):
    """Over all axes but those of samples and channels."""
    axes = len(layer.inputs[0].shape) - 1
    first = 2 if axes > 1 or layer.net.inputs[0].arguments.signal else 1
    return GlobalAverage(tuple(range(first, first + axes)))


def activation(layer):
    function = layer.arguments.function
    if function == "softmax":
        return nn.Softmax(1 if len(layer.shape) == 3 else -1)
    return ACTIVATIONS[function]()


ACTIVATIONS = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "leaky_relu": lambda: nn.LeakyReLU(0.2),
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
}
# Of two operands.
FUNCTIONS = {"add": operator.add, "subtract": operator.sub, "multiply": operator.mul}
MODULES = {
    "conv1d": convolution,
    "conv2d": convolution,
    "conv3d": convolution,
    "depthwise": convolution,
    "conv2d_transpose": transposed,
    "max_pool": max_pool,
    "upsampling": lambda layer: nn.Upsample(scale_factor=layer.arguments.times),
    "lstm": lambda layer: LastStep(recurrent(nn.LSTM, layer)),
    "gru": lambda layer: LastStep(recurrent(nn.GRU, layer)),
    "bidirectional_gru": lambda layer: EachStep(recurrent(nn.GRU, layer, bidirectional=True)),
    "attention": SelfAttention,
    "positions": lambda layer: Positions(layer.shape),
    "embedding": lambda layer: nn.Embedding(layer.arguments.rows, layer.arguments.width),
    "global_avg_pool": global_average,
    "dense": lambda layer: nn.Linear(layer.inputs[0].shape[-1], layer.arguments.units),
    "batch_norm": lambda layer: (nn.BatchNorm1d if len(layer.shape) == 1 else nn.BatchNorm2d)(layer.shape[-1]),
    "layer_norm": lambda layer: (PixelNorm if len(layer.shape) == 3 else nn.LayerNorm)(layer.shape[-1]),
    "instance_norm": lambda layer: nn.InstanceNorm2d(layer.shape[-1], affine=True),
    "dropout": lambda layer: nn.Dropout(layer.arguments.rate),
    "activation": activation,
    "flatten": lambda layer: nn.Flatten(),
    "reshape": lambda layer: nn.Unflatten(1, channels_first(layer.shape)),
}


def channels_first(shape):
    """PyTorch's order of axes: of images and volumes, the channels come before height and width."""
    return (shape[-1], *shape[:-1]) if len(shape) >= 3 else tuple(shape)


def model(net, logits=False):
    """A module that is traced as if it were written by hand. Losses want what comes before a last softmax or sigmoid: `logits`."""
    modules, graph, values = nn.ModuleDict(), fx.Graph(), {}
    for layer in net.layers:
        inputs = [values[x] for x in layer.inputs]
        if layer.kind == "input":
            values[layer] = graph.placeholder(layer.name)
        elif layer.kind in FUNCTIONS:
            values[layer] = graph.call_function(FUNCTIONS[layer.kind], tuple(inputs))
        elif layer.kind == "concat":
            axis = 1 + (layer.arguments.axis + 1) % 3 if len(layer.shape) == 3 else 1 + layer.arguments.axis
            values[layer] = graph.call_function(torch.cat, (inputs, axis))
        else:
            if layer.name not in modules:
                modules[layer.name] = MODULES[layer.kind](layer)
            values[layer] = graph.call_module(layer.name, tuple(inputs))
    outputs = [layer.inputs[0] if logits and loss != "mse" else layer for layer, loss, _ in net.outputs]
    graph.output(tuple(values[layer] for layer in outputs))
    module = fx.GraphModule(modules, graph)
    module.graph.eliminate_dead_code()
    module.recompile()
    return module


def crossentropy(logits, classes):
    """PyTorch has the axis of classes behind that of samples: steps go as samples."""
    if logits.dim() == 3:
        logits, classes = logits.flatten(0, 1), classes.flatten()
    return functional.cross_entropy(logits, classes)


def step(peer, net, mode, batch, threads):
    """What is timed, as a function of nothing."""
    torch.set_num_threads(threads)
    channels_last = "nhwc" in peer

    def tensor(layer):
        if layer.kind == "input" and layer.arguments.words:
            return torch.randint(0, layer.arguments.words, (batch, *layer.shape))
        x = torch.rand(batch, *layer.shape)
        if net.inputs[0].arguments.signal:
            return x.movedim(-1, 1).contiguous()
        # PyTorch's order of axes; the order in memory is the peer's.
        x = x.movedim(-1, 1) if x.dim() >= 4 else x
        return x if channels_last else x.contiguous()

    def target(layer, loss):
        if loss in ("crossentropy", "sparse_crossentropy"):
            places = (batch, *layer.shape[:-1])
            return torch.arange(math.prod(places)).reshape(places) * 7 % layer.shape[-1]
        return tensor(layer).round() if loss == "binary_crossentropy" else tensor(layer)

    module, xs = model(net, logits=mode == "train"), [tensor(layer) for layer in net.inputs]
    if channels_last:
        volumes = len(net.inputs[0].shape) == 4
        module = module.to(memory_format=torch.channels_last_3d if volumes else torch.channels_last)
    if mode == "infer":
        module.eval()
    call = torch.compile(module) if "compile" in peer else module
    if mode == "infer":

        def infer():
            with torch.inference_mode():
                call(*xs)

        return infer
    losses = {
        "mse": functional.mse_loss,
        "crossentropy": crossentropy,
        "sparse_crossentropy": crossentropy,
        "binary_crossentropy": functional.binary_cross_entropy_with_logits,
    }
    targets = [(losses[loss], target(layer, loss), weight) for layer, loss, weight in net.outputs]
    adam = torch.optim.Adam(module.parameters(), 1e-3, fused=True)

    def train():
        adam.zero_grad(set_to_none=True)
        sum(weight * loss(y, right) for y, (loss, right, weight) in zip(call(*xs), targets)).backward()
        adam.step()

    return train


def parameters(net):
    """As Keras counts: of a normalisation also what it has seen, and of an LSTM one bias, where PyTorch adds up two."""
    module = model(net)
    doubled = sum(
        bias.numel() for part in module.modules() if isinstance(part, nn.LSTM) for name, bias in part.named_parameters() if "bias_hh" in name
    )
    seen = sum(buffer.numel() for buffer in module.buffers() if buffer.dim() > 0)
    return sum(parameter.numel() for parameter in module.parameters()) + seen - doubled
