use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let class = image -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }
}

fn main() {
    let _ = Trainer::new(Digits::new(42), 1e-3);
}
