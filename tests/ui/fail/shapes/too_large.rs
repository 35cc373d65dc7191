use net_runtime::prelude::*;

network! {
    network Fine(image: [1_000_000]) -> (class: [10]) {
        let class = image -> Dense(2_000_000) -> Dense(10);
    }

    network Volume(image: [1_000_000, 1_000_000, 3]) -> (class: [10]) {
        let class = image -> Flatten -> Dense(10);
    }

    network Padded(image: [8, 6, 3]) -> (class: [10]) {
        let class = image -> ZeroPad2d(2_000_000) -> GlobalAvgPool2d -> Dense(10);
    }
}

fn main() {}
