use net_runtime::prelude::*;

network! {
    network Keras(image: [64]) -> (class: [10]) {
        let hidden = Dense(128)(image);
        let class = Dense(10)(hidden);
    }

    network Torch(image: [64]) -> (class: [10]) {
        layer output = Dense(10);
        let class = output(relu(image));
    }

    network Rust(image: [64]) -> (class: [10]) {
        let class = self::Dense(10);
    }
}

fn main() {}
