use net_runtime::prelude::*;

network! {
    fn activated(x) { x -> relu }
    template scaled(x) { x -> Dense(8) }

    network Net(image: [8]) -> (class: [8]) {
        block residual(x) { (x -> relu, x) -> Add }
        let class = image -> activated -> scaled -> residual;
    }
}

fn main() {}
