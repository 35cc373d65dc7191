use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let hidden = image -> Dense(128, true, 7) -> relu(6) -> leaky_relu(0.1, 0.2) -> Flatten(1);
        let class = hidden -> Dense(10) -> softmax;
        loss class: MeanSquaredError(2);
    }
}

fn main() {}
