//! Networks of further kinds: newer convolutions, signals, texts step by step, tables, volumes, two pictures at once.

use net_runtime::prelude::*;

use crate::subject::{Subject, answers, below, classes, numbers, subject, words};

network! {
    /// A block of ConvNeXt: wide windows for each channel, then two dense layers for each pixel.
    block wide_window(x, const N) {
        (x, x -> DepthwiseConv2d(7, padding = same) -> LayerNorm -> Conv2d(4 * N, 1) -> gelu -> Conv2d(N, 1)) -> Add
    }

    /// The first stage of a ConvNeXt (Liu et al., A ConvNet for the 2020s, 2022), with two blocks.
    pub network ConvNeXt(image: [112, 112, 3]) -> (class: [10]) {
        let class = image -> Conv2d(64, 4, stride = 4)
            -> wide_window(64) -> wide_window(64)
            -> GlobalAvgPool2d -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// A convolution without bias, and its normalisation.
    block normalized(x, const N, const SIZE, const GROUPS) {
        x -> Conv2d(N, SIZE, padding = same, groups = GROUPS, bias = false) -> BatchNorm
    }

    /// Narrows to `N` channels, looks at neighbours in groups of channels that do not see each other, and widens again to `WIDE`, as many
    /// as came in.
    block narrowed(x, const N, const WIDE, const GROUPS) {
        let middle = x -> normalized(N, 1, 1) -> relu -> normalized(N, 3, GROUPS) -> relu;
        (x, middle -> normalized(WIDE, 1, 1)) -> Add -> relu
    }

    /// Blocks of ResNet-50 (He et al., Deep Residual Learning for Image Recognition, 2015).
    pub network Bottleneck(x: [28, 28, 256]) -> (class: [10]) {
        let class = x -> narrowed(64, 256, 1) -> narrowed(64, 256, 1) -> GlobalAvgPool2d -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// Blocks of ResNeXt-50 (Xie et al., Aggregated Residual Transformations for Deep Neural Networks, 2016).
    pub network Grouped(x: [28, 28, 256]) -> (class: [10]) {
        let class = x -> narrowed(128, 256, 32) -> narrowed(128, 256, 32) -> GlobalAvgPool2d -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// Joins what came in with `N` channels that are made of it.
    block grown(x, const N) {
        (x, x -> BatchNorm -> relu -> Conv2d(N, 3, padding = same, bias = false)) -> Concat
    }

    /// A dense block, in which each layer reads all before it (Huang et al., Densely Connected Convolutional Networks, 2016).
    pub network DenseNet(image: [32, 32, 3]) -> (class: [10]) {
        let class = image -> Conv2d(24, 3, padding = same, bias = false)
            -> grown(12) -> grown(12) -> grown(12) -> grown(12) -> grown(12) -> grown(12)
            -> GlobalAvgPool2d -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// Weighs each of `N` channels by what all of them have in the whole image (Hu et al., Squeeze-and-Excitation Networks, 2017).
    block weighed(x, const N, const FEW) {
        (x, x -> GlobalAvgPool2d -> Dense(FEW) -> relu -> Dense(N) -> sigmoid -> Reshape(1, 1, N)) -> Mul
    }

    /// Widens to `WIDE` channels, looks at each by itself, weighs them, and narrows to `N`.
    block inverted(x, const WIDE, const FEW, const N, const SIZE, const STRIDE) {
        x -> Conv2d(WIDE, 1, bias = false) -> BatchNorm -> silu
            -> DepthwiseConv2d(SIZE, stride = STRIDE, padding = same, bias = false) -> BatchNorm -> silu
            -> weighed(WIDE, FEW) -> Conv2d(N, 1, bias = false) -> BatchNorm
    }

    /// Blocks of EfficientNet (Tan and Le, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, 2019).
    pub network MbConv(image: [64, 64, 3]) -> (class: [10]) {
        let whole = image -> Conv2d(16, 3, stride = 2, padding = same, bias = false) -> BatchNorm -> silu;
        let half = whole -> inverted(96, 4, 24, 3, 2);
        let same = (half, half -> inverted(144, 6, 24, 5, 1)) -> Add;
        let class = same -> inverted(144, 6, 40, 5, 2) -> GlobalAvgPool2d -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// Few and large windows, and large dense layers, at half the size (Krizhevsky, Sutskever and Hinton, ImageNet Classification with
    /// Deep Convolutional Neural Networks, 2012).
    pub network AlexNet(image: [127, 127, 3]) -> (class: [100]) {
        let class = image
            -> Conv2d(64, 11, stride = 4) -> relu -> MaxPool2d(3, stride = 2)
            -> Conv2d(192, 5, padding = same) -> relu -> MaxPool2d(3, stride = 2)
            -> Conv2d(384, 3, padding = same) -> relu
            -> Conv2d(256, 3, padding = same) -> relu
            -> Conv2d(256, 3, padding = same) -> relu -> MaxPool2d(3, stride = 2)
            -> Flatten -> Dense(1024) -> relu -> Dense(100) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// Which word a second of sound at 8 kHz is, from the waveform itself.
    pub network Audio(sound: [8000, 1]) -> (word: [35]) {
        let word = sound
            -> Conv1d(32, 16, stride = 4) -> relu
            -> Conv1d(64, 8, stride = 4) -> relu
            -> Conv1d(128, 4, stride = 2) -> relu
            -> Conv1d(128, 3) -> relu
            -> GlobalAvgPool1d -> Dense(35) -> softmax;
        loss word: CategoricalCrossentropy;
    }

    /// Adds to each step what is made of it and of one before, `DILATION` steps ago.
    block looking_back(x, const DILATION) {
        (x, x -> Conv1d(32, 2, padding = causal, dilation = DILATION) -> relu) -> Add
    }

    /// Twice as far back in each layer (van den Oord et al., WaveNet: A Generative Model for Raw Audio, 2016), without its gates.
    pub network WaveNet(signal: [512, 32]) -> (class: [10]) {
        let class = signal
            -> looking_back(1) -> looking_back(2) -> looking_back(4)
            -> looking_back(8) -> looking_back(16) -> looking_back(32)
            -> Conv1d(64, 1) -> relu -> GlobalAvgPool1d -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// A memory of both directions, and one over what it says at each step.
    pub network BiGru(text: u32[60]) -> (class: [5]) {
        let class = text -> Embedding(5000, 64)
            -> Bidirectional(Gru(64, sequences = true)) -> Gru(64)
            -> Dense(5) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// A layer of a decoder, whose normalisations stand before what they are for.
    block decoder(x) {
        let seen = (x, x -> LayerNorm -> MultiHeadAttention(heads = 6, key_dim = 32, causal = true)) -> Add;
        (seen, seen -> LayerNorm -> Dense(768) -> gelu -> Dense(192)) -> Add
    }

    /// The next of 2000 words at each of 64 steps (Radford et al., Language Models are Unsupervised Multitask Learners, 2019).
    pub network Gpt(text: u32[64]) -> (next: [64, 2000]) {
        let next = text -> Embedding(2000, 192) -> LearnedPositions
            -> decoder -> decoder
            -> LayerNorm -> Dense(2000) -> softmax;
        loss next: SparseCategoricalCrossentropy;
    }

    /// Wide dense layers.
    pub network WideMlp(x: [512]) -> (class: [1000]) {
        let class = x -> Dense(2048) -> relu -> Dense(2048) -> relu -> Dense(1000) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// What a shop sells on a day, from categories, with the sizes of Guo and Berkhahn (Entity Embeddings of Categorical Variables,
    /// 2016), and numbers.
    pub network Tabular(
        store: u32[1], weekday: u32[1], day: u32[1], month: u32[1], year: u32[1], state: u32[1], measured: [20],
    ) -> (sales: [1]) {
        let known = (
            store -> Embedding(1115, 10) -> Flatten,
            weekday -> Embedding(7, 6) -> Flatten,
            day -> Embedding(31, 10) -> Flatten,
            month -> Embedding(12, 6) -> Flatten,
            year -> Embedding(3, 2) -> Flatten,
            state -> Embedding(12, 6) -> Flatten,
            measured,
        ) -> Concat;
        let sales = known -> Dense(256) -> relu -> BatchNorm -> Dropout(0.2) -> Dense(128) -> relu -> Dense(1);
        loss sales: MeanSquaredError;
    }

    /// Whether two pictures show the same, with one set of weights for both (Koch, Zemel and Salakhutdinov, Siamese Neural Networks for
    /// One-shot Image Recognition, 2015).
    pub network Siamese(left: [64, 64, 1], right: [64, 64, 1]) -> (same: [1]) {
        layer eye = Conv2d(16, 3, padding = same) -> relu -> MaxPool2d(2)
            -> Conv2d(32, 3, padding = same) -> relu -> MaxPool2d(2)
            -> Conv2d(64, 3, padding = same) -> relu -> MaxPool2d(2)
            -> Flatten -> Dense(64);
        let same = (left -> eye, right -> eye) -> Sub -> Dense(1) -> sigmoid;
        loss same: BinaryCrossentropy;
    }

    /// What 16 pictures of a film show (Tran et al., Learning Spatiotemporal Features with 3D Convolutional Networks, 2014).
    pub network Video(film: [16, 32, 32, 3]) -> (class: [10]) {
        let class = film
            -> Conv3d(16, 3, padding = same) -> relu -> MaxPool3d(2)
            -> Conv3d(32, 3, padding = same) -> relu -> MaxPool3d(2)
            -> GlobalAvgPool3d -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// What each pixel belongs to, from far around it at full size (Yu and Koltun, Multi-Scale Context Aggregation by Dilated
    /// Convolutions, 2015).
    pub network Dilated(image: [64, 64, 3]) -> (part: [64, 64, 2]) {
        let part = image
            -> Conv2d(32, 3, padding = same) -> relu
            -> Conv2d(32, 3, padding = same, dilation = 2) -> relu
            -> Conv2d(32, 3, padding = same, dilation = 4) -> relu
            -> Conv2d(2, 1) -> softmax;
        loss part: SparseCategoricalCrossentropy;
    }

    /// Convolutions of one tap in four groups, as ShuffleNet has them (Zhang et al., An Extremely Efficient Convolutional Neural Network for
    /// Mobile Devices, 2017), without the order that it gives to channels between them.
    pub network FourGroups(x: [14, 14, 240]) -> (class: [10]) {
        let class = x
            -> Conv2d(60, 1, groups = 4) -> relu
            -> DepthwiseConv2d(3, padding = same)
            -> Conv2d(240, 1, groups = 4) -> relu
            -> GlobalAvgPool2d -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// What is largest around each pixel, up to two and up to four pixels away.
    block around(x) {
        let near = x -> MaxPool2d(5, stride = 1, padding = same);
        (x, near, near -> MaxPool2d(5, stride = 1, padding = same)) -> Concat
    }

    /// A pyramid of pools at one size (He et al., Spatial Pyramid Pooling in Deep Convolutional Networks for Visual Recognition, 2014), as
    /// detectors of objects have it.
    pub network Pyramid(x: [20, 20, 128]) -> (class: [10]) {
        let class = x
            -> Conv2d(64, 1) -> relu -> around -> Conv2d(128, 1) -> relu
            -> GlobalAvgPool2d -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// A memory whose weights are more than a core's own cache holds.
    pub network WideLstm(x: [50, 128]) -> (y: [512]) {
        let y = x -> Lstm(512);
        loss y: MeanSquaredError;
    }

    /// A memory of so many steps that their gradients vanish on the way back.
    pub network LongGru(x: [400, 16]) -> (y: [1]) {
        let y = x -> Gru(64) -> Dense(1);
        loss y: MeanSquaredError;
    }

    /// Dense layers around few numbers, whose answer for each pixel is a probability, as variational autoencoders have them (Kingma and
    /// Welling, Auto-Encoding Variational Bayes, 2013), without their chance.
    pub network Squeezed(x: [784]) -> (again: [784]) {
        let again = x -> Dense(400) -> relu -> Dense(20) -> Dense(400) -> relu -> Dense(784) -> sigmoid;
        loss again: BinaryCrossentropy;
    }

    /// A convolution, and the normalisation of each of its channels in each image.
    block of_instances(x, const N, const SIZE, const STRIDE) {
        x -> Conv2d(N, SIZE, stride = STRIDE, padding = same) -> GroupNorm(N)
    }

    /// Two convolutions, added to what came in.
    block residual(x, const N) {
        (x, x -> of_instances(N, 3, 1) -> relu -> of_instances(N, 3, 1)) -> Add
    }

    /// A picture in another style (Johnson, Alahi and Fei-Fei, Perceptual Losses for Real-Time Style Transfer and Super-Resolution,
    /// 2016), enlarged without transposed convolutions. That it is timed with a loss of its own instead of one of what another network
    /// sees changes no layer.
    pub network Style(image: [64, 64, 3]) -> (painted: [64, 64, 3]) {
        let painted = image
            -> of_instances(32, 9, 1) -> relu
            -> of_instances(64, 3, 2) -> relu
            -> residual(64) -> residual(64)
            -> UpSampling2d(2) -> of_instances(32, 3, 1) -> relu
            -> Conv2d(3, 9, padding = same) -> sigmoid;
        loss painted: MeanSquaredError;
    }
}

/// All of them.
pub const NETWORKS: &[&dyn Subject] = &[
    subject!(ConvNeXt, "convnext", &[1, 8], ConvNeXtSamples { image: numbers, class: classes }),
    subject!(Bottleneck, "bottleneck", &[1, 16], BottleneckSamples { x: numbers, class: classes }),
    subject!(Grouped, "grouped", &[1, 16], GroupedSamples { x: numbers, class: classes }),
    subject!(DenseNet, "densenet", &[1, 32], DenseNetSamples { image: numbers, class: classes }),
    subject!(MbConv, "mbconv", &[1, 32], MbConvSamples { image: numbers, class: classes }),
    subject!(AlexNet, "alexnet", &[1, 16], AlexNetSamples { image: numbers, class: classes }),
    subject!(Audio, "audio", &[1, 32], AudioSamples { sound: numbers, word: classes }),
    subject!(WaveNet, "wavenet", &[1, 16], WaveNetSamples { signal: numbers, class: classes }),
    subject!(BiGru, "bi_gru", &[1, 32], BiGruSamples { text: words, class: classes }),
    subject!(Gpt, "gpt", &[1, 8], GptSamples { text: below::<2000, _>, next: below::<2000, _> }),
    subject!(WideMlp, "mlp_wide", &[1, 64], WideMlpSamples { x: numbers, class: classes }),
    subject!(
        Tabular,
        "tabular",
        &[1, 256],
        TabularSamples {
            store: below::<1115, _>,
            weekday: below::<7, _>,
            day: below::<31, _>,
            month: below::<12, _>,
            year: below::<3, _>,
            state: below::<12, _>,
            measured: numbers,
            sales: numbers,
        }
    ),
    subject!(Siamese, "siamese", &[1, 16], SiameseSamples { left: numbers, right: numbers, same: answers }),
    subject!(Video, "video", &[1, 8], VideoSamples { film: numbers, class: classes }),
    subject!(Dilated, "dilated", &[1, 8], DilatedSamples { image: numbers, part: below::<2, _> }),
    subject!(FourGroups, "four_groups", &[1, 16], FourGroupsSamples { x: numbers, class: classes }),
    subject!(Pyramid, "pyramid", &[1, 16], PyramidSamples { x: numbers, class: classes }),
    subject!(WideLstm, "wide_lstm", &[1, 32], WideLstmSamples { x: numbers, y: numbers }),
    subject!(LongGru, "long_gru", &[1, 32], LongGruSamples { x: numbers, y: numbers }),
    subject!(Squeezed, "squeezed", &[1, 128], SqueezedSamples { x: numbers, again: numbers }),
    subject!(Style, "style", &[1, 4], StyleSamples { image: numbers, painted: numbers }),
];
