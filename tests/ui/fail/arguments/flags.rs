use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let hidden = image -> Dense(128, bias = 1) -> gelu(approximate = tanh);
        let class = hidden -> Dense(10, bias = "false") -> softmax;
    }
}

fn main() {}
