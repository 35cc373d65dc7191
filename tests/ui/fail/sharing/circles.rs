use net_runtime::prelude::*;

network! {
    network Itself(x: [8]) -> (y: [8]) {
        let y = x -> Dense(8) -> Itself;
    }

    network Hen(x: [8]) -> (y: [8]) {
        let y = x -> Egg;
    }

    network Egg(x: [8]) -> (y: [8]) {
        let y = x -> Chick;
    }

    network Chick(x: [8]) -> (y: [8]) {
        let y = x -> Hen;
    }
}

fn main() {}
