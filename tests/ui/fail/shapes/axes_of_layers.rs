use net_runtime::prelude::*;

network! {
    network Net(x: [8, 6], a: [8]) -> (y: [2]) {
        let b = x -> Crop1d(9);
        let c = (x, a) -> Dot(axes = (2, 0));
        let d = x -> Flatten -> Sum(0);
        let y = (b, c, d) -> Concat -> Dense(2);
    }
}

fn main() {}
