use net_runtime::prelude::*;

network! {
    network Annotated(image: [8, 6, 3]) -> (class: [10]) {
        let seen: [6, 4, 32] = image -> Conv2d(32, 3, padding = same) -> relu;
        let flat: [8, 6] = image -> Flatten;
        let same: [8, 6, 4] = image -> relu;
        let class: [11] = (seen -> Flatten, flat, same -> Flatten) -> Concat -> Dense(10) -> softmax;
    }

    network Alone(image: [8, 6, 3]) -> (class: [10]) {
        let class: [10] = image -> Flatten -> Dense(11) -> softmax;
    }
}

fn main() {}
