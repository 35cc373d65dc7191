use net_runtime::prelude::*;

network! {
    network Net(x: [4, 7]) -> (y: [4, 4]) {
        let y = x -> glu -> Dense(4);
    }
}

fn main() {}
