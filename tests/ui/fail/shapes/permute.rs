use net_runtime::prelude::*;

network! {
    network Turned(image: [8, 6, 3]) -> (class: [10]) {
        let a = image -> Permute(1, 0);
        let b = image -> Permute(1, 0, 1);
        let c = image -> Permute(2, 3, 1);
        let class = (a, b, c) -> Concat -> Flatten -> Dense(10) -> softmax;
    }
}

fn main() {}
