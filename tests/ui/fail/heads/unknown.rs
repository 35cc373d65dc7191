use net_runtime::prelude::*;

network! {
    network Detector(image: [64]) -> (class: [10], location: [4]) {
        let class = image -> Dense(10) -> softmax;
        let location = image -> Dense(4) -> sigmoid;
        loss class: CategoricalCrossentrpy;
        loss location: Overlap;
        metric class: Acuracy;
        metric location: Kappa;
    }
}

fn main() {}
