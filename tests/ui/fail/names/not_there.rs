use net_runtime::prelude::*;

network! {
    network Digits(steps: [16, 8], image: [28, 28, 1]) -> (class: [10]) {
        let a = steps -> Conv1D(4, 3) -> GRU(32) -> LayerNorm;
        let b = image -> GroupNormalization -> Conv2DTranspose(4, 3) -> DepthwiseConv2D(3) -> Dropout2d(0.5) -> PReLU;
        let c = image -> Sequential(Flatten) -> Activation("relu") -> Linear(784, 10) -> Rescaling(255);
        let class = (a, b, c) -> MultiHeadAttention(4) -> Lambda -> Identity -> Dense(10);
    }
}

fn main() {}
