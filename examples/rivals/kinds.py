"""The networks of the group `kinds`, for `networks.py`: newer convolutions, signals, texts step by step, tables, volumes, two pictures
at once."""


def classified(net, x, classes=10):
    """By the mean of all places."""
    net.output(x.global_avg_pool().dense(classes).activation("softmax"), "crossentropy")


def convnext(net):
    x = net.input(112, 112, 3).conv2d(64, 4, 4, padding="valid")
    for _ in range(2):
        x = x.add(x.depthwise(7).layer_norm().conv2d(256, 1).activation("gelu").conv2d(64, 1))
    classified(net, x)


def narrowed(x, width, groups=1):
    """Narrows to fewer channels, looks at neighbours in groups of channels, and widens again to as many as came in."""
    middle = x.normalized(width, 1).relu().normalized(width, 3, groups=groups).relu()
    return x.add(middle.normalized(x.shape[-1], 1)).relu()


def bottleneck(net):
    classified(net, narrowed(narrowed(net.input(28, 28, 256), 64), 64))


def grouped(net):
    classified(net, narrowed(narrowed(net.input(28, 28, 256), 128, 32), 128, 32))


def densenet(net):
    x = net.input(32, 32, 3).conv2d(24, 3, bias=False)
    for _ in range(6):
        x = x.concat(x.batch_norm().relu().conv2d(12, 3, bias=False))
    classified(net, x)


def mbconv(net):
    def silu(x):
        return x.activation("silu")

    def weighed(x, few):
        width = x.shape[-1]
        return x.multiply(x.global_avg_pool().dense(few).relu().dense(width).activation("sigmoid").reshape(1, 1, width))

    x = silu(net.input(64, 64, 3).normalized(16, 3, 2))
    for wide, few, width, size, stride in [(96, 4, 24, 3, 2), (144, 6, 24, 5, 1), (144, 6, 40, 5, 2)]:
        y = silu(silu(x.normalized(wide, 1)).depthwise(size, stride, bias=False).batch_norm())
        y = weighed(y, few).normalized(width, 1)
        x = x.add(y) if x.shape == y.shape else y
    classified(net, x)


def alexnet(net):
    x = net.input(127, 127, 3).conv2d(64, 11, 4, padding="valid").relu().max_pool(3, 2)
    x = x.conv2d(192, 5).relu().max_pool(3, 2)
    x = x.conv2d(384, 3).relu().conv2d(256, 3).relu().conv2d(256, 3).relu().max_pool(3, 2)
    net.output(x.flatten().dense(1024).relu().dense(100).activation("softmax"), "crossentropy")


def audio(net):
    x = net.input(8000, 1, signal=True)
    for width, size, stride in [(32, 16, 4), (64, 8, 4), (128, 4, 2), (128, 3, 1)]:
        x = x.conv1d(width, size, stride).relu()
    classified(net, x, 35)


def wavenet(net):
    x = net.input(512, 32, signal=True)
    for dilation in [1, 2, 4, 8, 16, 32]:
        x = x.add(x.conv1d(32, 2, padding="causal", dilation=dilation).relu())
    classified(net, x.conv1d(64, 1).relu())


def bi_gru(net):
    x = net.input(60, words=5000).embedding(64).bidirectional_gru(64).gru(64)
    net.output(x.dense(5).activation("softmax"), "crossentropy")


def gpt(net):
    x = net.input(64, words=2000).embedding(192).positions()
    for _ in range(2):
        x = x.add(x.layer_norm().attention(6, 32, causal=True))
        x = x.add(x.layer_norm().dense(768).activation("gelu").dense(192))
    net.output(x.layer_norm().dense(2000).activation("softmax"), "sparse_crossentropy")


def mlp_wide(net):
    x = net.input(512).dense(2048).relu().dense(2048).relu()
    net.output(x.dense(1000).activation("softmax"), "crossentropy")


def tabular(net):
    """PyTorch normalises no single vector in training: it has no `train 1`."""
    sizes = [(1115, 10), (7, 6), (31, 10), (12, 6), (3, 2), (12, 6)]
    first, *others = [net.input(1, words=rows).embedding(width).flatten() for rows, width in sizes]
    x = first.concat(*others, net.input(20)).dense(256).relu().batch_norm().dropout(0.2)
    net.output(x.dense(128).relu().dense(1), "mse")


def siamese(net):
    def eye(x):
        for width in [16, 32, 64]:
            x = x.conv2d(width, 3, name=f"eye_{width}").relu().max_pool(2)
        return x.flatten().dense(64, name="eye_dense")

    left, right = net.input(64, 64, 1), net.input(64, 64, 1)
    net.output(eye(left).subtract(eye(right)).dense(1).activation("sigmoid"), "binary_crossentropy")


def video(net):
    x = net.input(16, 32, 32, 3).conv3d(16, 3).relu().max_pool(2)
    classified(net, x.conv3d(32, 3).relu().max_pool(2))


def dilated(net):
    x = net.input(64, 64, 3)
    for dilation in [1, 2, 4]:
        x = x.conv2d(32, 3, dilation=dilation).relu()
    net.output(x.conv2d(2, 1).activation("softmax"), "sparse_crossentropy")


def four_groups(net):
    x = net.input(14, 14, 240).conv2d(60, 1, groups=4).relu().depthwise(3)
    classified(net, x.conv2d(240, 1, groups=4).relu())


def pyramid(net):
    x = net.input(20, 20, 128).conv2d(64, 1).relu()
    near = x.max_pool(5, 1, "same")
    classified(net, x.concat(near, near.max_pool(5, 1, "same")).conv2d(128, 1).relu())


def wide_lstm(net):
    net.output(net.input(50, 128).lstm(512), "mse")


def long_gru(net):
    net.output(net.input(400, 16).gru(64).dense(1), "mse")


def squeezed(net):
    x = net.input(784).dense(400).relu().dense(20).dense(400).relu()
    net.output(x.dense(784).activation("sigmoid"), "binary_crossentropy")


def style(net):
    def of_instances(x, width, size, stride=1):
        return x.conv2d(width, size, stride).instance_norm()

    x = of_instances(net.input(64, 64, 3), 32, 9).relu()
    x = of_instances(x, 64, 3, 2).relu()
    for _ in range(2):
        x = x.add(of_instances(of_instances(x, 64, 3).relu(), 64, 3))
    x = of_instances(x.upsampling(2), 32, 3).relu()
    net.output(x.conv2d(3, 9).activation("sigmoid"), "mse")


NETWORKS = [
    convnext, bottleneck, grouped, densenet, mbconv, alexnet,
    audio, wavenet, bi_gru, gpt, mlp_wide, tabular,
    siamese, video, dilated, four_groups, pyramid, wide_lstm,
    long_gru, squeezed, style,
]
