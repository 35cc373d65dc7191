use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10], spare: [2]) {
        let mut a = image -> Dense(128);
        let b == a -> relu;
        let c: 128 = b -> Dense(128);
        let (d): [128] = c -> relu;
        let _ = d -> Dense(3);
        let 5 = d -> Dense(3);
        class = d -> Dense(10);
        let spare := d -> Dense(2);
    }
}

fn main() {}
