use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let hidden = image
            -> Dense(128) -> Dropout(1.5) -> leaky_relu(-0.5)
            -> Dense(128) -> Dropout(-0.1) -> relu
            -> Dense(64) -> Dropout(1e60) -> elu(-1)
            -> Dense(64) -> Dropout("half") -> relu;
        let class = hidden -> Dense(10) -> softmax;
    }
}

fn main() {}
