use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let hidden = image -> Dense(10);
        let class = hidden -> relu;
        loss class: Huber + 0.5 * Huber;
        loss hidden: MeanSquaredError;
    }
}

fn main() {}
