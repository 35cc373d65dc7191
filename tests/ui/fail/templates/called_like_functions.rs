use net_runtime::prelude::*;

network! {
    block residual(x, const N) { (x -> Dense(N), x) -> Add }

    network Net(image: [8]) -> (class: [8]) {
        let a = residual(image, 8);
        let b = relu(a);
        let c = Dense(8)(b);
        let class = Concat(a, c);
    }
}

fn main() {}
