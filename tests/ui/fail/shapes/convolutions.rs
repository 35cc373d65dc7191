use net_runtime::prelude::*;

network! {
    network Net(x: [8, 6, 4], s: [2, 3], v: [2, 8, 6, 4]) -> (y: [2]) {
        let a = s -> Conv1d(4, 3);
        let b = s -> DepthwiseConv1d(3, dilation = 2);
        let c = s -> Flatten -> SeparableConv1d(4, 3);
        let d = v -> Conv3d(4, 3);
        let e = x -> Conv2d(6, 3, groups = 3);
        let f = x -> Conv2dTranspose(4, 2, stride = 2, padding = same, output_padding = 0);
        let y = (a, b, c, d, e, f) -> Concat -> Dense(2);
    }
}

fn main() {}
