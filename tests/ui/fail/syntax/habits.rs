use net_runtime::prelude::*;

network! {
    network Share(x: [8]) -> (y: [2]) {
        let y = x -> Dropout(20%) -> Dense(2);
    }

    network Part(x: [8]) -> (y: [2]) {
        let y = x -> Slice(0..4) -> Dense(2);
    }

    network Function(x: [8]) -> (y: [2]) {
        let y = x -> Lambda(|x| x * 2) -> Dense(2);
    }

    network Typed(x: [8]) -> (y: f32) {
        let y = x -> Dense(2);
    }

    const RATE: f32 = 0.5;
}

fn main() {}
