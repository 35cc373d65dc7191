use net_runtime::prelude::*;

network! {
    network Generator(noise: [100]) -> (image: [28, 28, 1]) {
        let a = noise -> Dense(6 * 7 * 32) -> Reshape(7, 7, 32);
        let b = noise -> Reshape(-1, 7);
        let c = noise -> Reshape(10, 11);
        let image = (a, b, c) -> Add -> Conv2d(1, 1);
    }
}

fn main() {}
