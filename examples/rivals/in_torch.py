"""The networks of `networks.py` in PyTorch."""
import operator

import torch
from networks import WORDS
from torch import fx, nn
from torch.nn import functional


class LastStep(nn.Module):
    """What a recurrent layer says at the last step."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0][:, -1]


class SelfAttention(nn.MultiheadAttention):
    def forward(self, x):
        return super().forward(x, x, x, need_weights=False)[0]


class Positions(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.positions = nn.Parameter(torch.randn(shape))

    def forward(self, x):
        return x + self.positions


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


def convolution(layer, groups=1):
    x, a = layer.inputs[0].shape, layer.arguments
    pads = [padding(n, m, a.size, s, a.padding) for n, m, s in zip(x, layer.shape, a.stride)]
    return nn.Conv2d(x[-1], layer.shape[-1], a.size, a.stride, pads, groups=groups, bias=a.bias)


def transposed(layer):
    a = layer.arguments
    surplus = a.size - a.stride if a.padding == "same" else 0
    rows = (surplus + 1) // 2
    return nn.ConvTranspose2d(
        layer.inputs[0].shape[-1], a.filters, a.size, a.stride, rows, output_padding=2 * rows - surplus, bias=a.bias
    )


def max_pool(layer):
    x, a = layer.inputs[0].shape, layer.arguments
    return nn.MaxPool2d(a.size, a.stride, padding(x[0], layer.shape[0], a.size, a.stride, a.padding))


ACTIVATIONS = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "leaky_relu": lambda: nn.LeakyReLU(0.2),
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "softmax": lambda: nn.Softmax(-1),
}
MODULES = {
    "conv2d": convolution,
    "depthwise": lambda layer: convolution(layer, groups=layer.shape[-1]),
    "conv2d_transpose": transposed,
    "max_pool": max_pool,
    "conv1d": lambda layer: nn.Conv1d(layer.inputs[0].shape[-1], layer.arguments.filters, layer.arguments.size),
    "lstm": lambda layer: LastStep(nn.LSTM(layer.inputs[0].shape[-1], layer.arguments.units, batch_first=True)),
    "gru": lambda layer: LastStep(nn.GRU(layer.inputs[0].shape[-1], layer.arguments.units, batch_first=True)),
    "attention": lambda layer: SelfAttention(layer.shape[-1], layer.arguments.heads, batch_first=True),
    "positions": lambda layer: Positions(layer.shape),
    "embedding": lambda layer: nn.Embedding(WORDS, layer.arguments.width),
    "global_avg_pool": lambda layer: GlobalAverage((2, 3) if len(layer.inputs[0].shape) == 3 else 1),
    "dense": lambda layer: nn.Linear(layer.inputs[0].shape[-1], layer.arguments.units),
    "batch_norm": lambda layer: nn.BatchNorm2d(layer.shape[-1]),
    "layer_norm": lambda layer: nn.LayerNorm(layer.shape[-1]),
    "activation": lambda layer: ACTIVATIONS[layer.arguments.function](),
    "flatten": lambda layer: nn.Flatten(),
    "reshape": lambda layer: nn.Unflatten(1, channels_first(layer.shape)),
}


def channels_first(shape):
    """PyTorch's order of axes: of images, the channels come before height and width."""
    return (shape[-1], *shape[:-1]) if len(shape) == 3 else tuple(shape)


def model(net, logits=False):
    """A module that is traced as if it were written by hand. Losses want what comes before a last softmax or sigmoid: `logits`."""
    modules, graph, values = nn.ModuleDict(), fx.Graph(), {}
    for layer in net.layers:
        inputs = [values[x] for x in layer.inputs]
        if layer.kind == "input":
            values[layer] = graph.placeholder(layer.name)
        elif layer.kind == "add":
            values[layer] = graph.call_function(operator.add, tuple(inputs))
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


def step(peer, net, mode, batch, threads):
    """What is timed, as a function of nothing."""
    torch.set_num_threads(threads)
    channels_last = "nhwc" in peer

    def tensor(layer):
        if layer.kind == "input" and layer.arguments.words:
            return torch.randint(0, WORDS, (batch, *layer.shape))
        x = torch.rand(batch, *layer.shape)
        if net.inputs[0].arguments.signal:
            return x.movedim(-1, 1).contiguous()
        # PyTorch's order of axes; the order in memory is the peer's.
        x = x.movedim(-1, 1) if x.dim() == 4 else x
        return x if channels_last else x.contiguous()

    def target(layer, loss):
        if loss == "crossentropy":
            return torch.arange(batch) * 7 % layer.shape[-1]
        return tensor(layer).round() if loss == "binary_crossentropy" else tensor(layer)

    module, xs = model(net, logits=mode == "train"), [tensor(layer) for layer in net.inputs]
    if channels_last:
        module = module.to(memory_format=torch.channels_last)
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
        "crossentropy": functional.cross_entropy,
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
