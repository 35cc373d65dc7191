use net_runtime::prelude::*;

network! {
    network Digits(steps: [16, 8], image: [28, 28, 1]) -> (class: [10]) {
        let a = steps -> GRU(32) -> LayerNorm;
        let b = image -> GroupNormalization -> PReLU;
        let c = image -> Sequential(Flatten) -> Activation("relu") -> Linear(784, 10);
        let class = (a, b, c) -> Bilinear(4) -> Lambda -> Identity -> Dense(10);
    }
}

fn main() {}
