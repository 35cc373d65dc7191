use net_runtime::prelude::*;

network! {
    network Digits(row: [64], other: [64]) -> (class: [10]) {
        let hidden = row -> Linear(128) -> Sigmoid;
        let known = other -> Linear(128) -> Tanh;
        let class = (hidden, known) -> cat -> Linear(10) -> Softmax;
    }
}

fn main() {}
