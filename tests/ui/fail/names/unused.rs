use net_runtime::prelude::*;

network! {
    network Detector(image: [64], metadata: [3], _quiet: [2]) -> (class: [10]) {
        layer eye = Dense(32);
        layer _spare = Dense(32);
        let features = image -> Dense(128) -> relu;
        let location = features -> Dense(4) -> sigmoid;
        let _score = features -> Dense(1);
        let class = features -> Dense(10) -> softmax;
    }
}

fn main() {}
