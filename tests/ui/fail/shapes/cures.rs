use net_runtime::prelude::*;

network! {
    network Digits(gray: [28, 28], batch: [2, 8, 8, 3], first: [3, 32, 32], image: [28, 28, 1]) -> (class: [10]) {
        let a = gray -> Conv2d(4, 3);
        let b = batch -> Conv2d(4, 3);
        let c = batch -> Dense(3);
        let d = first -> Conv2d(4, 5);
        let e = image -> Conv2d(1, 32, 3);
        let f = image -> Reshape(28, 27);
        let i = image -> Flatten -> Permute(1, 0);
        let g = (gray, gray -> Reshape(14, 56)) -> Concat(axis = steps);
        let h = (gray, image -> Reshape(28, 28) -> Reshape(14, 56)) -> Concat;
        let class = (a, b, c, d, e, f, g, h, i) -> Concat;
    }
}

fn main() {}
