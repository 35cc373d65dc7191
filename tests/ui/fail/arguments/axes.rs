use net_runtime::prelude::*;

network! {
    network Turned(image: [28, 28, 1]) -> (class: [10]) {
        let turned = image -> Permute(hight, width, channels) -> Permute(colour, 0, 1) -> Permute(0.5, 1, 2);
        let class = (turned, turned) -> Concat(axis = "width") -> Flatten -> Dense(10) -> softmax;
    }
}

fn main() {}
