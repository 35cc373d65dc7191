use net_runtime::prelude::*;

network! {
    network Stereo(left: [8, 6, 3], right: [4, 6, 3]) -> (distance: [1]) {
        layer eye = Conv2d(32, 3) -> relu -> Conv2d(32, 3) -> relu;
        let both = (left -> eye, right -> eye) -> Concat(axis = height);
        let distance = both -> Flatten -> Dense(1);
    }

    network Rows(image: [8, 6, 3]) -> (distance: [1]) {
        layer read = Dense(16) -> relu;
        let distance = image -> read -> Dense(1);
    }
}

fn main() {}
