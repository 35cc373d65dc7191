//! Networks that say what a picture shows, and what they are made of.

use net_runtime::prelude::*;

use crate::subject::{Subject, classes, numbers, subject};

network! {
    /// Digits (LeCun et al., Gradient-Based Learning Applied to Document Recognition, 1998), with `relu` and maxima: large
    /// windows over few channels, small dense layers.
    pub network LeNet(image: [28, 28, 1]) -> (class: [10]) {
        let class = image
            -> Conv2d(6, 5, padding = same) -> relu -> MaxPool2d(2)
            -> Conv2d(16, 5) -> relu -> MaxPool2d(2)
            -> Flatten -> Dense(120) -> relu -> Dense(84) -> relu -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// VGG-11 for pictures of 32x32 (Simonyan and Zisserman, Very Deep Convolutional Networks, 2014): many channels, down to
    /// one pixel.
    pub network Vgg11(image: [32, 32, 3]) -> (class: [10]) {
        let class = image
            -> Conv2d(64, 3, padding = same) -> relu -> MaxPool2d(2)
            -> Conv2d(128, 3, padding = same) -> relu -> MaxPool2d(2)
            -> Conv2d(256, 3, padding = same) -> relu -> Conv2d(256, 3, padding = same) -> relu -> MaxPool2d(2)
            -> Conv2d(512, 3, padding = same) -> relu -> Conv2d(512, 3, padding = same) -> relu -> MaxPool2d(2)
            -> Conv2d(512, 3, padding = same) -> relu -> Conv2d(512, 3, padding = same) -> relu -> MaxPool2d(2)
            -> Flatten -> Dense(512) -> relu -> Dense(512) -> relu -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// A convolution without bias, and its normalisation.
    block convolution(x, const N, const SIZE, const STRIDE) {
        x -> Conv2d(N, SIZE, stride = STRIDE, padding = same, bias = false) -> BatchNorm
    }

    /// Two convolutions, added to what came in.
    block residual(x, const N) {
        (x, x -> convolution(N, 3, 1) -> relu -> convolution(N, 3, 1)) -> Add -> relu
    }

    /// The same with `N` channels and half of the width and height from here on.
    block halving(x, const N) {
        (x -> convolution(N, 1, 2), x -> convolution(N, 3, 2) -> relu -> convolution(N, 3, 1)) -> Add -> relu
    }

    /// ResNet-20 for pictures of 32x32 (He et al., Deep Residual Learning for Image Recognition, 2015), whose shortcuts
    /// between widths are 1x1 convolutions.
    pub network ResNet20(image: [32, 32, 3]) -> (class: [10]) {
        let class = image -> convolution(16, 3, 1) -> relu
            -> residual(16) -> residual(16) -> residual(16)
            -> halving(32) -> residual(32) -> residual(32)
            -> halving(64) -> residual(64) -> residual(64)
            -> GlobalAvgPool2d -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// ResNet-18 of the same authors, for pictures of 128x128.
    pub network ResNet18(image: [128, 128, 3]) -> (class: [1000]) {
        let class = image -> convolution(64, 7, 2) -> relu -> MaxPool2d(3, stride = 2, padding = same)
            -> residual(64) -> residual(64)
            -> halving(128) -> residual(128)
            -> halving(256) -> residual(256)
            -> halving(512) -> residual(512)
            -> GlobalAvgPool2d -> Dense(1000) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// Widens to `WIDE` channels, looks at each by itself, and narrows to `N`.
    block inverted(x, const WIDE, const N, const STRIDE) {
        x -> convolution(WIDE, 1, 1) -> relu6
            -> DepthwiseConv2d(3, stride = STRIDE, padding = same, bias = false) -> BatchNorm -> relu6
            -> convolution(N, 1, 1)
    }

    /// The same, added to what came in.
    block bottleneck(x, const WIDE, const N) {
        (x, x -> inverted(WIDE, N, 1)) -> Add
    }

    /// MobileNetV2 (Sandler et al., Inverted Residuals and Linear Bottlenecks, 2018) for pictures of 96x96.
    pub network MobileNet(image: [96, 96, 3]) -> (class: [1000]) {
        let class = image -> convolution(32, 3, 2) -> relu6
            -> DepthwiseConv2d(3, padding = same, bias = false) -> BatchNorm -> relu6 -> convolution(16, 1, 1)
            -> inverted(96, 24, 2) -> bottleneck(144, 24)
            -> inverted(144, 32, 2) -> bottleneck(192, 32) -> bottleneck(192, 32)
            -> inverted(192, 64, 2) -> bottleneck(384, 64) -> bottleneck(384, 64) -> bottleneck(384, 64)
            -> inverted(384, 96, 1) -> bottleneck(576, 96) -> bottleneck(576, 96)
            -> inverted(576, 160, 2) -> bottleneck(960, 160) -> bottleneck(960, 160)
            -> inverted(960, 320, 1)
            -> convolution(1280, 1, 1) -> relu6
            -> GlobalAvgPool2d -> Dense(1000) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// Windows of several sizes side by side: block 3a of GoogLeNet (Szegedy et al., Going Deeper with Convolutions, 2014).
    pub network Inception(x: [28, 28, 192]) -> (y: [28, 28, 256]) {
        let y = (
            x -> Conv2d(64, 1) -> relu,
            x -> Conv2d(96, 1) -> relu -> Conv2d(128, 3, padding = same) -> relu,
            x -> Conv2d(16, 1) -> relu -> Conv2d(32, 5, padding = same) -> relu,
            x -> MaxPool2d(3, stride = 1, padding = same) -> Conv2d(32, 1) -> relu,
        ) -> Concat;
        loss y: MeanSquaredError;
    }
}

/// All of them.
pub const NETWORKS: &[&dyn Subject] = &[
    subject!(LeNet, "lenet", &[1, 32], LeNetSamples { image: numbers, class: classes }),
    subject!(Vgg11, "vgg11", &[1, 32], Vgg11Samples { image: numbers, class: classes }),
    subject!(ResNet20, "resnet20", &[1, 32], ResNet20Samples { image: numbers, class: classes }),
    subject!(ResNet18, "resnet18", &[1, 8], ResNet18Samples { image: numbers, class: classes }),
    subject!(MobileNet, "mobilenet", &[1, 32], MobileNetSamples { image: numbers, class: classes }),
    subject!(Inception, "inception", &[1, 32], InceptionSamples { x: numbers, y: numbers }),
];
