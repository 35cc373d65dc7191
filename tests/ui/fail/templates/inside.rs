use net_runtime::prelude::*;

network! {
    block residual(x, const N) {
        let main = x -> Conv2d(N, 3, padding = same) -> relu -> Conv2d(N, 3);
        (main, x) -> Add -> relu
    }

    block head(x, const K) {
        let y: [K] = x -> GlobalAvgPool2d -> Dense(4);
        y
    }

    network Net(image: [16, 16, 64]) -> (class: [10]) {
        let features = image -> residual(64) -> residual(128);
        let short = image -> head(3);
        let class = (features -> Flatten, short) -> Concat -> Dense(10);
    }
}

fn main() {}
