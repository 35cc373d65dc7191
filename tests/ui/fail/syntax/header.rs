use net_runtime::prelude::*;

network! {
    network NoOutputs(image: [64]) {
        let class = image -> Dense(10);
        loss class: MeanSquaredError;
    }

    network NoInputs -> (class: [10]) {
        let class = image -> Dense(10);
    }

    network BareOutput(image: [64]) -> [10] {
        let class = image -> Dense(10);
    }

    network NoBody(image: [64]) -> (class: [10]);

    network Nothing() -> () {}

    network Empty(image: [64]) -> (class: [10]) {}

    network NoArrow(image: [64]) (class: [10]) {
        let class = image -> Dense(10);
    }
}

fn main() {}
