use net_runtime::prelude::*;

network! {
    network Net(x: [8], gen: [8]) -> (y: [2]) {
        let a = x -> LeakyReLU -> dropout;
        let y = (a, gen) -> cat -> Linear(2);
        loss y: SmoothL1Loss;
    }

    network Other(x: [8]) -> (y: [2]) {
        let y = x -> Dense(2);
        loss y: Huber(beta = 0.5);
    }
}

fn main() {}
