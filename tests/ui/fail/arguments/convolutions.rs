use net_runtime::prelude::*;

network! {
    network Net(x: [8, 6, 4]) -> (y: [2]) {
        let a = x -> Conv2d(7, 3, groups = 2);
        let b = x -> Conv2dTranspose(4, 3, stride = 2, output_padding = 2);
        let c = x -> Rescaling((0.1, true));
        let y = (a, b, c) -> Concat -> Dense(2);
    }
}

fn main() {}
