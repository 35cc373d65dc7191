use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        layer first = -> Dense(128);
        let a = image -> first ->;
        let b = a -> 128;
        let c = image -> relu -> (b, b) -> Concat;
        let class = c -> -> Dense(10);
        loss class: ;
        metric class: Accuracy, ;
    }
}

fn main() {}
