use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10], size: [2]) {
        let a = image => Dense(128);
        let b = a -> Dense(64)
        let c = b -> relu relu;
        let d = c -> Dens(32);
        loss class: ;
        let class = d -> Dense(10) -> softmax;
        let size = b -> Dense(3);
    }
}

fn main() {}
