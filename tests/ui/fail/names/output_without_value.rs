use net_runtime::prelude::*;

network! {
    network Detector(image: [64]) -> (class: [10], location: [4]) {
        let features = image -> Dense(128) -> relu;
        let klass = features -> Dense(10) -> softmax;
        let location = features -> Dense(4) -> sigmoid;
    }
}

fn main() {}
