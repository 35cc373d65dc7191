use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let hidden = image -> Dense(128, name = first) -> relu -> Dense(64, name = first);
        let class = hidden -> Dense(10, name = hidden_dense) -> softmax;
        let _other = hidden -> Dense(2) -> Dense(3, name = _other_dense);
    }
}

fn main() {}
