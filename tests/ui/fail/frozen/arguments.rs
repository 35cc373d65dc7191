use net_runtime::prelude::*;

network! {
    network Digits(x: [8]) -> (class: [3]) {
        layer hidden(frozen = true, name = deep) = Dense(8) -> tanh;
        let seen = x -> Dense(8, frozen) -> Dense(8, frozen = 1) -> hidden;
        let class = seen -> Dense(8, trainable = false) -> Dense(3, frozen = "true") -> softmax;
        loss class: CategoricalCrossentropy;
    }
}

fn main() {}
