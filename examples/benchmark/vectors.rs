//! Networks for vectors of numbers and for texts, and for both beside a picture.

use net_runtime::prelude::*;

use crate::subject::{Subject, answers, classes, numbers, subject, words};

network! {
    /// Dense layers to a few numbers, and back.
    pub network Autoencoder(x: [784]) -> (y: [784]) {
        let code = x -> Dense(512) -> relu -> Dense(128) -> relu -> Dense(32);
        let y = code -> Dense(128) -> relu -> Dense(512) -> relu -> Dense(784) -> sigmoid;
        loss y: MeanSquaredError;
    }

    /// Whether a text of a hundred words speaks well of something.
    pub network LstmClassifier(text: u32[100]) -> (good: [1]) {
        let good = text -> Embedding(5000, 64) -> Lstm(128) -> Dense(1) -> sigmoid;
        loss good: BinaryCrossentropy;
    }

    /// A layer of an encoder (Vaswani et al., Attention Is All You Need, 2017).
    block encoder(x) {
        let seen = (x, x -> MultiHeadAttention(heads = 4, key_dim = 32)) -> Add -> LayerNorm;
        (seen, seen -> Dense(512) -> relu -> Dense(128)) -> Add -> LayerNorm
    }

    /// What a text of 128 words is about.
    pub network Transformer(text: u32[128]) -> (class: [10]) {
        let class = text -> Embedding(5000, 128) -> LearnedPositions
            -> encoder -> encoder
            -> GlobalAvgPool1d -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// A price from a photo, a description and measured numbers.
    pub network Price(photo: [64, 64, 3], text: u32[40], measured: [12]) -> (price: [1]) {
        let seen = photo
            -> Conv2d(32, 3, stride = 2, padding = same) -> relu
            -> Conv2d(64, 3, stride = 2, padding = same) -> relu
            -> Conv2d(128, 3, stride = 2, padding = same) -> relu
            -> GlobalAvgPool2d -> Dense(64) -> relu;
        let told = text -> Embedding(5000, 32) -> Lstm(64);
        let known = measured -> Dense(64) -> relu;
        let price = (seen, told, known) -> Concat -> Dense(128) -> relu -> Dense(1);
        loss price: MeanSquaredError;
    }
}

/// All of them.
pub const NETWORKS: &[&dyn Subject] = &[
    subject!(Autoencoder, "autoencoder", &[1, 32], AutoencoderSamples { x: numbers, y: numbers }),
    subject!(LstmClassifier, "lstm_classifier", &[1, 32], LstmClassifierSamples { text: words, good: answers }),
    subject!(Transformer, "transformer", &[1, 32], TransformerSamples { text: words, class: classes }),
    subject!(Price, "price", &[1, 32], PriceSamples { photo: numbers, text: words, measured: numbers, price: numbers }),
];
