use net_runtime::prelude::*;

network! {
    network Stereo(left: [64], right: [32]) -> (distance: [1]) {
        layer eye = Dense(16) -> relu;
        let both = (left -> eye, right -> eye) -> Concat;
        let distance = both -> Dense(1);
    }

    network Chained(image: [8, 6, 3]) -> (class: [10]) {
        layer step = Conv2d(32, 3, padding = same);
        let first = image -> step -> relu;
        let class = first -> step -> Flatten -> Dense(10) -> softmax;
    }
}

fn main() {}
