use net_runtime::prelude::*;

network! {
    network Scene(image: [64]) -> (mask: [64], kind: [5], answers: [3], part: [5]) {
        let mask = image -> Dense(64);
        let kind = image -> Dense(5) -> log_softmax;
        let answers = image -> Dense(3) -> softmax;
        let part = image -> Dense(5) -> softmax;
        loss mask: Dice;
        loss kind: KlDivergence;
        loss answers: BinaryFocalCrossentropy;
        loss part: SparseCategoricalCrossentropy(ignore_class = 255);
    }
}

fn main() {}
