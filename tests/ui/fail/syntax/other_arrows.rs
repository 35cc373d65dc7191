use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let a = image > Dense(10);
        let b = image -- Dense(10);
        let c = image <- Dense(10);
        let d = image -> Dense(10), -> relu;
        let e = image -> Dense<10>;
        let f = image -> Dense::<10>();
        let g = image -> "relu";
        let h = image; -> Dense(10);
        let class = (a, b, c, d, e, f, g, h) -> Concat -> Dense(10);
    }
}

fn main() {}
