use net_runtime::prelude::*;

network! {
    block residual(x, const N) { let main = x -> Conv2d(N, 3, padding = same); (main, x) -> Add }

    network Net(image: [16, 16, 64]) -> (class: [10]) {
        let a = image -> residual(0);
        let b = image -> residual(1, 2);
        let c = image -> residual;
        let d = image -> residual(M = 3);
        let e = image -> residual(1.5);
        let f = image -> residual(relu);
        let g = (image, image) -> residual(3);
        let class = (a, b, c, d, e, f, g) -> Add -> Flatten -> Dense(10);
    }
}

fn main() {}
