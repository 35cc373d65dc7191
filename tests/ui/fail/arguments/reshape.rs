use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let a = image -> Reshape(-1, -1);
        let b = a -> Reshape(0, 64);
        let c = b -> Reshape(());
        let d = c -> Reshape(8, -2);
        let class = d -> Flatten -> Dense(10) -> softmax;
    }
}

fn main() {}
