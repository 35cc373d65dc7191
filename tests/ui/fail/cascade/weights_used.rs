//! The layers of a broken network whose weights are known can be named.

use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let hidden = image -> Dense(128, name = first) -> rellu;
        let class = hidden -> Dense(10) -> softmax;
    }
}

fn main() {
    let net = Digits::new(42);
    println!("{:?}", net.first.kernel.values());
}
