use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let a = image => Dense(128) -> relu;
        let b = a |> Dense(64);
        let c = b.Dense(32);
        let d = c -> Dense(32) >> relu;
        let e = d -> Dense(16) | relu;
        let f = e - > relu;
        let class = f -> Dense(10) -> softmax;
    }
}

fn main() {}
