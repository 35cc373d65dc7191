use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        lett hidden = image -> Dense(128);
        let class = hidden -> Dense(10) -> softmax;
        for i in 0..3 {}
        return class;
        losss class: CategoricalCrossentropy;
        metrics class: Accuracy;
        ;
    }
}

fn main() {}
