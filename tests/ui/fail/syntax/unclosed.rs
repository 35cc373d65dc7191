use net_runtime::prelude::*;

// An unclosed group is rustc's to report: a macro never sees it.
network! {
    network Digits(image: [64]) -> (class: [10]) {
        let class = image -> Dense(10 -> softmax;
    }
}

fn main() {}
